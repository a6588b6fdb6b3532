//! From what a statement says to what the planner gets: views expanded, defaults filled in.

mod defaults;
mod inline;
mod setop;
mod subst;
mod updatable;
mod views;
mod volatility;

pub(crate) use defaults::type_default_of as type_default;

use crate::AnalyzeContext;
use crate::binder::Binder;
use pglitedb_query_tree::Query;
use pglitedb_sqlstate::Result;

/// Rewrites a query and everything inside it.
pub(crate) fn rewrite(mut query: Query, ctx: &AnalyzeContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(ctx);
    rewrite_query(&mut binder, &mut query, &mut Vec::new())?;
    Ok(query)
}

/// `stack`: views (and functions) under expansion, to catch recursion.
fn rewrite_query(binder: &mut Binder<'_>, query: &mut Query, stack: &mut Vec<u32>) -> Result<()> {
    if query.result_relation.is_some() {
        updatable::expand_target(binder, query)?;
        defaults::fill(binder, query)?;
    }
    setop::convert(binder, query)?;
    inline::inline(binder, query, stack)?;
    views::expand(binder, query, stack)
}
