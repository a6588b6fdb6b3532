//! Types, operators, casts, aggregates, operator classes, collations.

use crate::builtin::columns::{
    pg_aggregate, pg_amop, pg_cast, pg_collation, pg_opclass, pg_operator, pg_type,
};
use crate::row::CatRow;
use crate::{
    AggregateInfo, AmopInfo, CastContext, CastInfo, CastMethod, CollationInfo, OpclassInfo, OperatorInfo,
};
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};
use std::sync::Arc;

/// OID of `array_subscript_handler`.
const ARRAY_SUBSCRIPT_HANDLER: Oid = 6179;

/// What a type's description takes from other catalogs than `pg_type`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TypeExtras {
    /// See [`TypeInfo::range_subtype`].
    pub range_subtype: Oid,
    /// See [`TypeInfo::range_collation`].
    pub range_collation: Oid,
    /// See [`TypeInfo::range_canonical`].
    pub range_canonical: Oid,
    /// See [`TypeInfo::io_type`].
    pub io_type: Oid,
}

/// The descriptor of a `pg_type` row.
pub(crate) fn type_info(row: &[Datum], extras: TypeExtras) -> TypeInfo {
    use pg_type::*;
    let row = CatRow(row);
    TypeInfo {
        oid: row.oid(OID),
        name: row.text(TYPNAME),
        namespace: row.oid(TYPNAMESPACE),
        owner: row.oid(TYPOWNER),
        len: row.i16(TYPLEN),
        by_value: row.bool(TYPBYVAL),
        kind: match row.char(TYPTYPE) {
            b'c' => TypeKind::Composite,
            b'd' => TypeKind::Domain,
            b'e' => TypeKind::Enum,
            b'p' => TypeKind::Pseudo,
            b'r' => TypeKind::Range,
            b'm' => TypeKind::Multirange,
            _ => TypeKind::Base,
        },
        category: row.char(TYPCATEGORY),
        is_preferred: row.bool(TYPISPREFERRED),
        is_defined: row.bool(TYPISDEFINED),
        delimiter: row.char(TYPDELIM),
        relid: row.oid(TYPRELID),
        element: row.oid(TYPELEM),
        is_true_array: row.oid(TYPSUBSCRIPT) == ARRAY_SUBSCRIPT_HANDLER,
        array: row.oid(TYPARRAY),
        base_type: row.oid(TYPBASETYPE),
        base_typmod: row.i32(TYPTYPMOD),
        not_null: row.bool(TYPNOTNULL),
        collation: row.oid(TYPCOLLATION),
        align: row.char(TYPALIGN),
        storage: row.char(TYPSTORAGE),
        range_subtype: extras.range_subtype,
        range_collation: extras.range_collation,
        range_canonical: extras.range_canonical,
        io_type: extras.io_type,
        default: match row.char(TYPTYPE) {
            b'd' => row.opt_text(TYPDEFAULTBIN),
            b'b' => row.opt_text(TYPDEFAULT),
            _ => None,
        },
    }
}

/// The descriptor of a `pg_operator` row; `proc_name` names the selectivity estimators.
pub(crate) fn operator(row: &[Datum], proc_name: &dyn Fn(Oid) -> Arc<str>) -> OperatorInfo {
    use pg_operator::*;
    let row = CatRow(row);
    OperatorInfo {
        oid: row.oid(OID),
        name: row.text(OPRNAME),
        namespace: row.oid(OPRNAMESPACE),
        left: row.oid(OPRLEFT),
        right: row.oid(OPRRIGHT),
        result: row.oid(OPRRESULT),
        can_merge: row.bool(OPRCANMERGE),
        can_hash: row.bool(OPRCANHASH),
        commutator: row.oid(OPRCOM),
        negator: row.oid(OPRNEGATE),
        proc: row.oid(OPRCODE),
        restrict: proc_name(row.oid(OPRREST)),
        join: proc_name(row.oid(OPRJOIN)),
    }
}

/// The descriptor of a `pg_cast` row.
pub(crate) fn cast(row: &[Datum]) -> CastInfo {
    use pg_cast::*;
    let row = CatRow(row);
    CastInfo {
        oid: row.oid(OID),
        source: row.oid(CASTSOURCE),
        target: row.oid(CASTTARGET),
        func: row.oid(CASTFUNC),
        context: match row.char(CASTCONTEXT) {
            b'i' => CastContext::Implicit,
            b'a' => CastContext::Assignment,
            _ => CastContext::Explicit,
        },
        method: match row.char(CASTMETHOD) {
            b'f' => CastMethod::Function,
            b'b' => CastMethod::Binary,
            _ => CastMethod::InOut,
        },
    }
}

/// The descriptor of a `pg_aggregate` row.
pub(crate) fn aggregate(row: &[Datum]) -> AggregateInfo {
    use pg_aggregate::*;
    let row = CatRow(row);
    AggregateInfo {
        oid: row.oid(AGGFNOID),
        kind: row.char(AGGKIND),
        direct_args: u16::try_from(row.i64(AGGNUMDIRECTARGS)).unwrap_or(0),
        trans_fn: row.oid(AGGTRANSFN),
        final_fn: row.oid(AGGFINALFN),
        combine_fn: row.oid(AGGCOMBINEFN),
        moving_trans_fn: row.oid(AGGMTRANSFN),
        moving_inverse_fn: row.oid(AGGMINVTRANSFN),
        moving_final_fn: row.oid(AGGMFINALFN),
        final_extra: row.bool(AGGFINALEXTRA),
        final_modify: row.char(AGGFINALMODIFY),
        sort_op: row.oid(AGGSORTOP),
        trans_type: row.oid(AGGTRANSTYPE),
        init_value: row.opt_text(AGGINITVAL),
        moving_trans_type: row.oid(AGGMTRANSTYPE),
        moving_init_value: row.opt_text(AGGMINITVAL),
    }
}

/// The descriptor of a `pg_opclass` row.
pub(crate) fn opclass(row: &[Datum]) -> OpclassInfo {
    use pg_opclass::*;
    let row = CatRow(row);
    OpclassInfo {
        oid: row.oid(OID),
        method: row.oid(OPCMETHOD),
        name: row.text(OPCNAME),
        namespace: row.oid(OPCNAMESPACE),
        family: row.oid(OPCFAMILY),
        input_type: row.oid(OPCINTYPE),
        is_default: row.bool(OPCDEFAULT),
    }
}

/// The descriptor of a `pg_amop` row.
pub(crate) fn amop(row: &[Datum]) -> AmopInfo {
    use pg_amop::*;
    let row = CatRow(row);
    AmopInfo {
        family: row.oid(AMOPFAMILY),
        left: row.oid(AMOPLEFTTYPE),
        right: row.oid(AMOPRIGHTTYPE),
        strategy: row.i16(AMOPSTRATEGY),
        operator: row.oid(AMOPOPR),
        method: row.oid(AMOPMETHOD),
    }
}

/// The descriptor of a `pg_collation` row.
pub(crate) fn collation(row: &[Datum]) -> CollationInfo {
    use pg_collation::*;
    let row = CatRow(row);
    CollationInfo {
        oid: row.oid(OID),
        name: row.text(COLLNAME),
        namespace: row.oid(COLLNAMESPACE),
        provider: row.char(COLLPROVIDER),
        locale: row.opt_text(COLLLOCALE).or_else(|| row.opt_text(COLLCTYPE)).unwrap_or_default(),
        deterministic: row.bool(COLLISDETERMINISTIC),
    }
}
