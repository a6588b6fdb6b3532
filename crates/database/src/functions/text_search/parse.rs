//! `ts_parse`, `ts_token_type`, `ts_debug`, `ts_lexize`.

use super::check_default_parser;
use crate::env::Env;
use crate::functions::env_of;
use crate::functions::reg::named_parser;
use crate::functions::rows::{Row, set, text_array};
use pglitedb_catalog::builtin::columns::pg_ts_config;
use pglitedb_functions::{Builtin, FnCtx, Registry, SetIter, scalars};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_text_search::{Dictionary, Parser, Step, TokenType};
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

/// The parser that an argument names, by OID or name.
fn check_parser(env: &Env, argument: Option<&Datum>) -> Result<()> {
    let oid = match argument {
        Some(Datum::Oid(oid)) => *oid,
        Some(Datum::Text(name)) => named_parser(env, name)?,
        _ => return Err(Error::internal("text search parser was expected")),
    };
    check_default_parser(env, oid)
}

fn token_types(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    check_parser(env_of(ctx)?, args.first())?;
    let row = |token: &TokenType| {
        vec![Datum::Int4(token.id()), Datum::text(token.alias()), Datum::text(token.description())]
    };
    set(TokenType::ALL.iter().map(row).collect())
}

/// The tokens of a text, with checks for interrupts.
fn tokens(ctx: &FnCtx<'_>, text: &str, mut f: impl FnMut(TokenType, &str) -> Result<()>) -> Result<()> {
    let mut parser = Parser::new(text);
    while let Some((token, text)) = parser.next_token()? {
        ctx.env.check_interrupts()?;
        f(token, text)?;
    }
    Ok(())
}

fn text_argument(args: &[Datum], at: usize) -> Result<&str> {
    args.get(at).and_then(Datum::as_str).ok_or_else(|| Error::internal("text was expected"))
}

fn parse(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    check_parser(env_of(ctx)?, args.first())?;
    let mut rows = Vec::new();
    tokens(ctx, text_argument(args, 1)?, |token, text| {
        rows.push(vec![Datum::Int4(token.id()), Datum::text(text)]);
        Ok(())
    })?;
    set(rows)
}

/// What a dictionary makes of a word that no other follows.
fn lexize(dictionary: &dyn Dictionary, word: &str) -> Result<Option<Datum>> {
    let mut step = Step::default();
    let mut lexemes = dictionary.lexize(word, &mut step)?;
    if step.wants_next {
        step.is_end = true;
        lexemes = dictionary.lexize("", &mut step)?.or(lexemes);
    }
    Ok(lexemes.map(|lexemes| text_array(lexemes.into_iter().map(|lexeme| lexeme.text))))
}

fn debug(ctx: &FnCtx<'_>, config: Oid, text: &str) -> Result<Box<dyn SetIter>> {
    let env = env_of(ctx)?;
    let mut rows = Vec::new();
    let Some(row) = Row::by_oid(env, pg_ts_config::RELATION, config)? else { return set(rows) };
    check_default_parser(env, row.oid(pg_ts_config::CFGPARSER))?;
    let map = env.text_search_map(config)?;
    tokens(ctx, text, |token, text| {
        let dictionaries = map.get(&token.id()).map(Vec::as_slice).unwrap_or_default();
        // The first that knows the word, or else the first.
        let mut chosen = dictionaries.first().map(|first| (*first, Datum::Null));
        for oid in dictionaries {
            if let Some(lexemes) = lexize(&*env.dictionary(*oid)?, text)? {
                chosen = Some((*oid, lexemes));
                break;
            }
        }
        let all = dictionaries.iter().map(|oid| Datum::Oid(*oid)).collect();
        let (dictionary, lexemes) =
            chosen.map_or((Datum::Null, Datum::Null), |(oid, lexemes)| (Datum::Oid(oid), lexemes));
        rows.push(vec![
            Datum::text(token.alias()),
            Datum::text(token.description()),
            Datum::text(text),
            Datum::Array(Arc::new(ArrayValue::one_dim(oids::REGDICTIONARY, all))),
            dictionary,
            lexemes,
        ]);
        Ok(())
    })?;
    set(rows)
}

fn oid_argument(args: &[Datum]) -> Result<Oid> {
    args.first().and_then(Datum::as_oid).ok_or_else(|| Error::internal("an OID was expected"))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "ts_lexize" => [ctx] |oid: u32, word: &str| lexize(&*env_of(ctx)?.dictionary(oid)?, word);
    );
    reg.add("ts_token_type_byid", Builtin::Set(token_types));
    reg.add("ts_token_type_byname", Builtin::Set(token_types));
    reg.add("ts_parse_byid", Builtin::Set(parse));
    reg.add("ts_parse_byname", Builtin::Set(parse));
    // ts_debug, which PostgreSQL defines in SQL.
    reg.add("sql:6183", Builtin::Set(|ctx, args| debug(ctx, oid_argument(args)?, text_argument(args, 1)?)));
    reg.add(
        "sql:6184",
        Builtin::Set(|ctx, args| debug(ctx, env_of(ctx)?.current_text_search()?, text_argument(args, 0)?)),
    );
}
