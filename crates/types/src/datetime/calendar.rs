//! The proleptic Gregorian calendar: day numbers, broken-down times, and the ranges of the types.

/// Microseconds in a second.
pub const USECS_PER_SEC: i64 = 1_000_000;
/// Microseconds in a minute.
pub const USECS_PER_MINUTE: i64 = 60 * USECS_PER_SEC;
/// Microseconds in an hour.
pub const USECS_PER_HOUR: i64 = 60 * USECS_PER_MINUTE;
/// Microseconds in a day.
pub const USECS_PER_DAY: i64 = 24 * USECS_PER_HOUR;
/// Seconds in a day.
pub const SECS_PER_DAY: i64 = 86_400;

/// Julian day number of 2000-01-01, day zero of `date` and `timestamp`.
pub const EPOCH_JD: i64 = 2_451_545;
/// Julian day number of 1970-01-01.
pub const UNIX_EPOCH_JD: i64 = 2_440_588;
/// Seconds from 1970-01-01 to 2000-01-01.
pub const UNIX_EPOCH_SHIFT_SECS: i64 = (EPOCH_JD - UNIX_EPOCH_JD) * SECS_PER_DAY;

/// First timestamp: 4714-11-24 00:00 BC.
pub const MIN_TIMESTAMP: i64 = -211_813_488_000_000_000;
/// The first moment that is no timestamp any more: 294277-01-01.
pub const END_TIMESTAMP: i64 = 9_223_371_331_200_000_000;
/// `-infinity` of `timestamp` and `timestamptz`.
pub const TIMESTAMP_MINUS_INFINITY: i64 = i64::MIN;
/// `infinity` of `timestamp` and `timestamptz`.
pub const TIMESTAMP_INFINITY: i64 = i64::MAX;
/// First date, in days from 2000-01-01.
pub const MIN_DATE: i32 = -2_451_545;
/// First day that is no date any more (5874898-01-01).
pub const END_DATE: i32 = 2_145_031_949;
/// `-infinity` of `date`.
pub const DATE_MINUS_INFINITY: i32 = i32::MIN;
/// `infinity` of `date`.
pub const DATE_INFINITY: i32 = i32::MAX;

/// A broken-down local time. Year 0 is 1 BC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tm {
    /// Year, astronomical (0 is 1 BC).
    pub year: i32,
    /// Month, 1 to 12.
    pub mon: i32,
    /// Day of the month, from 1.
    pub mday: i32,
    /// Hour.
    pub hour: i32,
    /// Minute.
    pub min: i32,
    /// Second.
    pub sec: i32,
    /// Microsecond.
    pub usec: i32,
}

impl Tm {
    /// Julian day number of the date part.
    pub fn julian_day(&self) -> i64 {
        julian_day(self.year, self.mon, self.mday)
    }

    /// Sets the date part from a Julian day number.
    pub fn set_julian_day(&mut self, jd: i64) {
        (self.year, self.mon, self.mday) = civil_from_julian(jd);
    }

    /// Microseconds since midnight of the time part (which may exceed a day).
    pub fn time_micros(&self) -> i64 {
        time_micros(self.hour, self.min, self.sec, self.usec)
    }

    /// Sets the time part from microseconds since midnight.
    pub fn set_time_micros(&mut self, micros: i64) {
        self.hour = (micros / USECS_PER_HOUR) as i32;
        let rest = micros % USECS_PER_HOUR;
        self.min = (rest / USECS_PER_MINUTE) as i32;
        let rest = rest % USECS_PER_MINUTE;
        self.sec = (rest / USECS_PER_SEC) as i32;
        self.usec = (rest % USECS_PER_SEC) as i32;
    }
}

/// Microseconds since midnight.
pub fn time_micros(hour: i32, min: i32, sec: i32, usec: i32) -> i64 {
    ((i64::from(hour) * 60 + i64::from(min)) * 60 + i64::from(sec)) * USECS_PER_SEC + i64::from(usec)
}

/// Julian day number of a date; `month` must be within 1 to 12, `day` may be anything.
pub fn julian_day(year: i32, month: i32, day: i32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468 + UNIX_EPOCH_JD
}

/// Year, month and day of a Julian day number.
pub fn civil_from_julian(jd: i64) -> (i32, i32, i32) {
    let days = jd - UNIX_EPOCH_JD + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as i32, day as i32)
}

/// Is it a leap year?
pub fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Number of days of a month (31 for a month that does not exist).
pub fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + i32::from(is_leap_year(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Is the date within what Julian day numbers cover: 4714-11-01 BC to 5874898-06?
pub fn is_valid_julian(year: i32, month: i32) -> bool {
    (year > -4713 || (year == -4713 && month >= 11)) && (year < 5_874_898 || (year == 5_874_898 && month < 6))
}

/// Is it a finite date?
pub fn is_valid_date(days: i64) -> bool {
    days >= i64::from(MIN_DATE) && days < i64::from(END_DATE)
}

/// Is it a finite timestamp?
pub fn is_valid_timestamp(micros: i64) -> bool {
    (MIN_TIMESTAMP..END_TIMESTAMP).contains(&micros)
}

/// Breaks a timestamp down, without any time zone.
pub fn timestamp_to_tm(micros: i64) -> Tm {
    let mut tm = Tm::default();
    tm.set_julian_day(micros.div_euclid(USECS_PER_DAY) + EPOCH_JD);
    tm.set_time_micros(micros.rem_euclid(USECS_PER_DAY));
    tm
}

/// The timestamp of a broken-down time whose zone is `offset_east` seconds east of UTC; `None` if out of range.
pub fn tm_to_timestamp(tm: &Tm, offset_east: i32) -> Option<i64> {
    if !is_valid_julian(tm.year, tm.mon) {
        return None;
    }
    let days = tm.julian_day() - EPOCH_JD;
    let micros = i128::from(days) * i128::from(USECS_PER_DAY) + i128::from(tm.time_micros())
        - i128::from(offset_east) * i128::from(USECS_PER_SEC);
    i64::try_from(micros).ok().filter(|micros| is_valid_timestamp(*micros))
}

/// Day of the week of a Julian day number, Sunday is 0.
pub fn day_of_week(jd: i64) -> i32 {
    (jd + 1).rem_euclid(7) as i32
}

/// Day of the year of a date, from 1.
pub fn day_of_year(year: i32, month: i32, day: i32) -> i32 {
    (julian_day(year, month, day) - julian_day(year, 1, 1) + 1) as i32
}

/// Julian day number of the Monday that begins ISO week `week` of ISO year `year`.
pub fn iso_week_to_julian(year: i32, week: i32) -> i64 {
    let fourth = julian_day(year, 1, 4);
    fourth - (fourth).rem_euclid(7) + (i64::from(week) - 1) * 7
}

/// ISO 8601 year and week of a date.
pub fn iso_year_week(year: i32, month: i32, day: i32) -> (i32, i32) {
    let jd = julian_day(year, month, day);
    let thursday = jd - jd.rem_euclid(7) + 3;
    let (iso_year, _, _) = civil_from_julian(thursday);
    let week = (thursday - julian_day(iso_year, 1, 1)) / 7 + 1;
    (iso_year, week as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_there_and_back() {
        assert_eq!(julian_day(2000, 1, 1), EPOCH_JD);
        assert_eq!(julian_day(-4713, 11, 24), 0);
        assert_eq!(julian_day(5_874_898, 1, 1) - EPOCH_JD, i64::from(END_DATE));
        for jd in (0..2_147_483_494_i64).step_by(999_983) {
            let (year, month, day) = civil_from_julian(jd);
            assert_eq!(julian_day(year, month, day), jd);
        }
        assert_eq!(civil_from_julian(2_451_187), (1999, 1, 8));
        assert_eq!(iso_year_week(2021, 1, 3), (2020, 53));
        assert_eq!(iso_week_to_julian(2020, 53), julian_day(2020, 12, 28));
        assert_eq!(day_of_week(julian_day(2026, 11, 21)), 6);
        assert_eq!(timestamp_to_tm(-1).usec, 999_999);
    }
}
