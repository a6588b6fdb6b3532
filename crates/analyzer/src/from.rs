//! The FROM clause: relations, subqueries, WITH references.

use crate::ExprKind;
use crate::binder::{Binder, NsItem};
use crate::entry::relation_columns;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{
    Expr, FromItem, Position, Query, Rte, RteColumn, RteKind, TableLockMode, TableSample, VarReturning,
    privilege,
};
use pglitedb_sql_parser::ast::{self, Alias, RelationRef};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;
use std::sync::Arc;

/// What a FROM item contributes: its node and the names it makes visible.
pub(crate) struct Bound {
    pub node: FromItem,
    pub names: Vec<NsItem>,
}

impl<'c> Binder<'c> {
    /// Binds a FROM list into the current level.
    pub fn bind_from(&mut self, items: &'c [ast::FromItem]) -> Result<()> {
        for item in items {
            let bound = self.bind_from_item(item)?;
            let level = self.levels.len() - 1;
            self.check_names(&self.levels[level].namespace, &bound.names)?;
            let mut names = bound.names;
            set_lateral(&mut names, true, true);
            let scope = self.level();
            scope.namespace.extend(names);
            scope.from.push(bound.node);
        }
        set_lateral(&mut self.level().namespace, false, true);
        Ok(())
    }

    /// Binds one item. Names of earlier items are in the namespace, for LATERAL.
    pub fn bind_from_item(&mut self, item: &'c ast::FromItem) -> Result<Bound> {
        self.guarded(|binder| match item {
            ast::FromItem::Relation { relation, sample } => {
                let index = binder.bind_from_relation(relation)?;
                if let Some(sample) = sample {
                    binder.table_sample(index, sample)?;
                }
                Ok(binder.single(index))
            }
            ast::FromItem::Subquery { lateral, query, alias, span } => {
                let index = binder.bind_from_subquery(*lateral, query, alias.as_ref(), span.offset())?;
                Ok(binder.single(index))
            }
            ast::FromItem::Function(function) => {
                let index = binder.bind_from_function(function)?;
                Ok(binder.single(index))
            }
            ast::FromItem::Join(join) => binder.join(join),
            ast::FromItem::XmlTable(table) => {
                let index = binder.xml_table(table)?;
                Ok(binder.single(index))
            }
            ast::FromItem::JsonTable(table) => {
                let index = binder.json_table(table)?;
                Ok(binder.single(index))
            }
        })
    }

    fn single(&self, index: usize) -> Bound {
        Bound { node: FromItem::Rte(index), names: vec![ns_item(&self.cur().rtable[index], index)] }
    }

    /// Adds an entry to the current range table.
    pub fn add_rte(&mut self, rte: Rte) -> usize {
        let level = self.level();
        level.rtable.push(rte);
        level.rtable.len() - 1
    }

    fn bind_from_relation(&mut self, reference: &'c RelationRef) -> Result<usize> {
        if let [name] = reference.name.parts.as_slice()
            && let Some((level, cte)) = self.find_cte(name.as_str())
        {
            return self.bind_cte_reference(level, cte, reference);
        }
        let relation = self.open_relation(reference)?;
        let alias_name = reference.alias.as_ref().map_or(&*relation.name, |alias| alias.name.as_str());
        let lock = match self.is_locked(alias_name) {
            true => TableLockMode::RowShare,
            false => TableLockMode::AccessShare,
        };
        let rte = self.relation_rte(&relation, reference.alias.as_ref(), !reference.only, lock)?;
        Ok(self.add_rte(rte))
    }

    /// The relation of a reference in FROM, with the hint about WITH.
    pub fn open_relation(&self, reference: &RelationRef) -> Result<Arc<Relation>> {
        match self.try_relation(&reference.name)? {
            Some(relation) => self.check_readable(relation, reference),
            None => {
                let error = match self.relation(&reference.name) {
                    Ok(relation) => return Ok(relation),
                    Err(error) => error,
                };
                let name = reference.name.last();
                let future = reference.name.parts.len() == 1
                    && self.levels.iter().any(|level| level.future_ctes.contains(&name));
                Err(match future {
                    true => error
                        .detail(format!(
                            "There is a WITH item named \"{name}\", but it cannot be referenced from this part \
                             of the query."
                        ))
                        .hint(
                            "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.",
                        ),
                    false => error,
                })
            }
        }
    }

    fn check_readable(&self, relation: Arc<Relation>, reference: &RelationRef) -> Result<Arc<Relation>> {
        let what = match relation.kind {
            RelKind::Index => "indexes",
            RelKind::PartitionedIndex => "partitioned indexes",
            RelKind::CompositeType => "composite types",
            _ => return Ok(relation),
        };
        Err(err!(WRONG_OBJECT_TYPE, "cannot open relation \"{}\"", relation.name)
            .detail(format!("This operation is not supported for {what}."))
            .at(reference.name.span().offset()))
    }

    /// The entry of a relation with its alias.
    pub fn relation_rte(
        &self,
        relation: &Relation,
        alias: Option<&Alias>,
        inherit: bool,
        lock: TableLockMode,
    ) -> Result<Rte> {
        let kind = RteKind::Relation { oid: relation.oid, inherit, lock, sample: None };
        let mut rte = make_rte(kind, relation.name.clone(), relation_columns(relation), alias, "table")?;
        rte.required_privileges = privilege::SELECT;
        Ok(rte)
    }

    fn bind_from_subquery(
        &mut self,
        lateral: bool,
        query: &'c ast::Query,
        alias: Option<&'c Alias>,
        at: usize,
    ) -> Result<usize> {
        let saved = std::mem::replace(&mut self.level().lateral_active, lateral);
        let locked = alias.is_some_and(|alias| self.is_locked(alias.name.as_str()));
        let bound =
            self.with_kind(ExprKind::FromSubselect, |binder| binder.subquery_locked(query, true, locked));
        self.level().lateral_active = saved;
        let bound = bound?;
        let _ = at;
        let rte = self.subquery_rte(bound, alias, lateral)?;
        Ok(self.add_rte(rte))
    }

    /// The entry of a subquery.
    pub fn subquery_rte(&self, query: Query, alias: Option<&Alias>, lateral: bool) -> Result<Rte> {
        let columns = query_columns(&query);
        let kind = RteKind::Subquery { query: Box::new(query), view: 0, barrier: false };
        let mut rte = make_rte(kind, "unnamed_subquery".into(), columns, alias, "table")?;
        rte.lateral = lateral;
        Ok(rte)
    }

    fn table_sample(&mut self, index: usize, sample: &'c ast::TableSample) -> Result<()> {
        let at = sample.method.span().offset();
        let RteKind::Relation { oid, .. } = self.rte(index).kind else {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "TABLESAMPLE clause can only be applied to tables and materialized views"
            )
            .at(at));
        };
        let relation = self.relation_by_oid(oid)?;
        if !matches!(relation.kind, RelKind::Table | RelKind::MaterializedView | RelKind::PartitionedTable) {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "TABLESAMPLE clause can only be applied to tables and materialized views"
            )
            .at(at));
        }
        let candidates = self.ctx.catalog.procs_by_name(sample.method.last())?;
        let method =
            candidates.iter().find(|proc| proc.arg_types == [oids::INTERNAL] && proc.return_type == 3310);
        let Some(method) = method else {
            return Err(err!(
                UNDEFINED_OBJECT,
                "tablesample method {} does not exist",
                crate::lookup::dotted(&sample.method)
            )
            .at(at));
        };
        let expected = 1;
        if sample.args.len() != expected {
            return Err(err!(
                INVALID_TABLESAMPLE_ARGUMENT,
                "tablesample method {} requires {expected} argument, not {}",
                crate::lookup::dotted(&sample.method),
                sample.args.len()
            )
            .at(at));
        }
        let mut args = Vec::with_capacity(expected);
        for arg in &sample.args {
            let mut bound = self.expr_of_kind(arg, ExprKind::FromFunction)?;
            bound = self.coerce_to_specific(bound, oids::FLOAT4, "TABLESAMPLE")?;
            crate::collate::assign(self, &mut bound)?;
            args.push(bound);
        }
        let repeatable = match &sample.repeatable {
            Some(seed) => {
                let bound = self.expr_of_kind(seed, ExprKind::FromFunction)?;
                let mut bound = self.coerce_to_specific(bound, oids::FLOAT8, "REPEATABLE")?;
                crate::collate::assign(self, &mut bound)?;
                Some(bound)
            }
            None => None,
        };
        let method = method.oid;
        if let RteKind::Relation { sample, .. } = &mut self.level().rtable[index].kind {
            *sample = Some(Box::new(TableSample { method, args, repeatable }));
        }
        Ok(())
    }

    /// Two items of one FROM must not have the same name.
    pub fn check_names(&self, known: &[NsItem], new: &[NsItem]) -> Result<()> {
        for item in new.iter().filter(|item| item.rel_visible) {
            for other in known.iter().filter(|other| other.rel_visible) {
                if item.name != other.name {
                    continue;
                }
                // Relations of the same name in different schemas may both stand there without aliases.
                let (a, b) = (self.rte(item.rte), self.rte(other.rte));
                if let (RteKind::Relation { oid: a_oid, .. }, RteKind::Relation { oid: b_oid, .. }) =
                    (&a.kind, &b.kind)
                    && !a.has_alias
                    && !b.has_alias
                    && a_oid != b_oid
                {
                    continue;
                }
                return Err(err!(DUPLICATE_ALIAS, "table name \"{}\" specified more than once", item.name));
            }
        }
        Ok(())
    }

    /// Is the relation of that name locked by a FOR UPDATE of this query?
    pub fn is_locked(&self, name: &str) -> bool {
        let level = self.cur();
        level.locked_by_parent
            || level
                .locking
                .iter()
                .any(|clause| clause.of.is_empty() || clause.of.iter().any(|of| of.last() == name))
    }
}

/// Makes an entry, checking the alias's column names.
pub(crate) fn make_rte(
    kind: RteKind,
    name: Arc<str>,
    mut columns: Vec<RteColumn>,
    alias: Option<&Alias>,
    what: &str,
) -> Result<Rte> {
    let mut alias_columns = Vec::new();
    let mut name = name;
    if let Some(alias) = alias {
        name = alias.name.as_str().into();
        let live = columns.iter().filter(|column| column.type_oid != 0).count();
        if alias.columns.len() > live {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "{what} \"{name}\" has {live} columns available but {} columns specified",
                alias.columns.len()
            ));
        }
        let mut given = alias.columns.iter();
        for column in columns.iter_mut().filter(|column| column.type_oid != 0) {
            let Some(new) = given.next() else { break };
            column.name = new.as_str().into();
        }
        alias_columns = alias.columns.iter().map(|column| Arc::from(column.as_str())).collect();
    }
    Ok(Rte {
        kind,
        name,
        has_alias: alias.is_some(),
        alias_columns,
        columns,
        lateral: false,
        in_from: true,
        required_privileges: 0,
        check_as_user: 0,
    })
}

/// A namespace item that shows an entry under its own name.
pub(crate) fn ns_item(rte: &Rte, index: usize) -> NsItem {
    NsItem {
        name: rte.name.clone(),
        rte: index,
        columns: None,
        // A subquery without alias has no name to qualify with.
        rel_visible: rte.has_alias || !matches!(rte.kind, RteKind::Subquery { .. }),
        cols_visible: true,
        lateral_only: false,
        lateral_ok: true,
        returning: VarReturning::Default,
    }
}

/// Sets the LATERAL state of names.
pub(crate) fn set_lateral(names: &mut [NsItem], only: bool, ok: bool) {
    for item in names {
        item.lateral_only = only;
        item.lateral_ok = ok;
    }
}

/// The output columns of a query.
pub(crate) fn query_columns(query: &Query) -> Vec<RteColumn> {
    query
        .result_targets()
        .map(|target| RteColumn {
            name: target.name.clone().unwrap_or_else(|| "?column?".into()),
            type_oid: target.expr.type_oid(),
            typmod: target.expr.typmod(),
            collation: target.expr.collation(),
        })
        .collect()
}

/// `SELECT columns FROM (query) name`: the query one level deeper, its columns given on as variables.
pub(crate) fn select_from(mut query: Query, name: &str) -> Result<Query> {
    query.shift_levels(1, 1);
    let columns = query_columns(&query);
    let targets = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let (type_oid, typmod, collation) = (column.type_oid, column.typmod, column.collation);
            let mut var = crate::columns::make_var(0, (at + 1) as i16, type_oid, typmod, collation, 0);
            var.position = Position(None);
            crate::target::target(Expr::Var(var), at + 1, Some(column.name.clone()))
        })
        .collect();
    let kind = RteKind::Subquery { query: Box::new(query), view: 0, barrier: false };
    let rte = make_rte(kind, name.into(), columns, None, "table")?;
    Ok(Query { rtable: vec![rte], from: vec![FromItem::Rte(0)], targets, ..Query::default() })
}

/// `XX000` for an entry that should be there.
pub(crate) fn missing_entry() -> Error {
    Error::internal("range table entry is missing")
}
