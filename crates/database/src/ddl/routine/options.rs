//! The options of CREATE and ALTER FUNCTION.

use super::language;
use crate::context::StatementCtx;
use crate::ddl::acl;
use crate::ddl::object::{global_object, object_row};
use pglitedb_analyzer::lookup_function;
use pglitedb_catalog::Volatility;
use pglitedb_catalog::builtin::columns::{pg_language, pg_proc};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    self, FunctionOption, FunctionOptionKind as Kind, NumericOnly, SetKind, SetStatement,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, oids};

/// The options as they were given; `None`: not.
#[derive(Default)]
pub(super) struct Options<'a> {
    /// `AS`, with the offset of the option.
    pub definition: Option<(&'a [Box<str>], usize)>,
    pub language: Option<&'a str>,
    pub window: Option<bool>,
    pub strict: Option<bool>,
    pub volatility: Option<Volatility>,
    pub security_definer: Option<bool>,
    pub leakproof: Option<bool>,
    pub cost: Option<f32>,
    pub rows: Option<f32>,
    pub support: Option<Oid>,
    pub parallel: Option<u8>,
    /// Settings in order.
    pub settings: Vec<&'a SetStatement>,
}

fn conflicting(at: usize) -> Error {
    err!(SYNTAX_ERROR, "conflicting or redundant options").at(at)
}

fn set<T>(slot: &mut Option<T>, value: T, at: usize) -> Result<()> {
    if slot.is_some() {
        return Err(conflicting(at));
    }
    *slot = Some(value);
    Ok(())
}

fn number(value: &NumericOnly) -> f32 {
    match value {
        NumericOnly::Integer(value) => *value as f32,
        NumericOnly::Numeric(text) => text.parse().unwrap_or(f32::NAN),
    }
}

/// Reads an option list. Procedures have fewer options.
pub(super) fn read<'a>(
    list: &'a [FunctionOption],
    is_procedure: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Options<'a>> {
    let mut found = Options::default();
    for option in list {
        let at = option.span.offset();
        let functions_only = matches!(
            option.kind,
            Kind::Volatility(_)
                | Kind::Strict(_)
                | Kind::Leakproof(_)
                | Kind::Cost(_)
                | Kind::Rows(_)
                | Kind::Support(_)
                | Kind::Parallel(_)
                | Kind::Window
        );
        if is_procedure && functions_only {
            let what = "invalid attribute in procedure definition";
            return Err(err!(INVALID_FUNCTION_DEFINITION, "{what}").at(at));
        }
        match &option.kind {
            Kind::As(parts) => set(&mut found.definition, (parts.as_slice(), at), at)?,
            Kind::Language(name) => set(&mut found.language, &**name, at)?,
            Kind::Transform(_) => {
                return Err(Error::unsupported("TRANSFORM FOR TYPE is not supported yet").at(at));
            }
            Kind::Window => set(&mut found.window, true, at)?,
            Kind::Strict(strict) => set(&mut found.strict, *strict, at)?,
            Kind::Volatility(volatility) => {
                let volatility = match volatility {
                    ast::Volatility::Immutable => Volatility::Immutable,
                    ast::Volatility::Stable => Volatility::Stable,
                    ast::Volatility::Volatile => Volatility::Volatile,
                };
                set(&mut found.volatility, volatility, at)?;
            }
            Kind::SecurityDefiner(definer) => set(&mut found.security_definer, *definer, at)?,
            Kind::Leakproof(leakproof) => set(&mut found.leakproof, *leakproof, at)?,
            Kind::Cost(value) => {
                let cost = number(value);
                if cost.is_nan() || cost <= 0.0 {
                    return Err(err!(INVALID_PARAMETER_VALUE, "COST must be positive"));
                }
                set(&mut found.cost, cost, at)?;
            }
            Kind::Rows(value) => {
                let rows = number(value);
                if rows.is_nan() || rows <= 0.0 {
                    return Err(err!(INVALID_PARAMETER_VALUE, "ROWS must be positive"));
                }
                set(&mut found.rows, rows, at)?;
            }
            Kind::Support(name) => set(&mut found.support, support(name, ctx)?, at)?,
            Kind::Parallel(word) => set(&mut found.parallel, parallel(word.as_str())?, at)?,
            Kind::Set(statement) => found.settings.push(statement),
        }
    }
    Ok(found)
}

fn parallel(word: &str) -> Result<u8> {
    match word {
        "safe" => Ok(b's'),
        "unsafe" => Ok(b'u'),
        "restricted" => Ok(b'r'),
        _ => Err(err!(SYNTAX_ERROR, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE")),
    }
}

/// A support function takes and returns `internal`.
fn support(name: &ast::QualifiedName, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let found = lookup_function(name, Some(&[oids::INTERNAL]), &ctx.analyze())?;
    if found.return_type != oids::INTERNAL {
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "support function {} must return type {}",
            crate::ddl::util::dotted(name),
            "internal"
        ));
    }
    if !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser to specify a support function"));
    }
    Ok(found.oid)
}

/// The language of a name that the current user may use.
pub(super) fn language_named(name: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let address = match global_object(pg_language::RELATION, name, ctx) {
        Ok(address) => address,
        Err(error) if ["plperl", "plpython3u", "pltcl", "plperlu", "pltclu"].contains(&name) => {
            return Err(error.hint("Use CREATE EXTENSION to load the language into the database."));
        }
        Err(error) => return Err(error),
    };
    let row = object_row(address, ctx)?;
    let trusted = row.get(pg_language::LANPLTRUSTED).and_then(Datum::as_bool).unwrap_or(false)
        || address.object == language::SQL;
    if trusted {
        acl::require(address, "U", "language", name, ctx)?;
    } else if !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied for language {name}"));
    }
    Ok(address.object)
}

/// `proconfig` after the settings were applied to what was there.
pub(super) fn config(
    old: Vec<String>,
    settings: &[&SetStatement],
    ctx: &StatementCtx<'_>,
) -> Result<Vec<String>> {
    let mut list = old;
    for statement in settings {
        let (name, value) = match &statement.kind {
            SetKind::ResetAll => {
                list.clear();
                continue;
            }
            SetKind::Value { name, values } => (name, Some(crate::utility::set::value_text(name, values)?)),
            SetKind::Default { name } | SetKind::Reset { name } => (name, None),
            SetKind::Current { name } => {
                let value = ctx.env().setting(name)?;
                let value = value.ok_or_else(|| crate::settings::session::unrecognized(name))?;
                (name, Some(value))
            }
            _ => return Err(Error::internal("unexpected SET of a function")),
        };
        let value = match value {
            Some(value) => Some(ctx.env().check_setting(name, &value)?),
            None => None,
        };
        let known = list
            .iter()
            .position(|item| item.split_once('=').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name)));
        match (known, value) {
            (Some(at), Some((name, value))) => list[at] = format!("{name}={value}"),
            (Some(at), None) => drop(list.remove(at)),
            (None, Some((name, value))) => list.push(format!("{name}={value}")),
            (None, None) => {}
        }
    }
    Ok(list)
}

/// The address of a function.
pub(super) fn address(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_proc::RELATION, oid)
}
