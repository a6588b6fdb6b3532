//! The target of a modifying statement, RETURNING, and the dispatch over statements.

use crate::ExprKind;
use crate::binder::{Binder, NsItem, Target};
use crate::from::ns_item;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{Query, TableLockMode, TargetEntry, VarReturning, privilege};
use pglitedb_sql_parser::ast::{self, RelationRef, Returning, Statement};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

impl<'c> Binder<'c> {
    /// Binds any optimizable statement on the current, empty level.
    pub fn statement(&mut self, stmt: &'c Statement) -> Result<Query> {
        match stmt {
            Statement::Select(query) => self.query_here(query),
            other => self.modifying_statement(other),
        }
    }

    /// Binds INSERT, UPDATE, DELETE or MERGE on the current, empty level.
    pub fn modifying_statement(&mut self, stmt: &'c Statement) -> Result<Query> {
        match stmt {
            Statement::Select(query) => self.query_here(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
            _ => Err(Error::internal("statement is no query")),
        }
    }

    /// Opens the table to change and adds its entry. `source`: its rows are also read (UPDATE, DELETE).
    pub fn set_target(
        &mut self,
        reference: &'c RelationRef,
        needed: u32,
        source: bool,
    ) -> Result<Arc<Relation>> {
        let at = reference.name.span().offset();
        if let [name] = reference.name.parts.as_slice()
            && self.find_cte(name.as_str()).is_some()
            && self.try_relation(&reference.name)?.is_none()
        {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "relation \"{}\" cannot be the target of a modifying statement",
                name.as_str()
            )
            .at(at));
        }
        let relation = self.open_relation(reference)?;
        let refused = match relation.kind {
            RelKind::Sequence => Some("sequence"),
            RelKind::Toast => Some("TOAST relation"),
            RelKind::MaterializedView => Some("materialized view"),
            _ => None,
        };
        if let Some(what) = refused {
            return Err(err!(WRONG_OBJECT_TYPE, "cannot change {what} \"{}\"", relation.name));
        }
        let mut rte = self.relation_rte(
            &relation,
            reference.alias.as_ref(),
            !reference.only,
            TableLockMode::RowExclusive,
        )?;
        rte.required_privileges = needed;
        rte.in_from = source;
        let index = self.add_rte(rte);
        let level = self.level();
        level.target = Some(Target { rte: index });
        if source {
            level.from.push(pglitedb_query_tree::FromItem::Rte(index));
        }
        Ok(relation)
    }

    /// Makes the target's names visible.
    pub fn show_target(&mut self) -> Result<()> {
        let Some(target) = self.cur().target.clone() else {
            return Err(Error::internal("no target relation"));
        };
        let item = ns_item(&self.cur().rtable[target.rte], target.rte);
        self.level().namespace.push(item);
        Ok(())
    }

    /// RETURNING with its OLD and NEW.
    pub fn returning(
        &mut self,
        returning: Option<&'c Returning>,
        query: &mut Query,
        kind: ExprKind,
    ) -> Result<()> {
        let Some(returning) = returning else { return Ok(()) };
        let Some(target) = self.cur().target.clone() else {
            return Err(Error::internal("no target relation"));
        };
        let mut old: Option<&'c ast::Ident> = None;
        let mut new: Option<&'c ast::Ident> = None;
        for option in &returning.options {
            let (slot, what) = if option.new { (&mut new, "NEW") } else { (&mut old, "OLD") };
            if slot.replace(&option.name).is_some() {
                return Err(
                    err!(SYNTAX_ERROR, "{what} cannot be specified multiple times").at(option.span.offset())
                );
            }
        }
        let taken = |binder: &Self, name: &str| {
            binder.cur().namespace.iter().any(|item| item.rel_visible && *item.name == *name)
        };
        let saved = self.cur().namespace.len();
        for (given, default, version) in [(old, "old", VarReturning::Old), (new, "new", VarReturning::New)] {
            let name: Arc<str> = match given {
                Some(given) => {
                    if taken(self, given.as_str()) {
                        return Err(err!(
                            DUPLICATE_ALIAS,
                            "table name \"{}\" specified more than once",
                            given.as_str()
                        )
                        .at(given.span.offset()));
                    }
                    given.as_str().into()
                }
                None if taken(self, default) => continue,
                None => default.into(),
            };
            if given.is_some() {
                match version {
                    VarReturning::Old => query.returning_old = Some(name.clone()),
                    _ => query.returning_new = Some(name.clone()),
                }
            }
            self.level().namespace.push(NsItem {
                name,
                rte: target.rte,
                columns: None,
                rel_visible: true,
                cols_visible: false,
                lateral_only: false,
                lateral_ok: true,
                returning: version,
            });
        }
        let list = self.target_list(&returning.items, kind);
        self.level().namespace.truncate(saved);
        let mut list: Vec<TargetEntry> = list?;
        self.mark_origins(&mut list);
        self.resolve_unknowns(&mut list)?;
        if list.is_empty() {
            return Err(err!(SYNTAX_ERROR, "RETURNING must have at least one column"));
        }
        query.returning = list;
        Ok(())
    }

    /// The privileges that reading the target needs.
    pub fn reads_target(&mut self) {
        if let Some(target) = self.cur().target.clone()
            && let Some(rte) = self.level().rtable.get_mut(target.rte)
        {
            rte.required_privileges |= privilege::SELECT;
        }
    }
}
