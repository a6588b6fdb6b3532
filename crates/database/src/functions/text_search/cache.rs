//! Configurations and dictionaries as the session last saw them.

use crate::env::Env;
use crate::functions::reg;
use crate::functions::rows::Row;
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::{
    pg_ts_config, pg_ts_config_map, pg_ts_dict, pg_ts_parser, pg_ts_template,
};
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_text_search::{Config, Dictionary, Source, Template, TokenType, builtin_file, parse_options};
use pglitedb_types::{Datum, Oid, RegKind};
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `pg_ts_config_map_index`
const MAP_BY_CONFIG: Oid = 3609;
/// The function that gives the default parser's tokens.
const DEFAULT_NEXT_TOKEN: Oid = 3718;
/// Dictionaries may be made of others; not of themselves.
const MAX_NESTING: u32 = 16;
/// The folder of the database with configuration files of its own.
const FOLDER: &str = "tsearch_data";

/// What a session keeps of text search objects. All of it goes when the catalogs change.
#[derive(Default)]
pub(crate) struct TextSearchCache {
    version: Cell<(u64, u64)>,
    configs: RefCell<FxHashMap<Oid, Arc<Config>>>,
    dictionaries: RefCell<FxHashMap<Oid, Arc<dyn Dictionary>>>,
    /// The value of `default_text_search_config`, and what it means.
    current: RefCell<Option<(String, Oid)>>,
    nesting: Cell<u32>,
}

fn no_such(what: &str, oid: Oid) -> Error {
    Error::internal(format!("cache lookup failed for text search {what} {oid}"))
}

/// Files and dictionaries that dictionaries are made of.
pub(crate) struct DictionarySource<'a>(pub &'a Env);

impl Source for DictionarySource<'_> {
    fn file(&self, name: &str, extension: &str) -> Result<Option<String>> {
        let path = self.0.cluster.engine.path().join(FOLDER).join(format!("{name}.{extension}"));
        match std::fs::read(&path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(err!(
                    CHARACTER_NOT_IN_REPERTOIRE,
                    "text search file \"{}\" is not in UTF-8",
                    path.display()
                )),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(builtin_file(name, extension).map(str::to_owned))
            }
            Err(error) => Err(err!(CONFIG_FILE_ERROR, "could not read file \"{}\": {error}", path.display())),
        }
    }

    fn dictionary(&self, name: &str) -> Result<Arc<dyn Dictionary>> {
        self.0.dictionary(reg::input(self.0, RegKind::Dictionary, name)?)
    }
}

/// The template of an OID.
pub(crate) fn template_of(env: &Env, oid: Oid) -> Result<Template> {
    let row = Row::by_oid(env, pg_ts_template::RELATION, oid)?.ok_or_else(|| no_such("template", oid))?;
    let lexize = env.proc(row.oid(pg_ts_template::TMPLLEXIZE))?;
    lexize.and_then(|proc| Template::from_function(&proc.source)).ok_or_else(|| {
        Error::unsupported("text search templates with functions of one's own are not supported")
    })
}

/// `0A000` for parsers other than the default one under any name.
pub(crate) fn check_default_parser(env: &Env, oid: Oid) -> Result<()> {
    let row = Row::by_oid(env, pg_ts_parser::RELATION, oid)?.ok_or_else(|| no_such("parser", oid))?;
    if row.oid(pg_ts_parser::PRSTOKEN) != DEFAULT_NEXT_TOKEN {
        return Err(Error::unsupported("text search parsers with functions of one's own are not supported"));
    }
    Ok(())
}

/// The name of a configuration with its schema.
pub(crate) fn qualified_config(env: &Env, text: &str) -> Result<String> {
    let oid = reg::input(env, RegKind::Config, text)?;
    let row = Row::by_oid(env, pg_ts_config::RELATION, oid)?.ok_or_else(|| no_such("configuration", oid))?;
    reg::qualified(env, row.oid(pg_ts_config::CFGNAMESPACE), &row.text(pg_ts_config::CFGNAME), false)
}

impl Env {
    /// Empties the cache if the catalogs have changed.
    fn text_search_cache(&self) -> &TextSearchCache {
        let cache = &self.text_search;
        let version = self.catalog_version();
        if cache.version.replace(version) != version {
            cache.configs.borrow_mut().clear();
            cache.dictionaries.borrow_mut().clear();
            *cache.current.borrow_mut() = None;
        }
        cache
    }

    /// The configuration that functions take when none is given.
    pub(crate) fn current_text_search(&self) -> Result<Oid> {
        let name = self.setting("default_text_search_config")?.unwrap_or_default();
        let cache = self.text_search_cache();
        if let Some((known, oid)) = &*cache.current.borrow()
            && *known == name
        {
            return Ok(*oid);
        }
        let oid = reg::input(self, RegKind::Config, &name)?;
        *cache.current.borrow_mut() = Some((name, oid));
        Ok(oid)
    }

    /// A dictionary.
    pub(crate) fn dictionary(&self, oid: Oid) -> Result<Arc<dyn Dictionary>> {
        let cache = self.text_search_cache();
        if let Some(known) = cache.dictionaries.borrow().get(&oid) {
            return Ok(known.clone());
        }
        let row = Row::by_oid(self, pg_ts_dict::RELATION, oid)?.ok_or_else(|| no_such("dictionary", oid))?;
        let template = template_of(self, row.oid(pg_ts_dict::DICTTEMPLATE))?;
        let options = parse_options(&row.text(pg_ts_dict::DICTINITOPTION))?;
        if cache.nesting.get() >= MAX_NESTING {
            return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        cache.nesting.set(cache.nesting.get() + 1);
        let made = template.create(&options, &DictionarySource(self));
        cache.nesting.set(cache.nesting.get().saturating_sub(1));
        let made = made?;
        cache.dictionaries.borrow_mut().insert(oid, made.clone());
        Ok(made)
    }

    /// Dictionaries of a configuration by type of token, in the order in which they are asked.
    pub(crate) fn text_search_map(&self, config: Oid) -> Result<BTreeMap<i32, Vec<Oid>>> {
        let rows = Row::by_index(self, pg_ts_config_map::RELATION, MAP_BY_CONFIG, &[Datum::Oid(config)])?;
        let mut map: BTreeMap<i32, Vec<(i64, Oid)>> = BTreeMap::new();
        for row in rows {
            let token = i32::try_from(row.int(pg_ts_config_map::MAPTOKENTYPE)).unwrap_or(0);
            let entry = (row.int(pg_ts_config_map::MAPSEQNO), row.oid(pg_ts_config_map::MAPDICT));
            map.entry(token).or_default().push(entry);
        }
        let in_order = |mut list: Vec<(i64, Oid)>| {
            list.sort_unstable();
            list.into_iter().map(|(_, dictionary)| dictionary).collect()
        };
        Ok(map.into_iter().map(|(token, list)| (token, in_order(list))).collect())
    }

    /// A configuration.
    pub(crate) fn text_search_config(&self, oid: Oid) -> Result<Arc<Config>> {
        if let Some(known) = self.text_search_cache().configs.borrow().get(&oid) {
            return Ok(known.clone());
        }
        let row =
            Row::by_oid(self, pg_ts_config::RELATION, oid)?.ok_or_else(|| no_such("configuration", oid))?;
        check_default_parser(self, row.oid(pg_ts_config::CFGPARSER))?;
        let mut config = Config::default();
        for (token, dictionaries) in self.text_search_map(oid)? {
            if let Some(token) = TokenType::from_id(token) {
                let all: Result<Vec<_>> = dictionaries.into_iter().map(|oid| self.dictionary(oid)).collect();
                config.map(token, all?);
            }
        }
        let config = Arc::new(config);
        self.text_search_cache().configs.borrow_mut().insert(oid, config.clone());
        Ok(config)
    }
}
