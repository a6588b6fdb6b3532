//! The `pglitedb` program: server, shell and benchmark.

use std::process::ExitCode;

fn main() -> ExitCode {
    pglitedb_server::cli::main(pglitedb_server::adapter::open, pglitedb_server::adapter::open_target)
}
