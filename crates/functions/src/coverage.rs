//! Which of PostgreSQL's built-in functions are implemented, which are missing, and which make no sense outside of
//! PostgreSQL's own code.

use crate::registry::Registry;
use pglitedb_types::Oid;

/// What a `pg_proc` row must tell to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Proc<'a> {
    /// `pg_proc.oid`
    pub oid: Oid,
    /// `pg_proc.prosrc`
    pub source: &'a str,
    /// Name of the language: `internal`, `c` or `sql`.
    pub language: &'a str,
}

/// Implemented, missing or not applicable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Registered.
    Registered,
    /// Not registered yet.
    Missing,
    /// Part of PostgreSQL's machinery; the text says of which.
    Internal(&'static str),
}

/// Sources by prefix (`x*`), suffix (`*x`) or whole, and why they are not for us.
const INTERNAL: &[(&str, &str)] = &[
    ("brin*", "support of the BRIN access method, called by index code only"),
    ("gin*", "support of the GIN access method, called by index code only"),
    ("gist*", "support of the GiST access method, called by index code only"),
    ("range_gist*", "support of the GiST access method, called by index code only"),
    ("multirange_gist*", "support of the GiST access method, called by index code only"),
    ("inet_gist*", "support of the GiST access method, called by index code only"),
    ("gtsvector_*", "support of the GiST access method, called by index code only"),
    ("gtsquery_*", "support of the GiST access method, called by index code only"),
    ("inet_spg*", "support of the SP-GiST access method, called by index code only"),
    ("spg*", "support of the SP-GiST access method, called by index code only"),
    ("*handler", "entry point of an access method or language implemented in C"),
    ("tsm_*", "entry point of a sampling method implemented in C"),
    ("*_subscript_handler", "entry point of subscripting implemented in C"),
    ("*_support", "planner support: takes and returns planner nodes"),
    ("*sortsupport", "sort support: takes a C structure"),
    ("*skipsupport", "skip support: takes a C structure"),
    ("*sel", "selectivity estimator: takes planner structures"),
    ("*typanalyze", "ANALYZE support: takes a C structure"),
    ("*recv", "binary input: takes a message buffer, which SQL cannot make"),
    ("*_serialize", "state of an aggregate between parallel workers, of which there are none"),
    ("*_deserialize", "state of an aggregate between parallel workers, of which there are none"),
    ("*_combine", "state of an aggregate between parallel workers, of which there are none"),
    ("RI_FKey*", "trigger of foreign keys, which are part of the executor"),
    ("unique_key_recheck", "trigger of deferred unique constraints, which are part of the executor"),
    ("binary_upgrade_*", "for pg_upgrade"),
    ("dsimple_*", "template of text search dictionaries: takes C structures"),
    ("dsynonym_*", "template of text search dictionaries: takes C structures"),
    ("dispell_*", "template of text search dictionaries: takes C structures"),
    ("thesaurus_*", "template of text search dictionaries: takes C structures"),
    ("dsnowball_*", "template of text search dictionaries: takes C structures"),
    ("prsd_*", "text search parser: takes C structures"),
    ("fmgr_*_validator", "checks a function's definition; CREATE FUNCTION does that itself"),
    ("plpgsql_*", "entry point of a language implemented in C"),
    ("postgresql_fdw_validator", "for tests of PostgreSQL's foreign data wrappers"),
    ("aggregate_dummy", "stands for aggregates, which pg_aggregate describes"),
    ("matchingsel*", "selectivity estimator: takes planner structures"),
    ("pg_stop_making_pinned_objects", "for initdb"),
    ("btequalimage", "asked by the B-tree code whether equal values are identical"),
    ("btvarstrequalimage", "asked by the B-tree code whether equal values are identical"),
];

fn matches(pattern: &str, source: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == source,
        Some((start, end)) => {
            source.len() >= start.len() + end.len() && source.starts_with(start) && source.ends_with(end)
        }
    }
}

/// The reason if a function is part of PostgreSQL's machinery.
pub fn internal_reason(proc: &Proc<'_>) -> Option<&'static str> {
    let conversion = [
        "_to_utf8",
        "_to_mic",
        "mic_to_",
        "utf8_to_",
        "win1250_to",
        "win1251_to",
        "win866_to",
        "koi8r_to",
        "iso_to",
        "latin2_to",
        "euc_",
        "big5_to",
        "sjis_to",
    ];
    if proc.language == "c" && conversion.iter().any(|part| proc.source.contains(part)) {
        return Some(
            "conversion between encodings: takes buffers of bytes; the database is UTF-8 throughout",
        );
    }
    INTERNAL.iter().find(|(pattern, _)| matches(pattern, proc.source)).map(|(_, reason)| *reason)
}

/// The state of one function.
pub fn status(registry: &Registry, proc: &Proc<'_>) -> Status {
    if registry.get_for(proc.oid, proc.source).is_some() {
        return Status::Registered;
    }
    internal_reason(proc).map_or(Status::Missing, Status::Internal)
}

/// How many rows of `pg_proc` are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Registered.
    pub registered: usize,
    /// Missing.
    pub missing: usize,
    /// Part of PostgreSQL's machinery.
    pub internal: usize,
}

/// Counts rows of `pg_proc`.
pub fn counts<'a>(registry: &Registry, procs: impl IntoIterator<Item = Proc<'a>>) -> Counts {
    let mut counts = Counts::default();
    for proc in procs {
        match status(registry, &proc) {
            Status::Registered => counts.registered += 1,
            Status::Missing => counts.missing += 1,
            Status::Internal(_) => counts.internal += 1,
        }
    }
    counts
}

/// The functions that are missing.
pub fn missing<'a>(registry: &Registry, procs: impl IntoIterator<Item = Proc<'a>>) -> Vec<Proc<'a>> {
    procs.into_iter().filter(|proc| status(registry, proc) == Status::Missing).collect()
}
