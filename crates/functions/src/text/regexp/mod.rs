//! Regular expressions: PostgreSQL's "advanced" syntax, translated for the `regex` and `fancy-regex` engines.
//!
//! Known difference: PostgreSQL takes the longest of several alternatives that match at a position; here the first
//! one wins, except where all are plain strings.

mod bracket;
mod cache;
mod emit;
mod functions;
mod parse;
mod replace;

pub use cache::{Pattern, compile};
pub use functions::rows;
pub use parse::Options;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    functions::register(reg);
    replace::register(reg);
}
