//! Constants and parameters.

use crate::ParamTypes;
use crate::binder::Binder;
use pglitedb_query_tree::{Const, Expr, Param, ParamKind, Position};
use pglitedb_sql_parser::ast::Literal;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

/// `$n` may not go beyond this (PostgreSQL: MaxAllocSize / sizeof(Oid); ours protects the list).
const MAX_PARAM: u32 = 65_535;

impl<'c> Binder<'c> {
    pub(super) fn literal(&mut self, literal: &Literal, at: usize) -> Result<Expr> {
        let (value, type_oid) = match literal {
            Literal::Null => (Datum::Null, oids::UNKNOWN),
            Literal::Boolean(value) => (Datum::Bool(*value), oids::BOOL),
            Literal::Integer(value) => (Datum::Int4(*value), oids::INT4),
            Literal::Numeric(text) => self.number(text, at)?,
            Literal::String(text) => (Datum::Text(Arc::from(&**text)), oids::UNKNOWN),
            Literal::Bits(text) => {
                let text: Arc<str> = format!("b{text}").into();
                (self.input(&text, oids::BIT, -1).map_err(|e| e.at(at))?, oids::BIT)
            }
            Literal::HexBits(text) => {
                let text: Arc<str> = format!("x{text}").into();
                (self.input(&text, oids::BIT, -1).map_err(|e| e.at(at))?, oids::BIT)
            }
        };
        Ok(Expr::Const(Const { value, type_oid, typmod: -1, collation: 0, position: Position::new(at) }))
    }

    /// A number that is no int4: int8 if it fits, numeric otherwise.
    fn number(&mut self, text: &str, at: usize) -> Result<(Datum, Oid)> {
        if let Some(value) = integer(text) {
            return Ok(match i32::try_from(value) {
                Ok(small) => (Datum::Int4(small), oids::INT4),
                Err(_) => (Datum::Int8(value), oids::INT8),
            });
        }
        let text: Arc<str> = text.into();
        Ok((self.input(&text, oids::NUMERIC, -1).map_err(|e| e.at(at))?, oids::NUMERIC))
    }

    pub(super) fn param(&mut self, number: u32, at: usize) -> Result<Expr> {
        let missing = || err!(UNDEFINED_PARAMETER, "there is no parameter ${number}").at(at);
        let Some(index) = (number as usize).checked_sub(1) else { return Err(missing()) };
        let type_oid = match self.ctx.params {
            ParamTypes::None => {
                let found = match self.ctx.hook {
                    Some(hook) => hook.parameter(number, at)?,
                    None => None,
                };
                return found.ok_or_else(missing);
            }
            ParamTypes::Fixed(types) => match types.get(index) {
                Some(0) | None => return Err(missing()),
                Some(type_oid) => *type_oid,
            },
            ParamTypes::Variable(types) => {
                if number > MAX_PARAM {
                    return Err(missing());
                }
                let mut types = types.borrow_mut();
                if types.len() <= index {
                    types.resize(index + 1, 0);
                }
                if types[index] == 0 {
                    types[index] = oids::UNKNOWN;
                }
                types[index]
            }
        };
        let collation = self.type_collation(type_oid)?;
        Ok(Expr::Param(Param {
            kind: ParamKind::External,
            id: number as usize,
            type_oid,
            typmod: -1,
            collation,
            position: Position::new(at),
        }))
    }
}

/// Decimal or prefixed (`0x`, `0o`, `0b`) integers with underscores, if they fit 64 bits.
fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)?),
        [b'0', b'o', ..] => (8, lower.get(2..)?),
        [b'0', b'b', ..] => (2, lower.get(2..)?),
        _ => (10, lower.as_str()),
    };
    let value = i128::from_str_radix(body, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}
