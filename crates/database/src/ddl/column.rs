//! Column definitions: types, serial, identity, generated columns, defaults, the constraints written with them.

use super::relation::NewColumn;
use crate::context::StatementCtx;
use pglitedb_analyzer::{lookup_collation, resolve_type_name};
use pglitedb_sql_parser::ast::{
    ColumnDefinition, Constraint, ConstraintKind, Expr, SequenceOption, TypeName,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, TypeKind, oids};

/// A column definition taken apart.
pub struct ColumnPlan<'a> {
    /// What goes into the catalog.
    pub column: NewColumn,
    /// Where it stands.
    pub position: usize,
    /// Its DEFAULT.
    pub default: Option<&'a Expr>,
    /// It is a serial column.
    pub serial: bool,
    /// Its generation expression.
    pub generated: Option<&'a Expr>,
    /// Options of its identity sequence.
    pub identity: Option<&'a [SequenceOption]>,
    /// A default taken over from another table (LIKE), serialized.
    pub stored_default: Option<std::sync::Arc<str>>,
    /// Name given to its NOT NULL constraint.
    pub not_null_name: Option<&'a str>,
    /// NO INHERIT of its NOT NULL constraint.
    pub not_null_no_inherit: bool,
    /// CHECK, UNIQUE, PRIMARY KEY, REFERENCES.
    pub constraints: Vec<&'a Constraint>,
}

/// The integer type behind a serial pseudo-type.
pub fn serial_type(name: &TypeName) -> Option<Oid> {
    let [part] = name.name.parts.as_slice() else { return None };
    if name.percent_type {
        return None;
    }
    Some(match &*part.name {
        "serial" | "serial4" => oids::INT4,
        "bigserial" | "serial8" => oids::INT8,
        "smallserial" | "serial2" => oids::INT2,
        _ => return None,
    })
}

/// Resolves a column definition.
pub fn plan<'a>(
    definition: &'a ColumnDefinition,
    table: &str,
    ctx: &StatementCtx<'_>,
) -> Result<ColumnPlan<'a>> {
    let name = &*definition.name.name;
    let type_name = definition
        .type_name
        .as_ref()
        .ok_or_else(|| Error::unsupported("columns without a type (typed tables) are not supported yet"))?;
    let serial = serial_type(type_name);
    if serial.is_some() && !type_name.array_bounds.is_empty() {
        return Err(
            err!(FEATURE_NOT_SUPPORTED, "array of serial is not implemented").at(type_name.span.offset())
        );
    }
    if type_name.setof {
        return Err(err!(INVALID_TABLE_DEFINITION, "column \"{name}\" cannot be declared SETOF")
            .at(type_name.span.offset()));
    }
    let (type_oid, typmod) = match serial {
        Some(oid) => (oid, -1),
        None => resolve_type_name(type_name, &ctx.analyze())?,
    };
    let info = ctx
        .catalog()
        .type_info(type_oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {type_oid}")))?;
    if info.kind == TypeKind::Pseudo {
        return Err(err!(INVALID_TABLE_DEFINITION, "column \"{name}\" has pseudo-type {}", info.name));
    }
    super::column_type::require_usage(type_oid, ctx)?;
    let collation = match &definition.collation {
        Some((collation, _)) => {
            let oid = lookup_collation(collation, &ctx.analyze())?;
            if info.collation == 0 {
                let shown = pglitedb_types::format_type_be(
                    type_oid,
                    pglitedb_functions::SessionEnv::as_type_env(ctx.env()),
                )?;
                return Err(err!(DATATYPE_MISMATCH, "collations are not supported by type {shown}")
                    .at(collation.span().offset()));
            }
            oid
        }
        None => info.collation,
    };
    let storage = match definition.storage.as_ref().map(|storage| storage.name.to_ascii_lowercase()) {
        None => None,
        Some(mode) => match mode.as_str() {
            "default" => None,
            "plain" => Some(b'p'),
            "external" => Some(b'e'),
            "extended" => Some(b'x'),
            "main" => Some(b'm'),
            other => {
                return Err(err!(INVALID_PARAMETER_VALUE, "invalid storage type \"{other}\""));
            }
        },
    };
    let mut plan = ColumnPlan {
        column: NewColumn {
            name: name.to_owned(),
            type_oid,
            typmod,
            collation,
            not_null: serial.is_some(),
            identity: 0,
            generated: 0,
            storage,
        },
        position: definition.span.offset(),
        default: None,
        serial: serial.is_some(),
        generated: None,
        identity: None,
        stored_default: None,
        not_null_name: None,
        not_null_no_inherit: false,
        constraints: Vec::new(),
    };
    read_constraints(&mut plan, definition, table)?;
    Ok(plan)
}

fn read_constraints<'a>(
    plan: &mut ColumnPlan<'a>,
    definition: &'a ColumnDefinition,
    table: &str,
) -> Result<()> {
    let name = &*definition.name.name;
    let mut saw_null = false;
    let mut saw_not_null = false;
    let conflict = |what: &str, at: usize| {
        Err(err!(SYNTAX_ERROR, "{what} specified for column \"{name}\" of table \"{table}\"").at(at))
    };
    for constraint in &definition.constraints {
        let at = constraint.span.offset();
        match &constraint.kind {
            ConstraintKind::Null => {
                if saw_not_null || plan.column.not_null {
                    return conflict("conflicting NULL/NOT NULL declarations", at).map_err(|_: Error| {
                        err!(
                            SYNTAX_ERROR,
                            "conflicting NULL/NOT NULL declarations for column \"{name}\" of table \"{table}\""
                        )
                        .at(at)
                    });
                }
                saw_null = true;
            }
            ConstraintKind::NotNull(_) => {
                if saw_null {
                    return Err(err!(
                        SYNTAX_ERROR,
                        "conflicting NULL/NOT NULL declarations for column \"{name}\" of table \"{table}\""
                    )
                    .at(at));
                }
                saw_not_null = true;
                plan.column.not_null = true;
                plan.not_null_name = constraint.name.as_ref().map(|name| &*name.name).or(plan.not_null_name);
                plan.not_null_no_inherit |= constraint.attributes.no_inherit;
            }
            ConstraintKind::Default(expr) => {
                if plan.default.is_some() {
                    return conflict("multiple default values", at);
                }
                plan.default = Some(expr);
            }
            ConstraintKind::Generated { expr, stored, always } => {
                if !always {
                    return Err(err!(
                        SYNTAX_ERROR,
                        "for a generated column, GENERATED ALWAYS must be specified"
                    )
                    .at(at));
                }
                if plan.generated.is_some() {
                    return conflict("multiple generation clauses", at);
                }
                if !stored {
                    return Err(Error::unsupported("virtual generated columns are not supported yet").at(at));
                }
                plan.generated = Some(expr);
                plan.column.generated = b's';
            }
            ConstraintKind::Identity { always, options } => {
                if plan.identity.is_some() {
                    return conflict("multiple identity specifications", at);
                }
                plan.identity = Some(options);
                plan.column.identity = if *always { b'a' } else { b'd' };
                plan.column.not_null = true;
                if saw_null {
                    return Err(err!(
                        SYNTAX_ERROR,
                        "conflicting NULL/NOT NULL declarations for column \"{name}\" of table \"{table}\""
                    )
                    .at(at));
                }
            }
            _ => plan.constraints.push(constraint),
        }
        let both = |what: &str| {
            err!(SYNTAX_ERROR, "both {what} specified for column \"{name}\" of table \"{table}\"").at(at)
        };
        if (plan.default.is_some() || plan.serial) && plan.identity.is_some() {
            return Err(both("default and identity"));
        }
        if (plan.default.is_some() || plan.serial) && plan.generated.is_some() {
            return Err(both("default and generation expression"));
        }
        if plan.identity.is_some() && plan.generated.is_some() {
            return Err(both("identity and generation expression"));
        }
    }
    if plan.serial && plan.default.is_some() {
        return conflict("multiple default values", plan.position);
    }
    Ok(())
}
