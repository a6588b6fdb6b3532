//! Properties of columns: DEFAULT, NOT NULL, STATISTICS, STORAGE, COMPRESSION, options.

use super::{Job, column_of, only_on};
use crate::context::StatementCtx;
use crate::ddl::util::constraint_rows;
use crate::ddl::{constraint, options, relation};
use pglitedb_analyzer::{ExprKind, bind_default};
use pglitedb_catalog::builtin::columns::{pg_attrdef, pg_attribute, pg_constraint};
use pglitedb_catalog::{RelKind, Relation, new_rows};
use pglitedb_query_tree::Expr;
use pglitedb_sql_parser::ast::{self, ColumnSelector, DefElem, Ident};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DropBehavior, ObjectAddress};
use pglitedb_types::{Datum, Oid};

/// `pg_attrdef_adrelid_adnum_index`
const DEFAULT_BY_COLUMN: Oid = 2656;

/// Removes a column's default (or generation expression) from the catalogs.
pub(super) fn forget_default(table: Oid, attnum: i16, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    let writer = ctx.writer()?;
    let keys = [Datum::Oid(table), Datum::Int2(attnum)];
    for (id, row) in writer.source().lookup(pg_attrdef::RELATION, DEFAULT_BY_COLUMN, &keys)? {
        let oid = row.get(pg_attrdef::OID).and_then(Datum::as_oid).unwrap_or(0);
        writer.delete_dependencies_of(ObjectAddress::new(pg_attrdef::RELATION, oid))?;
        writer.delete(pg_attrdef::RELATION, id)?;
    }
    writer.update_attribute(table, attnum, |row| {
        row[pg_attribute::ATTHASDEF] = Datum::Bool(false);
        Ok(())
    })
}

/// SET DEFAULT and DROP DEFAULT.
pub(super) fn set_default(
    table: &Relation,
    name: &Ident,
    default: Option<&ast::Expr>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::View], "ALTER COLUMN ... SET DEFAULT")?;
    let (attnum, column) = column_of(table, &name.name)?;
    if column.identity != 0 {
        let error = err!(
            SYNTAX_ERROR,
            "column \"{}\" of relation \"{}\" is an identity column",
            name.name,
            table.name
        );
        return Err(if default.is_none() {
            error.hint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.")
        } else {
            error
        });
    }
    if column.generated != 0 {
        let error = err!(
            SYNTAX_ERROR,
            "column \"{}\" of relation \"{}\" is a generated column",
            name.name,
            table.name
        );
        let verb = if default.is_some() { "SET" } else { "DROP" };
        return Err(error.hint(format!("Use ALTER TABLE ... ALTER COLUMN ... {verb} EXPRESSION instead.")));
    }
    // Bound before the old one goes, so that a wrong one changes nothing.
    let bound = default
        .map(|expr| {
            bind_default(
                expr,
                &column.name,
                column.type_oid,
                column.typmod,
                ExprKind::ColumnDefault,
                &ctx.analyze(),
            )
        })
        .transpose()?;
    forget_default(table.oid, attnum, ctx)?;
    match bound {
        Some(Expr::Const(constant)) if constant.value.is_null() => Ok(()),
        Some(bound) => relation::store_default(table.oid, attnum, &bound, false, ctx),
        None => Ok(()),
    }
}

/// SET NOT NULL.
pub(super) fn set_not_null(
    table: &Relation,
    name: &str,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... SET NOT NULL")?;
    let (attnum, column) = column_of(table, name)?;
    let known = table.checks.iter().find(|check| check.expression.is_none() && check.columns == [attnum]);
    match known {
        Some(known) if !known.validated => super::constraint_changes::validate(table, &known.name, job, ctx),
        Some(_) => Ok(()),
        None => {
            if !column.not_null {
                job.not_null.push(attnum);
            }
            constraint::ensure_not_null(table, attnum, ctx)
        }
    }
}

/// DROP NOT NULL.
pub(super) fn drop_not_null(table: &Relation, name: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... DROP NOT NULL")?;
    let (attnum, column) = column_of(table, name)?;
    if !column.not_null {
        return Ok(());
    }
    if column.identity != 0 {
        return Err(err!(
            SYNTAX_ERROR,
            "column \"{name}\" of relation \"{}\" is an identity column",
            table.name
        ));
    }
    refuse_if_needed(table, attnum, name)?;
    let rows = constraint_rows(table.oid, ctx)?;
    for (_, row) in rows {
        let is_own = matches!(row.get(pg_constraint::CONTYPE), Some(Datum::Char(b'n')))
            && matches!(row.get(pg_constraint::CONKEY), Some(Datum::Array(key))
                if key.values.first().and_then(Datum::as_i64) == Some(i64::from(attnum)));
        if is_own && let Some(oid) = row.get(pg_constraint::OID).and_then(Datum::as_oid) {
            let address = ObjectAddress::new(pg_constraint::RELATION, oid);
            crate::ddl::drop::drop_objects(&[address], DropBehavior::Restrict, ctx)?;
        }
    }
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pg_attribute::ATTNOTNULL] = Datum::Bool(false);
        Ok(())
    })
}

/// Key columns stay NOT NULL.
pub(super) fn refuse_if_needed(table: &Relation, attnum: i16, name: &str) -> Result<()> {
    let in_key =
        table.primary_key().is_some_and(|key| key.columns.iter().any(|column| column.attnum == attnum));
    if in_key {
        return Err(err!(INVALID_TABLE_DEFINITION, "column \"{name}\" is in a primary key"));
    }
    Ok(())
}

/// SET STATISTICS.
pub(super) fn set_statistics(
    table: &Relation,
    column: &ColumnSelector,
    value: Option<i32>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(
        table,
        &[RelKind::Table, RelKind::MaterializedView, RelKind::Index, RelKind::PartitionedTable],
        "ALTER COLUMN ... SET STATISTICS",
    )?;
    let attnum = match column {
        ColumnSelector::Name(name) => column_of(table, &name.name)?.0,
        ColumnSelector::Number(_) if table.kind != RelKind::Index => {
            return Err(err!(FEATURE_NOT_SUPPORTED, "cannot refer to non-index column by number"));
        }
        ColumnSelector::Number(number) => {
            let attnum = i16::try_from(*number).unwrap_or(0);
            let info = ctx.catalog().index(table.oid)?.ok_or_else(|| Error::internal("index is gone"))?;
            let missing = || {
                err!(UNDEFINED_COLUMN, "column number {number} of relation \"{}\" does not exist", table.name)
            };
            let column = table.column(attnum).ok_or_else(missing)?;
            let key = info.columns.get(usize::try_from(attnum - 1).unwrap_or(usize::MAX));
            match key {
                None => {
                    return Err(err!(
                        FEATURE_NOT_SUPPORTED,
                        "cannot alter statistics on included column \"{}\" of index \"{}\"",
                        column.name,
                        table.name
                    ));
                }
                Some(key) if key.attnum != 0 => {
                    return Err(err!(
                        FEATURE_NOT_SUPPORTED,
                        "cannot alter statistics on non-expression column \"{}\" of index \"{}\"",
                        column.name,
                        table.name
                    )
                    .hint("Alter statistics on table column instead."));
                }
                Some(_) => attnum,
            }
        }
    };
    let mut target = value.filter(|value| *value != -1);
    if let Some(value) = target {
        if value < 0 {
            return Err(err!(INVALID_PARAMETER_VALUE, "statistics target {value} is too low"));
        }
        if value > 10_000 {
            ctx.notice(
                err!(INVALID_PARAMETER_VALUE, "lowering statistics target to 10000")
                    .severity(Severity::Warning),
            );
            target = Some(10_000);
        }
    }
    let value = target.map_or(Datum::Null, |value| Datum::Int2(i16::try_from(value).unwrap_or(i16::MAX)));
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pg_attribute::ATTSTATTARGET] = value;
        Ok(())
    })
}

/// SET STORAGE.
pub(super) fn set_storage(table: &Relation, name: &str, storage: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::MaterializedView], "ALTER COLUMN ... SET STORAGE")?;
    let (attnum, column) = column_of(table, name)?;
    let info = ctx
        .catalog()
        .type_info(column.type_oid)?
        .ok_or_else(|| Error::internal("type of the column is gone"))?;
    let mode = match storage.to_ascii_lowercase().as_str() {
        "default" => info.storage,
        "plain" => b'p',
        "external" => b'e',
        "extended" => b'x',
        "main" => b'm',
        _ => return Err(err!(INVALID_PARAMETER_VALUE, "invalid storage type \"{storage}\"")),
    };
    if mode != b'p' && info.storage == b'p' {
        let shown = pglitedb_analyzer::format_type(column.type_oid, -1, &ctx.analyze())?;
        return Err(err!(FEATURE_NOT_SUPPORTED, "column data type {shown} can only have storage PLAIN"));
    }
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pg_attribute::ATTSTORAGE] = Datum::Char(mode);
        Ok(())
    })
}

/// SET COMPRESSION.
pub(super) fn set_compression(
    table: &Relation,
    name: &str,
    method: &str,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::MaterializedView], "ALTER COLUMN ... SET COMPRESSION")?;
    let (attnum, column) = column_of(table, name)?;
    let letter = match method {
        "default" => 0,
        "pglz" => b'p',
        "lz4" => b'l',
        _ => return Err(err!(INVALID_PARAMETER_VALUE, "invalid compression method \"{method}\"")),
    };
    let info = ctx.catalog().type_info(column.type_oid)?;
    if letter != 0 && info.is_none_or(|info| info.storage == b'p') {
        let shown = pglitedb_analyzer::format_type(column.type_oid, -1, &ctx.analyze())?;
        return Err(err!(FEATURE_NOT_SUPPORTED, "column data type {shown} does not support compression"));
    }
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pg_attribute::ATTCOMPRESSION] = Datum::Char(letter);
        Ok(())
    })
}

/// SET (...) and RESET (...) of a column: `n_distinct` and `n_distinct_inherited`.
pub(super) fn set_options(
    table: &Relation,
    name: &str,
    list: &[DefElem],
    reset: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::MaterializedView], "ALTER COLUMN ... SET")?;
    let (attnum, _) = column_of(table, name)?;
    let mut changes = Vec::new();
    for option in list {
        let key = option.name.name.to_ascii_lowercase();
        if !matches!(key.as_str(), "n_distinct" | "n_distinct_inherited") {
            return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized parameter \"{key}\""));
        }
        let value = option.value.as_ref().map(options::value_text).transpose()?;
        if reset {
            if value.is_some() {
                return Err(err!(SYNTAX_ERROR, "RESET must not include values for parameters"));
            }
            changes.push((key, None));
            continue;
        }
        let value = value.unwrap_or_else(|| "true".to_owned());
        let number: Option<f64> = value.parse().ok();
        match number {
            None => {
                return Err(err!(
                    INVALID_PARAMETER_VALUE,
                    "invalid value for floating point option \"{key}\": {value}"
                ));
            }
            Some(number) if number < -1.0 => {
                return Err(err!(INVALID_PARAMETER_VALUE, "value {value} out of bounds for option \"{key}\"")
                    .detail("Valid values are between \"-1.000000\" and \"179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000.000000\"."));
            }
            Some(_) => changes.push((key, Some(value))),
        }
    }
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pg_attribute::ATTOPTIONS] = changed_options(&row[pg_attribute::ATTOPTIONS], &changes);
        Ok(())
    })
}

/// An array of `name=value` with options set (`Some`) or removed.
pub(in crate::ddl) fn changed_options(old: &Datum, changes: &[(String, Option<String>)]) -> Datum {
    let mut kept: Vec<String> = match old {
        Datum::Array(array) => {
            array.values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in changes {
        kept.retain(|known| known.split_once('=').is_none_or(|(known, _)| known != name));
        if let Some(value) = value {
            kept.push(format!("{name}={value}"));
        }
    }
    new_rows::text_array(&kept.iter().map(String::as_str).collect::<Vec<_>>())
}
