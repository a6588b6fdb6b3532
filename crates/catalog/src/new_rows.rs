//! Catalog rows for new objects, with PostgreSQL's defaults filled in; the caller sets the rest by column number
//! (`builtin::columns`).

use crate::builtin::columns::*;
use crate::{IndexColumn, RelKind};
use pglitedb_types::{ArrayDim, ArrayValue, Datum, Oid, TypeInfo, oids};
use std::sync::Arc;

/// The bootstrap superuser.
pub const BOOTSTRAP_SUPERUSER: Oid = 10;

/// An `oidvector`.
pub fn oid_vector(values: &[Oid]) -> Datum {
    vector(oids::OID, values.iter().map(|value| Datum::Oid(*value)).collect())
}

/// An `int2vector`.
pub fn int2_vector(values: &[i16]) -> Datum {
    vector(oids::INT2, values.iter().map(|value| Datum::Int2(*value)).collect())
}

fn vector(elem_type: Oid, values: Vec<Datum>) -> Datum {
    let dims = vec![ArrayDim { len: i32::try_from(values.len()).unwrap_or(0), lower: 0 }];
    Datum::Array(Arc::new(ArrayValue { elem_type, dims, values }))
}

/// A one-dimensional `int2[]`.
pub fn int2_array(values: &[i16]) -> Datum {
    let values = values.iter().map(|value| Datum::Int2(*value)).collect();
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::INT2, values)))
}

/// A one-dimensional `oid[]`.
pub fn oid_array(values: &[Oid]) -> Datum {
    let values = values.iter().map(|value| Datum::Oid(*value)).collect();
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::OID, values)))
}

/// A one-dimensional `text[]`, NULL if there are no values.
pub fn text_array(values: &[&str]) -> Datum {
    if values.is_empty() {
        return Datum::Null;
    }
    let values = values.iter().map(|value| Datum::text(value)).collect();
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::TEXT, values)))
}

/// `pg_class`. `relfilenode` is the OID for relations with storage; `relam` is heap for tables.
pub fn class_row(
    oid: Oid,
    name: &str,
    namespace: Oid,
    owner: Oid,
    kind: RelKind,
    columns: i16,
) -> Vec<Datum> {
    use pg_class::*;
    let mut row = vec![Datum::Null; WIDTH];
    let has_storage = matches!(
        kind,
        RelKind::Table | RelKind::Index | RelKind::Sequence | RelKind::MaterializedView | RelKind::Toast
    );
    let is_table = matches!(kind, RelKind::Table | RelKind::MaterializedView | RelKind::Toast);
    row[OID] = Datum::Oid(oid);
    row[RELNAME] = Datum::text(name);
    row[RELNAMESPACE] = Datum::Oid(namespace);
    for column in [RELTYPE, RELOFTYPE, RELTABLESPACE, RELTOASTRELID, RELREWRITE, RELFROZENXID, RELMINMXID] {
        row[column] = Datum::Oid(0);
    }
    row[RELOWNER] = Datum::Oid(owner);
    row[RELAM] = Datum::Oid(if is_table { 2 } else { 0 });
    row[RELFILENODE] = Datum::Oid(if has_storage { oid } else { 0 });
    row[RELPAGES] = Datum::Int4(0);
    row[RELTUPLES] = Datum::Float4(-1.0);
    row[RELALLVISIBLE] = Datum::Int4(0);
    row[RELALLFROZEN] = Datum::Int4(0);
    for column in [
        RELHASINDEX,
        RELISSHARED,
        RELHASRULES,
        RELHASTRIGGERS,
        RELHASSUBCLASS,
        RELROWSECURITY,
        RELFORCEROWSECURITY,
        RELISPARTITION,
    ] {
        row[column] = Datum::Bool(false);
    }
    row[RELPERSISTENCE] = Datum::Char(b'p');
    row[RELKIND] = Datum::Char(kind.letter());
    row[RELNATTS] = Datum::Int2(columns);
    row[RELCHECKS] = Datum::Int2(0);
    row[RELISPOPULATED] = Datum::Bool(true);
    row[RELREPLIDENT] = Datum::Char(
        if matches!(kind, RelKind::Table | RelKind::PartitionedTable | RelKind::MaterializedView) {
            b'd'
        } else {
            b'n'
        },
    );
    row
}

/// `pg_attribute`. `collation` is 0 unless the type is collatable.
pub fn attribute_row(
    relation: Oid,
    attnum: i16,
    name: &str,
    of_type: &TypeInfo,
    typmod: i32,
    collation: Oid,
) -> Vec<Datum> {
    use pg_attribute::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[ATTRELID] = Datum::Oid(relation);
    row[ATTNAME] = Datum::text(name);
    row[ATTTYPID] = Datum::Oid(of_type.oid);
    row[ATTLEN] = Datum::Int2(of_type.len);
    row[ATTNUM] = Datum::Int2(attnum);
    row[ATTTYPMOD] = Datum::Int4(typmod);
    row[ATTNDIMS] = Datum::Int2(i16::from(of_type.is_true_array));
    row[ATTBYVAL] = Datum::Bool(of_type.by_value);
    row[ATTALIGN] = Datum::Char(of_type.align);
    row[ATTSTORAGE] = Datum::Char(of_type.storage);
    for column in [ATTCOMPRESSION, ATTIDENTITY, ATTGENERATED] {
        row[column] = Datum::Char(0);
    }
    for column in [ATTNOTNULL, ATTHASDEF, ATTHASMISSING, ATTISDROPPED] {
        row[column] = Datum::Bool(false);
    }
    row[ATTISLOCAL] = Datum::Bool(true);
    row[ATTINHCOUNT] = Datum::Int2(0);
    row[ATTCOLLATION] = Datum::Oid(collation);
    row
}

/// `pg_attrdef`; `expression` is serialized.
pub fn attrdef_row(oid: Oid, relation: Oid, attnum: i16, expression: &str) -> Vec<Datum> {
    vec![Datum::Oid(oid), Datum::Oid(relation), Datum::Int2(attnum), Datum::text(expression)]
}

/// What `pg_index` says besides the key columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexFlags {
    /// `indisunique`
    pub unique: bool,
    /// `indisprimary`
    pub primary: bool,
    /// `indisexclusion`
    pub exclusion: bool,
    /// `indnullsnotdistinct`
    pub nulls_not_distinct: bool,
    /// Its constraint is deferrable: not `indimmediate`.
    pub deferrable: bool,
}

/// `pg_index`; expressions and predicate are serialized (several expressions: see [`join_expressions`]).
pub fn index_row(
    oid: Oid,
    table: Oid,
    columns: &[IndexColumn],
    include: &[i16],
    flags: IndexFlags,
    expressions: Option<&str>,
    predicate: Option<&str>,
) -> Vec<Datum> {
    use pg_index::*;
    let mut row = vec![Datum::Null; WIDTH];
    let attnums: Vec<i16> =
        columns.iter().map(|column| column.attnum).chain(include.iter().copied()).collect();
    let collations: Vec<Oid> = columns.iter().map(|column| column.collation).collect();
    let classes: Vec<Oid> = columns.iter().map(|column| column.opclass).collect();
    let options: Vec<i16> = columns
        .iter()
        .map(|column| i16::from(column.descending) | i16::from(column.nulls_first) << 1)
        .collect();
    row[INDEXRELID] = Datum::Oid(oid);
    row[INDRELID] = Datum::Oid(table);
    row[INDNATTS] = Datum::Int2(i16::try_from(attnums.len()).unwrap_or(0));
    row[INDNKEYATTS] = Datum::Int2(i16::try_from(columns.len()).unwrap_or(0));
    row[INDISUNIQUE] = Datum::Bool(flags.unique);
    row[INDNULLSNOTDISTINCT] = Datum::Bool(flags.nulls_not_distinct);
    row[INDISPRIMARY] = Datum::Bool(flags.primary);
    row[INDISEXCLUSION] = Datum::Bool(flags.exclusion);
    row[INDIMMEDIATE] = Datum::Bool(!flags.deferrable);
    for column in [INDISCLUSTERED, INDCHECKXMIN, INDISREPLIDENT] {
        row[column] = Datum::Bool(false);
    }
    for column in [INDISVALID, INDISREADY, INDISLIVE] {
        row[column] = Datum::Bool(true);
    }
    row[INDKEY] = int2_vector(&attnums);
    row[INDCOLLATION] = oid_vector(&collations);
    row[INDCLASS] = oid_vector(&classes);
    row[INDOPTION] = int2_vector(&options);
    row[INDEXPRS] = expressions.into();
    row[INDPRED] = predicate.into();
    row
}

/// Several serialized expressions as one text, as `pg_index.indexprs` and `pg_proc.proargdefaults` keep them.
pub fn join_expressions<T: AsRef<str>>(expressions: &[T]) -> Option<String> {
    let texts: Vec<&str> = expressions.iter().map(AsRef::as_ref).collect();
    (!texts.is_empty()).then(|| texts.join("\u{1e}"))
}

/// `pg_constraint` of a table (`contype` is the letter). Columns of the referenced table and expression are to be set
/// by the caller.
pub fn constraint_row(
    oid: Oid,
    name: &str,
    namespace: Oid,
    contype: u8,
    relation: Oid,
    columns: &[i16],
) -> Vec<Datum> {
    use pg_constraint::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[CONNAME] = Datum::text(name);
    row[CONNAMESPACE] = Datum::Oid(namespace);
    row[CONTYPE] = Datum::Char(contype);
    row[CONDEFERRABLE] = Datum::Bool(false);
    row[CONDEFERRED] = Datum::Bool(false);
    row[CONENFORCED] = Datum::Bool(true);
    row[CONVALIDATED] = Datum::Bool(true);
    row[CONRELID] = Datum::Oid(relation);
    for column in [CONTYPID, CONINDID, CONPARENTID, CONFRELID] {
        row[column] = Datum::Oid(0);
    }
    for column in [CONFUPDTYPE, CONFDELTYPE, CONFMATCHTYPE] {
        row[column] = Datum::Char(b' ');
    }
    row[CONISLOCAL] = Datum::Bool(true);
    row[CONINHCOUNT] = Datum::Int2(0);
    row[CONNOINHERIT] = Datum::Bool(matches!(contype, b'p' | b'u' | b'f' | b'x'));
    row[CONPERIOD] = Datum::Bool(false);
    if !columns.is_empty() {
        row[CONKEY] = int2_array(columns);
    }
    row
}

/// `pg_type` from a descriptor, with the functions that PostgreSQL uses for its kind.
pub fn type_row(info: &TypeInfo, base: Option<&[Datum]>) -> Vec<Datum> {
    use pg_type::*;
    use pglitedb_types::TypeKind;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(info.oid);
    row[TYPNAME] = Datum::text(&info.name);
    row[TYPNAMESPACE] = Datum::Oid(info.namespace);
    row[TYPOWNER] = Datum::Oid(info.owner);
    row[TYPLEN] = Datum::Int2(info.len);
    row[TYPBYVAL] = Datum::Bool(info.by_value);
    row[TYPTYPE] = Datum::Char(match info.kind {
        TypeKind::Base => b'b',
        TypeKind::Composite => b'c',
        TypeKind::Domain => b'd',
        TypeKind::Enum => b'e',
        TypeKind::Pseudo => b'p',
        TypeKind::Range => b'r',
        TypeKind::Multirange => b'm',
    });
    row[TYPCATEGORY] = Datum::Char(info.category);
    row[TYPISPREFERRED] = Datum::Bool(info.is_preferred);
    row[TYPISDEFINED] = Datum::Bool(info.is_defined);
    row[TYPDELIM] = Datum::Char(info.delimiter);
    row[TYPRELID] = Datum::Oid(info.relid);
    row[TYPELEM] = Datum::Oid(info.element);
    row[TYPARRAY] = Datum::Oid(info.array);
    row[TYPALIGN] = Datum::Char(info.align);
    row[TYPSTORAGE] = Datum::Char(info.storage);
    row[TYPNOTNULL] = Datum::Bool(info.not_null);
    row[TYPBASETYPE] = Datum::Oid(info.base_type);
    row[TYPTYPMOD] = Datum::Int4(info.base_typmod);
    row[TYPNDIMS] = Datum::Int4(0);
    row[TYPCOLLATION] = Datum::Oid(info.collation);
    let functions = [TYPSUBSCRIPT, TYPINPUT, TYPOUTPUT, TYPRECEIVE, TYPSEND, TYPMODIN, TYPMODOUT, TYPANALYZE];
    for column in functions {
        row[column] = base.and_then(|base| base.get(column).cloned()).unwrap_or(Datum::Oid(0));
    }
    let like = match info.kind {
        _ if info.is_true_array => Some("_int4"),
        TypeKind::Composite => Some("pg_class"),
        TypeKind::Enum => Some("anyenum"),
        TypeKind::Range => Some("int4range"),
        TypeKind::Multirange => Some("int4multirange"),
        _ => None,
    };
    let model = like.and_then(|name| crate::builtin::types_by_name(name).next());
    if let Some(model) =
        model.and_then(|model| crate::builtin::relation_rows(RELATION)?.row(u64::from(model.oid)))
    {
        for column in functions {
            row[column] = model[column].clone();
        }
        if info.kind == TypeKind::Enum {
            enum_functions(&mut row);
        }
    }
    if info.kind == TypeKind::Domain {
        // PostgreSQL reads domains through domain_in and domain_recv, and prints them as their base type.
        set_function(&mut row, TYPINPUT, "domain_in");
        set_function(&mut row, TYPRECEIVE, "domain_recv");
        row[TYPSUBSCRIPT] = Datum::Oid(0);
    }
    row
}

fn enum_functions(row: &mut [Datum]) {
    use pg_type::*;
    for (column, name) in
        [(TYPINPUT, "enum_in"), (TYPOUTPUT, "enum_out"), (TYPRECEIVE, "enum_recv"), (TYPSEND, "enum_send")]
    {
        set_function(row, column, name);
    }
}

fn set_function(row: &mut [Datum], column: usize, name: &str) {
    let oid = crate::builtin::procs_by_name(name).next().map_or(0, |info| info.oid);
    row[column] = Datum::Oid(oid);
}

/// `pg_namespace`.
pub fn namespace_row(oid: Oid, name: &str, owner: Oid) -> Vec<Datum> {
    vec![Datum::Oid(oid), Datum::text(name), Datum::Oid(owner), Datum::Null]
}
