//! Prepared statements and cursors of the session, for `pg_prepared_statements` and `pg_cursors`.

use super::env_of;
use super::rows::set;
use pglitedb_functions::{Builtin, FnCtx, Registry};
use pglitedb_sqlstate::Result;
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

fn types(types: impl Iterator<Item = Oid>) -> Datum {
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::REGTYPE, types.map(Datum::Oid).collect())))
}

fn prepared(ctx: &FnCtx<'_>) -> Result<Vec<Vec<Datum>>> {
    let env = env_of(ctx)?;
    let all = env.statements.borrow().list();
    let row = |(name, statement): (Box<str>, Arc<crate::plan::Prepared>)| {
        let columns = statement.described.lock().clone();
        let results =
            columns.map_or(Datum::Null, |columns| types(columns.iter().map(|column| column.type_oid)));
        vec![
            Datum::text(&name),
            Datum::text(statement.text()),
            Datum::TimestampTz(statement.prepared_at),
            types(statement.param_types.iter().copied()),
            results,
            Datum::Bool(statement.from_sql),
            // Plans are always generic; how often one ran is not counted.
            Datum::Int8(0),
            Datum::Int8(0),
        ]
    };
    Ok(all.into_iter().map(row).collect())
}

fn cursors(ctx: &FnCtx<'_>) -> Result<Vec<Vec<Datum>>> {
    let env = env_of(ctx)?;
    let portals = env.portals.borrow();
    let row = |portal: &crate::portal::Portal| {
        let options = portal.cursor.unwrap_or_default();
        vec![
            Datum::text(&portal.name),
            Datum::text(portal.prepared.text()),
            Datum::Bool(options.hold),
            Datum::Bool(options.binary),
            Datum::Bool(options.scroll || (portal.cursor.is_some() && !options.no_scroll)),
            Datum::TimestampTz(portal.created),
        ]
    };
    Ok(portals.cursors().into_iter().map(row).collect())
}

pub(super) fn register(reg: &mut Registry) {
    reg.add("pg_prepared_statement", Builtin::Set(|ctx, _| set(prepared(ctx)?)));
    reg.add("pg_cursor", Builtin::Set(|ctx, _| set(cursors(ctx)?)));
}
