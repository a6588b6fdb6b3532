//! What settings there are.

use pglitedb_catalog::builtin::{self, SettingInfo};

/// A setting, built in or one of the few that `pg_settings` does not list.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// As PostgreSQL describes it.
    pub info: SettingInfo,
    /// Value that a session begins with unless the configuration says otherwise.
    pub default: &'static str,
}

/// Settings that `pg_settings` and `SHOW ALL` leave out.
const HIDDEN: [SettingInfo; 4] = [
    hidden("is_superuser", "internal", "bool"),
    hidden("role", "user", "string"),
    hidden("seed", "user", "real"),
    hidden("session_authorization", "user", "string"),
];

const fn hidden(name: &'static str, context: &'static str, kind: &'static str) -> SettingInfo {
    SettingInfo {
        name,
        value: "",
        unit: None,
        category: "",
        context,
        kind,
        min: None,
        max: None,
        choices: &[],
        boot: None,
    }
}

/// Defaults that differ from the boot values of the list: what initdb sets, and what describes this program.
const DEFAULTS: &[(&str, &str)] = &[
    ("application_name", ""),
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("config_file", ""),
    ("data_directory", ""),
    ("default_text_search_config", "pg_catalog.english"),
    ("default_transaction_isolation", "read committed"),
    ("hba_file", ""),
    ("ident_file", ""),
    ("is_superuser", "on"),
    ("lc_messages", "C"),
    ("lc_monetary", "C"),
    ("lc_numeric", "C"),
    ("lc_time", "C"),
    ("log_timezone", "Etc/UTC"),
    ("max_stack_depth", "2048"),
    ("role", "none"),
    ("search_path", "\"$user\", public"),
    ("seed", "0"),
    ("server_encoding", "UTF8"),
    ("server_version", "18.6"),
    ("server_version_num", "180006"),
    ("session_authorization", ""),
    ("TimeZone", "Etc/UTC"),
    ("transaction_isolation", "read committed"),
];

/// Settings that the protocol reports to clients when they change.
pub const REPORTED: [&str; 15] = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "scram_iterations",
    "search_path",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
];

/// Lists of names: several values may be given, and are quoted as identifiers where needed.
const QUOTED_LISTS: [&str; 7] = [
    "createrole_self_grant",
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// Other lists.
const PLAIN_LISTS: [&str; 9] = [
    "DateStyle",
    "backtrace_functions",
    "debug_io_direct",
    "listen_addresses",
    "log_connections",
    "log_destination",
    "restrict_nonsystem_relation_kind",
    "synchronous_standby_names",
    "wal_consistency_checking",
];

/// The setting of a name; case does not matter.
pub fn definition(name: &str) -> Option<Definition> {
    let info = match builtin::setting(name) {
        Some(info) => *info,
        None => *HIDDEN.iter().find(|info| info.name.eq_ignore_ascii_case(name))?,
    };
    Some(Definition { info, default: default_of(&info) })
}

/// All settings that are shown, by name.
pub fn definitions() -> impl Iterator<Item = Definition> {
    builtin::settings().iter().map(|info| Definition { info: *info, default: default_of(info) })
}

fn default_of(info: &SettingInfo) -> &'static str {
    match DEFAULTS.iter().find(|(name, _)| *name == info.name) {
        Some((_, value)) => value,
        // What the program itself reports has no useful boot value.
        None if info.context == "internal" => info.value,
        None => info.boot.unwrap_or(""),
    }
}

impl Definition {
    /// Is it a list of names, which `SET` quotes?
    pub fn is_quoted_list(&self) -> bool {
        QUOTED_LISTS.contains(&self.info.name)
    }

    /// May `SET` give several values?
    pub fn is_list(&self) -> bool {
        self.is_quoted_list() || PLAIN_LISTS.contains(&self.info.name)
    }

    /// Do clients hear of changes?
    pub fn is_reported(&self) -> bool {
        REPORTED.contains(&self.info.name)
    }

    /// Do cached plans depend on it?
    pub fn affects_plans(&self) -> bool {
        let name = self.info.name;
        self.info.category.starts_with("Query Tuning")
            || matches!(
                name,
                "DateStyle"
                    | "IntervalStyle"
                    | "TimeZone"
                    | "array_nulls"
                    | "bytea_output"
                    | "extra_float_digits"
                    | "work_mem"
                    | "hash_mem_multiplier"
                    | "transform_null_equals"
                    | "default_text_search_config"
                    | "timezone_abbreviations"
                    | "xmloption"
                    | "session_replication_role"
                    | "row_security"
            )
    }
}
