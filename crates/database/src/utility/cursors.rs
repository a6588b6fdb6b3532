//! DECLARE, FETCH, MOVE, CLOSE.

use super::Outcome;
use crate::env::Env;
use crate::output::{Column, CommandTag, Format, RowShape};
use crate::portal::{CursorOptions, Portal};
use pglitedb_sql_parser::ast::{CloseStatement, DeclareCursorStatement, FetchStatement, Statement};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::Datum;
use std::sync::Arc;

fn no_cursor(name: &str) -> Error {
    err!(UNDEFINED_CURSOR, "cursor \"{name}\" does not exist")
}

/// DECLARE.
pub(super) fn declare(
    env: &Env,
    stmt: &DeclareCursorStatement,
    source: &Arc<str>,
    params: &[Datum],
) -> Result<()> {
    let name = stmt.name.as_str();
    if name.is_empty() {
        bail!(INVALID_CURSOR_NAME, "invalid cursor name: must not be empty");
    }
    if stmt.scroll.scroll && stmt.scroll.no_scroll {
        bail!(INVALID_CURSOR_DEFINITION, "cannot specify both SCROLL and NO SCROLL");
    }
    if stmt.insensitive && stmt.asensitive {
        bail!(INVALID_CURSOR_DEFINITION, "cannot specify both INSENSITIVE and ASENSITIVE");
    }
    if !stmt.hold && !env.transaction.borrow().in_block() {
        bail!(NO_ACTIVE_SQL_TRANSACTION, "DECLARE CURSOR can only be used in transaction blocks");
    }
    let query = Statement::Select(stmt.query.clone());
    let prepared = Arc::new(env.prepare_statement(source.clone(), Some(query), &[])?);
    let plan = env.plan_prepared(&prepared)?;
    let locks_rows =
        plan.stmt.locks.iter().any(|(_, mode)| *mode > pglitedb_query_tree::TableLockMode::AccessShare);
    if plan.stmt.has_modifying_cte {
        return Err(Error::unsupported("DECLARE CURSOR must not contain data-modifying statements in WITH"));
    }
    if locks_rows {
        let refuse = |what: &str, which: &str| {
            Err(Error::unsupported(format!("{what} ... FOR UPDATE is not supported"))
                .detail(format!("{which} cursors must be READ ONLY.")))
        };
        if stmt.hold {
            return refuse("DECLARE CURSOR WITH HOLD", "Holdable");
        }
        if stmt.scroll.scroll {
            return refuse("DECLARE SCROLL CURSOR", "Scrollable");
        }
        if stmt.insensitive {
            return refuse("DECLARE INSENSITIVE CURSOR", "Insensitive");
        }
    }
    if env.portals.borrow().contains(name) {
        bail!(DUPLICATE_CURSOR, "cursor \"{name}\" already exists");
    }
    let formats = if stmt.binary { vec![Format::Binary] } else { Vec::new() };
    let shape = RowShape { columns: plan.columns.clone(), formats };
    let mut portal = Box::new(Portal::new(name, prepared, params.into(), shape));
    portal.cursor = Some(CursorOptions {
        scroll: stmt.scroll.scroll,
        no_scroll: stmt.scroll.no_scroll || (locks_rows && !stmt.scroll.scroll),
        hold: stmt.hold,
        binary: stmt.binary,
    });
    portal.depth = env.transaction.borrow().savepoints.len();
    portal.created = env.statement_started.get();
    // The snapshot is that of DECLARE.
    portal.start(env)?;
    env.portals.borrow_mut().put(portal);
    Ok(())
}

/// Columns of a cursor, if there is one of that name.
pub(super) fn columns(env: &Env, name: &str) -> Option<Arc<[Column]>> {
    env.portals.borrow().get(name).map(|portal| portal.shape.columns.clone())
}

/// FETCH, MOVE.
pub(super) fn fetch(env: &Env, stmt: &FetchStatement) -> Result<Outcome> {
    let name = stmt.cursor.as_str();
    let mut portal = env.portals.borrow_mut().take(name).ok_or_else(|| no_cursor(name))?;
    let result = portal.fetch(env, stmt.direction, stmt.is_move);
    if result.is_err() {
        portal.failed = true;
    }
    let (columns, formats) = (portal.shape.columns.clone(), portal.shape.formats.clone());
    env.portals.borrow_mut().put(portal);
    let result = result?;
    if stmt.is_move {
        return Ok(Outcome::Tag(CommandTag::with_rows("MOVE", result.count)));
    }
    Ok(Outcome::Rows { columns, rows: result.rows, tag: "FETCH", formats })
}

/// CLOSE.
pub(super) fn close(env: &Env, stmt: &CloseStatement) -> Result<()> {
    match &stmt.name {
        None => env.portals.borrow_mut().close_all(),
        Some(name) => {
            let taken = env.portals.borrow_mut().take(name.as_str());
            taken.ok_or_else(|| no_cursor(name.as_str()))?;
        }
    }
    Ok(())
}
