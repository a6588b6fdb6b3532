//! `to_tsquery` and its relatives, `@@` over text, `ts_rewrite` with a query.

use super::document::{config, vector};
use super::statistics::rows_of;
use pglitedb_functions::text_search::{Query, SessionHost};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_text_search::{QueryForm, Rewriter, matches, to_query};
use pglitedb_types::textsearch::TsQuery;
use pglitedb_types::{Datum, Oid, oids};

fn query(ctx: &FnCtx<'_>, oid: Option<Oid>, text: &str, form: QueryForm) -> Result<Query> {
    to_query(&*config(ctx, oid)?, text, form, &SessionHost::of(ctx)).map(Query)
}

fn text_matches(ctx: &FnCtx<'_>, text: &str, wanted: &Query) -> Result<bool> {
    match vector(ctx, None, text)?.to_datum() {
        Datum::Encoded(stored) => matches(&stored, wanted.0.as_ref()),
        _ => Ok(false),
    }
}

/// A column of the query's rows; NULL is none.
fn column(value: Option<&Datum>) -> Result<Option<Option<TsQuery>>> {
    match value {
        Some(Datum::Encoded(bytes)) => TsQuery::decode(bytes).map(Some),
        _ => Ok(None),
    }
}

fn rewrite(ctx: &FnCtx<'_>, query: Query, sql: &str) -> Result<Query> {
    let Some(whole) = &query.0 else { return Ok(query) };
    let mut rewriter = Rewriter::new(whole);
    let message = "ts_rewrite query must return two tsquery columns";
    rows_of(ctx, sql, &[oids::TSQUERY, oids::TSQUERY], message, &mut |row| {
        if rewriter.is_empty() {
            return Ok(());
        }
        if let (Some(pattern), Some(substitute)) = (column(row.first())?, column(row.get(1))?) {
            rewriter.replace(pattern.as_ref(), substitute.as_ref());
        }
        Ok(())
    })?;
    rewriter.finish().map(Query)
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "to_tsquery" => [ctx] |text: &str| query(ctx, None, text, QueryForm::Operators);
        "to_tsquery_byid" => [ctx] |oid: u32, text: &str| query(ctx, Some(oid), text, QueryForm::Operators);
        "plainto_tsquery" => [ctx] |text: &str| query(ctx, None, text, QueryForm::Plain);
        "plainto_tsquery_byid" => [ctx] |oid: u32, text: &str| query(ctx, Some(oid), text, QueryForm::Plain);
        "phraseto_tsquery" => [ctx] |text: &str| query(ctx, None, text, QueryForm::Phrase);
        "phraseto_tsquery_byid" => [ctx] |oid: u32, text: &str| query(ctx, Some(oid), text, QueryForm::Phrase);
        "websearch_to_tsquery" => [ctx] |text: &str| query(ctx, None, text, QueryForm::Web);
        "websearch_to_tsquery_byid" => [ctx] |oid: u32, text: &str| query(ctx, Some(oid), text, QueryForm::Web);
        "ts_match_tt" => [ctx] |text: &str, wanted: &str| {
            let wanted = query(ctx, None, wanted, QueryForm::Plain)?;
            text_matches(ctx, text, &wanted)
        };
        "ts_match_tq" => [ctx] |text: &str, wanted: Query| text_matches(ctx, text, &wanted);
        "tsquery_rewrite_query" => [ctx] |query: Query, sql: &str| rewrite(ctx, query, sql);
    );
}
