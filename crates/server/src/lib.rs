//! The pglitedb binary: server, shell and benchmark.
