//! The actions of `ALTER TABLE` and its like.

use super::object::Relation;
use crate::ast::{
    AlterTableAction, AlterTableActionKind as Action, AlterTableMoveAllStatement, AlterTableStatement,
    ColumnSelector, FiringMode, Ident, IdentityChange, ObjectKind, ReplicaIdentity, RowSecurity,
    SequenceOptionKind, Statement, TriggerSelector,
};
use crate::lexer::{Keyword, TokenKind};
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// `ALTER kind ALL IN TABLESPACE ...`, at `ALL`.
    pub(super) fn alter_all_in_tablespace(&mut self, kind: ObjectKind) -> Result<Statement> {
        self.expect_all(&[Keyword::All, Keyword::In, Keyword::Tablespace])?;
        let from = self.col_id()?;
        let mut roles = Vec::new();
        if self.accept(Keyword::Owned) {
            self.expect(Keyword::By)?;
            roles = self.role_list()?;
        }
        self.expect_all(&[Keyword::Set, Keyword::Tablespace])?;
        let to = self.col_id()?;
        let nowait = self.accept(Keyword::Nowait);
        Ok(Statement::AlterTableMoveAll(AlterTableMoveAllStatement { kind, from, roles, to, nowait }))
    }

    /// The actions behind the name of a relation.
    pub(super) fn alter_table_actions(&mut self, relation: Relation) -> Result<Statement> {
        let Relation { kind, relation, if_exists } = relation;
        let actions = if let Some(action) = self.opt_partition_action(kind)? {
            vec![action]
        } else {
            self.comma_list(Self::alter_table_action)?
        };
        Ok(Statement::AlterTable(AlterTableStatement { kind, relation, if_exists, actions }))
    }

    /// `partition_cmd` and `index_partition_cmd`, which stand alone.
    fn opt_partition_action(&mut self, kind: ObjectKind) -> Result<Option<AlterTableAction>> {
        let start = self.start();
        let action = match self.keyword() {
            Keyword::Attach if matches!(kind, ObjectKind::Table | ObjectKind::Index) => {
                self.advance();
                self.expect(Keyword::Partition)?;
                let name = self.qualified_name()?;
                let bound = if kind == ObjectKind::Table { Some(self.partition_bound()?) } else { None };
                Action::AttachPartition { name, bound }
            }
            Keyword::Detach if kind == ObjectKind::Table => {
                self.advance();
                self.expect(Keyword::Partition)?;
                let name = self.qualified_name()?;
                let finalize = self.accept(Keyword::Finalize);
                let concurrently = !finalize && self.accept(Keyword::Concurrently);
                Action::DetachPartition { name, concurrently, finalize }
            }
            _ => return Ok(None),
        };
        Ok(Some(AlterTableAction { kind: action, span: self.span_from(start) }))
    }

    /// `alter_table_cmd`.
    fn alter_table_action(&mut self) -> Result<AlterTableAction> {
        let start = self.start();
        let kind = match self.keyword() {
            Keyword::Add => self.alter_table_add()?,
            Keyword::Alter => self.alter_table_alter()?,
            Keyword::Drop => self.alter_table_drop()?,
            Keyword::Validate => {
                self.advance();
                self.expect(Keyword::Constraint)?;
                Action::ValidateConstraint(self.col_id()?)
            }
            Keyword::Set => self.alter_table_set()?,
            Keyword::Reset => {
                self.advance();
                Action::ResetOptions(self.reloptions()?)
            }
            Keyword::Cluster => {
                self.advance();
                self.expect(Keyword::On)?;
                Action::ClusterOn(self.col_id()?)
            }
            Keyword::Enable | Keyword::Disable => self.alter_table_enable()?,
            Keyword::Force => {
                self.advance();
                self.expect_all(&[Keyword::Row, Keyword::Level, Keyword::Security])?;
                Action::RowSecurity(RowSecurity::Force)
            }
            Keyword::No => {
                self.advance();
                if self.accept(Keyword::Inherit) {
                    Action::NoInherit(self.qualified_name()?)
                } else {
                    self.expect_all(&[Keyword::Force, Keyword::Row, Keyword::Level, Keyword::Security])?;
                    Action::RowSecurity(RowSecurity::NoForce)
                }
            }
            Keyword::Inherit => {
                self.advance();
                Action::Inherit(self.qualified_name()?)
            }
            Keyword::Of => {
                self.advance();
                let start = self.start();
                let name = self.any_name()?;
                Action::Of(self.type_from_name(name.parts, Vec::new(), start))
            }
            Keyword::Not => {
                self.advance();
                self.expect(Keyword::Of)?;
                Action::NotOf
            }
            Keyword::Owner => {
                self.advance();
                self.expect(Keyword::To)?;
                Action::OwnerTo(self.role_spec()?)
            }
            Keyword::Replica => self.replica_identity()?,
            Keyword::Options => Action::FdwOptions(self.alter_generic_options()?),
            _ => return Err(self.syntax_error()),
        };
        Ok(AlterTableAction { kind, span: self.span_from(start) })
    }

    fn alter_table_add(&mut self) -> Result<Action> {
        self.expect(Keyword::Add)?;
        if !self.at(Keyword::Column) && self.at_table_constraint() {
            return Ok(Action::AddConstraint(Box::new(self.table_constraint()?)));
        }
        self.accept(Keyword::Column);
        let if_not_exists = self.opt_if_not_exists()?;
        let column = Box::new(self.column_definition()?);
        Ok(Action::AddColumn { column, if_not_exists, behavior: Default::default() })
    }

    fn alter_table_drop(&mut self) -> Result<Action> {
        self.expect(Keyword::Drop)?;
        if self.accept(Keyword::Constraint) {
            let if_exists = self.opt_if_exists()?;
            let name = self.col_id()?;
            return Ok(Action::DropConstraint { name, if_exists, behavior: self.opt_drop_behavior() });
        }
        self.accept(Keyword::Column);
        let if_exists = self.opt_if_exists()?;
        let name = self.col_id()?;
        Ok(Action::DropColumn { name, if_exists, behavior: self.opt_drop_behavior() })
    }

    /// `SET ...` of the whole table.
    fn alter_table_set(&mut self) -> Result<Action> {
        self.expect(Keyword::Set)?;
        match self.keyword() {
            Keyword::Without => {
                self.advance();
                if self.accept(Keyword::Oids) {
                    return Ok(Action::SetWithoutOids);
                }
                self.expect(Keyword::Cluster)?;
                Ok(Action::SetWithoutCluster)
            }
            Keyword::Logged => {
                self.advance();
                Ok(Action::SetLogged)
            }
            Keyword::Unlogged => {
                self.advance();
                Ok(Action::SetUnlogged)
            }
            Keyword::Access => {
                self.advance();
                self.expect(Keyword::Method)?;
                if self.accept(Keyword::Default) {
                    return Ok(Action::SetAccessMethod(None));
                }
                Ok(Action::SetAccessMethod(Some(self.col_id()?)))
            }
            Keyword::Tablespace => {
                self.advance();
                Ok(Action::SetTablespace(self.col_id()?))
            }
            _ => Ok(Action::SetOptions(self.reloptions()?)),
        }
    }

    /// `enable_trigger`-like words behind `ENABLE` or `DISABLE`.
    fn firing_mode(&mut self) -> Result<FiringMode> {
        if self.accept(Keyword::Disable) {
            return Ok(FiringMode::Disable);
        }
        self.expect(Keyword::Enable)?;
        if self.accept(Keyword::Replica) {
            return Ok(FiringMode::EnableReplica);
        }
        Ok(if self.accept(Keyword::Always) { FiringMode::EnableAlways } else { FiringMode::Enable })
    }

    /// `enable_trigger` of an event trigger.
    pub(super) fn event_trigger_mode(&mut self) -> Result<FiringMode> {
        self.firing_mode()
    }

    fn alter_table_enable(&mut self) -> Result<Action> {
        let mode = self.firing_mode()?;
        if self.accept(Keyword::Trigger) {
            let plain = matches!(mode, FiringMode::Enable | FiringMode::Disable);
            let which = match self.keyword() {
                Keyword::All if plain => TriggerSelector::All,
                Keyword::User if plain => TriggerSelector::User,
                _ => return Ok(Action::Trigger { mode, which: TriggerSelector::Name(self.col_id()?) }),
            };
            self.advance();
            return Ok(Action::Trigger { mode, which });
        }
        if self.accept(Keyword::Rule) {
            return Ok(Action::Rule { mode, name: self.col_id()? });
        }
        let security = match mode {
            FiringMode::Enable => RowSecurity::Enable,
            FiringMode::Disable => RowSecurity::Disable,
            _ => return Err(self.syntax_error()),
        };
        self.expect_all(&[Keyword::Row, Keyword::Level, Keyword::Security])?;
        Ok(Action::RowSecurity(security))
    }

    fn replica_identity(&mut self) -> Result<Action> {
        self.expect_all(&[Keyword::Replica, Keyword::Identity])?;
        let identity = match self.keyword() {
            Keyword::Nothing => ReplicaIdentity::Nothing,
            Keyword::Full => ReplicaIdentity::Full,
            Keyword::Default => ReplicaIdentity::Default,
            _ => {
                self.expect_all(&[Keyword::Using, Keyword::Index])?;
                return Ok(Action::ReplicaIdentity(ReplicaIdentity::Index(self.col_id()?)));
            }
        };
        self.advance();
        Ok(Action::ReplicaIdentity(identity))
    }

    // ---- columns ----

    fn alter_table_alter(&mut self) -> Result<Action> {
        self.expect(Keyword::Alter)?;
        if self.accept(Keyword::Constraint) {
            let name = self.col_id()?;
            let mut inherit = None;
            let attributes = if self.accept(Keyword::Inherit) {
                inherit = Some(true);
                Default::default()
            } else {
                self.altered_constraint_attributes()?
            };
            if attributes.no_inherit {
                inherit = Some(false);
            }
            return Ok(Action::AlterConstraint { name, attributes, inherit });
        }
        self.accept(Keyword::Column);
        if self.at_kind(TokenKind::Integer) {
            let span = self.span();
            let number = self.integer()?;
            self.expect_all(&[Keyword::Set, Keyword::Statistics])?;
            let value = self.statistics_target()?;
            if !(1..=i32::from(i16::MAX)).contains(&number) {
                let message = "column number must be in range from 1 to 32767";
                return Err(err!(INVALID_PARAMETER_VALUE, "{message}").at(span.offset()));
            }
            return Ok(Action::SetStatistics { column: ColumnSelector::Number(number), value });
        }
        let name = self.col_id()?;
        self.alter_column(name)
    }

    /// `set_statistics_value`.
    pub(super) fn statistics_target(&mut self) -> Result<Option<i32>> {
        if self.accept(Keyword::Default) { Ok(None) } else { self.signed_integer().map(Some) }
    }

    fn alter_column(&mut self, name: Ident) -> Result<Action> {
        match self.keyword() {
            Keyword::Set => self.alter_column_set(name),
            Keyword::Drop => self.alter_column_drop(name),
            Keyword::Reset => {
                self.advance();
                Ok(Action::ResetColumnOptions { name, options: self.reloptions()? })
            }
            Keyword::Restart => self.alter_identity(name),
            Keyword::Add => {
                self.advance();
                self.expect(Keyword::Generated)?;
                let always = self.generated_when()?;
                self.expect_all(&[Keyword::As, Keyword::Identity])?;
                Ok(Action::AddIdentity { name, always, options: self.opt_paren_sequence_options()? })
            }
            Keyword::Type => self.alter_column_type_using(name),
            Keyword::Options => Ok(Action::ColumnFdwOptions { name, options: self.alter_generic_options()? }),
            _ => Err(self.syntax_error()),
        }
    }

    fn alter_column_set(&mut self, name: Ident) -> Result<Action> {
        match self.next_keyword() {
            Keyword::Default => {
                self.advance();
                self.advance();
                Ok(Action::ColumnDefault { name, default: Some(self.expr()?) })
            }
            Keyword::Not => {
                self.advance();
                if self.at_not_of_expression() {
                    return Err(self.syntax_error());
                }
                self.expect_all(&[Keyword::Not, Keyword::Null])?;
                Ok(Action::SetNotNull(name))
            }
            Keyword::Expression => {
                self.advance();
                self.advance();
                self.expect(Keyword::As)?;
                Ok(Action::SetExpression { name, expr: self.paren_condition()? })
            }
            Keyword::Statistics => {
                self.advance();
                self.advance();
                let column = ColumnSelector::Name(name);
                Ok(Action::SetStatistics { column, value: self.statistics_target()? })
            }
            Keyword::Storage => {
                self.advance();
                self.advance();
                Ok(Action::SetStorage { name, storage: self.name_or_default()? })
            }
            Keyword::Compression => {
                self.advance();
                self.advance();
                Ok(Action::SetCompression { name, compression: self.name_or_default()? })
            }
            Keyword::Data => {
                self.advance();
                self.advance();
                self.alter_column_type_using(name)
            }
            _ if self.next_is_char(b'(') => {
                self.advance();
                Ok(Action::SetColumnOptions { name, options: self.reloptions()? })
            }
            _ => self.alter_identity(name),
        }
    }

    fn alter_column_drop(&mut self, name: Ident) -> Result<Action> {
        self.expect(Keyword::Drop)?;
        match self.keyword() {
            Keyword::Default => {
                self.advance();
                Ok(Action::ColumnDefault { name, default: None })
            }
            Keyword::Not if self.at_not_of_expression() => Err(self.syntax_error()),
            Keyword::Not => {
                self.advance();
                self.expect(Keyword::Null)?;
                Ok(Action::DropNotNull(name))
            }
            Keyword::Expression => {
                self.advance();
                Ok(Action::DropExpression { name, if_exists: self.opt_if_exists_words()? })
            }
            Keyword::Identity => {
                self.advance();
                Ok(Action::DropIdentity { name, if_exists: self.opt_if_exists_words()? })
            }
            _ => Err(self.syntax_error()),
        }
    }

    /// At `TYPE`, for a column or attribute.
    fn alter_column_type(&mut self, name: Ident) -> Result<Action> {
        self.expect(Keyword::Type)?;
        let type_name = self.type_name()?;
        let collation = if self.accept(Keyword::Collate) { Some(self.any_name()?) } else { None };
        Ok(Action::AlterColumnType { name, type_name, collation, using: None, behavior: Default::default() })
    }

    /// At `TYPE`, for a table's column.
    fn alter_column_type_using(&mut self, name: Ident) -> Result<Action> {
        let mut action = self.alter_column_type(name)?;
        if let Action::AlterColumnType { using, .. } = &mut action
            && self.accept(Keyword::Using)
        {
            *using = Some(self.expr()?);
        }
        Ok(action)
    }

    /// `alter_identity_column_option_list`.
    fn alter_identity(&mut self, name: Ident) -> Result<Action> {
        let mut changes = Vec::new();
        loop {
            if self.at(Keyword::Restart) {
                changes.push(IdentityChange::Option(self.sequence_option()?));
            } else if self.at_pair(Keyword::Set, Keyword::Generated) {
                self.advance();
                self.advance();
                changes.push(IdentityChange::Generated(self.generated_when()?));
            } else if self.accept(Keyword::Set) {
                let option = self.sequence_option()?;
                let refused = match option.kind {
                    SequenceOptionKind::As(_) => "as",
                    SequenceOptionKind::Restart(_) => "restart",
                    SequenceOptionKind::OwnedBy(_) => "owned_by",
                    _ => "",
                };
                if !refused.is_empty() {
                    let message = format!("sequence option \"{refused}\" not supported here");
                    return Err(self.error_at(option.span, message));
                }
                changes.push(IdentityChange::Option(option));
            } else {
                return Ok(Action::AlterIdentity { name, changes });
            }
        }
    }

    // ---- attributes of composite types ----

    /// `alter_type_cmds`, at the first action.
    pub(super) fn alter_attributes(&mut self, relation: Relation) -> Result<Statement> {
        let Relation { kind, relation, if_exists } = relation;
        let actions = self.comma_list(|p| {
            let start = p.start();
            let kind = p.alter_attribute()?;
            Ok(AlterTableAction { kind, span: p.span_from(start) })
        })?;
        Ok(Statement::AlterTable(AlterTableStatement { kind, relation, if_exists, actions }))
    }

    fn alter_attribute(&mut self) -> Result<Action> {
        if !self.at_any(&[Keyword::Add, Keyword::Drop, Keyword::Alter]) {
            return Err(self.syntax_error());
        }
        match self.advance().keyword {
            Keyword::Add => {
                self.expect(Keyword::Attribute)?;
                let start = self.start();
                let attribute = self.table_function_column()?;
                let column = Box::new(crate::ast::ColumnDefinition {
                    name: attribute.name,
                    type_name: Some(attribute.type_name),
                    storage: None,
                    compression: None,
                    collation: attribute.collation.map(|name| {
                        let span = name.span();
                        (name, span)
                    }),
                    fdw_options: Vec::new(),
                    constraints: Vec::new(),
                    span: self.span_from(start),
                });
                Ok(Action::AddColumn { column, if_not_exists: false, behavior: self.opt_drop_behavior() })
            }
            Keyword::Drop => {
                self.expect(Keyword::Attribute)?;
                let if_exists = self.opt_if_exists()?;
                let name = self.col_id()?;
                Ok(Action::DropColumn { name, if_exists, behavior: self.opt_drop_behavior() })
            }
            _ => {
                self.expect(Keyword::Attribute)?;
                let name = self.col_id()?;
                if self.accept(Keyword::Set) {
                    self.expect(Keyword::Data)?;
                }
                let mut action = self.alter_column_type(name)?;
                if let Action::AlterColumnType { behavior, .. } = &mut action {
                    *behavior = self.opt_drop_behavior();
                }
                Ok(action)
            }
        }
    }
}
