//! The row codec and index ranges against models.
#![allow(missing_docs)]

use pglitedb_tables::{IndexBounds, KeyColumn, RowLayout, RowView, encode_key, key_range};
use pglitedb_types::{Datum, Repr, identical, oids};
use proptest::prelude::*;

const REPRS: [Repr; 6] = [Repr::Int4, Repr::Text, Repr::Bool, Repr::Int8, Repr::Bytea, Repr::Float8];

fn value(repr: Repr) -> BoxedStrategy<Datum> {
    let value = match repr {
        Repr::Int4 => any::<i32>().prop_map(Datum::Int4).boxed(),
        Repr::Text => "[a-zä€\\x01]{0,40}".prop_map(|text| Datum::text(&text)).boxed(),
        Repr::Bool => any::<bool>().prop_map(Datum::Bool).boxed(),
        Repr::Int8 => any::<i64>().prop_map(Datum::Int8).boxed(),
        Repr::Bytea => {
            prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| Datum::bytea(&bytes)).boxed()
        }
        _ => any::<f64>().prop_map(Datum::Float8).boxed(),
    };
    prop_oneof![1 => Just(Datum::Null), 4 => value].boxed()
}

fn row() -> impl Strategy<Value = Vec<Datum>> {
    REPRS.map(value).to_vec()
}

proptest! {
    #[test]
    fn rows_come_back(row in row(), columns in 0..=REPRS.len()) {
        let layout = RowLayout::from_reprs(&REPRS);
        let mut bytes = Vec::new();
        RowLayout::from_reprs(&REPRS[..columns]).encode(&row, &mut bytes).expect("encode");
        let mut out = vec![Datum::Bool(true); REPRS.len()];
        layout.decode(&bytes, &mut out).expect("decode");
        for (at, (got, put)) in out.iter().zip(&row).enumerate() {
            let wanted = if at < columns { put } else { &Datum::Null };
            prop_assert!(identical(got, wanted), "{got:?} {wanted:?}");
            prop_assert!(identical(&layout.decode_column(&bytes, at).expect("decode"), wanted));
        }
    }

    #[test]
    fn damaged_rows_are_errors_not_panics(row in row(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let layout = RowLayout::from_reprs(&REPRS);
        let mut bytes = Vec::new();
        layout.encode(&row, &mut bytes).expect("encode");
        let mut out = vec![Datum::Null; REPRS.len()];
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = layout.decode(&bytes, &mut out);
        bytes.truncate(cut.index(bytes.len()));
        let _ = layout.decode(&bytes, &mut out);
        let _ = RowView::new(&bytes).map(|view| (0..view.columns().min(10)).for_each(|at| drop(view.field(at))));
    }

    #[test]
    fn ranges_find_what_the_bounds_say(
        rows in prop::collection::vec((0..4i32, prop::option::of(0..6i32)), 0..60),
        first in 0..4i32,
        lower in prop::option::of((0..6i32, any::<bool>())),
        upper in prop::option::of((0..6i32, any::<bool>())),
        not_null in any::<bool>(),
        descending in any::<bool>(),
        nulls_first in any::<bool>(),
    ) {
        let columns = [KeyColumn::ascending(oids::INT4), KeyColumn::ordered(oids::INT4, descending, nulls_first)];
        let datums = |row: &(i32, Option<i32>)| [Datum::Int4(row.0), Datum::from(row.1)];
        let mut entries: Vec<_> = rows.iter().map(|row| {
            let mut key = Vec::new();
            encode_key(&columns, &datums(row), &mut key);
            (key, *row)
        }).collect();
        entries.sort();
        let low = lower.map(|(value, included)| (Datum::Int4(value), included));
        let high = upper.map(|(value, included)| (Datum::Int4(value), included));
        let equal = [Datum::Int4(first)];
        let bounds = IndexBounds {
            equal: &equal,
            lower: low.as_ref().map(|(value, included)| (value, *included)),
            upper: high.as_ref().map(|(value, included)| (value, *included)),
            not_null,
        };
        let found: Vec<_> = match key_range(&columns, &bounds) {
            Some(range) => entries.iter().filter(|(key, _)| range.contains(key)).map(|(_, row)| *row).collect(),
            None => Vec::new(),
        };
        let bounded = lower.is_some() || upper.is_some() || not_null;
        let mut wanted: Vec<_> = rows.iter().copied().filter(|(a, b)| {
            *a == first && match b {
                None => !bounded,
                Some(b) => lower.is_none_or(|(low, included)| *b > low || (included && *b == low))
                    && upper.is_none_or(|(high, included)| *b < high || (included && *b == high)),
            }
        }).collect();
        wanted.sort_by_key(|(_, b)| match b {
            None => (if nulls_first { -1 } else { 1 }, 0),
            Some(b) => (0, if descending { -b } else { *b }),
        });
        prop_assert_eq!(found, wanted);
    }
}
