//! Portals and cursors.
//!
//! - [`execution`]: a plan being run
//! - [`portal`]: a statement being run for a client, possibly in pieces
//! - [`set`]: a session's portals, and what the end of a transaction means for them

mod cursor;
mod execution;
#[allow(clippy::module_inception)]
mod portal;
mod set;

pub(crate) use execution::{Execution, command_word};
pub(crate) use portal::{CursorOptions, Portal, PortalState, Step};
pub(crate) use set::Portals;
