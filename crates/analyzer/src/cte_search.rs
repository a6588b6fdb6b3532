//! SEARCH and CYCLE of WITH RECURSIVE: extra columns that the recursive query computes.
//!
//! SEARCH DEPTH FIRST keeps the path of rows as an array, BREADTH FIRST the level and the row; CYCLE keeps the path and a
//! mark, and stops at marked rows. Both terms of the UNION are put into subqueries whose outer part computes these.

use crate::ExprKind;
use crate::binder::Binder;
use crate::from::{query_columns, select_from};
use pglitedb_query_tree::{
    BoolOp, CallForm, CaseExpr, Expr, OpExpr, Position, Query, RteColumn, RteKind, ScalarArrayOp, SetOp,
    TargetEntry,
};
use pglitedb_sql_parser::ast::{CommonTableExpr, Ident};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, oids};
use std::sync::Arc;

/// `record = record`
const RECORD_EQUAL: u32 = 2988;
const RECORD_EQUAL_FUNC: u32 = 2981;
/// `array_cat`
const ARRAY_CAT: u32 = 383;
/// `int8inc`
const INT8_INC: u32 = 1219;

/// A computed column.
struct Extra {
    name: Arc<str>,
    type_oid: u32,
    typmod: i32,
    collation: u32,
    /// For the first term.
    start: Start,
}

enum Start {
    /// `ARRAY[ROW(columns)]`, then the path with the new row.
    Path(Vec<usize>),
    /// `ROW(0, columns)`, then one level more.
    Level(Vec<usize>),
    /// The mark: default value; value, default and columns for the recursive term, number of the path column.
    Mark { value: Expr, default: Expr, columns: Vec<usize>, path: usize },
}

impl<'c> Binder<'c> {
    /// Adds the columns of SEARCH and CYCLE to a recursive query; `columns` are the query's own.
    pub(crate) fn search_and_cycle(
        &mut self,
        ast: &'c CommonTableExpr,
        query: &mut Query,
        columns: &[RteColumn],
    ) -> Result<()> {
        let mut extras: Vec<Extra> = Vec::new();
        let count = columns.len();
        if let Some(search) = &ast.search {
            let at = search.span.offset();
            let used = places(&search.columns, columns, "search", at)?;
            let name = search.sequence_column.as_str();
            unused(name, columns, "search sequence", at)?;
            let (type_oid, start) = if search.breadth_first {
                (oids::RECORD, Start::Level(used))
            } else {
                (oids::RECORD_ARRAY, Start::Path(used))
            };
            extras.push(Extra { name: name.into(), type_oid, typmod: -1, collation: 0, start });
        }
        if let Some(cycle) = &ast.cycle {
            let at = cycle.span.offset();
            let used = places(&cycle.columns, columns, "cycle", at)?;
            let (mark, path) = (cycle.mark_column.as_str(), cycle.path_column.as_str());
            unused(mark, columns, "cycle mark", at)?;
            unused(path, columns, "cycle path", at)?;
            if mark == path {
                return Err(err!(
                    SYNTAX_ERROR,
                    "cycle mark column name and cycle path column name are the same"
                )
                .at(at));
            }
            for (name, what) in [(mark, "cycle mark"), (path, "cycle path")] {
                if extras.iter().any(|extra| *extra.name == *name) {
                    return Err(err!(
                        SYNTAX_ERROR,
                        "search sequence column name and {what} column name are the same"
                    )
                    .at(at));
                }
            }
            let (value, default) = match &cycle.mark_values {
                Some((value, default)) => {
                    let value = self.expr_of_kind(value, ExprKind::CycleMark)?;
                    let default = self.expr_of_kind(default, ExprKind::CycleMark)?;
                    (value, default)
                }
                None => (Expr::bool_const(true), Expr::bool_const(false)),
            };
            let type_oid = self.common_type(&[&value, &default], Some("CYCLE"))?;
            let mut value = self.coerce_to_common(value, type_oid, "CYCLE/SET/TO")?;
            let mut default = self.coerce_to_common(default, type_oid, "CYCLE/SET/DEFAULT")?;
            crate::collate::assign(self, &mut value)?;
            crate::collate::assign(self, &mut default)?;
            let typmod = self.common_typmod(&[&value, &default], type_oid);
            let collation = self.type_collation(type_oid)?;
            let path_place = count + extras.len() + 1;
            extras.push(Extra {
                name: mark.into(),
                type_oid,
                typmod,
                collation,
                start: Start::Mark { value, default, columns: used.clone(), path: path_place },
            });
            extras.push(Extra {
                name: path.into(),
                type_oid: oids::RECORD_ARRAY,
                typmod: -1,
                collation: 0,
                start: Start::Path(used),
            });
        }
        self.extend(ast, query, &extras, count)
    }

    fn extend(
        &mut self,
        ast: &CommonTableExpr,
        query: &mut Query,
        extras: &[Extra],
        count: usize,
    ) -> Result<()> {
        let (left, right) = match &query.set_operation {
            Some(SetOp::Node { left, right, .. }) => match (&**left, &**right) {
                (SetOp::Leaf(left), SetOp::Leaf(right)) => (*left, *right),
                (SetOp::Leaf(_), _) => return Err(side("right")),
                _ => return Err(side("left")),
            },
            _ => return Err(Error::internal("recursive query is no UNION")),
        };
        self.extend_left(query, left, extras)?;
        self.extend_right(ast, query, right, extras, count)?;
        for (at, extra) in extras.iter().enumerate() {
            let number = count + at + 1;
            let mut var = crate::columns::make_var(
                left,
                number as i16,
                extra.type_oid,
                extra.typmod,
                extra.collation,
                0,
            );
            var.position = Position(None);
            query.targets.push(crate::target::target(Expr::Var(var), number, Some(extra.name.clone())));
            let ops = self.sort_ops(extra.type_oid)?;
            if let Some(SetOp::Node { columns, group, .. }) = &mut query.set_operation {
                columns.push((extra.type_oid, extra.typmod, extra.collation));
                if !group.is_empty() {
                    group.push(pglitedb_query_tree::SortGroupClause {
                        target_ref: number as u32,
                        eq_op: ops.equal,
                        sort_op: ops.less,
                        descending: false,
                        nulls_first: false,
                        hashable: ops.hashable,
                    });
                }
            }
        }
        Ok(())
    }

    fn extend_left(&mut self, query: &mut Query, index: usize, extras: &[Extra]) -> Result<()> {
        let (mut outer, vars) = wrap(query, index)?;
        for extra in extras {
            let expr = match &extra.start {
                Start::Path(columns) => array_of_row(&vars, columns),
                Start::Level(columns) => {
                    let zero = crate::coerce::constant(Datum::Int8(0), oids::INT8);
                    row(std::iter::once(zero).chain(picked(&vars, columns)).collect())
                }
                Start::Mark { default, .. } => default.clone(),
            };
            add(&mut outer.targets, expr, extra);
        }
        replace(query, index, outer)
    }

    fn extend_right(
        &mut self,
        ast: &CommonTableExpr,
        query: &mut Query,
        index: usize,
        extras: &[Extra],
        count: usize,
    ) -> Result<()> {
        let name = ast.name.as_str();
        {
            let rte = query.rtable.get_mut(index).ok_or_else(crate::from::missing_entry)?;
            let RteKind::Subquery { query: inner, .. } = &mut rte.kind else {
                return Err(crate::from::missing_entry());
            };
            let place = inner
                .rtable
                .iter()
                .position(|rte| matches!(rte.kind, RteKind::Cte { self_reference: true, .. }));
            let Some(place) = place else {
                return Err(Error::unsupported(format!(
                    "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{name}\" must be at \
                     the top level of its right-hand SELECT"
                )));
            };
            for (at, extra) in extras.iter().enumerate() {
                let number = count + at + 1;
                if let Some(rte) = inner.rtable.get_mut(place) {
                    rte.columns.push(RteColumn {
                        name: extra.name.clone(),
                        type_oid: extra.type_oid,
                        typmod: extra.typmod,
                        collation: extra.collation,
                    });
                }
                let mut var = crate::columns::make_var(
                    place,
                    number as i16,
                    extra.type_oid,
                    extra.typmod,
                    extra.collation,
                    0,
                );
                var.position = Position(None);
                // Visible targets come before junk ones in number only; the order of the list does not matter.
                let at = inner.targets.iter().position(|target| target.junk).unwrap_or(inner.targets.len());
                inner
                    .targets
                    .insert(at, crate::target::target(Expr::Var(var), number, Some(extra.name.clone())));
            }
            for (number, target) in inner.targets.iter_mut().enumerate() {
                target.resno = number + 1;
            }
        }
        let (mut outer, vars) = wrap(query, index)?;
        // The inner query gives the old values of the computed columns behind its own.
        outer.targets.truncate(count);
        let mut stop = Vec::new();
        for (at, extra) in extras.iter().enumerate() {
            let old = vars.get(count + at).cloned().ok_or_else(crate::from::missing_entry)?;
            let expr = match &extra.start {
                Start::Path(columns) => append(old, array_of_row(&vars, columns)),
                Start::Level(columns) => {
                    let level = Expr::FieldSelect {
                        arg: Box::new(old),
                        field: 1,
                        type_oid: oids::INT8,
                        typmod: -1,
                        collation: 0,
                    };
                    let next = call(INT8_INC, oids::INT8, vec![level]);
                    row(std::iter::once(next).chain(picked(&vars, columns)).collect())
                }
                Start::Mark { value, default, columns, path } => {
                    stop.push(self.differs(old, value.clone())?);
                    let path = vars.get(*path).cloned().ok_or_else(crate::from::missing_entry)?;
                    let seen = Expr::ScalarArray(ScalarArrayOp {
                        op: RECORD_EQUAL,
                        func: RECORD_EQUAL_FUNC,
                        use_or: true,
                        input_collation: 0,
                        scalar: Box::new(row(picked(&vars, columns).collect())),
                        array: Box::new(path),
                        position: Position(None),
                    });
                    Expr::Case(Box::new(CaseExpr {
                        result_type: extra.type_oid,
                        collation: extra.collation,
                        arg: None,
                        whens: vec![(seen, value.clone())],
                        default: Box::new(default.clone()),
                        position: Position(None),
                    }))
                }
            };
            add(&mut outer.targets, expr, extra);
        }
        outer.quals = match stop.len() {
            0 | 1 => stop.pop(),
            _ => Some(Expr::Bool(BoolOp::And, stop)),
        };
        replace(query, index, outer)
    }

    /// `mark <> value`
    fn differs(&mut self, mark: Expr, value: Expr) -> Result<Expr> {
        let type_oid = mark.type_oid();
        let equal = self.sort_ops(type_oid)?.equal;
        let negator = match self.ctx.catalog.operator(equal)? {
            Some(info) if info.negator != 0 => self.ctx.catalog.operator(info.negator)?,
            _ => None,
        };
        let Some(negator) = negator else {
            return Err(err!(
                UNDEFINED_FUNCTION,
                "could not identify an equality operator for type {}",
                self.type_name(type_oid)
            ));
        };
        let collation = mark.collation();
        Ok(Expr::Op(OpExpr {
            op: negator.oid,
            func: negator.proc,
            result_type: oids::BOOL,
            collation: 0,
            input_collation: collation,
            args: vec![mark, value],
            position: Position(None),
        }))
    }
}

fn side(which: &str) -> Error {
    Error::unsupported(format!(
        "with a SEARCH or CYCLE clause, the {which} side of the UNION must be a SELECT"
    ))
}

/// Places of the named columns.
fn places(names: &[Ident], columns: &[RteColumn], what: &str, at: usize) -> Result<Vec<usize>> {
    let mut result = Vec::with_capacity(names.len());
    for name in names {
        let place = columns.iter().position(|column| *column.name == *name.as_str());
        let Some(place) = place else {
            return Err(err!(
                SYNTAX_ERROR,
                "{what} column \"{}\" not in WITH query column list",
                name.as_str()
            )
            .at(at));
        };
        if result.contains(&place) {
            return Err(err!(
                DUPLICATE_COLUMN,
                "{what} column \"{}\" specified more than once",
                name.as_str()
            )
            .at(at));
        }
        result.push(place);
    }
    Ok(result)
}

fn unused(name: &str, columns: &[RteColumn], what: &str, at: usize) -> Result<()> {
    if columns.iter().any(|column| *column.name == *name) {
        return Err(err!(
            SYNTAX_ERROR,
            "{what} column name \"{name}\" already used in WITH query column list"
        )
        .at(at));
    }
    Ok(())
}

/// A query around a leaf that gives its columns on, and these columns as variables.
fn wrap(query: &mut Query, index: usize) -> Result<(Query, Vec<Expr>)> {
    let rte = query.rtable.get_mut(index).ok_or_else(crate::from::missing_entry)?;
    let RteKind::Subquery { query: inner, .. } = &mut rte.kind else {
        return Err(crate::from::missing_entry());
    };
    let outer = select_from(std::mem::take(&mut **inner), "*TLOCRN*")?;
    let vars = outer.targets.iter().map(|target| target.expr.clone()).collect();
    Ok((outer, vars))
}

fn replace(query: &mut Query, index: usize, outer: Query) -> Result<()> {
    let rte = query.rtable.get_mut(index).ok_or_else(crate::from::missing_entry)?;
    rte.columns = query_columns(&outer);
    rte.kind = RteKind::Subquery { query: Box::new(outer), view: 0, barrier: false };
    Ok(())
}

fn add(targets: &mut Vec<TargetEntry>, expr: Expr, extra: &Extra) {
    let number = targets.len() + 1;
    targets.push(crate::target::target(expr, number, Some(extra.name.clone())));
}

fn picked<'v>(vars: &'v [Expr], columns: &'v [usize]) -> impl Iterator<Item = Expr> + 'v {
    columns.iter().filter_map(|place| vars.get(*place).cloned())
}

fn row(args: Vec<Expr>) -> Expr {
    let names = (1..=args.len()).map(|n| Arc::from(format!("f{n}"))).collect();
    Expr::Row { args, type_oid: oids::RECORD, names, form: CallForm::ImplicitCast }
}

fn array_of_row(vars: &[Expr], columns: &[usize]) -> Expr {
    Expr::Array {
        array_type: oids::RECORD_ARRAY,
        element_type: oids::RECORD,
        collation: 0,
        elements: vec![row(picked(vars, columns).collect())],
        multidims: false,
        position: Position(None),
    }
}

fn append(path: Expr, more: Expr) -> Expr {
    call(ARRAY_CAT, oids::RECORD_ARRAY, vec![path, more])
}

fn call(func: u32, result_type: u32, args: Vec<Expr>) -> Expr {
    Expr::Func(pglitedb_query_tree::FuncExpr {
        func,
        result_type,
        typmod: -1,
        returns_set: false,
        variadic: false,
        form: CallForm::Explicit,
        collation: 0,
        input_collation: 0,
        args,
        position: Position(None),
    })
}
