//! What the layers above ask of the catalogs.

use crate::{
    AggregateInfo, AmopInfo, CastInfo, CollationInfo, ColumnStats, IndexInfo, OpclassInfo, OperatorInfo,
    ProcInfo, Relation,
};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{EnumValue, Oid, TypeInfo, TypeKind};
use std::sync::Arc;

/// B-tree strategies (`pg_amop.amopstrategy` for access method 403).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmStrategy {
    /// `<`
    Less = 1,
    /// `<=`
    LessEqual = 2,
    /// `=`
    Equal = 3,
    /// `>=`
    GreaterEqual = 4,
    /// `>`
    Greater = 5,
}

/// A consistent view of the catalogs: built-in rows merged with the rows stored in the database, as the current
/// transaction sees them. "By name" look-ups return all objects of a name in any schema; the caller filters by
/// search path or explicit schema.
///
/// Every look-up returns `Ok(None)` (or an empty list) for "no such object"; an error means that storage failed.
pub trait Catalog {
    /// OIDs of the schemas searched for unqualified names, in order; the implicit ones (`pg_temp`, `pg_catalog`)
    /// included where PostgreSQL searches them.
    fn search_path(&self) -> Vec<Oid>;

    /// Schema by name (`pg_temp` is this session's temporary schema).
    fn namespace_by_name(&self, name: &str) -> Result<Option<Oid>>;

    /// Name of a schema.
    fn namespace_name(&self, oid: Oid) -> Result<Option<Arc<str>>>;

    /// Relation by OID.
    fn relation(&self, oid: Oid) -> Result<Option<Arc<Relation>>>;

    /// OID of the relation (of any kind) with that name in a schema.
    fn relation_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>>;

    /// Index by OID.
    fn index(&self, oid: Oid) -> Result<Option<Arc<IndexInfo>>>;

    /// Type by OID.
    fn type_info(&self, oid: Oid) -> Result<Option<Arc<TypeInfo>>>;

    /// What a type is without the domains over it; a type that is no domain is itself.
    fn domain_base(&self, type_oid: Oid) -> Result<Arc<TypeInfo>> {
        let mut oid = type_oid;
        // A domain over a domain over ... is as deep as somebody made it; 64 is beyond anything sensible.
        for _ in 0..64 {
            let info = self.type_info(oid)?;
            let info = info.ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
            if info.kind != TypeKind::Domain {
                return Ok(info);
            }
            oid = info.base_type;
        }
        Err(Error::internal(format!("domain {type_oid} is nested too deeply")))
    }

    /// OID of the type with that name in a schema.
    fn type_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>>;

    /// Range type (or multirange) over a subtype is found by these: the multirange of a range type.
    fn multirange_of(&self, range_type: Oid) -> Result<Option<Oid>>;

    /// The operator class that orders a range type's bounds.
    fn range_opclass(&self, range_type: Oid) -> Result<Option<Oid>>;

    /// Labels of an enum type in sort order.
    fn enum_labels(&self, type_oid: Oid) -> Result<Vec<(EnumValue, Arc<str>)>>;

    /// Function by OID.
    fn proc(&self, oid: Oid) -> Result<Option<Arc<ProcInfo>>>;

    /// All functions of a name.
    fn procs_by_name(&self, name: &str) -> Result<Vec<Arc<ProcInfo>>>;

    /// Operator by OID.
    fn operator(&self, oid: Oid) -> Result<Option<Arc<OperatorInfo>>>;

    /// All operators of a name.
    fn operators_by_name(&self, name: &str) -> Result<Vec<Arc<OperatorInfo>>>;

    /// The `pg_cast` row of a pair.
    fn cast(&self, source: Oid, target: Oid) -> Result<Option<Arc<CastInfo>>>;

    /// The `pg_aggregate` row of a function.
    fn aggregate(&self, oid: Oid) -> Result<Option<Arc<AggregateInfo>>>;

    /// Operator class by OID.
    fn opclass(&self, oid: Oid) -> Result<Option<Arc<OpclassInfo>>>;

    /// All operator classes of an access method for (exactly) an input type.
    fn opclasses_for_type(&self, method: Oid, input_type: Oid) -> Result<Vec<Arc<OpclassInfo>>>;

    /// All operator classes of a name.
    fn opclasses_by_name(&self, method: Oid, name: &str) -> Result<Vec<Arc<OpclassInfo>>>;

    /// The operator families an operator is in.
    fn amops_of_operator(&self, operator: Oid) -> Result<Vec<AmopInfo>>;

    /// The operator of a family, types and strategy.
    fn amop(&self, family: Oid, left: Oid, right: Oid, strategy: i16) -> Result<Option<Oid>>;

    /// The support function of a family, types and number (`pg_amproc`).
    fn amproc(&self, family: Oid, left: Oid, right: Oid, number: i16) -> Result<Option<Oid>>;

    /// Collation by OID.
    fn collation(&self, oid: Oid) -> Result<Option<Arc<CollationInfo>>>;

    /// All collations of a name.
    fn collations_by_name(&self, name: &str) -> Result<Vec<Arc<CollationInfo>>>;

    /// What ANALYZE found about a column.
    fn column_stats(&self, relation: Oid, attnum: i16) -> Result<Option<Arc<ColumnStats>>>;

    /// Current number of rows of a relation as the storage estimates it (cheap, not exact), `None` if it can't tell.
    fn row_estimate(&self, relation: Oid) -> Option<f64>;
}
