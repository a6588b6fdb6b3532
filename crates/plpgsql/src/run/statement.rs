//! Which statement does what.

use super::{Flow, Run, Value};
use crate::ast::{Sql, SqlKind, Statement, StatementKind, Variable};
use crate::names::Resolved;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, oids};

impl Run<'_> {
    /// Runs statements one after the other.
    pub(super) fn statements(&mut self, list: &[Statement]) -> Result<Flow> {
        for statement in list {
            self.position.at(statement.line, statement.kind.name());
            match self.statement(&statement.kind)? {
                Flow::Next => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, kind: &StatementKind) -> Result<Flow> {
        self.host.check_interrupts()?;
        match kind {
            StatementKind::Assign { variable, value } | StatementKind::AssignPart { variable, value } => {
                if !self.assign_record_whole(*variable, value)? {
                    let value = self.host.evaluate(value, &self.frame)?;
                    self.assign(*variable, value)?;
                }
            }
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    if self.is_true(condition)? {
                        return self.statements(body);
                    }
                }
                return self.statements(otherwise);
            }
            StatementKind::Case { test, arms, otherwise } => {
                return self.case(test.as_ref(), arms, otherwise.as_deref());
            }
            StatementKind::Block(block) => return self.block(block),
            StatementKind::Loop { .. }
            | StatementKind::While { .. }
            | StatementKind::ForInteger { .. }
            | StatementKind::ForQuery { .. }
            | StatementKind::ForDynamic { .. }
            | StatementKind::ForCursor { .. }
            | StatementKind::ForEach { .. } => return self.any_loop(kind),
            StatementKind::Exit { exit, label, condition } => {
                if let Some(condition) = condition
                    && !self.is_true(condition)?
                {
                    return Ok(Flow::Next);
                }
                return Ok(if *exit { Flow::Exit(label.clone()) } else { Flow::Continue(label.clone()) });
            }
            StatementKind::Return(returned) => {
                self.return_value(returned)?;
                return Ok(Flow::Return);
            }
            StatementKind::ReturnNext(returned) => self.return_next(returned)?,
            StatementKind::ReturnQuery(query) => self.return_query(query)?,
            StatementKind::ReturnDynamic { query, params } => self.return_dynamic(query, params)?,
            StatementKind::Raise(raise) => self.raise(raise)?,
            StatementKind::Assert { condition, message } => self.assert(condition, message.as_ref())?,
            StatementKind::GetDiagnostics { stacked, items } => self.diagnostics(*stacked, items)?,
            StatementKind::Null => {}
            other => self.sql(other)?,
        }
        Ok(Flow::Next)
    }

    /// Statements that run SQL or deal with cursors and transactions.
    fn sql(&mut self, kind: &StatementKind) -> Result<()> {
        match kind {
            StatementKind::Perform(query) => self.perform(query),
            StatementKind::Execute { statement, into, strict } => self.execute_sql(statement, *into, *strict),
            StatementKind::Call { statement, .. } => self.call_routine(statement),
            StatementKind::Dynamic { query, into, strict, params } => {
                self.execute_text(query, params, *into, *strict)
            }
            StatementKind::Open { cursor, how, scroll } => self.open_cursor(*cursor, how, *scroll),
            StatementKind::Fetch { cursor, direction, into } => self.fetch(*cursor, direction, *into),
            StatementKind::Close { cursor } => self.close_cursor(*cursor),
            StatementKind::Commit { chain } => self.end_transaction(true, *chain),
            StatementKind::Rollback { chain } => self.end_transaction(false, *chain),
            _ => Ok(()),
        }
    }

    /// `record := record`: the columns keep their names. False if it is something else.
    fn assign_record_whole(&mut self, variable: usize, value: &Sql) -> Result<bool> {
        let function = self.function;
        if !matches!(function.variables[variable], Variable::Record(_)) || value.kind != SqlKind::Expression {
            return Ok(false);
        }
        let parts: Vec<&str> = value.text.split('.').collect();
        let Some(Resolved::Variable(source, used)) = function.resolve(value.scope, &parts) else {
            return Ok(false);
        };
        if used != parts.len() || !matches!(function.variables[source], Variable::Record(_)) {
            return Ok(false);
        }
        self.check_assigned(source)?;
        let Some(record) = self.frame.record(source).cloned() else { return Ok(false) };
        match record.columns {
            Some(columns) if !record.is_null => {
                self.frame.assign_row(function, variable, &columns, &record.values, self.host)?;
            }
            _ => self.assign(variable, Value { datum: Datum::Null, type_oid: 0, typmod: -1 })?,
        }
        Ok(true)
    }

    fn end_transaction(&mut self, commit: bool, chain: bool) -> Result<()> {
        if self.subtransactions > 0 {
            let word = if commit { "commit" } else { "roll back" };
            return Err(err!(
                INVALID_TRANSACTION_TERMINATION,
                "cannot {word} while a subtransaction is active"
            ));
        }
        self.host.end_transaction(commit, chain)
    }

    /// Is a condition true (not false, not NULL)?
    pub(super) fn is_true(&mut self, condition: &Sql) -> Result<bool> {
        let value = self.host.evaluate(condition, &self.frame)?;
        self.boolean(value)
    }

    pub(super) fn boolean(&mut self, value: Value) -> Result<bool> {
        if let Datum::Bool(value) = value.datum {
            return Ok(value);
        }
        if value.datum.is_null() {
            return Ok(false);
        }
        let of_type = crate::ast::TypeRef { oid: oids::BOOL, typmod: -1, collation: 0, composite: false };
        Ok(self.host.convert(value, &of_type)?.as_bool() == Some(true))
    }

    fn case(
        &mut self,
        test: Option<&(Sql, usize)>,
        arms: &[(Sql, Vec<Statement>, u32)],
        otherwise: Option<&[Statement]>,
    ) -> Result<Flow> {
        if let Some((test, variable)) = test {
            let value = self.host.evaluate(test, &self.frame)?;
            self.frame.set_type(*variable, value.type_oid);
            self.frame.set(*variable, value.datum);
        }
        for (condition, body, _) in arms {
            if self.is_true(condition)? {
                if let Some((_, variable)) = test {
                    self.frame.set(*variable, Datum::Null);
                }
                return self.statements(body);
            }
        }
        match otherwise {
            Some(body) => self.statements(body),
            None => Err(err!(CASE_NOT_FOUND, "case not found").hint("CASE statement is missing ELSE part.")),
        }
    }
}
