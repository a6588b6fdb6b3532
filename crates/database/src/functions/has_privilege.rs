//! The `has_*_privilege` functions: each with user and object by name or OID, or without a user.

use super::acl::{Guarded, column_list, guarded, items, may, parameter_list, parse_privileges, role_oid};
use super::rows::Row;
use super::{env_of, reg as names};
use crate::env::Env;
use pglitedb_catalog::builtin::columns::{
    pg_foreign_data_wrapper, pg_foreign_server, pg_language, pg_tablespace,
};
use pglitedb_catalog::{Catalog, RelKind};
use pglitedb_functions::{Builtin, FnCtx, Registry, SessionEnv};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Datum, Oid, RegKind};

const TABLE: &str = "rawdDxtm";
const COLUMN: &str = "rawx";
const SEQUENCE: &str = "rwU";

/// A role given by name or OID.
fn role(env: &Env, value: &Datum) -> Result<Oid> {
    match value {
        Datum::Text(name) => role_oid(env, name, true),
        Datum::Oid(oid) => Ok(*oid),
        _ => Err(Error::internal("role is neither a name nor an OID")),
    }
}

fn named(env: &Env, catalog: Oid, at_oid: usize, at_name: usize, name: &str, what: &str) -> Result<Oid> {
    let rows = Row::all(env, catalog)?;
    let found = rows.iter().find(|row| *row.text(at_name) == *name).map(|row| row.oid(at_oid));
    found.ok_or_else(|| err!(UNDEFINED_OBJECT, "{what} \"{name}\" does not exist"))
}

/// An object of a kind, given by name or OID.
fn object(env: &Env, kind: u8, value: &Datum) -> Result<Oid> {
    let name = match value {
        Datum::Oid(oid) => return Ok(*oid),
        Datum::Text(name) => &**name,
        _ => return Err(Error::internal("object is neither a name nor an OID")),
    };
    match kind {
        b'r' | b's' => names::input(env, RegKind::Class, name),
        b'd' => names::database_by_name(env, name)?
            .ok_or_else(|| err!(UNDEFINED_DATABASE, "database \"{name}\" does not exist")),
        b'f' => names::input(env, RegKind::Procedure, name),
        b'n' => env
            .namespace_by_name(name)?
            .ok_or_else(|| err!(UNDEFINED_SCHEMA, "schema \"{name}\" does not exist")),
        b'T' => env.type_by_text(name),
        b'l' => named(env, pg_language::RELATION, pg_language::OID, pg_language::LANNAME, name, "language"),
        b't' => named(
            env,
            pg_tablespace::RELATION,
            pg_tablespace::OID,
            pg_tablespace::SPCNAME,
            name,
            "tablespace",
        ),
        b'F' => named(
            env,
            pg_foreign_data_wrapper::RELATION,
            pg_foreign_data_wrapper::OID,
            pg_foreign_data_wrapper::FDWNAME,
            name,
            "foreign-data wrapper",
        ),
        _ => named(
            env,
            pg_foreign_server::RELATION,
            pg_foreign_server::OID,
            pg_foreign_server::SRVNAME,
            name,
            "server",
        ),
    }
}

/// Letters of the privileges that objects of a kind have.
fn letters(kind: u8) -> &'static str {
    match kind {
        b'r' => TABLE,
        b's' => SEQUENCE,
        b'd' => "CTc",
        b'f' => "X",
        b'n' => "UC",
        b't' => "C",
        _ => "U",
    }
}

/// User, object and privileges of a call; the user is the current one where none is given.
fn arguments<'a>(env: &Env, args: &'a [Datum], rest: usize) -> Result<(Oid, &'a [Datum], &'a str)> {
    let (words, args) = args.split_last().ok_or_else(|| Error::internal("arguments are missing"))?;
    let words = words.as_str().unwrap_or("");
    if args.len() > rest {
        let (user, args) = args.split_first().ok_or_else(|| Error::internal("arguments are missing"))?;
        return Ok((role(env, user)?, args, words));
    }
    Ok((SessionEnv::current_user(env), args, words))
}

fn plain(ctx: &FnCtx<'_>, args: &[Datum], kind: u8) -> Result<Datum> {
    let env = env_of(ctx)?;
    let (user, args, words) = arguments(env, args, 1)?;
    let value = args.first().unwrap_or(&Datum::Null);
    let oid = object(env, kind, value)?;
    if kind == b's'
        && let Some(relation) = env.relation(oid)?
        && relation.kind != RelKind::Sequence
    {
        bail!(WRONG_OBJECT_TYPE, "\"{}\" is not a sequence", relation.name);
    }
    let wanted = parse_privileges(words, letters(kind))?;
    match guarded(env, kind, oid)? {
        Some(found) => may(env, &found, user, &wanted).map(Datum::Bool),
        None => Ok(Datum::Null),
    }
}

/// Has the user one of the privileges on the column by the column's own list?
fn by_column(env: &Env, owner: Oid, list: Datum, user: Oid, wanted: &[(char, bool)]) -> Result<bool> {
    if items(env, &list)?.is_none() {
        return Ok(false);
    }
    may(env, &Guarded { kind: b'c', owner, list }, user, wanted)
}

fn column(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let env = env_of(ctx)?;
    let (user, args, words) = arguments(env, args, 2)?;
    let (table, column) = (args.first().unwrap_or(&Datum::Null), args.get(1).unwrap_or(&Datum::Null));
    let oid = object(env, b'r', table)?;
    let wanted = parse_privileges(words, COLUMN)?;
    let relation = env.relation(oid)?;
    let attnum = match column {
        Datum::Text(name) => {
            let Some(relation) = &relation else { return Ok(Datum::Null) };
            match relation.column_by_name(name) {
                Some((attnum, _)) => attnum,
                None => bail!(
                    UNDEFINED_COLUMN,
                    "column \"{name}\" of relation \"{}\" does not exist",
                    relation.name
                ),
            }
        }
        other => other.as_i64().and_then(|number| i16::try_from(number).ok()).unwrap_or(0),
    };
    let Some(found) = guarded(env, b'r', oid)? else { return Ok(Datum::Null) };
    let Some(list) = column_list(env, oid, attnum)? else { return Ok(Datum::Null) };
    if may(env, &found, user, &wanted)? {
        return Ok(Datum::Bool(true));
    }
    by_column(env, found.owner, list, user, &wanted).map(Datum::Bool)
}

fn any_column(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let env = env_of(ctx)?;
    let (user, args, words) = arguments(env, args, 1)?;
    let oid = object(env, b'r', args.first().unwrap_or(&Datum::Null))?;
    let wanted = parse_privileges(words, COLUMN)?;
    let Some(found) = guarded(env, b'r', oid)? else { return Ok(Datum::Null) };
    if may(env, &found, user, &wanted)? {
        return Ok(Datum::Bool(true));
    }
    let columns = env.relation(oid)?.map_or(0, |relation| relation.columns.len());
    for attnum in 1..=columns {
        if let Some(list) = column_list(env, oid, i16::try_from(attnum).unwrap_or(0))?
            && by_column(env, found.owner, list, user, &wanted)?
        {
            return Ok(Datum::Bool(true));
        }
    }
    Ok(Datum::Bool(false))
}

fn parameter(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let env = env_of(ctx)?;
    let (user, args, words) = arguments(env, args, 1)?;
    let name = args.first().and_then(Datum::as_str).unwrap_or("");
    let wanted = parse_privileges(words, "sA")?;
    may(env, &parameter_list(env, name)?, user, &wanted).map(Datum::Bool)
}

pub(super) fn register(reg: &mut Registry) {
    macro_rules! family {
        ($function:expr; $($name:literal)*) => {$(
            reg.add($name, Builtin::Scalar($function));
        )*};
    }
    macro_rules! families {
        ($($prefix:literal => $kind:expr;)*) => {$(
            reg.add(concat!($prefix, "_name_name"), Builtin::Scalar(|ctx, args| plain(ctx, args, $kind)));
            reg.add(concat!($prefix, "_name_id"), Builtin::Scalar(|ctx, args| plain(ctx, args, $kind)));
            reg.add(concat!($prefix, "_id_name"), Builtin::Scalar(|ctx, args| plain(ctx, args, $kind)));
            reg.add(concat!($prefix, "_id_id"), Builtin::Scalar(|ctx, args| plain(ctx, args, $kind)));
            reg.add(concat!($prefix, "_name"), Builtin::Scalar(|ctx, args| plain(ctx, args, $kind)));
            reg.add(concat!($prefix, "_id"), Builtin::Scalar(|ctx, args| plain(ctx, args, $kind)));
        )*};
    }
    families! {
        "has_table_privilege" => b'r';
        "has_sequence_privilege" => b's';
        "has_database_privilege" => b'd';
        "has_function_privilege" => b'f';
        "has_language_privilege" => b'l';
        "has_schema_privilege" => b'n';
        "has_tablespace_privilege" => b't';
        "has_type_privilege" => b'T';
        "has_foreign_data_wrapper_privilege" => b'F';
        "has_server_privilege" => b'S';
    }
    family!(column;
        "has_column_privilege_name_name_name" "has_column_privilege_name_name_attnum"
        "has_column_privilege_name_id_name" "has_column_privilege_name_id_attnum"
        "has_column_privilege_id_name_name" "has_column_privilege_id_name_attnum"
        "has_column_privilege_id_id_name" "has_column_privilege_id_id_attnum"
        "has_column_privilege_name_name" "has_column_privilege_name_attnum"
        "has_column_privilege_id_name" "has_column_privilege_id_attnum");
    family!(any_column;
        "has_any_column_privilege_name_name" "has_any_column_privilege_name_id"
        "has_any_column_privilege_id_name" "has_any_column_privilege_id_id"
        "has_any_column_privilege_name" "has_any_column_privilege_id");
    family!(parameter;
        "has_parameter_privilege_name_name" "has_parameter_privilege_id_name" "has_parameter_privilege_name");
}
