//! The rows that PostgreSQL ships with, compiled in.

mod facts;
mod lookup;
mod parse;
mod relation;
mod rows;
mod views;
#[allow(missing_docs)]
mod tables {
    use super::rows::BuiltinRelation;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

pub use facts::{
    ENCODINGS, KeywordInfo, SettingInfo, argument_defaults, keyword, keywords, setting, settings,
};
pub use lookup::*;
pub use relation::{CONSTRAINT_BY_TARGET_INDEX, builtin_index, builtin_relation};
pub use rows::{BuiltinRelation, override_limit, relation_rows, relations, row_id};
pub use tables::columns;
pub use views::system_view;
