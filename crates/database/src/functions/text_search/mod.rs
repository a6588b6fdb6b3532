//! Text search functions that work by configurations, dictionaries and parsers of the catalogs, or run queries.

mod cache;
mod document;
mod headline;
mod parse;
mod query;
mod statistics;

pub(crate) use cache::{
    DictionarySource, TextSearchCache, check_default_parser, qualified_config, template_of,
};

use pglitedb_functions::Registry;

pub(super) fn register(reg: &mut Registry) {
    document::register(reg);
    headline::register(reg);
    parse::register(reg);
    query::register(reg);
    statistics::register(reg);
}
