//! Small clauses and option lists that many statements share.

use super::{Parser, ident};
use crate::ast::{DefAction, DefElem, DefValue, DropBehavior, Ident, QualifiedName, RelationRef};
use crate::lexer::{Category, Keyword, TokenKind};
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `IF EXISTS`.
    pub(crate) fn opt_if_exists(&mut self) -> Result<bool> {
        // `IF` may be a name as well.
        Ok(self.accept_pair(Keyword::If, Keyword::Exists))
    }

    /// `IF EXISTS` where no name may stand instead.
    pub(crate) fn opt_if_exists_words(&mut self) -> Result<bool> {
        let found = self.accept(Keyword::If);
        if found {
            self.expect(Keyword::Exists)?;
        }
        Ok(found)
    }

    /// `IF NOT EXISTS` where no name may stand instead.
    pub(crate) fn opt_if_not_exists_words(&mut self) -> Result<bool> {
        let found = self.accept(Keyword::If);
        if found {
            self.expect_all(&[Keyword::Not, Keyword::Exists])?;
        }
        Ok(found)
    }

    /// `IF NOT EXISTS`.
    pub(crate) fn opt_if_not_exists(&mut self) -> Result<bool> {
        let found = self.accept_pair(Keyword::If, Keyword::Not);
        if found {
            self.expect(Keyword::Exists)?;
        }
        Ok(found)
    }

    /// `CASCADE`, `RESTRICT` or nothing.
    pub(crate) fn opt_drop_behavior(&mut self) -> DropBehavior {
        if self.accept(Keyword::Cascade) {
            return DropBehavior::Cascade;
        }
        self.accept(Keyword::Restrict);
        DropBehavior::Restrict
    }

    /// An element without namespace or action.
    pub(crate) fn def_elem(&self, name: Ident, value: Option<DefValue>) -> DefElem {
        let span = self.span_from(name.span.start);
        DefElem { namespace: None, name, value, action: DefAction::Unspecified, span }
    }

    /// An element that the grammar names itself, from `start` to here.
    pub(crate) fn def_elem_named(&self, name: &str, start: u32, value: Option<DefValue>) -> DefElem {
        self.def_elem(ident(name, self.span_from(start)), value)
    }

    /// `definition`: `(name = value, ...)`.
    pub(crate) fn definition(&mut self) -> Result<Vec<DefElem>> {
        self.paren_list(|p| {
            let name = p.col_label()?;
            let value = if p.accept_char(b'=') { Some(p.def_arg()?) } else { None };
            Ok(p.def_elem(name, value))
        })
    }

    /// `reloptions`: `(namespace.name = value, ...)`.
    pub(crate) fn reloptions(&mut self) -> Result<Vec<DefElem>> {
        self.paren_list(|p| {
            let start = p.start();
            let first = p.col_label()?;
            let (namespace, name) =
                if p.accept_char(b'.') { (Some(first), p.col_label()?) } else { (None, first) };
            let value = if p.accept_char(b'=') { Some(p.def_arg()?) } else { None };
            Ok(DefElem { namespace, name, value, action: DefAction::Unspecified, span: p.span_from(start) })
        })
    }

    /// `opt_reloptions` / `opt_definition`: `WITH (...)` or nothing.
    pub(crate) fn opt_with_reloptions(&mut self) -> Result<Vec<DefElem>> {
        if self.accept_with() { self.reloptions() } else { Ok(Vec::new()) }
    }

    /// Takes `WITH`, unless the word behind it makes PostgreSQL's lexer take the two for another token.
    pub(crate) fn accept_with(&mut self) -> bool {
        let found =
            self.at(Keyword::With) && !matches!(self.next_keyword(), Keyword::Time | Keyword::Ordinality);
        if found {
            self.advance();
        }
        found
    }

    /// `def_arg`.
    pub(crate) fn def_arg(&mut self) -> Result<DefValue> {
        let token = self.peek();
        if super::names::is_string(token) {
            return Ok(DefValue::String(self.string()?));
        }
        if matches!(token.kind, TokenKind::Integer | TokenKind::Numeric) {
            return Ok(DefValue::Number(self.numeric_only()?));
        }
        // A sign before a number is the number's, before anything else an operator.
        if self.at_char(b'+') || self.at_char(b'-') {
            let next = self.peek_next().kind;
            if matches!(next, TokenKind::Integer | TokenKind::Numeric) {
                return Ok(DefValue::Number(self.numeric_only()?));
            }
        }
        if self.at_operator() || (token.keyword == Keyword::Operator && self.next_is_char(b'(')) {
            return Ok(DefValue::Operator(self.qual_all_op()?));
        }
        if token.keyword == Keyword::NotAKeyword {
            return Ok(DefValue::Type(self.func_type()?));
        }
        if token.keyword == Keyword::None || token.keyword.category() == Category::Reserved {
            return Ok(DefValue::String(self.take_ident()?.name));
        }
        Ok(DefValue::Type(self.func_type()?))
    }

    /// `create_generic_options`: `OPTIONS (name 'value', ...)` or nothing.
    pub(crate) fn opt_generic_options(&mut self) -> Result<Vec<DefElem>> {
        if !self.accept(Keyword::Options) {
            return Ok(Vec::new());
        }
        self.paren_list(|p| {
            let name = p.col_label()?;
            let value = p.string()?;
            Ok(p.def_elem(name, Some(DefValue::String(value))))
        })
    }

    /// `alter_generic_options`: `OPTIONS (ADD name 'value', SET ..., DROP name)`; at the word `OPTIONS`.
    pub(crate) fn alter_generic_options(&mut self) -> Result<Vec<DefElem>> {
        self.expect(Keyword::Options)?;
        self.paren_list(|p| {
            let start = p.start();
            let action = match p.keyword() {
                _ if super::names::is_string(p.peek_next()) => DefAction::Unspecified,
                Keyword::Set => DefAction::Set,
                Keyword::Add => DefAction::Add,
                Keyword::Drop => DefAction::Drop,
                _ => DefAction::Unspecified,
            };
            if action != DefAction::Unspecified {
                p.advance();
            }
            let name = p.col_label()?;
            let value = if action == DefAction::Drop { None } else { Some(DefValue::String(p.string()?)) };
            Ok(DefElem { namespace: None, name, value, action, span: p.span_from(start) })
        })
    }

    /// `utility_option_list` with its parentheses, as `EXPLAIN`, `VACUUM` and their like take it.
    pub(crate) fn utility_options(&mut self) -> Result<Vec<DefElem>> {
        self.paren_list(|p| {
            let name = match p.keyword() {
                Keyword::Analyze | Keyword::Analyse => {
                    let token = p.advance();
                    ident("analyze", crate::ast::Span { start: token.start, end: token.end })
                }
                // Also where it makes the phrase FORMAT JSON.
                Keyword::Format => p.take_ident()?,
                _ => p.non_reserved_word()?,
            };
            let value = if p.at_char(b',') || p.at_char(b')') {
                None
            } else if p.at_numeric_only() {
                Some(DefValue::Number(p.numeric_only()?))
            } else {
                Some(DefValue::String(p.boolean_or_string()?.name))
            };
            Ok(p.def_elem(name, value))
        })
    }

    /// `relation_expr`: a table, with `ONLY` or `*` if written; without alias.
    pub(crate) fn relation_expr(&mut self) -> Result<RelationRef> {
        let start = self.start();
        if self.accept(Keyword::Only) {
            let parenthesized = self.accept_char(b'(');
            let name = self.qualified_name()?;
            if parenthesized {
                self.expect_char(b')')?;
            }
            return Ok(RelationRef { name, only: true, alias: None, span: self.span_from(start) });
        }
        let name = self.qualified_name()?;
        self.accept_char(b'*');
        Ok(RelationRef { name, only: false, alias: None, span: self.span_from(start) })
    }

    /// `qualified_name` as a relation.
    pub(crate) fn relation_name(&mut self) -> Result<RelationRef> {
        let name = self.qualified_name()?;
        let span = name.span();
        Ok(RelationRef { name, only: false, alias: None, span })
    }

    /// `qualified_name_list`.
    pub(crate) fn qualified_name_list(&mut self) -> Result<Vec<QualifiedName>> {
        self.comma_list(Self::qualified_name)
    }

    /// `any_name_list`.
    pub(crate) fn any_name_list(&mut self) -> Result<Vec<QualifiedName>> {
        self.comma_list(Self::any_name)
    }
}
