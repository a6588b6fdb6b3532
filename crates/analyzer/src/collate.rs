//! Collations: which one each expression has, and which one each function uses (PostgreSQL: parse_collate).

use crate::binder::Binder;
use pglitedb_query_tree::{CallForm, Expr, FromItem, Query, RteKind, SubLinkKind, TargetEntry};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

const DEFAULT: Oid = 100;

/// How sure the collation of an expression is, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// Not collatable.
    #[default]
    None,
    /// From a type or column.
    Implicit,
    /// Two columns disagree.
    Conflict,
    /// COLLATE.
    Explicit,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    collation: Oid,
    strength: Strength,
    at: Option<usize>,
    /// The other one of a conflict.
    other: Oid,
}

impl State {
    fn of(collation: Oid, at: Option<usize>) -> State {
        let strength = if collation == 0 { Strength::None } else { Strength::Implicit };
        State { collation, strength, at, other: 0 }
    }
}

/// Assigns collations in one expression.
pub(crate) fn assign(binder: &Binder<'_>, expr: &mut Expr) -> Result<()> {
    visit(binder, expr).map(|_| ())
}

/// Assigns collations in a list whose members have nothing to do with each other.
fn assign_targets(binder: &Binder<'_>, list: &mut [TargetEntry]) -> Result<()> {
    list.iter_mut().try_for_each(|entry| assign(binder, &mut entry.expr))
}

/// Assigns collations in VALUES rows; each column's come out alike.
pub(crate) fn assign_values(binder: &Binder<'_>, rows: &mut [Vec<Expr>]) -> Result<()> {
    let width = rows.first().map_or(0, Vec::len);
    for column in 0..width {
        let mut common = State::default();
        for row in rows.iter_mut() {
            if let Some(expr) = row.get_mut(column) {
                let state = visit(binder, expr)?;
                merge(binder, &mut common, state)?;
            }
        }
        conflict(binder, &common)?;
    }
    Ok(())
}

/// Assigns collations in a finished query level (subqueries have theirs already).
pub(crate) fn assign_query(binder: &Binder<'_>, query: &mut Query) -> Result<()> {
    assign_targets(binder, &mut query.targets)?;
    assign_targets(binder, &mut query.returning)?;
    let conditions =
        [&mut query.quals, &mut query.having, &mut query.offset, &mut query.limit, &mut query.merge_join];
    for condition in conditions.into_iter().flatten() {
        assign(binder, condition)?;
    }
    for item in &mut query.from {
        assign_from(binder, item)?;
    }
    if let Some(conflict) = &mut query.on_conflict {
        if let Some(update) = &mut conflict.update {
            assign_targets(binder, update)?;
        }
        let parts = [&mut conflict.target_where, &mut conflict.update_where];
        for condition in parts.into_iter().flatten() {
            assign(binder, condition)?;
        }
        conflict.target_exprs.iter_mut().try_for_each(|expr| assign(binder, expr))?;
    }
    for action in &mut query.merge_actions {
        if let Some(condition) = &mut action.condition {
            assign(binder, condition)?;
        }
        assign_targets(binder, &mut action.targets)?;
    }
    for window in &mut query.windows {
        for bound in [&mut window.start, &mut window.end] {
            if let pglitedb_query_tree::FrameBound::Preceding(expr)
            | pglitedb_query_tree::FrameBound::Following(expr) = bound
            {
                assign(binder, expr)?;
            }
        }
    }
    for rte in &mut query.rtable {
        if let RteKind::TableFunction { args, .. } = &mut rte.kind {
            args.iter_mut().try_for_each(|arg| assign(binder, arg))?;
        }
    }
    Ok(())
}

fn assign_from(binder: &Binder<'_>, item: &mut FromItem) -> Result<()> {
    if let FromItem::Join(join) = item {
        assign_from(binder, &mut join.left)?;
        assign_from(binder, &mut join.right)?;
        if let Some(quals) = &mut join.quals {
            assign(binder, quals)?;
        }
    }
    Ok(())
}

/// The common collation of expressions whose collations are assigned; a conflict is an error unless `none_ok`.
pub(crate) fn common_collation(binder: &Binder<'_>, exprs: &mut [Expr], none_ok: bool) -> Result<Oid> {
    let mut common = State::default();
    for expr in exprs {
        let state = visit(binder, expr)?;
        merge(binder, &mut common, state)?;
    }
    if common.strength == Strength::Conflict {
        if none_ok {
            return Ok(0);
        }
        conflict(binder, &common)?;
    }
    Ok(common.collation)
}

fn name(binder: &Binder<'_>, oid: Oid) -> String {
    match binder.ctx.catalog.collation(oid) {
        Ok(Some(info)) => info.name.to_string(),
        _ => oid.to_string(),
    }
}

fn conflict(binder: &Binder<'_>, state: &State) -> Result<()> {
    if state.strength != Strength::Conflict {
        return Ok(());
    }
    Err(err!(
        COLLATION_MISMATCH,
        "collation mismatch between implicit collations \"{}\" and \"{}\"",
        name(binder, state.collation),
        name(binder, state.other)
    )
    .hint("You can choose the collation by applying the COLLATE clause to one or both expressions.")
    .at_opt(state.at))
}

fn merge(binder: &Binder<'_>, into: &mut State, new: State) -> Result<()> {
    if new.strength > into.strength {
        *into = new;
        return Ok(());
    }
    if new.strength < into.strength || new.collation == into.collation {
        return Ok(());
    }
    match new.strength {
        Strength::Implicit => {
            if into.collation == DEFAULT {
                *into = new;
            } else if new.collation != DEFAULT {
                into.strength = Strength::Conflict;
                into.other = new.collation;
                into.at = new.at;
            }
        }
        Strength::Explicit => {
            return Err(err!(
                COLLATION_MISMATCH,
                "collation mismatch between explicit collations \"{}\" and \"{}\"",
                name(binder, into.collation),
                name(binder, new.collation)
            )
            .at_opt(new.at));
        }
        Strength::None | Strength::Conflict => {}
    }
    Ok(())
}

/// Visits children that all contribute, then settles the node itself.
fn visit(binder: &Binder<'_>, expr: &mut Expr) -> Result<State> {
    let at = expr.position().get();
    let inputs = match expr {
        Expr::Var(_)
        | Expr::Const(_)
        | Expr::Param(_)
        | Expr::CaseTest { .. }
        | Expr::SubLinkColumn { .. }
        | Expr::SetToDefault { .. }
        | Expr::DomainValue { .. }
        | Expr::SqlValue { .. }
        | Expr::CurrentOf { .. }
        | Expr::NextValue { .. }
        | Expr::SubPlan(_) => return leaf(binder, expr, at),
        Expr::Collate(arg, collation) => {
            visit(binder, arg)?;
            return Ok(State { collation: *collation, strength: Strength::Explicit, at, other: 0 });
        }
        Expr::FieldSelect { arg, collation, .. } => {
            visit(binder, arg)?;
            return Ok(State::of(*collation, at));
        }
        Expr::Row { args, .. } | Expr::FieldStore { values: args, .. } => {
            for arg in args {
                visit(binder, arg)?;
            }
            return Ok(State::default());
        }
        Expr::RowCompare(compare) => {
            for (index, (left, right)) in compare.left.iter_mut().zip(&mut compare.right).enumerate() {
                let mut common = State::default();
                let state = visit(binder, left)?;
                merge(binder, &mut common, state)?;
                let state = visit(binder, right)?;
                merge(binder, &mut common, state)?;
                conflict(binder, &common)?;
                if let Some(slot) = compare.collations.get_mut(index) {
                    *slot = common.collation;
                }
            }
            return Ok(State::default());
        }
        Expr::Bool(_, args) => {
            for arg in args {
                visit(binder, arg)?;
            }
            return Ok(State::default());
        }
        Expr::SubLink(link) => {
            if let Some(test) = &mut link.test {
                visit(binder, test)?;
            }
            return Ok(match link.kind {
                SubLinkKind::Scalar | SubLinkKind::Array => {
                    let collation =
                        link.query.visible_targets().next().map_or(0, |target| target.expr.collation());
                    State::of(collation, at)
                }
                _ => State::default(),
            });
        }
        Expr::Agg(agg) => visit_aggregate(binder, agg)?,
        Expr::Window(window) => {
            if let Some(filter) = &mut window.filter {
                visit(binder, filter)?;
            }
            visit_all(binder, &mut window.args)?
        }
        Expr::Case(case) => {
            if let Some(arg) = &mut case.arg {
                visit(binder, arg)?;
            }
            let mut state = State::default();
            for (when, then) in &mut case.whens {
                visit(binder, when)?;
                let new = visit(binder, then)?;
                merge(binder, &mut state, new)?;
            }
            let new = visit(binder, &mut case.default)?;
            merge(binder, &mut state, new)?;
            state
        }
        Expr::Subscript(subscript) => {
            for item in &mut subscript.items {
                match item {
                    pglitedb_query_tree::SubscriptItem::Index(index) => {
                        visit(binder, index)?;
                    }
                    pglitedb_query_tree::SubscriptItem::Slice(from, to) => {
                        for bound in [from, to].into_iter().flatten() {
                            visit(binder, bound)?;
                        }
                    }
                }
            }
            let mut state = visit(binder, &mut subscript.container)?;
            if let Some(assign) = &mut subscript.assign {
                let new = visit(binder, assign)?;
                merge(binder, &mut state, new)?;
            }
            state
        }
        Expr::ArrayCoerce { arg, elem, .. } => {
            visit(binder, elem)?;
            visit(binder, arg)?
        }
        _ => {
            let mut state = State::default();
            let mut result = Ok(());
            expr.for_each_child_mut(&mut |child| {
                if result.is_ok() {
                    result = visit(binder, child).and_then(|new| merge(binder, &mut state, new));
                }
            });
            result?;
            state
        }
    };
    settle(binder, expr, inputs, at)
}

fn visit_all(binder: &Binder<'_>, exprs: &mut [Expr]) -> Result<State> {
    let mut state = State::default();
    for expr in exprs {
        let new = visit(binder, expr)?;
        merge(binder, &mut state, new)?;
    }
    Ok(state)
}

fn visit_aggregate(binder: &Binder<'_>, agg: &mut pglitedb_query_tree::Aggref) -> Result<State> {
    if let Some(filter) = &mut agg.filter {
        visit(binder, filter)?;
    }
    let mut state = State::default();
    if agg.kind == b'n' {
        for entry in &mut agg.args {
            let new = visit(binder, &mut entry.expr)?;
            if !entry.junk {
                merge(binder, &mut state, new)?;
            }
        }
        return Ok(state);
    }
    let single = agg.args.len() == 1;
    if agg.kind == b'h' {
        // A hypothetical value and the column it is compared with have one collation.
        for (arg, entry) in agg.direct_args.iter_mut().zip(&mut agg.args) {
            let mut pair = visit(binder, arg)?;
            let new = visit(binder, &mut entry.expr)?;
            merge(binder, &mut pair, new)?;
            if pair.collation != 0 && pair.collation != entry.expr.collation() {
                let arg = std::mem::replace(&mut entry.expr, Expr::bool_const(false));
                entry.expr = Expr::Relabel {
                    type_oid: arg.type_oid(),
                    typmod: arg.typmod(),
                    collation: pair.collation,
                    form: CallForm::ImplicitCast,
                    arg: Box::new(arg),
                };
            }
            if single {
                merge(binder, &mut state, pair)?;
            }
        }
        return Ok(state);
    }
    for arg in &mut agg.direct_args {
        let new = visit(binder, arg)?;
        merge(binder, &mut state, new)?;
    }
    for entry in &mut agg.args {
        let new = visit(binder, &mut entry.expr)?;
        if single {
            merge(binder, &mut state, new)?;
        }
    }
    Ok(state)
}

fn leaf(binder: &Binder<'_>, expr: &mut Expr, at: Option<usize>) -> Result<State> {
    if let Expr::Const(constant) = expr
        && constant.collation == 0
        && constant.type_oid != oids::INT4
    {
        // Untyped literals are collatable like text.
        constant.collation = binder.type_collation(constant.type_oid)?;
    }
    Ok(State::of(expr.collation(), at))
}

/// Sets the node's own collations from those of its inputs.
fn settle(binder: &Binder<'_>, expr: &mut Expr, inputs: State, at: Option<usize>) -> Result<State> {
    let input = if inputs.strength == Strength::Conflict { 0 } else { inputs.collation };
    let type_oid = expr.type_oid();
    let own = binder.type_collation(type_oid)?;
    let mut state = State::default();
    if own != 0 {
        let domain = matches!(expr, Expr::CoerceToDomain { .. });
        state = if domain && own != DEFAULT {
            // A domain's collation overrides that of its value, unless that was explicit.
            if inputs.strength == Strength::Explicit { inputs } else { State::of(own, at) }
        } else if inputs.strength > Strength::None {
            State { at: inputs.at.or(at), ..inputs }
        } else {
            State::of(own, at)
        };
    }
    let result = if state.strength == Strength::Conflict { 0 } else { state.collation };
    match expr {
        Expr::Func(func) => {
            func.collation = result;
            func.input_collation = input;
        }
        Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => {
            op.collation = result;
            op.input_collation = input;
        }
        Expr::ScalarArray(op) => op.input_collation = input,
        Expr::Agg(agg) => {
            agg.collation = result;
            agg.input_collation = input;
        }
        Expr::Window(window) => {
            window.collation = result;
            window.input_collation = input;
        }
        Expr::Case(case) => case.collation = result,
        Expr::MinMax { collation, input_collation, .. } => {
            *collation = result;
            *input_collation = input;
        }
        Expr::Coalesce { collation, .. }
        | Expr::Array { collation, .. }
        | Expr::Relabel { collation, .. }
        | Expr::CoerceViaIo { collation, .. }
        | Expr::ArrayCoerce { collation, .. }
        | Expr::CoerceToDomain { collation, .. } => *collation = result,
        Expr::Subscript(subscript) => subscript.collation = result,
        Expr::Special(special) => special.collation = result,
        _ => {}
    }
    Ok(state)
}
