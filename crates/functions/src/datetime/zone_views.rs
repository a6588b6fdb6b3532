//! The functions behind `pg_timezone_names` and `pg_timezone_abbrevs`.

use super::zone;
use crate::call::{FnCtx, SetIter};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::Result;
use pglitedb_types::datetime::calendar::{UNIX_EPOCH_SHIFT_SECS, USECS_PER_SEC};
use pglitedb_types::datetime::zone::all_abbreviations;
use pglitedb_types::{Datum, Interval, TimeZone};

/// Rows computed beforehand.
struct Rows(std::vec::IntoIter<Vec<Datum>>);

impl SetIter for Rows {
    fn next(&mut self, _ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        let Some(next) = self.0.next() else { return Ok(false) };
        row.extend(next);
        Ok(true)
    }
}

fn rows(rows: Vec<Vec<Datum>>) -> Result<Box<dyn SetIter>> {
    Ok(Box::new(Rows(rows.into_iter())))
}

fn offset(offset_east: i32) -> Datum {
    Datum::Interval(Interval { micros: i64::from(offset_east) * USECS_PER_SEC, ..Interval::default() })
}

fn now_unix(ctx: &FnCtx<'_>) -> i64 {
    ctx.env.transaction_timestamp().div_euclid(USECS_PER_SEC) + UNIX_EPOCH_SHIFT_SECS
}

fn names(ctx: &FnCtx<'_>, _args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let now = now_unix(ctx);
    let mut found: Vec<TimeZone> = TimeZone::all_names().filter_map(TimeZone::named).collect();
    found.sort_by(|a, b| a.name().cmp(b.name()));
    let row = |zone: &TimeZone| {
        let kind = zone.at(now);
        vec![
            Datum::text(zone.name()),
            Datum::text(&kind.abbrev),
            offset(kind.offset_east),
            Datum::Bool(kind.is_dst),
        ]
    };
    rows(found.iter().map(row).collect())
}

/// The abbreviations of the setting `timezone_abbreviations`.
fn abbreviations(ctx: &FnCtx<'_>, _args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let now = now_unix(ctx);
    let row = |abbreviation: &pglitedb_types::datetime::zone::Abbreviation| {
        let zone = abbreviation.zone.and_then(TimeZone::named);
        let current = zone.as_ref().and_then(|zone| zone.abbreviation_at(abbreviation.name, now));
        let (offset_east, is_dst) = current
            .map_or((abbreviation.offset_east, abbreviation.is_dst), |kind| (kind.offset_east, kind.is_dst));
        vec![Datum::text(abbreviation.name), offset(offset_east), Datum::Bool(is_dst)]
    };
    rows(all_abbreviations().iter().map(row).collect())
}

/// The abbreviations of the session's zone.
fn zone_abbreviations(ctx: &FnCtx<'_>, _args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let now = now_unix(ctx);
    let zone = zone(ctx);
    let found = zone.abbreviations().filter_map(|name| {
        let kind = zone.abbreviation_at(name, now)?;
        Some(vec![Datum::text(name), offset(kind.offset_east), Datum::Bool(kind.is_dst)])
    });
    rows(found.collect())
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("pg_timezone_names", Builtin::Set(names));
    reg.add("pg_timezone_abbrevs_abbrevs", Builtin::Set(abbreviations));
    reg.add("pg_timezone_abbrevs_zone", Builtin::Set(zone_abbreviations));
}
