//! LIKE, ILIKE, SIMILAR TO, IS NORMALIZED.

use super::{not, operator_name, system_name};
use crate::binder::Binder;
use crate::func::CallParts;
use pglitedb_query_tree::{CallForm, Const, Expr, Position};
use pglitedb_sql_parser::ast::{self, LikeKind, NormalForm};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, oids};

impl<'c> Binder<'c> {
    /// A call of a `pg_catalog` function written in SQL's own syntax.
    pub fn sql_function(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<Expr> {
        self.system_call(name, args, CallForm::SqlSyntax, at)
    }

    /// A call of a `pg_catalog` function.
    pub fn system_call(&mut self, name: &str, args: Vec<Expr>, form: CallForm, at: usize) -> Result<Expr> {
        let name = system_name(name);
        self.call(CallParts::plain(&name, form, at), args)
    }

    pub(super) fn like(
        &mut self,
        kind: LikeKind,
        arg: &'c ast::Expr,
        pattern: &'c ast::Expr,
        escape: Option<&'c ast::Expr>,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let arg = self.expr(arg)?;
        let mut pattern = self.expr(pattern)?;
        let escape = match escape {
            Some(escape) => Some(self.expr(escape)?),
            None => None,
        };
        let symbol = match (kind, negated) {
            (LikeKind::Like, false) => "~~",
            (LikeKind::Like, true) => "!~~",
            (LikeKind::ILike, false) => "~~*",
            (LikeKind::ILike, true) => "!~~*",
            (LikeKind::SimilarTo, false) => "~",
            (LikeKind::SimilarTo, true) => "!~",
        };
        if kind == LikeKind::SimilarTo {
            let mut args = vec![pattern];
            args.extend(escape);
            pattern = self.system_call("similar_to_escape", args, CallForm::Explicit, at)?;
        } else if let Some(escape) = escape {
            pattern = self.system_call("like_escape", vec![pattern, escape], CallForm::Explicit, at)?;
        }
        self.make_op(&operator_name(symbol, at), Some(arg), pattern, at)
    }

    pub(super) fn is_normalized(
        &mut self,
        arg: &'c ast::Expr,
        form: Option<NormalForm>,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let mut args = vec![self.expr(arg)?];
        args.extend(form.map(|form| normal_form(form, at)));
        let call = self.sql_function("is_normalized", args, at)?;
        Ok(if negated { not(call) } else { call })
    }
}

/// The form's name as a literal.
pub(super) fn normal_form(form: NormalForm, at: usize) -> Expr {
    let name = match form {
        NormalForm::Nfc => "NFC",
        NormalForm::Nfd => "NFD",
        NormalForm::Nfkc => "NFKC",
        NormalForm::Nfkd => "NFKD",
    };
    text_literal(name, at)
}

/// An untyped string literal.
pub(crate) fn text_literal(text: &str, at: usize) -> Expr {
    Expr::Const(Const {
        value: Datum::text(text),
        type_oid: oids::UNKNOWN,
        typmod: -1,
        collation: 0,
        position: Position::new(at),
    })
}
