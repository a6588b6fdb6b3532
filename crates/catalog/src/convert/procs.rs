//! `pg_proc`.

use crate::builtin::{argument_defaults, columns::pg_proc::*};
use crate::row::CatRow;
use crate::{ArgMode, ProcInfo, ProcKind, Volatility};
use pglitedb_types::Datum;
use std::sync::Arc;

/// What separates the serialized defaults in a stored `proargdefaults`.
pub(crate) const DEFAULT_SEPARATOR: char = '\u{1e}';

/// The descriptor of a `pg_proc` row.
pub(crate) fn proc(row: &[Datum], builtin: bool) -> ProcInfo {
    let row = CatRow(row);
    let oid = row.oid(OID);
    let arg_defaults = match row.opt_text(PROARGDEFAULTS) {
        Some(defaults) => defaults.split(DEFAULT_SEPARATOR).map(Arc::from).collect(),
        None if builtin => argument_defaults(oid).into_iter().map(Arc::from).collect(),
        None => Vec::new(),
    };
    ProcInfo {
        oid,
        name: row.text(PRONAME),
        namespace: row.oid(PRONAMESPACE),
        owner: row.oid(PROOWNER),
        language: row.oid(PROLANG),
        cost: row.f32(PROCOST),
        rows: row.f32(PROROWS),
        variadic: row.oid(PROVARIADIC),
        kind: match row.char(PROKIND) {
            b'p' => ProcKind::Procedure,
            b'a' => ProcKind::Aggregate,
            b'w' => ProcKind::Window,
            _ => ProcKind::Function,
        },
        security_definer: row.bool(PROSECDEF),
        leakproof: row.bool(PROLEAKPROOF),
        strict: row.bool(PROISSTRICT),
        returns_set: row.bool(PRORETSET),
        volatility: match row.char(PROVOLATILE) {
            b'i' => Volatility::Immutable,
            b's' => Volatility::Stable,
            _ => Volatility::Volatile,
        },
        parallel: row.char(PROPARALLEL),
        default_count: u16::try_from(row.i64(PRONARGDEFAULTS)).unwrap_or(0),
        return_type: row.oid(PRORETTYPE),
        arg_types: row.oids(PROARGTYPES),
        all_arg_types: row.oids(PROALLARGTYPES),
        arg_modes: row.elements(PROARGMODES).iter().map(mode).collect(),
        arg_names: row.texts(PROARGNAMES),
        arg_defaults,
        source: row.text(PROSRC),
        sql_body: row.opt_text(PROSQLBODY),
        config: row.texts(PROCONFIG),
        builtin,
        has_acl: row.0.get(PROACL).is_some_and(|acl| !acl.is_null()),
    }
}

fn mode(value: &Datum) -> ArgMode {
    match value {
        Datum::Char(b'o') => ArgMode::Out,
        Datum::Char(b'b') => ArgMode::InOut,
        Datum::Char(b'v') => ArgMode::Variadic,
        Datum::Char(b't') => ArgMode::Table,
        _ => ArgMode::In,
    }
}
