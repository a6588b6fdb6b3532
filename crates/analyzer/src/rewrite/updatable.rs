//! INSERT, UPDATE and DELETE on views.

use crate::binder::Binder;
use pglitedb_catalog::RelKind;
use pglitedb_query_tree::{CommandType, Query, RteKind};
use pglitedb_sqlstate::{Error, Result};

/// Replaces a view that is the target by its table.
pub(super) fn expand_target(binder: &Binder<'_>, query: &mut Query) -> Result<()> {
    let Some(target) = query.result_relation else { return Ok(()) };
    let Some(RteKind::Relation { oid, .. }) = query.rtable.get(target).map(|rte| &rte.kind) else {
        return Ok(());
    };
    let relation = binder.relation_by_oid(*oid)?;
    if relation.kind != RelKind::View {
        return Ok(());
    }
    let what = match query.command {
        CommandType::Insert => "inserting into",
        CommandType::Update => "updating",
        CommandType::Delete => "deleting from",
        _ => "merging into",
    };
    Err(Error::unsupported(format!("{what} views is not supported yet: \"{}\"", relation.name)))
}
