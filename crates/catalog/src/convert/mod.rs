//! From catalog rows to descriptors. Built-in and stored rows go the same way.

mod index;
mod objects;
mod procs;
mod relations;

pub(crate) use index::{IndexSources, index_info};
pub(crate) use objects::{TypeExtras, aggregate, amop, cast, collation, opclass, operator, type_info};
pub(crate) use procs::proc;
pub(crate) use relations::{RelationRows, relation};
