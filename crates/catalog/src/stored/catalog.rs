//! The merged view.

use super::cache::{CatalogCache, Memo, NameMemo};
use super::source::CatalogSource;
use super::statistics;
use crate::builtin::{self, columns::*};
use crate::convert;
use crate::row::CatRow;
use crate::*;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, EnumValue, Oid, TypeInfo, oids};
use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;

// OIDs of PostgreSQL's catalog indexes.
const CLASS_BY_NAME: Oid = 2663;
const TYPE_BY_NAME: Oid = 2704;
const ENUM_BY_TYPE: Oid = 3534;
const NAMESPACE_BY_NAME: Oid = 2684;
const PROC_BY_NAME: Oid = 2691;
const OPERATOR_BY_NAME: Oid = 2689;
const CAST_BY_PAIR: Oid = 2661;
const OPCLASS_BY_METHOD: Oid = 2686;
const AMOP_BY_FAMILY: Oid = 2653;
const AMOP_BY_OPERATOR: Oid = 2654;
const AMPROC_BY_FAMILY: Oid = 2655;
const COLLATION_BY_NAME: Oid = 3164;
const STATISTIC_BY_COLUMN: Oid = 2696;
const RANGE_BY_MULTIRANGE: Oid = 2228;

/// What a session adds to name look-up.
#[derive(Clone, Debug, Default)]
pub struct NameScope {
    /// Schemas in the order they are searched, implicit ones included.
    pub search_path: Vec<Oid>,
    /// The session's temporary schema, once it has one.
    pub temp_namespace: Option<Oid>,
}

/// The catalogs as one transaction sees them: made for a statement, costs nothing to make.
#[derive(Clone, Copy)]
pub struct StoredCatalog<'a> {
    pub(super) source: &'a dyn CatalogSource,
    cache: &'a CatalogCache,
    scope: &'a NameScope,
}

impl<'a> StoredCatalog<'a> {
    /// `cache` is the database's, or the transaction's own once it has changed catalogs.
    pub fn new(source: &'a dyn CatalogSource, cache: &'a CatalogCache, scope: &'a NameScope) -> Self {
        StoredCatalog { source, cache, scope }
    }

    /// The cache's version.
    pub fn version(&self) -> u64 {
        self.cache.version()
    }

    /// From the cache, or loaded and kept. Loads again when the catalogs changed meanwhile, so that a descriptor is
    /// made of rows of one state.
    pub(super) fn cached<K, Q, V>(
        &self,
        memo: impl Fn(&CatalogCache) -> &Memo<K, V>,
        key: &Q,
        owned: impl FnOnce() -> K,
        load: impl Fn() -> Result<V>,
    ) -> Result<V>
    where
        K: Eq + Hash + Borrow<Q>,
        Q: Eq + Hash + ?Sized,
        V: Clone,
    {
        let memo = memo(self.cache);
        if let Some(value) = memo.get(key) {
            return Ok(value);
        }
        let mut version = self.cache.raw_version();
        let mut value = load()?;
        for _ in 0..3 {
            let now = self.cache.raw_version();
            if now == version {
                break;
            }
            version = now;
            value = load()?;
        }
        self.cache.keep(memo, version, owned(), value.clone());
        Ok(value)
    }

    fn cached_name(
        &self,
        memo: &NameMemo,
        namespace: Oid,
        name: &str,
        load: impl FnOnce() -> Result<Option<Oid>>,
    ) -> Result<Option<Oid>> {
        if let Some(oid) = memo.get(namespace, name) {
            return Ok(oid);
        }
        let version = self.cache.raw_version();
        let oid = load()?;
        self.cache.keep_name(memo, version, namespace, name, oid);
        Ok(oid)
    }

    /// A descriptor by OID: stored row first, then the built-in one.
    fn object<T>(
        &self,
        catalog: Oid,
        oid: Oid,
        builtin: impl Fn(Oid) -> Option<Arc<T>>,
        make: impl Fn(&[Datum]) -> Result<T>,
    ) -> Result<Option<Arc<T>>> {
        if oid < oids::FIRST_NORMAL_OID && self.is_original(catalog, oid)? {
            return Ok(builtin(oid));
        }
        match self.source.row(catalog, u64::from(oid))?.flatten() {
            Some(row) => Ok(Some(Arc::new(make(&row)?))),
            None => Ok(None),
        }
    }

    /// Descriptors by a name: built-in ones still in force, then stored ones.
    fn objects<T>(
        &self,
        catalog: Oid,
        index: Oid,
        keys: &[Datum],
        builtin: &mut dyn Iterator<Item = (Oid, Arc<T>)>,
        make: impl Fn(&[Datum]) -> Result<T>,
    ) -> Result<Vec<Arc<T>>> {
        let overrides = self.overrides(catalog)?;
        let mut found: Vec<Arc<T>> = builtin
            .filter(|(oid, _)| !overrides.contains_key(&u64::from(*oid)))
            .map(|(_, info)| info)
            .collect();
        for row in self.stored_by(catalog, index, keys)? {
            found.push(Arc::new(make(&row)?));
        }
        Ok(found)
    }

    /// What the description of a type takes from other catalogs.
    fn type_extras(&self, row: &[Datum]) -> Result<convert::TypeExtras> {
        let info = CatRow(row);
        let oid = info.oid(pg_type::OID);
        let mut extras = convert::TypeExtras::default();
        match info.char(pg_type::TYPTYPE) {
            b'r' => {
                if let Some(range) = self.row(pg_range::RELATION, u64::from(oid))? {
                    let range = CatRow(&range);
                    extras.range_subtype = range.oid(pg_range::RNGSUBTYPE);
                    extras.range_collation = range.oid(pg_range::RNGCOLLATION);
                    extras.range_canonical = range.oid(pg_range::RNGCANONICAL);
                }
            }
            b'm' => {
                let found =
                    self.rows_by_index(pg_range::RELATION, RANGE_BY_MULTIRANGE, &[Datum::Oid(oid)])?;
                extras.range_subtype = found.first().map_or(0, |row| CatRow(row).oid(pg_range::RNGTYPID));
            }
            b'b' if oid >= oids::FIRST_NORMAL_OID => {
                let input = self.proc(info.oid(pg_type::TYPINPUT))?;
                let own = input.and_then(|input| builtin::type_by_input(&input.source));
                extras.io_type = own.unwrap_or(0);
            }
            _ => {}
        }
        Ok(extras)
    }

    fn proc_name(&self, oid: Oid) -> Arc<str> {
        match self.proc(oid) {
            Ok(Some(info)) => Arc::clone(&info.name),
            _ => Arc::from(""),
        }
    }
}

fn proc_of_row(row: &[Datum]) -> ProcInfo {
    let is_builtin = CatRow(row).oid(pg_proc::OID) < oids::FIRST_NORMAL_OID;
    convert::proc(row, is_builtin)
}

impl Catalog for StoredCatalog<'_> {
    fn search_path(&self) -> Vec<Oid> {
        self.scope.search_path.clone()
    }

    fn namespace_by_name(&self, name: &str) -> Result<Option<Oid>> {
        if name == "pg_temp" {
            return Ok(self.scope.temp_namespace);
        }
        self.cached(
            |cache| &cache.namespaces,
            name,
            || Arc::from(name),
            || {
                if let Some((oid, _)) = builtin::namespaces().find(|(_, builtin)| *builtin == name)
                    && self.is_original(pg_namespace::RELATION, oid)?
                {
                    return Ok(Some(oid));
                }
                let found =
                    self.stored_by(pg_namespace::RELATION, NAMESPACE_BY_NAME, &[Datum::text(name)])?;
                Ok(found.first().map(|row| CatRow(row).oid(pg_namespace::OID)))
            },
        )
    }

    fn namespace_name(&self, oid: Oid) -> Result<Option<Arc<str>>> {
        self.cached(
            |cache| &cache.namespace_names,
            &oid,
            || oid,
            || {
                let row = self.row(pg_namespace::RELATION, u64::from(oid))?;
                Ok(row.map(|row| CatRow(&row).text(pg_namespace::NSPNAME)))
            },
        )
    }

    fn relation(&self, oid: Oid) -> Result<Option<Arc<Relation>>> {
        self.cached(|cache| &cache.relations, &oid, || oid, || self.load_relation(oid))
    }

    fn relation_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>> {
        self.cached_name(&self.cache.relation_names, namespace, name, || {
            for (oid, schema) in builtin::relations_by_name(name) {
                if schema == namespace && self.is_original(pg_class::RELATION, oid)? {
                    return Ok(Some(oid));
                }
            }
            let keys = [Datum::text(name), Datum::Oid(namespace)];
            let found = self.stored_by(pg_class::RELATION, CLASS_BY_NAME, &keys)?;
            Ok(found.first().map(|row| CatRow(row).oid(pg_class::OID)))
        })
    }

    fn index(&self, oid: Oid) -> Result<Option<Arc<IndexInfo>>> {
        if let Some(index) = builtin::builtin_index(oid) {
            return Ok(Some(index));
        }
        let table = self.cached(
            |cache| &cache.index_tables,
            &oid,
            || oid,
            || {
                let row = self.row(pg_index::RELATION, u64::from(oid))?;
                Ok(row.map_or(0, |row| CatRow(&row).oid(pg_index::INDRELID)))
            },
        )?;
        let Some(table) = self.relation(table)? else { return Ok(None) };
        Ok(table.indexes.iter().find(|index| index.oid == oid).cloned())
    }

    fn type_info(&self, oid: Oid) -> Result<Option<Arc<TypeInfo>>> {
        self.cached(
            |cache| &cache.types,
            &oid,
            || oid,
            || {
                self.object(pg_type::RELATION, oid, builtin::type_info, |row| {
                    Ok(convert::type_info(row, self.type_extras(row)?))
                })
            },
        )
    }

    fn type_oid(&self, namespace: Oid, name: &str) -> Result<Option<Oid>> {
        self.cached_name(&self.cache.type_names, namespace, name, || {
            for info in builtin::types_by_name(name) {
                if info.namespace == namespace && self.is_original(pg_type::RELATION, info.oid)? {
                    return Ok(Some(info.oid));
                }
            }
            let keys = [Datum::text(name), Datum::Oid(namespace)];
            let found = self.stored_by(pg_type::RELATION, TYPE_BY_NAME, &keys)?;
            Ok(found.first().map(|row| CatRow(row).oid(pg_type::OID)))
        })
    }

    fn multirange_of(&self, range_type: Oid) -> Result<Option<Oid>> {
        let row = self.row(pg_range::RELATION, u64::from(range_type))?;
        Ok(row.map(|row| CatRow(&row).oid(pg_range::RNGMULTITYPID)))
    }

    fn range_opclass(&self, range_type: Oid) -> Result<Option<Oid>> {
        let row = self.row(pg_range::RELATION, u64::from(range_type))?;
        Ok(row.map(|row| CatRow(&row).oid(pg_range::RNGSUBOPC)))
    }

    fn enum_labels(&self, type_oid: Oid) -> Result<Vec<(EnumValue, Arc<str>)>> {
        let labels = self.cached(
            |cache| &cache.enums,
            &type_oid,
            || type_oid,
            || {
                let rows = self.stored_by(pg_enum::RELATION, ENUM_BY_TYPE, &[Datum::Oid(type_oid)])?;
                let label = |row: &Vec<Datum>| {
                    let row = CatRow(row);
                    let value =
                        EnumValue { oid: row.oid(pg_enum::OID), sort_order: row.f32(pg_enum::ENUMSORTORDER) };
                    (value, row.text(pg_enum::ENUMLABEL))
                };
                Ok(rows.iter().map(label).collect())
            },
        )?;
        Ok(labels.to_vec())
    }

    fn proc(&self, oid: Oid) -> Result<Option<Arc<ProcInfo>>> {
        self.cached(
            |cache| &cache.procs,
            &oid,
            || oid,
            || self.object(pg_proc::RELATION, oid, builtin::proc, |row| Ok(proc_of_row(row))),
        )
    }

    fn procs_by_name(&self, name: &str) -> Result<Vec<Arc<ProcInfo>>> {
        let found = self.cached(
            |cache| &cache.proc_names,
            name,
            || Arc::from(name),
            || {
                let mut builtin = builtin::procs_by_name(name).map(|info| (info.oid, info));
                let make = |row: &[Datum]| Ok(proc_of_row(row));
                Ok(self
                    .objects(pg_proc::RELATION, PROC_BY_NAME, &[Datum::text(name)], &mut builtin, make)?
                    .into())
            },
        )?;
        Ok(found.to_vec())
    }

    fn operator(&self, oid: Oid) -> Result<Option<Arc<OperatorInfo>>> {
        self.cached(
            |cache| &cache.operators,
            &oid,
            || oid,
            || {
                self.object(pg_operator::RELATION, oid, builtin::operator, |row| {
                    Ok(convert::operator(row, &|oid| self.proc_name(oid)))
                })
            },
        )
    }

    fn operators_by_name(&self, name: &str) -> Result<Vec<Arc<OperatorInfo>>> {
        let found = self.cached(
            |cache| &cache.operator_names,
            name,
            || Arc::from(name),
            || {
                let mut builtin = builtin::operators_by_name(name).map(|info| (info.oid, info));
                let make = |row: &[Datum]| Ok(convert::operator(row, &|oid| self.proc_name(oid)));
                let keys = [Datum::text(name)];
                Ok(self.objects(pg_operator::RELATION, OPERATOR_BY_NAME, &keys, &mut builtin, make)?.into())
            },
        )?;
        Ok(found.to_vec())
    }

    fn cast(&self, source: Oid, target: Oid) -> Result<Option<Arc<CastInfo>>> {
        let key = (source, target);
        self.cached(
            |cache| &cache.casts,
            &key,
            || key,
            || {
                let mut builtin = builtin::cast(source, target).into_iter().map(|info| (info.oid, info));
                let keys = [Datum::Oid(source), Datum::Oid(target)];
                let make = |row: &[Datum]| Ok(convert::cast(row));
                Ok(self.objects(pg_cast::RELATION, CAST_BY_PAIR, &keys, &mut builtin, make)?.pop())
            },
        )
    }

    fn aggregate(&self, oid: Oid) -> Result<Option<Arc<AggregateInfo>>> {
        self.cached(
            |cache| &cache.aggregates,
            &oid,
            || oid,
            || {
                self.object(pg_aggregate::RELATION, oid, builtin::aggregate, |row| {
                    Ok(convert::aggregate(row))
                })
            },
        )
    }

    fn opclass(&self, oid: Oid) -> Result<Option<Arc<OpclassInfo>>> {
        self.cached(
            |cache| &cache.opclasses,
            &oid,
            || oid,
            || self.object(pg_opclass::RELATION, oid, builtin::opclass, |row| Ok(convert::opclass(row))),
        )
    }

    fn opclasses_for_type(&self, method: Oid, input_type: Oid) -> Result<Vec<Arc<OpclassInfo>>> {
        let key = (method, input_type);
        let found = self.cached(
            |cache| &cache.opclasses_for_type,
            &key,
            || key,
            || {
                let mut builtin =
                    builtin::opclasses_for_type(method, input_type).map(|info| (info.oid, info));
                let make = |row: &[Datum]| Ok(convert::opclass(row));
                let keys = [Datum::Oid(method)];
                let mut found =
                    self.objects(pg_opclass::RELATION, OPCLASS_BY_METHOD, &keys, &mut builtin, make)?;
                found.retain(|info| info.input_type == input_type);
                Ok(found.into())
            },
        )?;
        Ok(found.to_vec())
    }

    fn opclasses_by_name(&self, method: Oid, name: &str) -> Result<Vec<Arc<OpclassInfo>>> {
        let mut builtin = builtin::opclasses_by_name(name)
            .filter(|info| info.method == method)
            .map(|info| (info.oid, info));
        let keys = [Datum::Oid(method), Datum::text(name)];
        let make = |row: &[Datum]| Ok(convert::opclass(row));
        self.objects(pg_opclass::RELATION, OPCLASS_BY_METHOD, &keys, &mut builtin, make)
    }

    fn amops_of_operator(&self, operator: Oid) -> Result<Vec<AmopInfo>> {
        let found = self.cached(
            |cache| &cache.amops_of_operator,
            &operator,
            || operator,
            || {
                let mut builtin =
                    builtin::amops_of_operator(operator).map(|(oid, info)| (oid, Arc::new(info)));
                let make = |row: &[Datum]| Ok(convert::amop(row));
                let keys = [Datum::Oid(operator)];
                let found = self.objects(pg_amop::RELATION, AMOP_BY_OPERATOR, &keys, &mut builtin, make)?;
                Ok(found.iter().map(|info| AmopInfo::clone(info)).collect())
            },
        )?;
        Ok(found.to_vec())
    }

    fn amop(&self, family: Oid, left: Oid, right: Oid, strategy: i16) -> Result<Option<Oid>> {
        let key = (family, left, right, strategy);
        self.cached(
            |cache| &cache.amops,
            &key,
            || key,
            || {
                let mut builtin =
                    builtin::amops(family, left, right, strategy).map(|(oid, info)| (oid, Arc::new(info)));
                let keys = [Datum::Oid(family), Datum::Oid(left), Datum::Oid(right), Datum::Int2(strategy)];
                let make = |row: &[Datum]| Ok(convert::amop(row));
                let found = self.objects(pg_amop::RELATION, AMOP_BY_FAMILY, &keys, &mut builtin, make)?;
                Ok(found.first().map(|info| info.operator))
            },
        )
    }

    fn amproc(&self, family: Oid, left: Oid, right: Oid, number: i16) -> Result<Option<Oid>> {
        let key = (family, left, right, number);
        self.cached(
            |cache| &cache.amprocs,
            &key,
            || key,
            || {
                if let Some((oid, proc)) = builtin::amproc(family, left, right, number)
                    && self.is_original(pg_amproc::RELATION, oid)?
                {
                    return Ok(Some(proc));
                }
                let keys = [Datum::Oid(family), Datum::Oid(left), Datum::Oid(right), Datum::Int2(number)];
                let found = self.stored_by(pg_amproc::RELATION, AMPROC_BY_FAMILY, &keys)?;
                Ok(found.first().map(|row| CatRow(row).oid(pg_amproc::AMPROC)))
            },
        )
    }

    fn collation(&self, oid: Oid) -> Result<Option<Arc<CollationInfo>>> {
        self.cached(
            |cache| &cache.collations,
            &oid,
            || oid,
            || {
                self.object(pg_collation::RELATION, oid, builtin::collation, |row| {
                    Ok(convert::collation(row))
                })
            },
        )
    }

    fn collations_by_name(&self, name: &str) -> Result<Vec<Arc<CollationInfo>>> {
        let found = self.cached(
            |cache| &cache.collation_names,
            name,
            || Arc::from(name),
            || {
                let mut builtin = builtin::collations_by_name(name).map(|info| (info.oid, info));
                let make = |row: &[Datum]| Ok(convert::collation(row));
                let keys = [Datum::text(name)];
                Ok(self.objects(pg_collation::RELATION, COLLATION_BY_NAME, &keys, &mut builtin, make)?.into())
            },
        )?;
        Ok(found.to_vec())
    }

    fn column_stats(&self, relation: Oid, attnum: i16) -> Result<Option<Arc<ColumnStats>>> {
        let key = (relation, attnum);
        self.cached(
            |cache| &cache.statistics,
            &key,
            || key,
            || {
                let keys = [Datum::Oid(relation), Datum::Int2(attnum)];
                let rows = self.stored_by(pg_statistic::RELATION, STATISTIC_BY_COLUMN, &keys)?;
                Ok(rows.first().map(|row| Arc::new(statistics::column_stats(row))))
            },
        )
    }

    fn row_estimate(&self, relation: Oid) -> Option<f64> {
        let relation = self.relation(relation).ok()??;
        self.source.row_estimate(&relation)
    }
}
