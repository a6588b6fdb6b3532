//! Values into variables.

use super::frame::{Record, not_assigned};
use super::{Column, Frame, Host, Run, Value};
use crate::ast::{Function, TypeRef, Variable};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, RecordValue, oids};
use std::sync::Arc;

/// The type of a field.
fn type_of_column(column: &Column) -> TypeRef {
    TypeRef { oid: column.type_oid, typmod: column.typmod, collation: 0, composite: false }
}

impl Frame {
    /// Assigns a value to any variable, converting it.
    pub(super) fn assign(
        &mut self,
        function: &Function,
        number: usize,
        value: Value,
        host: &dyn Host,
    ) -> Result<()> {
        match &function.variables[number] {
            Variable::Scalar(scalar) => {
                let of_type = &scalar.of_type;
                let datum = if value.type_oid == of_type.oid
                    && of_type.oid < oids::FIRST_NORMAL_OID
                    && (of_type.typmod < 0 || of_type.typmod == value.typmod)
                {
                    value.datum
                } else {
                    host.convert(value, of_type)?
                };
                if scalar.not_null && datum.is_null() {
                    return Err(err!(
                        NULL_VALUE_NOT_ALLOWED,
                        "null value cannot be assigned to variable \"{}\" declared NOT NULL",
                        scalar.name
                    ));
                }
                self.set(number, datum);
                Ok(())
            }
            Variable::Record(record) => {
                if record.not_null && value.datum.is_null() {
                    return Err(err!(
                        NULL_VALUE_NOT_ALLOWED,
                        "null value cannot be assigned to variable \"{}\" declared NOT NULL",
                        record.name
                    ));
                }
                self.assign_record(function, number, value, host)
            }
            Variable::Field { record, name } => self.assign_field(function, *record, name, value, host),
            Variable::Row { members } => {
                let Datum::Record(row) = &value.datum else {
                    if value.datum.is_null() {
                        for (_, member) in members {
                            self.assign(function, *member, Value::default(), host)?;
                        }
                        return Ok(());
                    }
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "cannot assign non-composite value to a row variable"
                    ));
                };
                let columns = columns_of_value(row, host)?;
                self.assign_members(function, members, &columns, &row.fields, host)
            }
        }
    }

    /// The members of a row get the columns of a row; missing ones NULL.
    pub(super) fn assign_members(
        &mut self,
        function: &Function,
        members: &[(Arc<str>, usize)],
        columns: &[Column],
        row: &[Datum],
        host: &dyn Host,
    ) -> Result<()> {
        for (at, (_, member)) in members.iter().enumerate() {
            let value = match (columns.get(at), row.get(at)) {
                (Some(column), Some(datum)) => {
                    Value { datum: datum.clone(), type_oid: column.type_oid, typmod: column.typmod }
                }
                _ => Value { datum: Datum::Null, type_oid: 0, typmod: -1 },
            };
            self.assign(function, *member, value, host)?;
        }
        Ok(())
    }

    fn assign_field(
        &mut self,
        function: &Function,
        record: usize,
        name: &str,
        value: Value,
        host: &dyn Host,
    ) -> Result<()> {
        let shown = function.variables[record].name();
        let state = self.record(record).ok_or_else(|| Error::internal("variable is no record"))?;
        let columns = self.columns_of(state, shown, host)?;
        let at = columns
            .iter()
            .position(|column| &*column.name == name)
            .ok_or_else(|| err!(UNDEFINED_COLUMN, "record \"{shown}\" has no field \"{name}\""))?;
        let datum = host.convert(value, &type_of_column(&columns[at]))?;
        if let Some(state) = self.record_mut(record) {
            if state.columns.is_none() {
                state.values = vec![Datum::Null; columns.len()];
                state.columns = Some(columns);
            }
            state.is_null = false;
            if let Some(slot) = state.values.get_mut(at) {
                *slot = datum;
            }
        }
        Ok(())
    }

    /// A composite value into a record variable.
    pub(super) fn assign_record(
        &mut self,
        function: &Function,
        number: usize,
        value: Value,
        host: &dyn Host,
    ) -> Result<()> {
        let own = self.record(number).map_or(oids::RECORD, |state| state.type_oid);
        let row = match &value.datum {
            Datum::Null => {
                if let Some(state) = self.record_mut(number) {
                    let columns = if own == oids::RECORD { state.columns.take() } else { None };
                    let width = columns.as_ref().map_or(0, |columns| columns.len());
                    *state =
                        Record { type_oid: own, columns, values: vec![Datum::Null; width], is_null: true };
                }
                return Ok(());
            }
            Datum::Record(row) => row.clone(),
            _ if own != oids::RECORD => {
                // Text or the like: by way of the type's input.
                let of_type = TypeRef { oid: own, typmod: -1, collation: 0, composite: true };
                match host.convert(value, &of_type)? {
                    Datum::Record(row) => row,
                    _ => {
                        return Err(err!(
                            DATATYPE_MISMATCH,
                            "cannot assign non-composite value to a record variable"
                        ));
                    }
                }
            }
            _ => {
                return Err(err!(
                    DATATYPE_MISMATCH,
                    "cannot assign non-composite value to a record variable"
                ));
            }
        };
        let columns = columns_of_value(&row, host)?;
        self.assign_row(function, number, &columns, &row.fields, host)
    }

    /// A row of a query into a record variable.
    pub(super) fn assign_row(
        &mut self,
        function: &Function,
        number: usize,
        columns: &Arc<[Column]>,
        row: &[Datum],
        host: &dyn Host,
    ) -> Result<()> {
        let own = self.record(number).map_or(oids::RECORD, |state| state.type_oid);
        if own == oids::RECORD {
            if let Some(state) = self.record_mut(number) {
                state.columns = Some(columns.clone());
                state.values = row.to_vec();
                state.is_null = false;
            }
            return Ok(());
        }
        let _ = function;
        let wanted = host.composite_columns(own)?;
        let mut values = Vec::with_capacity(wanted.len());
        for (at, column) in wanted.iter().enumerate() {
            let value = match (columns.get(at), row.get(at)) {
                (Some(given), Some(datum)) => {
                    Value { datum: datum.clone(), type_oid: given.type_oid, typmod: given.typmod }
                }
                _ => Value { datum: Datum::Null, type_oid: 0, typmod: -1 },
            };
            let same =
                value.type_oid == column.type_oid && (column.typmod < 0 || column.typmod == value.typmod);
            values.push(if same { value.datum } else { host.convert(value, &type_of_column(column))? });
        }
        let whole = RecordValue::new(own, wanted.iter().map(|column| column.type_oid).collect(), values);
        // Domains over composite types have conditions.
        let of_type = TypeRef { oid: own, typmod: -1, collation: 0, composite: true };
        let value = Value { datum: Datum::Record(Arc::new(whole)), type_oid: own, typmod: -1 };
        let Datum::Record(whole) = host.convert(value, &of_type)? else { return Ok(()) };
        if let Some(state) = self.record_mut(number) {
            *state =
                Record { type_oid: own, columns: Some(wanted), values: whole.fields.clone(), is_null: false };
        }
        Ok(())
    }
}

/// Columns of a composite value: those of its type; `f1`, `f2`, ... of an anonymous one.
pub(super) fn columns_of_value(row: &RecordValue, host: &dyn Host) -> Result<Arc<[Column]>> {
    if row.type_oid != oids::RECORD && row.type_oid != 0 {
        let columns = host.composite_columns(row.type_oid)?;
        if columns.len() == row.fields.len() {
            return Ok(columns);
        }
    }
    let type_at = |at: usize| row.field_types.get(at).copied().unwrap_or(0);
    Ok((0..row.fields.len())
        .map(|at| Column { name: Arc::from(format!("f{}", at + 1)), type_oid: type_at(at), typmod: -1 })
        .collect())
}

impl Run<'_> {
    /// Assigns to a variable.
    pub(super) fn assign(&mut self, number: usize, value: Value) -> Result<()> {
        self.frame.assign(self.function, number, value, self.host)
    }

    /// Assigns a row of a query (`None`: there was none) to a target of INTO or a loop.
    pub(super) fn assign_target(
        &mut self,
        number: usize,
        columns: &Arc<[Column]>,
        row: Option<&[Datum]>,
    ) -> Result<()> {
        let (function, host) = (self.function, self.host);
        match &function.variables[number] {
            Variable::Record(_) => match row {
                Some(row) => {
                    // A single column of a composite type is the record itself.
                    if let ([column], [datum @ Datum::Record(value)]) = (&**columns, row)
                        && self.frame.record(number).is_some_and(|state| {
                            state.type_oid != oids::RECORD && state.type_oid == value.type_oid
                        })
                    {
                        let value = Value { datum: datum.clone(), type_oid: column.type_oid, typmod: -1 };
                        return self.frame.assign_record(function, number, value, host);
                    }
                    self.frame.assign_row(function, number, columns, row, host)
                }
                None => {
                    let nulls = vec![Datum::Null; columns.len()];
                    self.frame.assign_row(function, number, columns, &nulls, host)?;
                    if let Some(state) = self.frame.record_mut(number)
                        && state.type_oid != oids::RECORD
                    {
                        state.is_null = true;
                    }
                    Ok(())
                }
            },
            Variable::Row { members } => {
                if let (Some(row), [Datum::Record(value)]) = (row, row.unwrap_or(&[]))
                    && members.len() != row.len()
                {
                    let columns = columns_of_value(value, host)?;
                    return self.frame.assign_members(function, members, &columns, &value.fields, host);
                }
                self.frame.assign_members(function, members, columns, row.unwrap_or(&[]), host)
            }
            _ => {
                let value = match (columns.first(), row.and_then(|row| row.first())) {
                    (Some(column), Some(datum)) => {
                        Value { datum: datum.clone(), type_oid: column.type_oid, typmod: column.typmod }
                    }
                    _ => Value { datum: Datum::Null, type_oid: 0, typmod: -1 },
                };
                self.assign(number, value)
            }
        }
    }

    /// Sets FOUND.
    pub(super) fn set_found(&mut self, found: bool) {
        self.frame.set(self.function.found, Datum::Bool(found));
    }

    /// A record that was never assigned has no value.
    pub(super) fn check_assigned(&self, number: usize) -> Result<()> {
        match (self.frame.record(number), &self.function.variables[number]) {
            (Some(state), Variable::Record(record))
                if state.columns.is_none() && state.type_oid == oids::RECORD =>
            {
                Err(not_assigned(&record.name))
            }
            _ => Ok(()),
        }
    }
}

/// A text value.
pub(super) fn text(value: &str) -> Value {
    Value { datum: Datum::text(value), type_oid: oids::TEXT, typmod: -1 }
}
