//! Functions of `tsquery`.

use super::{Query, query_order};
use crate::Registry;
use crate::convert::order;
use pglitedb_sqlstate::Result;
use pglitedb_text_search as search;

fn rewrite(query: Query, pattern: &Query, substitute: &Query) -> Result<Query> {
    let Some(whole) = query.0.as_ref().filter(|_| pattern.0.is_some()) else { return Ok(query) };
    let mut rewriter = search::Rewriter::new(whole);
    rewriter.replace_last(pattern.0.as_ref(), substitute.0.as_ref());
    rewriter.finish().map(Query)
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "tsquery_cmp" => |a: Query, b: Query| order(query_order(&a, &b));
        "tsquery_and" => |a: Query, b: Query| search::join(a.0, b.0, false).map(Query);
        "tsquery_or" => |a: Query, b: Query| search::join(a.0, b.0, true).map(Query);
        "tsquery_not" => |a: Query| search::negate(a.0).map(Query);
        "tsquery_phrase" => |a: Query, b: Query| search::phrase(a.0, b.0, 1).map(Query);
        "tsquery_phrase_distance" => |a: Query, b: Query, distance: i32| search::phrase(a.0, b.0, distance).map(Query);
        "tsquery_numnode" => |a: Query| search::node_count(a.0.as_ref());
        "tsquerytree" => |a: Query| search::query_tree(a.0.as_ref());
        "tsq_mcontains" => |a: Query, b: Query| search::contains(a.0.as_ref(), b.0.as_ref());
        "tsq_mcontained" => |a: Query, b: Query| search::contains(b.0.as_ref(), a.0.as_ref());
        "tsquery_rewrite" => |query: Query, pattern: Query, substitute: Query|
            rewrite(query, &pattern, &substitute);
    );
}
