//! CREATE TABLE.

use super::column::{self, ColumnPlan};
use super::relation;
use super::util::{CreationPlace, choose_relation_name, creation_place, relation_name_is_free};
use super::{constraint, foreign_key, index, like, options, sequence, util};
use crate::context::StatementCtx;
use pglitedb_analyzer::{ExprKind, bind_default, bind_generated};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{CallForm, Const, Expr, FuncExpr};
use pglitedb_sql_parser::ast::{Constraint, ConstraintKind, CreateTableStatement, Persistence, TableElement};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

/// `pg_proc.oid` of nextval(regclass).
const NEXTVAL: Oid = 1574;

/// CREATE TABLE. Returns the new table, or `None` if it was there already (IF NOT EXISTS).
pub fn create(stmt: &CreateTableStatement, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    refuse_unsupported(stmt)?;
    let place = creation_place(&stmt.name, stmt.persistence, ctx)?;
    util::check_on_commit(stmt.on_commit, place.is_temp)?;
    if !relation_name_is_free(&place, stmt.if_not_exists, ctx)? {
        return Ok(None);
    }
    let table_name = place.name.clone();
    let mut plans: Vec<ColumnPlan<'_>> = Vec::new();
    let mut constraints: Vec<&Constraint> = Vec::new();
    let mut likes = Vec::new();
    for element in &stmt.elements {
        match element {
            TableElement::Column(definition) => plans.push(column::plan(definition, &table_name, ctx)?),
            TableElement::Constraint(constraint) => constraints.push(constraint),
            TableElement::Like(like) => likes.push(like::columns(like, &mut plans, ctx)?),
        }
    }
    check_duplicates(&plans)?;
    apply_table_constraints(&mut plans, &constraints, &table_name)?;
    let sequences = create_sequences(&place, stmt.persistence, &plans, ctx)?;
    let options = options::relation_options(&stmt.options, ctx)?;
    let columns: Vec<_> = plans.iter().map(|plan| plan.column.clone()).collect();
    let oid = relation::define(&place, RelKind::Table, stmt.persistence, &columns, &options, ctx)?;
    relation::create_storage(oid, ctx)?;
    let table = relation::describe(oid, ctx)?;
    finish_columns(&table, &plans, &sequences, ctx)?;
    add_constraints(oid, &plans, &constraints, ctx)?;
    for like in &likes {
        like::finish(oid, like, ctx)?;
    }
    Ok(Some(oid))
}

fn refuse_unsupported(stmt: &CreateTableStatement) -> Result<()> {
    let refuse = |what: &str| Err(Error::unsupported(format!("{what} is not supported yet")));
    if stmt.of_type.is_some() {
        return refuse("CREATE TABLE ... OF");
    }
    if stmt.partition_of.is_some() || stmt.partition_by.is_some() {
        return refuse("table partitioning");
    }
    if !stmt.inherits.is_empty() {
        return refuse("table inheritance");
    }
    if stmt.foreign.is_some() {
        return refuse("CREATE FOREIGN TABLE");
    }
    if let Some(method) = &stmt.access_method
        && &*method.name != "heap"
    {
        return Err(err!(UNDEFINED_OBJECT, "access method \"{}\" does not exist", method.name));
    }
    if let Some(tablespace) = &stmt.tablespace
        && &*tablespace.name != "pg_default"
    {
        return Err(err!(UNDEFINED_OBJECT, "tablespace \"{}\" does not exist", tablespace.name));
    }
    Ok(())
}

const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];

fn check_duplicates(plans: &[ColumnPlan<'_>]) -> Result<()> {
    for (at, plan) in plans.iter().enumerate() {
        let name = &plan.column.name;
        if SYSTEM_COLUMNS.contains(&name.as_str()) {
            return Err(err!(DUPLICATE_COLUMN, "column name \"{name}\" conflicts with a system column name"));
        }
        if plans[..at].iter().any(|known| known.column.name == *name) {
            return Err(err!(DUPLICATE_COLUMN, "column \"{name}\" specified more than once"));
        }
    }
    Ok(())
}

/// Table constraints that change columns: NOT NULL and PRIMARY KEY.
fn apply_table_constraints<'a>(
    plans: &mut [ColumnPlan<'a>],
    constraints: &[&'a Constraint],
    table: &str,
) -> Result<()> {
    let mut primary = 0;
    for constraint in constraints {
        match &constraint.kind {
            ConstraintKind::NotNull(Some(name)) => {
                let plan =
                    plans.iter_mut().find(|plan| *plan.column.name == *name.name).ok_or_else(|| {
                        err!(
                            UNDEFINED_COLUMN,
                            "column \"{}\" of relation \"{table}\" does not exist",
                            name.name
                        )
                    })?;
                plan.column.not_null = true;
                plan.not_null_no_inherit |= constraint.attributes.no_inherit;
                plan.not_null_name = constraint.name.as_ref().map(|name| &*name.name).or(plan.not_null_name);
            }
            ConstraintKind::PrimaryKey(key) => {
                primary += 1;
                for name in &key.columns {
                    if let Some(plan) = plans.iter_mut().find(|plan| *plan.column.name == *name.name) {
                        plan.column.not_null = true;
                    }
                }
            }
            _ => {}
        }
    }
    for plan in plans.iter_mut() {
        if plan.constraints.iter().any(|constraint| matches!(constraint.kind, ConstraintKind::PrimaryKey(_)))
        {
            primary += 1;
            plan.column.not_null = true;
        }
    }
    if primary > 1 {
        let second = plans
            .iter()
            .flat_map(|plan| plan.constraints.iter())
            .chain(constraints.iter())
            .filter(|constraint| matches!(constraint.kind, ConstraintKind::PrimaryKey(_)))
            .nth(1);
        let at = second.map(|constraint| constraint.span.offset());
        return Err(err!(
            INVALID_TABLE_DEFINITION,
            "multiple primary keys for table \"{table}\" are not allowed"
        )
        .at_opt(at));
    }
    Ok(())
}

/// Creates the sequences of serial and identity columns; one entry per column.
pub fn create_sequences(
    place: &CreationPlace,
    persistence: Persistence,
    plans: &[ColumnPlan<'_>],
    ctx: &StatementCtx<'_>,
) -> Result<Vec<Option<Oid>>> {
    plans
        .iter()
        .map(|plan| {
            if !plan.serial && plan.identity.is_none() {
                return Ok(None);
            }
            if plan.identity.is_some()
                && !matches!(plan.column.type_oid, oids::INT2 | oids::INT4 | oids::INT8)
            {
                return Err(err!(
                    INVALID_PARAMETER_VALUE,
                    "identity column type must be smallint, integer, or bigint"
                ));
            }
            let name = choose_relation_name(
                &place.name,
                &plan.column.name,
                "seq",
                place.namespace,
                &|_| false,
                ctx,
            )?;
            let own = CreationPlace { name, ..place.clone() };
            let options = plan.identity.unwrap_or(&[]);
            sequence::create_for_column(&own, persistence, plan.column.type_oid, options, ctx).map(Some)
        })
        .collect()
}

/// `nextval('sequence'::regclass)`, cast to the column's type.
pub fn nextval_expr(sequence: Oid, type_oid: Oid) -> Expr {
    let next = Expr::Func(FuncExpr {
        func: NEXTVAL,
        result_type: oids::INT8,
        typmod: -1,
        returns_set: false,
        variadic: false,
        form: CallForm::Explicit,
        collation: 0,
        input_collation: 0,
        args: vec![Expr::Const(Const {
            value: Datum::Oid(sequence),
            type_oid: oids::REGCLASS,
            typmod: -1,
            collation: 0,
            position: Default::default(),
        })],
        position: Default::default(),
    });
    // Casts from int8: 714 int2(int8), 480 int4(int8).
    let cast = match type_oid {
        oids::INT2 => 714,
        oids::INT4 => 480,
        _ => return next,
    };
    Expr::Func(FuncExpr {
        func: cast,
        result_type: type_oid,
        typmod: -1,
        returns_set: false,
        variadic: false,
        form: CallForm::ImplicitCast,
        collation: 0,
        input_collation: 0,
        args: vec![next],
        position: Default::default(),
    })
}

/// Stores defaults and generation expressions, ties sequences to their columns.
pub fn finish_columns(
    table: &Arc<Relation>,
    plans: &[ColumnPlan<'_>],
    sequences: &[Option<Oid>],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    for (plan, sequence) in plans.iter().zip(sequences) {
        let (attnum, _) = table
            .column_by_name(&plan.column.name)
            .ok_or_else(|| Error::internal("new column is not in its table"))?;
        finish_column(table, attnum, plan, *sequence, ctx)?;
    }
    Ok(())
}

/// Stores one column's default or generation expression and ties its sequence to it.
pub fn finish_column(
    table: &Arc<Relation>,
    attnum: i16,
    plan: &ColumnPlan<'_>,
    sequence: Option<Oid>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let column = &plan.column;
    if let Some(sequence) = sequence {
        let kind = if plan.serial { DependencyKind::Auto } else { DependencyKind::Internal };
        sequence::own_by(sequence, table.oid, attnum, kind, ctx)?;
        if plan.serial {
            let default = nextval_expr(sequence, column.type_oid);
            relation::store_default(table.oid, attnum, &default, false, ctx)?;
        }
    }
    if let Some(expr) = plan.default {
        let bound = bind_default(
            expr,
            &column.name,
            column.type_oid,
            column.typmod,
            ExprKind::ColumnDefault,
            &ctx.analyze(),
        )?;
        let is_null = matches!(&bound, Expr::Const(constant) if constant.value.is_null());
        if !is_null {
            relation::store_default(table.oid, attnum, &bound, false, ctx)?;
        }
    }
    if let Some(stored) = &plan.stored_default {
        let bound = pglitedb_query_tree::serial::expr_from_text(stored)?;
        relation::store_default(table.oid, attnum, &bound, column.generated != 0, ctx)?;
    }
    if let Some(expr) = plan.generated {
        let bound =
            bind_generated(table, expr, &column.name, column.type_oid, column.typmod, &ctx.analyze())?;
        index::check_immutable(&bound, "generation expression is not immutable", ctx)?;
        relation::store_default(table.oid, attnum, &bound, true, ctx)?;
    }
    Ok(())
}

/// NOT NULL rows, CHECKs, keys, foreign keys, in PostgreSQL's order.
fn add_constraints(
    oid: Oid,
    plans: &[ColumnPlan<'_>],
    constraints: &[&Constraint],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let table = relation::describe(oid, ctx)?;
    for plan in plans {
        for constraint in plan.constraints.iter().filter(|c| matches!(c.kind, ConstraintKind::Check(_))) {
            constraint::add_check(&table, constraint, Some(&plan.column.name), ctx)?;
        }
    }
    for constraint in constraints.iter().filter(|c| matches!(c.kind, ConstraintKind::Check(_))) {
        constraint::add_check(&table, constraint, None, ctx)?;
    }
    for plan in plans.iter().filter(|plan| plan.column.not_null) {
        let (attnum, _) = table
            .column_by_name(&plan.column.name)
            .ok_or_else(|| Error::internal("new column is not in its table"))?;
        constraint::add_not_null(&table, attnum, plan.not_null_name, plan.not_null_no_inherit, true, ctx)?;
    }
    let all = plans
        .iter()
        .flat_map(|plan| plan.constraints.iter().map(move |c| (Some(plan.column.name.as_str()), *c)))
        .chain(constraints.iter().map(|c| (None, *c)));
    let (keys, foreign): (Vec<_>, Vec<_>) =
        all.partition(|(_, c)| !matches!(c.kind, ConstraintKind::ForeignKey(_)));
    // The primary key comes first, whatever the order in which they are written.
    let primary = |c: &Constraint| matches!(c.kind, ConstraintKind::PrimaryKey(_));
    for wanted in [true, false] {
        for (column, key) in keys.iter().filter(|(_, c)| primary(c) == wanted) {
            match &key.kind {
                ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {
                    let table = relation::describe(oid, ctx)?;
                    constraint::add_key(&table, key, *column, ctx)?;
                }
                ConstraintKind::Exclude { .. } => {
                    return Err(Error::unsupported("exclusion constraints are not supported yet"));
                }
                _ => {}
            }
        }
    }
    for (column, key) in foreign {
        let table = relation::describe(oid, ctx)?;
        let column = column.map(pglitedb_sql_parser::ast::Ident::synthetic);
        foreign_key::add(&table, key, column.as_ref(), false, ctx)?;
    }
    Ok(())
}
