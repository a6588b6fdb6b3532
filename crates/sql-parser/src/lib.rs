//! Lexer, grammar, raw tree and printer for PostgreSQL 18 SQL.
