//! VALIDATE, ALTER and DROP CONSTRAINT.

use super::{Job, attributes, only_on};
use crate::context::StatementCtx;
use crate::ddl::util::{constraint_object, constraint_rows};
use pglitedb_catalog::builtin::columns::pg_constraint;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_sql_parser::ast::{ConstraintAttributes, DropBehavior};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_types::{Datum, Oid};

struct Found {
    oid: Oid,
    kind: u8,
    row: Vec<Datum>,
}

impl Found {
    fn flag(&self, at: usize) -> bool {
        self.row.get(at).and_then(Datum::as_bool).unwrap_or(false)
    }

    fn columns(&self) -> Vec<i16> {
        match self.row.get(pg_constraint::CONKEY) {
            Some(Datum::Array(key)) => key
                .values
                .iter()
                .filter_map(|value| value.as_i64().and_then(|value| i16::try_from(value).ok()))
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn find(table: &Relation, name: &str, ctx: &StatementCtx<'_>) -> Result<Option<Found>> {
    let rows = constraint_rows(table.oid, ctx)?;
    let row = rows
        .into_iter()
        .map(|(_, row)| row)
        .find(|row| row.get(pg_constraint::CONNAME).and_then(Datum::as_str) == Some(name));
    Ok(row.map(|row| Found {
        oid: row.get(pg_constraint::OID).and_then(Datum::as_oid).unwrap_or(0),
        kind: if let Some(Datum::Char(kind)) = row.get(pg_constraint::CONTYPE) { *kind } else { 0 },
        row,
    }))
}

fn missing(table: &Relation, name: &str) -> Error {
    err!(UNDEFINED_OBJECT, "constraint \"{name}\" of relation \"{}\" does not exist", table.name)
}

fn set_flags(oid: Oid, flags: &[(usize, bool)], ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.update_oid(pg_constraint::RELATION, oid, |row| {
        for (at, value) in flags {
            row[*at] = Datum::Bool(*value);
        }
        Ok(())
    })
}

/// VALIDATE CONSTRAINT.
pub(super) fn validate(
    table: &Relation,
    name: &str,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "VALIDATE CONSTRAINT")?;
    let found = find(table, name, ctx)?.ok_or_else(|| missing(table, name))?;
    if !matches!(found.kind, b'f' | b'c' | b'n') {
        return Err(err!(
            WRONG_OBJECT_TYPE,
            "cannot validate constraint \"{name}\" of relation \"{}\"",
            table.name
        )
        .detail("This operation is not supported for this type of constraint."));
    }
    if !found.flag(pg_constraint::CONENFORCED) {
        return Err(err!(WRONG_OBJECT_TYPE, "cannot validate NOT ENFORCED constraint"));
    }
    if found.flag(pg_constraint::CONVALIDATED) {
        return Ok(());
    }
    set_flags(found.oid, &[(pg_constraint::CONVALIDATED, true)], ctx)?;
    match found.kind {
        b'f' => job.foreign_keys.push(found.oid),
        b'c' => job.checks.push(found.oid),
        _ => job.not_null.extend(found.columns()),
    }
    Ok(())
}

/// ALTER CONSTRAINT.
pub(super) fn alter(
    table: &Relation,
    name: &str,
    wanted: &ConstraintAttributes,
    inherit: Option<bool>,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER CONSTRAINT")?;
    let found = find(table, name, ctx)?.ok_or_else(|| missing(table, name))?;
    let relation_name = &table.name;
    let wants_deferrability = wanted.deferrable.is_some() || wanted.initially_deferred.is_some();
    if wants_deferrability && found.kind != b'f' {
        return Err(err!(
            WRONG_OBJECT_TYPE,
            "constraint \"{name}\" of relation \"{relation_name}\" is not a foreign key constraint"
        ));
    }
    if wanted.enforced.is_some() && found.kind != b'f' {
        return Err(err!(
            WRONG_OBJECT_TYPE,
            "cannot alter enforceability of constraint \"{name}\" of relation \"{relation_name}\""
        ));
    }
    if inherit.is_some() && found.kind != b'n' {
        return Err(err!(
            WRONG_OBJECT_TYPE,
            "constraint \"{name}\" of relation \"{relation_name}\" is not a not-null constraint"
        ));
    }
    if wants_deferrability {
        let deferred = wanted.initially_deferred.unwrap_or(false);
        if deferred && wanted.deferrable == Some(false) {
            return Err(err!(SYNTAX_ERROR, "constraint declared INITIALLY DEFERRED must be DEFERRABLE"));
        }
        let deferrable = wanted.deferrable.unwrap_or(deferred);
        set_flags(
            found.oid,
            &[(pg_constraint::CONDEFERRABLE, deferrable), (pg_constraint::CONDEFERRED, deferred)],
            ctx,
        )?;
    }
    match wanted.enforced {
        Some(true) if !found.flag(pg_constraint::CONENFORCED) => {
            set_flags(
                found.oid,
                &[(pg_constraint::CONENFORCED, true), (pg_constraint::CONVALIDATED, true)],
                ctx,
            )?;
            job.foreign_keys.push(found.oid);
        }
        Some(false) => set_flags(
            found.oid,
            &[(pg_constraint::CONENFORCED, false), (pg_constraint::CONVALIDATED, false)],
            ctx,
        )?,
        _ => {}
    }
    if let Some(inherit) = inherit {
        set_flags(found.oid, &[(pg_constraint::CONNOINHERIT, !inherit)], ctx)?;
    }
    Ok(())
}

/// DROP CONSTRAINT.
pub(super) fn drop(
    table: &Relation,
    name: &str,
    if_exists: bool,
    behavior: DropBehavior,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "DROP CONSTRAINT")?;
    let Some(found) = find(table, name, ctx)? else {
        if if_exists {
            let notice = err!(
                SUCCESSFUL_COMPLETION,
                "constraint \"{name}\" of relation \"{}\" does not exist, skipping",
                table.name
            );
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(missing(table, name));
    };
    if found.kind == b'n' {
        for attnum in found.columns() {
            let Some(column) = table.column(attnum) else { continue };
            if column.identity != 0 {
                return Err(err!(
                    SYNTAX_ERROR,
                    "column \"{}\" of relation \"{}\" is an identity column",
                    column.name,
                    table.name
                ));
            }
            attributes::refuse_if_needed(table, attnum, &column.name)?;
        }
    }
    let behavior = crate::ddl::drop::behavior(behavior);
    crate::ddl::drop::drop_objects(&[constraint_object(found.oid)], behavior, ctx)
}
