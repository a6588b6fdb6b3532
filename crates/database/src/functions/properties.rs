//! Properties of indexes and their methods, of columns and views; options; partitions.

use super::env_of;
use super::rows::{Row, column, set};
use crate::env::Env;
use pglitedb_catalog::builtin::columns::{pg_am, pg_class, pg_inherits};
use pglitedb_catalog::{Catalog, IndexInfo, RelKind};
use pglitedb_functions::{Builtin, FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, Oid, TypeKind, quote_identifier};

/// Access methods.
const BTREE: Oid = 403;
const HASH: Oid = 405;

/// What an access method can do; `None` for a property that nobody knows.
fn method_property(method: Oid, name: &str) -> Option<bool> {
    let btree = method == BTREE;
    Some(match name {
        "can_order" | "can_unique" | "can_include" => btree,
        "can_multi_col" => btree,
        "can_exclude" => btree || method == HASH,
        _ => return None,
    })
}

fn has_method_property(ctx: &FnCtx<'_>, method: Oid, name: &str) -> Result<Option<bool>> {
    match Row::by_oid(env_of(ctx)?, pg_am::RELATION, method)? {
        Some(row) if row.char(pg_am::AMTYPE) == b'i' => Ok(method_property(method, name)),
        _ => Ok(None),
    }
}

fn index_property(index: &IndexInfo, name: &str) -> Option<bool> {
    let btree = index.access_method == BTREE;
    Some(match name {
        "clusterable" => btree,
        "index_scan" => btree || index.access_method == HASH,
        "bitmap_scan" => btree || index.access_method == HASH,
        "backward_scan" => btree,
        _ => return None,
    })
}

fn column_property(index: &IndexInfo, number: i32, name: &str) -> Option<bool> {
    let at = usize::try_from(number).ok()?.checked_sub(1)?;
    let key = index.columns.get(at);
    if key.is_none() && at - index.columns.len() >= index.include.len() {
        return None;
    }
    let btree = index.access_method == BTREE;
    let ordered = key.filter(|_| btree);
    Some(match name {
        "asc" => ordered.is_some_and(|key| !key.descending),
        "desc" => ordered.is_some_and(|key| key.descending),
        "nulls_first" => ordered.is_some_and(|key| key.nulls_first),
        "nulls_last" => ordered.is_some_and(|key| !key.nulls_first),
        "orderable" => ordered.is_some(),
        "distance_orderable" => false,
        "returnable" => btree,
        "search_array" | "search_nulls" => btree && key.is_some(),
        _ => return None,
    })
}

/// The collation of a value's type, as COLLATE takes it.
fn collation_for(ctx: &FnCtx<'_>) -> Result<Option<String>> {
    let env = env_of(ctx)?;
    let type_oid = ctx.info.arg_types.first().copied().unwrap_or(0);
    let info = Catalog::type_info(env, type_oid)?;
    if ctx.info.collation == 0 {
        if let Some(info) = info
            && info.collation == 0
            && type_oid != pglitedb_types::oids::UNKNOWN
        {
            let name = pglitedb_types::format_type(type_oid, -1, env)?;
            return Err(err!(DATATYPE_MISMATCH, "collations are not supported by type {name}"));
        }
        return Ok(None);
    }
    let Some(collation) = env.collation(ctx.info.collation)? else { return Ok(None) };
    let visible = super::visible::collation(env, &collation)?;
    if visible {
        return Ok(Some(format!("\"{}\"", collation.name.replace('"', "\"\""))));
    }
    let schema = env.namespace_name(collation.namespace)?.unwrap_or_default();
    Ok(Some(format!("{}.{}", quote_identifier(&schema), quote_identifier(&collation.name))))
}

fn options_to_table(list: &Datum) -> Vec<Vec<Datum>> {
    let Datum::Array(array) = list else { return Vec::new() };
    let texts = array.values.iter().filter_map(Datum::as_str);
    texts
        .map(|text| match text.split_once('=') {
            Some((name, value)) => vec![Datum::text(name), Datum::text(value)],
            None => vec![Datum::text(text), Datum::Null],
        })
        .collect()
}

/// Events (bits 1 << `CmdType`: UPDATE 2, INSERT 3, DELETE 4) that a relation supports.
fn updatable_events(env: &Env, oid: Oid) -> Result<i32> {
    let all = (1 << 2) | (1 << 3) | (1 << 4);
    let Some(relation) = env.relation(oid)? else { return Ok(0) };
    match relation.kind {
        RelKind::Table | RelKind::PartitionedTable => Ok(all),
        RelKind::View => Ok(if simple_view(&relation)? { all } else { 0 }),
        _ => Ok(0),
    }
}

/// Does the view select plain columns of one relation?
fn simple_view(relation: &pglitedb_catalog::Relation) -> Result<bool> {
    let Some(stored) = &relation.view_query else { return Ok(false) };
    let query = pglitedb_query_tree::serial::query_from_text(stored)?;
    Ok(query.from.len() == 1
        && query.rtable.len() == 1
        && query.ctes.is_empty()
        && query.distinct.is_empty()
        && query.group_by.is_empty()
        && query.grouping_sets.is_empty()
        && query.having.is_none()
        && query.set_operation.is_none()
        && query.limit.is_none()
        && query.offset.is_none()
        && !query.has_aggs
        && query.targets.iter().any(|target| matches!(target.expr, pglitedb_query_tree::Expr::Var(_))))
}

fn parents(env: &Env, oid: Oid) -> Result<Vec<Oid>> {
    let rows = Row::all(env, pg_inherits::RELATION)?;
    let mut chain = vec![oid];
    while let Some(at) = chain.last().copied() {
        let parent = rows.iter().find(|row| row.oid(pg_inherits::INHRELID) == at);
        match parent.map(|row| row.oid(pg_inherits::INHPARENT)) {
            Some(parent) if !chain.contains(&parent) => chain.push(parent),
            _ => break,
        }
    }
    Ok(chain)
}

fn is_partition_member(env: &Env, oid: Oid) -> Result<bool> {
    let row = Row::by_oid(env, pg_class::RELATION, oid)?;
    Ok(row.is_some_and(|row| {
        row.flag(pg_class::RELISPARTITION) || matches!(row.char(pg_class::RELKIND), b'p' | b'I')
    }))
}

fn partition_tree(env: &Env, root: Oid) -> Result<Vec<Vec<Datum>>> {
    if !is_partition_member(env, root)? {
        return Ok(Vec::new());
    }
    let rows = Row::all(env, pg_inherits::RELATION)?;
    let (mut found, mut queue) = (Vec::new(), std::collections::VecDeque::from([(root, None, 0)]));
    while let Some((oid, parent, level)) = queue.pop_front() {
        let class = Row::by_oid(env, pg_class::RELATION, oid)?;
        let leaf = class.is_some_and(|row| !matches!(row.char(pg_class::RELKIND), b'p' | b'I'));
        found.push(vec![
            Datum::Oid(oid),
            parent.map_or(Datum::Null, Datum::Oid),
            Datum::Bool(leaf),
            Datum::Int4(level),
        ]);
        for row in rows.iter().filter(|row| row.oid(pg_inherits::INHPARENT) == oid) {
            queue.push_back((row.oid(pg_inherits::INHRELID), Some(oid), level + 1));
        }
    }
    Ok(found)
}

fn replica_identity(env: &Env, oid: Oid) -> Result<Option<Oid>> {
    use pglitedb_catalog::builtin::columns::pg_index;
    let Some(class) = Row::by_oid(env, pg_class::RELATION, oid)? else { return Ok(None) };
    let Some(relation) = env.relation(oid)? else { return Ok(None) };
    match class.char(pg_class::RELREPLIDENT) {
        b'd' => Ok(relation.primary_key().map(|index| index.oid)),
        b'i' => {
            for index in &relation.indexes {
                let row = Row::by_oid(env, pg_index::RELATION, index.oid)?;
                if row.is_some_and(|row| row.flag(pg_index::INDISREPLIDENT)) {
                    return Ok(Some(index.oid));
                }
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// The base type of a domain's column and the modifier that goes with it, for `information_schema`.
fn true_type(env: &Env, attribute: &Datum, of: &Datum) -> Result<(Oid, i32)> {
    let (Datum::Record(attribute), Datum::Record(of)) = (attribute, of) else { return Ok((0, -1)) };
    use pglitedb_catalog::builtin::columns::{pg_attribute, pg_type};
    let attribute = Row(attribute.fields.clone());
    let of = Row(of.fields.clone());
    let oid = of.oid(pg_type::OID);
    let is_domain = Catalog::type_info(env, oid)?.is_some_and(|info| info.kind == TypeKind::Domain);
    let number = |value: i64| i32::try_from(value).unwrap_or(-1);
    if is_domain {
        return Ok((of.oid(pg_type::TYPBASETYPE), number(of.int(pg_type::TYPTYPMOD))));
    }
    Ok((attribute.oid(pg_attribute::ATTTYPID), number(attribute.int(pg_attribute::ATTTYPMOD))))
}

/// Position of a column in an index, from 1.
fn index_position(env: &Env, index: Oid, attnum: i16) -> Result<Option<i32>> {
    let Some(index) = env.index(index)? else { return Ok(None) };
    let keys = index.columns.iter().map(|column| column.attnum);
    let mut all = keys.chain(index.include.iter().copied());
    Ok(all.position(|known| known == attnum).and_then(|at| i32::try_from(at + 1).ok()))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_indexam_has_property" => [ctx] |method: u32, name: &str| has_method_property(ctx, method, name);
        "pg_index_has_property" => [ctx] |oid: u32, name: &str|
            env_of(ctx)?.index(oid)?.and_then(|index| index_property(&index, name));
        "pg_index_column_has_property" => [ctx] |oid: u32, number: i32, name: &str|
            env_of(ctx)?.index(oid)?.and_then(|index| column_property(&index, number, name));
        "pg_collation_for" => [ctx] |_value: &Datum| collation_for(ctx);
        "pg_collation_actual_version" => |_oid: u32| None::<String>;
        "pg_database_collation_actual_version" => |_oid: u32| None::<String>;
        "pg_relation_is_updatable" => [ctx] |oid: u32, _triggers: bool| updatable_events(env_of(ctx)?, oid);
        "pg_column_is_updatable" => [ctx] |oid: u32, attnum: i16, _triggers: bool|
            attnum > 0 && updatable_events(env_of(ctx)?, oid)? != 0;
        "pg_partition_root" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            if is_partition_member(env, oid)? { parents(env, oid)?.last().copied() } else { None }
        };
        "pg_get_replica_identity_index" => [ctx] |oid: u32| replica_identity(env_of(ctx)?, oid);
        "pg_relation_is_publishable" => [ctx] |oid: u32| {
            let relation = env_of(ctx)?.relation(oid)?;
            relation.map(|relation| {
                matches!(relation.kind, RelKind::Table | RelKind::PartitionedTable)
                    && !relation.is_catalog
                    && relation.persistence == pglitedb_catalog::Persistence::Permanent
            })
        };
        "row_security_active" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            let relation = env.relation(oid)?;
            relation.is_some_and(|relation| relation.row_security && !env.is_superuser())
        };
        "row_security_active_name" => [ctx] |name: &str| {
            let env = env_of(ctx)?;
            let oid = ctx.env.as_type_env().reg_input(pglitedb_types::RegKind::Class, name)?;
            let relation = env.relation(oid)?;
            relation.is_some_and(|relation| relation.row_security && !env.is_superuser())
        };
        "sql:12423" => [ctx] |index: u32, attnum: i16| index_position(env_of(ctx)?, index, attnum);
        "sql:12424" => [ctx] |attribute: &Datum, of: &Datum| true_type(env_of(ctx)?, attribute, of)?.0;
        "sql:12425" => [ctx] |attribute: &Datum, of: &Datum| true_type(env_of(ctx)?, attribute, of)?.1;
    );
    reg.add(
        "pg_options_to_table",
        Builtin::Set(|_, args| set(options_to_table(args.first().unwrap_or(&Datum::Null)))),
    );
    reg.add(
        "pg_partition_tree",
        Builtin::Set(|ctx, args| {
            let root = args.first().and_then(Datum::as_oid).unwrap_or(0);
            set(partition_tree(env_of(ctx)?, root)?)
        }),
    );
    reg.add(
        "pg_partition_ancestors",
        Builtin::Set(|ctx, args| {
            let (env, oid) = (env_of(ctx)?, args.first().and_then(Datum::as_oid).unwrap_or(0));
            if !is_partition_member(env, oid)? {
                return column(Vec::new());
            }
            column(parents(env, oid)?.into_iter().map(Datum::Oid).collect())
        }),
    );
}
