//! `COPY`.

use crate::ast::{CopySource, CopyStatement, CopyTarget, DefElem, DefValue, Statement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

fn text(value: &str) -> Option<DefValue> {
    Some(DefValue::String(value.into()))
}

impl Parser<'_> {
    pub(super) fn copy_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Copy)?;
        let mut options = Vec::new();
        let (source, from) = if self.accept_char(b'(') {
            let statement = Box::new(self.preparable_statement()?);
            self.expect_char(b')')?;
            self.expect(Keyword::To)?;
            (CopySource::Statement(statement), false)
        } else {
            let start = self.start();
            if self.accept(Keyword::Binary) {
                options.push(self.def_elem_named("format", start, text("binary")));
            }
            let name = self.qualified_name()?;
            let columns = self.opt_column_list()?;
            let from = self.accept(Keyword::From);
            if !from {
                self.expect(Keyword::To)?;
            }
            (CopySource::Table { name, columns }, from)
        };
        let program = self.accept(Keyword::Program);
        let target_span = self.span();
        let target = self.copy_target(program)?;
        if matches!(source, CopySource::Table { .. }) {
            self.opt_copy_delimiters(&mut options)?;
        }
        if program && target == CopyTarget::Std {
            return Err(self.error_at(target_span, "STDIN/STDOUT not allowed with PROGRAM"));
        }
        self.accept(Keyword::With);
        if self.at_char(b'(') {
            options.extend(self.copy_generic_options()?);
        } else {
            self.copy_old_options(&mut options)?;
        }
        let where_span = self.span();
        let where_clause =
            if matches!(source, CopySource::Table { .. }) { self.where_clause()? } else { None };
        if where_clause.is_some() && !from {
            return Err(self
                .error_at(where_span, "WHERE clause not allowed with COPY TO")
                .hint("Try the COPY (SELECT ... WHERE ...) TO variant."));
        }
        Ok(Statement::Copy(Box::new(CopyStatement { source, from, target, options, where_clause })))
    }

    fn copy_target(&mut self, program: bool) -> Result<CopyTarget> {
        if self.at_any(&[Keyword::Stdin, Keyword::Stdout]) {
            self.advance();
            return Ok(CopyTarget::Std);
        }
        let file = self.string()?;
        Ok(if program { CopyTarget::Program(file) } else { CopyTarget::File(file) })
    }

    /// `copy_delimiter`.
    fn opt_copy_delimiters(&mut self, options: &mut Vec<DefElem>) -> Result<()> {
        let start = self.start();
        if self.at(Keyword::Using) || self.at(Keyword::Delimiters) {
            self.accept(Keyword::Using);
            self.expect(Keyword::Delimiters)?;
            let value = DefValue::String(self.string()?);
            options.push(self.def_elem_named("delimiter", start, Some(value)));
        }
        Ok(())
    }

    /// `copy_opt_list`: words without parentheses.
    fn copy_old_options(&mut self, options: &mut Vec<DefElem>) -> Result<()> {
        loop {
            let start = self.start();
            let keyword = self.keyword();
            let (name, value) = match keyword {
                Keyword::Binary => ("format", text("binary")),
                Keyword::Csv => ("format", text("csv")),
                Keyword::Freeze => ("freeze", text("true")),
                Keyword::Header => ("header", text("true")),
                Keyword::Delimiter => ("delimiter", None),
                Keyword::Null => ("null", None),
                Keyword::Quote => ("quote", None),
                Keyword::Escape => ("escape", None),
                Keyword::Encoding => ("encoding", None),
                Keyword::Force => {
                    options.push(self.copy_force_option()?);
                    continue;
                }
                _ => return Ok(()),
            };
            self.advance();
            let value = match value {
                Some(value) => value,
                None => {
                    if keyword != Keyword::Encoding {
                        self.accept(Keyword::As);
                    }
                    DefValue::String(self.string()?)
                }
            };
            options.push(self.def_elem_named(name, start, Some(value)));
        }
    }

    /// `FORCE QUOTE`, `FORCE NOT NULL`, `FORCE NULL`.
    fn copy_force_option(&mut self) -> Result<DefElem> {
        let start = self.start();
        self.expect(Keyword::Force)?;
        let name = if self.accept(Keyword::Quote) {
            "force_quote"
        } else if self.accept(Keyword::Not) {
            self.expect(Keyword::Null)?;
            "force_not_null"
        } else {
            self.expect(Keyword::Null)?;
            "force_null"
        };
        let value = if self.accept_char(b'*') {
            DefValue::Star
        } else {
            let columns = self.comma_list(Self::col_id)?;
            DefValue::List(columns.into_iter().map(|column| DefValue::String(column.name)).collect())
        };
        Ok(self.def_elem_named(name, start, Some(value)))
    }

    /// `copy_generic_opt_list` with its parentheses.
    fn copy_generic_options(&mut self) -> Result<Vec<DefElem>> {
        self.paren_list(|p| {
            let name = p.col_label()?;
            let value = if p.at_char(b',') || p.at_char(b')') {
                None
            } else if p.accept_char(b'*') {
                Some(DefValue::Star)
            } else if p.accept(Keyword::Default) {
                Some(DefValue::Default)
            } else if p.at_char(b'(') {
                Some(DefValue::List(p.paren_list(|p| Ok(DefValue::String(p.boolean_or_string()?.name)))?))
            } else if p.at_numeric_only() {
                Some(DefValue::Number(p.numeric_only()?))
            } else {
                Some(DefValue::String(p.boolean_or_string()?.name))
            };
            Ok(p.def_elem(name, value))
        })
    }
}
