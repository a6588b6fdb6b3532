//! Option lists and small clauses that many statements share.

use super::Printer;
use crate::ast::{
    DefAction, DefElem, DefValue, DropBehavior, Expr, ExprKind, Literal, NumericOnly, Persistence, RoleSpec,
    RoleSpecKind,
};

impl Printer {
    pub(super) fn number(&mut self, number: &NumericOnly) {
        match number {
            NumericOnly::Integer(value) => self.display(value),
            NumericOnly::Numeric(text) => self.text(text),
        }
    }

    pub(super) fn def_value(&mut self, value: &DefValue) {
        match value {
            DefValue::Type(type_name) => self.type_name(type_name),
            DefValue::String(text) => self.string(text),
            DefValue::Number(number) => self.number(number),
            DefValue::Boolean(value) => self.text(if *value { "TRUE" } else { "FALSE" }),
            DefValue::Operator(op) => self.operator(op),
            DefValue::Name(name) => self.name(name),
            DefValue::Star => self.text("*"),
            DefValue::List(values) => self.paren_list(values, Self::def_value),
            DefValue::Default => self.text("DEFAULT"),
            DefValue::Expr(expr) => self.expr(expr),
        }
    }

    fn def_name(&mut self, element: &DefElem) {
        if let Some(namespace) = &element.namespace {
            self.ident(namespace);
            self.text(".");
        }
        self.ident(&element.name);
    }

    /// `name = value`, as `definition` and `reloptions` take it.
    pub(super) fn def_elem(&mut self, element: &DefElem) {
        self.def_name(element);
        self.optional(" = ", element.value.as_ref(), Self::def_value);
    }

    /// `name value`, as `EXPLAIN`, `COPY` and their like take it.
    pub(super) fn utility_option(&mut self, element: &DefElem) {
        self.def_name(element);
        self.optional(" ", element.value.as_ref(), Self::def_value);
    }

    /// `ADD name 'value'`, as `OPTIONS (...)` takes it.
    pub(super) fn generic_option(&mut self, element: &DefElem) {
        self.text(match element.action {
            DefAction::Unspecified => "",
            DefAction::Set => "SET ",
            DefAction::Add => "ADD ",
            DefAction::Drop => "DROP ",
        });
        self.utility_option(element);
    }

    /// ` OPTIONS (...)` unless empty.
    pub(super) fn opt_generic_options(&mut self, options: &[DefElem]) {
        if !options.is_empty() {
            self.text(" OPTIONS ");
            self.paren_list(options, Self::generic_option);
        }
    }

    /// ` WITH (...)` unless empty.
    pub(super) fn opt_with_options(&mut self, options: &[DefElem]) {
        if !options.is_empty() {
            self.text(" WITH ");
            self.paren_list(options, Self::def_elem);
        }
    }

    /// `TEMPORARY ` or `UNLOGGED ` or nothing.
    pub(super) fn persistence(&mut self, persistence: Persistence) {
        self.text(match persistence {
            Persistence::Permanent => "",
            Persistence::Temporary => "TEMPORARY ",
            Persistence::Unlogged => "UNLOGGED ",
        });
    }

    /// ` CASCADE` or nothing.
    pub(super) fn drop_behavior(&mut self, behavior: DropBehavior) {
        self.text_if(behavior == DropBehavior::Cascade, " CASCADE");
    }

    pub(super) fn role(&mut self, role: &RoleSpec) {
        match &role.kind {
            RoleSpecKind::Name(name) => self.word(name),
            RoleSpecKind::CurrentRole => self.text("CURRENT_ROLE"),
            RoleSpecKind::CurrentUser => self.text("CURRENT_USER"),
            RoleSpecKind::SessionUser => self.text("SESSION_USER"),
            RoleSpecKind::Public => self.text("PUBLIC"),
        }
    }

    /// A constant where only one may stand: typed ones keep their type in front.
    pub(super) fn constant(&mut self, expr: &Expr) {
        let ExprKind::Cast { arg, type_name, .. } = &expr.kind else { return self.expr(expr) };
        let ExprKind::Literal(Literal::String(value)) = &arg.kind else { return self.expr(expr) };
        let is_interval =
            type_name.name.schema() == Some("pg_catalog") && type_name.name.last() == "interval";
        if is_interval && !type_name.typmods.is_empty() {
            return self.interval_constant(&type_name.typmods, value);
        }
        self.name(&type_name.name);
        if !type_name.typmods.is_empty() {
            self.paren_list(&type_name.typmods, Self::expr);
        }
        self.text(" ");
        self.string(value);
    }
}
