//! An open database: sessions, transaction blocks, prepared statements, portals, settings, DDL.
//!
//! [`Database::open`] opens a cluster (one storage engine, any number of databases); [`Database::connect`] gives a
//! [`Session`], which carries statements from text to rows. The life of a statement is told in `README.md`.

pub mod config;
pub mod context;
pub mod copy;
pub mod database;
pub mod ddl;
pub mod env;
pub mod functions;
pub mod output;
mod plan;
mod portal;
mod routine;
pub mod session;
pub mod settings;
mod transaction;
mod utility;

pub use config::Config;
pub use context::StatementCtx;
pub use database::{Database, OpenDatabase, RoleInfo};
pub use env::{Env, SessionHost};
pub use output::{Column, CommandTag, Format, Output, Progress, RowShape};
pub use session::{
    Activity, ConnectOptions, Description, Session, SessionInfo, StatementHandle, TimeLimits,
    TransactionState,
};
