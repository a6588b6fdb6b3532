//! Views in FROM become subqueries.

use crate::AnalyzeContext;
use crate::binder::Binder;
use pglitedb_catalog::RelKind;
use pglitedb_query_tree::{Query, RteKind};
use pglitedb_sqlstate::{Error, Result, err};

/// `pg_catalog`
const PG_CATALOG: u32 = 11;

/// Expands the views of a query and of the queries inside it.
pub(super) fn expand(binder: &mut Binder<'_>, query: &mut Query, stack: &mut Vec<u32>) -> Result<()> {
    for index in 0..query.rtable.len() {
        let RteKind::Relation { oid, .. } = query.rtable[index].kind else { continue };
        if oid < pglitedb_types::oids::FIRST_NORMAL_OID && !is_system_view_range(oid) {
            continue;
        }
        // Entries outside of FROM are there for privileges only.
        if query.result_relation == Some(index) || !query.rtable[index].in_from {
            continue;
        }
        let Some(relation) = binder.ctx.catalog.relation(oid)? else { continue };
        if relation.kind != RelKind::View {
            continue;
        }
        if stack.contains(&oid) {
            return Err(err!(
                INVALID_OBJECT_DEFINITION,
                "infinite recursion detected in rules for relation \"{}\"",
                relation.name
            ));
        }
        let mut view = match relation.view_query.as_deref() {
            Some(text) => pglitedb_query_tree::serial::query_from_text(text)?,
            None => system_view(binder, oid, &relation.name)?,
        };
        let owner = relation.owner;
        let invoker = relation.options.iter().any(|option| {
            matches!(&**option, "security_invoker=true" | "security_invoker=on" | "security_invoker=1")
        });
        let checked_as = query.rtable[index].check_as_user;
        let user = if invoker { checked_as } else { owner };
        set_user(&mut view, user);
        lock_view(query, index, &mut view);
        stack.push(oid);
        super::rewrite_query(binder, &mut view, stack)?;
        stack.pop();
        let barrier = relation
            .options
            .iter()
            .any(|option| matches!(&**option, "security_barrier=true" | "security_barrier=on"));
        query.rtable[index].kind = RteKind::Subquery { query: Box::new(view), view: oid, barrier };
    }
    let mut failed: Option<Error> = None;
    for cte in &mut query.ctes {
        super::rewrite_query(binder, &mut cte.query, stack)?;
    }
    for rte in &mut query.rtable {
        if let RteKind::Subquery { query, view: 0, .. } = &mut rte.kind {
            super::rewrite_query(binder, query, stack)?;
        }
    }
    if query.has_sublinks {
        query.for_each_expr_mut(&mut |top| {
            top.rewrite(&mut |expr| {
                if let pglitedb_query_tree::Expr::SubLink(link) = expr
                    && failed.is_none()
                {
                    failed = super::rewrite_query(binder, &mut link.query, stack).err();
                }
            });
        });
    }
    failed.map_or(Ok(()), Err)
}

/// The query of a view of the system, which is kept as text.
fn system_view(binder: &Binder<'_>, oid: u32, name: &str) -> Result<Query> {
    let text = pglitedb_catalog::builtin::system_view(oid)
        .ok_or_else(|| Error::unsupported(format!("system view \"{name}\" is not supported yet")))?;
    let parsed = pglitedb_sql_parser::parse(&text)?;
    let statement = parsed.first().ok_or_else(|| Error::internal("system view has no definition"))?;
    let ctx = AnalyzeContext::new(binder.ctx.catalog, binder.ctx.env, &text);
    Binder::with_search_path(&ctx, vec![PG_CATALOG]).statement(&statement.stmt)
}

/// System views were created by initdb.
fn is_system_view_range(oid: u32) -> bool {
    oid >= 12000
}

/// The tables below are checked with the view owner's privileges.
fn set_user(view: &mut Query, user: u32) {
    if user == 0 {
        return;
    }
    for rte in &mut view.rtable {
        if matches!(rte.kind, RteKind::Relation { .. }) {
            rte.check_as_user = user;
        }
    }
    view.for_each_subquery_mut(&mut |inner| set_user(inner, user));
}

/// FOR UPDATE on a view locks the rows of its tables.
fn lock_view(query: &Query, index: usize, view: &mut Query) {
    let Some(mark) = query.row_marks.iter().find(|mark| mark.rte == index) else { return };
    for at in 0..view.rtable.len() {
        if view.rtable[at].in_from
            && matches!(view.rtable[at].kind, RteKind::Relation { .. })
            && !view.row_marks.iter().any(|known| known.rte == at)
        {
            view.row_marks.push(pglitedb_query_tree::RowMark { rte: at, ..mark.clone() });
        }
    }
}
