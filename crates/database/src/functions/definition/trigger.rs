//! `pg_get_triggerdef`, `pg_get_partkeydef`

use super::super::env_of;
use super::super::rows::Row;
use super::{column_names, relation_name};
use crate::env::Env;
use pglitedb_analyzer::AnalyzeContext;
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_trigger_when};
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::{pg_partitioned_table, pg_trigger};
use pglitedb_functions::{Registry, scalars};
use pglitedb_query_tree::serial;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid, quote_identifier};

/// Bits of `tgtype`.
const ROW: i64 = 1;
const BEFORE: i64 = 2;
const INSERT: i64 = 4;
const DELETE: i64 = 8;
const UPDATE: i64 = 16;
const TRUNCATE: i64 = 32;
const INSTEAD: i64 = 64;

fn definition(env: &Env, oid: Oid, pretty: bool) -> Result<Option<String>> {
    use pg_trigger::*;
    let Some(row) = Row::by_oid(env, RELATION, oid)? else { return Ok(None) };
    let Some(table) = env.relation(row.oid(TGRELID))? else { return Ok(None) };
    let bits = row.int(TGTYPE);
    let is_constraint = row.oid(TGCONSTRAINT) != 0;
    let mut text = format!(
        "CREATE {}TRIGGER {} {} ",
        if is_constraint { "CONSTRAINT " } else { "" },
        quote_identifier(&row.text(TGNAME)),
        match bits {
            bits if bits & BEFORE != 0 => "BEFORE",
            bits if bits & INSTEAD != 0 => "INSTEAD OF",
            _ => "AFTER",
        }
    );
    let mut events = Vec::new();
    for (bit, word) in [(INSERT, "INSERT"), (DELETE, "DELETE"), (UPDATE, "UPDATE"), (TRUNCATE, "TRUNCATE")] {
        if bits & bit != 0 {
            events.push(word.to_owned());
        }
        let columns = row.ints(TGATTR);
        if bits & bit != 0
            && bit == UPDATE
            && !columns.is_empty()
            && let Some(event) = events.last_mut()
        {
            event.push_str(&format!(" OF {}", column_names(&table, &columns)));
        }
    }
    text.push_str(&events.join(" OR "));
    text.push_str(&format!(" ON {} ", relation_name(env, table.oid, pretty)?));
    if is_constraint {
        if row.oid(TGCONSTRRELID) != 0 {
            text.push_str(&format!("FROM {} ", relation_name(env, row.oid(TGCONSTRRELID), false)?));
        }
        text.push_str(if row.flag(TGDEFERRABLE) { "DEFERRABLE " } else { "NOT DEFERRABLE " });
        text.push_str(if row.flag(TGINITDEFERRED) { "INITIALLY DEFERRED " } else { "INITIALLY IMMEDIATE " });
    }
    let old = row.opt_text(TGOLDTABLE);
    let new = row.opt_text(TGNEWTABLE);
    if old.is_some() || new.is_some() {
        text.push_str("REFERENCING ");
        if let Some(old) = old {
            text.push_str(&format!("OLD TABLE AS {} ", quote_identifier(&old)));
        }
        if let Some(new) = new {
            text.push_str(&format!("NEW TABLE AS {} ", quote_identifier(&new)));
        }
    }
    text.push_str(if bits & ROW != 0 { "FOR EACH ROW " } else { "FOR EACH STATEMENT " });
    if let Some(when) = row.opt_text(TGQUAL) {
        let expr = serial::expr_from_text(&when)?;
        let ctx = AnalyzeContext::new(env, env, "");
        let condition = deparse_trigger_when(&expr, &table, DeparseStyle::line(pretty), &ctx)?;
        text.push_str(&format!("WHEN ({condition}) "));
    }
    let function = match env.proc(row.oid(TGFOID))? {
        Some(function) => {
            let visible = pretty && super::super::visible::proc(env, &function)?;
            super::super::reg::qualified(env, function.namespace, &function.name, visible)?
        }
        None => row.oid(TGFOID).to_string(),
    };
    text.push_str(&format!("EXECUTE FUNCTION {function}({})", trigger_arguments(row.get(TGARGS))));
    Ok(Some(text))
}

/// Arguments are kept as bytes, each ended by a zero.
fn trigger_arguments(stored: &Datum) -> String {
    let Datum::Bytea(bytes) = stored else { return String::new() };
    let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    parts.pop();
    let quoted = parts.iter().map(|part| format!("'{}'", String::from_utf8_lossy(part).replace('\'', "''")));
    quoted.collect::<Vec<_>>().join(", ")
}

fn partition_key(env: &Env, oid: Oid) -> Result<Option<String>> {
    match Row::by_oid(env, pg_partitioned_table::RELATION, oid)? {
        None => Ok(None),
        Some(_) => Err(Error::unsupported("pg_get_partkeydef() is not supported yet")),
    }
}

fn partition_constraint(env: &Env, oid: Oid) -> Result<Option<String>> {
    use pglitedb_catalog::builtin::columns::pg_class;
    match Row::by_oid(env, pg_class::RELATION, oid)? {
        Some(row) if row.flag(pg_class::RELISPARTITION) => {
            Err(Error::unsupported("pg_get_partition_constraintdef() is not supported yet"))
        }
        _ => Ok(None),
    }
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_triggerdef" => [ctx] |oid: u32| definition(env_of(ctx)?, oid, false);
        "pg_get_triggerdef_ext" => [ctx] |oid: u32, pretty: bool| definition(env_of(ctx)?, oid, pretty);
        "pg_get_partkeydef" => [ctx] |oid: u32| partition_key(env_of(ctx)?, oid);
        "pg_get_partition_constraintdef" => [ctx] |oid: u32| partition_constraint(env_of(ctx)?, oid);
    );
}
