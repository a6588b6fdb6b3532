//! Expressions.

use super::constant::Label;
use super::simple::is_simple;
use super::{Deparser, INDENT_VAR};
use pglitedb_query_tree::{
    BoolOp, BoolTest, CallForm, Expr, FuncExpr, OpExpr, ParamKind, SqlValueFunction, SubLink, SubLinkKind,
    SubscriptExpr, SubscriptItem,
};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

/// Expressions may nest this deep.
const MAX_DEPTH: i32 = 2000;

impl Deparser<'_> {
    /// An argument: in parentheses when pretty-printing needs them.
    pub(super) fn paren(&mut self, expr: &Expr, implicit: bool, parent: &Expr) -> Result<()> {
        let needed = self.style.pretty_parens && !is_simple(&self.binder, expr, parent);
        if needed {
            self.push("(");
        }
        self.expr(expr, implicit)?;
        if needed {
            self.push(")");
        }
        Ok(())
    }

    /// The parentheses around operators that plain style always writes.
    pub(super) fn open(&mut self) {
        if !self.style.pretty_parens {
            self.push("(");
        }
    }

    pub(super) fn close(&mut self) {
        if !self.style.pretty_parens {
            self.push(")");
        }
    }

    pub(super) fn list(&mut self, exprs: &[Expr]) -> Result<()> {
        for (index, expr) in exprs.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.expr(expr, true)?;
        }
        Ok(())
    }

    /// An expression. `implicit`: show casts that nobody wrote.
    pub(super) fn expr(&mut self, expr: &Expr, implicit: bool) -> Result<()> {
        if self.scopes.len() as i32 > MAX_DEPTH {
            return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        match expr {
            Expr::Var(var) => {
                self.variable(var, false)?;
            }
            Expr::Const(constant) => self.constant(constant, Label::IfNeeded)?,
            Expr::Param(param) => {
                let tables = self.scopes.iter().any(|scope| !scope.tables.is_empty());
                let named = self.names.and_then(|names| match tables {
                    true => names.qualified_parameter(param),
                    false => names.parameter(param),
                });
                let text = named.unwrap_or_else(|| match param.kind {
                    ParamKind::External | ParamKind::Exec => format!("${}", param.id),
                });
                self.push(&text);
            }
            Expr::Func(func) => self.function(func, implicit, expr)?,
            Expr::Op(op) => self.operator(op, expr)?,
            Expr::Distinct(op) => {
                self.open();
                self.binary_args(op, " IS DISTINCT FROM ", expr)?;
                self.close();
            }
            Expr::NullIf(op) => {
                self.push("NULLIF(");
                self.list(&op.args)?;
                self.push(")");
            }
            Expr::ScalarArray(op) => {
                self.open();
                self.paren(&op.scalar, true, expr)?;
                let element = self.binder.base_element_type(op.array.type_oid())?;
                let name = self.operator_name(op.op, Some(op.scalar.type_oid()), element)?;
                self.push(&format!(" {name} {} (", if op.use_or { "ANY" } else { "ALL" }));
                self.paren(&op.array, true, expr)?;
                // A bare subquery here would be read as ANY (SELECT ...).
                if let Expr::SubLink(link) = &*op.array
                    && link.kind == SubLinkKind::Scalar
                {
                    self.type_label(op.array.type_oid(), op.array.typmod());
                }
                self.push(")");
                self.close();
            }
            Expr::Bool(BoolOp::Not, args) => {
                self.open();
                self.push("NOT ");
                for arg in args {
                    self.paren(arg, false, expr)?;
                }
                self.close();
            }
            Expr::Bool(op, args) => {
                let word = if *op == BoolOp::And { " AND " } else { " OR " };
                self.open();
                for (index, arg) in args.iter().enumerate() {
                    if index > 0 {
                        self.push(word);
                    }
                    self.paren(arg, false, expr)?;
                }
                self.close();
            }
            Expr::Agg(agg) => self.aggregate(agg)?,
            Expr::Grouping { args, .. } => {
                self.push("GROUPING(");
                self.list(args)?;
                self.push(")");
            }
            Expr::Window(window) => self.window_function(window)?,
            Expr::SubLink(link) => self.sublink(link, expr)?,
            Expr::SubLinkColumn { column, .. } => self.push(&format!("(SubPlan).col{column}")),
            Expr::SubPlan(plan) => {
                let text = self.names.and_then(|names| names.subplan(plan));
                let text = text.unwrap_or_else(|| match plan.kind {
                    _ if plan.use_hash_table => format!("(hashed {})", plan.name),
                    SubLinkKind::Exists => format!("EXISTS({})", plan.name),
                    SubLinkKind::Array => format!("ARRAY({})", plan.name),
                    _ => format!("({})", plan.name),
                });
                self.push(&text);
            }
            Expr::FieldSelect { arg, field, .. } => self.field_select(arg, *field)?,
            Expr::FieldStore { values, .. } => {
                // Only the values can be shown; the target list shows what they are stored into.
                self.list(values)?;
            }
            Expr::Relabel { arg, form: CallForm::ImplicitCast, .. }
            | Expr::CoerceViaIo { arg, form: CallForm::ImplicitCast, .. }
            | Expr::ArrayCoerce { arg, form: CallForm::ImplicitCast, .. }
                if !implicit =>
            {
                self.paren(arg, false, expr)?;
            }
            Expr::CoerceToDomain { arg, form: CallForm::ImplicitCast, .. } if !implicit => {
                self.expr(arg, false)?;
            }
            Expr::Relabel { arg, type_oid, typmod, .. }
            | Expr::ArrayCoerce { arg, type_oid, typmod, .. }
            | Expr::CoerceToDomain { arg, type_oid, typmod, .. } => {
                self.cast(arg, *type_oid, *typmod, expr)?;
            }
            Expr::CoerceViaIo { arg, type_oid, .. } => self.cast(arg, *type_oid, -1, expr)?,
            Expr::ConvertRowtype { arg, type_oid } => {
                if implicit {
                    self.cast(arg, *type_oid, -1, expr)?;
                } else {
                    self.paren(arg, false, expr)?;
                }
            }
            Expr::Collate(arg, collation) => {
                let name = self.collation_name(*collation)?;
                self.open();
                self.paren(arg, implicit, expr)?;
                self.push(" COLLATE ");
                self.push(&name);
                self.close();
            }
            Expr::Case(case) => self.case(case)?,
            Expr::CaseTest { .. } => self.push("CASE_TEST_EXPR"),
            Expr::Array { elements, array_type, .. } => {
                self.push("ARRAY[");
                self.list(elements)?;
                self.push("]");
                if elements.is_empty() {
                    self.type_label(*array_type, -1);
                }
            }
            Expr::Row { args, type_oid, names, form } => {
                self.push("ROW(");
                let mut first = true;
                let relation = match *type_oid {
                    oids::RECORD => None,
                    other => self.binder.ctx.catalog.relation(self.binder.composite_relid(other)?)?,
                };
                let _ = names;
                for (index, arg) in args.iter().enumerate() {
                    let dropped = relation
                        .as_ref()
                        .and_then(|relation| relation.columns.get(index))
                        .is_some_and(|column| column.dropped);
                    if dropped {
                        continue;
                    }
                    if !first {
                        self.push(", ");
                    }
                    first = false;
                    self.expr(arg, true)?;
                }
                self.push(")");
                if *form == CallForm::ExplicitCast {
                    self.type_label(*type_oid, -1);
                }
            }
            Expr::RowCompare(compare) => {
                let first = (compare.left.first(), compare.right.first(), compare.ops.first());
                let (Some(left), Some(right), Some(op)) = first else {
                    return Err(Error::internal("row comparison without columns"));
                };
                let name = self.operator_name(*op, Some(left.type_oid()), right.type_oid())?;
                self.push("(ROW(");
                self.list(&compare.left)?;
                self.push(&format!(") {name} ROW("));
                self.list(&compare.right)?;
                self.push("))");
            }
            Expr::Coalesce { args, .. } => {
                self.push("COALESCE(");
                self.list(args)?;
                self.push(")");
            }
            Expr::MinMax { greatest, args, .. } => {
                self.push(if *greatest { "GREATEST(" } else { "LEAST(" });
                self.list(args)?;
                self.push(")");
            }
            Expr::SqlValue { function, typmod, .. } => self.sql_value(*function, *typmod),
            Expr::NullTest { arg, negated, arg_is_row } => {
                self.open();
                self.paren(arg, true, expr)?;
                let row = self.binder.is_row_type(arg.type_oid())?;
                self.push(match (*arg_is_row || !row, *negated) {
                    (true, false) => " IS NULL",
                    (true, true) => " IS NOT NULL",
                    (false, false) => " IS NOT DISTINCT FROM NULL",
                    (false, true) => " IS DISTINCT FROM NULL",
                });
                self.close();
            }
            Expr::BoolTest(arg, test) => {
                self.open();
                self.paren(arg, false, expr)?;
                self.push(match test {
                    BoolTest::True => " IS TRUE",
                    BoolTest::NotTrue => " IS NOT TRUE",
                    BoolTest::False => " IS FALSE",
                    BoolTest::NotFalse => " IS NOT FALSE",
                    BoolTest::Unknown => " IS UNKNOWN",
                    BoolTest::NotUnknown => " IS NOT UNKNOWN",
                });
                self.close();
            }
            Expr::DomainValue { .. } => self.push("VALUE"),
            Expr::SetToDefault { .. } => self.push("DEFAULT"),
            Expr::CurrentOf { cursor, .. } => {
                self.push("CURRENT OF ");
                self.push_ident(cursor);
            }
            Expr::NextValue { sequence, .. } => {
                let name = self.relation_name(*sequence)?;
                let literal = super::constant::quote_literal(&name);
                self.push(&format!("nextval({literal}::regclass)"));
            }
            Expr::Subscript(subscript) => self.subscript(subscript)?,
            Expr::Special(special) => self.special(special, expr)?,
            Expr::PlaceHolder(holder) => self.expr(&holder.expr, implicit)?,
        }
        Ok(())
    }

    fn binary_args(&mut self, op: &OpExpr, word: &str, parent: &Expr) -> Result<()> {
        for (index, arg) in op.args.iter().enumerate() {
            if index > 0 {
                self.push(word);
            }
            self.paren(arg, true, parent)?;
        }
        Ok(())
    }

    fn operator(&mut self, op: &OpExpr, parent: &Expr) -> Result<()> {
        self.open();
        match op.args.as_slice() {
            [left, right] => {
                let name = self.operator_name(op.op, Some(left.type_oid()), right.type_oid())?;
                self.paren(left, true, parent)?;
                self.push(&format!(" {name} "));
                self.paren(right, true, parent)?;
            }
            [only] => {
                let name = self.operator_name(op.op, None, only.type_oid())?;
                self.push(&format!("{name} "));
                self.paren(only, true, parent)?;
            }
            _ => return Err(Error::internal("operator with wrong number of arguments")),
        }
        self.close();
        Ok(())
    }

    /// The operator's name, `OPERATOR(schema.op)` if the bare one would find another.
    pub(super) fn operator_name(&self, oid: u32, left: Option<u32>, right: u32) -> Result<String> {
        let Some(info) = self.binder.ctx.catalog.operator(oid)? else {
            return Err(Error::internal(format!("cache lookup failed for operator {oid}")));
        };
        let name =
            ast::OperatorName { schema: Vec::new(), symbol: (*info.name).into(), span: ast::Span::default() };
        match self.binder.find_operator(&name, left, right)? {
            Ok(found) if found.oid == oid => Ok(info.name.to_string()),
            _ => {
                let schema = self.binder.ctx.catalog.namespace_name(info.namespace)?;
                let schema = schema.map_or(String::new(), |s| crate::format_type::quote_ident(&s));
                Ok(format!("OPERATOR({schema}.{})", info.name))
            }
        }
    }

    fn function(&mut self, func: &FuncExpr, implicit: bool, parent: &Expr) -> Result<()> {
        let first = func.args.first();
        match (func.form, first) {
            (CallForm::ImplicitCast, Some(arg)) if !implicit => return self.paren(arg, false, parent),
            (CallForm::ImplicitCast | CallForm::ExplicitCast, Some(arg)) => {
                return self.cast(arg, func.result_type, func.typmod, parent);
            }
            (CallForm::SqlSyntax, _) if self.sql_syntax(func)? => return Ok(()),
            _ => {}
        }
        let shown = self.written_args(func)?;
        let types: Vec<u32> = shown.iter().map(|(_, arg)| arg.type_oid()).collect();
        let named = shown.iter().any(|(name, _)| name.is_some());
        let (name, variadic) = if named {
            let all: Vec<u32> = func.args.iter().map(Expr::type_oid).collect();
            self.function_name(func.func, &all, func.variadic)?
        } else {
            self.function_name(func.func, &types, func.variadic)?
        };
        self.push(&name);
        self.push("(");
        for (index, (name, arg)) in shown.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            if let Some(name) = name {
                self.push_ident(name);
                self.push(" => ");
            }
            if variadic && index + 1 == shown.len() {
                self.push("VARIADIC ");
            }
            self.expr(arg, true)?;
        }
        self.push(")");
        Ok(())
    }

    /// The arguments that were written: those that equal their parameter's default are left out, and what stands behind
    /// one that was left out gets its name.
    fn written_args<'f>(&mut self, func: &'f FuncExpr) -> Result<Vec<(Option<String>, &'f Expr)>> {
        let plain = || func.args.iter().map(|arg| (None, arg)).collect();
        let Some(proc) = self.binder.ctx.catalog.proc(func.func)? else { return Ok(plain()) };
        if proc.arg_defaults.is_empty() || proc.arg_types.len() != func.args.len() {
            return Ok(plain());
        }
        let first = func.args.len().saturating_sub(proc.arg_defaults.len());
        let mut result = Vec::with_capacity(func.args.len());
        let mut skipped = false;
        for (index, arg) in func.args.iter().enumerate() {
            if let Some(text) = index.checked_sub(first).and_then(|at| proc.arg_defaults.get(at)) {
                let type_oid = proc.arg_types.get(index).copied().unwrap_or(0);
                if self.binder.default_expression(&proc, text, type_oid)? == *arg {
                    skipped = true;
                    continue;
                }
            }
            let name = proc.arg_names.get(index).filter(|_| skipped).map(|name| name.to_string());
            result.push((name, arg));
        }
        Ok(result)
    }

    /// A function's name, qualified if the bare one would find another; and whether VARIADIC must be written.
    pub(super) fn function_name(
        &mut self,
        oid: u32,
        types: &[u32],
        variadic: bool,
    ) -> Result<(String, bool)> {
        let Some(proc) = self.binder.ctx.catalog.proc(oid)? else {
            return Err(Error::internal(format!("cache lookup failed for function {oid}")));
        };
        // A packed array of a variadic function must say so when it is written out.
        let use_variadic = variadic && proc.variadic != 0;
        let bare = ast::QualifiedName { parts: vec![ast::Ident::synthetic(&proc.name)] };
        let shape = crate::func::ArgShape {
            count: Some(types.len()),
            names: &[],
            expand_variadic: !use_variadic,
            expand_defaults: true,
            include_out: false,
        };
        let visible = match self.binder.resolve_function(&bare, &[], types, shape)? {
            crate::func::Resolved::Function(found) => found.proc.oid == oid,
            _ => false,
        };
        let quoted = crate::format_type::quote_ident(&proc.name);
        if visible {
            return Ok((quoted, use_variadic));
        }
        let schema = self.binder.ctx.catalog.namespace_name(proc.namespace)?;
        let schema = schema.map_or(String::new(), |s| crate::format_type::quote_ident(&s));
        Ok((format!("{schema}.{quoted}"), use_variadic))
    }

    fn field_select(&mut self, arg: &Expr, field: i16) -> Result<()> {
        let bare = matches!(arg, Expr::Subscript(_) | Expr::FieldSelect { .. });
        if !bare {
            self.push("(");
        }
        self.expr(arg, true)?;
        if !bare {
            self.push(")");
        }
        let name = self.field_name(arg, field)?;
        self.push(".");
        self.push_ident(&name);
        Ok(())
    }

    fn field_name(&mut self, arg: &Expr, field: i16) -> Result<String> {
        let index = usize::try_from(field).unwrap_or(1).saturating_sub(1);
        if let Expr::Row { names, .. } = arg
            && let Some(name) = names.get(index)
        {
            return Ok(name.to_string());
        }
        let columns = match arg {
            Expr::Var(_) if arg.type_oid() == oids::RECORD => None,
            _ => self.binder.record_columns(arg)?,
        };
        Ok(columns
            .and_then(|columns| columns.get(index).map(|column| column.name.to_string()))
            .unwrap_or_else(|| format!("f{field}")))
    }

    fn case(&mut self, case: &pglitedb_query_tree::CaseExpr) -> Result<()> {
        self.keyword("CASE", 0, INDENT_VAR, 0);
        if let Some(arg) = &case.arg {
            self.push(" ");
            self.expr(arg, true)?;
        }
        for (when, then) in &case.whens {
            if !self.style.indent {
                self.push(" ");
            }
            self.keyword("WHEN ", 0, 0, 0);
            match (&case.arg, when) {
                // The test value is not written again.
                (Some(_), Expr::Op(op)) if is_case_test(op) => match op.args.get(1) {
                    Some(value) => self.expr(value, false)?,
                    None => self.expr(when, false)?,
                },
                _ => self.expr(when, false)?,
            }
            self.push(" THEN ");
            self.expr(then, true)?;
        }
        if !self.style.indent {
            self.push(" ");
        }
        self.keyword("ELSE ", 0, 0, 0);
        self.expr(&case.default, true)?;
        if !self.style.indent {
            self.push(" ");
        }
        self.keyword("END", -INDENT_VAR, 0, 0);
        Ok(())
    }

    fn sql_value(&mut self, function: SqlValueFunction, typmod: i32) {
        let name = match function {
            SqlValueFunction::CurrentDate => "CURRENT_DATE",
            SqlValueFunction::CurrentTime => "CURRENT_TIME",
            SqlValueFunction::CurrentTimestamp => "CURRENT_TIMESTAMP",
            SqlValueFunction::LocalTime => "LOCALTIME",
            SqlValueFunction::LocalTimestamp => "LOCALTIMESTAMP",
            SqlValueFunction::CurrentRole => "CURRENT_ROLE",
            SqlValueFunction::CurrentUser => "CURRENT_USER",
            SqlValueFunction::User => "USER",
            SqlValueFunction::SessionUser => "SESSION_USER",
            SqlValueFunction::CurrentCatalog => "CURRENT_CATALOG",
            SqlValueFunction::CurrentSchema => "CURRENT_SCHEMA",
        };
        self.push(name);
        if typmod >= 0 {
            self.push(&format!("({typmod})"));
        }
    }

    fn subscript(&mut self, subscript: &SubscriptExpr) -> Result<()> {
        if let Some(assign) = &subscript.assign {
            // The subscripts belong to the target column's name, which is written elsewhere.
            return self.expr(assign, true);
        }
        let bare = matches!(&*subscript.container, Expr::Var(_) | Expr::FieldSelect { .. });
        if !bare {
            self.push("(");
        }
        self.expr(&subscript.container, true)?;
        if !bare {
            self.push(")");
        }
        self.subscripts(&subscript.items)
    }

    pub(super) fn subscripts(&mut self, items: &[SubscriptItem]) -> Result<()> {
        for item in items {
            self.push("[");
            match item {
                SubscriptItem::Index(index) => self.expr(index, false)?,
                SubscriptItem::Slice(from, to) => {
                    if let Some(from) = from {
                        self.expr(from, false)?;
                    }
                    self.push(":");
                    if let Some(to) = to {
                        self.expr(to, false)?;
                    }
                }
            }
            self.push("]");
        }
        Ok(())
    }

    fn sublink(&mut self, link: &SubLink, parent: &Expr) -> Result<()> {
        self.push(if link.kind == SubLinkKind::Array { "ARRAY(" } else { "(" });
        let mut word = String::new();
        if let Some(test) = &link.test {
            let op = self.sublink_left(test, parent)?;
            word = op;
        }
        let before = match link.kind {
            SubLinkKind::Exists => "EXISTS ".to_string(),
            SubLinkKind::Any if word == "=" => " IN ".to_string(),
            SubLinkKind::Any => format!(" {word} ANY "),
            SubLinkKind::All => format!(" {word} ALL "),
            SubLinkKind::RowCompare => format!(" {word} "),
            SubLinkKind::Scalar | SubLinkKind::MultiExpr | SubLinkKind::Array => String::new(),
        };
        self.push(&before);
        let needs_paren = !before.is_empty();
        if needs_paren {
            self.push("(");
        }
        self.query(&link.query, false)?;
        self.push(if needs_paren { "))" } else { ")" });
        Ok(())
    }

    /// Writes the left side of a sublink's test and returns the operator.
    fn sublink_left(&mut self, test: &Expr, parent: &Expr) -> Result<String> {
        match test {
            Expr::Op(op) => {
                let (Some(left), Some(right)) = (op.args.first(), op.args.get(1)) else {
                    return Err(Error::internal("sublink test without arguments"));
                };
                self.paren(left, true, parent)?;
                self.operator_name(op.op, Some(left.type_oid()), right.type_oid())
            }
            Expr::Bool(_, args) => {
                self.push("(");
                let mut name = String::new();
                for (index, arg) in args.iter().enumerate() {
                    let Expr::Op(op) = arg else { continue };
                    if index > 0 {
                        self.push(", ");
                    }
                    if let (Some(left), Some(right)) = (op.args.first(), op.args.get(1)) {
                        self.expr(left, true)?;
                        if name.is_empty() {
                            name = self.operator_name(op.op, Some(left.type_oid()), right.type_oid())?;
                        }
                    }
                }
                self.push(")");
                Ok(name)
            }
            Expr::RowCompare(compare) => {
                self.push("(");
                self.list(&compare.left)?;
                self.push(")");
                match (compare.ops.first(), compare.left.first(), compare.right.first()) {
                    (Some(op), Some(left), Some(right)) => {
                        self.operator_name(*op, Some(left.type_oid()), right.type_oid())
                    }
                    _ => Ok(String::new()),
                }
            }
            other => {
                self.expr(other, true)?;
                Ok("=".into())
            }
        }
    }
}

/// Does the condition compare the CASE's test value?
fn is_case_test(op: &OpExpr) -> bool {
    let mut first = op.args.first();
    while let Some(Expr::Relabel { arg, .. }) = first {
        first = Some(arg);
    }
    if let Some(Expr::Func(func)) = first
        && func.form == CallForm::ImplicitCast
    {
        first = func.args.first();
    }
    op.args.len() == 2 && matches!(first, Some(Expr::CaseTest { .. }))
}
