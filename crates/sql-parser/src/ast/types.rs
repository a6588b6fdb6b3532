//! Type names.

use super::{Expr, QualifiedName, Span};

/// A type as written. Keyword types stand under their catalog name (`int` is `pg_catalog.int4`).
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// The name; qualified with `pg_catalog` for keyword types.
    pub name: QualifiedName,
    /// `SETOF`.
    pub setof: bool,
    /// `name%TYPE`: the type of a column.
    pub percent_type: bool,
    /// Modifiers, raw. `interval` fields come as the bit mask that `intervaltypmodin` takes, then the precision.
    pub typmods: Vec<Expr>,
    /// One per array dimension: its bound, `None` for `[]`.
    pub array_bounds: Vec<Option<i32>>,
    /// The whole type; its start is PostgreSQL's error position.
    pub span: Span,
}
