//! Function calls and functions with a syntax of their own.

use super::Printer;
use crate::ast::{Expr, ExprKind, FunctionArg, FunctionCall, Over, SpecialFunction, TrimSide};

impl Printer {
    pub(super) fn function_call(&mut self, call: &FunctionCall) {
        self.name(&call.name);
        self.text("(");
        self.text_if(call.star, "*");
        self.text_if(call.distinct, "DISTINCT ");
        self.list(&call.args, Self::function_arg);
        if !call.within_group && !call.order_by.is_empty() {
            self.text(" ");
            self.order_by(&call.order_by);
        }
        self.text(")");
        if call.within_group {
            self.text(" WITHIN GROUP (");
            self.order_by(&call.order_by);
            self.text(")");
        }
        self.filter_and_over(call.filter.as_ref(), call.over.as_ref());
    }

    fn function_arg(&mut self, arg: &FunctionArg) {
        self.text_if(arg.variadic, "VARIADIC ");
        if let Some(name) = &arg.name {
            self.ident(name);
            self.text(" => ");
        }
        self.expr(&arg.value);
    }

    pub(super) fn filter_and_over(&mut self, filter: Option<&Expr>, over: Option<&Over>) {
        if let Some(filter) = filter {
            self.text(" FILTER (WHERE ");
            self.expr(filter);
            self.text(")");
        }
        match over {
            Some(Over::Name(name)) => {
                self.text(" OVER ");
                self.ident(name);
            }
            Some(Over::Spec(spec)) => {
                self.text(" OVER ");
                self.window_spec(spec);
            }
            None => {}
        }
    }

    /// A function where only one may stand: in `FROM`.
    pub(super) fn windowless_function(&mut self, function: &Expr) {
        if let ExprKind::Cast { arg, type_name, .. } = &function.kind {
            self.text("CAST(");
            self.expr(arg);
            self.text(" AS ");
            self.type_name(type_name);
            self.text(")");
        } else {
            self.expr(function);
        }
    }

    pub(super) fn special_function(&mut self, function: &SpecialFunction) {
        match function {
            SpecialFunction::Extract { field, source, .. } => {
                self.text("EXTRACT(");
                self.string(field);
                self.text(" FROM ");
                self.expr(source);
                self.text(")");
            }
            SpecialFunction::Overlay(args) => {
                self.text("OVERLAY(");
                let words = ["", " PLACING ", " FROM ", " FOR "];
                for (word, arg) in words.iter().zip(args) {
                    self.text(word);
                    self.expr(arg);
                }
                self.text(")");
            }
            SpecialFunction::Position { needle, haystack } => {
                self.text("POSITION(");
                self.primary(needle);
                self.text(" IN ");
                self.primary(haystack);
                self.text(")");
            }
            SpecialFunction::Substring { arg, from, length } => {
                self.text("SUBSTRING(");
                self.expr(arg);
                self.optional(" FROM ", from.as_ref(), Self::expr);
                self.optional(" FOR ", length.as_ref(), Self::expr);
                self.text(")");
            }
            SpecialFunction::SubstringSimilar { arg, pattern, escape } => {
                self.text("SUBSTRING(");
                self.primary(arg);
                self.text(" SIMILAR ");
                self.expr(pattern);
                self.text(" ESCAPE ");
                self.expr(escape);
                self.text(")");
            }
            SpecialFunction::Trim { side, args } => self.trim(*side, args),
            SpecialFunction::Normalize { arg, form } => {
                self.text("NORMALIZE(");
                self.expr(arg);
                if let Some(form) = form {
                    self.text(", ");
                    self.normal_form(*form);
                }
                self.text(")");
            }
            SpecialFunction::CollationFor(arg) => {
                self.text("COLLATION FOR ");
                self.paren_expr(arg);
            }
            SpecialFunction::Treat { arg, type_name } => {
                self.text("TREAT(");
                self.expr(arg);
                self.text(" AS ");
                self.type_name(type_name);
                self.text(")");
            }
            SpecialFunction::IsDocument { arg, negated } => {
                self.is_test(arg, *negated);
                self.text("DOCUMENT");
            }
            SpecialFunction::SystemUser => self.text("SYSTEM_USER"),
        }
    }

    /// Arguments stand in call order, which `FROM list` keeps.
    fn trim(&mut self, side: TrimSide, args: &[Expr]) {
        self.text(match side {
            TrimSide::Both => "TRIM(BOTH FROM ",
            TrimSide::Leading => "TRIM(LEADING FROM ",
            TrimSide::Trailing => "TRIM(TRAILING FROM ",
        });
        self.exprs(args);
        self.text(")");
    }
}
