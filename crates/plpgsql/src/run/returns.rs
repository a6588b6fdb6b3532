//! RETURN, RETURN NEXT, RETURN QUERY.

use super::{Column, Run, Value};
use crate::ast::{Returned, Sql, TypeRef, Variable};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, Oid, RecordValue, oids};
use std::sync::Arc;

impl Run<'_> {
    fn value_of(&mut self, returned: &Returned) -> Result<Option<Value>> {
        match returned {
            Returned::Nothing => Ok(None),
            Returned::Variable(number) => {
                // A record that was never assigned is returned as NULL.
                let unassigned = self.frame.record(*number).is_some_and(|state| state.columns.is_none());
                if unassigned {
                    let (type_oid, typmod, _) = self.frame.type_of(self.function, *number, self.host)?;
                    return Ok(Some(Value { datum: Datum::Null, type_oid, typmod }));
                }
                self.frame.value(self.function, *number, self.host).map(Some)
            }
            Returned::Value(sql) => self.host.evaluate(sql, &self.frame).map(Some),
        }
    }

    /// RETURN.
    pub(super) fn return_value(&mut self, returned: &Returned) -> Result<()> {
        let Some(value) = self.value_of(returned)? else { return Ok(()) };
        let wanted = self.function.result;
        if wanted == oids::VOID {
            return Ok(());
        }
        let is_row = matches!(value.datum, Datum::Record(_));
        let composite = self.is_composite(wanted)?;
        if composite && !is_row && !value.datum.is_null() {
            return Err(err!(
                DATATYPE_MISMATCH,
                "cannot return non-composite value from function returning composite type"
            ));
        }
        self.result = Some(value);
        Ok(())
    }

    fn is_composite(&self, oid: Oid) -> Result<bool> {
        if oid == oids::RECORD {
            return Ok(true);
        }
        if oid < oids::FIRST_NORMAL_OID {
            return Ok(false);
        }
        Ok(self.host.composite_columns(oid).is_ok())
    }

    /// A row as a result of the set, its columns converted.
    fn push_row(&mut self, columns: &[Column], row: &[Datum]) -> Result<()> {
        let Some(wanted) = self.columns.clone() else {
            let value = Value {
                datum: row.first().cloned().unwrap_or_default(),
                type_oid: columns.first().map_or(0, |column| column.type_oid),
                typmod: columns.first().map_or(-1, |column| column.typmod),
            };
            return self.push_value(value);
        };
        if columns.len() != wanted.len() {
            return Err(mismatch(format!(
                "Number of returned columns ({}) does not match expected column count ({}).",
                columns.len(),
                wanted.len()
            )));
        }
        let mut fields = Vec::with_capacity(row.len());
        for (at, (type_oid, typmod)) in wanted.iter().enumerate() {
            let datum = row.get(at).cloned().unwrap_or_default();
            let column = &columns[at];
            if column.type_oid != *type_oid {
                return Err(mismatch(format!(
                    "Returned type {} does not match expected type {} in column {}.",
                    self.host.type_name(column.type_oid, -1)?,
                    self.host.type_name(*type_oid, -1)?,
                    at + 1
                ))
                .detail(format!(
                    "Returned type {} does not match expected type {} in column \"{}\" (position {}).",
                    self.host.type_name(column.type_oid, column.typmod)?,
                    self.host.type_name(*type_oid, *typmod)?,
                    column.name,
                    at + 1
                )));
            }
            let value = Value { datum, type_oid: column.type_oid, typmod: column.typmod };
            let of_type = TypeRef { oid: *type_oid, typmod: *typmod, collation: 0, composite: false };
            let same = *typmod < 0 || *typmod == value.typmod;
            fields.push(if same { value.datum } else { self.host.convert(value, &of_type)? });
        }
        self.set.push(self.record(&wanted, fields));
        Ok(())
    }

    fn record(&self, columns: &[(Oid, i32)], fields: Vec<Datum>) -> Datum {
        Datum::Record(Arc::new(RecordValue::new(
            self.function.result,
            columns.iter().map(|(oid, _)| *oid).collect(),
            fields,
        )))
    }

    /// A value as a result of the set.
    fn push_value(&mut self, value: Value) -> Result<()> {
        let oid = self.function.result;
        let of_type = TypeRef { oid, typmod: -1, collation: 0, composite: false };
        let datum = if value.type_oid == oid { value.datum } else { self.host.convert(value, &of_type)? };
        self.set.push(datum);
        Ok(())
    }

    /// RETURN NEXT.
    pub(super) fn return_next(&mut self, returned: &Returned) -> Result<()> {
        if let Some(out) = self.function.out
            && matches!(returned, Returned::Nothing)
        {
            let value = match &self.function.variables[out] {
                Variable::Row { .. } => self.frame.row(self.function, out, self.host)?,
                _ => self.frame.value(self.function, out, self.host)?,
            };
            if let (Datum::Record(row), Some(columns)) = (&value.datum, self.columns.clone())
                && self.function.result == oids::RECORD
            {
                let record = self.record(&columns, row.fields.clone());
                self.set.push(record);
                return Ok(());
            }
            self.set.push(value.datum);
            return Ok(());
        }
        if let Returned::Variable(number) = returned {
            self.check_assigned(*number)?;
        }
        let Some(value) = self.value_of(returned)? else {
            return Err(err!(SYNTAX_ERROR, "RETURN NEXT must have a parameter"));
        };
        match (&value.datum, self.columns.clone()) {
            (Datum::Record(row), Some(wanted)) => {
                let types = row.field_types.clone();
                let fields = row.fields.clone();
                self.push_fields(&wanted, &types, fields)
            }
            (Datum::Null, Some(wanted)) => {
                let record = self.record(&wanted, vec![Datum::Null; wanted.len()]);
                self.set.push(record);
                Ok(())
            }
            (_, Some(_)) => Err(err!(
                DATATYPE_MISMATCH,
                "cannot return non-composite value from function returning composite type"
            )),
            (_, None) => self.push_value(value),
        }
    }

    /// The fields of a record as a result, converted.
    fn push_fields(&mut self, wanted: &[(Oid, i32)], types: &[Oid], fields: Vec<Datum>) -> Result<()> {
        if fields.len() != wanted.len() {
            return Err(err!(DATATYPE_MISMATCH, "wrong record type supplied in RETURN NEXT").detail(
                format!(
                    "Number of returned columns ({}) does not match expected column count ({}).",
                    fields.len(),
                    wanted.len()
                ),
            ));
        }
        let mut converted = Vec::with_capacity(fields.len());
        for (at, (datum, (oid, typmod))) in fields.into_iter().zip(wanted).enumerate() {
            let own = types.get(at).copied().unwrap_or(0);
            let of_type = TypeRef { oid: *oid, typmod: *typmod, collation: 0, composite: false };
            if own == *oid || own == 0 {
                converted.push(datum);
            } else {
                converted.push(self.host.convert(Value { datum, type_oid: own, typmod: -1 }, &of_type)?);
            }
        }
        let record = self.record(wanted, converted);
        self.set.push(record);
        Ok(())
    }

    /// RETURN QUERY.
    pub(super) fn return_query(&mut self, query: &Sql) -> Result<()> {
        let host = self.host;
        let mut rows = host.open(query, &self.frame, true)?;
        self.take_rows(&mut *rows)
    }

    /// RETURN QUERY EXECUTE.
    pub(super) fn return_dynamic(&mut self, query: &Sql, params: &[Sql]) -> Result<()> {
        let host = self.host;
        let (text, params) = self.text_and_params(query, params)?;
        let mut rows = host.open_text(&text, &params, true)?;
        self.take_rows(&mut *rows)
    }

    fn take_rows(&mut self, rows: &mut dyn super::Rows) -> Result<()> {
        let columns = rows.columns();
        // A single column of the composite type itself is a row of it.
        let whole = matches!(&*columns, [one] if one.type_oid == self.function.result);
        if self.columns.is_none() && columns.len() != 1 {
            return Err(mismatch(format!(
                "Number of returned columns ({}) does not match expected column count (1).",
                columns.len()
            )));
        }
        if self.columns.is_none() && columns[0].type_oid != self.function.result {
            let (given, wanted) = (
                self.host.type_name(columns[0].type_oid, columns[0].typmod)?,
                self.host.type_name(self.function.result, -1)?,
            );
            return Err(mismatch(format!(
                "Returned type {given} does not match expected type {wanted} in column \"{}\" (position 1).",
                columns[0].name
            )));
        }
        let mut row = Vec::new();
        let mut count = 0;
        while rows.next(&mut row)? {
            count += 1;
            if whole
                && self.columns.is_some()
                && self
                    .columns
                    .as_ref()
                    .is_some_and(|wanted| wanted.len() != 1 || matches!(row.first(), Some(Datum::Record(_))))
            {
                self.set.push(row.first().cloned().unwrap_or_default());
            } else {
                self.push_row(&columns, &row)?;
            }
            self.host.check_interrupts()?;
        }
        self.row_count = count;
        self.set_found(count > 0);
        Ok(())
    }
}

fn mismatch(detail: String) -> pglitedb_sqlstate::Error {
    err!(DATATYPE_MISMATCH, "structure of query does not match function result type").detail(detail)
}
