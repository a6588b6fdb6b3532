//! `SET`, `RESET`, `SHOW`, `SET CONSTRAINTS`.

use crate::ast::{
    ExprKind, Literal, NumericOnly, SetConstraintsStatement, SetKind, SetStatement, SettingValue,
    ShowStatement, Statement, TypeName,
};
use crate::lexer::{Keyword, TokenKind};
use crate::parser::{Parser, names};
use pglitedb_sqlstate::{Result, err};

/// Interval fields that a time zone may have: hours and minutes.
const ZONE_FIELDS: i32 = 1 << 10 | 1 << 11;

impl Parser<'_> {
    pub(super) fn set_statement(&mut self) -> Result<Statement> {
        let start = self.start();
        self.expect(Keyword::Set)?;
        if self.at(Keyword::Constraints) && !self.next_begins_value() {
            return self.set_constraints();
        }
        let local = self.at(Keyword::Local) && !self.next_begins_value();
        if local || self.at_session_word() {
            self.advance();
        }
        let kind = self.set_rest()?;
        Ok(Statement::Set(SetStatement { kind, local, span: self.span_from(start) }))
    }

    /// The word `SESSION` as a scope, not as a name or the beginning of `SESSION AUTHORIZATION`.
    fn at_session_word(&mut self) -> bool {
        self.at(Keyword::Session)
            && !self.next_begins_value()
            && !matches!(self.next_keyword(), Keyword::Authorization | Keyword::Characteristics)
    }

    /// The word here is the name of a setting: `TO`, `=`, `.` or `FROM CURRENT` follows.
    fn next_begins_value(&mut self) -> bool {
        let next = self.peek_next();
        next.keyword == Keyword::To
            || next.keyword == Keyword::From
            || matches!(next.kind, TokenKind::Char(b'=' | b'.'))
    }

    fn set_constraints(&mut self) -> Result<Statement> {
        self.expect(Keyword::Constraints)?;
        let constraints = if self.accept(Keyword::All) { Vec::new() } else { self.qualified_name_list()? };
        let deferred = self.accept(Keyword::Deferred);
        if !deferred {
            self.expect(Keyword::Immediate)?;
        }
        Ok(Statement::SetConstraints(SetConstraintsStatement { constraints, deferred }))
    }

    /// `SetResetClause`: `SET ...` or `RESET ...` of a role or database.
    pub(crate) fn set_reset_clause(&mut self) -> Result<SetStatement> {
        let start = self.start();
        let kind = if self.at(Keyword::Reset) {
            self.reset_kind()?
        } else {
            self.expect(Keyword::Set)?;
            self.set_rest()?
        };
        Ok(SetStatement { kind, local: false, span: self.span_from(start) })
    }

    /// `FunctionSetResetClause`: without `TRANSACTION` and `SESSION CHARACTERISTICS`.
    pub(crate) fn function_set_reset_clause(&mut self) -> Result<SetStatement> {
        let start = self.start();
        let kind = if self.at(Keyword::Reset) {
            self.reset_kind()?
        } else {
            self.expect(Keyword::Set)?;
            self.set_rest_more()?
        };
        Ok(SetStatement { kind, local: false, span: self.span_from(start) })
    }

    /// `set_rest`.
    fn set_rest(&mut self) -> Result<SetKind> {
        if self.at(Keyword::Transaction) && !self.next_begins_value() {
            if self.next_keyword() == Keyword::Snapshot {
                return self.set_rest_more();
            }
            self.advance();
            return Ok(SetKind::Transaction(self.transaction_modes()?));
        }
        if self.at_pair(Keyword::Session, Keyword::Characteristics) {
            self.advance();
            self.advance();
            self.expect_all(&[Keyword::As, Keyword::Transaction])?;
            return Ok(SetKind::SessionCharacteristics(self.transaction_modes()?));
        }
        self.set_rest_more()
    }

    /// `set_rest_more`.
    fn set_rest_more(&mut self) -> Result<SetKind> {
        if self.next_begins_value() {
            return self.generic_set();
        }
        let start = self.start();
        match self.keyword() {
            Keyword::Time if self.next_keyword() == Keyword::Zone => {
                self.advance();
                self.advance();
                self.set_time_zone()
            }
            Keyword::Catalog => {
                self.advance();
                let at = self.start() as usize;
                self.string()?;
                Err(err!(FEATURE_NOT_SUPPORTED, "current database cannot be changed").at(at))
            }
            Keyword::Schema => {
                self.advance();
                self.set_string("search_path")
            }
            Keyword::Names => {
                self.advance();
                if self.accept(Keyword::Default) || !names::is_string(self.peek()) {
                    return Ok(SetKind::Default { name: "client_encoding".into() });
                }
                self.set_string("client_encoding")
            }
            Keyword::Role => {
                self.advance();
                self.set_word("role")
            }
            Keyword::Session if self.next_keyword() == Keyword::Authorization => {
                self.advance();
                self.advance();
                if self.accept(Keyword::Default) {
                    return Ok(SetKind::Default { name: "session_authorization".into() });
                }
                self.set_word("session_authorization")
            }
            Keyword::Xml => {
                self.advance();
                self.expect(Keyword::Option)?;
                let document = self.accept(Keyword::Document);
                if !document {
                    self.expect(Keyword::Content)?;
                }
                let value = if document { "DOCUMENT" } else { "CONTENT" };
                Ok(self.set_value("xmloption", Literal::String(value.into()), start))
            }
            Keyword::Transaction => {
                self.advance();
                self.expect(Keyword::Snapshot)?;
                Ok(SetKind::TransactionSnapshot(self.string()?))
            }
            _ => self.generic_set(),
        }
    }

    fn set_value(&self, name: &str, value: Literal, start: u32) -> SetKind {
        let values = vec![SettingValue::Literal(value, self.span_from(start))];
        SetKind::Value { name: name.into(), values }
    }

    fn set_string(&mut self, name: &str) -> Result<SetKind> {
        let start = self.start();
        let value = self.string()?;
        Ok(self.set_value(name, Literal::String(value), start))
    }

    fn set_word(&mut self, name: &str) -> Result<SetKind> {
        let start = self.start();
        let value = self.non_reserved_word_or_string()?;
        Ok(self.set_value(name, Literal::String(value.name), start))
    }

    /// `zone_value`.
    fn set_time_zone(&mut self) -> Result<SetKind> {
        let start = self.start();
        if self.accept(Keyword::Default) || self.accept(Keyword::Local) {
            return Ok(SetKind::Default { name: "timezone".into() });
        }
        if self.at(Keyword::Interval) {
            return self.set_interval_zone();
        }
        if self.at_numeric_only() {
            let value = self.setting_number()?;
            return Ok(self.set_value("timezone", value, start));
        }
        if names::is_string(self.peek()) {
            return self.set_string("timezone");
        }
        if self.keyword() != Keyword::NotAKeyword || !names::is_col_id(self.peek()) {
            return Err(self.syntax_error());
        }
        let word = self.take_ident()?;
        Ok(self.set_value("timezone", Literal::String(word.name), start))
    }

    fn set_interval_zone(&mut self) -> Result<SetKind> {
        let constant = self.interval_constant()?;
        let span = constant.span;
        let ExprKind::Cast { arg, type_name, .. } = constant.kind else { return Err(self.syntax_error()) };
        let ExprKind::Literal(Literal::String(value)) = arg.kind else { return Err(self.syntax_error()) };
        if interval_fields(&type_name).is_some_and(|mask| mask & !ZONE_FIELDS != 0 && mask != 0x7fff) {
            let fields_span = type_name.typmods.first().map_or(span, |typmod| typmod.span);
            return Err(self.error_at(fields_span, "time zone interval must be HOUR or HOUR TO MINUTE"));
        }
        let values = vec![SettingValue::Interval { type_name: *type_name, value, span }];
        Ok(SetKind::Value { name: "timezone".into(), values })
    }

    /// `generic_set`, and `var_name FROM CURRENT`.
    pub(crate) fn generic_set(&mut self) -> Result<SetKind> {
        let name = self.setting_name()?;
        if self.accept(Keyword::From) {
            self.expect(Keyword::Current)?;
            return Ok(SetKind::Current { name });
        }
        if !self.accept_char(b'=') {
            self.expect(Keyword::To)?;
        }
        if self.accept(Keyword::Default) {
            return Ok(SetKind::Default { name });
        }
        let values = self.comma_list(|p| {
            let start = p.start();
            let value = if p.at_numeric_only() {
                p.setting_number()?
            } else {
                Literal::String(p.boolean_or_string()?.name)
            };
            Ok(SettingValue::Literal(value, p.span_from(start)))
        })?;
        Ok(SetKind::Value { name, values })
    }

    fn setting_number(&mut self) -> Result<Literal> {
        Ok(match self.numeric_only()? {
            NumericOnly::Integer(value) => Literal::Integer(value),
            NumericOnly::Numeric(text) => Literal::Numeric(text),
        })
    }

    /// `var_name`.
    pub(crate) fn setting_name(&mut self) -> Result<Box<str>> {
        let first = self.col_id()?;
        if !self.at_char(b'.') {
            return Ok(first.name);
        }
        let mut name = String::from(first.name);
        while self.accept_char(b'.') {
            name.push('.');
            name.push_str(&self.col_id()?.name);
        }
        Ok(name.into())
    }

    /// What `RESET` and `SHOW` name; `None` for `ALL`.
    fn setting_or_all(&mut self) -> Result<Option<Box<str>>> {
        if self.accept(Keyword::All) {
            return Ok(None);
        }
        let special = match (self.keyword(), self.next_keyword()) {
            (Keyword::Time, Keyword::Zone) => "timezone",
            (Keyword::Session, Keyword::Authorization) => "session_authorization",
            (Keyword::Transaction, Keyword::Isolation) => {
                self.advance();
                self.advance();
                self.expect(Keyword::Level)?;
                return Ok(Some("transaction_isolation".into()));
            }
            _ => return self.setting_name().map(Some),
        };
        self.advance();
        self.advance();
        Ok(Some(special.into()))
    }

    pub(crate) fn reset_kind(&mut self) -> Result<SetKind> {
        self.expect(Keyword::Reset)?;
        Ok(match self.setting_or_all()? {
            Some(name) => SetKind::Reset { name },
            None => SetKind::ResetAll,
        })
    }

    pub(super) fn reset_statement(&mut self) -> Result<Statement> {
        let start = self.start();
        let kind = self.reset_kind()?;
        Ok(Statement::Set(SetStatement { kind, local: false, span: self.span_from(start) }))
    }

    pub(super) fn show_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Show)?;
        Ok(Statement::Show(match self.setting_or_all()? {
            Some(name) => ShowStatement::Name(name),
            None => ShowStatement::All,
        }))
    }
}

/// The field mask among an interval's type modifiers.
fn interval_fields(type_name: &TypeName) -> Option<i32> {
    match type_name.typmods.first().map(|typmod| &typmod.kind) {
        Some(ExprKind::Literal(Literal::Integer(mask))) => Some(*mask),
        _ => None,
    }
}
