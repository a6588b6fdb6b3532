//! The environment as a catalog: the running transaction's view.

use super::Env;
use pglitedb_catalog::{
    AggregateInfo, AmopInfo, CastInfo, Catalog, CollationInfo, ColumnStats, IndexInfo, OpclassInfo,
    OperatorInfo, ProcInfo, Relation,
};
use pglitedb_sqlstate::Result;
use pglitedb_types::{EnumValue, Oid, TypeInfo};
use std::sync::Arc;

impl Catalog for Env {
    fn search_path(&self) -> Vec<Oid> {
        self.name_scope().map(|scope| scope.search_path.clone()).unwrap_or_default()
    }

    fn namespace_by_name(&self, name: &str) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.namespace_by_name(name))
    }

    fn namespace_name(&self, oid: Oid) -> Result<Option<Arc<str>>> {
        self.with_catalog(|catalog| catalog.namespace_name(oid))
    }

    fn relation(&self, oid: Oid) -> Result<Option<Arc<Relation>>> {
        self.with_catalog(|catalog| catalog.relation(oid))
    }

    fn relation_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.relation_oid(namespace, name))
    }

    fn index(&self, oid: Oid) -> Result<Option<Arc<IndexInfo>>> {
        self.with_catalog(|catalog| catalog.index(oid))
    }

    fn type_info(&self, oid: Oid) -> Result<Option<Arc<TypeInfo>>> {
        self.with_catalog(|catalog| catalog.type_info(oid))
    }

    fn type_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.type_oid(namespace, name))
    }

    fn multirange_of(&self, range_type: Oid) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.multirange_of(range_type))
    }

    fn range_opclass(&self, range_type: Oid) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.range_opclass(range_type))
    }

    fn enum_labels(&self, type_oid: Oid) -> Result<Vec<(EnumValue, Arc<str>)>> {
        self.with_catalog(|catalog| catalog.enum_labels(type_oid))
    }

    fn proc(&self, oid: Oid) -> Result<Option<Arc<ProcInfo>>> {
        self.with_catalog(|catalog| catalog.proc(oid))
    }

    fn procs_by_name(&self, name: &str) -> Result<Vec<Arc<ProcInfo>>> {
        self.with_catalog(|catalog| catalog.procs_by_name(name))
    }

    fn operator(&self, oid: Oid) -> Result<Option<Arc<OperatorInfo>>> {
        self.with_catalog(|catalog| catalog.operator(oid))
    }

    fn operators_by_name(&self, name: &str) -> Result<Vec<Arc<OperatorInfo>>> {
        self.with_catalog(|catalog| catalog.operators_by_name(name))
    }

    fn cast(&self, source: Oid, target: Oid) -> Result<Option<Arc<CastInfo>>> {
        self.with_catalog(|catalog| catalog.cast(source, target))
    }

    fn aggregate(&self, oid: Oid) -> Result<Option<Arc<AggregateInfo>>> {
        self.with_catalog(|catalog| catalog.aggregate(oid))
    }

    fn opclass(&self, oid: Oid) -> Result<Option<Arc<OpclassInfo>>> {
        self.with_catalog(|catalog| catalog.opclass(oid))
    }

    fn opclasses_for_type(&self, method: Oid, input_type: Oid) -> Result<Vec<Arc<OpclassInfo>>> {
        self.with_catalog(|catalog| catalog.opclasses_for_type(method, input_type))
    }

    fn opclasses_by_name(&self, method: Oid, name: &str) -> Result<Vec<Arc<OpclassInfo>>> {
        self.with_catalog(|catalog| catalog.opclasses_by_name(method, name))
    }

    fn amops_of_operator(&self, operator: Oid) -> Result<Vec<AmopInfo>> {
        self.with_catalog(|catalog| catalog.amops_of_operator(operator))
    }

    fn amop(&self, family: Oid, left: Oid, right: Oid, strategy: i16) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.amop(family, left, right, strategy))
    }

    fn amproc(&self, family: Oid, left: Oid, right: Oid, number: i16) -> Result<Option<Oid>> {
        self.with_catalog(|catalog| catalog.amproc(family, left, right, number))
    }

    fn collation(&self, oid: Oid) -> Result<Option<Arc<CollationInfo>>> {
        self.with_catalog(|catalog| catalog.collation(oid))
    }

    fn collations_by_name(&self, name: &str) -> Result<Vec<Arc<CollationInfo>>> {
        self.with_catalog(|catalog| catalog.collations_by_name(name))
    }

    fn column_stats(&self, relation: Oid, attnum: i16) -> Result<Option<Arc<ColumnStats>>> {
        self.with_catalog(|catalog| catalog.column_stats(relation, attnum))
    }

    fn row_estimate(&self, relation: Oid) -> Option<f64> {
        self.with_catalog(|catalog| Ok(catalog.row_estimate(relation))).ok().flatten()
    }
}
