//! The result of an SQL function: what its last statement gives must be, or become, what it was declared to return.

use crate::AnalyzeContext;
use crate::binder::Binder;
use crate::from::select_from;
use pglitedb_catalog::{ArgMode, CastContext, ProcInfo};
use pglitedb_query_tree::{CallForm, CommandType, Expr, Query, TargetEntry};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, TypeKind, oids};

/// What a function returns, polymorphic types resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionResult {
    /// The type.
    pub type_oid: Oid,
    /// Columns (type, type modifier) of a composite result, where they are known.
    pub columns: Option<Vec<(Oid, i32)>>,
    /// Is it a procedure?
    pub procedure: bool,
}

/// How rows of the last statement become results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultShape {
    /// There is none.
    Void,
    /// The only column is the result.
    Value,
    /// The columns are the result's fields.
    Fields,
}

/// The columns of a composite result: those of the type, or those that OUT parameters declare with `resolve` telling
/// what polymorphic types stand for. `None`: not composite, or not known.
pub fn result_columns(
    proc: &ProcInfo,
    type_oid: Oid,
    resolve: &dyn Fn(Oid) -> Oid,
    ctx: &AnalyzeContext<'_>,
) -> Result<Option<Vec<(Oid, i32)>>> {
    let binder = Binder::new(ctx);
    if type_oid == oids::RECORD {
        let outs: Vec<(Oid, i32)> = proc
            .arg_modes
            .iter()
            .zip(&proc.all_arg_types)
            .filter(|(mode, _)| matches!(mode, ArgMode::Out | ArgMode::InOut | ArgMode::Table))
            .map(|(_, oid)| (resolve(*oid), -1))
            .collect();
        return Ok((!outs.is_empty()).then_some(outs));
    }
    let relid = binder.composite_relid(binder.base_type(type_oid)?)?;
    if relid == 0 {
        return Ok(None);
    }
    let relation = binder.relation_by_oid(relid)?;
    let live = relation.columns.iter().filter(|column| !column.dropped);
    Ok(Some(live.map(|column| (column.type_oid, column.typmod)).collect()))
}

fn mismatch(binder: &Binder<'_>, wanted: &FunctionResult, detail: String) -> Error {
    err!(
        INVALID_FUNCTION_DEFINITION,
        "return type mismatch in function declared to return {}",
        binder.type_name(wanted.type_oid)
    )
    .detail(detail)
}

/// Converts what the last statement (`None`: there is no statement) gives to what the function returns.
pub fn coerce_result(
    query: Option<&mut Query>,
    wanted: &FunctionResult,
    ctx: &AnalyzeContext<'_>,
) -> Result<ResultShape> {
    let mut binder = Binder::new(ctx);
    let binder = &mut binder;
    if wanted.type_oid == oids::VOID {
        return Ok(ResultShape::Void);
    }
    let gives = |query: &Query| query.command == CommandType::Select || !query.returning.is_empty();
    let Some(query) = query.filter(|query| gives(query)) else {
        let detail = "Function's final statement must be SELECT or INSERT/UPDATE/DELETE/MERGE RETURNING.";
        return Err(mismatch(binder, wanted, detail.to_owned()));
    };
    let info = binder.type_info(binder.base_type(wanted.type_oid)?)?;
    let composite = info.kind == TypeKind::Composite || wanted.type_oid == oids::RECORD;
    if composite {
        return fields(binder, query, wanted);
    }
    if info.kind == TypeKind::Pseudo {
        return Err(err!(
            INVALID_FUNCTION_DEFINITION,
            "return type {} is not supported for SQL functions",
            binder.type_name(wanted.type_oid)
        ));
    }
    let columns = query.result_targets().count();
    if columns != 1 {
        return Err(mismatch(binder, wanted, "Final statement must return exactly one column.".to_owned()));
    }
    let source = first_type(query);
    if !convert(binder, query, &[(wanted.type_oid, -1)])?.is_empty() {
        let detail = format!("Actual return type is {}.", binder.type_name(source));
        return Err(mismatch(binder, wanted, detail));
    }
    Ok(ResultShape::Value)
}

fn first_type(query: &Query) -> Oid {
    query.result_targets().next().map_or(0, |target| target.expr.type_oid())
}

/// A composite result: one column of the type itself, or a column a field.
fn fields(binder: &mut Binder<'_>, query: &mut Query, wanted: &FunctionResult) -> Result<ResultShape> {
    let count = query.result_targets().count();
    if count == 1 && !wanted.procedure {
        let source = first_type(query);
        let known_record = wanted.type_oid == oids::RECORD && wanted.columns.is_some();
        if !known_record
            && binder.is_row_type(source)?
            && convert(binder, query, &[(wanted.type_oid, -1)])?.is_empty()
        {
            return Ok(ResultShape::Value);
        }
        if known_record && source == oids::RECORD {
            return Ok(ResultShape::Value);
        }
    }
    let Some(columns) = &wanted.columns else { return Ok(ResultShape::Fields) };
    if count > columns.len() {
        return Err(mismatch(binder, wanted, "Final statement returns too many columns.".to_owned()));
    }
    let types: Vec<Oid> = query.result_targets().map(|target| target.expr.type_oid()).collect();
    let failed = convert(binder, query, columns)?;
    if let Some(&at) = failed.first() {
        let detail = format!(
            "Final statement returns {} instead of {} at column {}.",
            binder.type_name(types.get(at).copied().unwrap_or(0)),
            binder.type_name(columns[at].0),
            at + 1
        );
        return Err(mismatch(binder, wanted, detail));
    }
    if count < columns.len() {
        return Err(mismatch(binder, wanted, "Final statement returns too few columns.".to_owned()));
    }
    Ok(ResultShape::Fields)
}

/// Converts the columns of a query by assignment; returns the numbers (from 0) of those that can't be.
fn convert(binder: &mut Binder<'_>, query: &mut Query, wanted: &[(Oid, i32)]) -> Result<Vec<usize>> {
    let differs = query.result_targets().zip(wanted).any(|(target, (type_oid, typmod))| {
        target.expr.type_oid() != *type_oid || (*typmod != -1 && target.expr.typmod() != *typmod)
    });
    if !differs {
        return Ok(Vec::new());
    }
    let sources: Vec<Oid> = query.result_targets().map(|target| target.expr.type_oid()).collect();
    let mut failed = Vec::new();
    for (at, (source, (type_oid, _))) in sources.iter().zip(wanted).enumerate() {
        if !binder.can_coerce(*source, *type_oid, CastContext::Assignment)? {
            failed.push(at);
        }
    }
    if !failed.is_empty() {
        return Ok(failed);
    }
    let plain = query.command != CommandType::Select
        || (query.set_operation.is_none()
            && query.distinct.is_empty()
            && query.targets.iter().all(|target| target.sort_group_ref == 0 || target.junk));
    if !plain {
        let taken = std::mem::take(query);
        *query = select_from(taken, "*SELECT*")?;
    }
    let targets: &mut Vec<TargetEntry> =
        if query.command == CommandType::Select { &mut query.targets } else { &mut query.returning };
    for (target, (type_oid, typmod)) in targets.iter_mut().filter(|target| !target.junk).zip(wanted) {
        let taken = std::mem::replace(&mut target.expr, Expr::bool_const(false));
        let converted = binder.coerce_to_target(
            taken,
            *type_oid,
            *typmod,
            CastContext::Assignment,
            CallForm::ImplicitCast,
        )?;
        target.expr = converted.unwrap_or_else(|expr| expr);
        crate::collate::assign(binder, &mut target.expr)?;
    }
    Ok(Vec::new())
}
