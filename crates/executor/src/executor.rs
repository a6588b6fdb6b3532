//! A statement being executed.

use crate::build::Builder;
use crate::expr::CompileCtx;
use crate::instrument::{NodeStats, Stats};
use crate::nodes::cte::CteState;
use crate::nodes::subplan::HashedRows;
use crate::runtime::Runtime;
use pglitedb_query_tree::{Plan, PlannedStmt, SubLinkKind};
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_tables::RowId;
use pglitedb_types::{ArrayValue, Datum, Oid, RecordValue, oids};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// A node of the run-time tree.
pub(crate) trait Node: Send {
    /// Writes the next row into `out` (clearing it first); false when there is none.
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool>;

    /// Starts again from the first row, with the current parameter values.
    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()>;

    /// Hands in what EXPLAIN ANALYZE says of the node beyond rows and times.
    fn finish(&mut self, _rt: &Runtime<'_>) {}

    /// The table and the row that the last row returned stands for, if it is simply a row of one table.
    fn scanned_row(&self) -> Option<(Oid, RowId)> {
        None
    }
}

/// A value an init plan or a nested loop sets.
#[derive(Default)]
struct Slot {
    value: Datum,
    /// The init plan that must run before the value is there.
    pending: Option<usize>,
}

/// An init plan.
pub(crate) struct Init {
    pub plan: usize,
    pub kind: SubLinkKind,
    pub params: Vec<usize>,
    pub element_type: Oid,
}

/// A subplan with what is remembered of it.
pub(crate) struct SubState {
    pub node: Box<dyn Node>,
    pub started: bool,
    pub depends_on_params: bool,
    pub hashed: Option<HashedRows>,
    pub row: Vec<Datum>,
}

/// State shared by all nodes of a statement.
pub(crate) struct Shared {
    slots: RefCell<Vec<Slot>>,
    pub(crate) inits: Vec<Init>,
    pub(crate) subplans: Vec<RefCell<SubState>>,
    pub(crate) ctes: Vec<RefCell<CteState>>,
    pub(crate) work_tables: RefCell<Vec<Vec<Vec<Datum>>>>,
    /// Init plans that must run even if nobody reads them (data-modifying WITH).
    always: Vec<usize>,
    has_dependent_ctes: bool,
    pub(crate) processed: Cell<u64>,
    pub(crate) stats: RefCell<Stats>,
    /// Rows that filters have removed, counted for the node at work.
    pub(crate) removed: Cell<u64>,
    depth: Cell<usize>,
}

/// Nested evaluations of subplans beyond this are refused.
const SUBPLAN_DEPTH_MAX: usize = 200;

/// An executable statement. Holds no reference to the session.
pub struct Executor {
    stmt: Arc<PlannedStmt>,
    root: Box<dyn Node>,
    shared: Shared,
    /// Places of the visible columns, if some are junk.
    visible: Option<Vec<usize>>,
    buffer: Vec<Datum>,
    used: bool,
    finished: bool,
}

impl Executor {
    /// Compiles a plan. With `instrument`, rows and times of each node are kept for EXPLAIN ANALYZE.
    pub fn build(stmt: &Arc<PlannedStmt>, ctx: &mut CompileCtx<'_>, instrument: bool) -> Result<Executor> {
        let mut builder = Builder::new(stmt, instrument);
        let root = builder.plan(&stmt.plan, ctx)?;
        let mut subplans = Vec::with_capacity(stmt.subplans.len());
        let mut ctes = Vec::with_capacity(stmt.subplans.len());
        for plan in &stmt.subplans {
            let node = builder.plan(plan, ctx)?;
            subplans.push(RefCell::new(SubState {
                node,
                started: false,
                depends_on_params: crate::build::depends_on_params(plan),
                hashed: None,
                row: Vec::new(),
            }));
            ctes.push(RefCell::new(CteState::default()));
        }
        let mut slots = Vec::new();
        slots.resize_with(stmt.exec_params, Slot::default);
        for (at, init) in builder.inits.iter().enumerate() {
            for param in &init.params {
                if let Some(slot) = slots.get_mut(*param) {
                    *slot = Slot { value: Datum::Null, pending: Some(at) };
                }
            }
        }
        let always = builder
            .inits
            .iter()
            .enumerate()
            .filter(|(_, init)| init.params.is_empty())
            .map(|(at, _)| at)
            .collect();
        let targets = &stmt.plan.targets;
        let visible = targets.iter().any(|target| target.junk).then(|| {
            targets.iter().enumerate().filter(|(_, target)| !target.junk).map(|(at, _)| at).collect()
        });
        let has_dependent_ctes = subplans.iter().any(|sub| sub.borrow().depends_on_params);
        let shared = Shared {
            slots: RefCell::new(slots),
            inits: builder.inits,
            subplans,
            ctes,
            work_tables: RefCell::new(vec![Vec::new(); builder.work_tables]),
            always,
            has_dependent_ctes,
            processed: Cell::new(0),
            stats: RefCell::new(Stats::default()),
            removed: Cell::new(0),
            depth: Cell::new(0),
        };
        Ok(Executor {
            stmt: stmt.clone(),
            root,
            shared,
            visible,
            buffer: Vec::new(),
            used: false,
            finished: false,
        })
    }

    /// The statement.
    pub fn statement(&self) -> &Arc<PlannedStmt> {
        &self.stmt
    }

    /// Writes the next result row into `out`; false at the end.
    pub fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let rt = Runtime { shared: Some(&self.shared), ..*rt };
        if self.finished {
            return Ok(false);
        }
        if !self.used {
            self.used = true;
            for at in &self.shared.always {
                self.shared.run_to_completion(*at, &rt)?;
            }
        }
        let more = match &self.visible {
            None => self.root.next(&rt, out)?,
            Some(visible) => {
                let more = self.root.next(&rt, &mut self.buffer)?;
                out.clear();
                if more {
                    out.extend(visible.iter().map(|at| self.buffer[*at].clone()));
                }
                more
            }
        };
        self.finished = !more;
        Ok(more)
    }

    /// The table and the row that the last row returned stands for, for `WHERE CURRENT OF`; `None` for queries that are not
    /// a simple scan of one table.
    pub fn scanned_row(&self) -> Option<(Oid, RowId)> {
        self.root.scanned_row()
    }

    /// Rows inserted, updated, deleted or merged by the statement itself (not by its WITH queries).
    pub fn processed(&self) -> u64 {
        self.shared.processed.get()
    }

    /// Makes it ready to run again from the start.
    pub fn reset(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let rt = Runtime { shared: Some(&self.shared), restart: true, ..*rt };
        if self.used {
            self.shared.reset();
            self.root.rescan(&rt)?;
            for sub in &self.shared.subplans {
                sub.borrow_mut().node.rescan(&rt)?;
            }
        }
        self.shared.processed.set(0);
        self.used = false;
        self.finished = false;
        Ok(())
    }

    /// What a node did, if the executor was built to keep it.
    pub fn stats(&self, plan: &Plan) -> Option<NodeStats> {
        self.shared.stats.borrow().get(plan)
    }
}

impl Shared {
    fn reset(&self) {
        let mut slots = self.slots.borrow_mut();
        for (at, init) in self.inits.iter().enumerate() {
            for param in &init.params {
                if let Some(slot) = slots.get_mut(*param) {
                    *slot = Slot { value: Datum::Null, pending: Some(at) };
                }
            }
        }
        for sub in &self.subplans {
            let mut sub = sub.borrow_mut();
            sub.hashed = None;
            sub.started = false;
        }
        for cte in &self.ctes {
            cte.borrow_mut().clear();
        }
        self.work_tables.borrow_mut().iter_mut().for_each(Vec::clear);
    }

    /// Sets a parameter.
    pub(crate) fn set(&self, id: usize, value: Datum) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(id) {
            *slot = Slot { value, pending: None };
        }
    }

    /// Forgets the results of init plans and WITH queries that depend on parameters which have just changed.
    pub(crate) fn params_changed(&self) {
        if !self.has_dependent_ctes {
            return;
        }
        let mut slots = self.slots.borrow_mut();
        for (at, init) in self.inits.iter().enumerate() {
            let dependent = self.subplans[init.plan].try_borrow().is_ok_and(|sub| sub.depends_on_params);
            if dependent {
                for param in &init.params {
                    slots[*param] = Slot { value: Datum::Null, pending: Some(at) };
                }
            }
        }
        for (sub, cte) in self.subplans.iter().zip(&self.ctes) {
            if sub.try_borrow().is_ok_and(|sub| sub.depends_on_params)
                && let Ok(mut cte) = cte.try_borrow_mut()
            {
                cte.clear();
                cte.restart = true;
            }
        }
    }

    fn run_to_completion(&self, at: usize, rt: &Runtime<'_>) -> Result<()> {
        // A data-modifying WITH query that somebody reads is run through its CTE buffer, so that its rows are kept.
        let plan = self.inits[at].plan;
        crate::nodes::cte::read_all(self, plan, rt)
    }

    fn run_init(&self, at: usize, rt: &Runtime<'_>) -> Result<()> {
        let init = &self.inits[at];
        let mut sub = self.subplans[init.plan]
            .try_borrow_mut()
            .map_err(|_| Error::internal("init plan depends on itself"))?;
        let sub = &mut *sub;
        if sub.started {
            sub.node.rescan(rt)?;
        }
        sub.started = true;
        let row = &mut sub.row;
        match init.kind {
            SubLinkKind::Exists => {
                let found = sub.node.next(rt, row)?;
                self.set(init.params[0], Datum::Bool(found));
            }
            SubLinkKind::Array => {
                let mut values = Vec::new();
                while sub.node.next(rt, row)? {
                    values.push(row.first().cloned().unwrap_or_default());
                    rt.check()?;
                }
                self.set(init.params[0], array_of(init.element_type, values)?);
            }
            _ => {
                let found = sub.node.next(rt, row)?;
                let values: Vec<Datum> = init
                    .params
                    .iter()
                    .enumerate()
                    .map(|(at, _)| if found { row.get(at).cloned().unwrap_or_default() } else { Datum::Null })
                    .collect();
                if found && sub.node.next(rt, row)? {
                    bail!(
                        CARDINALITY_VIOLATION,
                        "more than one row returned by a subquery used as an expression"
                    );
                }
                for (param, value) in init.params.iter().zip(values) {
                    self.set(*param, value);
                }
            }
        }
        Ok(())
    }

    /// Guards against runaway nesting.
    pub(crate) fn enter(&self) -> Result<()> {
        if self.depth.get() >= SUBPLAN_DEPTH_MAX {
            bail!(STATEMENT_TOO_COMPLEX, "subqueries are nested too deeply");
        }
        self.depth.set(self.depth.get() + 1);
        Ok(())
    }

    pub(crate) fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }
}

/// The result of `ARRAY(subquery)`: arrays become one array of one more dimension.
pub(crate) fn array_of(element_type: Oid, values: Vec<Datum>) -> Result<Datum> {
    let scalars = matches!(element_type, oids::INT2VECTOR | oids::OIDVECTOR);
    let inner = values.iter().find(|value| matches!(value, Datum::Array(_)) && !scalars);
    let Some(Datum::Array(first)) = inner else {
        return Ok(Datum::Array(Arc::new(ArrayValue::one_dim(element_type, values))));
    };
    let mut dims = first.dims.clone();
    let elem_type = first.elem_type;
    let len = i32::try_from(values.len()).unwrap_or(i32::MAX);
    dims.insert(0, pglitedb_types::ArrayDim { len, lower: 1 });
    let mut flat = Vec::new();
    for value in &values {
        match value {
            Datum::Array(array) if array.dims.as_slice() == &dims[1..] => {
                flat.extend(array.values.iter().cloned())
            }
            _ => bail!(ARRAY_SUBSCRIPT_ERROR, "cannot accumulate arrays of different dimensionality"),
        }
    }
    Ok(Datum::Array(Arc::new(ArrayValue { elem_type, dims, values: flat })))
}

/// A row as a record value.
pub(crate) fn record_of(row: &[Datum]) -> Datum {
    let field_types = vec![0; row.len()].into();
    Datum::Record(Arc::new(RecordValue::new(pglitedb_types::oids::RECORD, field_types, row.to_vec())))
}

impl Runtime<'_> {
    /// What the nodes share.
    pub(crate) fn shared(&self) -> Result<&Shared> {
        self.shared.ok_or_else(|| Error::internal("executed outside of a statement"))
    }

    /// Value of an executor parameter; runs the init plan behind it if it did not run yet.
    pub(crate) fn exec_param(&self, id: usize) -> Result<Datum> {
        let shared = self.shared()?;
        let pending = {
            let slots = shared.slots.borrow();
            let slot = slots.get(id).ok_or_else(|| Error::internal(format!("no executor parameter {id}")))?;
            match slot.pending {
                None => return Ok(slot.value.clone()),
                Some(pending) => pending,
            }
        };
        shared.enter()?;
        let result = shared.run_init(pending, self);
        shared.leave();
        result?;
        let slots = shared.slots.borrow();
        Ok(slots.get(id).map(|slot| slot.value.clone()).unwrap_or_default())
    }
}
