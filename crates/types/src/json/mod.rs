//! `json` and `jsonb`: lexer, parser, printer, storage form.

pub mod jsonb_codec;
pub mod lexer;
pub mod parser;
pub mod print;

pub use lexer::{JsonLexer, Token, TokenKind};
pub use parser::{jsonb_input, object_from_pairs, parse_jsonb, validate_json};
pub use print::{write_json_string, write_jsonb, write_jsonb_pretty};

/// How deep JSON values may be nested. PostgreSQL's limit is its stack; ours is this, so that every recursive walk over
/// a value fits any thread's stack.
pub const MAX_DEPTH: usize = 1000;
