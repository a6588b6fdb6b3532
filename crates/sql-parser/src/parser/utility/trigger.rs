//! Triggers and event triggers.

use super::alter::RENAME_OWNER;
use super::constraint::Allowed;
use crate::ast::{
    AlterEventTriggerStatement, ConstraintAttributes, CreateEventTriggerStatement, CreateTriggerStatement,
    Ident, ObjectKind, QualifiedName, Statement, TriggerEvent, TriggerTiming, TriggerTransition,
};
use crate::lexer::{Keyword, TokenKind};
use crate::parser::{Parser, names};
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// At `TRIGGER` or `CONSTRAINT TRIGGER` behind `CREATE`, which stands at `create`.
    pub(super) fn create_trigger(&mut self, or_replace: bool, create: usize) -> Result<Statement> {
        let constraint = self.accept(Keyword::Constraint);
        self.expect(Keyword::Trigger)?;
        let name = self.col_id()?;
        let timing = self.trigger_timing(constraint)?;
        let events = self.trigger_events()?;
        self.expect(Keyword::On)?;
        let relation = self.qualified_name()?;
        let (mut from, mut attributes) = (None, ConstraintAttributes::default());
        let (mut transitions, mut for_each_row) = (Vec::new(), true);
        if constraint {
            if self.accept(Keyword::From) {
                from = Some(self.qualified_name()?);
            }
            let allowed = Allowed { deferrable: true, ..Allowed::default() };
            attributes = self.constraint_attributes("TRIGGER", allowed)?;
            self.expect_all(&[Keyword::For, Keyword::Each, Keyword::Row])?;
        } else {
            transitions = self.trigger_referencing()?;
            for_each_row = self.trigger_for_each_row()?;
        }
        let when = if self.accept(Keyword::When) { Some(self.paren_condition()?) } else { None };
        let function = self.trigger_function()?;
        let args = self.trigger_args()?;
        if constraint && or_replace {
            let message = "CREATE OR REPLACE CONSTRAINT TRIGGER is not supported";
            return Err(err!(FEATURE_NOT_SUPPORTED, "{message}").at(create));
        }
        Ok(Statement::CreateTrigger(Box::new(CreateTriggerStatement {
            or_replace,
            constraint,
            name,
            timing,
            events,
            relation,
            from,
            attributes,
            transitions,
            for_each_row,
            when,
            function,
            args,
        })))
    }

    /// `TriggerActionTime`; constraint triggers know `AFTER` only.
    fn trigger_timing(&mut self, constraint: bool) -> Result<TriggerTiming> {
        let timing = match self.keyword() {
            Keyword::After => TriggerTiming::After,
            Keyword::Before if !constraint => TriggerTiming::Before,
            Keyword::Instead if !constraint => {
                self.advance();
                self.expect(Keyword::Of)?;
                return Ok(TriggerTiming::InsteadOf);
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(timing)
    }

    /// `TriggerEvents`.
    fn trigger_events(&mut self) -> Result<Vec<TriggerEvent>> {
        let mut events: Vec<TriggerEvent> = Vec::new();
        loop {
            let before = self.checkpoint();
            let event = match self.keyword() {
                Keyword::Insert => TriggerEvent::Insert,
                Keyword::Delete => TriggerEvent::Delete,
                Keyword::Update => TriggerEvent::Update(Vec::new()),
                Keyword::Truncate => TriggerEvent::Truncate,
                _ => return Err(self.syntax_error()),
            };
            self.advance();
            let event = match event {
                TriggerEvent::Update(_) if self.accept(Keyword::Of) => {
                    TriggerEvent::Update(self.comma_list(Self::col_id)?)
                }
                other => other,
            };
            let same = |known: &TriggerEvent| std::mem::discriminant(known) == std::mem::discriminant(&event);
            if events.iter().any(same) {
                if !matches!(event, TriggerEvent::Update(_)) {
                    self.rewind(before);
                }
                return Err(self.error_near("duplicate trigger events specified"));
            }
            events.push(event);
            if !self.accept(Keyword::Or) {
                return Ok(events);
            }
        }
    }

    /// `TriggerReferencing`.
    fn trigger_referencing(&mut self) -> Result<Vec<TriggerTransition>> {
        let mut transitions = Vec::new();
        if !self.accept(Keyword::Referencing) {
            return Ok(transitions);
        }
        loop {
            let new = self.accept(Keyword::New);
            if !new {
                self.expect(Keyword::Old)?;
            }
            let table = self.accept(Keyword::Table);
            if !table {
                self.expect(Keyword::Row)?;
            }
            self.accept(Keyword::As);
            transitions.push(TriggerTransition { new, table, name: self.col_id()? });
            if !self.at_any(&[Keyword::New, Keyword::Old]) {
                return Ok(transitions);
            }
        }
    }

    /// `TriggerForSpec`.
    fn trigger_for_each_row(&mut self) -> Result<bool> {
        if !self.accept(Keyword::For) {
            return Ok(false);
        }
        self.accept(Keyword::Each);
        let row = self.accept(Keyword::Row);
        if !row {
            self.expect(Keyword::Statement)?;
        }
        Ok(row)
    }

    /// `EXECUTE FUNCTION name`.
    fn trigger_function(&mut self) -> Result<QualifiedName> {
        self.expect(Keyword::Execute)?;
        if !self.accept(Keyword::Procedure) {
            self.expect(Keyword::Function)?;
        }
        self.func_name()
    }

    /// `(TriggerFuncArgs)`: constants and words, all taken as text.
    fn trigger_args(&mut self) -> Result<Vec<Box<str>>> {
        self.expect_char(b'(')?;
        let mut args = Vec::new();
        if !self.at_char(b')') && !self.at_char(b',') {
            args.push(self.trigger_arg()?);
        }
        // PostgreSQL's grammar takes a comma behind nothing.
        while self.accept_char(b',') {
            args.push(self.trigger_arg()?);
        }
        self.expect_char(b')')?;
        Ok(args)
    }

    fn trigger_arg(&mut self) -> Result<Box<str>> {
        let token = self.peek();
        match token.kind {
            TokenKind::Integer => Ok(self.integer()?.to_string().into()),
            TokenKind::Numeric => {
                self.advance();
                Ok(self.lexer.slice(&token).into())
            }
            _ if names::is_string(token) => self.string(),
            _ => Ok(self.col_label()?.name),
        }
    }

    /// Behind `CREATE EVENT TRIGGER`.
    pub(super) fn create_event_trigger(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        self.expect(Keyword::On)?;
        let event = self.col_label()?;
        let mut filters = Vec::new();
        if self.accept(Keyword::When) {
            filters.push(self.event_trigger_filter()?);
            while self.accept(Keyword::And) {
                filters.push(self.event_trigger_filter()?);
            }
        }
        let function = self.trigger_function()?;
        self.expect_char(b'(')?;
        self.expect_char(b')')?;
        let statement = CreateEventTriggerStatement { name, event, filters, function };
        Ok(Statement::CreateEventTrigger(statement))
    }

    /// `event_trigger_when_item`.
    fn event_trigger_filter(&mut self) -> Result<(Ident, Vec<Box<str>>)> {
        let name = self.col_id()?;
        self.expect(Keyword::In)?;
        Ok((name, self.paren_list(Self::string)?))
    }

    /// Behind `ALTER EVENT TRIGGER`.
    pub(super) fn alter_event_trigger(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        if self.at_any(&[Keyword::Enable, Keyword::Disable]) {
            let mode = self.event_trigger_mode()?;
            return Ok(Statement::AlterEventTrigger(AlterEventTriggerStatement { name, mode }));
        }
        self.alter_object(super::alter::named(ObjectKind::EventTrigger, name), RENAME_OWNER, false)
    }
}
