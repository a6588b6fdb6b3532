//! `CREATE FUNCTION`, `CREATE PROCEDURE` and `ALTER` of them.

use super::alter::Changes;
use crate::ast::{
    AlterFunctionStatement, CreateFunctionStatement, FunctionOption, FunctionOptionKind, FunctionParameter,
    FunctionReturns, ObjectRef, ParameterMode, ReturnStatement, SqlBody, Statement, Volatility,
};
use crate::lexer::Keyword;
use crate::parser::{Parser, names};
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// At `FUNCTION` or `PROCEDURE` behind `CREATE`.
    pub(super) fn create_function(&mut self, or_replace: bool) -> Result<Statement> {
        let procedure = self.advance().keyword == Keyword::Procedure;
        let name = self.func_name()?;
        let parameters = self.parameters(Self::function_parameter_with_default)?;
        let returns = if !procedure && self.at(Keyword::Returns) && self.next_keyword() != Keyword::Null {
            self.function_returns()?
        } else {
            FunctionReturns::Unspecified
        };
        let mut options = Vec::new();
        while let Some(option) = self.opt_create_function_option()? {
            options.push(option);
        }
        let body = self.opt_routine_body()?;
        Ok(Statement::CreateFunction(Box::new(CreateFunctionStatement {
            or_replace,
            procedure,
            name,
            parameters,
            returns,
            options,
            body,
        })))
    }

    /// `func_arg_with_default`.
    fn function_parameter_with_default(&mut self) -> Result<FunctionParameter> {
        let mut parameter = self.function_parameter()?;
        if self.accept(Keyword::Default) || self.accept_char(b'=') {
            parameter.default = Some(self.expr()?);
            parameter.span = self.span_from(parameter.span.start);
        }
        Ok(parameter)
    }

    fn function_returns(&mut self) -> Result<FunctionReturns> {
        self.expect(Keyword::Returns)?;
        let start = self.start();
        if !self.accept(Keyword::Table) {
            return Ok(FunctionReturns::Type(self.func_type()?));
        }
        let columns = self.paren_list(|p| {
            let start = p.start();
            let name = Some(p.type_function_name()?);
            let type_name = p.func_type()?;
            let span = p.span_from(start);
            Ok(FunctionParameter { name, mode: ParameterMode::Table, type_name, default: None, span })
        })?;
        Ok(FunctionReturns::Table(columns, self.span_from(start)))
    }

    /// `createfunc_opt_item`, if one stands here.
    fn opt_create_function_option(&mut self) -> Result<Option<FunctionOption>> {
        let start = self.start();
        let kind = match self.keyword() {
            Keyword::As => {
                self.advance();
                let mut parts = vec![self.string()?];
                if self.accept_char(b',') {
                    parts.push(self.string()?);
                }
                FunctionOptionKind::As(parts)
            }
            Keyword::Language => {
                self.advance();
                FunctionOptionKind::Language(self.non_reserved_word_or_string()?.name)
            }
            Keyword::Transform => {
                self.advance();
                FunctionOptionKind::Transform(self.comma_list(|p| {
                    p.expect_all(&[Keyword::For, Keyword::Type])?;
                    p.type_name()
                })?)
            }
            Keyword::Window => {
                self.advance();
                FunctionOptionKind::Window
            }
            _ => return self.opt_common_function_option(),
        };
        Ok(Some(FunctionOption { kind, span: self.span_from(start) }))
    }

    /// `common_func_opt_item`, if one stands here.
    fn opt_common_function_option(&mut self) -> Result<Option<FunctionOption>> {
        use FunctionOptionKind as Kind;
        let start = self.start();
        let keyword = self.keyword();
        let kind = match keyword {
            Keyword::Set | Keyword::Reset => Kind::Set(Box::new(self.function_set_reset_clause()?)),
            Keyword::Called
            | Keyword::Returns
            | Keyword::Strict
            | Keyword::Immutable
            | Keyword::Stable
            | Keyword::Volatile
            | Keyword::External
            | Keyword::Security
            | Keyword::Leakproof
            | Keyword::Not
            | Keyword::Cost
            | Keyword::Rows
            | Keyword::Support
            | Keyword::Parallel => {
                self.advance();
                self.common_function_option(keyword)?
            }
            _ => return Ok(None),
        };
        Ok(Some(FunctionOption { kind, span: self.span_from(start) }))
    }

    /// Behind the first word of an option.
    fn common_function_option(&mut self, keyword: Keyword) -> Result<FunctionOptionKind> {
        use FunctionOptionKind as Kind;
        Ok(match keyword {
            Keyword::Called => {
                self.expect_all(&[Keyword::On, Keyword::Null, Keyword::Input])?;
                Kind::Strict(false)
            }
            Keyword::Returns => {
                self.expect_all(&[Keyword::Null, Keyword::On, Keyword::Null, Keyword::Input])?;
                Kind::Strict(true)
            }
            Keyword::Strict => Kind::Strict(true),
            Keyword::Immutable => Kind::Volatility(Volatility::Immutable),
            Keyword::Stable => Kind::Volatility(Volatility::Stable),
            Keyword::Volatile => Kind::Volatility(Volatility::Volatile),
            Keyword::External | Keyword::Security => {
                if keyword == Keyword::External {
                    self.expect(Keyword::Security)?;
                }
                let definer = self.accept(Keyword::Definer);
                if !definer {
                    self.expect(Keyword::Invoker)?;
                }
                Kind::SecurityDefiner(definer)
            }
            Keyword::Leakproof => Kind::Leakproof(true),
            Keyword::Not => {
                self.expect(Keyword::Leakproof)?;
                Kind::Leakproof(false)
            }
            Keyword::Cost => Kind::Cost(self.numeric_only()?),
            Keyword::Rows => Kind::Rows(self.numeric_only()?),
            Keyword::Support => Kind::Support(self.any_name()?),
            _ => Kind::Parallel(self.col_id()?),
        })
    }

    /// `opt_routine_body`.
    fn opt_routine_body(&mut self) -> Result<Option<SqlBody>> {
        if self.accept(Keyword::Return) {
            return Ok(Some(SqlBody::Return(self.expr()?)));
        }
        if !self.accept(Keyword::Begin) {
            return Ok(None);
        }
        self.expect(Keyword::Atomic)?;
        let mut statements = Vec::new();
        while !self.accept(Keyword::End) {
            if self.accept_char(b';') {
                continue;
            }
            if self.accept(Keyword::Return) {
                statements.push(Statement::Return(Box::new(ReturnStatement { value: self.expr()? })));
            } else {
                statements.push(self.statement()?);
            }
            self.expect_char(b';')?;
        }
        Ok(Some(SqlBody::Atomic(statements)))
    }

    /// `ALTER FUNCTION`, `PROCEDURE`, `ROUTINE`.
    pub(super) fn alter_function(&mut self) -> Result<Statement> {
        let kind = self.object_kind()?;
        let signature = self.routine_signature()?;
        if !self.at_schema_change() {
            let mut options = Vec::new();
            while let Some(option) = self.opt_common_function_option()? {
                options.push(option);
            }
            if !options.is_empty() {
                self.accept(Keyword::Restrict);
                return Ok(Statement::AlterFunction(AlterFunctionStatement { kind, signature, options }));
            }
        }
        let changes = Changes { rename: true, owner: true, schema: true, depends: true };
        self.alter_object(ObjectRef::Routine { kind, signature }, changes, false)
    }

    /// `SET SCHEMA name`, where `SET schema = ...` and `SET SCHEMA 'name'` may stand too.
    fn at_schema_change(&mut self) -> bool {
        if !self.at_pair(Keyword::Set, Keyword::Schema) {
            return false;
        }
        let before = self.checkpoint();
        self.advance();
        self.advance();
        let found = names::is_col_id(self.peek());
        self.rewind(before);
        found
    }
}
