//! Which objects a bound expression or query depends on.

use super::util::{relation_object, type_object};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{pg_collation, pg_operator, pg_proc};
use pglitedb_query_tree::{Expr, Query, Rte, RteKind, VarSource};
use pglitedb_sqlstate::Result;
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, oids};
use std::collections::BTreeSet;

/// Objects found, each once. Built-in ones are left out: they can't be dropped.
#[derive(Default)]
struct Found {
    objects: BTreeSet<(Oid, Oid, i32)>,
}

impl Found {
    fn add(&mut self, object: ObjectAddress) {
        if object.object >= oids::FIRST_NORMAL_OID {
            self.objects.insert((object.class, object.object, object.part));
        }
    }

    fn node(&mut self, expr: &Expr, rtables: &[&[Rte]], own: Option<Oid>) {
        match expr {
            Expr::Var(var) => {
                let VarSource::Rte(rte) = var.source else { return };
                if let Some(relation) = own {
                    self.add(ObjectAddress::column(relation, var.attno.max(0)));
                    return;
                }
                let level = rtables.len().checked_sub(1 + var.levels_up as usize);
                let entry = level.and_then(|level| rtables[level].get(rte));
                if let Some(Rte { kind: RteKind::Relation { oid, .. }, .. }) = entry {
                    self.add(ObjectAddress::column(*oid, var.attno.max(0)));
                }
            }
            Expr::Const(constant) => {
                self.add(type_object(constant.type_oid));
                if let (oids::REGCLASS, Datum::Oid(oid)) = (constant.type_oid, &constant.value) {
                    self.add(relation_object(*oid));
                }
                if let (oids::REGTYPE, Datum::Oid(oid)) = (constant.type_oid, &constant.value) {
                    self.add(type_object(*oid));
                }
            }
            Expr::Func(func) => self.add(ObjectAddress::new(pg_proc::RELATION, func.func)),
            Expr::Agg(agg) => self.add(ObjectAddress::new(pg_proc::RELATION, agg.func)),
            Expr::Window(window) => self.add(ObjectAddress::new(pg_proc::RELATION, window.func)),
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => {
                self.add(ObjectAddress::new(pg_operator::RELATION, op.op));
            }
            Expr::ScalarArray(op) => self.add(ObjectAddress::new(pg_operator::RELATION, op.op)),
            Expr::Collate(_, collation) => self.add(ObjectAddress::new(pg_collation::RELATION, *collation)),
            Expr::NextValue { sequence, .. } => self.add(relation_object(*sequence)),
            Expr::Relabel { type_oid, .. }
            | Expr::CoerceViaIo { type_oid, .. }
            | Expr::ArrayCoerce { type_oid, .. }
            | Expr::CoerceToDomain { type_oid, .. }
            | Expr::ConvertRowtype { type_oid, .. }
            | Expr::Row { type_oid, .. } => self.add(type_object(*type_oid)),
            _ => {}
        }
    }

    fn expr(&mut self, top: &Expr, rtables: &[&[Rte]], own: Option<Oid>) {
        top.walk(&mut |expr| {
            self.node(expr, rtables, own);
            if let Expr::SubLink(link) = expr {
                self.query(&link.query, rtables);
            }
            true
        });
    }

    fn query(&mut self, query: &Query, outer: &[&[Rte]]) {
        let mut rtables = outer.to_vec();
        rtables.push(&query.rtable);
        for rte in &query.rtable {
            match &rte.kind {
                RteKind::Relation { oid, .. } => self.add(relation_object(*oid)),
                RteKind::Subquery { query, .. } => self.query(query, &rtables),
                _ => {}
            }
        }
        for cte in &query.ctes {
            self.query(&cte.query, &rtables);
        }
        query.for_each_expr(&mut |expr| self.expr(expr, &rtables, None));
    }

    fn record(
        self,
        depender: ObjectAddress,
        own_relation: Option<Oid>,
        own_kind: DependencyKind,
        ctx: &StatementCtx<'_>,
    ) -> Result<()> {
        let writer = ctx.writer()?;
        for (class, object, part) in self.objects {
            let address = ObjectAddress { class, object, part };
            let is_own = own_relation == Some(object) && class == relation_object(0).class;
            if address == depender {
                continue;
            }
            writer.record_dependency(
                depender,
                address,
                if is_own { own_kind } else { DependencyKind::Normal },
            )?;
        }
        Ok(())
    }
}

/// Records what an expression over a relation's own columns (`Rte(0)`), or over none, depends on. Dependencies on the
/// relation itself are of `own_kind`.
pub fn record_expr(
    depender: ObjectAddress,
    expr: &Expr,
    relation: Option<Oid>,
    own_kind: DependencyKind,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let mut found = Found::default();
    found.expr(expr, &[], relation);
    found.record(depender, relation, own_kind, ctx)
}

/// Records what a routine depends on by the defaults of its parameters and its bound body, but for `known`, which is
/// recorded already.
pub fn record_routine(
    routine: ObjectAddress,
    defaults: &[Expr],
    body: &[Query],
    known: &[ObjectAddress],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let mut found = Found::default();
    defaults.iter().for_each(|expr| found.expr(expr, &[], None));
    body.iter().for_each(|query| found.query(query, &[]));
    for known in known {
        found.objects.remove(&(known.class, known.object, known.part));
    }
    found.record(routine, None, DependencyKind::Normal, ctx)
}

/// Records what a query (of a view) depends on.
pub fn record_query(depender: ObjectAddress, query: &Query, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut found = Found::default();
    found.query(query, &[]);
    found.record(depender, None, DependencyKind::Normal, ctx)
}

/// Records a column's or domain's dependency on its type and collation.
pub fn record_type(
    depender: ObjectAddress,
    type_oid: Oid,
    collation: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    // An array type goes with its element type: the dependency is on that.
    let element =
        ctx.catalog().type_info(type_oid)?.filter(|info| info.is_true_array).map(|info| info.element);
    let target = element.filter(|element| *element != 0).unwrap_or(type_oid);
    if target >= oids::FIRST_NORMAL_OID {
        writer.record_dependency(depender, type_object(target), DependencyKind::Normal)?;
    }
    if collation >= oids::FIRST_NORMAL_OID {
        let collation = ObjectAddress::new(pg_collation::RELATION, collation);
        writer.record_dependency(depender, collation, DependencyKind::Normal)?;
    }
    Ok(())
}
