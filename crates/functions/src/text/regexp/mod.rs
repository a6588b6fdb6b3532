//! Regular expressions: PostgreSQL's "advanced" syntax, into which the "basic" one is translated. The `regex` crate finds where a match begins, and the whole of it
//! if the pattern is an ordinary one; which match is chosen otherwise, look-around and back-references are done here.

mod basic;
mod bracket;
mod cache;
mod emit;
mod exact;
mod functions;
mod parse;
mod replace;

pub use cache::{Captures, Pattern, compile, unassigned};
pub use functions::rows;
pub use parse::Options;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    functions::register(reg);
    replace::register(reg);
}
