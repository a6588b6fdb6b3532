//! Values of settings in the form in which code looks at them.

use super::store::Settings;
use crate::transaction::block::parse_isolation;
use pglitedb_planner::Settings as PlannerSettings;
use pglitedb_sql_parser::ast::IsolationLevel;
use pglitedb_sqlstate::{Result, Severity};
use pglitedb_storage::CommitMode;
use pglitedb_types::TimeZone;
use pglitedb_types::env::{DateOrder, DateStyle, FormatSettings, IntervalStyle};
use std::sync::Arc;
use std::time::Duration;

/// Typed values of the settings that are looked at often.
#[derive(Clone, Debug)]
pub struct Effective {
    /// For the planner.
    pub planner: Arc<PlannerSettings>,
    /// `standard_conforming_strings`
    pub standard_strings: bool,
    /// `escape_string_warning`
    pub escape_warning: bool,
    /// Least severity of notices sent to the client.
    pub client_min_messages: Severity,
    /// `statement_timeout`
    pub statement_timeout: Duration,
    /// `transaction_timeout`
    pub transaction_timeout: Duration,
    /// `lock_timeout`
    pub lock_timeout: Duration,
    /// `deadlock_timeout`
    pub deadlock_timeout: Duration,
    /// `idle_in_transaction_session_timeout`
    pub idle_in_transaction_timeout: Duration,
    /// `idle_session_timeout`
    pub idle_session_timeout: Duration,
    /// `synchronous_commit`
    pub commit_mode: CommitMode,
    /// `row_security`
    pub row_security: bool,
    /// `default_transaction_isolation`
    pub default_isolation: IsolationLevel,
    /// `default_transaction_read_only`
    pub default_read_only: bool,
    /// `default_transaction_deferrable`
    pub default_deferrable: bool,
    /// `check_function_bodies`
    pub check_function_bodies: bool,
}

impl Default for Effective {
    fn default() -> Self {
        Effective {
            planner: Arc::default(),
            standard_strings: true,
            escape_warning: true,
            client_min_messages: Severity::Notice,
            statement_timeout: Duration::ZERO,
            transaction_timeout: Duration::ZERO,
            lock_timeout: Duration::ZERO,
            deadlock_timeout: Duration::from_secs(1),
            idle_in_transaction_timeout: Duration::ZERO,
            idle_session_timeout: Duration::ZERO,
            commit_mode: CommitMode::Engine,
            row_security: true,
            default_isolation: IsolationLevel::ReadCommitted,
            default_read_only: false,
            default_deferrable: false,
            check_function_bodies: true,
        }
    }
}

impl Effective {
    /// Takes over the new value of a setting.
    pub fn apply(&mut self, name: &str, settings: &Settings) {
        let Some(value) = settings.get(name) else { return };
        let on = &*value == "on";
        let millis = || Duration::from_millis(value.parse().unwrap_or(0));
        match name.to_ascii_lowercase().as_str() {
            "standard_conforming_strings" => self.standard_strings = on,
            "escape_string_warning" => self.escape_warning = on,
            "client_min_messages" => self.client_min_messages = severity(&value),
            "statement_timeout" => self.statement_timeout = millis(),
            "transaction_timeout" => self.transaction_timeout = millis(),
            "lock_timeout" => self.lock_timeout = millis(),
            "deadlock_timeout" => self.deadlock_timeout = millis(),
            "idle_in_transaction_session_timeout" => self.idle_in_transaction_timeout = millis(),
            "idle_session_timeout" => self.idle_session_timeout = millis(),
            "synchronous_commit" => {
                self.commit_mode = if &*value == "off" { CommitMode::Async } else { CommitMode::Engine };
            }
            "row_security" => self.row_security = on,
            "default_transaction_isolation" => self.default_isolation = parse_isolation(&value),
            "default_transaction_read_only" => self.default_read_only = on,
            "default_transaction_deferrable" => self.default_deferrable = on,
            "check_function_bodies" => self.check_function_bodies = on,
            name => self.apply_planner(name, &value, on),
        }
    }

    fn apply_planner(&mut self, name: &str, value: &str, on: bool) {
        let number = value.parse::<f64>();
        let planner = Arc::make_mut(&mut self.planner);
        let slot = match name {
            "seq_page_cost" => &mut planner.seq_page_cost,
            "random_page_cost" => &mut planner.random_page_cost,
            "cpu_tuple_cost" => &mut planner.cpu_tuple_cost,
            "cpu_index_tuple_cost" => &mut planner.cpu_index_tuple_cost,
            "cpu_operator_cost" => &mut planner.cpu_operator_cost,
            "effective_cache_size" => &mut planner.effective_cache_size,
            "work_mem" => &mut planner.work_mem,
            "hash_mem_multiplier" => &mut planner.hash_mem_multiplier,
            "join_collapse_limit" => {
                if let Ok(limit) = value.parse() {
                    planner.join_search_limit = limit;
                }
                return;
            }
            _ => {
                let switch = match name {
                    "enable_seqscan" => &mut planner.enable_seqscan,
                    "enable_indexscan" => &mut planner.enable_indexscan,
                    "enable_indexonlyscan" => &mut planner.enable_indexonlyscan,
                    "enable_bitmapscan" => &mut planner.enable_bitmapscan,
                    "enable_nestloop" => &mut planner.enable_nestloop,
                    "enable_hashjoin" => &mut planner.enable_hashjoin,
                    "enable_mergejoin" => &mut planner.enable_mergejoin,
                    "enable_hashagg" => &mut planner.enable_hashagg,
                    "enable_sort" => &mut planner.enable_sort,
                    "enable_presorted_aggregate" => &mut planner.enable_presorted_aggregate,
                    "enable_incremental_sort" => &mut planner.enable_incremental_sort,
                    "enable_material" => &mut planner.enable_material,
                    "enable_memoize" => &mut planner.enable_memoize,
                    _ => return,
                };
                *switch = on;
                return;
            }
        };
        if let Ok(number) = number {
            *slot = number;
        }
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "log" => Severity::Log,
        "notice" => Severity::Notice,
        "warning" => Severity::Warning,
        "error" => Severity::Error,
        _ => Severity::Debug,
    }
}

/// Does a change of this setting change how values are read and printed?
pub fn is_format_setting(name: &str) -> bool {
    let known = [
        "DateStyle",
        "IntervalStyle",
        "TimeZone",
        "extra_float_digits",
        "bytea_output",
        "xmloption",
        "array_nulls",
        "max_stack_depth",
    ];
    known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Input and output settings from the session's values.
pub fn format_settings(settings: &Settings) -> FormatSettings {
    let mut format = FormatSettings::default();
    let get = |name: &str| settings.get(name).unwrap_or_else(|| Arc::from(""));
    if let Ok((style, order)) = parse_date_style(&get("DateStyle"), DateStyle::Iso, DateOrder::Mdy) {
        (format.date_style, format.date_order) = (style, order);
    }
    format.interval_style = match &*get("IntervalStyle") {
        "postgres_verbose" => IntervalStyle::PostgresVerbose,
        "sql_standard" => IntervalStyle::SqlStandard,
        "iso_8601" => IntervalStyle::Iso8601,
        _ => IntervalStyle::Postgres,
    };
    if let Some(zone) = parse_time_zone(&get("TimeZone")) {
        format.time_zone = zone;
    }
    format.extra_float_digits = get("extra_float_digits").parse().unwrap_or(1);
    format.bytea_escape = &*get("bytea_output") == "escape";
    format.xml_document = &*get("xmloption") == "document";
    format.array_nulls = &*get("array_nulls") == "on";
    format.max_stack_depth = get("max_stack_depth").parse().unwrap_or(format.max_stack_depth);
    format
}

/// A time zone as `SET TimeZone` takes it: a name, an abbreviation rule, or a number of hours east.
pub fn parse_time_zone(value: &str) -> Option<TimeZone> {
    let text = value.trim();
    if let Ok(hours) = text.parse::<f64>() {
        let seconds = (hours * 3600.0).round();
        return (seconds.abs() < 168.0 * 3600.0).then(|| TimeZone::from_offset(seconds as i32)).flatten();
    }
    TimeZone::named(text)
}

/// `DateStyle`: words of style and order in any sequence; what is not said stays as it was.
pub fn parse_date_style(value: &str, style: DateStyle, order: DateOrder) -> Result<(DateStyle, DateOrder)> {
    let (mut new_style, mut new_order) = (None, None);
    let mut conflict = false;
    for word in value.split(',') {
        let word = word.trim().trim_matches('"').to_ascii_lowercase();
        let mut set_style = |value: DateStyle| {
            conflict |= new_style.is_some_and(|old| old != value);
            new_style = Some(value);
        };
        match word.as_str() {
            "iso" => set_style(DateStyle::Iso),
            "sql" => set_style(DateStyle::Sql),
            "german" => {
                set_style(DateStyle::German);
                new_order.get_or_insert(DateOrder::Dmy);
            }
            "default" => {
                new_style.get_or_insert(DateStyle::Iso);
                new_order.get_or_insert(DateOrder::Mdy);
            }
            word if word.starts_with("postgres") => set_style(DateStyle::Postgres),
            "ymd" => new_order = Some(DateOrder::Ymd),
            word if word == "dmy" || word.starts_with("euro") => new_order = Some(DateOrder::Dmy),
            word if word == "mdy" || word == "us" || word.starts_with("noneuro") => {
                new_order = Some(DateOrder::Mdy)
            }
            word => {
                return Err(super::value::invalid_value("DateStyle", value)
                    .detail(format!("Unrecognized key word: \"{word}\".")));
            }
        }
    }
    if conflict {
        return Err(super::value::invalid_value("DateStyle", value)
            .detail("Conflicting \"DateStyle\" specifications."));
    }
    Ok((new_style.unwrap_or(style), new_order.unwrap_or(order)))
}

/// `DateStyle` as it is shown.
pub fn print_date_style(style: DateStyle, order: DateOrder) -> String {
    let style = match style {
        DateStyle::Iso => "ISO",
        DateStyle::Sql => "SQL",
        DateStyle::Postgres => "Postgres",
        DateStyle::German => "German",
    };
    let order = match order {
        DateOrder::Ymd => "YMD",
        DateOrder::Dmy => "DMY",
        DateOrder::Mdy => "MDY",
    };
    format!("{style}, {order}")
}
