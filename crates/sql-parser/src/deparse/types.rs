//! Type names: SQL's spelling where it parses to the same tree, the catalog's name otherwise.

use super::Printer;
use crate::ast::{Expr, ExprKind, Literal, TypeName};

/// The value of an integer modifier.
fn integer(expr: &Expr) -> Option<i32> {
    match expr.kind {
        ExprKind::Literal(Literal::Integer(value)) if value >= 0 => Some(value),
        _ => None,
    }
}

/// How an interval's field mask is written.
fn interval_fields(mask: i32) -> Option<&'static str> {
    const FIELDS: [(i32, &str); 13] = [
        (1 << 2, "YEAR"),
        (1 << 1, "MONTH"),
        (1 << 3, "DAY"),
        (1 << 10, "HOUR"),
        (1 << 11, "MINUTE"),
        (1 << 12, "SECOND"),
        (1 << 2 | 1 << 1, "YEAR TO MONTH"),
        (1 << 3 | 1 << 10, "DAY TO HOUR"),
        (1 << 3 | 1 << 10 | 1 << 11, "DAY TO MINUTE"),
        (1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, "DAY TO SECOND"),
        (1 << 10 | 1 << 11, "HOUR TO MINUTE"),
        (1 << 10 | 1 << 11 | 1 << 12, "HOUR TO SECOND"),
        (1 << 11 | 1 << 12, "MINUTE TO SECOND"),
    ];
    FIELDS.iter().find(|(fields, _)| *fields == mask).map(|(_, text)| *text)
}

impl Printer {
    pub(super) fn type_name(&mut self, type_name: &TypeName) {
        self.text_if(type_name.setof, "SETOF ");
        let is_system = type_name.name.parts.len() == 2 && type_name.name.schema() == Some("pg_catalog");
        if !is_system || !self.system_type(type_name) {
            self.name(&type_name.name);
            self.text_if(type_name.percent_type, "%TYPE");
            if !type_name.typmods.is_empty() {
                self.paren_list(&type_name.typmods, Self::expr);
            }
        }
        for bound in &type_name.array_bounds {
            match bound {
                Some(bound) => self.display(format_args!("[{bound}]")),
                None => self.text("[]"),
            }
        }
    }

    /// SQL's own spelling of a type of `pg_catalog`, if it has one that means just this.
    fn system_type(&mut self, type_name: &TypeName) -> bool {
        let typmods = &type_name.typmods;
        let first = typmods.first().and_then(integer);
        let (plain, zone) = match type_name.name.last() {
            _ if type_name.percent_type => return false,
            "int4" if typmods.is_empty() => ("INTEGER", ""),
            "int2" if typmods.is_empty() => ("SMALLINT", ""),
            "int8" if typmods.is_empty() => ("BIGINT", ""),
            "float4" if typmods.is_empty() => ("REAL", ""),
            "float8" if typmods.is_empty() => ("DOUBLE PRECISION", ""),
            "bool" if typmods.is_empty() => ("BOOLEAN", ""),
            "json" if typmods.is_empty() => ("JSON", ""),
            "numeric" => ("NUMERIC", ""),
            "varbit" => ("BIT VARYING", ""),
            "bit" if !typmods.is_empty() => ("BIT", ""),
            "bpchar" if typmods.len() == 1 && first.is_some() => ("CHAR", ""),
            "varchar" if typmods.is_empty() || (typmods.len() == 1 && first.is_some()) => ("VARCHAR", ""),
            "timestamp" if typmods.is_empty() || (typmods.len() == 1 && first.is_some()) => ("TIMESTAMP", ""),
            "timestamptz" if typmods.is_empty() || (typmods.len() == 1 && first.is_some()) => {
                ("TIMESTAMP", " WITH TIME ZONE")
            }
            "time" if typmods.is_empty() || (typmods.len() == 1 && first.is_some()) => ("TIME", ""),
            "timetz" if typmods.is_empty() || (typmods.len() == 1 && first.is_some()) => {
                ("TIME", " WITH TIME ZONE")
            }
            "interval" => return self.interval_type(typmods),
            _ => return false,
        };
        self.text(plain);
        if !typmods.is_empty() {
            self.paren_list(typmods, Self::expr);
        }
        self.text(zone);
        true
    }

    fn interval_type(&mut self, typmods: &[Expr]) -> bool {
        let values: Vec<Option<i32>> = typmods.iter().map(integer).collect();
        match values[..] {
            [] => self.text("INTERVAL"),
            [Some(mask)] => match interval_fields(mask) {
                Some(fields) => self.display(format_args!("INTERVAL {fields}")),
                None => return false,
            },
            [Some(0x7fff), Some(precision)] => self.display(format_args!("INTERVAL({precision})")),
            [Some(mask), Some(precision)] => match interval_fields(mask) {
                Some(fields) if fields.ends_with("SECOND") => {
                    self.display(format_args!("INTERVAL {fields}({precision})"));
                }
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    /// `INTERVAL(n) 'value'` or `INTERVAL 'value' fields`, where only a constant may stand.
    pub(super) fn interval_constant(&mut self, typmods: &[Expr], value: &str) {
        let values: Vec<Option<i32>> = typmods.iter().map(integer).collect();
        match values[..] {
            [Some(0x7fff), Some(precision)] => {
                self.display(format_args!("INTERVAL({precision}) "));
                self.string(value);
            }
            [Some(mask), ..] => {
                self.text("INTERVAL ");
                self.string(value);
                self.display(format_args!(" {}", interval_fields(mask).unwrap_or("")));
                if let Some(Some(precision)) = values.get(1) {
                    self.display(format_args!("({precision})"));
                }
            }
            _ => {
                self.text("INTERVAL ");
                self.string(value);
            }
        }
    }
}
