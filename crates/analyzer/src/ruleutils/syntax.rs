//! Functions that are written in SQL's own syntax.

use super::Deparser;
use pglitedb_query_tree::{Expr, FuncExpr, SpecialExpr};
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

impl Deparser<'_> {
    /// Writes the call if its syntax is known; says whether it was.
    pub(super) fn sql_syntax(&mut self, func: &FuncExpr) -> Result<bool> {
        let Some(proc) = self.binder.ctx.catalog.proc(func.func)? else { return Ok(false) };
        let args = &func.args;
        match (&*proc.name, args.as_slice()) {
            ("timezone", [zone, value]) => {
                self.push("(");
                self.paren(value, false, &Expr::Func(func.clone()))?;
                self.push(" AT TIME ZONE ");
                self.paren(zone, false, &Expr::Func(func.clone()))?;
                self.push(")");
            }
            ("timezone", [value]) => {
                self.push("(");
                self.paren(value, false, &Expr::Func(func.clone()))?;
                self.push(" AT LOCAL)");
            }
            ("overlaps", [a, b, c, d]) => {
                self.push("((");
                self.expr(a, false)?;
                self.push(", ");
                self.expr(b, false)?;
                self.push(") OVERLAPS (");
                self.expr(c, false)?;
                self.push(", ");
                self.expr(d, false)?;
                self.push("))");
            }
            ("extract", [field, source]) => {
                self.push("EXTRACT(");
                let text = literal(field).unwrap_or_default();
                self.push_ident(&text);
                self.push(" FROM ");
                self.expr(source, false)?;
                self.push(")");
            }
            ("is_normalized", [value, rest @ ..]) => {
                self.push("(");
                self.paren(value, false, &Expr::Func(func.clone()))?;
                self.push(" IS");
                if let Some(form) = rest.first().and_then(literal) {
                    self.push(&format!(" {form}"));
                }
                self.push(" NORMALIZED)");
            }
            ("pg_collation_for", [value]) => {
                self.push("COLLATION FOR (");
                self.expr(value, false)?;
                self.push(")");
            }
            ("normalize", [value, rest @ ..]) => {
                self.push("NORMALIZE(");
                self.expr(value, false)?;
                if let Some(form) = rest.first().and_then(literal) {
                    self.push(&format!(", {form}"));
                }
                self.push(")");
            }
            ("overlay", [value, placing, from, rest @ ..]) => {
                self.push("OVERLAY(");
                self.expr(value, false)?;
                self.push(" PLACING ");
                self.expr(placing, false)?;
                self.push(" FROM ");
                self.expr(from, false)?;
                if let Some(length) = rest.first() {
                    self.push(" FOR ");
                    self.expr(length, false)?;
                }
                self.push(")");
            }
            ("position", [haystack, needle]) => {
                self.push("POSITION((");
                self.expr(needle, false)?;
                self.push(") IN (");
                self.expr(haystack, false)?;
                self.push("))");
            }
            ("substring", [value, from, rest @ ..]) if !rest.is_empty() || is_number(from) => {
                self.push("SUBSTRING(");
                self.expr(value, false)?;
                if is_number(from) {
                    self.push(" FROM ");
                    self.expr(from, false)?;
                    if let Some(length) = rest.first() {
                        self.push(" FOR ");
                        self.expr(length, false)?;
                    }
                } else {
                    self.push(" SIMILAR ");
                    self.expr(from, false)?;
                    if let Some(escape) = rest.first() {
                        self.push(" ESCAPE ");
                        self.expr(escape, false)?;
                    }
                }
                self.push(")");
            }
            ("substring", [value, from]) => {
                self.push("SUBSTRING(");
                self.expr(value, false)?;
                self.push(" FROM ");
                self.expr(from, false)?;
                self.push(")");
            }
            ("btrim" | "ltrim" | "rtrim", [value, rest @ ..]) => {
                self.push(match &*proc.name {
                    "btrim" => "TRIM(BOTH",
                    "ltrim" => "TRIM(LEADING",
                    _ => "TRIM(TRAILING",
                });
                if let Some(cut) = rest.first() {
                    self.push(" ");
                    self.expr(cut, false)?;
                }
                self.push(" FROM ");
                self.expr(value, false)?;
                self.push(")");
            }
            ("system_user", []) => self.push("SYSTEM_USER"),
            ("xmlexists", [path, document]) => {
                self.push("XMLEXISTS((");
                self.expr(path, false)?;
                self.push(") PASSING (");
                self.expr(document, false)?;
                self.push("))");
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// JSON, XML and other special grammar.
    pub(super) fn special(&mut self, special: &SpecialExpr, parent: &Expr) -> Result<()> {
        if self.json_special(special, parent)? {
            return Ok(());
        }
        match (&*special.name, special.args.as_slice()) {
            ("merge_action", _) => self.push("MERGE_ACTION()"),
            ("is_document", [arg]) => {
                self.push("(");
                self.paren(arg, true, parent)?;
                self.push(" IS DOCUMENT)");
            }
            (name, args) => {
                // The options have no textual form yet; name and arguments tell what is computed.
                self.push(&name.to_uppercase());
                self.push("(");
                self.list(args)?;
                self.push(")");
            }
        }
        Ok(())
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Const(constant) => match &constant.value {
            Datum::Text(text) => Some(text.to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn is_number(expr: &Expr) -> bool {
    expr.type_oid() == pglitedb_types::oids::INT4
}
