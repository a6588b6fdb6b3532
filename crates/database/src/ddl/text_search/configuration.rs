//! Configurations and their mappings.

use super::dictionary::option_name;
use super::{insert, lookup, place, record_needs};
use crate::context::StatementCtx;
use crate::ddl::object::{check_object_owner, object_row};
use crate::functions::text_search::check_default_parser;
use pglitedb_catalog::builtin::columns::{pg_ts_config, pg_ts_config_map, pg_ts_dict, pg_ts_parser};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    AlterTextSearchConfigurationAction as Action, AlterTextSearchConfigurationStatement, DefElem, Ident,
    ObjectKind, QualifiedName,
};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_text_search::TokenType;
use pglitedb_types::{Datum, Oid};
use std::collections::BTreeSet;

/// `pg_ts_config_map_index`
const MAP_INDEX: Oid = 3609;

fn config_object(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_ts_config::RELATION, oid)
}

fn map_row(config: Oid, token: i32, number: usize, dictionary: Oid) -> Result<Vec<Datum>> {
    let number = i32::try_from(number).map_err(|_| err!(PROGRAM_LIMIT_EXCEEDED, "too many dictionaries"))?;
    let mut row = vec![Datum::Null; pg_ts_config_map::WIDTH];
    row[pg_ts_config_map::MAPCFG] = Datum::Oid(config);
    row[pg_ts_config_map::MAPTOKENTYPE] = Datum::Int4(token);
    row[pg_ts_config_map::MAPSEQNO] = Datum::Int4(number);
    row[pg_ts_config_map::MAPDICT] = Datum::Oid(dictionary);
    Ok(row)
}

/// CREATE TEXT SEARCH CONFIGURATION.
pub(super) fn create(name: &QualifiedName, options: &[DefElem], ctx: &StatementCtx<'_>) -> Result<()> {
    let (namespace, own_name) = place(name, pg_ts_config::RELATION, ctx)?;
    let (mut parser, mut source) = (None, None);
    for option in options {
        match &*option.name.name {
            "parser" => parser = Some(lookup(ObjectKind::TextSearchParser, &option_name(option)?, ctx)?),
            "copy" => source = Some(lookup(ObjectKind::TextSearchConfiguration, &option_name(option)?, ctx)?),
            other => {
                return Err(err!(
                    SYNTAX_ERROR,
                    "text search configuration parameter \"{other}\" not recognized"
                ));
            }
        }
    }
    if parser.is_some() && source.is_some() {
        return Err(err!(SYNTAX_ERROR, "cannot specify both PARSER and COPY options"));
    }
    if let Some(source) = source {
        parser = object_row(config_object(source), ctx)?[pg_ts_config::CFGPARSER].as_oid();
    }
    let parser = parser.ok_or_else(|| err!(INVALID_OBJECT_DEFINITION, "text search parser is required"))?;
    let oid = ctx.writer()?.new_oid()?;
    let mut row = vec![Datum::Null; pg_ts_config::WIDTH];
    row[pg_ts_config::OID] = Datum::Oid(oid);
    row[pg_ts_config::CFGNAME] = Datum::text(&own_name);
    row[pg_ts_config::CFGNAMESPACE] = Datum::Oid(namespace);
    row[pg_ts_config::CFGOWNER] = Datum::Oid(ctx.env().current_user());
    row[pg_ts_config::CFGPARSER] = Datum::Oid(parser);
    let mut needs = vec![ObjectAddress::new(pg_ts_parser::RELATION, parser)];
    let map = match source {
        Some(source) => ctx.env().text_search_map(source)?,
        None => Default::default(),
    };
    for (token, dictionaries) in &map {
        for (number, dictionary) in dictionaries.iter().enumerate() {
            let row = map_row(oid, *token, number + 1, *dictionary)?;
            ctx.writer()?.insert(pg_ts_config_map::RELATION, &row)?;
            needs.push(ObjectAddress::new(pg_ts_dict::RELATION, *dictionary));
        }
    }
    needs.sort_by_key(|need| (need.class, need.object));
    needs.dedup();
    insert(config_object(oid), &row, namespace, true, &needs, ctx)
}

/// Removes the mappings of a type of tokens; was there any?
fn remove(config: Oid, token: i32, ctx: &StatementCtx<'_>) -> Result<bool> {
    let keys = [Datum::Oid(config), Datum::Int4(token)];
    Ok(ctx.writer()?.delete_by_index(pg_ts_config_map::RELATION, MAP_INDEX, &keys)? > 0)
}

/// Removes a configuration's mappings, as it is dropped.
pub(in crate::ddl) fn remove_all(config: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.delete_by_index(pg_ts_config_map::RELATION, MAP_INDEX, &[Datum::Oid(config)]).map(drop)
}

/// Types of tokens by name, each once.
fn token_types(names: &[Ident]) -> Result<Vec<TokenType>> {
    let mut tokens = Vec::new();
    for name in names {
        let token = TokenType::from_alias(&name.name)
            .ok_or_else(|| err!(INVALID_PARAMETER_VALUE, "token type \"{}\" does not exist", name.name))?;
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    Ok(tokens)
}

fn dictionaries(names: &[QualifiedName], ctx: &StatementCtx<'_>) -> Result<Vec<Oid>> {
    names.iter().map(|name| lookup(ObjectKind::TextSearchDictionary, name, ctx)).collect()
}

fn add(config: Oid, tokens: &[TokenType], dictionaries: &[Oid], ctx: &StatementCtx<'_>) -> Result<()> {
    let known = ctx.env().text_search_map(config)?;
    for token in tokens {
        if known.contains_key(&token.id()) {
            let key = format!("{config}, {}, 1", token.id());
            return Err(err!(
                UNIQUE_VIOLATION,
                "duplicate key value violates unique constraint \"pg_ts_config_map_index\""
            )
            .detail(format!("Key (mapcfg, maptokentype, mapseqno)=({key}) already exists.")));
        }
        for (number, dictionary) in dictionaries.iter().enumerate() {
            let row = map_row(config, token.id(), number + 1, *dictionary)?;
            ctx.writer()?.insert(pg_ts_config_map::RELATION, &row)?;
        }
    }
    Ok(())
}

fn replace(config: Oid, tokens: &[TokenType], old: Oid, new: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    for (token, dictionaries) in ctx.env().text_search_map(config)? {
        let wanted = tokens.is_empty() || tokens.iter().any(|wanted| wanted.id() == token);
        if !wanted || !dictionaries.contains(&old) {
            continue;
        }
        remove(config, token, ctx)?;
        for (number, dictionary) in dictionaries.into_iter().enumerate() {
            let dictionary = if dictionary == old { new } else { dictionary };
            let row = map_row(config, token, number + 1, dictionary)?;
            ctx.writer()?.insert(pg_ts_config_map::RELATION, &row)?;
        }
    }
    Ok(())
}

fn drop_mappings(config: Oid, tokens: &[TokenType], if_exists: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    for token in tokens {
        if remove(config, token.id(), ctx)? {
            continue;
        }
        let message = format!("mapping for token type \"{}\" does not exist", token.alias());
        if !if_exists {
            return Err(err!(UNDEFINED_OBJECT, "{message}"));
        }
        ctx.notice(err!(SUCCESSFUL_COMPLETION, "{message}, skipping").severity(Severity::Notice));
    }
    Ok(())
}

/// ALTER TEXT SEARCH CONFIGURATION ... MAPPING.
pub fn alter(stmt: &AlterTextSearchConfigurationStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let oid = lookup(ObjectKind::TextSearchConfiguration, &stmt.name, ctx)?;
    let object = config_object(oid);
    check_object_owner(object, ctx)?;
    let row = object_row(object, ctx)?;
    check_default_parser(ctx.env(), row[pg_ts_config::CFGPARSER].as_oid().unwrap_or(0))?;
    match &stmt.action {
        Action::Add { tokens, dictionaries: names } => {
            add(oid, &token_types(tokens)?, &dictionaries(names, ctx)?, ctx)?;
        }
        Action::Alter { tokens, dictionaries: names } => {
            let (tokens, dictionaries) = (token_types(tokens)?, dictionaries(names, ctx)?);
            for token in &tokens {
                remove(oid, token.id(), ctx)?;
            }
            add(oid, &tokens, &dictionaries, ctx)?;
        }
        Action::Replace { tokens, old, new } => {
            let tokens = token_types(tokens)?;
            let dictionary = |name| lookup(ObjectKind::TextSearchDictionary, name, ctx);
            replace(oid, &tokens, dictionary(old)?, dictionary(new)?, ctx)?;
        }
        Action::Drop { tokens, if_exists } => drop_mappings(oid, &token_types(tokens)?, *if_exists, ctx)?,
    }
    // The dictionaries used now are those depended on.
    ctx.writer()?.delete_dependencies_on_class(object, pg_ts_dict::RELATION)?;
    let used: BTreeSet<Oid> = ctx.env().text_search_map(oid)?.into_values().flatten().collect();
    let needs: Vec<_> = used.into_iter().map(|oid| ObjectAddress::new(pg_ts_dict::RELATION, oid)).collect();
    record_needs(object, &needs, ctx)
}
