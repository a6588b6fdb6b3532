//! Enum types.

use super::{check_type_owner, define, owner, place_of};
use crate::context::StatementCtx;
use crate::ddl::object::type_by_name;
use crate::ddl::util::type_object;
use pglitedb_catalog::builtin::columns::pg_enum::{self, *};
use pglitedb_sql_parser::ast::{AlterEnumAction, AlterEnumStatement, CreateEnumStatement};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};

/// Bytes a label may have.
const LABEL_MAX: usize = 63;
/// `pg_enum_typid_sortorder_index`
const BY_ORDER: Oid = 3534;

fn check_label(label: &str) -> Result<()> {
    if label.len() > LABEL_MAX {
        return Err(err!(INVALID_NAME, "invalid enum label \"{label}\"")
            .detail(format!("Labels must be {LABEL_MAX} bytes or less.")));
    }
    Ok(())
}

/// Adds a label; returns its OID.
fn insert(type_oid: Oid, order: f32, label: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[ENUMTYPID] = Datum::Oid(type_oid);
    row[ENUMSORTORDER] = Datum::Float4(order);
    row[ENUMLABEL] = Datum::text(label);
    writer.insert(pg_enum::RELATION, &row)?;
    Ok(oid)
}

/// CREATE TYPE ... AS ENUM.
pub fn create(stmt: &CreateEnumStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = place_of(&stmt.name, ctx)?;
    let writer = ctx.writer()?;
    let info = TypeInfo {
        len: 4,
        by_value: true,
        category: b'E',
        array: writer.new_oid()?,
        ..TypeInfo::new(writer.new_oid()?, &place.name, place.namespace, owner(ctx), TypeKind::Enum)
    };
    for (at, label) in stmt.labels.iter().enumerate() {
        check_label(label)?;
        if stmt.labels[..at].contains(label) {
            return Err(err!(DUPLICATE_OBJECT, "enum label \"{label}\" used more than once"));
        }
    }
    define(&info, None, ctx, |_| Ok(()))?;
    ctx.env().new_enums.created(info.oid);
    for (at, label) in stmt.labels.iter().enumerate() {
        insert(info.oid, (at + 1) as f32, label, ctx)?;
    }
    Ok(())
}

struct Label {
    id: u64,
    order: f32,
    text: String,
}

fn labels(type_oid: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<Label>> {
    use pglitedb_catalog::CatalogSource as _;
    let rows = ctx.writer()?.source().lookup(pg_enum::RELATION, BY_ORDER, &[Datum::Oid(type_oid)])?;
    let mut labels: Vec<Label> = rows
        .into_iter()
        .map(|(id, row)| Label {
            id,
            order: if let Some(Datum::Float4(order)) = row.get(ENUMSORTORDER) { *order } else { 0.0 },
            text: row.get(ENUMLABEL).and_then(Datum::as_str).unwrap_or_default().to_owned(),
        })
        .collect();
    labels.sort_by(|a, b| a.order.total_cmp(&b.order));
    Ok(labels)
}

/// ALTER TYPE ... ADD VALUE, RENAME VALUE.
pub fn alter(stmt: &AlterEnumStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let info = type_by_name(&stmt.name, ctx)?;
    if info.kind != TypeKind::Enum {
        let shown = pglitedb_analyzer::format_type(info.oid, -1, &ctx.analyze())?;
        return Err(err!(WRONG_OBJECT_TYPE, "{shown} is not an enum"));
    }
    check_type_owner(&info, ctx)?;
    let lock = pglitedb_query_tree::TableLockMode::Exclusive;
    ctx.lock_object(pglitedb_catalog::builtin::columns::pg_type::RELATION, info.oid, lock)?;
    match &stmt.action {
        AlterEnumAction::Add { label, if_not_exists, neighbor } => {
            let neighbor = neighbor.as_ref().map(|(label, after)| (&**label, *after));
            add(info.oid, label, *if_not_exists, neighbor, ctx)
        }
        AlterEnumAction::Rename { old, new } => {
            check_label(new)?;
            let labels = labels(info.oid, ctx)?;
            let Some(own) = labels.iter().find(|label| *label.text == **old) else {
                return Err(err!(INVALID_PARAMETER_VALUE, "\"{old}\" is not an existing enum label"));
            };
            if labels.iter().any(|label| *label.text == **new) {
                return Err(err!(DUPLICATE_OBJECT, "enum label \"{new}\" already exists"));
            }
            ctx.writer()?
                .update(pg_enum::RELATION, own.id, |row| {
                    row[ENUMLABEL] = Datum::text(new);
                    Ok(())
                })
                .map(drop)
        }
        AlterEnumAction::Drop(_) => {
            Err(err!(FEATURE_NOT_SUPPORTED, "dropping an enum value is not implemented"))
        }
    }
}

fn add(
    type_oid: Oid,
    label: &str,
    if_not_exists: bool,
    neighbor: Option<(&str, bool)>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    check_label(label)?;
    let known = labels(type_oid, ctx)?;
    if known.iter().any(|known| known.text == label) {
        if if_not_exists {
            let notice = err!(DUPLICATE_OBJECT, "enum label \"{label}\" already exists, skipping");
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(err!(DUPLICATE_OBJECT, "enum label \"{label}\" already exists"));
    }
    let order = match place(&known, neighbor)? {
        Some(order) => order,
        None => {
            renumber(type_oid, &known, ctx)?;
            let known = labels(type_oid, ctx)?;
            place(&known, neighbor)?.ok_or_else(|| Error::internal("no room for an enum label"))?
        }
    };
    let oid = insert(type_oid, order, label, ctx)?;
    ctx.env().new_enums.added(type_oid, oid);
    Ok(())
}

/// The sort order of a new label; `None` if there is no number left between its neighbours.
fn place(known: &[Label], neighbor: Option<(&str, bool)>) -> Result<Option<f32>> {
    let Some((neighbor, after)) = neighbor else {
        return Ok(Some(known.last().map_or(1.0, |last| last.order + 1.0)));
    };
    let at = known
        .iter()
        .position(|known| known.text == neighbor)
        .ok_or_else(|| err!(INVALID_PARAMETER_VALUE, "\"{neighbor}\" is not an existing enum label"))?;
    let (low, high) = if after {
        (known.get(at), known.get(at + 1))
    } else {
        (at.checked_sub(1).and_then(|at| known.get(at)), known.get(at))
    };
    Ok(match (low, high) {
        (Some(low), None) => Some(low.order + 1.0),
        (None, Some(high)) => Some(high.order - 1.0),
        (Some(low), Some(high)) => {
            let middle = low.order + (high.order - low.order) / 2.0;
            (middle != low.order && middle != high.order).then_some(middle)
        }
        (None, None) => Some(1.0),
    })
}

/// Numbers the labels from 1 on. Stored values carry their number: this is for types without any.
fn renumber(type_oid: Oid, known: &[Label], ctx: &StatementCtx<'_>) -> Result<()> {
    let array = ctx.catalog().type_info(type_oid)?.map_or(0, |info| info.array);
    let writer = ctx.writer()?;
    for oid in [type_oid, array].into_iter().filter(|oid| *oid != 0) {
        let users = writer.dependents_on(type_object(oid))?;
        if users.iter().any(|user| user.depender != type_object(array)) {
            return Err(Error::unsupported(
                "there is no room for another enum label at this place, and the type is in use",
            ));
        }
    }
    // From the last on, so that no number is there twice at any time.
    for (at, label) in known.iter().enumerate().rev() {
        writer.update(pg_enum::RELATION, label.id, |row| {
            row[ENUMSORTORDER] = Datum::Float4((at + 1) as f32);
            Ok(())
        })?;
    }
    Ok(())
}
