//! Bounds of ranges and their order.

use crate::call::FnCtx;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Comparator, Datum, Oid, RangeValue, TypeKind, oids};
use std::cmp::Ordering;

/// One end of a range.
#[derive(Clone, Copy)]
pub struct Bound<'a> {
    /// `None` is infinite.
    pub value: Option<&'a Datum>,
    /// Is the value itself part of the range?
    pub inclusive: bool,
    /// Is it the lower end?
    pub is_lower: bool,
}

/// Compares the bounds of one range type.
pub struct Order {
    comparator: Comparator,
}

impl Order {
    /// For a range type (or a multirange type).
    pub fn of(ctx: &FnCtx<'_>, type_oid: Oid) -> Result<Order> {
        let plain = matches!(
            type_oid,
            oids::INT4RANGE
                | oids::INT8RANGE
                | oids::NUMRANGE
                | oids::DATERANGE
                | oids::TSRANGE
                | oids::TSTZRANGE
        );
        if plain {
            return Ok(Order { comparator: Comparator::plain() });
        }
        let env = ctx.env.as_type_env();
        let info = env.type_info(type_oid)?;
        let range = if info.kind == TypeKind::Multirange { env.type_info(info.range_subtype)? } else { info };
        Ok(Order { comparator: Comparator::new(range.range_subtype, range.range_collation, env)? })
    }

    /// Order of two bounds by value alone; infinities by their side.
    pub fn values(&self, a: Bound<'_>, b: Bound<'_>) -> Ordering {
        match (a.value, b.value) {
            (None, None) => (!a.is_lower).cmp(&!b.is_lower),
            (None, Some(_)) => side(a),
            (Some(_), None) => side(b).reverse(),
            (Some(x), Some(y)) => self.comparator.compare(x, y),
        }
    }

    /// Order of two bounds: an exclusive lower one is above its value, an exclusive upper one below.
    pub fn bounds(&self, a: Bound<'_>, b: Bound<'_>) -> Ordering {
        let ordering = self.values(a, b);
        if ordering.is_ne() || a.value.is_none() || b.value.is_none() {
            return ordering;
        }
        match (a.inclusive, b.inclusive) {
            (true, true) => Ordering::Equal,
            (false, false) if a.is_lower == b.is_lower => Ordering::Equal,
            (false, _) => {
                if a.is_lower {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (true, false) => {
                if b.is_lower {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }

    /// Order of two ranges.
    pub fn ranges(&self, a: &RangeValue, b: &RangeValue) -> Ordering {
        match (a.empty, b.empty) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.bounds(lower(a), lower(b)).then_with(|| self.bounds(upper(a), upper(b))),
        }
    }

    /// Is a value inside?
    pub fn contains_value(&self, range: &RangeValue, value: &Datum) -> bool {
        if range.empty {
            return false;
        }
        let above = range.lower.as_ref().is_none_or(|low| match self.comparator.compare(low, value) {
            Ordering::Less => true,
            Ordering::Equal => range.lower_inclusive,
            Ordering::Greater => false,
        });
        above
            && range.upper.as_ref().is_none_or(|high| match self.comparator.compare(value, high) {
                Ordering::Less => true,
                Ordering::Equal => range.upper_inclusive,
                Ordering::Greater => false,
            })
    }

    /// `a @> b`
    pub fn contains(&self, a: &RangeValue, b: &RangeValue) -> bool {
        b.empty
            || (!a.empty
                && self.bounds(lower(a), lower(b)).is_le()
                && self.bounds(upper(a), upper(b)).is_ge())
    }

    /// `a && b`
    pub fn overlap(&self, a: &RangeValue, b: &RangeValue) -> bool {
        !a.empty
            && !b.empty
            && self.bounds(lower(a), upper(b)).is_le()
            && self.bounds(lower(b), upper(a)).is_le()
    }

    /// `a << b`
    pub fn before(&self, a: &RangeValue, b: &RangeValue) -> bool {
        !a.empty && !b.empty && self.bounds(upper(a), lower(b)).is_lt()
    }

    /// Does an upper bound touch a lower one, with nothing between them and nothing in common?
    pub fn touch(&self, upper: Bound<'_>, lower: Bound<'_>) -> bool {
        upper.value.is_some()
            && lower.value.is_some()
            && self.values(upper, lower).is_eq()
            && upper.inclusive != lower.inclusive
    }

    /// `a -|- b`
    pub fn adjacent(&self, a: &RangeValue, b: &RangeValue) -> bool {
        !a.empty && !b.empty && (self.touch(upper(a), lower(b)) || self.touch(upper(b), lower(a)))
    }
}

fn side(infinite: Bound<'_>) -> Ordering {
    if infinite.is_lower { Ordering::Less } else { Ordering::Greater }
}

/// The lower end.
pub fn lower(range: &RangeValue) -> Bound<'_> {
    Bound { value: range.lower.as_ref(), inclusive: range.lower_inclusive, is_lower: true }
}

/// The upper end.
pub fn upper(range: &RangeValue) -> Bound<'_> {
    Bound { value: range.upper.as_ref(), inclusive: range.upper_inclusive, is_lower: false }
}

/// The empty range.
pub fn empty(range_type: Oid) -> RangeValue {
    RangeValue {
        range_type,
        empty: true,
        lower: None,
        upper: None,
        lower_inclusive: false,
        upper_inclusive: false,
    }
}

/// A range of two ends, which must be in order.
pub fn between(ctx: &FnCtx<'_>, range_type: Oid, low: Bound<'_>, high: Bound<'_>) -> Result<RangeValue> {
    pglitedb_types::io::make_range(
        range_type,
        low.value.cloned(),
        high.value.cloned(),
        low.inclusive,
        high.inclusive,
        ctx.env.as_type_env(),
    )
}
