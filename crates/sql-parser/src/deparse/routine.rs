//! Functions, triggers, rules.

use super::Printer;
use crate::ast::{
    AlterEventTriggerStatement, AlterFunctionStatement, CreateEventTriggerStatement, CreateFunctionStatement,
    CreateRuleStatement, CreateTriggerStatement, FunctionOption, FunctionOptionKind, FunctionReturns,
    RuleEvent, SqlBody, TriggerEvent, TriggerTiming, Volatility,
};

impl Printer {
    pub(super) fn create_function(&mut self, create: &CreateFunctionStatement) {
        self.create_or_replace(create.or_replace);
        self.text(if create.procedure { "PROCEDURE " } else { "FUNCTION " });
        self.name(&create.name);
        self.paren_list(&create.parameters, Self::parameter);
        match &create.returns {
            FunctionReturns::Unspecified => {}
            FunctionReturns::Type(type_name) => self.optional(" RETURNS ", Some(type_name), Self::type_name),
            FunctionReturns::Table(columns, _) => {
                self.text(" RETURNS TABLE ");
                self.paren_list(columns, Self::parameter);
            }
        }
        self.function_options(&create.options);
        match &create.body {
            None => {}
            Some(SqlBody::Return(value)) => self.optional(" RETURN ", Some(value), Self::expr),
            Some(SqlBody::Atomic(statements)) => {
                self.text(" BEGIN ATOMIC ");
                for statement in statements {
                    self.statement(statement);
                    self.text("; ");
                }
                self.text("END");
            }
        }
    }

    pub(super) fn alter_function(&mut self, alter: &AlterFunctionStatement) {
        self.text("ALTER ");
        self.object_kind(alter.kind);
        self.text(" ");
        self.signature(&alter.signature);
        self.function_options(&alter.options);
    }

    fn function_options(&mut self, options: &[FunctionOption]) {
        for option in options {
            self.text(" ");
            self.function_option(&option.kind);
        }
    }

    fn function_option(&mut self, option: &FunctionOptionKind) {
        use FunctionOptionKind as Kind;
        match option {
            Kind::As(parts) => {
                self.text("AS ");
                self.list(parts, |p, part| p.string(part));
            }
            Kind::Language(name) => {
                self.text("LANGUAGE ");
                // Names are cut where they are long, strings are not.
                if super::is_plain_name(name) && name.len() < 64 {
                    self.text(name)
                } else {
                    self.string(name)
                }
            }
            Kind::Transform(types) => {
                self.text("TRANSFORM ");
                self.list(types, |p, type_name| p.optional("FOR TYPE ", Some(type_name), Self::type_name));
            }
            Kind::Window => self.text("WINDOW"),
            Kind::Strict(strict) => self.text(if *strict { "STRICT" } else { "CALLED ON NULL INPUT" }),
            Kind::Volatility(volatility) => self.text(match volatility {
                Volatility::Immutable => "IMMUTABLE",
                Volatility::Stable => "STABLE",
                Volatility::Volatile => "VOLATILE",
            }),
            Kind::SecurityDefiner(definer) => {
                self.text(if *definer { "SECURITY DEFINER" } else { "SECURITY INVOKER" });
            }
            Kind::Leakproof(leakproof) => self.text(if *leakproof { "LEAKPROOF" } else { "NOT LEAKPROOF" }),
            Kind::Cost(number) => self.optional("COST ", Some(number), Self::number),
            Kind::Rows(number) => self.optional("ROWS ", Some(number), Self::number),
            Kind::Support(name) => self.optional("SUPPORT ", Some(name), Self::name),
            Kind::Set(set) => self.set(set),
            Kind::Parallel(word) => self.optional("PARALLEL ", Some(word), Self::ident),
        }
    }

    // ---- triggers ----

    pub(super) fn create_trigger(&mut self, create: &CreateTriggerStatement) {
        self.create_or_replace(create.or_replace);
        self.text_if(create.constraint, "CONSTRAINT ");
        self.text("TRIGGER ");
        self.ident(&create.name);
        self.text(match create.timing {
            TriggerTiming::Before => " BEFORE ",
            TriggerTiming::After => " AFTER ",
            TriggerTiming::InsteadOf => " INSTEAD OF ",
        });
        self.separated(&create.events, " OR ", Self::trigger_event);
        self.text(" ON ");
        self.name(&create.relation);
        self.optional(" FROM ", create.from.as_ref(), Self::name);
        self.constraint_attributes(&create.attributes);
        if !create.transitions.is_empty() {
            self.text(" REFERENCING");
            for transition in &create.transitions {
                self.text(if transition.new { " NEW" } else { " OLD" });
                self.text(if transition.table { " TABLE AS " } else { " ROW AS " });
                self.ident(&transition.name);
            }
        }
        self.text(if create.for_each_row { " FOR EACH ROW" } else { " FOR EACH STATEMENT" });
        self.optional(" WHEN ", create.when.as_ref(), Self::paren_expr);
        self.text(" EXECUTE FUNCTION ");
        self.name(&create.function);
        self.paren_list(&create.args, |p, arg| p.string(arg));
    }

    fn trigger_event(&mut self, event: &TriggerEvent) {
        match event {
            TriggerEvent::Insert => self.text("INSERT"),
            TriggerEvent::Delete => self.text("DELETE"),
            TriggerEvent::Truncate => self.text("TRUNCATE"),
            TriggerEvent::Update(columns) => {
                self.text("UPDATE");
                if !columns.is_empty() {
                    self.text(" OF ");
                    self.list(columns, Self::ident);
                }
            }
        }
    }

    pub(super) fn create_event_trigger(&mut self, create: &CreateEventTriggerStatement) {
        self.text("CREATE EVENT TRIGGER ");
        self.ident(&create.name);
        self.text(" ON ");
        self.ident(&create.event);
        self.text_if(!create.filters.is_empty(), " WHEN ");
        self.separated(&create.filters, " AND ", |p, (variable, values)| {
            p.ident(variable);
            p.text(" IN ");
            p.paren_list(values, |p, value| p.string(value));
        });
        self.text(" EXECUTE FUNCTION ");
        self.name(&create.function);
        self.text("()");
    }

    pub(super) fn alter_event_trigger(&mut self, alter: &AlterEventTriggerStatement) {
        self.text("ALTER EVENT TRIGGER ");
        self.ident(&alter.name);
        self.text(" ");
        self.firing_mode(alter.mode);
    }

    // ---- rules ----

    pub(super) fn create_rule(&mut self, create: &CreateRuleStatement) {
        self.create_or_replace(create.or_replace);
        self.text("RULE ");
        self.ident(&create.name);
        self.text(match create.event {
            RuleEvent::Select => " AS ON SELECT TO ",
            RuleEvent::Update => " AS ON UPDATE TO ",
            RuleEvent::Delete => " AS ON DELETE TO ",
            RuleEvent::Insert => " AS ON INSERT TO ",
        });
        self.relation(&create.relation);
        self.optional(" WHERE ", create.where_clause.as_ref(), Self::expr);
        self.text(if create.instead { " DO INSTEAD " } else { " DO " });
        if create.actions.is_empty() {
            return self.text("NOTHING");
        }
        self.text("(");
        self.separated(&create.actions, "; ", Self::statement);
        self.text(")");
    }
}
