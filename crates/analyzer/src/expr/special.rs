//! Functions with a syntax of their own, and CURRENT_DATE and its like.

use super::like::{normal_form, text_literal};
use super::not;
use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, Position, SpecialExpr, SqlValueFunction as Bound};
use pglitedb_sql_parser::ast::{self, SpecialFunction, SqlValueFunction, TrimSide};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(super) fn special_function(&mut self, special: &'c SpecialFunction, at: usize) -> Result<Expr> {
        match special {
            SpecialFunction::Extract { field, field_span, source } => {
                let field = text_literal(field, field_span.offset());
                let source = self.expr(source)?;
                self.sql_function("extract", vec![field, source], at)
            }
            SpecialFunction::Overlay(args) => {
                let args = self.exprs(args)?;
                self.sql_function("overlay", args, at)
            }
            SpecialFunction::Position { needle, haystack } => {
                let needle = self.expr(needle)?;
                let haystack = self.expr(haystack)?;
                self.sql_function("position", vec![haystack, needle], at)
            }
            SpecialFunction::Substring { arg, from, length } => {
                self.substring(arg, from.as_ref(), length.as_ref(), at)
            }
            SpecialFunction::SubstringSimilar { arg, pattern, escape } => {
                let args = vec![self.expr(arg)?, self.expr(pattern)?, self.expr(escape)?];
                self.sql_function("substring", args, at)
            }
            SpecialFunction::Trim { side, args } => {
                let name = match side {
                    TrimSide::Both => "btrim",
                    TrimSide::Leading => "ltrim",
                    TrimSide::Trailing => "rtrim",
                };
                let args = self.expand_list(args)?;
                self.sql_function(name, args, at)
            }
            SpecialFunction::Normalize { arg, form } => {
                let mut args = vec![self.expr(arg)?];
                args.extend(form.map(|form| normal_form(form, at)));
                self.sql_function("normalize", args, at)
            }
            SpecialFunction::CollationFor(arg) => {
                let arg = self.expr(arg)?;
                self.sql_function("pg_collation_for", vec![arg], at)
            }
            SpecialFunction::Treat { arg, type_name } => {
                let arg = self.expr(arg)?;
                self.system_call(type_name.name.last(), vec![arg], CallForm::Explicit, at)
            }
            SpecialFunction::IsDocument { arg, negated } => {
                let arg = self.expr(arg)?;
                let arg = self.coerce_to_specific(arg, oids::XML, "IS DOCUMENT")?;
                let test = special_expr("is_document", "{}", vec![arg], oids::BOOL, -1, at);
                Ok(if *negated { not(test) } else { test })
            }
            SpecialFunction::SystemUser => self.sql_function("system_user", Vec::new(), at),
        }
    }

    fn substring(
        &mut self,
        arg: &'c ast::Expr,
        from: Option<&'c ast::Expr>,
        length: Option<&'c ast::Expr>,
        at: usize,
    ) -> Result<Expr> {
        let mut args = vec![self.expr(arg)?];
        match (from, length) {
            (Some(from), length) => {
                args.push(self.expr(from)?);
                if let Some(length) = length {
                    args.push(self.expr(length)?);
                }
            }
            (None, Some(length)) => {
                args.push(crate::coerce::constant(pglitedb_types::Datum::Int4(1), oids::INT4));
                let length = self.expr(length)?;
                let source = length.type_oid();
                let converted = self.coerce_to_target(
                    length,
                    oids::INT4,
                    -1,
                    CastContext::Explicit,
                    CallForm::ImplicitCast,
                )?;
                match converted {
                    Ok(length) => args.push(length),
                    Err(length) => {
                        return Err(err!(
                            CANNOT_COERCE,
                            "cannot cast type {} to integer",
                            self.type_name(source)
                        )
                        .at_opt(length.position().get()));
                    }
                }
            }
            (None, None) => {}
        }
        self.sql_function("substring", args, at)
    }

    pub(super) fn sql_value(
        &mut self,
        function: SqlValueFunction,
        precision: Option<i32>,
        at: usize,
    ) -> Result<Expr> {
        let (function, type_oid) = match function {
            SqlValueFunction::CurrentDate => (Bound::CurrentDate, oids::DATE),
            SqlValueFunction::CurrentTime => (Bound::CurrentTime, oids::TIMETZ),
            SqlValueFunction::CurrentTimestamp => (Bound::CurrentTimestamp, oids::TIMESTAMPTZ),
            SqlValueFunction::LocalTime => (Bound::LocalTime, oids::TIME),
            SqlValueFunction::LocalTimestamp => (Bound::LocalTimestamp, oids::TIMESTAMP),
            SqlValueFunction::CurrentRole => (Bound::CurrentRole, oids::NAME),
            SqlValueFunction::CurrentUser => (Bound::CurrentUser, oids::NAME),
            SqlValueFunction::User => (Bound::User, oids::NAME),
            SqlValueFunction::SessionUser => (Bound::SessionUser, oids::NAME),
            SqlValueFunction::CurrentCatalog => (Bound::CurrentCatalog, oids::NAME),
            SqlValueFunction::CurrentSchema => (Bound::CurrentSchema, oids::NAME),
        };
        let typmod = match precision {
            Some(digits) => {
                let (what, zone) = match type_oid {
                    oids::TIMETZ => ("TIME", " WITH TIME ZONE"),
                    oids::TIMESTAMPTZ => ("TIMESTAMP", " WITH TIME ZONE"),
                    oids::TIMESTAMP => ("TIMESTAMP", ""),
                    _ => ("TIME", ""),
                };
                let warn = |warning: Error| self.ctx.env.notice(warning);
                crate::typename::precision(what, zone, i64::from(digits), &warn).map_err(|e| e.at(at))?
            }
            None => -1,
        };
        Ok(Expr::SqlValue { function, type_oid, typmod })
    }

    pub(super) fn merge_action(&mut self, at: usize) -> Result<Expr> {
        let inside = self.levels.iter().rev().any(|level| level.kind == crate::ExprKind::MergeReturning);
        if !inside {
            return Err(err!(
                SYNTAX_ERROR,
                "MERGE_ACTION() can only be used in the RETURNING list of a MERGE command"
            )
            .at(at));
        }
        let mut call = special_expr("merge_action", "{}", Vec::new(), oids::TEXT, -1, at);
        if let Expr::Special(special) = &mut call {
            special.collation = 100;
        }
        Ok(call)
    }
}

/// A [`SpecialExpr`].
pub(crate) fn special_expr(
    name: &str,
    options: &str,
    args: Vec<Expr>,
    result_type: u32,
    typmod: i32,
    at: usize,
) -> Expr {
    Expr::Special(Box::new(SpecialExpr {
        name: name.into(),
        options: options.into(),
        args,
        result_type,
        typmod,
        collation: 0,
        position: Position::new(at),
    }))
}
