//! Look-ups among the built-in rows. Descriptors are made when first asked for and kept for the life of the process:
//! they are facts, the same for every database.

use super::rows::BuiltinRelation;
use super::tables::*;
use crate::convert;
use crate::row::CatRow;
use crate::{AggregateInfo, AmopInfo, CastInfo, CollationInfo, OpclassInfo, OperatorInfo, ProcInfo};
use pglitedb_types::{Oid, TypeInfo};
use std::sync::{Arc, LazyLock, OnceLock};

/// Descriptors by position in their table.
struct Lazy<T: 'static> {
    table: &'static BuiltinRelation,
    cells: LazyLock<Box<[OnceLock<Arc<T>>]>>,
    make: fn(&'static BuiltinRelation, usize) -> T,
}

impl<T> Lazy<T> {
    fn at(&self, position: usize) -> Option<Arc<T>> {
        let cell = self.cells.get(position)?;
        Some(Arc::clone(cell.get_or_init(|| Arc::new((self.make)(self.table, position)))))
    }

    fn id(&self, oid: Oid) -> Option<Arc<T>> {
        self.at(self.table.position(u64::from(oid))?)
    }
}

macro_rules! lazy {
    ($name:ident, $table:ident, $info:ty, $make:expr) => {
        static $name: Lazy<$info> = Lazy {
            table: &$table,
            cells: LazyLock::new(|| (0..$table.len()).map(|_| OnceLock::new()).collect()),
            make: $make,
        };
    };
}

lazy!(PROCS, PG_PROC, ProcInfo, |table, at| convert::proc(&table.row_at(at), true));
lazy!(OPERATORS, PG_OPERATOR, OperatorInfo, |table, at| convert::operator(&table.row_at(at), &proc_name));
lazy!(TYPES, PG_TYPE, TypeInfo, |table, at| {
    let row = table.row_at(at);
    let oid = CatRow(&row).oid(columns::pg_type::OID);
    let range_canonical =
        PG_RANGE.row(u64::from(oid)).map_or(0, |row| CatRow(&row).oid(columns::pg_range::RNGCANONICAL));
    let extras =
        convert::TypeExtras { range_subtype: range_subtype(oid), range_canonical, ..Default::default() };
    convert::type_info(&row, extras)
});
lazy!(CASTS, PG_CAST, CastInfo, |table, at| convert::cast(&table.row_at(at)));
lazy!(AGGREGATES, PG_AGGREGATE, AggregateInfo, |table, at| convert::aggregate(&table.row_at(at)));
lazy!(OPCLASSES, PG_OPCLASS, OpclassInfo, |table, at| convert::opclass(&table.row_at(at)));
lazy!(COLLATIONS, PG_COLLATION, CollationInfo, |table, at| convert::collation(&table.row_at(at)));

/// Positions with this text in a field, from an order by that field.
fn by_name<'a>(
    table: &'static BuiltinRelation,
    order: &'static [u16],
    field: usize,
    name: &'a str,
) -> impl Iterator<Item = usize> + 'a {
    let start = order.partition_point(|&at| table.field(usize::from(at), field) < name);
    order
        .get(start..)
        .unwrap_or_default()
        .iter()
        .map(|&at| usize::from(at))
        .take_while(move |&at| table.field(at, field) == name)
}

/// Positions with a numeric key (or its first parts).
fn by_key<const N: usize>(
    order: &'static [([u32; N], u16)],
    prefix: &[u32],
) -> impl Iterator<Item = usize> + use<N> {
    let start = order.partition_point(|(key, _)| &key[..prefix.len().min(N)] < prefix);
    let end = order.partition_point(|(key, _)| &key[..prefix.len().min(N)] <= prefix);
    order.get(start..end).unwrap_or_default().iter().map(|(_, at)| usize::from(*at))
}

/// Name of a function, empty for 0.
fn proc_name(oid: Oid) -> Arc<str> {
    PROCS.id(oid).map(|info| Arc::clone(&info.name)).unwrap_or_default()
}

/// Subtype of a range type, range type of a multirange type, 0 for others.
fn range_subtype(oid: Oid) -> Oid {
    use columns::pg_range::*;
    if let Some(row) = PG_RANGE.row(u64::from(oid)) {
        return CatRow(&row).oid(RNGSUBTYPE);
    }
    by_key(RANGE_BY_MULTIRANGE, &[oid]).next().map_or(0, |at| CatRow(&PG_RANGE.row_at(at)).oid(RNGTYPID))
}

/// Function by OID.
pub fn proc(oid: Oid) -> Option<Arc<ProcInfo>> {
    PROCS.id(oid)
}

/// All functions of a name.
pub fn procs_by_name(name: &str) -> impl Iterator<Item = Arc<ProcInfo>> + '_ {
    by_name(&PG_PROC, PROC_BY_NAME, 1, name).filter_map(|at| PROCS.at(at))
}

/// All functions.
pub fn procs() -> impl Iterator<Item = Arc<ProcInfo>> {
    (0..PG_PROC.len()).filter_map(|at| PROCS.at(at))
}

/// Operator by OID.
pub fn operator(oid: Oid) -> Option<Arc<OperatorInfo>> {
    OPERATORS.id(oid)
}

/// All operators of a name.
pub fn operators_by_name(name: &str) -> impl Iterator<Item = Arc<OperatorInfo>> + '_ {
    by_name(&PG_OPERATOR, OPERATOR_BY_NAME, 1, name).filter_map(|at| OPERATORS.at(at))
}

/// Type by OID.
pub fn type_info(oid: Oid) -> Option<Arc<TypeInfo>> {
    TYPES.id(oid)
}

/// Types of a name (one per schema).
pub fn types_by_name(name: &str) -> impl Iterator<Item = Arc<TypeInfo>> + '_ {
    by_name(&PG_TYPE, TYPE_BY_NAME, 1, name).filter_map(|at| TYPES.at(at))
}

/// The base type whose input function has this `prosrc`; none for functions that serve many types.
pub fn type_by_input(source: &str) -> Option<Oid> {
    use columns::pg_type::*;
    static INPUTS: LazyLock<Vec<(Arc<str>, Oid)>> = LazyLock::new(|| {
        let mut inputs: Vec<(Arc<str>, Oid)> = Vec::new();
        for at in 0..PG_TYPE.len() {
            let row = PG_TYPE.row_at(at);
            let row = CatRow(&row);
            let source = proc(row.oid(TYPINPUT)).map(|info| info.source.clone());
            let source = source.filter(|source| !inputs.iter().any(|(known, _)| known == source));
            // Arrays of all types are read by the same function.
            let own = row.char(TYPTYPE) == b'b' && row.oid(TYPELEM) == 0 || row.oid(TYPSUBSCRIPT) == 6180;
            if let Some(source) = source.filter(|_| own) {
                inputs.push((source, row.oid(OID)));
            }
        }
        inputs
    });
    INPUTS.iter().find(|(known, _)| &**known == source).map(|(_, oid)| *oid)
}

/// The multirange type of a range type.
pub fn multirange_of(range_type: Oid) -> Option<Oid> {
    PG_RANGE.row(u64::from(range_type)).map(|row| CatRow(&row).oid(columns::pg_range::RNGMULTITYPID))
}

/// The operator class of a range type's bounds.
pub fn range_opclass(range_type: Oid) -> Option<Oid> {
    PG_RANGE.row(u64::from(range_type)).map(|row| CatRow(&row).oid(columns::pg_range::RNGSUBOPC))
}

/// Cast of a pair of types.
pub fn cast(source: Oid, target: Oid) -> Option<Arc<CastInfo>> {
    by_key(CAST_BY_PAIR, &[source, target]).next().and_then(|at| CASTS.at(at))
}

/// Aggregate by OID of its function.
pub fn aggregate(oid: Oid) -> Option<Arc<AggregateInfo>> {
    AGGREGATES.id(oid)
}

/// Operator class by OID.
pub fn opclass(oid: Oid) -> Option<Arc<OpclassInfo>> {
    OPCLASSES.id(oid)
}

/// Operator classes of an access method for an input type.
pub fn opclasses_for_type(method: Oid, input_type: Oid) -> impl Iterator<Item = Arc<OpclassInfo>> {
    by_key(OPCLASS_BY_TYPE, &[method, input_type]).filter_map(|at| OPCLASSES.at(at))
}

/// Operator classes of a name, of any access method.
pub fn opclasses_by_name(name: &str) -> impl Iterator<Item = Arc<OpclassInfo>> + '_ {
    by_name(&PG_OPCLASS, OPCLASS_BY_NAME, 2, name).filter_map(|at| OPCLASSES.at(at))
}

/// Families an operator is in, with the OIDs of the rows.
pub fn amops_of_operator(operator: Oid) -> impl Iterator<Item = (Oid, AmopInfo)> {
    by_key(AMOP_BY_OPERATOR, &[operator]).map(amop_at)
}

/// `pg_amop` rows of a family, types and strategy.
pub fn amops(family: Oid, left: Oid, right: Oid, strategy: i16) -> impl Iterator<Item = (Oid, AmopInfo)> {
    by_key(AMOP_BY_FAMILY, &[family, left, right, u32::from(strategy.unsigned_abs())]).map(amop_at)
}

fn amop_at(at: usize) -> (Oid, AmopInfo) {
    (PG_AMOP.id_at(at) as Oid, convert::amop(&PG_AMOP.row_at(at)))
}

/// Support function of a family, types and number, with the OID of the row.
pub fn amproc(family: Oid, left: Oid, right: Oid, number: i16) -> Option<(Oid, Oid)> {
    let at = by_key(AMPROC_BY_FAMILY, &[family, left, right, u32::from(number.unsigned_abs())]).next()?;
    let row = PG_AMPROC.row_at(at);
    Some((CatRow(&row).oid(0), CatRow(&row).oid(columns::pg_amproc::AMPROC)))
}

/// Collation by OID.
pub fn collation(oid: Oid) -> Option<Arc<CollationInfo>> {
    COLLATIONS.id(oid)
}

/// Collations of a name.
pub fn collations_by_name(name: &str) -> impl Iterator<Item = Arc<CollationInfo>> + '_ {
    by_name(&PG_COLLATION, COLLATION_BY_NAME, 1, name).filter_map(|at| COLLATIONS.at(at))
}

/// OIDs of relations of a name, with their schemas.
pub fn relations_by_name(name: &str) -> impl Iterator<Item = (Oid, Oid)> + '_ {
    by_name(&PG_CLASS, CLASS_BY_NAME, 1, name).map(|at| {
        let namespace = PG_CLASS.field(at, 2).parse().unwrap_or(0);
        (PG_CLASS.id_at(at) as Oid, namespace)
    })
}

/// Indexes of a built-in relation, by OID.
pub(super) fn indexes_of(table: Oid) -> Vec<Oid> {
    let mut oids: Vec<Oid> = by_key(INDEX_BY_TABLE, &[table]).map(|at| PG_INDEX.id_at(at) as Oid).collect();
    oids.sort_unstable();
    oids
}

/// `pg_constraint` rows of a built-in relation.
pub(super) fn constraints_of(table: Oid) -> Vec<Vec<pglitedb_types::Datum>> {
    by_key(CONSTRAINT_BY_TABLE, &[table]).map(|at| PG_CONSTRAINT.row_at(at)).collect()
}

/// Built-in schemas.
pub fn namespaces() -> impl Iterator<Item = (Oid, &'static str)> {
    (0..PG_NAMESPACE.len()).map(|at| (PG_NAMESPACE.id_at(at) as Oid, PG_NAMESPACE.field(at, 1)))
}
