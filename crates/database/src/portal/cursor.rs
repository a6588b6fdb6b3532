//! Cursors of SQL: moving and fetching in all directions.
//!
//! A cursor that only goes forward reads its plan as it goes. One that may go back keeps the rows that it has read.

use super::{Portal, PortalState};
use crate::env::Env;
use pglitedb_sql_parser::ast::FetchDirection;
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::RowId;
use pglitedb_types::{Datum, Oid};

/// What FETCH or MOVE came to.
pub(crate) struct FetchResult {
    pub rows: Vec<Vec<Datum>>,
    pub count: u64,
}

impl Portal {
    /// May it go back?
    fn scrolls(&self) -> bool {
        self.cursor.is_some_and(|options| !options.no_scroll)
    }

    /// Reads everything that is left, so that the plan is not needed any more.
    pub(crate) fn materialize(&mut self, env: &Env) -> Result<()> {
        if matches!(self.state, PortalState::Ready) {
            self.start(env)?;
        }
        while self.read(env, true)? {
            env.check_cancel()?;
        }
        let rows = std::mem::take(&mut self.history);
        if !matches!(self.state, PortalState::Rows { .. }) {
            self.state = PortalState::Rows { rows, next: 0, tag: "FETCH" };
        }
        Ok(())
    }

    /// Reads one more row of the plan into the history; false at the end.
    fn read(&mut self, env: &Env, keep: bool) -> Result<bool> {
        match &mut self.state {
            PortalState::Running(execution) => {
                if execution.next(env, &self.params, &mut self.row)? {
                    // Who never goes back needs the current row only (and a holdable cursor all that is left).
                    if !keep && !self.history.is_empty() {
                        self.forgotten += self.history.len() as u64;
                        self.history.clear();
                        self.identities.clear();
                    }
                    self.history.push(std::mem::take(&mut self.row));
                    self.identities.push(execution.scanned_row());
                    return Ok(true);
                }
                if let PortalState::Running(execution) = std::mem::replace(&mut self.state, PortalState::Done)
                {
                    execution.finish(env);
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// The row of a number from 1, reading as far as needed. `Ok(None)`: there are fewer.
    fn row_at(&mut self, env: &Env, number: u64) -> Result<Option<Vec<Datum>>> {
        loop {
            let Some(index) = number.checked_sub(1 + self.forgotten) else {
                return Ok(None);
            };
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            if let PortalState::Rows { rows, .. } = &self.state {
                return Ok(rows.get(index).cloned());
            }
            if let Some(row) = self.history.get(index) {
                return Ok(Some(row.clone()));
            }
            if !self.read(env, self.scrolls())? {
                return Ok(None);
            }
            env.check_cancel()?;
        }
    }

    /// Number of rows in all; reads to the end.
    fn count(&mut self, env: &Env) -> Result<u64> {
        if let PortalState::Rows { rows, .. } = &self.state {
            return Ok(self.forgotten + rows.len() as u64);
        }
        while self.read(env, self.scrolls())? {
            env.check_cancel()?;
        }
        Ok(self.forgotten + self.history.len() as u64)
    }

    /// The table's row that the cursor stands on.
    pub(super) fn current_row(&self, table: Oid, table_name: &dyn Fn() -> String) -> Result<Option<RowId>> {
        let name = &self.name;
        if self.held {
            return Err(err!(INVALID_CURSOR_STATE, "cursor \"{name}\" is held from a previous transaction"));
        }
        let index = self.position.checked_sub(1 + self.forgotten).filter(|_| !self.at_end);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let Some(identity) = index.and_then(|index| self.identities.get(index)) else {
            return Err(err!(INVALID_CURSOR_STATE, "cursor \"{name}\" is not positioned on a row"));
        };
        match identity {
            // The row of another table of an inheritance tree is none of this one.
            Some((of, row)) => Ok((*of == table).then_some(*row)),
            None => Err(err!(
                INVALID_CURSOR_STATE,
                "cursor \"{name}\" is not a simply updatable scan of table \"{}\"",
                table_name()
            )),
        }
    }

    /// Moves and, unless `moving`, collects the rows passed.
    pub(crate) fn fetch(
        &mut self,
        env: &Env,
        direction: FetchDirection,
        moving: bool,
    ) -> Result<FetchResult> {
        if self.failed {
            return Err(err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "portal \"{}\" cannot be run", self.name));
        }
        if matches!(self.state, PortalState::Ready) {
            self.start(env)?;
        }
        let mut result = FetchResult { rows: Vec::new(), count: 0 };
        match direction {
            FetchDirection::Forward(Some(count)) if count < 0 => {
                self.backward(env, count.checked_neg(), &mut result)?;
            }
            FetchDirection::Backward(Some(count)) if count < 0 => {
                self.forward(env, count.checked_neg(), &mut result)?;
            }
            FetchDirection::Forward(Some(0))
            | FetchDirection::Backward(Some(0))
            | FetchDirection::Relative(0) => {
                self.again(env, &mut result)?;
            }
            FetchDirection::Forward(count) => self.forward(env, count, &mut result)?,
            FetchDirection::Backward(count) => self.backward(env, count, &mut result)?,
            FetchDirection::Absolute(number) => {
                let target = if number >= 0 {
                    number.unsigned_abs()
                } else {
                    let count = self.count(env)?;
                    (count + 1).saturating_sub(number.unsigned_abs())
                };
                self.go_to(env, target, &mut result)?;
            }
            FetchDirection::Relative(distance) => {
                let at = if self.at_end { self.count(env)? + 1 } else { self.position };
                let target = i64::try_from(at).unwrap_or(i64::MAX).saturating_add(distance);
                self.go_to(env, u64::try_from(target).unwrap_or(0), &mut result)?;
            }
        }
        if moving {
            result.rows = Vec::new();
        }
        Ok(result)
    }

    fn forward(&mut self, env: &Env, count: Option<i64>, result: &mut FetchResult) -> Result<()> {
        let count = count.and_then(|count| u64::try_from(count).ok()).unwrap_or(u64::MAX);
        while result.count < count && !self.at_end {
            match self.row_at(env, self.position + 1)? {
                Some(row) => {
                    self.position += 1;
                    result.count += 1;
                    result.rows.push(row);
                }
                None => self.at_end = true,
            }
        }
        Ok(())
    }

    fn backward(&mut self, env: &Env, count: Option<i64>, result: &mut FetchResult) -> Result<()> {
        self.require_scroll()?;
        let count = count.and_then(|count| u64::try_from(count).ok()).unwrap_or(u64::MAX);
        if std::mem::take(&mut self.at_end) {
            self.position += 1;
        }
        while result.count < count && self.position > 0 {
            self.position -= 1;
            if let Some(row) = self.row_at(env, self.position)? {
                result.count += 1;
                result.rows.push(row);
            }
        }
        Ok(())
    }

    /// FETCH 0: the current row again.
    fn again(&mut self, env: &Env, result: &mut FetchResult) -> Result<()> {
        if !self.at_end
            && self.position > 0
            && let Some(row) = self.row_at(env, self.position)?
        {
            result.count = 1;
            result.rows.push(row);
        }
        Ok(())
    }

    fn go_to(&mut self, env: &Env, target: u64, result: &mut FetchResult) -> Result<()> {
        if target < self.position || (self.at_end && target <= self.position) {
            self.require_scroll()?;
        }
        self.at_end = false;
        self.position = target;
        match self.row_at(env, target)? {
            Some(row) => {
                result.count = 1;
                result.rows.push(row);
            }
            None if target > 0 => {
                self.position = self.count(env)?;
                self.at_end = true;
            }
            None => {}
        }
        Ok(())
    }

    fn require_scroll(&self) -> Result<()> {
        if self.scrolls() {
            return Ok(());
        }
        Err(err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "cursor can only scan forward")
            .hint("Declare it with SCROLL option to enable backward scan."))
    }
}
