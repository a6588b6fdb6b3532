//! Is an object found by its bare name (`pg_table_is_visible` and its kin)?

use super::env_of;
use super::rows::Row;
use crate::env::Env;
use pglitedb_catalog::builtin::columns::{
    pg_class, pg_conversion, pg_opfamily, pg_statistic_ext, pg_ts_config, pg_ts_dict, pg_ts_parser,
    pg_ts_template,
};
use pglitedb_catalog::{Catalog, CollationInfo, OperatorInfo, ProcInfo};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_types::Oid;
use std::sync::Arc;

/// Is the relation the one that its bare name finds?
pub(crate) fn relation(env: &Env, namespace: Oid, name: &str, oid: Oid) -> Result<bool> {
    for schema in env.search_path() {
        if schema == namespace {
            return Ok(true);
        }
        if env.relation_oid(schema, name)?.is_some_and(|found| found != oid) {
            return Ok(false);
        }
    }
    Ok(false)
}

/// Is the function the one that its name and argument types find?
pub(crate) fn proc(env: &Env, proc: &ProcInfo) -> Result<bool> {
    let same: Vec<Arc<ProcInfo>> = env
        .procs_by_name(&proc.name)?
        .into_iter()
        .filter(|known| known.arg_types == proc.arg_types)
        .collect();
    Ok(first(env, same.iter().map(|known| known.namespace), proc.namespace))
}

/// Is the operator the one that its name and operand types find?
pub(crate) fn operator(env: &Env, operator: &OperatorInfo) -> Result<bool> {
    let same = env.operators_by_name(&operator.name)?;
    let same = same.iter().filter(|known| (known.left, known.right) == (operator.left, operator.right));
    Ok(first(env, same.map(|known| known.namespace), operator.namespace))
}

/// Is the collation the one that its name finds?
pub(crate) fn collation(env: &Env, collation: &CollationInfo) -> Result<bool> {
    let same = env.collations_by_name(&collation.name)?;
    Ok(first(env, same.iter().map(|known| known.namespace), collation.namespace))
}

/// Is `own` the first schema of the search path that is among the schemas?
fn first(env: &Env, schemas: impl Iterator<Item = Oid>, own: Oid) -> bool {
    let schemas: Vec<Oid> = schemas.collect();
    env.search_path().into_iter().find(|schema| schemas.contains(schema)) == Some(own)
}

/// An object of a catalog where only name and schema count.
fn plain(
    ctx: &FnCtx<'_>,
    oid: Oid,
    (catalog, at_name, at_namespace): (Oid, usize, usize),
) -> Result<Option<bool>> {
    let env = env_of(ctx)?;
    let Some(row) = Row::by_oid(env, catalog, oid)? else { return Ok(None) };
    let (name, own) = (row.text(at_name), row.oid(at_namespace));
    let path = env.search_path();
    if !path.contains(&own) {
        return Ok(Some(false));
    }
    let all = Row::all(env, catalog)?;
    let same = all.iter().filter(|known| known.text(at_name) == name).map(|known| known.oid(at_namespace));
    Ok(Some(first(env, same, own)))
}

fn table_visible(ctx: &FnCtx<'_>, oid: Oid) -> Result<Option<bool>> {
    let env = env_of(ctx)?;
    let (namespace, name) = match env.relation(oid)? {
        Some(found) => (found.namespace, found.name.clone()),
        None => match Row::by_oid(env, pg_class::RELATION, oid)? {
            Some(row) => (row.oid(pg_class::RELNAMESPACE), row.text(pg_class::RELNAME)),
            None => return Ok(None),
        },
    };
    relation(env, namespace, &name, oid).map(Some)
}

fn type_visible(ctx: &FnCtx<'_>, oid: Oid) -> Result<Option<bool>> {
    let env = env_of(ctx)?;
    let Some(found) = Catalog::type_info(env, oid)? else { return Ok(None) };
    for schema in env.search_path() {
        if schema == found.namespace {
            return Ok(Some(true));
        }
        if env.type_oid(schema, &found.name)?.is_some() {
            return Ok(Some(false));
        }
    }
    Ok(Some(false))
}

fn opclass_visible(ctx: &FnCtx<'_>, oid: Oid) -> Result<Option<bool>> {
    let env = env_of(ctx)?;
    let Some(found) = env.opclass(oid)? else { return Ok(None) };
    let same = env.opclasses_by_name(found.method, &found.name)?;
    Ok(Some(first(env, same.iter().map(|known| known.namespace), found.namespace)))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_table_is_visible" => [ctx] |oid: u32| table_visible(ctx, oid);
        "pg_type_is_visible" => [ctx] |oid: u32| type_visible(ctx, oid);
        "pg_function_is_visible" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            env.proc(oid)?.map(|found| proc(env, &found)).transpose()
        };
        "pg_operator_is_visible" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            env.operator(oid)?.map(|found| operator(env, &found)).transpose()
        };
        "pg_collation_is_visible" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            env.collation(oid)?.map(|found| collation(env, &found)).transpose()
        };
        "pg_opclass_is_visible" => [ctx] |oid: u32| opclass_visible(ctx, oid);
        "pg_opfamily_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_opfamily::RELATION, pg_opfamily::OPFNAME, pg_opfamily::OPFNAMESPACE));
        "pg_conversion_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_conversion::RELATION, pg_conversion::CONNAME, pg_conversion::CONNAMESPACE));
        "pg_statistics_obj_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_statistic_ext::RELATION, pg_statistic_ext::STXNAME, pg_statistic_ext::STXNAMESPACE));
        "pg_ts_config_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_ts_config::RELATION, pg_ts_config::CFGNAME, pg_ts_config::CFGNAMESPACE));
        "pg_ts_dict_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_ts_dict::RELATION, pg_ts_dict::DICTNAME, pg_ts_dict::DICTNAMESPACE));
        "pg_ts_parser_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_ts_parser::RELATION, pg_ts_parser::PRSNAME, pg_ts_parser::PRSNAMESPACE));
        "pg_ts_template_is_visible" => [ctx] |oid: u32|
            plain(ctx, oid, (pg_ts_template::RELATION, pg_ts_template::TMPLNAME, pg_ts_template::TMPLNAMESPACE));
    );
}
