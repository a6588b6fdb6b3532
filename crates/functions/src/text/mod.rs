//! Strings: `text`, `varchar`, `bpchar`, `name`, `"char"`, `bytea`, and pattern matching.

pub mod binary;
pub mod case;
pub mod compare;
pub mod edit;
pub mod encode;
pub mod encoding;
mod find;
pub mod keywords;
pub mod like;
pub mod quote;
pub mod regexp;
pub mod render;
pub mod unicode;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    compare::register(reg);
    edit::register(reg);
    case::register(reg);
    like::register(reg);
    quote::register(reg);
    encode::register(reg);
    binary::register(reg);
    unicode::register(reg);
    regexp::register(reg);
    render::register(reg);
}
