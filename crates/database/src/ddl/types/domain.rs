//! CREATE DOMAIN, and the constraints of domains.

use super::{define, owner, place_of};
use crate::context::StatementCtx;
use crate::ddl::dependency;
use crate::ddl::util::{choose_constraint_name, constraint_object, type_object};
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_expr};
use pglitedb_analyzer::{ExprKind, bind_default, bind_domain_check, lookup_collation, resolve_type_name};
use pglitedb_catalog::builtin::columns::{pg_constraint, pg_type};
use pglitedb_catalog::new_rows;
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sql_parser::ast::{Constraint, ConstraintKind, CreateDomainStatement};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};
use std::sync::Arc;

/// `pg_constraint_contypid_index`
const CONSTRAINT_BY_TYPE: Oid = 2666;

/// CREATE DOMAIN.
pub fn create(stmt: &CreateDomainStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = place_of(&stmt.name, ctx)?;
    let (base_oid, typmod) = resolve_type_name(&stmt.type_name, &ctx.analyze())?;
    let base = ctx
        .catalog()
        .type_info(base_oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {base_oid}")))?;
    let shown = pglitedb_analyzer::format_type(base_oid, -1, &ctx.analyze())?;
    if base.kind == TypeKind::Pseudo {
        return Err(err!(DATATYPE_MISMATCH, "\"{shown}\" is not a valid base type for a domain")
            .at(stmt.type_name.span.offset()));
    }
    crate::ddl::column_type::require_usage(base_oid, ctx)?;
    let collation = match &stmt.collation {
        None => base.collation,
        Some((_, span)) if base.collation == 0 => {
            return Err(
                err!(DATATYPE_MISMATCH, "collations are not supported by type {shown}").at(span.offset())
            );
        }
        Some((name, _)) => lookup_collation(name, &ctx.analyze())?,
    };
    let (mut nullable, mut default): (Option<bool>, Option<&pglitedb_sql_parser::ast::Expr>) = (None, None);
    for constraint in &stmt.constraints {
        let at = constraint.span.offset();
        match &constraint.kind {
            ConstraintKind::Default(expr) => {
                if default.replace(expr).is_some() {
                    return Err(err!(SYNTAX_ERROR, "multiple default expressions").at(at));
                }
            }
            ConstraintKind::NotNull(_) if constraint.attributes.no_inherit => {
                return Err(err!(
                    INVALID_OBJECT_DEFINITION,
                    "not-null constraints for domains cannot be marked NO INHERIT"
                )
                .at(at));
            }
            ConstraintKind::NotNull(_) if nullable == Some(true) => {
                return Err(err!(SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints").at(at));
            }
            ConstraintKind::NotNull(_) => nullable = Some(false),
            ConstraintKind::Null if nullable == Some(false) => {
                return Err(err!(SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints").at(at));
            }
            ConstraintKind::Null => nullable = Some(true),
            ConstraintKind::Check(_) => {
                if constraint.attributes.no_inherit {
                    return Err(err!(
                        INVALID_OBJECT_DEFINITION,
                        "check constraints for domains cannot be marked NO INHERIT"
                    )
                    .at(at));
                }
            }
            other => return Err(refused(other).at(at)),
        }
    }
    let writer = ctx.writer()?;
    let info = TypeInfo {
        oid: writer.new_oid()?,
        name: Arc::from(place.name.as_str()),
        namespace: place.namespace,
        owner: owner(ctx),
        kind: TypeKind::Domain,
        is_preferred: false,
        relid: 0,
        element: 0,
        is_true_array: false,
        array: writer.new_oid()?,
        base_type: base_oid,
        base_typmod: typmod,
        not_null: nullable == Some(false),
        collation,
        range_subtype: 0,
        range_collation: 0,
        range_canonical: 0,
        io_type: 0,
        default: None,
        ..(*base).clone()
    };
    let default = default
        .map(|expr| {
            bind_default(expr, &place.name, base_oid, typmod, ExprKind::ColumnDefault, &ctx.analyze())
        })
        .transpose()?;
    let base_row = ctx.env().with_catalog(|catalog| catalog.row(pg_type::RELATION, u64::from(base_oid)))?;
    define(&info, base_row.as_deref(), ctx, |row| set_default(row, default.as_ref(), ctx))?;
    dependency::record_type(type_object(info.oid), base_oid, collation, ctx)?;
    if let Some(default) = &default {
        dependency::record_expr(type_object(info.oid), default, None, DependencyKind::Normal, ctx)?;
    }
    for constraint in &stmt.constraints {
        match &constraint.kind {
            ConstraintKind::Check(_) => {
                add_check(&info, constraint, ctx)?;
            }
            ConstraintKind::NotNull(_) => {
                add_not_null(&info, constraint.name.as_ref().map(|name| &*name.name), ctx)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Error for constraints that domains can't have.
fn refused(kind: &ConstraintKind) -> Error {
    match kind {
        ConstraintKind::Unique(_) => err!(SYNTAX_ERROR, "unique constraints not possible for domains"),
        ConstraintKind::PrimaryKey(_) => {
            err!(SYNTAX_ERROR, "primary key constraints not possible for domains")
        }
        ConstraintKind::Exclude { .. } => {
            err!(SYNTAX_ERROR, "exclusion constraints not possible for domains")
        }
        ConstraintKind::ForeignKey(_) => {
            err!(SYNTAX_ERROR, "foreign key constraints not possible for domains")
        }
        ConstraintKind::Generated { .. } | ConstraintKind::Identity { .. } => {
            err!(FEATURE_NOT_SUPPORTED, "specifying GENERATED not supported for domains")
        }
        ConstraintKind::Misplaced(_) => {
            err!(FEATURE_NOT_SUPPORTED, "specifying constraint deferrability not supported for domains")
        }
        _ => err!(SYNTAX_ERROR, "unrecognized constraint type for domains"),
    }
}

/// Sets both forms of a domain's default.
pub(super) fn set_default(row: &mut [Datum], default: Option<&Expr>, ctx: &StatementCtx<'_>) -> Result<()> {
    let is_null = matches!(default, Some(Expr::Const(constant)) if constant.value.is_null());
    match default.filter(|_| !is_null) {
        Some(bound) => {
            let text = deparse_expr(bound, None, DeparseStyle::line(false), &ctx.analyze())?;
            row[pg_type::TYPDEFAULTBIN] = Datum::text(&serial::expr_to_text(bound)?);
            row[pg_type::TYPDEFAULT] = Datum::text(&text);
        }
        None => {
            row[pg_type::TYPDEFAULTBIN] = Datum::Null;
            row[pg_type::TYPDEFAULT] = Datum::Null;
        }
    }
    Ok(())
}

/// Rows of a domain's constraints, with their ids.
pub(super) fn constraints(domain: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<(u64, Vec<Datum>)>> {
    use pglitedb_catalog::CatalogSource as _;
    ctx.writer()?.source().lookup(pg_constraint::RELATION, CONSTRAINT_BY_TYPE, &[Datum::Oid(domain)])
}

fn name_for(domain: &TypeInfo, given: Option<&str>, label: &str, ctx: &StatementCtx<'_>) -> Result<String> {
    let taken: Vec<String> = constraints(domain.oid, ctx)?
        .iter()
        .filter_map(|(_, row)| row.get(pg_constraint::CONNAME).and_then(Datum::as_str).map(str::to_owned))
        .collect();
    match given {
        Some(name) if taken.iter().any(|known| known == name) => {
            Err(err!(DUPLICATE_OBJECT, "constraint \"{name}\" for domain \"{}\" already exists", domain.name))
        }
        Some(name) => Ok(name.to_owned()),
        None => Ok(choose_constraint_name(&domain.name, "", label, &taken)),
    }
}

/// Adds a CHECK constraint; existing values are not looked at.
pub(super) fn add_check(domain: &TypeInfo, constraint: &Constraint, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let ConstraintKind::Check(expr) = &constraint.kind else {
        return Err(Error::internal("not a CHECK constraint"));
    };
    let bound =
        bind_domain_check(expr, domain.base_type, domain.base_typmod, domain.collation, &ctx.analyze())?;
    let name = name_for(domain, constraint.name.as_ref().map(|name| &*name.name), "check", ctx)?;
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let mut row = new_rows::constraint_row(oid, &name, domain.namespace, b'c', 0, &[]);
    row[pg_constraint::CONTYPID] = Datum::Oid(domain.oid);
    row[pg_constraint::CONBIN] = Datum::text(&serial::expr_to_text(&bound)?);
    row[pg_constraint::CONVALIDATED] = Datum::Bool(!constraint.attributes.not_valid);
    writer.insert(pg_constraint::RELATION, &row)?;
    let object = constraint_object(oid);
    writer.record_dependency(object, type_object(domain.oid), DependencyKind::Auto)?;
    dependency::record_expr(object, &bound, None, DependencyKind::Normal, ctx)?;
    Ok(oid)
}

/// Adds the row of a NOT NULL constraint.
pub(super) fn add_not_null(domain: &TypeInfo, name: Option<&str>, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let name = name_for(domain, name, "not_null", ctx)?;
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let mut row = new_rows::constraint_row(oid, &name, domain.namespace, b'n', 0, &[]);
    row[pg_constraint::CONTYPID] = Datum::Oid(domain.oid);
    writer.insert(pg_constraint::RELATION, &row)?;
    writer.record_dependency(constraint_object(oid), type_object(domain.oid), DependencyKind::Auto)?;
    Ok(oid)
}
