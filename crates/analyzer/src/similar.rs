//! Hints for misspelt column names.

use crate::binder::Binder;
use pglitedb_query_tree::Rte;
use pglitedb_sqlstate::Error;

/// Names farther away than this are no suggestion.
const MAX_DISTANCE: usize = 3;

#[derive(Default)]
struct Best<'a> {
    distance: usize,
    found: Vec<(&'a Rte, &'a str)>,
}

/// Adds the hint for a name that no scope knows.
pub(crate) fn column_hint(binder: &Binder<'_>, error: Error, table: Option<&str>, name: &str) -> Error {
    let mut best = Best { distance: MAX_DISTANCE + 1, found: Vec::new() };
    for scope in binder.levels.iter().rev() {
        let mut exact_hidden = None;
        for rte in
            scope.rtable.iter().filter(|rte| !matches!(rte.kind, pglitedb_query_tree::RteKind::Join { .. }))
        {
            // A wrong table alias counts against every column of it.
            let penalty = match table {
                Some(table) if *rte.name != *table => distance(table, &rte.name),
                _ => 0,
            };
            if penalty > MAX_DISTANCE {
                continue;
            }
            for column in rte.columns.iter().filter(|column| column.type_oid != 0) {
                if *column.name == *name && penalty == 0 {
                    exact_hidden = Some(rte);
                }
                let total = penalty + distance(name, &column.name);
                let limit = MAX_DISTANCE.min(name.chars().count() / 2);
                if total > limit || total > best.distance {
                    continue;
                }
                if total < best.distance {
                    best.distance = total;
                    best.found.clear();
                }
                best.found.push((rte, &*column.name));
            }
        }
        if let Some(rte) = exact_hidden {
            let lateral =
                scope.namespace.iter().any(|ns| ns.lateral_only && ns.lateral_ok && *ns.name == *rte.name);
            let error = error.detail(format!(
                "There is a column named \"{name}\" in table \"{}\", but it cannot be referenced from this part of \
                 the query.",
                rte.name
            ));
            return if lateral {
                error.hint("To reference that column, you must mark this subquery with LATERAL.")
            } else if !scope.namespace.iter().any(|ns| *ns.name == *rte.name && ns.cols_visible)
                && table.is_none()
                && scope.namespace.iter().any(|ns| *ns.name == *rte.name)
            {
                error.hint("To reference that column, you must use a table-qualified name.")
            } else {
                error
            };
        }
    }
    match best.found.as_slice() {
        [(rte, column)] => {
            error.hint(format!("Perhaps you meant to reference the column \"{}.{column}\".", rte.name))
        }
        [(first, a), (second, b)] => error.hint(format!(
            "Perhaps you meant to reference the column \"{}.{a}\" or the column \"{}.{b}\".",
            first.name, second.name
        )),
        _ => error,
    }
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}
