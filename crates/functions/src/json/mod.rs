//! `json` and `jsonb`.

pub mod aggregate;
pub mod build;
pub mod change;
pub mod node;
pub mod operators;
pub mod path;
pub mod populate;
pub mod query;
pub mod sets;
pub mod sql_json;
pub mod subscript;
pub mod to_json;

use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    operators::register(reg);
    change::register(reg);
    sets::register(reg);
    to_json::register(reg);
    build::register(reg);
    aggregate::register(reg);
    populate::register(reg);
    path::register(reg);
    sql_json::register(reg);
}
