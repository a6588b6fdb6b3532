//! SQL-standard bodies, and small pieces of CREATE FUNCTION.

use crate::binder::Binder;
use crate::ruleutils::{DeparseStyle, NameSource, deparse_query_with};
use crate::{AnalyzeContext, ExprKind};
use pglitedb_catalog::{ArgMode, ProcInfo};
use pglitedb_query_tree::{Expr, Param, ParamKind, Query, Var, serial};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Oid;

/// What separates the queries of a stored body.
const SEPARATOR: char = '\u{1e}';

/// A bound body as `pg_proc.prosqlbody` keeps it.
pub struct StoredBody {
    /// Written as `RETURN expression`.
    pub is_return: bool,
    /// The statements.
    pub queries: Vec<Query>,
}

impl StoredBody {
    /// The stored form: `R` or `A`, then the queries.
    pub fn to_text(&self) -> Result<String> {
        let mut text = String::from(if self.is_return { "R" } else { "A" });
        for query in &self.queries {
            text.push(SEPARATOR);
            text.push_str(&serial::query_to_text(query)?);
        }
        Ok(text)
    }

    /// Reads [`StoredBody::to_text`]'s form.
    pub fn from_text(text: &str) -> Result<StoredBody> {
        let mut parts = text.split(SEPARATOR);
        let is_return = match parts.next() {
            Some("R") => true,
            Some("A") => false,
            _ => {
                return Err(Error::new(
                    pglitedb_sqlstate::codes::DATA_CORRUPTED,
                    "stored function body is damaged",
                ));
            }
        };
        let queries = parts.map(serial::query_from_text).collect::<Result<_>>()?;
        Ok(StoredBody { is_return, queries })
    }
}

/// Binds `RETURN expression` as the query that gives it.
pub fn analyze_return(value: &ast::Expr, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(ctx);
    let bound = binder.expr_of_kind(value, ExprKind::SelectTarget)?;
    let mut targets = vec![crate::target::target(bound, 1, None)];
    binder.resolve_unknowns(&mut targets)?;
    let mut query = Query { targets, ..Query::default() };
    binder.take_level(&mut query);
    crate::collate::assign_query(&binder, &mut query)?;
    if query.has_aggs {
        binder.check_grouping(&mut query)?;
    }
    Ok(query)
}

/// Binds the default of a parameter of a function.
pub fn bind_function_default(expr: &ast::Expr, type_oid: Oid, ctx: &AnalyzeContext<'_>) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    let bound = binder.expr_of_kind(expr, ExprKind::FunctionDefault)?;
    let mut bound = binder.coerce_to_specific(bound, type_oid, "DEFAULT")?;
    crate::collate::assign(&binder, &mut bound)?;
    Ok(bound)
}

/// Binds `target[subscripts].fields := expression` of PL/pgSQL as a query that gives the target's new value. The hook knows
/// the target.
pub fn analyze_pl_assignment(assignment: &ast::PlAssignment, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(ctx);
    // A record's name may be followed by fields: as many of them as the hook knows.
    let mut steps = assignment.indirection.as_slice();
    let mut column = match &assignment.target.kind {
        ast::ExprKind::Column(column) => column.clone(),
        _ => return Err(Error::unsupported("assignment to part of a parameter is not supported")),
    };
    let at = assignment.target.span.offset();
    let Some(hook) = ctx.hook else { return Err(Error::internal("assignment without variables")) };
    let mut base = None;
    let mut rest = steps;
    // The longest name that the hook knows.
    loop {
        let names: Vec<&str> = column.parts.iter().map(|part| part.as_str()).collect();
        let found = match hook.before_columns(&names, at)? {
            Some(found) => Some(found),
            None => hook.after_columns(&names, false, at)?,
        };
        if let Some(found) = found {
            (base, steps) = (Some(found), rest);
        }
        match rest.split_first() {
            Some((ast::Indirection::Field(field), more)) => {
                column.parts.push(field.clone());
                rest = more;
            }
            _ => break,
        }
    }
    let Some(base) = base else {
        let name = column.parts.first().map_or("", |part| part.as_str());
        return Err(pglitedb_sqlstate::err!(SYNTAX_ERROR, "\"{name}\" is not a known variable").at(at));
    };
    let mut query = binder.query_here(&assignment.query)?;
    let visible = query.targets.iter().filter(|target| !target.junk).count();
    if visible != 1 {
        let plural = if visible == 1 { "" } else { "s" };
        return Err(pglitedb_sqlstate::err!(
            SYNTAX_ERROR,
            "assignment source returned {visible} column{plural}"
        ));
    }
    let name = column.parts.last().map_or("", |part| part.as_str());
    if let Some(target) = query.targets.iter_mut().find(|target| !target.junk) {
        let value = std::mem::replace(&mut target.expr, Expr::bool_const(false));
        let mut assigned = binder.assigned_part(base, name, steps, value, at)?;
        crate::collate::assign(&binder, &mut assigned)?;
        target.expr = assigned;
    }
    Ok(query)
}

/// The assignment cast of a value ([`Expr::CaseTest`]) to a type; `None` if there is none.
pub fn assignment_cast(
    source: Oid,
    target: Oid,
    typmod: i32,
    ctx: &AnalyzeContext<'_>,
) -> Result<Option<Expr>> {
    use pglitedb_catalog::CastContext::Assignment;
    let mut binder = Binder::new(ctx);
    let collation = binder.type_collation(source)?;
    let value = Expr::CaseTest { type_oid: source, typmod: -1, collation };
    let form = pglitedb_query_tree::CallForm::ImplicitCast;
    match binder.coerce_to_target(value, target, typmod, Assignment, form)? {
        Ok(mut expr) => {
            crate::collate::assign(&binder, &mut expr)?;
            Ok(Some(expr))
        }
        Err(_) => Ok(None),
    }
}

/// What a polymorphic type stands for, given declared and actual argument types of a call.
pub fn resolve_polymorphic(
    oid: Oid,
    declared: &[Oid],
    actual: &[Oid],
    ctx: &AnalyzeContext<'_>,
) -> Result<Oid> {
    let binder = Binder::new(ctx);
    let mut declared = declared.to_vec();
    crate::func::polymorphic::enforce(&binder, actual, &mut declared, oid, false)
}

struct ParameterNames<'a> {
    proc: &'a ProcInfo,
    inputs: Vec<&'a str>,
}

impl NameSource for ParameterNames<'_> {
    fn variable(&self, _: &Var) -> Option<String> {
        None
    }

    fn parameter(&self, param: &Param) -> Option<String> {
        if param.kind != ParamKind::External {
            return None;
        }
        let name = param.id.checked_sub(1).and_then(|at| self.inputs.get(at))?;
        (!name.is_empty()).then(|| crate::format_type::quote_ident(name))
    }

    fn qualified_parameter(&self, param: &Param) -> Option<String> {
        let name = self.parameter(param)?;
        Some(format!("{}.{name}", crate::format_type::quote_ident(&self.proc.name)))
    }
}

/// The text of a stored body, as `pg_get_function_sqlbody` shows it.
pub fn deparse_body(proc: &ProcInfo, body: &StoredBody, ctx: &AnalyzeContext<'_>) -> Result<String> {
    let is_input = |at: usize| {
        let mode = proc.arg_modes.get(at).copied().unwrap_or(ArgMode::In);
        matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic)
    };
    let inputs =
        proc.arg_names.iter().enumerate().filter(|(at, _)| is_input(*at)).map(|(_, name)| &**name).collect();
    let names = ParameterNames { proc, inputs };
    if body.is_return {
        let value = body.queries.first().and_then(|query| query.targets.first());
        let value = value.ok_or_else(|| Error::internal("RETURN without a value"))?;
        // A whole query, so that its subqueries find their scopes.
        let query = Query { targets: vec![value.clone()], ..Query::default() };
        let text = deparse_query_with(&query, &names, DeparseStyle::line(false), ctx)?;
        let text = text.trim_start().strip_prefix("SELECT ").unwrap_or(&text).to_owned();
        return Ok(format!("RETURN {text}"));
    }
    let mut text = String::from("BEGIN ATOMIC\n");
    for query in &body.queries {
        let style = DeparseStyle { pretty_parens: false, indent: true, wrap_column: 0 };
        let statement = deparse_query_with(query, &names, style, ctx)?;
        text.push_str(&format!(" {};\n", statement.trim_start()));
    }
    text.push_str("END");
    Ok(text)
}
