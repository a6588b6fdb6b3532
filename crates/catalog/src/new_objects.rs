//! Catalog rows of new functions, operators, casts, aggregates, collations and ranges.

use crate::builtin::columns::*;
use crate::new_rows::{oid_array, oid_vector, text_array};
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

/// OID of the language `internal`.
pub const INTERNAL_LANGUAGE: Oid = 12;

/// What a `pg_proc` row says beyond the defaults.
#[derive(Clone, Debug)]
pub struct NewProc<'a> {
    /// OID
    pub oid: Oid,
    /// `proname`
    pub name: &'a str,
    /// `pronamespace`
    pub namespace: Oid,
    /// `proowner`
    pub owner: Oid,
    /// `prolang`
    pub language: Oid,
    /// `prokind`
    pub kind: u8,
    /// `proisstrict`
    pub strict: bool,
    /// `provolatile`
    pub volatility: u8,
    /// `proparallel`
    pub parallel: u8,
    /// `provariadic`
    pub variadic: Oid,
    /// `prorettype`
    pub return_type: Oid,
    /// `proargtypes`
    pub arg_types: &'a [Oid],
    /// `proallargtypes`, when not all arguments are plain inputs.
    pub all_arg_types: &'a [Oid],
    /// `proargmodes`, likewise.
    pub arg_modes: &'a [u8],
    /// `proargnames`; empty when no argument has a name.
    pub arg_names: &'a [&'a str],
    /// `prosrc`
    pub source: &'a str,
}

/// `pg_proc`: cost 1, no set, no defaults, not a security definer.
pub fn proc_row(new: &NewProc<'_>) -> Vec<Datum> {
    use pg_proc::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(new.oid);
    row[PRONAME] = Datum::text(new.name);
    row[PRONAMESPACE] = Datum::Oid(new.namespace);
    row[PROOWNER] = Datum::Oid(new.owner);
    row[PROLANG] = Datum::Oid(new.language);
    row[PROCOST] = Datum::Float4(1.0);
    row[PROROWS] = Datum::Float4(0.0);
    row[PROVARIADIC] = Datum::Oid(new.variadic);
    row[PROSUPPORT] = Datum::Oid(0);
    row[PROKIND] = Datum::Char(new.kind);
    row[PROSECDEF] = Datum::Bool(false);
    row[PROLEAKPROOF] = Datum::Bool(false);
    row[PROISSTRICT] = Datum::Bool(new.strict);
    row[PRORETSET] = Datum::Bool(false);
    row[PROVOLATILE] = Datum::Char(new.volatility);
    row[PROPARALLEL] = Datum::Char(new.parallel);
    row[PRONARGS] = Datum::Int2(i16::try_from(new.arg_types.len()).unwrap_or(i16::MAX));
    row[PRONARGDEFAULTS] = Datum::Int2(0);
    row[PRORETTYPE] = Datum::Oid(new.return_type);
    row[PROARGTYPES] = oid_vector(new.arg_types);
    if !new.all_arg_types.is_empty() {
        row[PROALLARGTYPES] = oid_array(new.all_arg_types);
        let modes = new.arg_modes.iter().map(|mode| Datum::Char(*mode)).collect();
        row[PROARGMODES] = Datum::Array(Arc::new(ArrayValue::one_dim(oids::CHAR, modes)));
    }
    row[PROARGNAMES] = text_array(new.arg_names);
    row[PROSRC] = Datum::text(new.source);
    row
}

/// `pg_range`
pub fn range_row(
    [range, subtype, multirange, collation, opclass, canonical, difference]: [Oid; 7],
) -> Vec<Datum> {
    use pg_range::*;
    let mut row = vec![Datum::Null; WIDTH];
    for (column, value) in [
        (RNGTYPID, range),
        (RNGSUBTYPE, subtype),
        (RNGMULTITYPID, multirange),
        (RNGCOLLATION, collation),
        (RNGSUBOPC, opclass),
        (RNGCANONICAL, canonical),
        (RNGSUBDIFF, difference),
    ] {
        row[column] = Datum::Oid(value);
    }
    row
}

/// `pg_cast`; `context` and `method` are the letters.
pub fn cast_row(oid: Oid, source: Oid, target: Oid, func: Oid, context: u8, method: u8) -> Vec<Datum> {
    use pg_cast::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[CASTSOURCE] = Datum::Oid(source);
    row[CASTTARGET] = Datum::Oid(target);
    row[CASTFUNC] = Datum::Oid(func);
    row[CASTCONTEXT] = Datum::Char(context);
    row[CASTMETHOD] = Datum::Char(method);
    row
}

/// `pg_operator` of a shell: everything that is not its name and arguments is for the caller.
pub fn operator_row(oid: Oid, name: &str, namespace: Oid, owner: Oid, left: Oid, right: Oid) -> Vec<Datum> {
    use pg_operator::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[OPRNAME] = Datum::text(name);
    row[OPRNAMESPACE] = Datum::Oid(namespace);
    row[OPROWNER] = Datum::Oid(owner);
    row[OPRKIND] = Datum::Char(if left == 0 { b'l' } else { b'b' });
    row[OPRCANMERGE] = Datum::Bool(false);
    row[OPRCANHASH] = Datum::Bool(false);
    row[OPRLEFT] = Datum::Oid(left);
    row[OPRRIGHT] = Datum::Oid(right);
    for column in [OPRRESULT, OPRCOM, OPRNEGATE, OPRCODE, OPRREST, OPRJOIN] {
        row[column] = Datum::Oid(0);
    }
    row
}

/// `pg_aggregate` without any function: the caller sets what the aggregate has.
pub fn aggregate_row(oid: Oid, kind: u8, direct_args: i16) -> Vec<Datum> {
    use pg_aggregate::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[AGGFNOID] = Datum::Oid(oid);
    row[AGGKIND] = Datum::Char(kind);
    row[AGGNUMDIRECTARGS] = Datum::Int2(direct_args);
    for column in [
        AGGTRANSFN,
        AGGFINALFN,
        AGGCOMBINEFN,
        AGGSERIALFN,
        AGGDESERIALFN,
        AGGMTRANSFN,
        AGGMINVTRANSFN,
        AGGMFINALFN,
        AGGSORTOP,
        AGGTRANSTYPE,
        AGGMTRANSTYPE,
    ] {
        row[column] = Datum::Oid(0);
    }
    row[AGGFINALEXTRA] = Datum::Bool(false);
    row[AGGMFINALEXTRA] = Datum::Bool(false);
    row[AGGFINALMODIFY] = Datum::Char(b'r');
    row[AGGMFINALMODIFY] = Datum::Char(b'r');
    row[AGGTRANSSPACE] = Datum::Int4(0);
    row[AGGMTRANSSPACE] = Datum::Int4(0);
    row
}

/// `pg_collation` without locale: the caller sets that.
pub fn collation_row(oid: Oid, name: &str, namespace: Oid, owner: Oid, provider: u8) -> Vec<Datum> {
    use pg_collation::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[COLLNAME] = Datum::text(name);
    row[COLLNAMESPACE] = Datum::Oid(namespace);
    row[COLLOWNER] = Datum::Oid(owner);
    row[COLLPROVIDER] = Datum::Char(provider);
    row[COLLISDETERMINISTIC] = Datum::Bool(true);
    row[COLLENCODING] = Datum::Int4(-1);
    row
}
