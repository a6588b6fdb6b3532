//! `pg_get_statisticsobjdef`

use super::super::env_of;
use super::super::rows::{Row, text_array};
use super::{expression, relation_name, table_of};
use crate::env::Env;
use pglitedb_catalog::Relation;
use pglitedb_catalog::builtin::columns::pg_statistic_ext::*;
use pglitedb_functions::{Registry, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, quote_identifier};

fn expressions(env: &Env, row: &Row, table: &Relation) -> Result<Vec<String>> {
    let Some(stored) = row.opt_text(STXEXPRS) else { return Ok(Vec::new()) };
    expression::list(&stored).map(|text| expression::stored(env, text, Some(table), false)).collect()
}

/// Columns and expressions, as listed in CREATE STATISTICS.
fn columns(env: &Env, row: &Row) -> Result<Vec<String>> {
    let Some(table) = table_of(env, row, STXRELID)? else { return Ok(Vec::new()) };
    let name = |attnum: &i16| table.column(*attnum).map(|column| quote_identifier(&column.name).into_owned());
    let mut parts: Vec<String> = row.ints(STXKEYS).iter().filter_map(name).collect();
    for text in expressions(env, row, &table)? {
        let bare = text.ends_with(')') && !text.starts_with('(');
        parts.push(if bare { text } else { format!("({text})") });
    }
    Ok(parts)
}

fn definition(env: &Env, oid: Oid) -> Result<Option<String>> {
    let Some(row) = Row::by_oid(env, RELATION, oid)? else { return Ok(None) };
    let name = super::super::reg::qualified(env, row.oid(STXNAMESPACE), &row.text(STXNAME), false)?;
    let columns = columns(env, &row)?;
    let enabled: Vec<u8> = row
        .list(STXKIND)
        .iter()
        .filter_map(|kind| if let Datum::Char(kind) = kind { Some(*kind) } else { None })
        .collect();
    let kinds: Vec<&str> = [(b'd', "ndistinct"), (b'f', "dependencies"), (b'm', "mcv")]
        .iter()
        .filter(|(letter, _)| enabled.contains(letter))
        .map(|(_, word)| *word)
        .collect();
    // All kinds is the default; one expression alone has none.
    let shown =
        if kinds.len() < 3 && columns.len() > 1 { format!(" ({})", kinds.join(", ")) } else { String::new() };
    Ok(Some(format!(
        "CREATE STATISTICS {name}{shown} ON {} FROM {}",
        columns.join(", "),
        relation_name(env, row.oid(STXRELID), true)?
    )))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_statisticsobjdef" => [ctx] |oid: u32| definition(env_of(ctx)?, oid);
        "pg_get_statisticsobjdef_columns" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            Row::by_oid(env, RELATION, oid)?.map(|row| columns(env, &row).map(|parts| parts.join(", "))).transpose()
        };
        "pg_get_statisticsobjdef_expressions" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            let Some(row) = Row::by_oid(env, RELATION, oid)? else { return Ok(Datum::Null) };
            let Some(table) = table_of(env, &row, STXRELID)? else { return Ok(Datum::Null) };
            let texts = expressions(env, &row, &table)?;
            if texts.is_empty() { Datum::Null } else { text_array(texts) }
        };
    );
}
