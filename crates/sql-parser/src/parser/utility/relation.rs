//! `CREATE INDEX`, `CREATE VIEW`, `CREATE SEQUENCE`, `CREATE STATISTICS`.

use crate::ast::{
    CreateIndexStatement, CreateSequenceStatement, CreateStatisticsStatement, CreateViewStatement,
    Persistence, SequenceOption, SequenceOptionKind, Statement, ViewCheckOption,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// Behind `CREATE [UNIQUE] INDEX`.
    pub(super) fn create_index(&mut self, unique: bool) -> Result<Statement> {
        let concurrently = self.accept(Keyword::Concurrently);
        let if_not_exists = self.opt_if_not_exists()?;
        let name = if if_not_exists || !self.at(Keyword::On) { Some(self.col_id()?) } else { None };
        self.expect(Keyword::On)?;
        let relation = self.relation_expr()?;
        let access_method = self.opt_access_method()?;
        let elements = self.paren_list(Self::index_element)?;
        let include =
            if self.accept(Keyword::Include) { self.paren_list(Self::index_element)? } else { Vec::new() };
        let nulls_not_distinct = self.opt_nulls_not_distinct()?;
        let options = self.opt_with_reloptions()?;
        let tablespace = self.opt_tablespace()?;
        let where_clause = self.where_clause()?;
        Ok(Statement::CreateIndex(Box::new(CreateIndexStatement {
            unique,
            concurrently,
            if_not_exists,
            name,
            relation,
            access_method,
            elements,
            include,
            nulls_not_distinct,
            options,
            tablespace,
            where_clause,
        })))
    }

    /// Behind `CREATE ...`, at `RECURSIVE` or `VIEW`.
    pub(super) fn create_view(&mut self, or_replace: bool, persistence: Persistence) -> Result<Statement> {
        let recursive = self.accept(Keyword::Recursive);
        self.expect(Keyword::View)?;
        let name = self.qualified_name()?;
        let columns = if recursive { self.paren_list(Self::col_id)? } else { self.opt_column_list()? };
        let options = self.opt_with_reloptions()?;
        self.expect(Keyword::As)?;
        let query = Box::new(self.select_statement()?);
        let check_span = self.span();
        let check_option = self.opt_check_option()?;
        if recursive && check_option.is_some() {
            return Err(err!(FEATURE_NOT_SUPPORTED, "WITH CHECK OPTION not supported on recursive views")
                .at(check_span.offset()));
        }
        Ok(Statement::CreateView(Box::new(CreateViewStatement {
            or_replace,
            persistence,
            recursive,
            name,
            columns,
            options,
            query,
            check_option,
        })))
    }

    fn opt_check_option(&mut self) -> Result<Option<ViewCheckOption>> {
        if !self.accept_with() {
            return Ok(None);
        }
        let local = self.accept(Keyword::Local);
        if !local {
            self.accept(Keyword::Cascaded);
        }
        self.expect_all(&[Keyword::Check, Keyword::Option])?;
        Ok(Some(if local { ViewCheckOption::Local } else { ViewCheckOption::Cascaded }))
    }

    /// Behind `CREATE [persistence] SEQUENCE`.
    pub(super) fn create_sequence(&mut self, persistence: Persistence) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = self.qualified_name()?;
        let options = self.sequence_options()?;
        Ok(Statement::CreateSequence(CreateSequenceStatement { name, persistence, if_not_exists, options }))
    }

    /// `OptSeqOptList`.
    pub(super) fn sequence_options(&mut self) -> Result<Vec<SequenceOption>> {
        let mut options = Vec::new();
        while self.at_sequence_option() {
            options.push(self.sequence_option()?);
        }
        Ok(options)
    }

    /// `OptParenthesizedSeqOptList`.
    pub(super) fn opt_paren_sequence_options(&mut self) -> Result<Vec<SequenceOption>> {
        if !self.accept_char(b'(') {
            return Ok(Vec::new());
        }
        let mut options = vec![self.sequence_option()?];
        options.extend(self.sequence_options()?);
        self.expect_char(b')')?;
        Ok(options)
    }

    pub(super) fn at_sequence_option(&self) -> bool {
        self.at_any(&[
            Keyword::As,
            Keyword::Cache,
            Keyword::Cycle,
            Keyword::Increment,
            Keyword::Logged,
            Keyword::Maxvalue,
            Keyword::Minvalue,
            Keyword::No,
            Keyword::Owned,
            Keyword::Sequence,
            Keyword::Start,
            Keyword::Restart,
            Keyword::Unlogged,
        ])
    }

    /// `SeqOptElem`.
    pub(super) fn sequence_option(&mut self) -> Result<SequenceOption> {
        use SequenceOptionKind as Kind;
        let start = self.start();
        if !self.at_sequence_option() {
            return Err(self.syntax_error());
        }
        let kind = match self.advance().keyword {
            Keyword::As => Kind::As(self.plain_type_name()?),
            Keyword::Cache => Kind::Cache(self.numeric_only()?),
            Keyword::Cycle => Kind::Cycle(true),
            Keyword::Increment => {
                self.accept(Keyword::By);
                Kind::Increment(self.numeric_only()?)
            }
            Keyword::Logged => Kind::Logged(true),
            Keyword::Unlogged => Kind::Logged(false),
            Keyword::Maxvalue => Kind::MaxValue(Some(self.numeric_only()?)),
            Keyword::Minvalue => Kind::MinValue(Some(self.numeric_only()?)),
            Keyword::No => {
                let kind = match self.keyword() {
                    Keyword::Maxvalue => Kind::MaxValue(None),
                    Keyword::Minvalue => Kind::MinValue(None),
                    Keyword::Cycle => Kind::Cycle(false),
                    _ => return Err(self.syntax_error()),
                };
                self.advance();
                kind
            }
            Keyword::Owned => {
                self.expect(Keyword::By)?;
                Kind::OwnedBy(self.any_name()?)
            }
            Keyword::Sequence => {
                self.expect(Keyword::Name)?;
                Kind::SequenceName(self.any_name()?)
            }
            Keyword::Start => {
                self.accept(Keyword::With);
                Kind::Start(self.numeric_only()?)
            }
            _ => {
                if self.accept(Keyword::With) || self.at_numeric_only() {
                    Kind::Restart(Some(self.numeric_only()?))
                } else {
                    Kind::Restart(None)
                }
            }
        };
        Ok(SequenceOption { kind, span: self.span_from(start) })
    }

    /// Behind `CREATE STATISTICS`.
    pub(super) fn create_statistics(&mut self) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = if if_not_exists || self.at_col_id() { Some(self.any_name()?) } else { None };
        let kinds = self.opt_column_list()?;
        self.expect(Keyword::On)?;
        let elements = self.comma_list(Self::index_key)?;
        self.expect(Keyword::From)?;
        let from = self.from_list()?;
        Ok(Statement::CreateStatistics(CreateStatisticsStatement {
            name,
            if_not_exists,
            kinds,
            elements,
            from,
        }))
    }
}
