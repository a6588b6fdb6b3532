//! Where the session's answers are collected.

use crate::notify::Notices;
use crate::row::{Column, Columns, Row};
use crate::types::Type;
use crate::value::{detach, needs_session};
use pglitedb_database::{Column as EngineColumn, CommandTag, Env, Format, Output, RowShape};
use pglitedb_sqlstate::{Error as EngineError, Result as EngineResult};
use pglitedb_types::{Datum, Oid, TypeEnv};
use std::collections::VecDeque;
use std::sync::Arc;

/// The engine's columns and what was made of them.
pub(crate) type KnownColumns = Option<(Arc<[EngineColumn]>, Arc<Columns>)>;

/// The columns as the library's users see them.
pub(crate) fn make_columns(columns: &[EngineColumn], env: &Env) -> Arc<Columns> {
    let base = |oid: Oid| match TypeEnv::type_info(env, oid) {
        Ok(info) if info.base_type != 0 => info.base_type,
        _ => oid,
    };
    let list = columns.iter().map(|column| Column {
        name: column.name.clone(),
        ty: Type::lookup(base(column.type_oid), env),
        type_modifier: column.typmod,
        table_oid: column.table,
        number: column.attnum,
    });
    let detach = columns.iter().any(|column| needs_session(column.type_oid, env));
    Arc::new(Columns { list: list.collect(), detach })
}

/// Collects rows (or only counts them).
pub(crate) struct RowSink<'a> {
    pub(crate) rows: Option<&'a mut VecDeque<Row>>,
    pub(crate) columns: &'a mut KnownColumns,
    pub(crate) notices: &'a mut Notices,
    /// Rows that the command says it processed.
    pub(crate) processed: u64,
    /// The row limit was reached.
    pub(crate) suspended: bool,
}

impl<'a> RowSink<'a> {
    pub(crate) fn new(
        rows: Option<&'a mut VecDeque<Row>>,
        columns: &'a mut KnownColumns,
        notices: &'a mut Notices,
    ) -> Self {
        RowSink { rows, columns, notices, processed: 0, suspended: false }
    }
}

fn use_copy() -> EngineError {
    EngineError::unsupported("COPY with the client needs copy_in or copy_out")
}

impl Output for RowSink<'_> {
    fn describe(&mut self, _shape: &RowShape) -> EngineResult<()> {
        Ok(())
    }

    fn row(&mut self, row: &[Datum], shape: &RowShape, env: &Env) -> EngineResult<()> {
        let Some(rows) = &mut self.rows else { return Ok(()) };
        let columns = match &*self.columns {
            Some((known, columns)) if Arc::ptr_eq(known, &shape.columns) => columns.clone(),
            _ => {
                let columns = make_columns(&shape.columns, env);
                *self.columns = Some((shape.columns.clone(), columns.clone()));
                columns
            }
        };
        let values = if columns.detach {
            row.iter().map(|value| detach(value, env)).collect::<EngineResult<_>>()?
        } else {
            row.to_vec()
        };
        rows.push_back(Row { columns, values });
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, notice: &EngineError, _source: Option<&str>) {
        self.notices.report(notice);
    }

    fn complete(&mut self, tag: &CommandTag) {
        self.processed = tag.rows.unwrap_or(0);
    }

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {
        self.suspended = true;
    }

    fn copy_out_begin(&mut self, _format: Format, _columns: usize) -> EngineResult<()> {
        Err(use_copy())
    }

    fn copy_out_data(&mut self, _data: &[u8]) -> EngineResult<()> {
        Err(use_copy())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _format: Format, _columns: usize) -> EngineResult<()> {
        Err(use_copy())
    }
}
