//! Text search over values: the parser, dictionaries, `to_tsvector` and `to_tsquery`, matching, ranking, headlines,
//! rewriting. No catalogs: a [`Config`] is given as dictionaries by type of token, and dictionaries are made of options
//! and files that a [`Source`] provides.

mod build;
mod config;
mod dictionary;
mod execute;
mod headline;
mod lexer;
mod matching;
mod parser;
mod query;
mod rank;
mod rank_cover;
mod rewrite;
mod statistics;
mod vector;
mod websearch;

pub use build::{QueryForm, VectorBuilder, to_query, to_vector};
pub use config::Config;
pub use dictionary::{
    Dictionary, Lexeme, OptionItem, Source, Step, Template, builtin_file, parse_options, write_options,
};
pub use headline::{HeadlineOptions, headline};
pub use matching::matches;
pub use parser::{Parser, TokenType};
pub use query::{contains, join, negate, node_count, phrase, query_tree};
pub use rank::{Weights, rank, weights};
pub use rank_cover::rank_cover;
pub use rewrite::Rewriter;
pub use statistics::WordStatistics;
pub use vector::{
    concat, delete, filter, from_array, parse_weight, set_weight, set_weight_of, strip, weight_letter,
};

use pglitedb_sqlstate::{Error, Result};

/// What text search asks of whoever runs it.
pub trait Host {
    /// Returns an error if the statement was cancelled.
    fn check_interrupts(&self) -> Result<()>;

    /// Sends a notice to the client.
    fn notice(&self, notice: Error);
}
