//! Variables in SQL: names become parameters.

use pglitedb_analyzer::ParserHook;
use pglitedb_plpgsql::ast::{Function, Sql, Variable, VariableConflict};
use pglitedb_plpgsql::{Frame, Host, Resolved};
use pglitedb_query_tree::{CallForm, Expr, Param, ParamKind, Position};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};
use std::cell::RefCell;
use std::sync::Arc;

/// What a parameter of a plan stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Scalar(usize),
    Record(usize),
    Field(usize, Arc<str>),
}

/// A parameter of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlanParam {
    pub source: Source,
    pub type_oid: Oid,
}

/// The variables that a piece of SQL may mention.
pub(super) struct VariableNames<'a> {
    pub function: &'a Function,
    pub frame: &'a Frame,
    pub host: &'a dyn Host,
    pub sql: &'a Sql,
    /// Parameters used so far.
    pub used: RefCell<Vec<PlanParam>>,
}

impl VariableNames<'_> {
    fn parameter(&self, source: Source, of_type: (Oid, i32, Oid), position: usize) -> Expr {
        let (type_oid, typmod, collation) = of_type;
        let param = PlanParam { source, type_oid };
        let mut used = self.used.borrow_mut();
        let at = used.iter().position(|known| *known == param).unwrap_or_else(|| {
            used.push(param);
            used.len() - 1
        });
        let position = Position::new(position);
        Expr::Param(Param { kind: ParamKind::External, id: at + 1, type_oid, typmod, collation, position })
    }

    /// A whole record: the fields, where the type tells nothing of them.
    fn record(&self, number: usize, position: usize) -> Result<Expr> {
        let (oid, ..) = self.frame.type_of(self.function, number, self.host)?;
        if oid != oids::RECORD {
            return Ok(self.parameter(Source::Record(number), (oid, -1, 0), position));
        }
        let name = self.function.variable(number).map_or("", Variable::name);
        let Some(state) = self.frame.record(number) else {
            return Err(super::internal("variable is no record"));
        };
        let columns = self.frame.columns_of(state, name, self.host)?;
        let mut args = Vec::with_capacity(columns.len());
        for column in columns.iter() {
            let collation = self.collation_of(column.type_oid);
            let of_type = (column.type_oid, column.typmod, collation);
            args.push(self.parameter(Source::Field(number, column.name.clone()), of_type, position));
        }
        let names = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Expr::Row { args, type_oid: oids::RECORD, names, form: CallForm::Explicit })
    }

    fn collation_of(&self, oid: Oid) -> Oid {
        pglitedb_types::builtin_type(oid).map_or(0, |info| info.collation)
    }

    fn variable(&self, names: &[&str], position: usize, must: bool) -> Result<Option<Expr>> {
        let Some(found) = self.function.resolve(self.sql.scope, names) else { return Ok(None) };
        match found {
            Resolved::Variable(number, used) if used == names.len() => match self.function.variable(number) {
                Some(Variable::Record(_)) => self.record(number, position).map(Some),
                Some(_) => {
                    let of_type = self.frame.type_of(self.function, number, self.host)?;
                    Ok(Some(self.parameter(Source::Scalar(number), of_type, position)))
                }
                None => Ok(None),
            },
            Resolved::Field(number, name, used) if used == names.len() => {
                let column = self.frame.field_column(self.function, number, &name, self.host);
                let column = match column {
                    Ok(column) => column,
                    Err(error) if must => return Err(error.at(position)),
                    Err(_) => return Ok(None),
                };
                let of_type = (column.type_oid, column.typmod, self.collation_of(column.type_oid));
                Ok(Some(self.parameter(Source::Field(number, name), of_type, position)))
            }
            _ => Ok(None),
        }
    }
}

impl ParserHook for VariableNames<'_> {
    fn parameter(&self, number: u32, position: usize) -> Result<Option<Expr>> {
        self.variable(&[&format!("${number}")], position, true)
    }

    fn before_columns(&self, names: &[&str], position: usize) -> Result<Option<Expr>> {
        if self.function.conflict != VariableConflict::UseVariable {
            return Ok(None);
        }
        self.variable(names, position, false)
    }

    fn after_columns(&self, names: &[&str], found: bool, position: usize) -> Result<Option<Expr>> {
        match self.function.conflict {
            VariableConflict::UseVariable => return Ok(None),
            VariableConflict::UseColumn if found => return Ok(None),
            _ => {}
        }
        let variable = self.variable(names, position, !found)?;
        if found && variable.is_some() {
            return Err(err!(AMBIGUOUS_COLUMN, "column reference \"{}\" is ambiguous", names.join("."))
                .detail("It could refer to either a PL/pgSQL variable or a table column.")
                .at(position));
        }
        Ok(variable)
    }
}

/// The variables in the arguments of a CALL.
pub(crate) struct CallFromFunction<'a> {
    names: VariableNames<'a>,
}

impl<'a> CallFromFunction<'a> {
    pub(crate) fn new(host: &'a super::PlHost<'a>, sql: &'a Sql, frame: &'a Frame) -> Self {
        let function = &host.code.function;
        CallFromFunction {
            names: VariableNames { function, frame, host, sql, used: RefCell::new(Vec::new()) },
        }
    }

    pub(crate) fn hook(&self) -> &dyn ParserHook {
        &self.names
    }

    /// The variable that an argument is, if it is nothing else.
    pub(crate) fn variable_of(&self, arg: &Expr) -> Option<usize> {
        let Expr::Param(param) = arg else { return None };
        let used = self.names.used.borrow();
        match &used.get(param.id.checked_sub(1)?)?.source {
            Source::Scalar(number) | Source::Record(number) => Some(*number),
            Source::Field(record, name) => self.names.function.variables.iter().position(|variable| {
                matches!(variable, Variable::Field { record: of, name: known } if of == record && known == name)
            }),
        }
    }

    /// Values of the variables used.
    pub(crate) fn params(&self, frame: &Frame) -> Result<Vec<pglitedb_types::Datum>> {
        let function = self.names.function;
        self.names
            .used
            .borrow()
            .iter()
            .map(|param| match &param.source {
                Source::Scalar(number) => Ok(frame.scalar(*number)),
                Source::Record(number) => Ok(frame
                    .record(*number)
                    .map_or(pglitedb_types::Datum::Null, pglitedb_plpgsql::Record::datum)),
                Source::Field(record, name) => frame.field(function, *record, name),
            })
            .collect()
    }
}
