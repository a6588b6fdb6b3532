//! The columns that COPY reads or writes.

use super::options::ColumnSet;
use pglitedb_catalog::Relation;
use pglitedb_sql_parser::ast::Ident;
use pglitedb_sqlstate::{Result, bail, err};
use std::sync::Arc;

/// Positions (from 0) of the columns listed, or of all that are neither dropped nor generated.
pub(super) fn resolve(relation: &Relation, names: &[Ident]) -> Result<Vec<usize>> {
    if names.is_empty() {
        let plain = relation.columns.iter().enumerate();
        return Ok(plain
            .filter(|(_, column)| !column.dropped && column.generated == 0)
            .map(|(at, _)| at)
            .collect());
    }
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let Some((attnum, column)) = relation.column_by_name(&name.name) else {
            bail!(
                UNDEFINED_COLUMN,
                "column \"{}\" of relation \"{}\" does not exist",
                name.name,
                relation.name
            );
        };
        if column.generated != 0 {
            return Err(err!(INVALID_COLUMN_REFERENCE, "column \"{}\" is a generated column", name.name)
                .detail("Generated columns cannot be used in COPY."));
        }
        let at = usize::try_from(attnum - 1).unwrap_or(0);
        if found.contains(&at) {
            bail!(DUPLICATE_COLUMN, "column \"{}\" specified more than once", name.name);
        }
        found.push(at);
    }
    Ok(found)
}

/// Which of the copied columns (by name, in their order) a FORCE option names.
pub(super) fn flags(set: &ColumnSet, names: &[Arc<str>], option: &str) -> Result<Vec<bool>> {
    match set {
        ColumnSet::None => Ok(vec![false; names.len()]),
        ColumnSet::All => Ok(vec![true; names.len()]),
        ColumnSet::Named(wanted) => {
            let mut flags = vec![false; names.len()];
            for name in wanted {
                match names.iter().position(|known| **known == **name) {
                    Some(at) => flags[at] = true,
                    None => {
                        bail!(INVALID_COLUMN_REFERENCE, "{option} column \"{name}\" not referenced by COPY")
                    }
                }
            }
            Ok(flags)
        }
    }
}
