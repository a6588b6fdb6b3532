//! `CREATE TABLE AS` and `CREATE MATERIALIZED VIEW`.

use crate::ast::{CreateTableAsStatement, Ident, IntoClause, ObjectKind, OnCommit, Persistence, Statement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `CREATE TABLE ... AS` or `CREATE MATERIALIZED VIEW` from the word `CREATE` on, if it is one; otherwise
    /// nothing is taken.
    pub(super) fn opt_create_table_as_statement(&mut self) -> Result<Option<Statement>> {
        let before = self.checkpoint();
        self.expect(Keyword::Create)?;
        let persistence = self.opt_temp();
        let found = if self.accept(Keyword::Table) {
            let if_not_exists = self.opt_if_not_exists()?;
            self.create_table_as_rest(persistence, if_not_exists)?
        } else if persistence != Persistence::Temporary && self.accept(Keyword::Materialized) {
            self.expect(Keyword::View)?;
            Some(self.create_materialized_view_rest(persistence)?)
        } else {
            None
        };
        if found.is_none() {
            self.rewind(before);
        }
        Ok(found)
    }

    /// `OptTemp` behind `CREATE`, where `LOCAL` and `GLOBAL` can be nothing else.
    pub(super) fn create_persistence(&mut self) -> Result<Persistence> {
        if self.at_any(&[Keyword::Local, Keyword::Global])
            && !matches!(self.next_keyword(), Keyword::Temp | Keyword::Temporary)
        {
            self.advance();
            return Err(self.syntax_error());
        }
        Ok(self.opt_temp())
    }

    /// `OptTemp`: what `CREATE` says about persistence.
    pub(super) fn opt_temp(&mut self) -> Persistence {
        if self.at_any(&[Keyword::Local, Keyword::Global])
            && matches!(self.next_keyword(), Keyword::Temp | Keyword::Temporary)
        {
            self.advance();
        }
        match self.keyword() {
            Keyword::Temp | Keyword::Temporary => {
                self.advance();
                Persistence::Temporary
            }
            Keyword::Unlogged => {
                self.advance();
                Persistence::Unlogged
            }
            _ => Persistence::Permanent,
        }
    }

    /// At the name of a table to create: the whole rest if this is `CREATE TABLE AS`; otherwise nothing is taken.
    pub(super) fn create_table_as_rest(
        &mut self,
        persistence: Persistence,
        if_not_exists: bool,
    ) -> Result<Option<Statement>> {
        let before = self.checkpoint();
        self.qualified_name()?;
        let defines_columns = if self.accept_char(b'(') {
            // A name alone is a column's, without a type; anything else is a definition.
            let named = crate::parser::names::is_col_id(self.peek());
            !(named && (self.next_is_char(b',') || self.next_is_char(b')')))
        } else {
            self.at_any(&[Keyword::Of, Keyword::Partition])
        };
        self.rewind(before);
        if defines_columns {
            return Ok(None);
        }
        let into = self.create_as_target(persistence)?;
        self.expect(Keyword::As)?;
        self.create_as_source(into, ObjectKind::Table, if_not_exists).map(Some)
    }

    /// `create_as_target`.
    fn create_as_target(&mut self, persistence: Persistence) -> Result<IntoClause> {
        let name = self.qualified_name()?;
        let columns = self.opt_column_list()?;
        let access_method = self.opt_access_method()?;
        let options = self.opt_table_with()?;
        let on_commit = self.opt_on_commit()?;
        let tablespace = self.opt_tablespace()?;
        Ok(IntoClause { name, persistence, columns, access_method, options, on_commit, tablespace })
    }

    fn create_as_source(
        &mut self,
        into: IntoClause,
        kind: ObjectKind,
        if_not_exists: bool,
    ) -> Result<Statement> {
        let source = if kind == ObjectKind::Table && self.at(Keyword::Execute) {
            self.execute_statement()?
        } else {
            Statement::Select(Box::new(self.select_statement()?))
        };
        let no_data = self.opt_with_no_data()?;
        let source = Box::new(source);
        let statement = CreateTableAsStatement { into, source, kind, if_not_exists, no_data };
        Ok(Statement::CreateTableAs(Box::new(statement)))
    }

    /// Behind `CREATE MATERIALIZED VIEW`.
    pub(super) fn create_materialized_view_rest(&mut self, persistence: Persistence) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = self.qualified_name()?;
        let columns = self.opt_column_list()?;
        let access_method = self.opt_access_method()?;
        let options = self.opt_with_reloptions()?;
        let tablespace = self.opt_tablespace()?;
        self.expect(Keyword::As)?;
        let on_commit = None;
        let into = IntoClause { name, persistence, columns, access_method, options, on_commit, tablespace };
        self.create_as_source(into, ObjectKind::MaterializedView, if_not_exists)
    }

    /// `table_access_method_clause`.
    pub(super) fn opt_access_method(&mut self) -> Result<Option<Ident>> {
        if self.accept(Keyword::Using) { self.col_id().map(Some) } else { Ok(None) }
    }

    /// `OptWith`: `WITH (...)`, or `WITHOUT OIDS`, which is nothing.
    pub(super) fn opt_table_with(&mut self) -> Result<Vec<crate::ast::DefElem>> {
        if self.accept(Keyword::Without) {
            self.expect(Keyword::Oids)?;
            return Ok(Vec::new());
        }
        self.opt_with_reloptions()
    }

    /// `OnCommitOption`.
    pub(super) fn opt_on_commit(&mut self) -> Result<Option<OnCommit>> {
        if !self.accept(Keyword::On) {
            return Ok(None);
        }
        self.expect(Keyword::Commit)?;
        let action = match self.keyword() {
            Keyword::Drop => {
                self.advance();
                return Ok(Some(OnCommit::Drop));
            }
            Keyword::Delete => OnCommit::DeleteRows,
            Keyword::Preserve => OnCommit::PreserveRows,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        self.expect(Keyword::Rows)?;
        Ok(Some(action))
    }

    /// `OptTableSpace`.
    pub(super) fn opt_tablespace(&mut self) -> Result<Option<Ident>> {
        if self.accept(Keyword::Tablespace) { self.col_id().map(Some) } else { Ok(None) }
    }

    /// `opt_with_data`: true for `WITH NO DATA`.
    pub(super) fn opt_with_no_data(&mut self) -> Result<bool> {
        if !self.accept(Keyword::With) {
            return Ok(false);
        }
        let no_data = self.accept(Keyword::No);
        self.expect(Keyword::Data)?;
        Ok(no_data)
    }
}
