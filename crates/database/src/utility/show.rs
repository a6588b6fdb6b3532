//! SHOW.

use super::{Outcome, text_column};
use crate::env::Env;
use crate::output::Column;
use crate::settings::definition::definition;
use crate::settings::session::unrecognized;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::ShowStatement;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;
use std::sync::Arc;

/// Columns of its result.
pub(super) fn columns(env: &Env, stmt: &ShowStatement) -> Result<Arc<[Column]>> {
    Ok(match stmt {
        ShowStatement::Name(name) => {
            let shown = definition(name).map_or(&**name, |definition| definition.info.name);
            if definition(name).is_none() && env.show(name)?.is_none() {
                return Err(unrecognized(name));
            }
            Arc::new([text_column(shown)])
        }
        ShowStatement::All => {
            Arc::new([text_column("name"), text_column("setting"), text_column("description")])
        }
    })
}

/// Runs it.
pub(super) fn run(env: &Env, stmt: &ShowStatement) -> Result<Outcome> {
    let columns = columns(env, stmt)?;
    let rows = match stmt {
        ShowStatement::Name(name) => {
            let value = env.setting(name)?.ok_or_else(|| unrecognized(name))?;
            vec![vec![Datum::text(&value)]]
        }
        ShowStatement::All => {
            let mut rows = Vec::new();
            for name in super::set::all_names() {
                let value = env.setting(name)?.unwrap_or_default();
                rows.push(vec![Datum::text(name), Datum::text(&value), Datum::Null]);
            }
            rows
        }
    };
    Ok(Outcome::Rows { columns, rows, tag: "SHOW", formats: Vec::new() })
}
