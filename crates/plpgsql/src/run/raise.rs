//! RAISE, ASSERT, GET DIAGNOSTICS.

use super::assign::text;
use super::{Run, Value};
use crate::ast::{Diagnostic, Raise, RaiseLevel, RaiseOption, Sql};
use crate::conditions::code_of;
use pglitedb_sqlstate::{Error, Result, Severity, SqlState, codes, err};
use pglitedb_types::{Datum, oids};

impl Run<'_> {
    /// RAISE.
    pub(super) fn raise(&mut self, raise: &Raise) -> Result<()> {
        if raise.condition.is_none() && raise.message.is_none() && raise.options.is_empty() {
            if let Some(error) = self.handled.last() {
                let mut error = error.clone();
                // The line of this call comes again on the way out.
                strip_own_line(&mut error);
                return Err(error);
            }
            return Err(err!(
                STACKED_DIAGNOSTICS_ACCESSED_WITHOUT_ACTIVE_HANDLER,
                "RAISE without parameters cannot be used outside an exception handler"
            ));
        }
        let mut code: Option<SqlState> = None;
        let mut message: Option<String> = None;
        if let Some((known, name)) = &raise.condition {
            code = Some(*known);
            message = Some(name.to_string());
        }
        if let Some(format) = &raise.message {
            message = Some(self.formatted(format, &raise.params)?);
        }
        let mut error = Error::new(codes::RAISE_EXCEPTION, "");
        let mut seen: Vec<RaiseOption> = Vec::new();
        for (option, value) in &raise.options {
            let value = self.host.evaluate(value, &self.frame)?;
            if value.datum.is_null() {
                return Err(err!(NULL_VALUE_NOT_ALLOWED, "RAISE statement option cannot be null"));
            }
            let value = self.host.output(&value)?;
            let again = seen.contains(option)
                || (*option == RaiseOption::Errcode && raise.condition.is_some())
                || (*option == RaiseOption::Message && raise.message.is_some());
            if again {
                return Err(err!(SYNTAX_ERROR, "RAISE option already specified: {}", word(*option)));
            }
            seen.push(*option);
            let fields = error.fields_mut();
            match option {
                RaiseOption::Errcode => {
                    code = Some(code_of(&value, true)?);
                    if raise.message.is_none() && message.is_none() {
                        message = None;
                    }
                    let _ = &fields;
                    seen_code(&mut message, &value, raise);
                }
                RaiseOption::Message => message = Some(value),
                RaiseOption::Detail => fields.detail = Some(value),
                RaiseOption::Hint => fields.hint = Some(value),
                RaiseOption::Column => fields.column = Some(value),
                RaiseOption::Constraint => fields.constraint = Some(value),
                RaiseOption::Datatype => fields.data_type = Some(value),
                RaiseOption::Table => fields.table = Some(value),
                RaiseOption::Schema => fields.schema = Some(value),
            }
        }
        let (severity, usual) = match raise.level {
            RaiseLevel::Exception => (Severity::Error, codes::RAISE_EXCEPTION),
            RaiseLevel::Warning => (Severity::Warning, codes::WARNING),
            RaiseLevel::Notice => (Severity::Notice, codes::SUCCESSFUL_COMPLETION),
            RaiseLevel::Info => (Severity::Info, codes::SUCCESSFUL_COMPLETION),
            RaiseLevel::Log => (Severity::Log, codes::SUCCESSFUL_COMPLETION),
            RaiseLevel::Debug => (Severity::Debug, codes::SUCCESSFUL_COMPLETION),
        };
        let fields = error.fields_mut();
        fields.code = code.unwrap_or(usual);
        fields.severity = severity;
        fields.message = message.unwrap_or_else(|| fields.code.as_str().to_owned());
        if severity == Severity::Error {
            return Err(error);
        }
        self.host.notice(error);
        Ok(())
    }

    /// The format with values in the places of `%`.
    fn formatted(&mut self, format: &str, params: &[Sql]) -> Result<String> {
        let mut out = String::with_capacity(format.len());
        let mut params = params.iter();
        let mut chars = format.chars().peekable();
        while let Some(char) = chars.next() {
            if char != '%' {
                out.push(char);
                continue;
            }
            if chars.peek() == Some(&'%') {
                chars.next();
                out.push('%');
                continue;
            }
            let Some(param) = params.next() else {
                return Err(err!(SYNTAX_ERROR, "unexpected RAISE parameter list length"));
            };
            let value = self.host.evaluate(param, &self.frame)?;
            match value.datum.is_null() {
                true => out.push_str("<NULL>"),
                false => out.push_str(&self.host.output(&value)?),
            }
        }
        Ok(out)
    }

    /// ASSERT.
    pub(super) fn assert(&mut self, condition: &Sql, message: Option<&Sql>) -> Result<()> {
        if !self.host.check_asserts() || self.is_true(condition)? {
            return Ok(());
        }
        let shown = match message {
            Some(message) => {
                let value = self.host.evaluate(message, &self.frame)?;
                if value.datum.is_null() { None } else { Some(self.host.output(&value)?) }
            }
            None => None,
        };
        Err(match shown {
            Some(shown) => err!(ASSERT_FAILURE, "{shown}"),
            None => err!(ASSERT_FAILURE, "assertion failed"),
        })
    }

    /// GET DIAGNOSTICS.
    pub(super) fn diagnostics(&mut self, stacked: bool, items: &[(Diagnostic, usize)]) -> Result<()> {
        if stacked && self.handled.is_empty() {
            return Err(err!(
                STACKED_DIAGNOSTICS_ACCESSED_WITHOUT_ACTIVE_HANDLER,
                "GET STACKED DIAGNOSTICS cannot be used outside an exception handler"
            ));
        }
        for (item, variable) in items {
            let value = self.diagnostic(*item);
            self.assign(*variable, value)?;
        }
        Ok(())
    }

    fn diagnostic(&self, item: Diagnostic) -> Value {
        let fields = self.handled.last().map(Error::fields);
        let field = |get: &dyn Fn(&pglitedb_sqlstate::ErrorFields) -> Option<String>| {
            text(&fields.and_then(get).unwrap_or_default())
        };
        match item {
            Diagnostic::RowCount => Value {
                datum: Datum::Int8(i64::try_from(self.row_count).unwrap_or(i64::MAX)),
                type_oid: oids::INT8,
                typmod: -1,
            },
            Diagnostic::RoutineOid => {
                Value { datum: Datum::Oid(self.host.routine()), type_oid: oids::OID, typmod: -1 }
            }
            Diagnostic::Context => text(&self.host.call_stack()),
            Diagnostic::ReturnedSqlState => field(&|fields| Some(fields.code.as_str().to_owned())),
            Diagnostic::ColumnName => field(&|fields| fields.column.clone()),
            Diagnostic::ConstraintName => field(&|fields| fields.constraint.clone()),
            Diagnostic::DataTypeName => field(&|fields| fields.data_type.clone()),
            Diagnostic::MessageText => field(&|fields| Some(fields.message.clone())),
            Diagnostic::TableName => field(&|fields| fields.table.clone()),
            Diagnostic::SchemaName => field(&|fields| fields.schema.clone()),
            Diagnostic::ExceptionDetail => field(&|fields| fields.detail.clone()),
            Diagnostic::ExceptionHint => field(&|fields| fields.hint.clone()),
            Diagnostic::ExceptionContext => field(&|fields| fields.context.clone()),
        }
    }
}

/// ERRCODE names the message too, if nothing else does.
fn seen_code(message: &mut Option<String>, value: &str, raise: &Raise) {
    if message.is_none() && raise.message.is_none() {
        *message = Some(value.to_owned());
    }
}

fn strip_own_line(error: &mut Error) {
    let fields = error.fields_mut();
    if let Some(context) = &mut fields.context {
        match context.rfind('\n') {
            Some(at) => context.truncate(at),
            None => fields.context = None,
        }
    }
}

fn word(option: RaiseOption) -> &'static str {
    match option {
        RaiseOption::Errcode => "ERRCODE",
        RaiseOption::Message => "MESSAGE",
        RaiseOption::Detail => "DETAIL",
        RaiseOption::Hint => "HINT",
        RaiseOption::Column => "COLUMN",
        RaiseOption::Constraint => "CONSTRAINT",
        RaiseOption::Datatype => "DATATYPE",
        RaiseOption::Table => "TABLE",
        RaiseOption::Schema => "SCHEMA",
    }
}
