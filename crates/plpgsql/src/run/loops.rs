//! Loops.

use super::queries::Params;
use super::{Column, Flow, Rows, Run, Value};
use crate::ast::{Sql, Statement, StatementKind, Target, TypeRef, Variable};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{ArrayDim, ArrayValue, Datum, oids};
use std::ops::ControlFlow;
use std::sync::Arc;

impl Run<'_> {
    /// Runs the body of a loop once. `Break` when the loop is over, with what surrounds it is told.
    fn turn(&mut self, label: Option<&str>, body: &[Statement]) -> Result<ControlFlow<Flow>> {
        let own = |wanted: &Option<Arc<str>>| match wanted {
            None => true,
            Some(wanted) => label == Some(&**wanted),
        };
        match self.statements(body)? {
            Flow::Next => {}
            Flow::Exit(wanted) if own(&wanted) => return Ok(ControlFlow::Break(Flow::Next)),
            Flow::Continue(wanted) if own(&wanted) => {}
            other => return Ok(ControlFlow::Break(other)),
        }
        self.host.check_interrupts()?;
        Ok(ControlFlow::Continue(()))
    }

    /// Runs a loop of any kind.
    pub(super) fn any_loop(&mut self, kind: &StatementKind) -> Result<Flow> {
        match kind {
            StatementKind::Loop { label, body } => loop {
                if let ControlFlow::Break(flow) = self.turn(label.as_deref(), body)? {
                    return Ok(flow);
                }
            },
            StatementKind::While { label, condition, body } => {
                let place = self.position.place();
                while self.is_true(condition)? {
                    if let ControlFlow::Break(flow) = self.turn(label.as_deref(), body)? {
                        return Ok(flow);
                    }
                    self.position.at(place.0, place.1);
                }
                Ok(Flow::Next)
            }
            StatementKind::ForInteger { label, variable, lower, upper, step, reverse, body } => {
                let bounds = (lower, upper, step.as_ref());
                self.for_integer(label.as_deref(), *variable, bounds, *reverse, body)
            }
            StatementKind::ForQuery { label, target, query, body } => {
                let host = self.host;
                let rows = host.open(query, &self.frame, self.function.may_commit)?;
                self.for_rows(label.as_deref(), *target, rows, body)
            }
            StatementKind::ForDynamic { label, target, query, params, body } => {
                let host = self.host;
                let (text, params): (String, Params) = self.text_and_params(query, params)?;
                let rows = host.open_text(&text, &params, self.function.may_commit)?;
                self.for_rows(label.as_deref(), *target, rows, body)
            }
            StatementKind::ForCursor { label, target, cursor, arguments, body } => {
                self.for_cursor(label.as_deref(), *target, *cursor, arguments.as_ref(), body)
            }
            StatementKind::ForEach { label, target, slice, array, body } => {
                self.for_each(label.as_deref(), *target, *slice, array, body)
            }
            _ => Ok(Flow::Next),
        }
    }

    /// A bound of an integer loop.
    fn integer(&mut self, sql: &Sql, what: &str) -> Result<i32> {
        let value = self.host.evaluate(sql, &self.frame)?;
        let value = if let Datum::Int4(value) = value.datum {
            return Ok(value);
        } else {
            let of_type = TypeRef { oid: oids::INT4, typmod: -1, collation: 0, composite: false };
            self.host.convert(value, &of_type)?
        };
        match value {
            Datum::Int4(value) => Ok(value),
            _ => Err(err!(NULL_VALUE_NOT_ALLOWED, "{what} of FOR loop cannot be null")),
        }
    }

    fn for_integer(
        &mut self,
        label: Option<&str>,
        variable: usize,
        bounds: (&Sql, &Sql, Option<&Sql>),
        reverse: bool,
        body: &[Statement],
    ) -> Result<Flow> {
        let mut at = self.integer(bounds.0, "lower bound")?;
        let last = self.integer(bounds.1, "upper bound")?;
        let step = match bounds.2 {
            Some(step) => self.integer(step, "BY value")?,
            None => 1,
        };
        if step <= 0 {
            return Err(err!(INVALID_PARAMETER_VALUE, "BY value of FOR loop must be greater than zero"));
        }
        let mut found = false;
        let mut result = Flow::Next;
        while if reverse { at >= last } else { at <= last } {
            found = true;
            self.frame.set(variable, Datum::Int4(at));
            if let ControlFlow::Break(flow) = self.turn(label, body)? {
                result = flow;
                break;
            }
            let next = if reverse { at.checked_sub(step) } else { at.checked_add(step) };
            let Some(next) = next else { break };
            at = next;
        }
        self.set_found(found);
        Ok(result)
    }

    /// A loop over rows.
    fn for_rows(
        &mut self,
        label: Option<&str>,
        target: Target,
        mut rows: Box<dyn Rows + '_>,
        body: &[Statement],
    ) -> Result<Flow> {
        let columns = rows.columns();
        let place = self.position.place();
        let mut row = Vec::new();
        let mut found = false;
        let mut result = Flow::Next;
        while rows.next(&mut row)? {
            found = true;
            self.assign_target(target.0, &columns, Some(&row))?;
            if let ControlFlow::Break(flow) = self.turn(label, body)? {
                result = flow;
                break;
            }
            self.position.at(place.0, place.1);
        }
        if !found {
            self.assign_target(target.0, &columns, None)?;
        }
        drop(rows);
        self.set_found(found);
        Ok(result)
    }

    fn for_cursor(
        &mut self,
        label: Option<&str>,
        target: Target,
        cursor: usize,
        arguments: Option<&Sql>,
        body: &[Statement],
    ) -> Result<Flow> {
        let opened = self.open_for_loop(cursor, arguments)?;
        let place = self.position.place();
        let mut found = false;
        let mut result = Flow::Next;
        loop {
            let direction = pglitedb_sql_parser::ast::FetchDirection::Forward(Some(1));
            let mut moved = self.host.move_cursor(&opened, direction, true)?;
            let Some(row) = moved.rows.pop() else { break };
            found = true;
            self.assign_target(target.0, &moved.columns, Some(&row))?;
            if let ControlFlow::Break(flow) = self.turn(label, body)? {
                result = flow;
                break;
            }
            self.position.at(place.0, place.1);
        }
        self.host.close_cursor(&opened)?;
        self.set_found(found);
        Ok(result)
    }

    fn for_each(
        &mut self,
        label: Option<&str>,
        target: Target,
        slice: i32,
        array: &Sql,
        body: &[Statement],
    ) -> Result<Flow> {
        let value = self.host.evaluate(array, &self.frame)?;
        if value.datum.is_null() {
            return Err(err!(NULL_VALUE_NOT_ALLOWED, "FOREACH expression must not be null"));
        }
        let element = self.host.element_type(value.type_oid)?;
        let Datum::Array(values) = &value.datum else { return Err(self.no_array(&value)?) };
        if element == 0 {
            return Err(self.no_array(&value)?);
        }
        let dims = values.dims.len();
        let slice = usize::try_from(slice).unwrap_or(usize::MAX);
        if slice > dims {
            return Err(err!(
                ARRAY_SUBSCRIPT_ERROR,
                "slice dimension ({slice}) is out of the valid range 0..{dims}"
            ));
        }
        self.check_for_each(target, slice)?;
        let items = pieces(values, slice);
        let type_oid = if slice == 0 { element } else { value.type_oid };
        let mut found = false;
        let mut result = Flow::Next;
        let place = self.position.place();
        for datum in items {
            found = true;
            let columns: Arc<[Column]> =
                Arc::new([Column { name: Arc::from("item"), type_oid, typmod: value.typmod }]);
            match (&self.function.variables[target.0], &datum) {
                // An element that is a row goes to several variables.
                (Variable::Row { .. } | Variable::Record(_), Datum::Record(_) | Datum::Null) => {
                    self.assign(target.0, Value { datum, type_oid, typmod: -1 })?;
                }
                _ => self.assign_target(target.0, &columns, Some(&[datum]))?,
            }
            if let ControlFlow::Break(flow) = self.turn(label, body)? {
                result = flow;
                break;
            }
            self.position.at(place.0, place.1);
        }
        self.set_found(found);
        Ok(result)
    }

    fn no_array(&self, value: &Value) -> Result<pglitedb_sqlstate::Error> {
        let shown = self.host.type_name(value.type_oid, -1)?;
        Ok(err!(DATATYPE_MISMATCH, "FOREACH expression must yield an array, not type {shown}"))
    }

    /// A slice needs an array variable, an element none.
    fn check_for_each(&self, target: Target, slice: usize) -> Result<()> {
        let is_array = match &self.function.variables[target.0] {
            Variable::Scalar(_) | Variable::Field { .. } => {
                let (oid, ..) = self.frame.type_of(self.function, target.0, self.host)?;
                self.host.element_type(oid)? != 0
            }
            _ => false,
        };
        if slice > 0 && !is_array {
            return Err(err!(DATATYPE_MISMATCH, "FOREACH ... SLICE loop variable must be of an array type"));
        }
        if slice == 0 && is_array {
            return Err(err!(DATATYPE_MISMATCH, "FOREACH loop variable must not be of an array type"));
        }
        Ok(())
    }
}

/// The elements of an array, or its slices of some dimensions.
fn pieces(array: &ArrayValue, slice: usize) -> Vec<Datum> {
    if slice == 0 {
        return array.values.clone();
    }
    let kept: Vec<ArrayDim> = array.dims[array.dims.len() - slice..].to_vec();
    let size = kept.iter().map(|dim| usize::try_from(dim.len).unwrap_or(0)).product::<usize>().max(1);
    array
        .values
        .chunks(size)
        .map(|values| {
            Datum::Array(Arc::new(ArrayValue {
                elem_type: array.elem_type,
                dims: kept.clone(),
                values: values.to_vec(),
            }))
        })
        .collect()
}
