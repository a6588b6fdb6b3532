//! CREATE CAST.

use super::define::{may_execute, may_use_type, shown, without_position};
use super::object::{signature_types, type_named};
use crate::context::StatementCtx;
use pglitedb_analyzer::{binary_coercible, lookup_function};
use pglitedb_catalog::builtin::columns::{pg_cast, pg_proc};
use pglitedb_catalog::new_objects::cast_row;
use pglitedb_catalog::{ProcInfo, ProcKind};
use pglitedb_sql_parser::ast::{CastContext, CastMethod, CreateCastStatement};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Oid, TypeInfo, TypeKind, oids};
use std::sync::Arc;

macro_rules! invalid {
    ($($arg:tt)*) => { err!(INVALID_OBJECT_DEFINITION, $($arg)*) };
}

/// CREATE CAST.
pub fn create(stmt: &CreateCastStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let (source, target) = (type_named(&stmt.source, ctx)?, type_named(&stmt.target, ctx)?);
    for (what, info) in [("source", &source), ("target", &target)] {
        if info.kind == TypeKind::Pseudo {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "{what} data type {} is a pseudo-type",
                shown(info.oid, ctx)
            ));
        }
    }
    check_owner_of_either(&source, &target, ctx)?;
    may_use_type(source.oid, ctx)?;
    may_use_type(target.oid, ctx)?;
    for info in [&source, &target] {
        if info.kind == TypeKind::Domain {
            let what = if info.oid == source.oid { "source" } else { "target" };
            let text = format!("cast will be ignored because the {what} data type is a domain");
            ctx.notice(err!(WRONG_OBJECT_TYPE, "{text}").severity(Severity::Warning));
            break;
        }
    }
    let (func, method) = match &stmt.method {
        CastMethod::Function(signature) => {
            let types = signature_types(signature, ctx)?;
            let info = lookup_function(&signature.name, types.as_deref(), &ctx.analyze())
                .map_err(without_position)?;
            check_function(&info, &source, &target, ctx)?;
            (info.oid, b'f')
        }
        CastMethod::Binary => {
            check_binary(&source, &target, ctx)?;
            (0, b'b')
        }
        CastMethod::InOut => (0, b'i'),
    };
    let self_cast =
        source.oid == target.oid && ctx.catalog().proc(func)?.is_none_or(|info| info.arg_types.len() <= 1);
    if self_cast {
        return Err(invalid!("source data type and target data type are the same"));
    }
    let context = match stmt.context {
        CastContext::Explicit => b'e',
        CastContext::Assignment => b'a',
        CastContext::Implicit => b'i',
    };
    store(&source, &target, func, context, method, ctx)
}

fn check_function(
    info: &Arc<ProcInfo>,
    source: &TypeInfo,
    target: &TypeInfo,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    may_execute(info, ctx)?;
    let [first, rest @ ..] = info.arg_types.as_slice() else {
        return Err(invalid!("cast function must take one to three arguments"));
    };
    if rest.len() > 2 {
        return Err(invalid!("cast function must take one to three arguments"));
    }
    if !binary_coercible(source.oid, *first, &ctx.analyze())? {
        return Err(invalid!(
            "argument of cast function must match or be binary-coercible from source data type"
        ));
    }
    if rest.first().is_some_and(|second| *second != oids::INT4) {
        return Err(invalid!("second argument of cast function must be type {}", "integer"));
    }
    if rest.get(1).is_some_and(|third| *third != oids::BOOL) {
        return Err(invalid!("third argument of cast function must be type {}", "boolean"));
    }
    if !binary_coercible(info.return_type, target.oid, &ctx.analyze())? {
        return Err(invalid!(
            "return data type of cast function must match or be binary-coercible to target data type"
        ));
    }
    if info.kind != ProcKind::Function {
        return Err(invalid!("cast function must be a normal function"));
    }
    if info.returns_set {
        return Err(invalid!("cast function must not return a set"));
    }
    Ok(())
}

fn check_binary(source: &TypeInfo, target: &TypeInfo, ctx: &StatementCtx<'_>) -> Result<()> {
    if !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser to create a cast WITHOUT FUNCTION"));
    }
    let same = source.len == target.len && source.by_value == target.by_value && source.align == target.align;
    if !same {
        return Err(invalid!("source and target data types are not physically compatible"));
    }
    for info in [source, target] {
        let what = match info.kind {
            TypeKind::Composite => "composite data types are not binary-compatible",
            TypeKind::Enum => "enum data types are not binary-compatible",
            TypeKind::Range | TypeKind::Multirange => "range data types are not binary-compatible",
            _ if info.is_true_array => "array data types are not binary-compatible",
            TypeKind::Domain => "domain data types must not be marked binary-compatible",
            _ => continue,
        };
        return Err(invalid!("{what}"));
    }
    Ok(())
}

fn store(
    source: &TypeInfo,
    target: &TypeInfo,
    func: Oid,
    context: u8,
    method: u8,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if ctx.catalog().cast(source.oid, target.oid)?.is_some() {
        return Err(err!(
            DUPLICATE_OBJECT,
            "cast from type {} to type {} already exists",
            shown(source.oid, ctx),
            shown(target.oid, ctx)
        ));
    }
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    writer.insert(pg_cast::RELATION, &cast_row(oid, source.oid, target.oid, func, context, method))?;
    let object = ObjectAddress::new(pg_cast::RELATION, oid);
    super::dependency::record_type(object, source.oid, 0, ctx)?;
    super::dependency::record_type(object, target.oid, 0, ctx)?;
    if func >= oids::FIRST_NORMAL_OID {
        writer.record_dependency(
            object,
            ObjectAddress::new(pg_proc::RELATION, func),
            DependencyKind::Normal,
        )?;
    }
    Ok(())
}

/// Whoever owns one of the types may make and drop casts between them.
pub(super) fn check_owner_of_either(
    source: &TypeInfo,
    target: &TypeInfo,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if !ctx.env().may_act_as(source.owner)? && !ctx.env().may_act_as(target.owner)? {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "must be owner of type {} or type {}",
            shown(source.oid, ctx),
            shown(target.oid, ctx)
        ));
    }
    Ok(())
}
