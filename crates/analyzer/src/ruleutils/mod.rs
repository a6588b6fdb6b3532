//! Bound expressions and queries back to SQL, laid out as PostgreSQL's `pg_get_viewdef`, `pg_get_expr` and EXPLAIN do.

mod aggregate;
mod constant;
mod dml;
mod expr;
mod from;
mod json;
mod names;
mod query;
mod simple;
mod syntax;

pub use json::deparse_json_table;

use crate::AnalyzeContext;
use crate::binder::Binder;
use names::Scope;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Expr, Param, Query, SpecialExpr, SubPlan, TargetEntry, Var, WindowClause};
use pglitedb_sqlstate::Result;

/// Indentation of the clauses of a query, of joins, of list members.
const INDENT: i32 = 8;
const INDENT_JOIN: i32 = 4;
const INDENT_VAR: i32 = 4;
/// Deeper indentation grows slower.
const INDENT_LIMIT: i32 = 40;

/// How text is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeparseStyle {
    /// Leave out parentheses that precedence makes superfluous (`pretty = true`).
    pub pretty_parens: bool,
    /// Break lines and indent.
    pub indent: bool,
    /// Lists break when a line would get longer than this; 0: after every item; negative: never.
    pub wrap_column: i32,
}

impl DeparseStyle {
    /// `pg_get_viewdef(oid)`.
    pub fn view() -> Self {
        DeparseStyle { pretty_parens: false, indent: true, wrap_column: 0 }
    }

    /// `pg_get_viewdef(oid, true)`.
    pub fn pretty_view() -> Self {
        DeparseStyle { pretty_parens: true, indent: true, wrap_column: 0 }
    }

    /// Expressions on one line: `pg_get_expr`, EXPLAIN. `pretty`: fewer parentheses.
    pub fn line(pretty: bool) -> Self {
        DeparseStyle { pretty_parens: pretty, indent: pretty, wrap_column: -1 }
    }
}

/// Names that only the caller knows: plans' variables in EXPLAIN.
pub trait NameSource {
    /// The text of a variable, for example `t1.a` or a whole expression of a child node.
    fn variable(&self, var: &Var) -> Option<String>;

    /// The text of an executor's parameter; the default is `$n`.
    fn parameter(&self, param: &Param) -> Option<String> {
        let _ = param;
        None
    }

    /// As [`NameSource::parameter`], where tables are in scope whose columns might have the same name.
    fn qualified_parameter(&self, param: &Param) -> Option<String> {
        self.parameter(param)
    }

    /// The name of a window of the plan, by its number in the query.
    fn window(&self, number: usize) -> Option<String> {
        let _ = number;
        None
    }

    /// The text of a constructor whose aggregate is a variable here: as the node below that computes it would write it.
    fn constructor(&self, special: &SpecialExpr, aggregate: &Var) -> Option<String> {
        let _ = (special, aggregate);
        None
    }

    /// The text of a planned subquery; the default names it.
    fn subplan(&self, plan: &SubPlan) -> Option<String> {
        let _ = plan;
        None
    }
}

/// A query as SQL, without a semicolon.
pub fn deparse_query(query: &Query, style: DeparseStyle, ctx: &AnalyzeContext<'_>) -> Result<String> {
    let mut deparser = Deparser::new(style, ctx);
    deparser.query(query, true)?;
    Ok(deparser.out)
}

/// As [`deparse_query`], with names for parameters, as a statement of a function's body.
pub fn deparse_query_with(
    query: &Query,
    names: &dyn NameSource,
    style: DeparseStyle,
    ctx: &AnalyzeContext<'_>,
) -> Result<String> {
    let mut deparser = Deparser::new(style, ctx);
    deparser.names = Some(names);
    deparser.always_prefix = true;
    deparser.indent = i32::from(style.indent);
    deparser.query(query, false)?;
    Ok(deparser.out)
}

/// A view's definition as `pg_get_viewdef` shows it, with its semicolon. `columns`: the view's present column names.
pub fn deparse_view(
    query: &Query,
    columns: &[&str],
    style: DeparseStyle,
    ctx: &AnalyzeContext<'_>,
) -> Result<String> {
    let mut deparser = Deparser::new(style, ctx);
    deparser.result_names = Some(columns.iter().map(|name| name.to_string()).collect());
    deparser.query(query, true)?;
    deparser.out.push(';');
    Ok(deparser.out)
}

/// An expression over one relation's columns (`VarSource::Rte(0)`), or over none.
pub fn deparse_expr(
    expr: &Expr,
    relation: Option<&Relation>,
    style: DeparseStyle,
    ctx: &AnalyzeContext<'_>,
) -> Result<String> {
    let mut deparser = Deparser::new(style, ctx);
    if let Some(relation) = relation {
        deparser.scopes.push(Scope::of_relation(relation));
    }
    deparser.expr(expr, false)?;
    Ok(deparser.out)
}

/// A trigger's WHEN: entry 0 is `old`, entry 1 `new`.
pub fn deparse_trigger_when(
    expr: &Expr,
    relation: &Relation,
    style: DeparseStyle,
    ctx: &AnalyzeContext<'_>,
) -> Result<String> {
    let mut deparser = Deparser::new(style, ctx);
    deparser.scopes.push(Scope::of_trigger(relation));
    deparser.prefix = true;
    deparser.expr(expr, false)?;
    Ok(deparser.out)
}

/// An expression whose variables the caller names, as EXPLAIN shows it.
pub fn deparse_with(
    expr: &Expr,
    names: &dyn NameSource,
    show_implicit: bool,
    ctx: &AnalyzeContext<'_>,
) -> Result<String> {
    let mut deparser = Deparser::new(DeparseStyle::line(false), ctx);
    deparser.names = Some(names);
    deparser.expr(expr, show_implicit)?;
    Ok(deparser.out)
}

/// State of a deparsing.
struct Deparser<'c> {
    binder: Binder<'c>,
    out: String,
    style: DeparseStyle,
    indent: i32,
    /// Names of the query levels, innermost last.
    scopes: Vec<Scope>,
    /// Windows and targets of the query levels, for OVER.
    windows: Vec<(Vec<WindowClause>, Vec<TargetEntry>)>,
    /// Variables are written with their table's name.
    prefix: bool,
    /// They always are, whatever the number of tables.
    always_prefix: bool,
    names: Option<&'c dyn NameSource>,
    /// While ORDER BY is written: the query's output columns.
    outputs: Vec<(String, Expr)>,
    /// Column names of the outermost query that override those in it.
    result_names: Option<Vec<String>>,
}

impl<'c> Deparser<'c> {
    fn new(style: DeparseStyle, ctx: &'c AnalyzeContext<'c>) -> Self {
        Deparser {
            binder: Binder::new(ctx),
            out: String::new(),
            style,
            indent: 0,
            scopes: Vec::new(),
            windows: Vec::new(),
            prefix: false,
            always_prefix: false,
            names: None,
            outputs: Vec::new(),
            result_names: None,
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn push_ident(&mut self, name: &str) {
        let quoted = crate::format_type::quote_ident(name);
        self.out.push_str(&quoted);
    }

    /// A keyword that begins a new line when indenting.
    fn keyword(&mut self, text: &str, before: i32, after: i32, plus: i32) {
        if !self.style.indent {
            self.push(text);
            return;
        }
        self.indent += before;
        self.trim_spaces();
        self.out.push('\n');
        let base = self.indent.max(0);
        let amount = if base < INDENT_LIMIT {
            base + plus
        } else {
            // Deep nesting is compressed, then wrapped around.
            let deep = INDENT_LIMIT + (base - INDENT_LIMIT) / (INDENT / 4);
            deep % INDENT_LIMIT + plus
        };
        for _ in 0..amount.max(0) {
            self.out.push(' ');
        }
        self.push(text);
        self.indent = (self.indent + after).max(0);
    }

    fn trim_spaces(&mut self) {
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
    }

    /// Runs `f` with an empty buffer and returns what it wrote.
    fn captured(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<String> {
        let saved = std::mem::take(&mut self.out);
        let result = f(self);
        let text = std::mem::replace(&mut self.out, saved);
        result.map(|()| text)
    }

    /// Length of the line under construction.
    fn line_length(&self) -> usize {
        self.out.rsplit('\n').next().map_or(0, str::len)
    }

    /// Appends a list item, on a new line if the current one would get too long.
    fn push_item(&mut self, item: &str, first: bool, after_multiline: bool) -> bool {
        if self.style.indent && self.style.wrap_column >= 0 {
            if item.starts_with('\n') {
                self.trim_spaces();
            } else if !first {
                let length = self.line_length() + item.len();
                if length > usize::try_from(self.style.wrap_column).unwrap_or(0) || after_multiline {
                    self.keyword("", -INDENT, INDENT, INDENT_VAR);
                }
            }
        }
        self.push(item);
        let tail = item.strip_prefix('\n').unwrap_or(item);
        tail.contains('\n')
    }
}
