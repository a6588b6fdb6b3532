//! Putting relations together from catalog rows.

use super::catalog::StoredCatalog;
use crate::builtin::{self, columns::*};
use crate::convert::{self, IndexSources, RelationRows};
use crate::row::CatRow;
use crate::{Catalog, IndexInfo, RelKind, Relation};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

// OIDs of PostgreSQL's catalog indexes.
const ATTRDEF_BY_RELATION: Oid = 2656;
const CONSTRAINT_BY_RELATION: Oid = 2665;
const INDEX_BY_RELATION: Oid = 2678;
const INHERITS_BY_CHILD: Oid = 2680;
const INHERITS_BY_PARENT: Oid = 2187;
const REWRITE_BY_RELATION: Oid = 2693;

/// First row id of a relation's attributes.
fn attribute_id(relation: Oid, attnum: u16) -> u64 {
    u64::from(relation) << 16 | u64::from(0x8000 | attnum)
}

impl StoredCatalog<'_> {
    pub(super) fn load_relation(&self, oid: Oid) -> Result<Option<Arc<Relation>>> {
        if oid < oids::FIRST_NORMAL_OID
            && self.is_original(pg_class::RELATION, oid)?
            && !self.attributes_changed(oid)?
        {
            return Ok(builtin::builtin_relation(oid));
        }
        let Some(class) = self.row(pg_class::RELATION, u64::from(oid))? else { return Ok(None) };
        let rows = self.relation_rows(oid, class)?;
        let mut relation = convert::relation(&rows);
        for (at, column) in relation.columns.iter_mut().enumerate().filter(|(_, column)| column.identity != 0)
        {
            column.identity_sequence = self.identity_sequence(oid, at + 1)?;
        }
        if rows.is_catalog {
            // Its indexes are not altered by anyone.
            relation.indexes =
                builtin::builtin_relation(oid).map(|own| own.indexes.clone()).unwrap_or_default();
        } else if CatRow(&rows.class).bool(pg_class::RELHASINDEX) {
            relation.indexes = self.load_indexes(&relation, &rows.constraints)?;
        }
        Ok(Some(Arc::new(relation)))
    }

    /// The sequence that is part of a column; 0 if there is none yet.
    fn identity_sequence(&self, relation: Oid, attnum: usize) -> Result<Oid> {
        /// `pg_depend_reference_index`
        const DEPEND_BY_REFERENCE: Oid = 2674;
        use pg_depend::*;
        let attnum = i32::try_from(attnum).unwrap_or(0);
        let keys = [Datum::Oid(pg_class::RELATION), Datum::Oid(relation), Datum::Int4(attnum)];
        let found = self.stored_by(RELATION, DEPEND_BY_REFERENCE, &keys)?;
        let internal = found
            .iter()
            .map(|row| CatRow(row))
            .find(|row| row.char(DEPTYPE) == b'i' && row.oid(CLASSID) == pg_class::RELATION);
        Ok(internal.map_or(0, |row| row.oid(OBJID)))
    }

    fn attributes_changed(&self, oid: Oid) -> Result<bool> {
        let overrides = self.overrides(pg_attribute::RELATION)?;
        Ok(overrides.keys().any(|id| id >> 16 == u64::from(oid)))
    }

    fn relation_rows(&self, oid: Oid, class: Vec<Datum>) -> Result<RelationRows> {
        let row = CatRow(&class);
        let kind = RelKind::from_letter(row.char(pg_class::RELKIND)).unwrap_or(RelKind::Table);
        let is_catalog = builtin::builtin_relation(oid).is_some();
        let namespace_name = self.namespace_name(row.oid(pg_class::RELNAMESPACE))?.unwrap_or_default();
        let key = [Datum::Oid(oid)];
        let mut rows = RelationRows {
            namespace_name,
            attributes: self.rows_between(
                pg_attribute::RELATION,
                attribute_id(oid, 1),
                attribute_id(oid, 0x7fff),
            )?,
            is_catalog,
            class,
            ..RelationRows::default()
        };
        if is_catalog {
            return Ok(rows);
        }
        if rows.attributes.iter().any(|row| CatRow(row).bool(pg_attribute::ATTHASDEF)) {
            rows.defaults = self.stored_by(pg_attrdef::RELATION, ATTRDEF_BY_RELATION, &key)?;
        }
        if matches!(kind, RelKind::Table | RelKind::PartitionedTable | RelKind::ForeignTable) {
            rows.constraints = self.stored_by(pg_constraint::RELATION, CONSTRAINT_BY_RELATION, &key)?;
            rows.referencing =
                self.stored_by(pg_constraint::RELATION, builtin::CONSTRAINT_BY_TARGET_INDEX, &key)?;
            self.load_inheritance(&key, &mut rows)?;
        }
        if matches!(kind, RelKind::PartitionedIndex | RelKind::Index) {
            self.load_inheritance(&key, &mut rows)?;
        }
        if matches!(kind, RelKind::View | RelKind::MaterializedView) {
            let rule = [Datum::Oid(oid), Datum::text("_RETURN")];
            let found = self.stored_by(pg_rewrite::RELATION, REWRITE_BY_RELATION, &rule)?;
            rows.view_query = found.first().and_then(|row| CatRow(row).opt_text(pg_rewrite::EV_ACTION));
        }
        Ok(rows)
    }

    fn load_inheritance(&self, key: &[Datum], rows: &mut RelationRows) -> Result<()> {
        use pg_inherits::*;
        let mut parents = self.stored_by(RELATION, INHERITS_BY_CHILD, key)?;
        parents.sort_by_key(|row| CatRow(row).i64(INHSEQNO));
        rows.parents = parents.iter().map(|row| CatRow(row).oid(INHPARENT)).collect();
        let children = self.stored_by(RELATION, INHERITS_BY_PARENT, key)?;
        rows.children = children.iter().map(|row| CatRow(row).oid(INHRELID)).collect();
        rows.children.sort_unstable();
        Ok(())
    }

    fn load_indexes(&self, table: &Relation, constraints: &[Vec<Datum>]) -> Result<Vec<Arc<IndexInfo>>> {
        let found = self.stored_by(pg_index::RELATION, INDEX_BY_RELATION, &[Datum::Oid(table.oid)])?;
        let mut indexes = Vec::with_capacity(found.len());
        for index in &found {
            if let Some(info) = self.load_index(table, index, constraints)? {
                indexes.push(Arc::new(info));
            }
        }
        indexes.sort_by_key(|index| (!index.is_primary, index.oid));
        Ok(indexes)
    }

    fn load_index(
        &self,
        table: &Relation,
        index: &[Datum],
        constraints: &[Vec<Datum>],
    ) -> Result<Option<IndexInfo>> {
        let oid = CatRow(index).oid(pg_index::INDEXRELID);
        let Some(class) = self.row(pg_class::RELATION, u64::from(oid))? else { return Ok(None) };
        let own =
            self.rows_between(pg_attribute::RELATION, attribute_id(oid, 1), attribute_id(oid, 0x7fff))?;
        let column_types: Vec<Oid> = own.iter().map(|row| CatRow(row).oid(pg_attribute::ATTTYPID)).collect();
        let constraint = constraints.iter().find(|row| {
            let row = CatRow(row);
            row.oid(pg_constraint::CONINDID) == oid
                && matches!(row.char(pg_constraint::CONTYPE), b'p' | b'u' | b'x')
        });
        let family = |opclass| match self.opclass(opclass) {
            Ok(Some(info)) => info.family,
            _ => 0,
        };
        let sources = IndexSources {
            index,
            class: &class,
            column_types: &column_types,
            constraint: constraint.map(Vec::as_slice),
            family: &family,
        };
        Ok(Some(convert::index_info(&sources, table)))
    }
}
