//! SQL statements and EXECUTE.

use super::{Column, Ran, Run, Value};
use crate::ast::{Sql, Target};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Datum;
use std::sync::Arc;

/// Values of USING.
pub(super) type Params = Vec<Value>;

impl Run<'_> {
    pub(super) fn perform(&mut self, query: &Sql) -> Result<()> {
        let ran = self.host.run(query, &self.frame, 0, &mut |_, _| Ok(()))?;
        self.row_count = ran.rows;
        self.set_found(ran.rows > 0);
        Ok(())
    }

    /// A statement, perhaps with INTO.
    pub(super) fn execute_sql(&mut self, statement: &Sql, into: Option<Target>, strict: bool) -> Result<()> {
        let mut rows: Vec<Vec<Datum>> = Vec::new();
        // Two rows tell that there are too many.
        let limit = match (into, strict) {
            (Some(_), true) => 2,
            (Some(_), false) => 1,
            (None, _) => 1,
        };
        let ran = self.host.run(statement, &self.frame, limit, &mut |_, row| {
            if rows.len() < 2 {
                rows.push(row.to_vec());
            }
            Ok(())
        })?;
        if !ran.utility {
            self.set_found(ran.rows > 0);
        }
        self.row_count = ran.rows;
        match into {
            Some(target) => {
                if !ran.returns_rows {
                    return Err(err!(SYNTAX_ERROR, "INTO used with a command that cannot return data"));
                }
                self.into(target, strict, &ran, &rows, &|run| run.params_of(statement))
            }
            None if ran.returns_rows && !ran.utility => {
                let error = err!(SYNTAX_ERROR, "query has no destination for result data");
                // RETURNING has no such advice.
                Err(match ran.changes {
                    true => error,
                    false => {
                        error.hint("If you want to discard the results of a SELECT, use PERFORM instead.")
                    }
                })
            }
            None => Ok(()),
        }
    }

    /// Rows into a target; STRICT wants exactly one.
    fn into(
        &mut self,
        target: Target,
        strict: bool,
        ran: &Ran,
        rows: &[Vec<Datum>],
        params: &dyn Fn(&Self) -> Option<String>,
    ) -> Result<()> {
        let shown = |run: &Self| -> Option<String> {
            let wanted = run.function.print_strict_params.unwrap_or_else(|| run.host.print_strict_params());
            if wanted { params(run) } else { None }
        };
        let detailed = |error: Error, detail: Option<String>| match detail {
            Some(detail) => error.detail(format!("parameters: {detail}")),
            None => error,
        };
        match rows {
            [] => {
                if strict {
                    let error = err!(NO_DATA_FOUND, "query returned no rows");
                    return Err(detailed(error, shown(self)));
                }
                self.assign_target(target.0, &ran.columns, None)
            }
            [first, rest @ ..] => {
                let too_many = !rest.is_empty() && (strict || ran.changes);
                if too_many {
                    let error = err!(TOO_MANY_ROWS, "query returned more than one row")
                        .hint("Make sure the query returns a single row, or use LIMIT 1.");
                    return Err(detailed(error, shown(self)));
                }
                self.assign_target(target.0, &ran.columns, Some(first))
            }
        }
    }

    /// Variables that a statement mentions, for the errors of STRICT.
    fn params_of(&self, statement: &Sql) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut seen: Vec<usize> = Vec::new();
        for word in words(&statement.text) {
            let names: Vec<&str> = word.split('.').collect();
            let Some(found) = self.function.resolve(statement.scope, &names) else { continue };
            let (number, name, value) = match found {
                crate::names::Resolved::Variable(number, _) => {
                    let value = self.frame.value(self.function, number, self.host).ok()?;
                    (number, self.function.variables[number].name().to_owned(), value)
                }
                crate::names::Resolved::Field(..) => continue,
            };
            if seen.contains(&number) {
                continue;
            }
            seen.push(number);
            let shown = match value.datum.is_null() {
                true => "NULL".to_owned(),
                false => format!("'{}'", self.host.output(&value).ok()?.replace('\'', "''")),
            };
            parts.push(format!("{name} = {shown}"));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The text of a command and the values of USING.
    pub(super) fn text_and_params(&mut self, query: &Sql, params: &[Sql]) -> Result<(String, Params)> {
        let value = self.host.evaluate(query, &self.frame)?;
        if value.datum.is_null() {
            return Err(err!(NULL_VALUE_NOT_ALLOWED, "query string argument of EXECUTE is null"));
        }
        let text = self.host.output(&value)?;
        let mut values = Vec::with_capacity(params.len());
        for param in params {
            values.push(self.host.evaluate(param, &self.frame)?);
        }
        Ok((text, values))
    }

    /// EXECUTE.
    pub(super) fn execute_text(
        &mut self,
        query: &Sql,
        params: &[Sql],
        into: Option<Target>,
        strict: bool,
    ) -> Result<()> {
        let (text, params) = self.text_and_params(query, params)?;
        let mut rows: Vec<Vec<Datum>> = Vec::new();
        let ran = self.host.run_text(&text, &params, 0, &mut |_, row| {
            if rows.len() < 2 {
                rows.push(row.to_vec());
            }
            Ok(())
        })?;
        self.row_count = ran.rows;
        let Some(target) = into else { return Ok(()) };
        if !ran.returns_rows {
            return Err(err!(SYNTAX_ERROR, "INTO used with a command that cannot return data"));
        }
        // EXECUTE ... INTO takes the first row even of RETURNING.
        let ran = Ran { changes: false, ..ran };
        self.into(target, strict, &ran, &rows, &|run| {
            let shown: Vec<String> = params
                .iter()
                .enumerate()
                .map(|(at, value)| match value.datum.is_null() {
                    true => format!("${} = NULL", at + 1),
                    false => {
                        let text = run.host.output(value).unwrap_or_default();
                        format!("${} = '{}'", at + 1, text.replace('\'', "''"))
                    }
                })
                .collect();
            (!shown.is_empty()).then(|| shown.join(", "))
        })
    }

    /// CALL and DO.
    pub(super) fn call_routine(&mut self, statement: &Sql) -> Result<()> {
        let mut result: Option<(Arc<[Column]>, Vec<Datum>)> = None;
        let host = self.host;
        let targets = host.call(statement, &self.frame, &mut |columns, row| {
            result = Some((columns.clone(), row.to_vec()));
            Ok(())
        })?;
        let Some((columns, row)) = result else { return Ok(()) };
        for (at, target) in targets.iter().enumerate() {
            if let (Some(target), Some(column), Some(datum)) = (target, columns.get(at), row.get(at)) {
                let value = Value { datum: datum.clone(), type_oid: column.type_oid, typmod: column.typmod };
                self.assign(*target, value)?;
            }
        }
        Ok(())
    }
}

/// Dotted names within a text, outside of strings.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut start = None;
    let mut found = Vec::new();
    for (at, char) in text.char_indices() {
        let part = char.is_alphanumeric() || char == '_' || char == '.' || char == '$';
        if char == '\'' {
            quoted = !quoted;
        }
        match (part && !quoted, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(&text[from..at]);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        found.push(&text[from..]);
    }
    found.into_iter()
}
