//! CREATE TYPE ... AS RANGE: the range type, its multirange type, their array types and constructor functions.

use super::{Place, define_at, owner, place_or_shell};
use crate::context::StatementCtx;
use crate::ddl::define::{Options, function, may_execute, may_use_type, shown, without_position};
use crate::ddl::index::operator_class;
use crate::ddl::util::{NAME_MAX, creation_place, truncate_name, type_name_is_free, type_object};
use pglitedb_analyzer::{lookup_collation, resolve_type_name};
use pglitedb_catalog::builtin::columns::{pg_cast, pg_collation, pg_opclass, pg_proc, pg_range};
use pglitedb_catalog::new_objects::{INTERNAL_LANGUAGE, NewProc, cast_row, proc_row, range_row};
use pglitedb_catalog::new_rows::BOOTSTRAP_SUPERUSER;
use pglitedb_catalog::{ProcInfo, Volatility};
use pglitedb_sql_parser::ast::{CreateRangeStatement, Persistence, QualifiedName};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Oid, TypeInfo, TypeKind, oids};
use std::sync::Arc;

/// The B-tree access method.
const BTREE: Oid = 403;
const ATTRIBUTES: &[&str] =
    &["subtype", "subtype_opclass", "collation", "canonical", "subtype_diff", "multirange_type_name"];

/// What the range type is made of, 0 for what it does not have.
struct Parts {
    subtype: Arc<TypeInfo>,
    opclass: Oid,
    collation: Oid,
    canonical: Oid,
    difference: Oid,
}

/// CREATE TYPE ... AS RANGE.
pub fn create(stmt: &CreateRangeStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let options = Options::new(&stmt.definition);
    let place = place_or_shell(&stmt.name, ctx)?;
    if place.shell.is_none() && options.get("canonical")?.is_some() {
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "cannot specify a canonical function without a pre-created shell type"
        )
        .hint(
            "Create the type as a shell type, then create its canonicalization function, then do a full CREATE TYPE.",
        ));
    }
    let parts = parts(&options, place.shell, ctx)?;
    let multirange = multirange_place(&options, &place, ctx)?;
    let writer = ctx.writer()?;
    let range = TypeInfo {
        oid: place.shell.map_or_else(|| writer.new_oid(), Ok)?,
        array: writer.new_oid()?,
        ..range_type(&place, TypeKind::Range, parts.subtype.align, ctx)
    };
    let multi = TypeInfo {
        oid: multirange.shell.map_or_else(|| writer.new_oid(), Ok)?,
        array: writer.new_oid()?,
        ..range_type(&multirange, TypeKind::Multirange, range.align, ctx)
    };
    // The multirange type is described by this row as well: it comes first.
    writer.insert(
        pg_range::RELATION,
        &range_row([
            range.oid,
            parts.subtype.oid,
            multi.oid,
            parts.collation,
            parts.opclass,
            parts.canonical,
            parts.difference,
        ]),
    )?;
    define_at(&range, place.shell.is_some(), ctx)?;
    define_at(&multi, multirange.shell.is_some(), ctx)?;
    record_parts(&range, &multi, &parts, ctx)?;
    constructors(&range, &multi, &parts, ctx)
}

fn range_type(place: &Place, kind: TypeKind, align: u8, ctx: &StatementCtx<'_>) -> TypeInfo {
    TypeInfo {
        category: b'R',
        align: if align == b'd' { b'd' } else { b'i' },
        storage: b'x',
        ..TypeInfo::new(0, &place.name, place.namespace, owner(ctx), kind)
    }
}

fn parts(options: &Options<'_>, shell: Option<Oid>, ctx: &StatementCtx<'_>) -> Result<Parts> {
    if let Some(element) = options.unknown(ATTRIBUTES).next() {
        return Err(err!(SYNTAX_ERROR, "type attribute \"{}\" not recognized", element.name.name)
            .at(element.span.offset()));
    }
    for name in ATTRIBUTES {
        options.get(name)?;
    }
    let subtype = match options.get("subtype")? {
        Some(element) => {
            let name = crate::ddl::define::type_name(element)?;
            resolve_type_name(&name, &ctx.analyze()).map_err(without_position)?.0
        }
        None => return Err(err!(SYNTAX_ERROR, "type attribute \"subtype\" is required")),
    };
    let subtype = ctx
        .catalog()
        .type_info(subtype)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {subtype}")))?;
    if subtype.kind == TypeKind::Pseudo {
        return Err(err!(DATATYPE_MISMATCH, "range subtype cannot be {}", shown(subtype.oid, ctx)));
    }
    may_use_type(subtype.oid, ctx)?;
    let opclass = opclass(&subtype, options.name("subtype_opclass")?.as_ref(), ctx)?;
    let collation = match options.name("collation")? {
        None => subtype.collation,
        Some(name) if subtype.collation != 0 => {
            lookup_collation(&name, &ctx.analyze()).map_err(without_position)?
        }
        Some(_) => {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "range collation specified but subtype does not support collation"
            ));
        }
    };
    let canonical = match (options.name("canonical")?, shell) {
        (Some(name), Some(range)) => canonical_function(&name, range, ctx)?,
        _ => 0,
    };
    let difference = match options.name("subtype_diff")? {
        Some(name) => difference_function(&name, subtype.oid, ctx)?,
        None => 0,
    };
    Ok(Parts { subtype, opclass, collation, canonical, difference })
}

/// The operator class that orders the bounds.
fn opclass(subtype: &TypeInfo, name: Option<&QualifiedName>, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let Some(name) = name else {
        return operator_class(subtype.oid, None, BTREE, ctx).map(|(oid, _)| oid).map_err(|error| {
            error.hint(
                "You must specify an operator class for the range type or define a default operator class for the subtype.",
            )
        });
    };
    let (oid, _) = operator_class(subtype.oid, Some(name), BTREE, ctx)?;
    let info = ctx.catalog().opclass(oid)?.ok_or_else(|| Error::internal("operator class is gone"))?;
    let (default, _) = operator_class(info.input_type, None, BTREE, ctx).unwrap_or_default();
    let base = base_of(subtype.oid, ctx)?;
    let fits = info.input_type == subtype.oid
        || operator_class(base, None, BTREE, ctx).ok().map(|own| own.0) == Some(oid)
        || (info.input_type == oids::TEXT && matches!(base, oids::TEXT | oids::VARCHAR));
    if !fits {
        return Err(err!(
            DATATYPE_MISMATCH,
            "operator class \"{}\" does not accept data type {}",
            crate::ddl::util::dotted(name),
            shown(subtype.oid, ctx)
        ));
    }
    if oid != default && oid >= oids::FIRST_NORMAL_OID {
        return Err(Error::unsupported(format!(
            "ranges in the order of operator class \"{}\" are not supported yet",
            info.name
        )));
    }
    Ok(oid)
}

fn base_of(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let mut oid = oid;
    while let Some(info) = ctx.catalog().type_info(oid)?
        && info.kind == TypeKind::Domain
    {
        oid = info.base_type;
    }
    Ok(oid)
}

fn immutable(what: &str, info: &ProcInfo, types: &[Oid], ctx: &StatementCtx<'_>) -> Result<()> {
    if info.volatility != Volatility::Immutable {
        let text = crate::ddl::define::signature_text(&info.name, types, ctx);
        return Err(err!(INVALID_OBJECT_DEFINITION, "{what} {text} must be immutable"));
    }
    may_execute(info, ctx)
}

fn canonical_function(name: &QualifiedName, range: Oid, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let info = function(name, &[range], ctx)?;
    if info.return_type != range {
        let text = crate::ddl::define::signature_text(&info.name, &[range], ctx);
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "range canonical function {text} must return range type"
        ));
    }
    immutable("range canonical function", &info, &[range], ctx)?;
    Ok(info.oid)
}

fn difference_function(name: &QualifiedName, subtype: Oid, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let types = [subtype, subtype];
    let info = function(name, &types, ctx)?;
    if info.return_type != oids::FLOAT8 {
        let text = crate::ddl::define::signature_text(&info.name, &types, ctx);
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "range subtype diff function {text} must return type double precision"
        ));
    }
    immutable("range subtype diff function", &info, &types, ctx)?;
    Ok(info.oid)
}

/// Where the multirange type goes: as it was said, or beside the range type under a name made of its name.
fn multirange_place(options: &Options<'_>, range: &Place, ctx: &StatementCtx<'_>) -> Result<Place> {
    if let Some(name) = options.name("multirange_type_name")? {
        if let Some(known) =
            name.schema().map(|schema| crate::ddl::util::namespace_oid(schema, ctx)).transpose()?
            && ctx.catalog().type_oid(known, name.last())?.is_some_and(|oid| oid < oids::FIRST_NORMAL_OID)
        {
            return Err(err!(DUPLICATE_OBJECT, "type \"{}\" already exists", name.last()));
        }
        if name.parts.len() == 1 && *name.last() == *range.name {
            return Err(err!(DUPLICATE_OBJECT, "type \"{}\" already exists", range.name));
        }
        let place = creation_place(&name, Persistence::Permanent, ctx)?;
        type_name_is_free(place.namespace, &place.name, ctx)?;
        return Ok(Place { namespace: place.namespace, name: place.name, shell: None });
    }
    let name = match range.name.find("range") {
        Some(at) => format!("{}multi{}", &range.name[..at], &range.name[at..]),
        None => format!("{}_multirange", truncate_name(&range.name, NAME_MAX - "_multirange".len())),
    };
    let name = truncate_name(&name, NAME_MAX).to_owned();
    type_name_is_free(range.namespace, &name, ctx).map_err(|error| {
        error.detail(format!("Failed while creating a multirange type for type \"{}\".", range.name)).hint(
            "You can manually specify a multirange type name using the \"multirange_type_name\" attribute.",
        )
    })?;
    Ok(Place { namespace: range.namespace, name, shell: None })
}

fn record_parts(range: &TypeInfo, multi: &TypeInfo, parts: &Parts, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let object = type_object(range.oid);
    crate::ddl::dependency::record_type(object, parts.subtype.oid, 0, ctx)?;
    for (class, oid) in [
        (pg_opclass::RELATION, parts.opclass),
        (pg_collation::RELATION, parts.collation),
        (pg_proc::RELATION, parts.canonical),
        (pg_proc::RELATION, parts.difference),
    ] {
        if oid >= oids::FIRST_NORMAL_OID {
            writer.record_dependency(object, ObjectAddress::new(class, oid), DependencyKind::Normal)?;
        }
    }
    writer.record_dependency(type_object(multi.oid), object, DependencyKind::Internal)
}

/// The functions that make ranges of bounds and multiranges of ranges. They bear the types' names.
fn constructors(range: &TypeInfo, multi: &TypeInfo, parts: &Parts, ctx: &StatementCtx<'_>) -> Result<()> {
    let subtype = parts.subtype.oid;
    let make = |of: &TypeInfo, source: &str, args: &[Oid], variadic: Oid| -> Result<Oid> {
        let writer = ctx.writer()?;
        let oid = writer.new_oid()?;
        let modes = if variadic == 0 { &b""[..] } else { b"v" };
        let row = proc_row(&NewProc {
            oid,
            name: &of.name,
            namespace: of.namespace,
            owner: BOOTSTRAP_SUPERUSER,
            language: INTERNAL_LANGUAGE,
            kind: b'f',
            strict: of.kind == TypeKind::Multirange,
            volatility: b'i',
            parallel: b's',
            variadic,
            return_type: of.oid,
            arg_types: args,
            all_arg_types: if variadic == 0 { &[] } else { args },
            arg_modes: modes,
            arg_names: &[],
            source,
        });
        writer.insert(pg_proc::RELATION, &row)?;
        let object = ObjectAddress::new(pg_proc::RELATION, oid);
        writer.record_dependency(object, type_object(of.oid), DependencyKind::Internal)?;
        Ok(oid)
    };
    make(range, "range_constructor2", &[subtype, subtype], 0)?;
    make(range, "range_constructor3", &[subtype, subtype, oids::TEXT], 0)?;
    make(multi, "multirange_constructor0", &[], 0)?;
    let cast_function = make(multi, "multirange_constructor1", &[range.oid], 0)?;
    make(multi, "multirange_constructor2", &[range.array], range.oid)?;
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let cast = cast_row(oid, range.oid, multi.oid, cast_function, b'e', b'f');
    writer.insert(pg_cast::RELATION, &cast)?;
    let cast = ObjectAddress::new(pg_cast::RELATION, oid);
    for object in
        [type_object(range.oid), type_object(multi.oid), ObjectAddress::new(pg_proc::RELATION, cast_function)]
    {
        writer.record_dependency(cast, object, DependencyKind::Internal)?;
    }
    Ok(())
}
