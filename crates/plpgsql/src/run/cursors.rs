//! Cursors.

use super::host::CursorQuery;
use super::{CursorRequest, Run, Value};
use crate::ast::{CursorDeclaration, Direction, OpenHow, Sql, Target, TypeRef, Variable};
use pglitedb_sql_parser::ast::FetchDirection;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, oids};
use std::sync::Arc;

impl Run<'_> {
    fn declaration(&self, cursor: usize) -> Option<Arc<CursorDeclaration>> {
        match &self.function.variables[cursor] {
            Variable::Scalar(scalar) => scalar.cursor.clone(),
            _ => None,
        }
    }

    /// The name that a cursor variable holds.
    fn name_held(&self, cursor: usize) -> Option<Arc<str>> {
        match self.frame.scalar(cursor) {
            Datum::Text(name) => Some(name),
            Datum::Null => None,
            other => other.as_str().map(Arc::from),
        }
    }

    /// Gives the cursor's parameters their values.
    fn set_parameters(&mut self, declaration: &CursorDeclaration, arguments: Option<&Sql>) -> Result<()> {
        let (Some(row), Some(arguments)) = (declaration.parameters, arguments) else { return Ok(()) };
        let Variable::Row { members } = &self.function.variables[row] else { return Ok(()) };
        let mut values: Option<Vec<Datum>> = None;
        let ran = self.host.run(arguments, &self.frame, 1, &mut |_, row| {
            values = Some(row.to_vec());
            Ok(())
        })?;
        let values = values.unwrap_or_default();
        for (at, (_, member)) in members.iter().enumerate() {
            let column = ran.columns.get(at);
            let value = Value {
                datum: values.get(at).cloned().unwrap_or_default(),
                type_oid: column.map_or(0, |column| column.type_oid),
                typmod: column.map_or(-1, |column| column.typmod),
            };
            self.assign(*member, value)?;
        }
        Ok(())
    }

    /// Opens the cursor of a FOR loop; its name.
    pub(super) fn open_for_loop(&mut self, cursor: usize, arguments: Option<&Sql>) -> Result<Arc<str>> {
        let declaration = self
            .declaration(cursor)
            .ok_or_else(|| Error::internal("loop over a cursor that is not bound"))?;
        self.open(cursor, &declaration, arguments)
    }

    fn open(
        &mut self,
        cursor: usize,
        declaration: &CursorDeclaration,
        arguments: Option<&Sql>,
    ) -> Result<Arc<str>> {
        self.set_parameters(declaration, arguments)?;
        let request = CursorRequest {
            name: self.name_held(cursor),
            scroll: declaration.scroll,
            query: CursorQuery::Sql(&declaration.query, &self.frame),
        };
        let name = self.host.open_cursor(request)?;
        self.set_name(cursor, &name);
        Ok(name)
    }

    fn set_name(&mut self, cursor: usize, name: &Arc<str>) {
        self.frame.set(cursor, Datum::Text(name.clone()));
    }

    /// OPEN.
    pub(super) fn open_cursor(&mut self, cursor: usize, how: &OpenHow, scroll: Option<bool>) -> Result<()> {
        let name = match how {
            OpenHow::Bound(arguments) => {
                let declaration =
                    self.declaration(cursor).ok_or_else(|| Error::internal("cursor is not bound"))?;
                return self.open(cursor, &declaration, arguments.as_ref()).map(drop);
            }
            OpenHow::Query(query) => {
                let request = CursorRequest {
                    name: self.name_held(cursor),
                    scroll,
                    query: CursorQuery::Sql(query, &self.frame),
                };
                self.host.open_cursor(request)?
            }
            OpenHow::Dynamic(query, params) => {
                let (text, params) = self.text_and_params(query, params)?;
                let request = CursorRequest {
                    name: self.name_held(cursor),
                    scroll,
                    query: CursorQuery::Text(&text, &params),
                };
                self.host.open_cursor(request)?
            }
        };
        self.set_name(cursor, &name);
        Ok(())
    }

    fn open_name(&self, cursor: usize) -> Result<Arc<str>> {
        let variable = self.function.variables[cursor].name();
        self.name_held(cursor)
            .ok_or_else(|| err!(NULL_VALUE_NOT_ALLOWED, "cursor variable \"{variable}\" is null"))
    }

    fn count(&mut self, sql: &Sql) -> Result<i64> {
        let value = self.host.evaluate(sql, &self.frame)?;
        let of_type = TypeRef { oid: oids::INT8, typmod: -1, collation: 0, composite: false };
        match self.host.convert(value, &of_type)? {
            Datum::Int8(count) => Ok(count),
            _ => Err(err!(NULL_VALUE_NOT_ALLOWED, "relative or absolute cursor position is null")),
        }
    }

    /// FETCH and MOVE.
    pub(super) fn fetch(&mut self, cursor: usize, direction: &Direction, into: Option<Target>) -> Result<()> {
        let name = self.open_name(cursor)?;
        let direction = match direction {
            Direction::Fixed(direction) => *direction,
            Direction::Absolute(sql) => FetchDirection::Absolute(self.count(sql)?),
            Direction::Relative(sql) => FetchDirection::Relative(self.count(sql)?),
            Direction::Forward(sql) => FetchDirection::Forward(Some(self.count(sql)?)),
            Direction::Backward(sql) => FetchDirection::Backward(Some(self.count(sql)?)),
        };
        let moved = self.host.move_cursor(&name, direction, into.is_some())?;
        if let Some(target) = into {
            self.assign_target(target.0, &moved.columns, moved.rows.first().map(Vec::as_slice))?;
        }
        self.row_count = moved.count;
        self.set_found(moved.count > 0);
        Ok(())
    }

    /// CLOSE.
    pub(super) fn close_cursor(&mut self, cursor: usize) -> Result<()> {
        let name = self.open_name(cursor)?;
        self.host.close_cursor(&name)
    }
}
