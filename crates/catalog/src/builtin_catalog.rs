//! The catalogs of a database without objects of its own.

use crate::Relation;
use crate::stored::{CatalogCache, CatalogSource, MaybeRow, NameScope, StoredCatalog};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid};
use std::sync::LazyLock;

/// A source without rows.
struct NoRows;

impl CatalogSource for NoRows {
    fn row(&self, _relation: Oid, _id: u64) -> Result<Option<MaybeRow>> {
        Ok(None)
    }

    fn rows_between(&self, _relation: Oid, _first: u64, _last: u64) -> Result<Vec<(u64, MaybeRow)>> {
        Ok(Vec::new())
    }

    fn lookup(&self, _relation: Oid, _index: Oid, _keys: &[Datum]) -> Result<Vec<(u64, Vec<Datum>)>> {
        Ok(Vec::new())
    }

    fn row_estimate(&self, _relation: &Relation) -> Option<f64> {
        None
    }
}

static CACHE: LazyLock<CatalogCache> = LazyLock::new(CatalogCache::new);
static SCOPE: LazyLock<NameScope> =
    LazyLock::new(|| NameScope { search_path: vec![11, 2200], temp_namespace: None });

/// What PostgreSQL ships with, and nothing else; searches `pg_catalog` and `public`. For opening the catalogs
/// themselves, and for tests.
pub fn builtin_catalog() -> StoredCatalog<'static> {
    StoredCatalog::new(&NoRows, &CACHE, &SCOPE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, RelKind, builtin};
    use pglitedb_types::oids;

    #[test]
    fn looks_up_built_in_objects() -> Result<()> {
        let catalog = builtin_catalog();
        let class = catalog.relation_oid(11, "pg_class")?;
        assert_eq!(class, Some(1259));
        let class = catalog.relation(1259)?.expect("pg_class");
        assert_eq!((class.columns.len(), class.kind), (34, RelKind::Table));
        assert_eq!(&*class.columns[1].name, "relname");
        assert_eq!(class.indexes.len(), 3);
        assert!(class.primary_key().is_some_and(|index| index.oid == 2662 && index.columns[0].attnum == 1));
        assert_eq!(catalog.type_oid(11, "int4")?, Some(oids::INT4));
        assert!(
            catalog.type_info(oids::INT4_ARRAY)?.is_some_and(|info| info.is_true_array && info.element == 23)
        );
        assert!(catalog.cast(oids::INT4, oids::INT8)?.is_some_and(|cast| cast.func == 481));
        assert_eq!(catalog.cast(oids::INT4, oids::BYTEA)?.map(|cast| cast.func), Some(6368));
        assert!(catalog.operators_by_name("=")?.len() > 50);
        assert!(catalog.procs_by_name("lower")?.len() >= 2);
        assert!(catalog.aggregate(2108)?.is_some());
        assert_eq!(catalog.amop(1976, 23, 23, 3)?, Some(96));
        assert!(catalog.amops_of_operator(96)?.iter().any(|amop| amop.family == 1976 && amop.strategy == 3));
        assert_eq!(catalog.amproc(1976, 23, 23, 1)?, Some(351));
        assert!(
            catalog.opclasses_for_type(403, 23)?.iter().any(|class| class.is_default && class.oid == 1978)
        );
        assert_eq!(catalog.multirange_of(3904)?, Some(4451));
        assert!(catalog.type_info(4451)?.is_some_and(|info| info.range_subtype == 3904));
        assert_eq!(catalog.namespace_by_name("information_schema")?, Some(12421));
        assert!(
            catalog
                .relation(12028)?
                .is_some_and(|view| view.kind == RelKind::View && view.columns.len() == 4)
        );
        Ok(())
    }

    #[test]
    fn every_builtin_row_has_the_width_of_its_relation() {
        for relation in builtin::relations() {
            let info = builtin::builtin_relation(relation.oid).expect("a relation");
            for (at, row) in relation.rows().enumerate() {
                assert_eq!(row.len(), info.columns.len(), "{} row {at}", relation.name);
                for (value, column) in row.iter().zip(&info.columns) {
                    assert!(!(column.not_null && value.is_null()), "{} {at} {}", relation.name, column.name);
                }
                assert_eq!(
                    builtin::row_id(relation.oid, &row),
                    Some(relation.id_at(at)),
                    "{}",
                    relation.name
                );
            }
        }
    }
}
