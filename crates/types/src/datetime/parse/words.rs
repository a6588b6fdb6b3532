//! The words of dates and intervals, and the names of fields.

/// A field or unit, in intervals and in `extract`, `date_part` and `date_trunc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `microseconds`
    Microsecond,
    /// `milliseconds`
    Millisecond,
    /// `second`
    Second,
    /// `minute`
    Minute,
    /// `hour`
    Hour,
    /// `day`
    Day,
    /// `week`
    Week,
    /// `month`
    Month,
    /// `quarter`
    Quarter,
    /// `year`
    Year,
    /// `decade`
    Decade,
    /// `century`
    Century,
    /// `millennium`
    Millennium,
    /// `julian`
    Julian,
    /// `epoch`
    Epoch,
    /// `dow`: Sunday is 0
    DayOfWeek,
    /// `isodow`: Sunday is 7
    IsoDayOfWeek,
    /// `doy`
    DayOfYear,
    /// `isoyear`
    IsoYear,
    /// `timezone`
    Timezone,
    /// `timezone_hour`
    TimezoneHour,
    /// `timezone_minute`
    TimezoneMinute,
}

/// A word in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::datetime) enum Word {
    /// `now`
    Now,
    /// `today`, `tomorrow`, `yesterday`: days from today
    Day(i64),
    /// `allballs`: midnight UTC
    AllBalls,
    /// `epoch`
    Epoch,
    /// `infinity`
    Infinity,
    /// `-infinity`
    MinusInfinity,
    /// A month, from 1
    Month(i32),
    /// A day of the week
    Weekday,
    /// `am`
    Am,
    /// `pm`
    Pm,
    /// `ad`
    Ad,
    /// `bc`
    Bc,
    /// `dst`: an hour of daylight saving time on top
    DaylightModifier,
    /// `t` between date and time
    IsoTime,
    /// A prefix such as `j`
    Unit(Unit),
    /// `at`, `on`
    Ignored,
}

/// Finds a word of a date, in lower case.
pub(in crate::datetime) fn find_word(word: &str) -> Option<Word> {
    Some(match word {
        "-infinity" => Word::MinusInfinity,
        "+infinity" | "infinity" => Word::Infinity,
        "now" => Word::Now,
        "today" => Word::Day(0),
        "tomorrow" => Word::Day(1),
        "yesterday" => Word::Day(-1),
        "allballs" => Word::AllBalls,
        "epoch" => Word::Epoch,
        "jan" | "january" => Word::Month(1),
        "feb" | "february" => Word::Month(2),
        "mar" | "march" => Word::Month(3),
        "apr" | "april" => Word::Month(4),
        "may" => Word::Month(5),
        "jun" | "june" => Word::Month(6),
        "jul" | "july" => Word::Month(7),
        "aug" | "august" => Word::Month(8),
        "sep" | "sept" | "september" => Word::Month(9),
        "oct" | "october" => Word::Month(10),
        "nov" | "november" => Word::Month(11),
        "dec" | "december" => Word::Month(12),
        "sun" | "sunday" | "mon" | "monday" | "tue" | "tues" | "tuesday" | "wed" | "weds" | "wednesday"
        | "thu" | "thur" | "thurs" | "thursday" | "fri" | "friday" | "sat" | "saturday" => Word::Weekday,
        "am" => Word::Am,
        "pm" => Word::Pm,
        "ad" => Word::Ad,
        "bc" => Word::Bc,
        "dst" => Word::DaylightModifier,
        "t" => Word::IsoTime,
        "at" | "on" => Word::Ignored,
        "d" => Word::Unit(Unit::Day),
        "dow" => Word::Unit(Unit::DayOfWeek),
        "doy" => Word::Unit(Unit::DayOfYear),
        "h" => Word::Unit(Unit::Hour),
        "isodow" => Word::Unit(Unit::IsoDayOfWeek),
        "isoyear" => Word::Unit(Unit::IsoYear),
        "j" | "jd" | "julian" => Word::Unit(Unit::Julian),
        "m" => Word::Unit(Unit::Month),
        "mm" => Word::Unit(Unit::Minute),
        "s" => Word::Unit(Unit::Second),
        "y" => Word::Unit(Unit::Year),
        _ => return None,
    })
}

/// Is it a word of a date?
pub(super) fn is_keyword(word: &str) -> bool {
    find_word(word).is_some()
}

/// Finds a unit of time as intervals use it, in lower case. Only the first ten letters count.
pub(in crate::datetime) fn find_unit(word: &str) -> Option<Unit> {
    Some(match word.get(..10).unwrap_or(word) {
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" => Unit::Microsecond,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" => Unit::Millisecond,
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "w" | "week" | "weeks" => Unit::Week,
        "mon" | "mons" | "month" | "months" => Unit::Month,
        "qtr" | "quarter" => Unit::Quarter,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        "dec" | "decs" | "decade" | "decades" => Unit::Decade,
        "c" | "cent" | "century" | "centuries" => Unit::Century,
        "mil" | "mils" | "millennia" | "millennium" => Unit::Millennium,
        "timezone" => Unit::Timezone,
        "timezone_h" => Unit::TimezoneHour,
        "timezone_m" => Unit::TimezoneMinute,
        _ => return None,
    })
}
