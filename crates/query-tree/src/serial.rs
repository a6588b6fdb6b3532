//! Stored form of expressions and queries (`pg_node_tree` columns): JSON with a version.

use crate::expr::Expr;
use crate::query::Query;
use pglitedb_sqlstate::{Error, Result, codes};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Version of the stored form; a reader refuses a newer one.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Stored<'a, T> {
    v: u32,
    node: &'a T,
}

#[derive(Deserialize)]
struct Loaded<T> {
    v: u32,
    node: T,
}

fn to_text<T: Serialize>(node: &T) -> Result<String> {
    serde_json::to_string(&Stored { v: VERSION, node })
        .map_err(|error| Error::internal(format!("cannot store expression: {error}")))
}

fn from_text<T: DeserializeOwned>(text: &str) -> Result<T> {
    let damaged = |error: serde_json::Error| {
        Error::new(codes::DATA_CORRUPTED, "stored expression is damaged").detail(error.to_string())
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let loaded: Loaded<T> = Loaded::deserialize(&mut reader).map_err(damaged)?;
    if loaded.v > VERSION {
        return Err(Error::new(
            codes::FEATURE_NOT_SUPPORTED,
            format!("stored expression has version {}, newer than {VERSION}", loaded.v),
        ));
    }
    Ok(loaded.node)
}

/// Stored form of an expression.
pub fn expr_to_text(expr: &Expr) -> Result<String> {
    to_text(expr)
}

/// Reads [`expr_to_text`]'s form. A damaged one is `XX001`.
pub fn expr_from_text(text: &str) -> Result<Expr> {
    from_text(text)
}

/// Stored form of a query.
pub fn query_to_text(query: &Query) -> Result<String> {
    to_text(query)
}

/// Reads [`query_to_text`]'s form. A damaged one is `XX001`.
pub fn query_from_text(text: &str) -> Result<Query> {
    from_text(text)
}
