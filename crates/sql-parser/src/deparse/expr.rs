//! Expressions, with parentheses where precedence asks for them.

use super::Printer;
use crate::ast::{
    CaseExpr, ColumnRef, Expr, ExprKind, Indirection, JsonExpr, LikeKind, Literal, NormalForm, OperatorName,
    Quantifier, SpecialFunction, SqlValueFunction, TruthTest,
};
use crate::parser::level;

/// Above every operator: primaries.
const PRIMARY: u8 = 100;

fn operator_level(op: &OperatorName) -> u8 {
    if !op.schema.is_empty() {
        return level::OPERATOR;
    }
    match &*op.symbol {
        "<" | ">" | "=" | "<=" | ">=" | "<>" => level::COMPARISON,
        "+" | "-" => level::ADD,
        "*" | "/" | "%" => level::MULTIPLY,
        "^" => level::POWER,
        _ => level::OPERATOR,
    }
}

/// Whether a prefix operator can be written as a sign: a minus before a number would become part of it.
fn is_sign(op: &OperatorName, arg: &Expr) -> bool {
    let number = matches!(arg.kind, ExprKind::Literal(Literal::Integer(_) | Literal::Numeric(_)));
    op.schema.is_empty() && (&*op.symbol == "+" || (&*op.symbol == "-" && !number))
}

/// How strongly an expression holds together.
fn level_of(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Literal(Literal::Integer(value)) if *value < 0 => level::SIGN,
        ExprKind::Literal(Literal::Numeric(text)) if text.starts_with('-') => level::SIGN,
        ExprKind::Unary { op, arg } if is_sign(op, arg) => level::SIGN,
        ExprKind::Unary { .. } => level::OPERATOR,
        ExprKind::Binary { op, .. }
        | ExprKind::Quantified { op, .. }
        | ExprKind::QuantifiedQuery { op, .. } => operator_level(op),
        ExprKind::And { .. } => level::AND,
        ExprKind::Or { .. } => level::OR,
        ExprKind::Not(_) => level::NOT,
        ExprKind::IsNull { .. }
        | ExprKind::IsTruth { .. }
        | ExprKind::IsDistinct { .. }
        | ExprKind::IsNormalized { .. }
        | ExprKind::Overlaps { .. } => level::IS,
        ExprKind::Between { .. }
        | ExprKind::InList { .. }
        | ExprKind::InQuery { .. }
        | ExprKind::Like { .. } => level::LIKE,
        ExprKind::AtTimeZone { .. } | ExprKind::AtLocal { .. } => level::AT,
        ExprKind::Collate { .. } => level::COLLATE,
        ExprKind::Cast { .. } => level::CAST,
        ExprKind::Special(function) if matches!(**function, SpecialFunction::IsDocument { .. }) => level::IS,
        ExprKind::Json(json) if matches!(**json, JsonExpr::IsJson { .. }) => level::IS,
        // Only a whole expression.
        ExprKind::Default | ExprKind::CurrentOf(_) => 0,
        _ => PRIMARY,
    }
}

impl Printer {
    /// An expression where any may stand (`a_expr`).
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.expr_at(expr, 0);
    }

    /// Expressions between commas.
    pub(super) fn exprs(&mut self, exprs: &[Expr]) {
        self.list(exprs, Self::expr);
    }

    /// An expression where only a primary may stand (`c_expr`, and for safety `b_expr`).
    pub(super) fn primary(&mut self, expr: &Expr) {
        self.expr_at(expr, PRIMARY);
    }

    /// An expression between parentheses.
    pub(super) fn paren_expr(&mut self, expr: &Expr) {
        self.text("(");
        self.expr(expr);
        self.text(")");
    }

    fn expr_at(&mut self, expr: &Expr, min: u8) {
        if level_of(expr) < min {
            self.paren_expr(expr);
        } else {
            self.expr_kind(expr);
        }
    }

    pub(super) fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.text("NULL"),
            Literal::Boolean(true) => self.text("TRUE"),
            Literal::Boolean(false) => self.text("FALSE"),
            Literal::Integer(value) => self.display(value),
            Literal::Numeric(text) => self.text(text),
            Literal::String(value) => self.string(value),
            Literal::Bits(bits) => self.display(format_args!("B'{}'", bits.replace('\'', "''"))),
            Literal::HexBits(bits) => self.display(format_args!("X'{}'", bits.replace('\'', "''"))),
        }
    }

    fn column(&mut self, column: &ColumnRef) {
        self.separated(&column.parts, ".", Self::ident);
        self.text_if(column.star, if column.parts.is_empty() { "*" } else { ".*" });
    }

    pub(super) fn indirection(&mut self, indirection: &[Indirection]) {
        for item in indirection {
            match item {
                Indirection::Field(name) => {
                    self.text(".");
                    self.ident(name);
                }
                Indirection::Star(_) => self.text(".*"),
                Indirection::Index(index) => {
                    self.text("[");
                    self.expr(index);
                    self.text("]");
                }
                Indirection::Slice(lower, upper) => {
                    self.text("[");
                    self.optional("", lower.as_ref(), Self::expr);
                    self.text(" : ");
                    self.optional("", upper.as_ref(), Self::expr);
                    self.text("]");
                }
            }
        }
    }

    fn indirect(&mut self, base: &Expr, indirection: &[Indirection]) {
        let subscript_first =
            matches!(indirection.first(), Some(Indirection::Index(_) | Indirection::Slice(..)));
        let bare = match &base.kind {
            ExprKind::Column(column) => !column.star && subscript_first,
            ExprKind::Param(_) | ExprKind::Subquery(_) => true,
            _ => false,
        };
        if bare {
            self.expr_kind(base);
        } else {
            self.paren_expr(base);
        }
        self.indirection(indirection);
    }

    fn expr_kind(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Column(column) => self.column(column),
            ExprKind::Param(number) => self.display(format_args!("${number}")),
            ExprKind::Indirection { base, indirection } => self.indirect(base, indirection),
            ExprKind::Row { explicit, items } => {
                self.text_if(*explicit, "ROW");
                self.paren_list(items, Self::expr);
            }
            ExprKind::Array(items) => {
                self.text("ARRAY");
                self.array_items(items);
            }
            ExprKind::Function(call) => self.function_call(call),
            ExprKind::Special(function) => self.special_function(function),
            ExprKind::SqlValue { function, precision } => self.sql_value(*function, *precision),
            ExprKind::Case(case) => self.case(case),
            ExprKind::Coalesce(args) => self.keyword_call("COALESCE", args),
            ExprKind::Greatest(args) => self.keyword_call("GREATEST", args),
            ExprKind::Least(args) => self.keyword_call("LEAST", args),
            ExprKind::Grouping(args) => self.keyword_call("GROUPING", args),
            ExprKind::NullIf(left, right) => {
                self.text("NULLIF(");
                self.expr(left);
                self.text(", ");
                self.expr(right);
                self.text(")");
            }
            ExprKind::Exists(query) => {
                self.text("EXISTS ");
                self.paren_query(query);
            }
            ExprKind::Subquery(query) => self.paren_query(query),
            ExprKind::ArrayQuery(query) => {
                self.text("ARRAY ");
                self.paren_query(query);
            }
            ExprKind::Default => self.text("DEFAULT"),
            ExprKind::CurrentOf(cursor) => {
                self.text("CURRENT OF ");
                self.ident(cursor);
            }
            ExprKind::MergeAction => self.text("MERGE_ACTION()"),
            ExprKind::Xml(xml) => self.xml_expr(xml),
            ExprKind::Json(json) => self.json_expr(json),
            _ => self.operator_expr(expr),
        }
    }

    /// Elements of an array constructor. Nested arrays keep their word: that is the same tree.
    fn array_items(&mut self, items: &[Expr]) {
        self.text("[");
        self.exprs(items);
        self.text("]");
    }

    pub(super) fn keyword_call(&mut self, function: &str, args: &[Expr]) {
        self.text(function);
        self.paren_list(args, Self::expr);
    }

    fn case(&mut self, case: &CaseExpr) {
        self.text("CASE");
        self.optional(" ", case.arg.as_ref(), Self::expr);
        for branch in &case.branches {
            self.text(" WHEN ");
            self.expr(&branch.condition);
            self.text(" THEN ");
            self.expr(&branch.result);
        }
        self.optional(" ELSE ", case.default.as_ref(), Self::expr);
        self.text(" END");
    }

    fn sql_value(&mut self, function: SqlValueFunction, precision: Option<i32>) {
        self.text(match function {
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
        });
        if let Some(precision) = precision {
            self.display(format_args!("({precision})"));
        }
    }

    /// Operators and what else has a precedence.
    fn operator_expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Unary { op, arg } => {
                let sign = is_sign(op, arg);
                if sign || !op.schema.is_empty() || operator_level(op) == level::OPERATOR {
                    self.operator(op);
                } else {
                    // Operators that cannot be a prefix as they are.
                    self.display(format_args!("OPERATOR({})", op.symbol));
                }
                self.text(" ");
                self.expr_at(arg, if sign { level::SIGN } else { level::OPERATOR + 1 });
            }
            ExprKind::Binary { op, left, right } => {
                let level = operator_level(op);
                let left_min = if level == level::COMPARISON { level + 1 } else { level };
                self.expr_at(left, left_min);
                self.text(" ");
                self.operator(op);
                self.text(" ");
                self.expr_at(right, level + 1);
            }
            ExprKind::Quantified { left, op, quantifier, array } => {
                self.quantified(left, op, *quantifier);
                self.paren_expr(array);
            }
            ExprKind::QuantifiedQuery { left, op, quantifier, query } => {
                self.quantified(left, op, *quantifier);
                self.paren_query(query);
            }
            ExprKind::And { args, .. } => self.logic(args, " AND ", level::AND + 1),
            ExprKind::Or { args, .. } => self.logic(args, " OR ", level::OR + 1),
            ExprKind::Not(arg) => {
                self.text("NOT ");
                self.expr_at(arg, level::NOT);
            }
            ExprKind::AtTimeZone { arg, zone, .. } => {
                self.expr_at(arg, level::AT);
                self.text(" AT TIME ZONE ");
                self.expr_at(zone, level::AT + 1);
            }
            ExprKind::AtLocal { arg, .. } => {
                self.expr_at(arg, level::AT);
                self.text(" AT LOCAL");
            }
            ExprKind::Collate { arg, collation, .. } => {
                self.expr_at(arg, level::COLLATE);
                self.text(" COLLATE ");
                self.name(collation);
            }
            ExprKind::Cast { arg, type_name, .. } => {
                self.expr_at(arg, level::CAST);
                self.text("::");
                self.type_name(type_name);
            }
            ExprKind::Overlaps { left, right, .. } => {
                self.text("ROW");
                self.paren_list(left, Self::expr);
                self.text(" OVERLAPS ROW");
                self.paren_list(right, Self::expr);
            }
            _ => self.test_expr(expr),
        }
    }

    fn quantified(&mut self, left: &Expr, op: &OperatorName, quantifier: Quantifier) {
        let level = operator_level(op);
        self.expr_at(left, if level == level::COMPARISON { level + 1 } else { level });
        self.text(" ");
        self.operator(op);
        self.text(if quantifier == Quantifier::Any { " ANY " } else { " ALL " });
    }

    fn logic(&mut self, args: &[Expr], operator: &str, min: u8) {
        self.separated(args, operator, |p, arg| p.expr_at(arg, min));
    }

    /// `IS`, `BETWEEN`, `IN`, `LIKE`.
    fn test_expr(&mut self, expr: &Expr) {
        let not = |negated: bool| if negated { "NOT " } else { "" };
        match &expr.kind {
            ExprKind::IsNull { arg, negated } => {
                self.is_test(arg, *negated);
                self.text("NULL");
            }
            ExprKind::IsTruth { arg, test, negated } => {
                self.is_test(arg, *negated);
                self.text(match test {
                    TruthTest::True => "TRUE",
                    TruthTest::False => "FALSE",
                    TruthTest::Unknown => "UNKNOWN",
                });
            }
            ExprKind::IsDistinct { left, right, negated, .. } => {
                self.is_test(left, *negated);
                self.text("DISTINCT FROM ");
                self.expr_at(right, level::IS + 1);
            }
            ExprKind::IsNormalized { arg, form, negated } => {
                self.is_test(arg, *negated);
                if let Some(form) = form {
                    self.normal_form(*form);
                    self.text(" ");
                }
                self.text("NORMALIZED");
            }
            ExprKind::Between { arg, low, high, symmetric, negated, .. } => {
                self.expr_at(arg, level::LIKE + 1);
                self.display(format_args!(" {}BETWEEN ", not(*negated)));
                self.text_if(*symmetric, "SYMMETRIC ");
                self.primary(low);
                self.text(" AND ");
                self.expr_at(high, level::LIKE + 1);
            }
            ExprKind::InList { arg, list, negated, .. } => {
                self.expr_at(arg, level::LIKE + 1);
                self.display(format_args!(" {}IN ", not(*negated)));
                self.paren_list(list, Self::expr);
            }
            ExprKind::InQuery { arg, query, negated, .. } => {
                self.expr_at(arg, level::LIKE + 1);
                self.display(format_args!(" {}IN ", not(*negated)));
                self.paren_query(query);
            }
            ExprKind::Like { kind, arg, pattern, escape, negated, .. } => {
                self.expr_at(arg, level::LIKE + 1);
                let operator = match kind {
                    LikeKind::Like => "LIKE",
                    LikeKind::ILike => "ILIKE",
                    LikeKind::SimilarTo => "SIMILAR TO",
                };
                self.display(format_args!(" {}{operator} ", not(*negated)));
                self.expr_at(pattern, level::LIKE + 1);
                if let Some(escape) = escape {
                    self.text(" ESCAPE ");
                    self.expr_at(escape, level::LIKE + 1);
                }
            }
            // Everything else has been dealt with by the callers.
            _ => {}
        }
    }

    /// `arg IS [NOT] `.
    pub(super) fn is_test(&mut self, arg: &Expr, negated: bool) {
        self.expr_at(arg, level::IS + 1);
        self.text(if negated { " IS NOT " } else { " IS " });
    }

    pub(super) fn normal_form(&mut self, form: NormalForm) {
        self.text(match form {
            NormalForm::Nfc => "NFC",
            NormalForm::Nfd => "NFD",
            NormalForm::Nfkc => "NFKC",
            NormalForm::Nfkd => "NFKD",
        });
    }
}
