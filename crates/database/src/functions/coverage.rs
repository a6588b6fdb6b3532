//! Which of the functions that PostgreSQL ships with are there.

use super::registry;
use pglitedb_catalog::{ProcInfo, ProcKind, builtin};
use pglitedb_functions::coverage::{Proc, status};
use pglitedb_types::Oid;

pub use pglitedb_functions::coverage::Status;

/// A built-in function.
pub struct Coverage {
    /// Its name with the types of its arguments, such as `abs(int4)`.
    pub signature: String,
    /// Whether it is there. An aggregate is if its transition and final functions are.
    pub status: Status,
}

/// All functions of `pg_proc` as PostgreSQL ships it, in the order of their OIDs.
pub fn coverage() -> Vec<Coverage> {
    builtin::procs().map(|proc| Coverage { signature: signature(&proc), status: status_of(&proc) }).collect()
}

fn signature(proc: &ProcInfo) -> String {
    let name = |oid: &Oid| match builtin::type_info(*oid) {
        Some(info) => info.name.to_string(),
        None => oid.to_string(),
    };
    let types: Vec<String> = proc.arg_types.iter().map(name).collect();
    format!("{}({})", proc.name, types.join(", "))
}

fn status_of(proc: &ProcInfo) -> Status {
    const LANGUAGES: [(Oid, &str); 3] = [(12, "internal"), (13, "c"), (14, "sql")];
    if proc.kind == ProcKind::Aggregate {
        let Some(aggregate) = builtin::aggregate(proc.oid) else { return Status::Missing };
        let parts = [aggregate.trans_fn, aggregate.final_fn];
        let is_there = |oid: &Oid| {
            *oid == 0 || builtin::proc(*oid).is_some_and(|part| status_of(&part) == Status::Registered)
        };
        return if parts.iter().all(is_there) { Status::Registered } else { Status::Missing };
    }
    let language = LANGUAGES.iter().find(|(oid, _)| *oid == proc.language).map_or("", |(_, name)| name);
    status(registry(), &Proc { oid: proc.oid, source: &proc.source, language })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_and_machinery_are_told_apart() {
        let all = coverage();
        let status =
            |signature: &str| all.iter().find(|one| one.signature == signature).map(|one| one.status);
        assert_eq!(status("abs(int4)"), Some(Status::Registered));
        assert_eq!(status("sum(int4)"), Some(Status::Registered));
        assert!(matches!(status("bthandler(internal)"), Some(Status::Internal(_))));
    }
}
