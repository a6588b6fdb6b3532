//! Column names: the scopes of FROM, system columns, whole rows, and what is said when a name is not found.

use crate::ExprKind;
use crate::binder::{Binder, NsItem};
use pglitedb_catalog::RelKind;
use pglitedb_query_tree::{Expr, Position, Rte, RteKind, Var, VarReturning, VarSource, privilege};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Oid, oids};

/// A variable of the current level.
pub(crate) fn make_var(
    rte: usize,
    attno: i16,
    type_oid: Oid,
    typmod: i32,
    collation: Oid,
    position: usize,
) -> Var {
    Var {
        source: VarSource::Rte(rte),
        attno,
        type_oid,
        typmod,
        collation,
        levels_up: 0,
        returning: VarReturning::Default,
        position: Position::new(position),
    }
}

/// System columns: number and type.
pub(crate) fn system_column(name: &str) -> Option<(i16, Oid)> {
    Some(match name {
        "ctid" => (-1, oids::TID),
        "xmin" => (-2, oids::XID),
        "cmin" => (-3, oids::CID),
        "xmax" => (-4, oids::XID),
        "cmax" => (-5, oids::CID),
        "tableoid" => (-6, oids::OID),
        _ => return None,
    })
}

impl Binder<'_> {
    /// An unqualified column name; `None` if no scope knows it.
    pub fn column_by_name(&mut self, name: &str, at: usize) -> Result<Option<Expr>> {
        for up in 0..self.levels.len() {
            let level = self.levels.len() - 1 - up;
            let mut found = None;
            for item in 0..self.levels[level].namespace.len() {
                let scope = &self.levels[level];
                let ns = &scope.namespace[item];
                if !ns.cols_visible || (ns.lateral_only && !scope.lateral_active) {
                    continue;
                }
                if let Some(column) = self.column_in_item(level, item, name, at)? {
                    if found.is_some() {
                        return Err(err!(AMBIGUOUS_COLUMN, "column reference \"{name}\" is ambiguous").at(at));
                    }
                    self.check_lateral(level, item, at)?;
                    found = Some((item, column));
                }
            }
            if let Some((item, attno)) = found {
                return self.item_column(level, item, attno, up as u32, at).map(Some);
            }
        }
        Ok(None)
    }

    /// Number of a column in a namespace item (1-based, negative for system columns).
    pub fn column_in_item(&self, level: usize, item: usize, name: &str, at: usize) -> Result<Option<i16>> {
        let scope = &self.levels[level];
        let ns = &scope.namespace[item];
        let rte = &scope.rtable[ns.rte];
        let mut found: Option<usize> = None;
        let ambiguous = || err!(AMBIGUOUS_COLUMN, "column reference \"{name}\" is ambiguous").at(at);
        match &ns.columns {
            Some(columns) => {
                for (index, column) in columns.iter().enumerate() {
                    if *column.name == *name && !column.dropped && found.replace(index).is_some() {
                        return Err(ambiguous());
                    }
                }
            }
            None => {
                for (index, column) in rte.columns.iter().enumerate() {
                    if *column.name == *name && column.type_oid != 0 && found.replace(index).is_some() {
                        return Err(ambiguous());
                    }
                }
            }
        }
        if let Some(index) = found {
            return Ok(i16::try_from(index + 1).ok());
        }
        let Some((attno, _)) = system_column(name) else { return Ok(None) };
        if !self.has_system_columns(rte)? {
            return Ok(None);
        }
        let kind = self.kind();
        if matches!(kind, ExprKind::CheckConstraint) && attno != -6 {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "system column \"{name}\" reference in check constraint is invalid"
            )
            .at(at));
        }
        if matches!(kind, ExprKind::GeneratedColumn) && attno != -6 {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "cannot use system column \"{name}\" in column generation expression"
            )
            .at(at));
        }
        if matches!(kind, ExprKind::CopyWhere) && attno != -6 {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "system columns are not supported in COPY FROM WHERE conditions"
            )
            .at(at));
        }
        if matches!(kind, ExprKind::MergeWhen) && attno != -6 {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "cannot use system column \"{name}\" in MERGE WHEN condition"
            )
            .at(at));
        }
        Ok(Some(attno))
    }

    fn has_system_columns(&self, rte: &Rte) -> Result<bool> {
        let RteKind::Relation { oid, .. } = rte.kind else { return Ok(false) };
        // EXCLUDED is no stored row.
        if rte.has_alias && !rte.in_from && *rte.name == *"excluded" {
            return Ok(false);
        }
        Ok(match self.ctx.catalog.relation(oid)? {
            Some(relation) => !matches!(relation.kind, RelKind::View | RelKind::CompositeType),
            // A relation under construction.
            None => true,
        })
    }

    fn check_lateral(&self, level: usize, item: usize, at: usize) -> Result<()> {
        let ns = &self.levels[level].namespace[item];
        if ns.lateral_only && !ns.lateral_ok {
            return Err(self.lateral_error(level, ns, at));
        }
        Ok(())
    }

    fn lateral_error(&self, level: usize, ns: &NsItem, at: usize) -> Error {
        let name = &ns.name;
        let error =
            err!(INVALID_COLUMN_REFERENCE, "invalid reference to FROM-clause entry for table \"{name}\"")
                .at(at);
        match &self.levels[level].target {
            Some(target) if target.rte == ns.rte => error.hint(format!(
                "There is an entry for table \"{name}\", but it cannot be referenced from this part of the query."
            )),
            _ => error.detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference."),
        }
    }

    /// The expression for a column of a namespace item.
    pub fn item_column(
        &mut self,
        level: usize,
        item: usize,
        attno: i16,
        levels_up: u32,
        at: usize,
    ) -> Result<Expr> {
        let scope = &self.levels[level];
        let ns = &scope.namespace[item];
        let rte_index = ns.rte;
        let returning = ns.returning;
        let mut var = if attno > 0 {
            let index = attno as usize - 1;
            match &ns.columns {
                Some(columns) => match columns.get(index) {
                    Some(column) => column.var(at),
                    None => return Err(Error::internal("column number out of range")),
                },
                None => match scope.rtable[rte_index].columns.get(index) {
                    Some(column) => {
                        make_var(rte_index, attno, column.type_oid, column.typmod, column.collation, at)
                    }
                    None => return Err(Error::internal("column number out of range")),
                },
            }
        } else {
            let type_oid = match attno {
                -1 => oids::TID,
                -2 | -4 => oids::XID,
                -3 | -5 => oids::CID,
                _ => oids::OID,
            };
            make_var(rte_index, attno, type_oid, -1, 0, at)
        };
        var.levels_up = levels_up;
        var.returning = returning;
        self.mark_selected(level, &var);
        Ok(Expr::Var(var))
    }

    /// Reading a column of the target table needs SELECT on it.
    pub fn mark_selected(&mut self, level: usize, var: &Var) {
        if let VarSource::Rte(index) = var.source
            && let Some(rte) = self.levels.get_mut(level).and_then(|scope| scope.rtable.get_mut(index))
            && matches!(rte.kind, RteKind::Relation { .. })
        {
            rte.required_privileges |= privilege::SELECT;
        }
    }

    /// Finds `[schema.]name` in the scopes: level, item, levels up.
    pub fn find_item(
        &self,
        schema: Option<&str>,
        name: &str,
        at: usize,
    ) -> Result<Option<(usize, usize, u32)>> {
        let relid = match schema {
            Some(schema) => {
                let Some(namespace) = self.ctx.catalog.namespace_by_name(schema)? else { return Ok(None) };
                match self.ctx.catalog.relation_oid(namespace, name)? {
                    Some(oid) => oid,
                    None => return Ok(None),
                }
            }
            None => 0,
        };
        for up in 0..self.levels.len() {
            let level = self.levels.len() - 1 - up;
            let scope = &self.levels[level];
            let mut found = None;
            for (index, ns) in scope.namespace.iter().enumerate() {
                if !ns.rel_visible || (ns.lateral_only && !scope.lateral_active) {
                    continue;
                }
                let rte = &scope.rtable[ns.rte];
                let matches = if relid != 0 {
                    matches!(rte.kind, RteKind::Relation { oid, .. } if oid == relid) && !rte.has_alias
                } else {
                    *ns.name == *name
                };
                if matches {
                    if found.is_some() {
                        return Err(err!(AMBIGUOUS_ALIAS, "table reference \"{name}\" is ambiguous").at(at));
                    }
                    self.check_lateral(level, index, at)?;
                    found = Some(index);
                }
            }
            if let Some(index) = found {
                return Ok(Some((level, index, up as u32)));
            }
        }
        Ok(None)
    }

    /// The whole row of a namespace item.
    pub fn whole_row(&mut self, level: usize, item: usize, levels_up: u32, at: usize) -> Result<Expr> {
        let scope = &self.levels[level];
        let ns = &scope.namespace[item];
        let rte = &scope.rtable[ns.rte];
        let index = ns.rte;
        let returning = ns.returning;
        if let Some(columns) = &ns.columns {
            // A join: ROW of its columns, as the planner would have to build it anyway.
            let mut args = Vec::with_capacity(columns.len());
            let mut names = Vec::with_capacity(columns.len());
            for column in columns.iter() {
                let mut var = column.var(at);
                var.levels_up = levels_up;
                var.returning = returning;
                args.push(Expr::Var(var));
                names.push(column.name.clone());
            }
            for arg in &args {
                if let Expr::Var(var) = arg {
                    self.mark_selected(level, var);
                }
            }
            return Ok(Expr::Row {
                args,
                type_oid: oids::RECORD,
                names,
                form: pglitedb_query_tree::CallForm::ImplicitCast,
            });
        }
        let (type_oid, attno) = match &rte.kind {
            RteKind::Relation { oid, .. } => {
                let row_type = self.relation_by_oid(*oid).map(|relation| relation.row_type)?;
                if row_type == 0 {
                    bail!(WRONG_OBJECT_TYPE, "relation \"{}\" does not have a composite type", rte.name);
                }
                (row_type, 0)
            }
            RteKind::Function { functions, ordinality } => match functions.as_slice() {
                [one] if !*ordinality => {
                    let type_oid = one.expr.type_oid();
                    if self.is_row_type(type_oid)? {
                        (type_oid, 0)
                    } else {
                        // A function that returns a scalar: its only column stands for the row.
                        let column = rte.columns.first().cloned();
                        let collation = column.map_or(0, |column| column.collation);
                        let mut var = make_var(index, 1, type_oid, -1, collation, at);
                        var.levels_up = levels_up;
                        var.returning = returning;
                        return Ok(Expr::Var(var));
                    }
                }
                _ => (oids::RECORD, 0),
            },
            _ => (oids::RECORD, 0),
        };
        let mut var = make_var(index, attno, type_oid, -1, 0, at);
        var.levels_up = levels_up;
        var.returning = returning;
        self.mark_selected(level, &var);
        Ok(Expr::Var(var))
    }

    /// The error for an unknown (qualified) table.
    pub fn missing_table(&self, schema: Option<&str>, name: &str, at: usize) -> Error {
        let mut hidden = None;
        for (distance, scope) in self.levels.iter().rev().enumerate() {
            for rte in &scope.rtable {
                let same = *rte.name == *name && schema.is_none();
                let same_relation = matches!(&rte.kind, RteKind::Relation { oid, .. }
                    if self.find_oid(schema, name) == Some(*oid));
                if same || same_relation {
                    hidden = Some((distance, rte));
                    break;
                }
            }
            if hidden.is_some() {
                break;
            }
        }
        let Some((_, rte)) = hidden else {
            return err!(UNDEFINED_TABLE, "missing FROM-clause entry for table \"{name}\"").at(at);
        };
        let error =
            err!(UNDEFINED_TABLE, "invalid reference to FROM-clause entry for table \"{name}\"").at(at);
        let visible = *rte.name != *name
            && self.levels.iter().any(|scope| {
                scope.namespace.iter().any(|ns| {
                    ns.rel_visible && *ns.name == *rte.name && (!ns.lateral_only || scope.lateral_active)
                })
            });
        if visible {
            return error.hint(format!("Perhaps you meant to reference the table alias \"{}\".", rte.name));
        }
        if *rte.name == *name || rte.has_alias {
            let error = error.detail(format!(
                "There is an entry for table \"{}\", but it cannot be referenced from this part of the query.",
                rte.name
            ));
            return match self.lateral_would_help(&rte.name) {
                true => error.hint("To reference that table, you must mark this subquery with LATERAL."),
                false => error,
            };
        }
        error
    }

    fn lateral_would_help(&self, name: &str) -> bool {
        self.levels.iter().rev().skip(1).any(|scope| {
            scope.namespace.iter().any(|ns| ns.lateral_only && ns.lateral_ok && *ns.name == *name)
        })
    }

    fn find_oid(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        match schema {
            Some(schema) => {
                let namespace = self.ctx.catalog.namespace_by_name(schema).ok()??;
                self.ctx.catalog.relation_oid(namespace, name).ok()?
            }
            None => self
                .search_path()
                .iter()
                .find_map(|namespace| self.ctx.catalog.relation_oid(*namespace, name).ok().flatten()),
        }
    }

    /// The error for an unknown column, with PostgreSQL's hint for similar names.
    pub fn missing_column(&self, table: Option<&str>, name: &str, at: usize) -> Error {
        let error = match table {
            Some(table) => err!(UNDEFINED_COLUMN, "column {table}.{name} does not exist"),
            None => err!(UNDEFINED_COLUMN, "column \"{name}\" does not exist"),
        }
        .at(at);
        crate::similar::column_hint(self, error, table, name)
    }
}
