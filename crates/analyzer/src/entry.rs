//! The entry points.

use crate::binder::Binder;
pub use crate::func::exact::SupportFunction;
use crate::{AnalyzeContext, ExprKind, ParamTypes};
use pglitedb_catalog::{CastContext, OperatorInfo, ProcInfo, Relation};
use pglitedb_query_tree::{CallForm, Expr, ParamKind, Query, RteColumn, TableLockMode, VarReturning};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::{Result, codes, err};
use pglitedb_types::{Oid, oids};
use std::sync::Arc;

/// Binds SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE. Views stay relations until [`rewrite`]. Other statements are
/// `XX000`: their callers bind the query inside.
pub fn analyze(stmt: &ast::Statement, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(ctx);
    let query = binder.statement(stmt)?;
    check_params(&binder, &query)?;
    Ok(query)
}

/// [`analyze`] for a query without a statement around it (bodies of CREATE VIEW, CREATE TABLE AS, COPY, cursors).
pub fn analyze_query(query: &ast::Query, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(ctx);
    binder.allow_into = true;
    let query = binder.query_here(query)?;
    check_params(&binder, &query)?;
    Ok(query)
}

/// The INTO of a query, which its caller must handle as CREATE TABLE AS with [`analyze_query`]; [`analyze`] refuses it.
pub fn into_clause(query: &ast::Query) -> Option<&ast::IntoClause> {
    match &query.body {
        ast::QueryBody::Select(select) => select.into.as_deref(),
        ast::QueryBody::SetOperation { left, .. } => into_clause(left),
        ast::QueryBody::Values(_) => None,
    }
}

/// Parameters whose type nothing told, `42P18`; and those whose type was told only after they were used.
fn check_params(binder: &Binder<'_>, query: &Query) -> Result<()> {
    let ParamTypes::Variable(types) = binder.ctx.params else { return Ok(()) };
    let types = types.borrow();
    let mut failed = None;
    query.walk_exprs(0, &mut |expr, _| {
        if let Expr::Param(param) = expr
            && param.kind == ParamKind::External
            && failed.is_none()
        {
            let known = param.id.checked_sub(1).and_then(|at| types.get(at)).copied().unwrap_or(0);
            if known == oids::UNKNOWN || param.type_oid != known {
                failed = Some(
                    err!(AMBIGUOUS_PARAMETER, "could not determine data type of parameter ${}", param.id)
                        .at_opt(param.position.get()),
                );
            }
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    for (index, type_oid) in types.iter().enumerate() {
        if *type_oid == 0 || *type_oid == oids::UNKNOWN {
            return Err(err!(
                INDETERMINATE_DATATYPE,
                "could not determine data type of parameter ${}",
                index + 1
            ));
        }
    }
    Ok(())
}

/// Replaces views by their queries, INSERT/UPDATE/DELETE on simple views by those on their tables, `DEFAULT` and missing
/// INSERT columns by their defaults. To be called once between [`analyze`] and planning.
pub fn rewrite(query: Query, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    crate::rewrite::rewrite(query, ctx)
}

/// Binds an expression without columns in scope. `target`: coerce (assignment) to that type and type modifier.
pub fn bind_expr(
    expr: &ast::Expr,
    kind: ExprKind,
    target: Option<(Oid, i32)>,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    let bound = binder.expr_of_kind(expr, kind)?;
    finish(&mut binder, bound, kind, target)
}

/// Conversions that an expression's place asks for, and its collations.
fn finish(binder: &mut Binder<'_>, bound: Expr, kind: ExprKind, target: Option<(Oid, i32)>) -> Result<Expr> {
    let mut bound = match kind {
        ExprKind::CheckConstraint | ExprKind::DomainCheck => binder.coerce_to_boolean(bound, "CHECK")?,
        ExprKind::IndexPredicate | ExprKind::CopyWhere => binder.coerce_to_boolean(bound, "WHERE")?,
        ExprKind::TriggerWhen => binder.coerce_to_boolean(bound, "WHEN")?,
        ExprKind::Policy => binder.coerce_to_boolean(bound, "POLICY")?,
        _ => bound,
    };
    if let Some((type_oid, typmod)) = target {
        let source = bound.type_oid();
        let at = bound.position();
        bound = match binder.coerce_to_target(
            bound,
            type_oid,
            typmod,
            CastContext::Assignment,
            CallForm::ImplicitCast,
        )? {
            Ok(bound) => bound,
            Err(_) => {
                return Err(err!(
                    DATATYPE_MISMATCH,
                    "expression of type {} cannot be converted to type {}",
                    binder.type_name(source),
                    binder.type_name(type_oid)
                )
                .at_opt(at.get()));
            }
        };
    } else if bound.type_oid() == oids::UNKNOWN {
        bound = binder.coerce_to_specific(bound, oids::TEXT, "expression")?;
    }
    crate::collate::assign(binder, &mut bound)?;
    Ok(bound)
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
    let mut binder = Binder::new(ctx);
    let bound = binder.expr_of_kind(expr, kind)?;
    finish_default(&mut binder, bound, column, type_oid, typmod)
}

fn finish_default(
    binder: &mut Binder<'_>,
    bound: Expr,
    column: &str,
    type_oid: Oid,
    typmod: i32,
) -> Result<Expr> {
    let source = bound.type_oid();
    let mut bound = match binder.coerce_to_target(
        bound,
        type_oid,
        typmod,
        CastContext::Assignment,
        CallForm::ImplicitCast,
    )? {
        Ok(bound) => bound,
        Err(_) => {
            return Err(err!(
                DATATYPE_MISMATCH,
                "column \"{column}\" is of type {} but default expression is of type {}",
                binder.type_name(type_oid),
                binder.type_name(source)
            )
            .hint("You will need to rewrite or cast the expression."));
        }
    };
    crate::collate::assign(binder, &mut bound)?;
    Ok(bound)
}

/// Binds the expression of a generated column, coerced to the column's type.
pub fn bind_generated(
    relation: &Relation,
    expr: &ast::Expr,
    column: &str,
    type_oid: Oid,
    typmod: i32,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    show_relation(&mut binder, relation, None, VarReturning::Default)?;
    let bound = binder.expr_of_kind(expr, ExprKind::GeneratedColumn)?;
    finish_default(&mut binder, bound, column, type_oid, typmod)
}

/// Adds a relation to the range table and its names to the scope.
fn show_relation(
    binder: &mut Binder<'_>,
    relation: &Relation,
    name: Option<&str>,
    returning: VarReturning,
) -> Result<()> {
    let mut rte = binder.relation_rte(relation, None, true, TableLockMode::AccessShare)?;
    if let Some(name) = name {
        rte.name = name.into();
        rte.has_alias = true;
    }
    let mut item = crate::from::ns_item(&rte, binder.cur().rtable.len());
    // OLD and NEW are known by their names only.
    item.cols_visible = name.is_none();
    item.returning = returning;
    binder.add_rte(rte);
    binder.level().namespace.push(item);
    Ok(())
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
    let mut binder = Binder::new(ctx);
    show_relation(&mut binder, relation, None, VarReturning::Default)?;
    let bound = binder.expr_of_kind(expr, kind)?;
    finish(&mut binder, bound, kind, target)
}

/// Binds a trigger's WHEN: `old` is range table entry 0, `new` entry 1.
pub fn bind_trigger_when(relation: &Relation, expr: &ast::Expr, ctx: &AnalyzeContext<'_>) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    show_relation(&mut binder, relation, Some("old"), VarReturning::Default)?;
    show_relation(&mut binder, relation, Some("new"), VarReturning::Default)?;
    let bound = binder.expr_of_kind(expr, ExprKind::TriggerWhen)?;
    finish(&mut binder, bound, ExprKind::TriggerWhen, None)
}

/// Binds a domain's CHECK: `VALUE` becomes [`Expr::DomainValue`].
pub fn bind_domain_check(
    expr: &ast::Expr,
    base_type: Oid,
    typmod: i32,
    collation: Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    binder.domain_value = Some((base_type, typmod, collation));
    let bound = binder.expr_of_kind(expr, ExprKind::DomainCheck)?;
    finish(&mut binder, bound, ExprKind::DomainCheck, None)
}

/// Binds `CALL f(...)`: the call as [`Expr::Func`] of a procedure; OUT arguments are among its arguments.
pub fn bind_call(call: &ast::Expr, ctx: &AnalyzeContext<'_>) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    let ast::ExprKind::Function(parts) = &call.kind else {
        return Err(pglitedb_sqlstate::Error::internal("CALL without a call"));
    };
    let mut bound = binder
        .with_kind(ExprKind::CallArgument, |binder| binder.function_call(parts, call.span.offset(), true))?;
    crate::collate::assign(&binder, &mut bound)?;
    Ok(bound)
}

/// The name an expression's output column gets when none is given.
pub fn column_name(expr: &ast::Expr) -> &str {
    crate::expr_names::column_name(expr)
}

/// The name an index column of an expression gets, `None` for PostgreSQL's `expr`.
pub fn index_column_name(expr: &ast::Expr) -> Option<&str> {
    crate::expr_names::index_column_name(expr)
}

/// OID and type modifier of a type name: search path, arrays, modifiers, `%TYPE`. `42704` if there is none.
pub fn resolve_type_name(name: &ast::TypeName, ctx: &AnalyzeContext<'_>) -> Result<(Oid, i32)> {
    Binder::new(ctx).resolve_type(name)
}

/// Like [`resolve_type_name`], `None` if there is no such type (or schema).
pub fn try_resolve_type_name(name: &ast::TypeName, ctx: &AnalyzeContext<'_>) -> Result<Option<(Oid, i32)>> {
    match Binder::new(ctx).try_type(name) {
        Ok(found) => Ok(found.map(|(info, typmod)| (info.oid, typmod))),
        Err(error) if error.code() == codes::UNDEFINED_SCHEMA => Ok(None),
        Err(error) => Err(error),
    }
}

/// The relation (of any kind) of a name; `42P01` at the name if there is none.
pub fn lookup_relation(name: &ast::QualifiedName, ctx: &AnalyzeContext<'_>) -> Result<Arc<Relation>> {
    Binder::new(ctx).relation(name)
}

/// Like [`lookup_relation`], `None` if there is no such relation or schema.
pub fn try_lookup_relation(
    name: &ast::QualifiedName,
    ctx: &AnalyzeContext<'_>,
) -> Result<Option<Arc<Relation>>> {
    Binder::new(ctx).try_relation(name)
}

/// The function of a name and exact input argument types (`None`: the name must be unique), `42883`/`42725` otherwise.
pub fn lookup_function(
    name: &ast::QualifiedName,
    arg_types: Option<&[Oid]>,
    ctx: &AnalyzeContext<'_>,
) -> Result<Arc<ProcInfo>> {
    Binder::new(ctx).exact_function(name, arg_types)
}

/// The operator of a name and exact operand types (0 for none), `42883` otherwise.
pub fn lookup_operator(
    name: &ast::OperatorName,
    left: Oid,
    right: Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<Arc<OperatorInfo>> {
    Binder::new(ctx).exact_operator_of(name, left, right)
}

/// The function that a definition calls with values of these types; see [`SupportFunction`]. With `variadic` the OID of
/// "any", it must take any number of arguments itself.
pub fn lookup_support_function(
    name: &ast::QualifiedName,
    types: &[Oid],
    variadic: Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<SupportFunction> {
    Binder::new(ctx).support_function(name, types, variadic)
}

/// The default that a type brings along: of domains, and of base types that are not built in.
pub fn type_default(type_oid: Oid, ctx: &AnalyzeContext<'_>) -> Result<Option<Expr>> {
    crate::rewrite::type_default(&Binder::new(ctx), type_oid)
}

/// Can a value of one type be used as the other without any work?
pub fn binary_coercible(source: Oid, target: Oid, ctx: &AnalyzeContext<'_>) -> Result<bool> {
    Binder::new(ctx).binary_coercible(source, target)
}

/// One of the polymorphic pseudo-types?
pub fn is_polymorphic(type_oid: Oid) -> bool {
    crate::types::is_polymorphic(type_oid)
}

/// Why a polymorphic result cannot be told from arguments of these types, `None` if it can.
pub fn polymorphic_problem(result: Oid, args: &[Oid]) -> Option<String> {
    use pglitedb_types::oids::*;
    let has = |types: &[Oid]| args.iter().any(|arg| types.contains(arg));
    let family1 = [ANYELEMENT, ANYARRAY, ANYNONARRAY, ANYENUM, ANYRANGE, ANYMULTIRANGE];
    let family2 = [
        ANYCOMPATIBLE,
        ANYCOMPATIBLEARRAY,
        ANYCOMPATIBLENONARRAY,
        ANYCOMPATIBLERANGE,
        ANYCOMPATIBLEMULTIRANGE,
    ];
    let (name, ok, needs) = match result {
        ANYRANGE => ("anyrange", has(&[ANYRANGE, ANYMULTIRANGE]), "anyrange or anymultirange"),
        ANYMULTIRANGE => ("anymultirange", has(&[ANYRANGE, ANYMULTIRANGE]), "anyrange or anymultirange"),
        ANYCOMPATIBLERANGE => (
            "anycompatiblerange",
            has(&[ANYCOMPATIBLERANGE, ANYCOMPATIBLEMULTIRANGE]),
            "anycompatiblerange or anycompatiblemultirange",
        ),
        ANYCOMPATIBLEMULTIRANGE => (
            "anycompatiblemultirange",
            has(&[ANYCOMPATIBLERANGE, ANYCOMPATIBLEMULTIRANGE]),
            "anycompatiblerange or anycompatiblemultirange",
        ),
        ANYELEMENT | ANYARRAY | ANYNONARRAY | ANYENUM => (
            pglitedb_types::builtin_type(result).map_or("", |info| &info.name),
            has(&family1),
            "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange",
        ),
        ANYCOMPATIBLE | ANYCOMPATIBLEARRAY | ANYCOMPATIBLENONARRAY => (
            pglitedb_types::builtin_type(result).map_or("", |info| &info.name),
            has(&family2),
            "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange",
        ),
        _ => return None,
    };
    (!ok).then(|| format!("A result of type {name} requires at least one input of type {needs}."))
}

/// The collation of a name, `42704` otherwise.
pub fn lookup_collation(name: &ast::QualifiedName, ctx: &AnalyzeContext<'_>) -> Result<Oid> {
    Binder::new(ctx).collation(name).map_err(|error| error.at(name.span().offset()))
}

/// Family and input type of a type's default operator class for an access method (403 B-tree, 405 hash).
pub fn default_operator_class(
    method: Oid,
    type_oid: Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<Option<(Oid, Oid)>> {
    Binder::new(ctx).default_class(method, type_oid)
}

/// A type's name as PostgreSQL prints it (`format_type`): `character varying(10)`, `integer[]`. A modifier of -1 means
/// that none is shown.
pub fn format_type(type_oid: Oid, typmod: i32, ctx: &AnalyzeContext<'_>) -> Result<String> {
    let typmod = (typmod >= 0).then_some(typmod);
    crate::format_type::format_type(&Binder::new(ctx), type_oid, typmod)
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
