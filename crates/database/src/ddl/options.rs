//! `WITH (...)` of relations.

use crate::context::StatementCtx;
use pglitedb_sql_parser::ast::{DefElem, DefValue, NumericOnly};
use pglitedb_sqlstate::{Error, Result, err};

/// Parameters that PostgreSQL knows for tables, indexes and views. They are kept and shown; those that tune what our
/// storage does not have (free space in pages, vacuum) have nothing to act on.
const KNOWN: &[&str] = &[
    "autosummarize",
    "autovacuum_analyze_scale_factor",
    "autovacuum_analyze_threshold",
    "autovacuum_enabled",
    "autovacuum_freeze_max_age",
    "autovacuum_freeze_min_age",
    "autovacuum_freeze_table_age",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_multixact_freeze_min_age",
    "autovacuum_multixact_freeze_table_age",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_max_threshold",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_threshold",
    "buffering",
    "check_option",
    "deduplicate_items",
    "fastupdate",
    "fillfactor",
    "gin_pending_list_limit",
    "log_autovacuum_min_duration",
    "pages_per_range",
    "parallel_workers",
    "security_barrier",
    "security_invoker",
    "toast_tuple_target",
    "user_catalog_table",
    "vacuum_index_cleanup",
    "vacuum_max_eager_freeze_failure_rate",
    "vacuum_truncate",
];

/// Text of an option's value.
pub fn value_text(value: &DefValue) -> Result<String> {
    Ok(match value {
        DefValue::String(text) => text.to_string(),
        DefValue::Number(NumericOnly::Integer(number)) => number.to_string(),
        DefValue::Number(NumericOnly::Numeric(text)) => text.to_string(),
        DefValue::Boolean(value) => value.to_string(),
        DefValue::Type(name) => super::util::dotted(&name.name),
        DefValue::Name(name) => super::util::dotted(name),
        _ => return Err(Error::unsupported("this kind of option value is not supported")),
    })
}

/// `reloptions` entries.
pub fn relation_options(options: &[DefElem], _ctx: &StatementCtx<'_>) -> Result<Vec<String>> {
    let mut out: Vec<String> = Vec::new();
    for option in options {
        let name = option.name.name.to_ascii_lowercase();
        if let Some(namespace) = &option.namespace {
            if &*namespace.name == "toast" {
                // Values are never stored out of line: options of such storage have nothing to act on.
                continue;
            }
            return Err(err!(
                INVALID_PARAMETER_VALUE,
                "unrecognized parameter namespace \"{}\"",
                namespace.name
            ));
        }
        if name == "oids" {
            return Err(err!(FEATURE_NOT_SUPPORTED, "tables declared WITH OIDS are not supported"));
        }
        if KNOWN.binary_search(&name.as_str()).is_err() {
            return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized parameter \"{name}\""));
        }
        let value = option.value.as_ref().map_or(Ok("true".to_owned()), value_text)?;
        if name == "fillfactor" {
            let number: Option<i32> = value.parse().ok();
            match number {
                None => {
                    return Err(err!(
                        INVALID_PARAMETER_VALUE,
                        "invalid value for integer option \"fillfactor\": {value}"
                    ));
                }
                Some(number) if !(10..=100).contains(&number) => {
                    return Err(err!(
                        INVALID_PARAMETER_VALUE,
                        "value {value} out of bounds for option \"fillfactor\""
                    )
                    .detail("Valid values are between \"10\" and \"100\"."));
                }
                Some(_) => {}
            }
        }
        let prefix = format!("{name}=");
        if out.iter().any(|known| known.starts_with(&prefix)) {
            return Err(err!(INVALID_PARAMETER_VALUE, "parameter \"{name}\" specified more than once"));
        }
        out.push(format!("{prefix}{value}"));
    }
    Ok(out)
}
