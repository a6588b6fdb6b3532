//! `TRUNCATE`, `LOCK`, `REFRESH`, `VACUUM` and their like, `LISTEN`, `NOTIFY`, `LOAD`, `DISCARD`.

use crate::ast::{
    ClusterStatement, DefElem, DiscardStatement, ListenStatement, LoadStatement, LockMode, LockStatement,
    NotifyStatement, RefreshMaterializedViewStatement, ReindexStatement, ReindexTarget, Statement,
    TruncateStatement, UnlistenStatement, VacuumRelation, VacuumStatement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `TRUNCATE`.
    pub(super) fn truncate_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Truncate)?;
        self.accept(Keyword::Table);
        let relations = self.comma_list(Self::relation_expr)?;
        let restart_identity = self.at(Keyword::Restart);
        if restart_identity || self.at(Keyword::Continue) {
            self.advance();
            self.expect(Keyword::Identity)?;
        }
        let behavior = self.opt_drop_behavior();
        Ok(Statement::Truncate(TruncateStatement { relations, restart_identity, behavior }))
    }

    /// `LOCK`.
    pub(super) fn lock_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Lock)?;
        self.accept(Keyword::Table);
        let relations = self.comma_list(Self::relation_expr)?;
        let mut mode = LockMode::AccessExclusive;
        if self.accept(Keyword::In) {
            mode = self.lock_mode()?;
            self.expect(Keyword::Mode)?;
        }
        let nowait = self.accept(Keyword::Nowait);
        Ok(Statement::Lock(LockStatement { relations, mode, nowait }))
    }

    /// `lock_type`.
    fn lock_mode(&mut self) -> Result<LockMode> {
        let first = self.keyword();
        if matches!(first, Keyword::Access | Keyword::Row | Keyword::Share | Keyword::Exclusive) {
            self.advance();
        }
        let second = self.keyword();
        let mode = match (first, second) {
            (Keyword::Exclusive, _) => return Ok(LockMode::Exclusive),
            (Keyword::Access, Keyword::Share) => LockMode::AccessShare,
            (Keyword::Access, Keyword::Exclusive) => LockMode::AccessExclusive,
            (Keyword::Row, Keyword::Share) => LockMode::RowShare,
            (Keyword::Row, Keyword::Exclusive) => LockMode::RowExclusive,
            (Keyword::Share, Keyword::Update | Keyword::Row) => {
                self.advance();
                self.expect(Keyword::Exclusive)?;
                return Ok(if second == Keyword::Update {
                    LockMode::ShareUpdateExclusive
                } else {
                    LockMode::ShareRowExclusive
                });
            }
            (Keyword::Share, _) => return Ok(LockMode::Share),
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(mode)
    }

    /// `REFRESH MATERIALIZED VIEW`.
    pub(super) fn refresh_statement(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Refresh, Keyword::Materialized, Keyword::View])?;
        let concurrently = self.accept(Keyword::Concurrently);
        let name = self.qualified_name()?;
        let no_data = self.opt_with_no_data()?;
        let statement = RefreshMaterializedViewStatement { name, concurrently, no_data };
        Ok(Statement::RefreshMaterializedView(statement))
    }

    /// A word that is an option, if it stands here.
    fn option_word(&mut self, options: &mut Vec<DefElem>, keyword: Keyword) -> bool {
        let start = self.start();
        let found = self.accept(keyword);
        if found {
            options.push(self.def_elem_named(keyword.as_str(), start, None));
        }
        found
    }

    /// `VACUUM` and `ANALYZE`.
    pub(super) fn vacuum_statement(&mut self) -> Result<Statement> {
        let vacuum = self.advance().keyword == Keyword::Vacuum;
        let mut options = Vec::new();
        if self.at_char(b'(') {
            options = self.utility_options()?;
        } else if vacuum {
            self.option_word(&mut options, Keyword::Full);
            self.option_word(&mut options, Keyword::Freeze);
            self.option_word(&mut options, Keyword::Verbose);
            let start = self.start();
            if self.accept(Keyword::Analyze) || self.accept(Keyword::Analyse) {
                options.push(self.def_elem_named("analyze", start, None));
            }
        } else {
            self.option_word(&mut options, Keyword::Verbose);
        }
        let mut relations = Vec::new();
        if self.at_relation_expr() {
            relations = self.comma_list(|p| {
                let relation = p.relation_expr()?;
                Ok(VacuumRelation { relation, columns: p.opt_column_list()? })
            })?;
        }
        Ok(Statement::Vacuum(VacuumStatement { vacuum, options, relations }))
    }

    fn at_relation_expr(&self) -> bool {
        self.at(Keyword::Only) || self.at_col_id()
    }

    /// `CLUSTER`.
    pub(super) fn cluster_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Cluster)?;
        let mut options = Vec::new();
        let in_parentheses = self.at_char(b'(');
        if in_parentheses {
            options = self.utility_options()?;
        } else {
            self.option_word(&mut options, Keyword::Verbose);
        }
        if !self.at_col_id() {
            return Ok(Statement::Cluster(ClusterStatement { options, relation: None, index: None }));
        }
        let mut relation = self.qualified_name()?;
        let mut index = None;
        // The order of old: CLUSTER index ON table.
        if !in_parentheses && self.at(Keyword::On) && relation.parts.len() == 1 {
            self.advance();
            let table = self.qualified_name()?;
            index = std::mem::replace(&mut relation, table).parts.pop();
        } else if self.accept(Keyword::Using) {
            index = Some(self.col_id()?);
        }
        Ok(Statement::Cluster(ClusterStatement { options, relation: Some(relation), index }))
    }

    /// `REINDEX`.
    pub(super) fn reindex_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Reindex)?;
        let mut options = if self.at_char(b'(') { self.utility_options()? } else { Vec::new() };
        let word = self.keyword();
        if !matches!(
            word,
            Keyword::Index | Keyword::Table | Keyword::Schema | Keyword::System | Keyword::Database
        ) {
            return Err(self.syntax_error());
        }
        self.advance();
        let start = self.start();
        if self.accept(Keyword::Concurrently) {
            options.push(self.def_elem_named("concurrently", start, None));
        }
        let target = match word {
            Keyword::Index => ReindexTarget::Index(self.qualified_name()?),
            Keyword::Table => ReindexTarget::Table(self.qualified_name()?),
            Keyword::Schema => ReindexTarget::Schema(self.col_id()?),
            Keyword::System => ReindexTarget::System(self.opt_col_id()?),
            _ => ReindexTarget::Database(self.opt_col_id()?),
        };
        Ok(Statement::Reindex(ReindexStatement { options, target }))
    }

    /// `opt_single_name`.
    pub(super) fn opt_col_id(&mut self) -> Result<Option<crate::ast::Ident>> {
        if self.at_col_id() { self.col_id().map(Some) } else { Ok(None) }
    }

    /// `LISTEN`, `UNLISTEN`, `NOTIFY`.
    pub(super) fn notification_statement(&mut self) -> Result<Statement> {
        match self.advance().keyword {
            Keyword::Listen => Ok(Statement::Listen(ListenStatement { channel: self.col_id()? })),
            Keyword::Unlisten => {
                let channel = if self.accept_char(b'*') { None } else { Some(self.col_id()?) };
                Ok(Statement::Unlisten(UnlistenStatement { channel }))
            }
            _ => {
                let channel = self.col_id()?;
                let payload = if self.accept_char(b',') { Some(self.string()?) } else { None };
                Ok(Statement::Notify(NotifyStatement { channel, payload }))
            }
        }
    }

    /// `LOAD`.
    pub(super) fn load_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Load)?;
        Ok(Statement::Load(LoadStatement { file: self.string()? }))
    }

    /// `DISCARD`.
    pub(super) fn discard_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Discard)?;
        let what = match self.keyword() {
            Keyword::All => DiscardStatement::All,
            Keyword::Plans => DiscardStatement::Plans,
            Keyword::Sequences => DiscardStatement::Sequences,
            Keyword::Temp | Keyword::Temporary => DiscardStatement::Temp,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(Statement::Discard(what))
    }
}
