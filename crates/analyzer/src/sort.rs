//! ORDER BY, DISTINCT and the operators that sort and group.

use crate::ExprKind;
use crate::binder::Binder;
use crate::target::target;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, SortGroupClause, TargetEntry};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, Literal, NullsOrder, SortDirection, SortItem};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, TypeKind, oids};

const BTREE: Oid = 403;
const HASH: Oid = 405;

/// The operators of a type's default operator classes; 0 if there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SortOps {
    pub less: Oid,
    pub equal: Oid,
    pub greater: Oid,
    pub hashable: bool,
}

impl<'c> Binder<'c> {
    /// Operators to sort and group a type with.
    pub fn sort_ops(&self, type_oid: Oid) -> Result<SortOps> {
        if let Some(known) = common_ops(type_oid) {
            return Ok(known);
        }
        let mut ops = SortOps::default();
        if let Some((family, input)) = self.default_class(BTREE, type_oid)? {
            let find = |strategy| -> Result<Oid> {
                Ok(self.ctx.catalog.amop(family, input, input, strategy)?.unwrap_or(0))
            };
            ops = SortOps { less: find(1)?, equal: find(3)?, greater: find(5)?, hashable: false };
        }
        if let Some((family, input)) = self.default_class(HASH, type_oid)? {
            let equal = self.ctx.catalog.amop(family, input, input, 1)?.unwrap_or(0);
            if ops.equal == 0 {
                ops.equal = equal;
            }
            ops.hashable = equal != 0 && equal == ops.equal && self.is_own_equality(equal)?;
        }
        // Containers can do what their elements can.
        let info = self.type_info(self.base_type(type_oid)?)?;
        if info.is_true_array && type_oid != oids::OIDVECTOR && type_oid != oids::INT2VECTOR {
            let element = self.sort_ops(info.element)?;
            if element.less == 0 {
                ops.less = 0;
                ops.greater = 0;
            }
            if element.equal == 0 {
                ops.equal = 0;
            }
            ops.hashable &= element.hashable;
        } else if info.kind == TypeKind::Composite {
            let relation = self.relation_by_oid(info.relid)?;
            for column in relation.columns.iter().filter(|column| !column.dropped) {
                let field = self.sort_ops(column.type_oid)?;
                if field.less == 0 {
                    ops.less = 0;
                    ops.greater = 0;
                }
                if field.equal == 0 {
                    ops.equal = 0;
                }
                ops.hashable &= field.hashable;
            }
        } else if info.kind == TypeKind::Range {
            ops.hashable &= self.sort_ops(info.range_subtype)?.hashable;
        }
        Ok(ops)
    }

    /// Is an operator the equality that values have by themselves, by which they can be hashed?
    fn is_own_equality(&self, op: Oid) -> Result<bool> {
        const INTERNAL: Oid = 12;
        if op < oids::FIRST_NORMAL_OID {
            return Ok(true);
        }
        let Some(operator) = self.ctx.catalog.operator(op)? else { return Ok(false) };
        let proc = self.ctx.catalog.proc(operator.proc)?;
        Ok(proc.is_some_and(|proc| proc.builtin || proc.language == INTERNAL))
    }

    /// Family and input type of the default operator class.
    pub fn default_class(&self, method: Oid, type_oid: Oid) -> Result<Option<(Oid, Oid)>> {
        let base = self.base_type(type_oid)?;
        let info = self.type_info(base)?;
        let generic = match info.kind {
            TypeKind::Enum => oids::ANYENUM,
            TypeKind::Range => oids::ANYRANGE,
            TypeKind::Multirange => oids::ANYMULTIRANGE,
            TypeKind::Composite => oids::RECORD,
            _ if info.is_true_array => oids::ANYARRAY,
            _ => 0,
        };
        for candidate in [base, generic] {
            if candidate != 0
                && let Some(found) = self.exact_class(method, candidate)?
            {
                return Ok(Some(found));
            }
        }
        for candidate in [oids::TEXT, oids::OID, oids::INET, oids::VARBIT, oids::BPCHAR, oids::INT4] {
            if candidate != base
                && self.binary_coercible(base, candidate)?
                && let Some(found) = self.exact_class(method, candidate)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn exact_class(&self, method: Oid, input: Oid) -> Result<Option<(Oid, Oid)>> {
        let classes = self.ctx.catalog.opclasses_for_type(method, input)?;
        Ok(classes.iter().find(|class| class.is_default).map(|class| (class.family, class.input_type)))
    }

    /// ORDER BY of a query: names and positions of output columns first.
    pub fn order_by(
        &mut self,
        items: &'c [SortItem],
        list: &mut Vec<TargetEntry>,
        sql99: bool,
        kind: ExprKind,
    ) -> Result<Vec<SortGroupClause>> {
        let mut result = Vec::with_capacity(items.len());
        for item in items {
            let index = if sql99 {
                self.find_target_sql99(&item.expr, list, kind)?
            } else {
                self.find_target_sql92(&item.expr, list, kind)?
            };
            self.add_sort_item(index, item, list, &mut result)?;
        }
        Ok(result)
    }

    /// Adds a sort clause on a target unless there is one already.
    fn add_sort_item(
        &mut self,
        index: usize,
        item: &'c SortItem,
        list: &mut [TargetEntry],
        result: &mut Vec<SortGroupClause>,
    ) -> Result<()> {
        let clause = self.sort_clause_for(list, index, item)?;
        let known = result.iter().any(|old| {
            old.target_ref == clause.target_ref
                && (old.sort_op == clause.sort_op || self.commutes(old.sort_op, clause.sort_op))
        });
        if !known {
            result.push(clause);
        }
        Ok(())
    }

    fn commutes(&self, a: Oid, b: Oid) -> bool {
        matches!(self.ctx.catalog.operator(a), Ok(Some(op)) if op.commutator == b)
    }

    /// The clause that sorts by `list[index]`.
    pub fn sort_clause_for(
        &mut self,
        list: &mut [TargetEntry],
        index: usize,
        item: &'c SortItem,
    ) -> Result<SortGroupClause> {
        self.type_unknown_target(list, index)?;
        let Some(entry) = list.get(index) else { return Err(self.missing_target()) };
        let type_oid = entry.expr.type_oid();
        let at = item.expr.span.offset();
        let (sort_op, eq_op, hashable, descending) = match &item.direction {
            SortDirection::Using(op) => {
                let found = self.operator(op, Some(type_oid), type_oid, op.span.offset())?;
                let amops = self.ctx.catalog.amops_of_operator(found.oid)?;
                let ordering = amops
                    .iter()
                    .find(|amop| amop.method == BTREE && (amop.strategy == 1 || amop.strategy == 5));
                let Some(ordering) = ordering else {
                    return Err(err!(
                        WRONG_OBJECT_TYPE,
                        "operator {} is not a valid ordering operator",
                        op.symbol
                    )
                    .hint("Ordering operators must be \"<\" or \">\" members of btree operator families.")
                    .at(op.span.offset()));
                };
                let equal = self
                    .ctx
                    .catalog
                    .amop(ordering.family, ordering.left, ordering.right, 3)?
                    .ok_or_else(|| Error::internal("missing equality operator"))?;
                let hashable = self.ctx.catalog.operator(equal)?.is_some_and(|op| op.can_hash);
                (found.oid, equal, hashable, ordering.strategy == 5)
            }
            direction => {
                let descending = *direction == SortDirection::Desc;
                let ops = self.sort_ops(type_oid)?;
                let op = if descending { ops.greater } else { ops.less };
                if op == 0 {
                    return Err(self.no_ordering(type_oid, at));
                }
                (op, ops.equal, ops.hashable, descending)
            }
        };
        let nulls_first = match item.nulls {
            Some(nulls) => nulls == NullsOrder::First,
            None => descending,
        };
        Ok(SortGroupClause {
            target_ref: assign_ref(list, index),
            eq_op,
            sort_op,
            descending,
            nulls_first,
            hashable,
        })
    }

    pub fn no_ordering(&self, type_oid: Oid, at: usize) -> Error {
        err!(
            UNDEFINED_FUNCTION,
            "could not identify an ordering operator for type {}",
            self.type_name(type_oid)
        )
        .hint("Use an explicit ordering operator or modify the query.")
        .at(at)
    }

    pub fn type_unknown_target(&mut self, list: &mut [TargetEntry], index: usize) -> Result<()> {
        if let Some(entry) = list.get_mut(index)
            && entry.expr.type_oid() == oids::UNKNOWN
        {
            let taken = std::mem::replace(&mut entry.expr, Expr::bool_const(false));
            entry.expr = self.coerce(taken, oids::TEXT, -1, CastContext::Implicit, CallForm::ImplicitCast)?;
        }
        Ok(())
    }

    /// A clause that groups by `list[index]` with the type's default operators.
    pub fn group_clause_for(
        &mut self,
        list: &mut [TargetEntry],
        index: usize,
        at: Option<usize>,
    ) -> Result<SortGroupClause> {
        self.type_unknown_target(list, index)?;
        let Some(entry) = list.get(index) else { return Err(self.missing_target()) };
        let type_oid = entry.expr.type_oid();
        let at = at.or(entry.expr.position().get());
        let ops = self.sort_ops(type_oid)?;
        if ops.equal == 0 {
            return Err(err!(
                UNDEFINED_FUNCTION,
                "could not identify an equality operator for type {}",
                self.type_name(type_oid)
            )
            .at_opt(at));
        }
        Ok(SortGroupClause {
            target_ref: assign_ref(list, index),
            eq_op: ops.equal,
            sort_op: ops.less,
            descending: false,
            nulls_first: false,
            hashable: ops.hashable,
        })
    }

    /// An output column's name or position, otherwise an expression of input columns.
    pub fn find_target_sql92(
        &mut self,
        expr: &'c ast::Expr,
        list: &mut Vec<TargetEntry>,
        kind: ExprKind,
    ) -> Result<usize> {
        match &expr.kind {
            Ast::Column(column) if column.parts.len() == 1 && !column.star => {
                let name = column.parts.first().map_or("", |part| part.as_str());
                let at = expr.span.offset();
                // GROUP BY prefers input columns.
                let shadowed = kind == ExprKind::GroupBy && self.is_local_column(name, at)?;
                if !shadowed && let Some(found) = output_column(list, name, kind, at)? {
                    self.check_output_target(list, found, kind, at)?;
                    return Ok(found);
                }
            }
            Ast::Literal(literal) => {
                let at = expr.span.offset();
                let Literal::Integer(position) = literal else {
                    return Err(err!(SYNTAX_ERROR, "non-integer constant in {}", kind.name()).at(at));
                };
                let visible = list.iter().position(|entry| {
                    !entry.junk && usize::try_from(*position).is_ok_and(|n| n == entry.resno)
                });
                return match visible {
                    Some(found) => {
                        self.check_output_target(list, found, kind, at)?;
                        Ok(found)
                    }
                    None => Err(err!(
                        INVALID_COLUMN_REFERENCE,
                        "{} position {position} is not in select list",
                        kind.name()
                    )
                    .at(at)),
                };
            }
            _ => {}
        }
        self.find_target_sql99(expr, list, kind)
    }

    fn is_local_column(&mut self, name: &str, at: usize) -> Result<bool> {
        let level = self.levels.len() - 1;
        for item in 0..self.levels[level].namespace.len() {
            if self.levels[level].namespace[item].cols_visible
                && self.column_in_item(level, item, name, at)?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Output columns used for grouping must not contain aggregates or window functions.
    fn check_output_target(
        &self,
        list: &[TargetEntry],
        index: usize,
        kind: ExprKind,
        at: usize,
    ) -> Result<()> {
        if kind != ExprKind::GroupBy {
            return Ok(());
        }
        let Some(entry) = list.get(index) else { return Ok(()) };
        let mut agg_at = None;
        let mut window_at = None;
        entry.expr.walk(&mut |node| {
            match node {
                Expr::Agg(agg) if agg.levels_up == 0 => agg_at = Some(agg.position.get()),
                Expr::Window(window) => window_at = Some(window.position.get()),
                _ => {}
            }
            true
        });
        if let Some(found) = agg_at {
            return Err(err!(GROUPING_ERROR, "aggregate functions are not allowed in GROUP BY")
                .at(found.unwrap_or(at)));
        }
        if let Some(found) = window_at {
            return Err(
                err!(WINDOWING_ERROR, "window functions are not allowed in GROUP BY").at(found.unwrap_or(at))
            );
        }
        Ok(())
    }

    /// An expression: the equal target if there is one, otherwise a new junk target.
    pub fn find_target_sql99(
        &mut self,
        expr: &'c ast::Expr,
        list: &mut Vec<TargetEntry>,
        kind: ExprKind,
    ) -> Result<usize> {
        let bound = self.expr_of_kind(expr, kind)?;
        for (index, entry) in list.iter().enumerate() {
            if *strip_implicit(&entry.expr) == bound {
                return Ok(index);
            }
        }
        let resno = list.len() + 1;
        let mut entry = target(bound, resno, None);
        entry.junk = true;
        list.push(entry);
        Ok(list.len() - 1)
    }

    /// ORDER BY inside an aggregate call: expressions only.
    pub fn aggregate_order(
        &mut self,
        items: &'c [SortItem],
        list: &mut Vec<TargetEntry>,
    ) -> Result<Vec<SortGroupClause>> {
        let kind = self.kind();
        let kind = if kind == ExprKind::None { ExprKind::Other } else { kind };
        self.order_by(
            items,
            list,
            true,
            if kind == ExprKind::SelectTarget { ExprKind::OrderBy } else { kind },
        )
    }

    /// DISTINCT inside an aggregate call, over its first `count` arguments.
    pub fn aggregate_distinct(
        &mut self,
        list: &mut [TargetEntry],
        order: &[SortGroupClause],
        count: usize,
    ) -> Result<Vec<SortGroupClause>> {
        let mut result = Vec::new();
        for clause in order {
            let junk = list
                .iter()
                .find(|entry| entry.sort_group_ref == clause.target_ref)
                .filter(|entry| entry.junk);
            if let Some(entry) = junk {
                return Err(err!(
                    INVALID_COLUMN_REFERENCE,
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list"
                )
                .at_opt(entry.expr.position().get()));
            }
            result.push(clause.clone());
        }
        for index in 0..count.min(list.len()) {
            self.add_group_target(list, index, &mut result)?;
        }
        Ok(result)
    }

    fn add_group_target(
        &mut self,
        list: &mut [TargetEntry],
        index: usize,
        result: &mut Vec<SortGroupClause>,
    ) -> Result<()> {
        let reference = list.get(index).map_or(0, |entry| entry.sort_group_ref);
        if reference != 0 && result.iter().any(|clause| clause.target_ref == reference) {
            return Ok(());
        }
        let clause = self.group_clause_for(list, index, None)?;
        result.push(clause);
        Ok(())
    }

    /// DISTINCT: all visible columns, those of ORDER BY first.
    pub fn distinct(
        &mut self,
        list: &mut [TargetEntry],
        order: &[SortGroupClause],
    ) -> Result<Vec<SortGroupClause>> {
        let mut result = Vec::new();
        for clause in order {
            let junk = list.iter().find(|entry| entry.sort_group_ref == clause.target_ref && entry.junk);
            if let Some(entry) = junk {
                return Err(err!(
                    INVALID_COLUMN_REFERENCE,
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
                )
                .at_opt(entry.expr.position().get()));
            }
            result.push(clause.clone());
        }
        for index in 0..list.len() {
            if !list[index].junk {
                self.add_group_target(list, index, &mut result)?;
            }
        }
        if result.is_empty() {
            return Err(err!(SYNTAX_ERROR, "SELECT DISTINCT must have at least one column"));
        }
        Ok(result)
    }

    /// DISTINCT ON: must agree with the leftmost ORDER BY expressions.
    pub fn distinct_on(
        &mut self,
        exprs: &'c [ast::Expr],
        list: &mut Vec<TargetEntry>,
        order: &[SortGroupClause],
    ) -> Result<Vec<SortGroupClause>> {
        let mut targets = Vec::with_capacity(exprs.len());
        for expr in exprs {
            let index = self.find_target_sql92(expr, list, ExprKind::DistinctOn)?;
            let reference = assign_ref(list, index);
            targets.push((reference, index, expr.span.offset()));
        }
        let mut result: Vec<SortGroupClause> = Vec::new();
        let mut skipped = false;
        for clause in order {
            if targets.iter().any(|(reference, ..)| *reference == clause.target_ref) {
                if skipped {
                    return Err(mismatch_on(list, clause));
                }
                result.push(clause.clone());
            } else {
                skipped = true;
            }
        }
        for (reference, index, at) in targets {
            if result.iter().any(|clause| clause.target_ref == reference) {
                continue;
            }
            if skipped {
                return Err(err!(
                    INVALID_COLUMN_REFERENCE,
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions"
                )
                .at(at));
            }
            let clause = self.group_clause_for(list, index, Some(at))?;
            result.push(clause);
        }
        Ok(result)
    }
}

fn mismatch_on(list: &[TargetEntry], clause: &SortGroupClause) -> Error {
    let at = list
        .iter()
        .find(|entry| entry.sort_group_ref == clause.target_ref)
        .and_then(|entry| entry.expr.position().get());
    err!(INVALID_COLUMN_REFERENCE, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
        .at_opt(at)
}

/// The visible output column of that name.
fn output_column(list: &[TargetEntry], name: &str, kind: ExprKind, at: usize) -> Result<Option<usize>> {
    let mut found: Option<usize> = None;
    for (index, entry) in list.iter().enumerate() {
        if entry.junk || entry.name.as_deref() != Some(name) {
            continue;
        }
        match found {
            Some(first) if list[first].expr != entry.expr => {
                return Err(err!(AMBIGUOUS_COLUMN, "{} \"{name}\" is ambiguous", kind.name()).at(at));
            }
            Some(_) => {}
            None => found = Some(index),
        }
    }
    Ok(found)
}

/// The target's reference number, a new one if it has none.
pub(crate) fn assign_ref(list: &mut [TargetEntry], index: usize) -> u32 {
    let next = list.iter().map(|entry| entry.sort_group_ref).max().unwrap_or(0) + 1;
    match list.get_mut(index) {
        Some(entry) if entry.sort_group_ref == 0 => {
            entry.sort_group_ref = next;
            next
        }
        Some(entry) => entry.sort_group_ref,
        None => 0,
    }
}

/// The expression below casts that nobody wrote.
pub(crate) fn strip_implicit(expr: &Expr) -> &Expr {
    match expr {
        Expr::Func(func) if func.form == CallForm::ImplicitCast => {
            func.args.first().map_or(expr, strip_implicit)
        }
        Expr::Relabel { arg, form: CallForm::ImplicitCast, .. }
        | Expr::CoerceViaIo { arg, form: CallForm::ImplicitCast, .. }
        | Expr::ArrayCoerce { arg, form: CallForm::ImplicitCast, .. }
        | Expr::CoerceToDomain { arg, form: CallForm::ImplicitCast, .. } => strip_implicit(arg),
        _ => expr,
    }
}

/// Operators of the most common types, by heart: `<`, `=`, `>` of their B-tree families, all hashable.
fn common_ops(type_oid: Oid) -> Option<SortOps> {
    let (less, equal, greater) = match type_oid {
        oids::INT4 => (97, 96, 521),
        oids::INT8 => (412, 410, 413),
        oids::INT2 => (95, 94, 520),
        oids::TEXT => (664, 98, 666),
        oids::NUMERIC => (1754, 1752, 1756),
        oids::FLOAT8 => (672, 670, 674),
        oids::DATE => (1095, 1093, 1097),
        oids::TIMESTAMP => (2062, 2060, 2064),
        oids::TIMESTAMPTZ => (1322, 1320, 1324),
        oids::BOOL => (58, 91, 59),
        oids::OID => (609, 607, 610),
        _ => return None,
    };
    Some(SortOps { less, equal, greater, hashable: true })
}
