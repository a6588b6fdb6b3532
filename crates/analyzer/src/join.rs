//! Joins: ON, USING, NATURAL, merged columns.

use crate::ExprKind;
use crate::binder::{Binder, NsColumn, NsItem};
use crate::expr_ops::operator_name;
use crate::from::{Bound, set_lateral};
use pglitedb_query_tree::{
    Expr, FromItem, JoinExpr, JoinType, Rte, RteColumn, RteKind, VarReturning, VarSource,
};
use pglitedb_sql_parser::ast::{self, JoinCondition, JoinKind};
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

/// Columns of one side of a join, in order.
struct Side {
    columns: Vec<NsColumn>,
}

impl<'c> Binder<'c> {
    pub(crate) fn join(&mut self, join: &'c ast::Join) -> Result<Bound> {
        let outer = matches!(join.kind, JoinKind::Left | JoinKind::Right | JoinKind::Full);
        let left_side = |binder: &mut Self| binder.bind_from_item(&join.left);
        let left = match join.kind {
            JoinKind::Right | JoinKind::Full => self.in_outer_join(left_side)?,
            _ => left_side(self)?,
        };
        let mut left_names = left.names;
        let lateral_ok = matches!(join.kind, JoinKind::Cross | JoinKind::Inner | JoinKind::Left);
        set_lateral(&mut left_names, true, lateral_ok);
        let saved = self.cur().namespace.len();
        self.level().namespace.extend(left_names.iter().cloned());
        let right = if outer && join.kind != JoinKind::Right {
            self.in_outer_join(|binder| binder.bind_from_item(&join.right))
        } else {
            self.bind_from_item(&join.right)
        };
        self.level().namespace.truncate(saved);
        let right = right?;
        self.check_names(&left_names, &right.names)?;
        let mut names = left_names;
        let left_count = names.len();
        names.extend(right.names);
        let left_columns = self.side_columns(&names[..left_count]);
        let right_columns = self.side_columns(&names[left_count..]);
        let using = self.using_columns(&join.condition, &left_columns, &right_columns)?;
        let kind = match join.kind {
            JoinKind::Cross | JoinKind::Inner => JoinType::Inner,
            JoinKind::Left => JoinType::Left,
            JoinKind::Right => JoinType::Right,
            JoinKind::Full => JoinType::Full,
        };
        // The join's own entry comes before its condition is bound, so that merged columns can refer to it.
        let rte_index = self.cur().rtable.len();
        let mut quals = Vec::new();
        let mut merged = Vec::new();
        for column in &using {
            let (pair, expr) = self.merge_column(kind, column, &left_columns, &right_columns)?;
            quals.push(pair);
            merged.push(expr);
        }
        let mut quals = Expr::and(quals);
        if let JoinCondition::On(condition) = &join.condition {
            quals = Some(self.join_condition(condition, &mut names)?);
        }
        let columns = self.join_columns(rte_index, &using, merged, left_columns, right_columns)?;
        self.finish_join(join, kind, using, quals, columns, names, left.node, right.node)
    }

    /// ON sees both sides, nothing else of this FROM.
    fn join_condition(&mut self, condition: &'c ast::Expr, names: &mut [NsItem]) -> Result<Expr> {
        set_lateral(names, false, true);
        let saved = std::mem::replace(&mut self.level().namespace, names.to_vec());
        let bound = self.condition(condition, ExprKind::JoinOn, "JOIN/ON");
        self.level().namespace = saved;
        bound
    }

    /// All columns that names show, in order.
    fn side_columns(&self, names: &[NsItem]) -> Side {
        let mut columns = Vec::new();
        for item in names.iter().filter(|item| item.cols_visible) {
            match &item.columns {
                Some(list) => columns.extend(list.iter().filter(|column| !column.dropped).cloned()),
                None => {
                    for (index, column) in self.rte(item.rte).columns.iter().enumerate() {
                        if column.type_oid != 0 {
                            columns.push(NsColumn {
                                name: column.name.clone(),
                                rte: item.rte,
                                attno: (index + 1) as i16,
                                type_oid: column.type_oid,
                                typmod: column.typmod,
                                collation: column.collation,
                                dropped: false,
                            });
                        }
                    }
                }
            }
        }
        Side { columns }
    }

    /// The columns of USING or NATURAL, by name.
    fn using_columns(
        &self,
        condition: &'c JoinCondition,
        left: &Side,
        right: &Side,
    ) -> Result<Vec<(Arc<str>, usize, usize)>> {
        let mut result: Vec<(Arc<str>, usize, usize)> = Vec::new();
        let mut add = |name: &str, at: Option<usize>| -> Result<()> {
            if result.iter().any(|(known, ..)| **known == *name) {
                return Err(err!(
                    DUPLICATE_COLUMN,
                    "column name \"{name}\" appears more than once in USING clause"
                )
                .at_opt(at));
            }
            let in_left = find_common(left, name, "left", at)?;
            let in_right = find_common(right, name, "right", at)?;
            result.push((name.into(), in_left, in_right));
            Ok(())
        };
        match condition {
            JoinCondition::Using { columns, .. } => {
                for column in columns {
                    add(column.as_str(), None)?;
                }
            }
            JoinCondition::Natural => {
                for column in &left.columns {
                    if right.columns.iter().any(|other| other.name == column.name) {
                        let name = column.name.clone();
                        add(&name, None)?;
                    }
                }
            }
            JoinCondition::None | JoinCondition::On(_) => {}
        }
        Ok(result)
    }

    /// The equality of a USING column and the expression of the merged column.
    fn merge_column(
        &mut self,
        kind: JoinType,
        column: &(Arc<str>, usize, usize),
        left: &Side,
        right: &Side,
    ) -> Result<(Expr, Expr)> {
        let position = pglitedb_query_tree::Position(None);
        let side = |columns: &Side, index: usize| {
            let mut var = columns.columns[index].var(0);
            var.position = position;
            var
        };
        let left_var = side(left, column.1);
        let right_var = side(right, column.2);
        let level = self.levels.len() - 1;
        self.mark_selected(level, &left_var);
        self.mark_selected(level, &right_var);
        let (left, right) = (Expr::Var(left_var), Expr::Var(right_var));
        let equals = operator_name("=", 0);
        let pair = self.with_kind(ExprKind::JoinUsing, |binder| {
            let mut pair =
                binder.make_op(&equals, Some(left.clone()), right.clone(), 0).map_err(|mut e| {
                    e.fields_mut().position = None;
                    e
                })?;
            if let Expr::Op(op) = &mut pair {
                op.position = position;
            }
            binder.coerce_to_boolean(pair, "JOIN/USING")
        })?;
        let common = self.common_type(&[&left, &right], Some("JOIN/USING"))?;
        let typmod = self.common_typmod(&[&left, &right], common);
        let mut fit = |expr: Expr| -> Result<Expr> {
            if expr.type_oid() != common {
                return self.coerce(
                    expr,
                    common,
                    typmod,
                    pglitedb_catalog::CastContext::Implicit,
                    pglitedb_query_tree::CallForm::ImplicitCast,
                );
            }
            if expr.typmod() != typmod {
                return Ok(crate::coerce::relabel(
                    expr,
                    common,
                    typmod,
                    pglitedb_query_tree::CallForm::ImplicitCast,
                ));
            }
            Ok(expr)
        };
        let mut merged = match kind {
            JoinType::Right => fit(right)?,
            JoinType::Full => {
                let args = vec![fit(left)?, fit(right)?];
                Expr::Coalesce { args, type_oid: common, collation: 0 }
            }
            // Either will do for an inner join; a plain variable is best.
            JoinType::Inner => match (fit(left)?, fit(right)?) {
                (left @ Expr::Var(_), _) => left,
                (_, right @ Expr::Var(_)) => right,
                (left, _) => left,
            },
            _ => fit(left)?,
        };
        crate::collate::assign(self, &mut merged)?;
        Ok((pair, merged))
    }

    /// The join's columns: merged ones first, then what is left of each side.
    fn join_columns(
        &mut self,
        rte_index: usize,
        using: &[(Arc<str>, usize, usize)],
        merged: Vec<Expr>,
        left: Side,
        right: Side,
    ) -> Result<Vec<(NsColumn, Expr)>> {
        let mut result = Vec::with_capacity(left.columns.len() + right.columns.len());
        for ((name, ..), expr) in using.iter().zip(merged) {
            let column = match &expr {
                Expr::Var(var) => match var.source {
                    VarSource::Rte(rte) => NsColumn {
                        name: name.clone(),
                        rte,
                        attno: var.attno,
                        type_oid: var.type_oid,
                        typmod: var.typmod,
                        collation: var.collation,
                        dropped: false,
                    },
                    _ => return Err(crate::from::missing_entry()),
                },
                other => NsColumn {
                    name: name.clone(),
                    rte: rte_index,
                    attno: (result.len() + 1) as i16,
                    type_oid: other.type_oid(),
                    typmod: other.typmod(),
                    collation: other.collation(),
                    dropped: false,
                },
            };
            result.push((column, expr));
        }
        let mut rest = |side: Side, is_used: &dyn Fn(usize) -> bool| {
            for (index, column) in side.columns.into_iter().enumerate() {
                if !is_used(index) {
                    let mut var = column.var(0);
                    var.position = pglitedb_query_tree::Position(None);
                    result.push((column, Expr::Var(var)));
                }
            }
        };
        rest(left, &|index| using.iter().any(|(_, used, _)| *used == index));
        rest(right, &|index| using.iter().any(|(_, _, used)| *used == index));
        Ok(result)
    }

    #[allow(clippy::too_many_arguments)]
    fn finish_join(
        &mut self,
        join: &'c ast::Join,
        kind: JoinType,
        using: Vec<(Arc<str>, usize, usize)>,
        quals: Option<Expr>,
        columns: Vec<(NsColumn, Expr)>,
        mut names: Vec<NsItem>,
        left: FromItem,
        right: FromItem,
    ) -> Result<Bound> {
        let (mut ns_columns, aliases): (Vec<NsColumn>, Vec<Expr>) = columns.into_iter().unzip();
        let alias = join.alias.as_ref();
        let merged = using.len();
        let using_alias = match &join.condition {
            JoinCondition::Using { alias: Some(alias), .. } => Some(alias),
            _ => None,
        };
        if let Some(alias) = using_alias {
            names.push(NsItem {
                name: alias.as_str().into(),
                rte: self.cur().rtable.len(),
                columns: Some(ns_columns[..merged].into()),
                rel_visible: true,
                cols_visible: false,
                lateral_only: false,
                lateral_ok: true,
                returning: VarReturning::Default,
            });
        }
        if let Some(alias) = alias {
            if alias.columns.len() > ns_columns.len() {
                return Err(err!(
                    SYNTAX_ERROR,
                    "column alias list for \"{}\" has too many entries",
                    alias.name.as_str()
                ));
            }
            for (column, new) in ns_columns.iter_mut().zip(&alias.columns) {
                column.name = new.as_str().into();
            }
        }
        let rte_columns: Vec<RteColumn> = ns_columns
            .iter()
            .map(|column| RteColumn {
                name: column.name.clone(),
                type_oid: column.type_oid,
                typmod: column.typmod,
                collation: column.collation,
            })
            .collect();
        let name: Arc<str> = alias.map_or("unnamed_join", |alias| alias.name.as_str()).into();
        let rte = self.add_rte(Rte {
            kind: RteKind::Join { join: kind, aliases, merged },
            name: name.clone(),
            has_alias: alias.is_some(),
            alias_columns: alias
                .map(|alias| alias.columns.iter().map(|c| Arc::from(c.as_str())).collect())
                .unwrap_or_default(),
            columns: rte_columns,
            lateral: false,
            in_from: true,
            required_privileges: 0,
            check_as_user: 0,
        });
        let node = FromItem::Join(Box::new(JoinExpr {
            join: kind,
            natural: join.condition == JoinCondition::Natural,
            left,
            right,
            using: using.into_iter().map(|(name, ..)| name).collect(),
            quals,
            alias: alias.map(|alias| alias.name.as_str().into()),
            using_alias: using_alias.map(|alias| alias.as_str().into()),
            rte,
        }));
        // An alias hides what is inside.
        if alias.is_some() {
            names.clear();
        }
        for item in &mut names {
            item.cols_visible = false;
        }
        names.push(NsItem {
            name,
            rte,
            columns: Some(ns_columns.into()),
            rel_visible: alias.is_some(),
            cols_visible: true,
            lateral_only: false,
            lateral_ok: true,
            returning: VarReturning::Default,
        });
        Ok(Bound { node, names })
    }
}

fn find_common(side: &Side, name: &str, which: &str, at: Option<usize>) -> Result<usize> {
    let mut found = None;
    for (index, column) in side.columns.iter().enumerate() {
        if *column.name == *name && found.replace(index).is_some() {
            return Err(err!(
                AMBIGUOUS_COLUMN,
                "common column name \"{name}\" appears more than once in {which} table"
            )
            .at_opt(at));
        }
    }
    found.ok_or_else(|| {
        err!(UNDEFINED_COLUMN, "column \"{name}\" specified in USING clause does not exist in {which} table")
            .at_opt(at)
    })
}
