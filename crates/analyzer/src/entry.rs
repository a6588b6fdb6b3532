//! The entry points.

use crate::{AnalyzeContext, ExprKind};
use pglitedb_catalog::{OperatorInfo, ProcInfo, Relation};
use pglitedb_query_tree::{Expr, Query, RteColumn};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Oid;
use std::sync::Arc;

fn not_yet<T>(what: &str) -> Result<T> {
    Err(Error::unsupported(format!("{what} is not supported yet")))
}

/// Binds SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE. Views stay relations until [`rewrite`]. Other statements are
/// `XX000`: their callers bind the query inside.
pub fn analyze(stmt: &ast::Statement, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let _ = (stmt, ctx);
    not_yet("analysis")
}

/// [`analyze`] for a query without a statement around it (bodies of CREATE VIEW, CREATE TABLE AS, COPY, cursors).
pub fn analyze_query(query: &ast::Query, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let _ = (query, ctx);
    not_yet("analysis")
}

/// Replaces views by their queries, INSERT/UPDATE/DELETE on simple views by those on their tables, `DEFAULT` and missing
/// INSERT columns by their defaults. To be called once between [`analyze`] and planning.
pub fn rewrite(query: Query, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let _ = (query, ctx);
    not_yet("rewriting")
}

/// Binds an expression without columns in scope. `target`: coerce (assignment) to that type and type modifier.
pub fn bind_expr(
    expr: &ast::Expr,
    kind: ExprKind,
    target: Option<(Oid, i32)>,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let _ = (expr, kind, target, ctx);
    not_yet("binding expressions")
}

/// Binds a column's DEFAULT, coerced to the column's type, with PostgreSQL's errors (`column "x" is of type ...`).
pub fn bind_default(
    expr: &ast::Expr,
    column: &str,
    type_oid: Oid,
    typmod: i32,
    kind: ExprKind,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let _ = (expr, column, type_oid, typmod, kind, ctx);
    not_yet("binding defaults")
}

/// Binds an expression over one relation's columns (`VarSource::Rte(0)`): CHECK, index expression and predicate,
/// generated column, COPY WHERE, ALTER COLUMN ... USING. CHECK, predicates and COPY WHERE become boolean by themselves;
/// `target` coerces (assignment) to a type. The relation need not be in the catalog yet.
pub fn bind_relation_expr(
    relation: &Relation,
    expr: &ast::Expr,
    kind: ExprKind,
    target: Option<(Oid, i32)>,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let _ = (relation, expr, kind, target, ctx);
    not_yet("binding expressions")
}

/// Binds a trigger's WHEN: `old` is range table entry 0, `new` entry 1.
pub fn bind_trigger_when(relation: &Relation, expr: &ast::Expr, ctx: &AnalyzeContext<'_>) -> Result<Expr> {
    let _ = (relation, expr, ctx);
    not_yet("binding expressions")
}

/// Binds a domain's CHECK: `VALUE` becomes [`Expr::DomainValue`].
pub fn bind_domain_check(
    expr: &ast::Expr,
    base_type: Oid,
    typmod: i32,
    collation: Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let _ = (expr, base_type, typmod, collation, ctx);
    not_yet("binding expressions")
}

/// OID and type modifier of a type name: search path, arrays, modifiers, `%TYPE`. `42704` if there is none.
pub fn resolve_type_name(name: &ast::TypeName, ctx: &AnalyzeContext<'_>) -> Result<(Oid, i32)> {
    let _ = (name, ctx);
    not_yet("type names")
}

/// Like [`resolve_type_name`], `None` if there is no such type (or schema).
pub fn try_resolve_type_name(name: &ast::TypeName, ctx: &AnalyzeContext<'_>) -> Result<Option<(Oid, i32)>> {
    let _ = (name, ctx);
    not_yet("type names")
}

/// The relation (of any kind) of a name; `42P01` at the name if there is none, `3F000` if the schema is missing.
pub fn lookup_relation(name: &ast::QualifiedName, ctx: &AnalyzeContext<'_>) -> Result<Arc<Relation>> {
    let _ = (name, ctx);
    not_yet("names of relations")
}

/// Like [`lookup_relation`], `None` if there is no such relation or schema.
pub fn try_lookup_relation(
    name: &ast::QualifiedName,
    ctx: &AnalyzeContext<'_>,
) -> Result<Option<Arc<Relation>>> {
    let _ = (name, ctx);
    not_yet("names of relations")
}

/// The function of a name and exact input argument types (`None`: the name must be unique), `42883`/`42725` otherwise.
pub fn lookup_function(
    name: &ast::QualifiedName,
    arg_types: Option<&[Oid]>,
    ctx: &AnalyzeContext<'_>,
) -> Result<Arc<ProcInfo>> {
    let _ = (name, arg_types, ctx);
    not_yet("names of functions")
}

/// The operator of a name and exact operand types (0 for none), `42883` otherwise.
pub fn lookup_operator(
    name: &ast::OperatorName,
    left: Oid,
    right: Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<Arc<OperatorInfo>> {
    let _ = (name, left, right, ctx);
    not_yet("names of operators")
}

/// The collation of a name, `42704` otherwise.
pub fn lookup_collation(name: &ast::QualifiedName, ctx: &AnalyzeContext<'_>) -> Result<Oid> {
    let _ = (name, ctx);
    not_yet("names of collations")
}

/// A type's name as PostgreSQL prints it (`format_type`): `character varying(10)`, `integer[]`.
pub fn format_type(type_oid: Oid, typmod: i32, ctx: &AnalyzeContext<'_>) -> Result<String> {
    let _ = (type_oid, typmod, ctx);
    not_yet("names of types")
}

/// Names and types of a relation's columns as a range table entry shows them.
pub fn relation_columns(relation: &Relation) -> Vec<RteColumn> {
    relation
        .columns
        .iter()
        .map(|column| RteColumn {
            name: column.name.clone(),
            type_oid: if column.dropped { 0 } else { column.type_oid },
            typmod: column.typmod,
            collation: column.collation,
        })
        .collect()
}
