//! Dates, times and intervals.

use super::Values;

/// Names, abbreviations and offsets of time zones.
pub(super) const ZONES: &[&str] = &[
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "PST8PDT",
    "EST",
    "CET",
    "+02",
    "-05:30",
    "MSK",
    "Europe/London",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "utc",
    "Z",
    "EST5EDT",
    "PDT",
    "Africa/Casablanca",
];

impl Values {
    /// A date, time or interval of that type.
    pub(super) fn moment(&mut self, name: &str) -> Option<String> {
        Some(match name {
            "date" => self.date(),
            "time" => self.time(),
            "timetz" => self.edge_or(
                &["00:00:00+00", "24:00:00-12", "23:59:59.999999+15:59", "12:34:56.789-05", "04:05 PM PST"],
                |values| {
                    let (time, zone) = (values.time(), values.offset());
                    format!("{time}{zone}")
                },
            ),
            "timestamp" => self.timestamp(),
            "timestamptz" => self.edge_or(
                &[
                    "epoch",
                    "infinity",
                    "-infinity",
                    "2024-02-29 12:34:56.789+00",
                    "1999-12-31 23:59:59.999999-08",
                    "2024-03-10 02:30:00 America/New_York",
                    "2024-11-03 01:30:00 America/New_York",
                    "0001-01-01 00:00+00 BC",
                    "2000-01-01 00:00:00+00",
                    "1900-01-01 00:00 Europe/London",
                    "294276-12-31 23:59:59.999999+00",
                    "4714-11-24 00:00:00+00 BC",
                    "Mon Feb 16 17:32:01 1997 PST",
                    "20240229T123456Z",
                ],
                |values| {
                    let (stamp, zone) = (values.timestamp(), values.offset());
                    if stamp.ends_with(|last: char| last.is_ascii_digit()) {
                        format!("{stamp}{zone}")
                    } else {
                        stamp
                    }
                },
            ),
            "interval" => self.interval(),
            _ => return None,
        })
    }

    fn offset(&mut self) -> String {
        match self.random.below(4) {
            0 => "+00".to_owned(),
            1 => format!("{:+03}", self.random.between(-12, 14)),
            2 => format!("{:+03}:30", self.random.between(-12, 14)),
            _ => format!(" {}", self.random.pick(ZONES)),
        }
    }

    fn day(&mut self) -> (i64, i64, i64) {
        let year = match self.random.below(10) {
            0..7 => self.random.between(1890, 2100),
            7..9 => self.random.between(1, 9999),
            _ => self.random.between(1, 290_000),
        };
        let month = self.random.between(1, 12);
        let last = if self.random.chance(3) { 31 } else { 28 };
        (year, month, self.random.between(1, last))
    }

    fn date(&mut self) -> String {
        let edges = [
            "epoch",
            "infinity",
            "-infinity",
            "2000-01-01",
            "1999-12-31",
            "2024-02-29",
            "1900-03-01",
            "4714-11-24 BC",
            "5874897-12-31",
            "0001-01-01",
            "0001-12-31 BC",
            "2024-12-30",
            "2021-01-03",
            "January 8, 1999",
            "1/8/1999",
            "19990108",
            "J2451187",
            "99-Jan-08",
            "1999.008",
        ];
        self.edge_or(&edges, |values| {
            let (year, month, day) = values.day();
            let era = if values.random.chance(5) && year < 4000 { " BC" } else { "" };
            format!("{year:04}-{month:02}-{day:02}{era}")
        })
    }

    fn time(&mut self) -> String {
        self.edge_or(
            &[
                "00:00:00",
                "24:00:00",
                "23:59:59.999999",
                "12:00",
                "04:05:06.789",
                "040506",
                "12:34:56.5 PM",
                "23:59:60",
            ],
            |values| {
                let (hour, minute) = (values.random.below(24), values.random.below(60));
                let second = values.random.below(60);
                match values.random.below(3) {
                    0 => format!("{hour:02}:{minute:02}"),
                    1 => format!("{hour:02}:{minute:02}:{second:02}"),
                    _ => format!("{hour:02}:{minute:02}:{second:02}.{}", values.random.below(1_000_000)),
                }
            },
        )
    }

    fn timestamp(&mut self) -> String {
        let edges = [
            "epoch",
            "infinity",
            "-infinity",
            "2000-01-01 00:00:00",
            "1999-12-31 23:59:59.999999",
            "2024-02-29 12:34:56.789",
            "4714-11-24 00:00:00 BC",
            "294276-12-31 23:59:59.999999",
            "0001-01-01 00:00:00",
            "2024-03-10 02:30:00",
            "2024-11-03 01:30:00",
            "1970-01-01 00:00:00.000001",
            "Mon Feb 16 17:32:01 1997",
            "2001-09-22T18:19:20.5",
        ];
        self.edge_or(&edges, |values| {
            let (year, month, day) = values.day();
            let time = values.time();
            format!("{year:04}-{month:02}-{day:02} {time}")
        })
    }

    fn interval(&mut self) -> String {
        let edges = [
            "0",
            "1 day",
            "-1 day",
            "1 month",
            "1 year",
            "1 second",
            "00:00:00.000001",
            "1 year 2 mons 3 days 04:05:06.789",
            "-1 year -2 mons +3 days -04:05:06.789",
            "infinity",
            "-infinity",
            "P1Y2M3DT4H5M6S",
            "1-2 3 4:05:06",
            "30 days",
            "36 hours",
            "178000000 years",
            "2147483647 days",
            "1 day ago",
            "@ 1 minute",
            "0.5 months",
            "1.5 years",
            "1 month -1 day",
            "-1 mon 1 day",
            "2562047788:00:54.775807",
            "1 week",
            "1 century",
            "15 minutes",
        ];
        self.edge_or(&edges, |values| {
            let (months, days) = (values.random.scaled(8), values.random.scaled(10));
            let (hours, seconds) = (values.random.scaled(7), values.random.below(60_000_000));
            match values.random.below(5) {
                0 => format!("{days} days"),
                1 => format!("{months} months {days} days"),
                2 => format!("{hours} hours {}.{:06} seconds", seconds / 1_000_000, seconds % 1_000_000),
                3 => format!("{months} mons {hours} hours"),
                _ => format!("{months} mons {days} days {hours} hours {} us", seconds),
            }
        })
    }
}
