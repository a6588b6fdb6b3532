//! Constants and casts.

use super::Deparser;
use pglitedb_query_tree::{Const, Expr};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, oids};

/// Whether a constant shows its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Never,
    IfNeeded,
    Always,
}

/// A string literal as `standard_conforming_strings` reads it: a backslash stands for itself.
pub(super) fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Deparser<'_> {
    pub(super) fn constant(&mut self, constant: &Const, label: Label) -> Result<()> {
        if constant.value.is_null() {
            self.push("NULL");
            if label != Label::Never {
                self.type_label(constant.type_oid, constant.typmod);
                self.constant_collation(constant)?;
            }
            return Ok(());
        }
        let text = match (&constant.value, constant.type_oid) {
            (Datum::Text(text), oids::TEXT | oids::UNKNOWN) => text.to_string(),
            (value, type_oid) => {
                pglitedb_types::output_string(value, type_oid, self.binder.ctx.env.as_type_env())?
            }
        };
        let starts_with_digit = text.starts_with(|c: char| c.is_ascii_digit());
        let needs_label = match constant.type_oid {
            oids::INT4 => {
                // A negative number would be an operator.
                let negative = text.starts_with('-');
                if negative {
                    self.push(&format!("'{text}'"))
                } else {
                    self.push(&text)
                }
                negative
            }
            oids::NUMERIC => {
                let plain = starts_with_digit && text.contains(['e', 'E', '.']);
                if plain {
                    self.push(&text)
                } else {
                    self.push(&format!("'{text}'"))
                }
                !plain || constant.typmod >= 0
            }
            oids::BOOL => {
                self.push(if text == "t" { "true" } else { "false" });
                false
            }
            oids::UNKNOWN => {
                self.push(&quote_literal(&text));
                false
            }
            _ => {
                self.push(&quote_literal(&text));
                true
            }
        };
        if label == Label::Never {
            return Ok(());
        }
        if needs_label || label == Label::Always {
            self.type_label(constant.type_oid, constant.typmod);
        }
        self.constant_collation(constant)
    }

    fn constant_collation(&mut self, constant: &Const) -> Result<()> {
        if constant.collation != 0 && self.binder.type_collation(constant.type_oid)? != constant.collation {
            let name = self.collation_name(constant.collation)?;
            self.push(" COLLATE ");
            self.push(&name);
        }
        Ok(())
    }

    pub(super) fn type_label(&mut self, type_oid: u32, typmod: i32) {
        let shown = self.binder.type_name_typmod(type_oid, typmod);
        self.push("::");
        self.push(&shown);
    }

    /// A collation's name, qualified if the search path does not find it.
    pub(super) fn collation_name(&self, oid: u32) -> Result<String> {
        let Some(info) = self.binder.ctx.catalog.collation(oid)? else { return Ok(oid.to_string()) };
        let quoted = crate::format_type::quote_ident(&info.name);
        if self.binder.search_path().contains(&info.namespace) {
            return Ok(quoted);
        }
        Ok(match self.binder.ctx.catalog.namespace_name(info.namespace)? {
            Some(schema) => format!("{}.{quoted}", crate::format_type::quote_ident(&schema)),
            None => quoted,
        })
    }

    /// `arg::type`.
    pub(super) fn cast(&mut self, arg: &Expr, type_oid: u32, typmod: i32, parent: &Expr) -> Result<()> {
        match arg {
            Expr::Const(constant) if constant.type_oid == type_oid && constant.typmod == -1 => {
                self.constant(constant, Label::Never)?;
            }
            _ => {
                if !self.style.pretty_parens {
                    self.push("(");
                }
                self.paren(arg, false, parent)?;
                if !self.style.pretty_parens {
                    self.push(")");
                }
            }
        }
        self.type_label(type_oid, typmod);
        Ok(())
    }
}
