//! FOR UPDATE, FOR SHARE and the like.

use crate::binder::Binder;
use pglitedb_query_tree::{LockWait, Query, RowLockStrength, RowMark, RteKind};
use pglitedb_sql_parser::ast::{self, LockStrength, LockingClause};
use pglitedb_sqlstate::{Error, Result, err};

/// The clause as messages call it.
pub(crate) fn strength_text(strength: LockStrength) -> &'static str {
    match strength {
        LockStrength::KeyShare => "FOR KEY SHARE",
        LockStrength::Share => "FOR SHARE",
        LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
        LockStrength::Update => "FOR UPDATE",
    }
}

fn strength_of(strength: LockStrength) -> RowLockStrength {
    match strength {
        LockStrength::KeyShare => RowLockStrength::KeyShare,
        LockStrength::Share => RowLockStrength::Share,
        LockStrength::NoKeyUpdate => RowLockStrength::NoKeyUpdate,
        LockStrength::Update => RowLockStrength::Update,
    }
}

fn wait_of(wait: ast::LockWait) -> LockWait {
    match wait {
        ast::LockWait::Block => LockWait::Block,
        ast::LockWait::SkipLocked => LockWait::Skip,
        ast::LockWait::NoWait => LockWait::Error,
    }
}

impl<'c> Binder<'c> {
    /// Applies the locking clauses to the query's relations.
    pub fn lock_clauses(&mut self, clauses: &'c [LockingClause], query: &mut Query) -> Result<()> {
        for clause in clauses {
            check_lockable(query, clause.strength, clause.span.offset())?;
            if clause.of.is_empty() {
                lock_all(query, clause.strength, clause.wait);
                continue;
            }
            for name in &clause.of {
                if name.parts.len() > 1 {
                    return Err(err!(
                        SYNTAX_ERROR,
                        "{} must specify unqualified relation names",
                        strength_text(clause.strength)
                    )
                    .at(name.span().offset()));
                }
                lock_named(query, clause, name.last(), name.span().offset())?;
            }
        }
        Ok(())
    }
}

/// Refuses queries whose rows are not rows of tables.
fn check_lockable(query: &Query, strength: LockStrength, at: usize) -> Result<()> {
    let clause = strength_text(strength);
    let what = if query.set_operation.is_some() {
        "UNION/INTERSECT/EXCEPT"
    } else if !query.distinct.is_empty() {
        "DISTINCT clause"
    } else if !query.group_by.is_empty() || !query.grouping_sets.is_empty() {
        "GROUP BY clause"
    } else if query.having.is_some() {
        "HAVING clause"
    } else if query.has_aggs {
        "aggregate functions"
    } else if query.has_windows {
        "window functions"
    } else if query.has_target_srfs {
        "set-returning functions in the target list"
    } else {
        return Ok(());
    };
    let _ = at;
    Err(Error::unsupported(format!("{clause} is not allowed with {what}")))
}

fn lock_all(query: &mut Query, strength: LockStrength, wait: ast::LockWait) {
    for index in 0..query.rtable.len() {
        if query.rtable[index].in_from {
            lock_entry(query, index, strength, wait);
        }
    }
}

fn lock_entry(query: &mut Query, index: usize, strength: LockStrength, wait: ast::LockWait) {
    let Some(rte) = query.rtable.get_mut(index) else { return };
    match &mut rte.kind {
        RteKind::Relation { lock, .. } => {
            *lock = (*lock).max(pglitedb_query_tree::TableLockMode::RowShare);
            rte.required_privileges |= pglitedb_query_tree::privilege::SELECT;
        }
        RteKind::Subquery { query: inner, .. } => lock_all(inner, strength, wait),
        _ => return,
    }
    let (strength, wait) = (strength_of(strength), wait_of(wait));
    match query.row_marks.iter_mut().find(|mark| mark.rte == index) {
        Some(mark) => {
            mark.strength = mark.strength.max(strength);
            // NOWAIT beats SKIP LOCKED beats waiting.
            let rank = |wait: LockWait| match wait {
                LockWait::Block => 0,
                LockWait::Skip => 1,
                LockWait::Error => 2,
            };
            if rank(wait) > rank(mark.wait) {
                mark.wait = wait;
            }
        }
        None => query.row_marks.push(RowMark { rte: index, strength, wait }),
    }
}

fn lock_named(query: &mut Query, clause: &LockingClause, name: &str, at: usize) -> Result<()> {
    let text = strength_text(clause.strength);
    let found = query.rtable.iter().position(|rte| {
        rte.in_from && *rte.name == *name && (rte.has_alias || !matches!(rte.kind, RteKind::Join { .. }))
    });
    let Some(index) = found else {
        return Err(
            err!(UNDEFINED_TABLE, "relation \"{name}\" in {text} clause not found in FROM clause").at(at)
        );
    };
    let what = match &query.rtable[index].kind {
        RteKind::Relation { .. } | RteKind::Subquery { .. } => {
            lock_entry(query, index, clause.strength, clause.wait);
            return Ok(());
        }
        RteKind::Join { .. } => "a join",
        RteKind::Function { .. } => "a function",
        RteKind::TableFunction { .. } => "a table function",
        RteKind::Values { .. } => "VALUES",
        RteKind::Cte { .. } => "a WITH query",
        RteKind::Result => "a result",
    };
    Err(Error::unsupported(format!("{text} cannot be applied to {what}")).at(at))
}
