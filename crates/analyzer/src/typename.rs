//! Type names and type modifiers.

use crate::binder::Binder;
use crate::lookup::dotted;
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, Literal, TypeName};
use pglitedb_sqlstate::{Error, Result, Severity, bail, err};
use pglitedb_types::{Oid, TypeInfo, TypeKind, oids};
use std::sync::Arc;

impl Binder<'_> {
    /// OID and modifier of a type name; `42704` if there is none.
    pub fn resolve_type(&self, name: &TypeName) -> Result<(Oid, i32)> {
        match self.try_type(name)? {
            Some((info, typmod)) => {
                if !info.is_defined {
                    return Err(err!(UNDEFINED_OBJECT, "type \"{}\" is only a shell", type_text(name))
                        .at(name.span.offset()));
                }
                Ok((info.oid, typmod))
            }
            None => {
                Err(err!(UNDEFINED_OBJECT, "type \"{}\" does not exist", type_text(name))
                    .at(name.span.offset()))
            }
        }
    }

    /// Like [`Binder::resolve_type`], `None` if there is no such type.
    pub fn try_type(&self, name: &TypeName) -> Result<Option<(Arc<TypeInfo>, i32)>> {
        let at = name.span.offset();
        let oid = if name.percent_type {
            match self.column_type(name)? {
                Some((oid, _)) => Some(oid),
                None => return Ok(None),
            }
        } else {
            self.type_by_name(&name.name).map_err(|error| error.at(at))?
        };
        let Some(mut oid) = oid else { return Ok(None) };
        let mut info = self.type_info(oid)?;
        if !name.array_bounds.is_empty() {
            // "int4[]" and "int4[][]" are the same type.
            oid = info.array;
            if oid == 0 {
                return Ok(None);
            }
            let typmod = self.typmod(&info, name)?;
            info = self.type_info(oid)?;
            return Ok(Some((info, typmod)));
        }
        let typmod = self.typmod(&info, name)?;
        Ok(Some((info, typmod)))
    }

    /// The type a (qualified) name finds.
    pub fn type_by_name(&self, name: &ast::QualifiedName) -> Result<Option<Oid>> {
        let (schema, own) = self.schema_and_name(name)?;
        match schema {
            Some("pg_catalog") => self.ctx.catalog.type_oid(11, own),
            Some(schema) => match self.ctx.catalog.namespace_by_name(schema)? {
                Some(namespace) => self.ctx.catalog.type_oid(namespace, own),
                None => bail!(UNDEFINED_SCHEMA, "schema \"{schema}\" does not exist"),
            },
            None => {
                for &namespace in self.search_path() {
                    if let Some(oid) = self.ctx.catalog.type_oid(namespace, own)? {
                        return Ok(Some(oid));
                    }
                }
                Ok(None)
            }
        }
    }

    /// `table.column%TYPE`.
    fn column_type(&self, name: &TypeName) -> Result<Option<(Oid, i32)>> {
        let at = name.span.offset();
        let parts = &name.name.parts;
        let Some((column, table)) = parts.split_last() else { return Ok(None) };
        if table.is_empty() {
            return Err(err!(
                SYNTAX_ERROR,
                "improper %TYPE reference (too few dotted names): {}",
                dotted(&name.name)
            )
            .at(at));
        }
        let relation = self.relation(&ast::QualifiedName { parts: table.to_vec() })?;
        match relation.column_by_name(column.as_str()) {
            Some((_, found)) => Ok(Some((found.type_oid, -1))),
            None => Err(err!(
                UNDEFINED_COLUMN,
                "column \"{}\" of relation \"{}\" does not exist",
                column.as_str(),
                relation.name
            )
            .at(at)),
        }
    }

    /// Encodes the written modifiers (PostgreSQL: the type's `typmodin`).
    fn typmod(&self, info: &TypeInfo, name: &TypeName) -> Result<i32> {
        if name.typmods.is_empty() {
            return Ok(-1);
        }
        let at = name.span.offset();
        if !info.is_defined {
            return Err(err!(
                SYNTAX_ERROR,
                "type modifier cannot be specified for shell type \"{}\"",
                type_text(name)
            )
            .at(at));
        }
        let takes = matches!(
            info.oid,
            oids::VARCHAR
                | oids::BPCHAR
                | oids::NUMERIC
                | oids::BIT
                | oids::VARBIT
                | oids::TIME
                | oids::TIMETZ
                | oids::TIMESTAMP
                | oids::TIMESTAMPTZ
                | oids::INTERVAL
        );
        if !takes {
            return Err(
                err!(SYNTAX_ERROR, "type modifier is not allowed for type \"{}\"", type_text(name)).at(at)
            );
        }
        let mut values = Vec::with_capacity(name.typmods.len());
        for modifier in &name.typmods {
            values.push(constant_integer(modifier, at)?);
        }
        encode(info.oid, &values, &|warning| self.ctx.env.notice(warning.at(at)))
            .map_err(|error| error.at(at))
    }

    /// Is the type named by a function-like name (`f(x)` as a cast)? Composite and other types alike.
    pub fn type_for_cast(&self, name: &ast::QualifiedName) -> Result<Option<Arc<TypeInfo>>> {
        if let [schema, _] = name.parts.as_slice()
            && self.ctx.catalog.namespace_by_name(schema.as_str())?.is_none()
        {
            return Ok(None);
        }
        if name.parts.len() > 2 {
            return Ok(None);
        }
        match self.type_by_name(name)? {
            Some(oid) => {
                let info = self.type_info(oid)?;
                Ok(info.is_defined.then_some(info))
            }
            None => Ok(None),
        }
    }

    /// A pseudo-type can't be the type of a column.
    pub fn is_pseudo(&self, oid: Oid) -> Result<bool> {
        Ok(self.type_info(oid)?.kind == TypeKind::Pseudo)
    }
}

fn constant_integer(expr: &ast::Expr, at: usize) -> Result<i64> {
    match &expr.kind {
        Ast::Literal(Literal::Integer(value)) => Ok(i64::from(*value)),
        Ast::Literal(Literal::Numeric(text) | Literal::String(text)) => text.trim().parse().map_err(|_| {
            err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type integer: \"{text}\"").at(at)
        }),
        Ast::Column(column) if column.parts.len() == 1 && !column.star => {
            let text = column.parts.first().map_or("", |part| part.as_str());
            Err(err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type integer: \"{text}\"").at(at))
        }
        _ => Err(err!(SYNTAX_ERROR, "type modifiers must be simple constants or identifiers").at(at)),
    }
}

fn encode(oid: Oid, values: &[i64], warn: &dyn Fn(Error)) -> Result<i32> {
    let single = || -> Result<i64> {
        match values {
            [one] => Ok(*one),
            _ => bail!(INVALID_PARAMETER_VALUE, "invalid type modifier"),
        }
    };
    let length = |what: &str, max: i64, header: i64| -> Result<i32> {
        let n = single()?;
        if n < 1 {
            bail!(INVALID_PARAMETER_VALUE, "length for type {what} must be at least 1");
        }
        if n > max {
            bail!(INVALID_PARAMETER_VALUE, "length for type {what} cannot exceed {max}");
        }
        Ok((n + header) as i32)
    };
    match oid {
        oids::VARCHAR => length("varchar", 10_485_760, 4),
        oids::BPCHAR => length("char", 10_485_760, 4),
        oids::BIT => length("bit", 83_886_080, 0),
        oids::VARBIT => length("bit varying", 83_886_080, 0),
        oids::NUMERIC => numeric_typmod(values),
        oids::INTERVAL => interval_typmod(values, warn),
        oids::TIME => precision("TIME", "", single()?, warn),
        oids::TIMETZ => precision("TIME", " WITH TIME ZONE", single()?, warn),
        oids::TIMESTAMP => precision("TIMESTAMP", "", single()?, warn),
        _ => precision("TIMESTAMP", " WITH TIME ZONE", single()?, warn),
    }
}

/// A fractional-seconds precision: negative is an error, too large is cut to 6 with a warning.
pub(crate) fn precision(what: &str, zone: &str, value: i64, warn: &dyn Fn(Error)) -> Result<i32> {
    if value < 0 {
        bail!(INVALID_PARAMETER_VALUE, "{what}({value}){zone} precision must not be negative");
    }
    if value > 6 {
        warn(precision_warning(format_args!("{what}({value}){zone}")));
    }
    Ok(value.min(6) as i32)
}

fn precision_warning(what: std::fmt::Arguments<'_>) -> Error {
    err!(INVALID_PARAMETER_VALUE, "{what} precision reduced to maximum allowed, 6")
        .severity(Severity::Warning)
}

fn numeric_typmod(values: &[i64]) -> Result<i32> {
    let (digits, scale) = match values {
        [digits] => (*digits, 0),
        [digits, scale] => (*digits, *scale),
        _ => bail!(INVALID_PARAMETER_VALUE, "invalid NUMERIC type modifier"),
    };
    if !(1..=1000).contains(&digits) {
        bail!(INVALID_PARAMETER_VALUE, "NUMERIC precision {digits} must be between 1 and 1000");
    }
    if !(-1000..=1000).contains(&scale) {
        bail!(INVALID_PARAMETER_VALUE, "NUMERIC scale {scale} must be between -1000 and 1000");
    }
    Ok((((digits as i32) << 16) | ((scale as i32) & 0x7ff)) + 4)
}

fn interval_typmod(values: &[i64], warn: &dyn Fn(Error)) -> Result<i32> {
    const FULL: i64 = 0x7fff;
    let (fields, precision) = match values {
        [fields] => (*fields, 0xffff),
        [fields, precision] => (*fields, *precision),
        _ => bail!(INVALID_PARAMETER_VALUE, "invalid INTERVAL type modifier"),
    };
    if precision < 0 {
        bail!(INVALID_PARAMETER_VALUE, "INTERVAL({precision}) precision must not be negative");
    }
    if precision > 6 && precision != 0xffff {
        warn(precision_warning(format_args!("INTERVAL({precision})")));
    }
    let precision = if precision == 0xffff { precision } else { precision.min(6) };
    if fields == FULL && precision == 0xffff {
        return Ok(-1);
    }
    Ok(((fields.clamp(0, FULL) << 16) | precision) as i32)
}

/// A type as written, for messages.
pub fn type_text(name: &TypeName) -> String {
    let mut text = dotted(&name.name);
    if name.percent_type {
        text.push_str("%TYPE");
    }
    if !name.array_bounds.is_empty() {
        text.push_str("[]");
    }
    text
}
