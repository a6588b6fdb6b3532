//! Variables of a call.

use super::{Column, Host, Value};
use crate::ast::{Function, Variable};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, RecordValue, oids};
use std::sync::Arc;

/// A record variable's value.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The type: `RECORD` or a named one.
    pub type_oid: Oid,
    /// Its columns; `None`: never assigned.
    pub columns: Option<Arc<[Column]>>,
    /// A value a column.
    pub values: Vec<Datum>,
    /// The record as a whole is NULL.
    pub is_null: bool,
}

impl Record {
    /// The record as a value.
    pub fn datum(&self) -> Datum {
        let Some(columns) = &self.columns else { return Datum::Null };
        if self.is_null {
            return Datum::Null;
        }
        Datum::Record(Arc::new(RecordValue::new(
            self.type_oid,
            columns.iter().map(|column| column.type_oid).collect(),
            self.values.clone(),
        )))
    }

    /// Place of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.as_ref()?.iter().position(|column| &*column.name == name)
    }
}

/// What a variable holds.
#[derive(Clone, Debug)]
pub enum Slot {
    /// A scalar's value.
    Value(Datum),
    /// A record's.
    Record(Box<Record>),
    /// Fields and rows have none of their own.
    None,
}

/// The variables of a call, by number.
#[derive(Clone, Debug)]
pub struct Frame {
    slots: Vec<Slot>,
    /// Types that differ from the declared ones (the test value of CASE).
    types: Vec<(usize, Oid)>,
}

/// 55000
pub(super) fn not_assigned(name: &str) -> Error {
    err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "record \"{name}\" is not assigned yet")
        .detail("The tuple structure of a not-yet-assigned record is indeterminate.")
}

impl Frame {
    pub(super) fn new(function: &Function) -> Frame {
        let slots = function
            .variables
            .iter()
            .map(|variable| match variable {
                Variable::Scalar(_) => Slot::Value(Datum::Null),
                Variable::Record(record) => Slot::Record(Box::new(Record {
                    type_oid: record.of_type.oid,
                    is_null: true,
                    ..Record::default()
                })),
                _ => Slot::None,
            })
            .collect();
        Frame { slots, types: Vec::new() }
    }

    /// Puts the arguments in their places.
    pub(super) fn arguments(&mut self, function: &Function, host: &dyn Host, args: &[Datum]) -> Result<()> {
        for (number, arg) in function.arguments.iter().zip(args) {
            match &function.variables[*number] {
                Variable::Record(record) => {
                    let value = Value { datum: arg.clone(), type_oid: record.of_type.oid, typmod: -1 };
                    self.assign_record(function, *number, value, host)?;
                }
                _ => self.set(*number, arg.clone()),
            }
        }
        Ok(())
    }

    /// Sets a scalar.
    pub(super) fn set(&mut self, number: usize, value: Datum) {
        if let Some(slot) = self.slots.get_mut(number) {
            *slot = Slot::Value(value);
        }
    }

    /// Remembers that a scalar is of another type than declared.
    pub(super) fn set_type(&mut self, number: usize, type_oid: Oid) {
        self.types.retain(|(known, _)| *known != number);
        self.types.push((number, type_oid));
    }

    /// The value of a scalar.
    #[inline]
    pub fn scalar(&self, number: usize) -> Datum {
        match self.slots.get(number) {
            Some(Slot::Value(value)) => value.clone(),
            _ => Datum::Null,
        }
    }

    /// A record variable's state.
    pub fn record(&self, number: usize) -> Option<&Record> {
        match self.slots.get(number) {
            Some(Slot::Record(record)) => Some(record),
            _ => None,
        }
    }

    pub(super) fn record_mut(&mut self, number: usize) -> Option<&mut Record> {
        match self.slots.get_mut(number) {
            Some(Slot::Record(record)) => Some(record),
            _ => None,
        }
    }

    /// The type of a scalar or field; of a record its own.
    pub fn type_of(&self, function: &Function, number: usize, host: &dyn Host) -> Result<(Oid, i32, Oid)> {
        match &function.variables[number] {
            Variable::Scalar(scalar) => {
                let changed = self.types.iter().find(|(known, _)| *known == number);
                let of_type = &scalar.of_type;
                Ok(match changed {
                    Some((_, oid)) if *oid != of_type.oid => (*oid, -1, 0),
                    _ => (of_type.oid, of_type.typmod, of_type.collation),
                })
            }
            Variable::Record(record) => Ok((record.of_type.oid, record.of_type.typmod, 0)),
            Variable::Field { record, name } => {
                let column = self.field_column(function, *record, name, host)?;
                Ok((column.type_oid, column.typmod, 0))
            }
            Variable::Row { .. } => Ok((oids::RECORD, -1, 0)),
        }
    }

    /// A record's column of a name.
    pub fn field_column(
        &self,
        function: &Function,
        record: usize,
        name: &str,
        host: &dyn Host,
    ) -> Result<Column> {
        let shown = function.variables[record].name();
        let state = self.record(record).ok_or_else(|| Error::internal("variable is no record"))?;
        let columns = self.columns_of(state, shown, host)?;
        columns
            .iter()
            .find(|column| &*column.name == name)
            .cloned()
            .ok_or_else(|| err!(UNDEFINED_COLUMN, "record \"{shown}\" has no field \"{name}\""))
    }

    /// Columns of a record variable; 55000 if nothing was assigned to it yet.
    pub fn columns_of(&self, state: &Record, name: &str, host: &dyn Host) -> Result<Arc<[Column]>> {
        match &state.columns {
            Some(columns) => Ok(columns.clone()),
            None if state.type_oid != oids::RECORD => host.composite_columns(state.type_oid),
            None => Err(not_assigned(name)),
        }
    }

    /// The value of a field.
    pub fn field(&self, function: &Function, record: usize, name: &str) -> Result<Datum> {
        let shown = function.variables[record].name();
        let state = self.record(record).ok_or_else(|| Error::internal("variable is no record"))?;
        if state.columns.is_none() {
            return if state.type_oid == oids::RECORD { Err(not_assigned(shown)) } else { Ok(Datum::Null) };
        }
        let at = state
            .position(name)
            .ok_or_else(|| err!(UNDEFINED_COLUMN, "record \"{shown}\" has no field \"{name}\""))?;
        Ok(state.values.get(at).cloned().unwrap_or_default())
    }

    /// Any variable's value with its type.
    pub fn value(&self, function: &Function, number: usize, host: &dyn Host) -> Result<Value> {
        Ok(match &function.variables[number] {
            Variable::Scalar(_) => {
                let (type_oid, typmod, _) = self.type_of(function, number, host)?;
                Value { datum: self.scalar(number), type_oid, typmod }
            }
            Variable::Record(record) => {
                let state = self.record(number).ok_or_else(|| Error::internal("variable is no record"))?;
                if state.columns.is_none() && state.type_oid == oids::RECORD {
                    return Err(not_assigned(&record.name));
                }
                Value { datum: state.datum(), type_oid: record.of_type.oid, typmod: -1 }
            }
            Variable::Field { record, name } => {
                let column = self.field_column(function, *record, name, host)?;
                let datum = self.field(function, *record, name)?;
                Value { datum, type_oid: column.type_oid, typmod: column.typmod }
            }
            Variable::Row { .. } => self.row(function, number, host)?,
        })
    }

    /// The members of a row as a record.
    pub(super) fn row(&self, function: &Function, number: usize, host: &dyn Host) -> Result<Value> {
        let Variable::Row { members } = &function.variables[number] else {
            return Err(Error::internal("variable is no row"));
        };
        let (mut types, mut fields) = (Vec::new(), Vec::new());
        for (_, member) in members {
            let value = self.value(function, *member, host)?;
            types.push(value.type_oid);
            fields.push(value.datum);
        }
        let record = RecordValue::new(oids::RECORD, types.into(), fields);
        Ok(Value { datum: Datum::Record(Arc::new(record)), type_oid: oids::RECORD, typmod: -1 })
    }
}
