//! The version store: what was committed since the last checkpoint, and what is not committed yet.

mod chain;
mod filter;
mod horizon;
mod state;
mod store;
mod table;

pub(crate) use chain::{Sight, Version};
pub(crate) use horizon::{Horizon, Registration, Registry};
pub(crate) use state::TxnState;
pub(crate) use store::VersionStore;
pub(crate) use table::{Newest, VersionTable, Write};
