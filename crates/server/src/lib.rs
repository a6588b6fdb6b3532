//! The server: sockets, authentication, and the query loop that puts the PostgreSQL protocol in front of a database.
//! The `pglitedb` binary has it as `pglitedb serve`, beside an embedded shell and a benchmark.

pub mod adapter;
pub mod bench;
pub mod cli;
pub mod engine;
pub mod net;
pub mod shell;
