//! The built-in types, from PostgreSQL 18's `pg_type` as data.

use crate::datum::{Datum, EnumValue};
use crate::env::{CompositeField, FormatSettings, RegKind, TypeEnv, TypeInfo, TypeKind};
use crate::oids::{self, Oid};
use pglitedb_sqlstate::{Result, err};
use std::sync::{Arc, LazyLock};

/// OID of the schema `pg_catalog`.
pub const PG_CATALOG: Oid = 11;
/// OID of the bootstrap superuser.
const BOOTSTRAP_USER: Oid = 10;

struct Table {
    /// Sorted by OID.
    types: Vec<Arc<TypeInfo>>,
    /// Position in `types` plus one by OID; 0 for no type.
    by_oid: Vec<u16>,
    /// Positions sorted by name.
    by_name: Vec<u16>,
}

static TABLE: LazyLock<Table> = LazyLock::new(load);

/// Range types and their subtypes.
const RANGES: [(Oid, Oid); 6] = [
    (oids::INT4RANGE, oids::INT4),
    (oids::NUMRANGE, oids::NUMERIC),
    (oids::TSRANGE, oids::TIMESTAMP),
    (oids::TSTZRANGE, oids::TIMESTAMPTZ),
    (oids::DATERANGE, oids::DATE),
    (oids::INT8RANGE, oids::INT8),
];

/// Range types of discrete values and their canonical functions.
const CANONICAL: [(Oid, Oid); 3] =
    [(oids::INT4RANGE, 3914), (oids::INT8RANGE, 3928), (oids::DATERANGE, 3915)];

/// Multirange types and their range types.
const MULTIRANGES: [(Oid, Oid); 6] = [
    (oids::INT4MULTIRANGE, oids::INT4RANGE),
    (oids::NUMMULTIRANGE, oids::NUMRANGE),
    (oids::TSMULTIRANGE, oids::TSRANGE),
    (oids::TSTZMULTIRANGE, oids::TSTZRANGE),
    (oids::DATEMULTIRANGE, oids::DATERANGE),
    (oids::INT8MULTIRANGE, oids::INT8RANGE),
];

fn load() -> Table {
    let mut types: Vec<Arc<TypeInfo>> =
        include_str!("../data/pg_type.tsv").lines().skip(1).filter_map(parse_row).map(Arc::new).collect();
    types.sort_by_key(|info| info.oid);
    let mut by_oid = vec![0; types.last().map_or(0, |info| info.oid as usize + 1)];
    for (i, info) in types.iter().enumerate() {
        by_oid[info.oid as usize] = i as u16 + 1;
    }
    let mut by_name: Vec<u16> = (0..types.len() as u16).collect();
    by_name.sort_by(|&a, &b| types[a as usize].name.cmp(&types[b as usize].name));
    Table { types, by_oid, by_name }
}

fn parse_row(line: &str) -> Option<TypeInfo> {
    let fields: Vec<&str> = line.split('\t').collect();
    let number = |i: usize| fields.get(i).and_then(|f| f.parse::<Oid>().ok()).unwrap_or(0);
    let flag = |i: usize| fields.get(i) == Some(&"t");
    let letter = |i: usize| fields.get(i).and_then(|f| f.bytes().next()).unwrap_or(0);
    let oid = number(0);
    let kind = match letter(5) {
        b'b' => TypeKind::Base,
        b'c' => TypeKind::Composite,
        b'd' => TypeKind::Domain,
        b'e' => TypeKind::Enum,
        b'p' => TypeKind::Pseudo,
        b'r' => TypeKind::Range,
        b'm' => TypeKind::Multirange,
        _ => return None,
    };
    let related =
        RANGES.iter().chain(&MULTIRANGES).find(|(range, _)| *range == oid).map_or(0, |(_, sub)| *sub);
    Some(TypeInfo {
        oid,
        name: Arc::from(*fields.get(1)?),
        namespace: PG_CATALOG,
        owner: BOOTSTRAP_USER,
        len: fields.get(3)?.parse().ok()?,
        by_value: flag(4),
        kind,
        category: letter(6),
        is_preferred: flag(7),
        is_defined: true,
        delimiter: letter(8),
        relid: number(9),
        element: number(11),
        is_true_array: fields.get(10) == Some(&"array_subscript_handler"),
        array: number(12),
        base_type: 0,
        base_typmod: -1,
        not_null: false,
        collation: number(22),
        align: letter(20),
        storage: letter(21),
        range_subtype: related,
        range_collation: 0,
        range_canonical: CANONICAL
            .iter()
            .find(|(range, _)| *range == oid)
            .map_or(0, |(_, function)| *function),
        io_type: 0,
        default: None,
    })
}

/// The built-in type with this OID.
#[inline]
pub fn builtin_type(oid: Oid) -> Option<&'static Arc<TypeInfo>> {
    let table = &*TABLE;
    let position = *table.by_oid.get(oid as usize)?;
    table.types.get(usize::from(position).checked_sub(1)?)
}

/// The built-in type with this `typname`.
pub fn builtin_type_by_name(name: &str) -> Option<&'static Arc<TypeInfo>> {
    let table = &*TABLE;
    let at = table.by_name.binary_search_by(|&i| table.types[i as usize].name.as_ref().cmp(name)).ok()?;
    table.types.get(usize::from(table.by_name[at]))
}

/// All built-in types, sorted by OID.
pub fn builtin_types() -> &'static [Arc<TypeInfo>] {
    &TABLE.types
}

/// The built-in multirange type over a range type.
pub fn builtin_multirange_of(range: Oid) -> Option<Oid> {
    MULTIRANGES.iter().find(|(_, r)| *r == range).map(|(multirange, _)| *multirange)
}

/// The built-in range type with this subtype.
pub fn builtin_range_over(subtype: Oid) -> Option<Oid> {
    RANGES.iter().find(|(_, sub)| *sub == subtype).map(|(range, _)| *range)
}

/// A [`TypeEnv`] that knows the built-in types only.
#[derive(Clone, Debug, Default)]
pub struct BuiltinEnv {
    /// The settings.
    pub settings: FormatSettings,
    /// What `now` means.
    pub transaction_timestamp: i64,
}

impl TypeEnv for BuiltinEnv {
    fn format(&self) -> &FormatSettings {
        &self.settings
    }

    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        builtin_type(oid).cloned().ok_or_else(|| err!(INTERNAL_ERROR, "cache lookup failed for type {oid}"))
    }

    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        Err(err!(INTERNAL_ERROR, "cache lookup failed for type {type_oid}"))
    }

    fn enum_from_label(&self, _type_oid: Oid, _label: &str) -> Result<Option<EnumValue>> {
        Ok(None)
    }

    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        Err(err!(INVALID_BINARY_REPRESENTATION, "invalid internal value for enum: {}", value.oid))
    }

    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        match kind {
            RegKind::Type => builtin_type_by_name(name)
                .map(|info| info.oid)
                .ok_or_else(|| err!(UNDEFINED_OBJECT, "type \"{name}\" does not exist")),
            _ => Err(err!(UNDEFINED_OBJECT, "\"{name}\" does not exist")),
        }
    }

    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        match kind {
            RegKind::Type => Ok(builtin_type(oid).map(|_| crate::format_type(oid, -1, self)).transpose()?),
            _ => Ok(None),
        }
    }

    fn check_domain(&self, domain: Oid, _value: &Datum) -> Result<()> {
        Err(err!(INTERNAL_ERROR, "cache lookup failed for type {domain}"))
    }

    fn transaction_timestamp(&self) -> i64 {
        self.transaction_timestamp
    }
}
