//! Definitions of the system views.
//!
//! `data/*.sql` holds one SELECT for each view, in our own words; names, columns and types are PostgreSQL's. The session
//! binds a definition when the view is first used. A view without a definition is not supported yet.

use super::relation::builtin_relation;
use crate::Relation;
use pglitedb_types::{Oid, builtin_type, quote_identifier};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

static DEFINITIONS: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    [include_str!("../../data/system_views.sql"), include_str!("../../data/information_schema.sql")]
        .iter()
        .flat_map(|text| text.split("--@ ").skip(1))
        .filter_map(|part| part.split_once('\n'))
        .map(|(name, text)| (name.trim(), text.trim()))
        .collect()
});

/// The SQL text of a system view; `None` if the relation is no system view or has no definition yet. All names in it
/// that are not in `pg_catalog` are qualified: bind it with the search path `pg_catalog`.
pub fn system_view(oid: Oid) -> Option<String> {
    let relation = builtin_relation(oid)?;
    let name = format!("{}.{}", relation.namespace_name, relation.name);
    let text = DEFINITIONS.get(name.as_str())?;
    if &*relation.namespace_name == "pg_catalog" {
        return Some((*text).to_owned());
    }
    Some(with_column_types(&relation, text))
}

/// The views of the information schema have domains as column types; their texts leave the casts to this.
fn with_column_types(view: &Relation, text: &str) -> String {
    let mut casts = String::new();
    let mut names = String::new();
    for (at, column) in view.columns.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let name = quote_identifier(&column.name);
        let _ = write!(casts, "{comma}CAST(v.{name} AS {}) AS {name}", type_name(column.type_oid));
        let _ = write!(names, "{comma}{name}");
    }
    format!("SELECT {casts} FROM (\n{text}\n) AS v({names})")
}

fn type_name(oid: Oid) -> String {
    let (namespace, name) = match super::type_info(oid) {
        Some(info) => (info.namespace, info.name.to_string()),
        None => (11, builtin_type(oid).map(|info| info.name.to_string()).unwrap_or_default()),
    };
    let schema = if namespace == 11 { "pg_catalog" } else { "information_schema" };
    format!("{schema}.{}", quote_identifier(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_belong_to_views() {
        for name in DEFINITIONS.keys() {
            let (schema, view) = name.split_once('.').expect("schema and name");
            let namespace = if schema == "pg_catalog" { 11 } else { 12421 };
            let found = super::super::relations_by_name(view).find(|(_, own)| *own == namespace);
            let oid = found.unwrap_or_else(|| panic!("{name} is no system view")).0;
            assert!(system_view(oid).is_some_and(|text| text.starts_with("SELECT")), "{name}");
        }
        assert!(DEFINITIONS.len() >= 89, "{}", DEFINITIONS.len());
    }
}
