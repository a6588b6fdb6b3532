//! Dates, times, timestamps and intervals.

pub mod aggregate;
pub mod args;
pub mod arith;
pub mod at_zone;
pub mod cast;
pub mod compare;
pub mod current;
pub mod hash;
pub mod in_range;
pub mod make;
pub mod part;
pub mod series;
pub mod zone_views;

#[cfg(test)]
mod tests;

use crate::Registry;
use crate::call::FnCtx;
use pglitedb_types::TimeZone;

pub(crate) fn register(reg: &mut Registry) {
    aggregate::register(reg);
    arith::register(reg);
    at_zone::register(reg);
    cast::register(reg);
    compare::register(reg);
    current::register(reg);
    hash::register(reg);
    in_range::register(reg);
    make::register(reg);
    part::register(reg);
    series::register(reg);
    zone_views::register(reg);
}

/// The session's time zone.
fn zone<'a>(ctx: &FnCtx<'a>) -> &'a TimeZone {
    &ctx.env.format().time_zone
}
