//! Statements of a session: transactions, cursors, settings, `COPY`, `EXPLAIN` and their like.

use super::Printer;
use crate::ast::{
    CopySource, CopyStatement, CopyTarget, CreateTableAsStatement, DeclareCursorStatement, DoArg,
    ExplainStatement, FetchDirection, FetchStatement, IntoClause, ObjectKind, OnCommit, PrepareStatement,
    SetKind, SetStatement, SettingValue, ShowStatement, Statement, TransactionMode, TransactionModeKind,
    TransactionStatement,
};

impl Printer {
    /// Any statement.
    pub(super) fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Select(query) => self.query(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
            Statement::Call(call) => {
                self.text("CALL ");
                self.expr(&call.call);
            }
            Statement::Do(statement) => {
                self.text("DO");
                for arg in &statement.args {
                    let (word, text) = match arg {
                        DoArg::Code(code, _) => (" ", code),
                        DoArg::Language(name, _) => (" LANGUAGE ", name),
                    };
                    self.text(word);
                    self.string(text);
                }
            }
            Statement::Transaction(transaction) => self.transaction(transaction),
            Statement::SetConstraints(set) => {
                self.text("SET CONSTRAINTS ");
                self.text_if(set.constraints.is_empty(), "ALL");
                self.list(&set.constraints, Self::name);
                self.text(if set.deferred { " DEFERRED" } else { " IMMEDIATE" });
            }
            Statement::Set(set) => self.set(set),
            Statement::Show(ShowStatement::All) => self.text("SHOW ALL"),
            Statement::Show(ShowStatement::Name(name)) => {
                self.text("SHOW ");
                self.setting_name(name);
            }
            Statement::Prepare(prepare) => self.prepare(prepare),
            Statement::Execute(execute) => {
                self.text("EXECUTE ");
                self.ident(&execute.name);
                self.opt_paren_list(&execute.args, Self::expr);
            }
            Statement::Deallocate(deallocate) => {
                self.text("DEALLOCATE ");
                self.text_if(deallocate.name.is_none(), "ALL");
                self.optional("", deallocate.name.as_ref(), Self::ident);
            }
            Statement::DeclareCursor(declare) => self.declare_cursor(declare),
            Statement::Fetch(fetch) => self.fetch(fetch),
            Statement::Close(close) => {
                self.text("CLOSE ");
                self.text_if(close.name.is_none(), "ALL");
                self.optional("", close.name.as_ref(), Self::ident);
            }
            Statement::Copy(copy) => self.copy(copy),
            Statement::Explain(explain) => self.explain(explain),
            Statement::CreateTableAs(create) => self.create_table_as(create),
            _ => self.definition_statement(statement),
        }
    }

    fn transaction(&mut self, transaction: &TransactionStatement) {
        use TransactionStatement as T;
        match transaction {
            T::Begin(modes) => {
                self.text("BEGIN");
                self.opt_transaction_modes(modes);
            }
            T::Start(modes) => {
                self.text("START TRANSACTION");
                self.opt_transaction_modes(modes);
            }
            T::Commit { chain } => self.text(if *chain { "COMMIT AND CHAIN" } else { "COMMIT" }),
            T::Rollback { chain } => self.text(if *chain { "ROLLBACK AND CHAIN" } else { "ROLLBACK" }),
            T::Savepoint(name) => self.optional("SAVEPOINT ", Some(name), Self::ident),
            T::Release(name) => self.optional("RELEASE SAVEPOINT ", Some(name), Self::ident),
            T::RollbackTo(name) => self.optional("ROLLBACK TO SAVEPOINT ", Some(name), Self::ident),
            T::Prepare(id) => self.optional("PREPARE TRANSACTION ", Some(id), |p, id| p.string(id)),
            T::CommitPrepared(id) => self.optional("COMMIT PREPARED ", Some(id), |p, id| p.string(id)),
            T::RollbackPrepared(id) => self.optional("ROLLBACK PREPARED ", Some(id), |p, id| p.string(id)),
        }
    }

    fn opt_transaction_modes(&mut self, modes: &[TransactionMode]) {
        self.text_if(!modes.is_empty(), " ");
        self.transaction_modes(modes);
    }

    fn transaction_modes(&mut self, modes: &[TransactionMode]) {
        self.list(modes, |p, mode| match mode.kind {
            TransactionModeKind::Isolation(level) => {
                p.text("ISOLATION LEVEL ");
                p.text(&level.as_str().to_uppercase());
            }
            TransactionModeKind::ReadOnly(true) => p.text("READ ONLY"),
            TransactionModeKind::ReadOnly(false) => p.text("READ WRITE"),
            TransactionModeKind::Deferrable(true) => p.text("DEFERRABLE"),
            TransactionModeKind::Deferrable(false) => p.text("NOT DEFERRABLE"),
        });
    }

    fn setting_name(&mut self, name: &str) {
        for (index, part) in name.split('.').enumerate() {
            self.text_if(index > 0, ".");
            self.word(part);
        }
    }

    /// `SET` and `RESET`, also as a clause of other statements.
    pub(super) fn set(&mut self, set: &SetStatement) {
        let set_word = if set.local { "SET LOCAL " } else { "SET " };
        match &set.kind {
            SetKind::Value { name, values } => {
                self.text(set_word);
                if let [SettingValue::Interval { type_name, value, .. }] = values.as_slice() {
                    self.text("TIME ZONE ");
                    self.interval_constant(&type_name.typmods, value);
                    return;
                }
                self.setting_name(name);
                self.text(" TO ");
                self.list(values, |p, value| match value {
                    SettingValue::Literal(literal, _) => p.literal(literal),
                    SettingValue::Interval { value, .. } => p.string(value),
                });
            }
            SetKind::Default { name } => {
                self.text(set_word);
                self.setting_name(name);
                self.text(" TO DEFAULT");
            }
            SetKind::Current { name } => {
                self.text(set_word);
                self.setting_name(name);
                self.text(" FROM CURRENT");
            }
            SetKind::Reset { name } => {
                self.text("RESET ");
                self.setting_name(name);
            }
            SetKind::ResetAll => self.text("RESET ALL"),
            SetKind::Transaction(modes) => {
                self.text(set_word);
                self.text("TRANSACTION ");
                self.transaction_modes(modes);
            }
            SetKind::SessionCharacteristics(modes) => {
                self.text(set_word);
                self.text("SESSION CHARACTERISTICS AS TRANSACTION ");
                self.transaction_modes(modes);
            }
            SetKind::TransactionSnapshot(id) => {
                self.text(set_word);
                self.text("TRANSACTION SNAPSHOT ");
                self.string(id);
            }
        }
    }

    fn prepare(&mut self, prepare: &PrepareStatement) {
        self.text("PREPARE ");
        self.ident(&prepare.name);
        self.opt_paren_list(&prepare.types, Self::type_name);
        self.text(" AS ");
        self.statement(&prepare.statement);
    }

    fn declare_cursor(&mut self, declare: &DeclareCursorStatement) {
        self.text("DECLARE ");
        self.ident(&declare.name);
        self.text_if(declare.binary, " BINARY");
        self.text_if(declare.insensitive, " INSENSITIVE");
        self.text_if(declare.asensitive, " ASENSITIVE");
        self.text_if(declare.scroll.no_scroll, " NO SCROLL");
        self.text_if(declare.scroll.scroll, " SCROLL");
        self.text(" CURSOR");
        self.text_if(declare.hold, " WITH HOLD");
        self.text(" FOR ");
        self.query(&declare.query);
    }

    fn fetch(&mut self, fetch: &FetchStatement) {
        self.text(if fetch.is_move { "MOVE " } else { "FETCH " });
        match fetch.direction {
            FetchDirection::Forward(None) => self.text("FORWARD ALL"),
            FetchDirection::Forward(Some(count)) => self.display(format_args!("FORWARD {count}")),
            FetchDirection::Backward(None) => self.text("BACKWARD ALL"),
            FetchDirection::Backward(Some(count)) => self.display(format_args!("BACKWARD {count}")),
            FetchDirection::Absolute(row) => self.display(format_args!("ABSOLUTE {row}")),
            FetchDirection::Relative(row) => self.display(format_args!("RELATIVE {row}")),
        }
        self.text(" FROM ");
        self.ident(&fetch.cursor);
    }

    fn copy(&mut self, copy: &CopyStatement) {
        self.text("COPY ");
        match &copy.source {
            CopySource::Table { name, columns } => {
                self.name(name);
                self.opt_paren_list(columns, Self::ident);
            }
            CopySource::Statement(statement) => {
                self.text("(");
                self.statement(statement);
                self.text(")");
            }
        }
        self.text(if copy.from { " FROM " } else { " TO " });
        match &copy.target {
            CopyTarget::Std => self.text(if copy.from { "STDIN" } else { "STDOUT" }),
            CopyTarget::File(file) => self.string(file),
            CopyTarget::Program(program) => {
                self.text("PROGRAM ");
                self.string(program);
            }
        }
        if !copy.options.is_empty() {
            self.text(" WITH ");
            self.paren_list(&copy.options, Self::utility_option);
        }
        self.optional(" WHERE ", copy.where_clause.as_ref(), Self::expr);
    }

    fn explain(&mut self, explain: &ExplainStatement) {
        self.text("EXPLAIN");
        self.opt_paren_list(&explain.options, Self::utility_option);
        self.text(" ");
        self.statement(&explain.statement);
    }

    fn create_table_as(&mut self, create: &CreateTableAsStatement) {
        self.text("CREATE ");
        self.persistence(create.into.persistence);
        self.text(if create.kind == ObjectKind::Table { "TABLE " } else { "MATERIALIZED VIEW " });
        self.text_if(create.if_not_exists, "IF NOT EXISTS ");
        self.into_target(&create.into);
        self.text(" AS ");
        self.statement(&create.source);
        self.text_if(create.no_data, " WITH NO DATA");
    }

    fn into_target(&mut self, into: &IntoClause) {
        self.name(&into.name);
        self.opt_paren_list(&into.columns, Self::ident);
        self.optional(" USING ", into.access_method.as_ref(), Self::ident);
        self.opt_with_options(&into.options);
        self.on_commit(into.on_commit);
        self.optional(" TABLESPACE ", into.tablespace.as_ref(), Self::ident);
    }

    /// ` ON COMMIT ...` or nothing.
    pub(super) fn on_commit(&mut self, on_commit: Option<OnCommit>) {
        self.text(match on_commit {
            None => "",
            Some(OnCommit::PreserveRows) => " ON COMMIT PRESERVE ROWS",
            Some(OnCommit::DeleteRows) => " ON COMMIT DELETE ROWS",
            Some(OnCommit::Drop) => " ON COMMIT DROP",
        });
    }
}
