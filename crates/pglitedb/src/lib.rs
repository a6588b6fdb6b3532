//! PGLiteDB: a PostgreSQL-compatible database inside your program.
//!
//! ```
//! use pglitedb::Database;
//!
//! # fn main() -> pglitedb::Result<()> {
//! let database = Database::in_memory()?; // or Database::open("my.db")
//! let mut connection = database.connect()?;
//! connection.batch_execute("CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL)")?;
//! connection.execute("INSERT INTO person VALUES ($1, $2)", &[&1, &"Ada"])?;
//! let row = connection.query_one("SELECT name FROM person WHERE id = $1", &[&1])?;
//! assert_eq!(row.get::<_, &str>("name"), "Ada");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Database`] is an open cluster of databases. It can be cloned and shared between threads.
//! - [`Connection`] is one session, used by one thread at a time: queries, prepared [`Statement`]s, COPY, notifications.
//! - [`Transaction`] is a transaction or a savepoint as a guard: dropped without [`Transaction::commit`], it rolls back.
//! - [`Pool`] keeps connections for programs of many threads.
//! - [`ToSql`] and [`FromSql`] carry values between Rust and SQL; the features `uuid`, `chrono`, `serde_json` and
//!   `rust_decimal` add the types of those crates, and the feature `postgres-types` the wrapper `Pg`.
//! - [`Error`] says what PostgreSQL would have said: SQLSTATE, message, detail, hint, position, constraint.
//! - [`Config`] chooses between durability and speed.
//!
//! Any call may wait: for locks, for the disk. None needs an async runtime; in one, call it from `spawn_blocking`.

mod cancel;
mod config;
mod connection;
mod convert;
mod copy;
mod database;
mod error;
mod from_sql;
mod limits;
mod notify;
mod pool;
mod request;
mod row;
mod rows;
mod simple;
mod sink;
mod statement;
mod to_sql;
mod transaction;
mod types;
mod value;

pub use cancel::CancelHandle;
pub use config::{Config, SyncMode};
pub use connection::Connection;
pub use convert::Interval;
#[cfg(feature = "postgres-types")]
pub use convert::Pg;
pub use copy::{CopyInWriter, CopyOutReader};
pub use database::Database;
pub use error::{Error, Result};
pub use from_sql::FromSql;
pub use notify::{Notice, Notification};
pub use pool::{Pool, PoolConfig, PoolStatus, PooledConnection};
pub use row::{Column, Row, RowIndex};
pub use rows::Rows;
pub use simple::{SimpleMessage, SimpleRow};
pub use statement::{Statement, ToStatement};
pub use to_sql::ToSql;
pub use transaction::{IsolationLevel, Transaction, TransactionBuilder};
pub use types::{Kind, Type};
pub use value::{Value, ValueRef};
