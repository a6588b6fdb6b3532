//! Transactions: blocks, savepoints, commit and rollback, `SET CONSTRAINTS`.
//!
//! - [`state`]: what a running transaction consists of
//! - [`block`]: BEGIN, COMMIT, ROLLBACK and the rules of transaction blocks
//! - [`savepoint`]: SAVEPOINT, RELEASE, ROLLBACK TO
//! - [`end`]: committing and rolling back
//! - [`constraints`]: deferred checks

pub mod block;
pub mod constraints;
pub mod end;
pub mod savepoint;
pub mod state;

pub(crate) use state::{BlockState, Transaction};
