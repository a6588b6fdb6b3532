//! `ALTER TABLE` and its like.

use super::Printer;
use super::table::ConstraintOf;
use crate::ast::{
    AlterTableAction, AlterTableActionKind as Action, AlterTableMoveAllStatement, AlterTableStatement,
    ColumnSelector, FiringMode, Ident, IdentityChange, ObjectKind, ReplicaIdentity, RowSecurity,
    TriggerSelector,
};

impl Printer {
    pub(super) fn alter_table(&mut self, alter: &AlterTableStatement) {
        self.text("ALTER ");
        self.object_kind(alter.kind);
        self.text_if(alter.if_exists, " IF EXISTS");
        self.text(" ");
        self.relation(&alter.relation);
        self.text(" ");
        let attributes = alter.kind == ObjectKind::Type;
        self.list(&alter.actions, |p, action| p.alter_table_action(action, attributes));
    }

    pub(super) fn alter_table_move_all(&mut self, alter: &AlterTableMoveAllStatement) {
        self.text("ALTER ");
        self.object_kind(alter.kind);
        self.text(" ALL IN TABLESPACE ");
        self.ident(&alter.from);
        if !alter.roles.is_empty() {
            self.text(" OWNED BY ");
            self.list(&alter.roles, Self::role);
        }
        self.text(" SET TABLESPACE ");
        self.ident(&alter.to);
        self.text_if(alter.nowait, " NOWAIT");
    }

    fn words_and_name(&mut self, words: &str, name: &Ident) {
        self.text(words);
        self.ident(name);
    }

    /// `ALTER COLUMN name` and what follows.
    fn alter_column(&mut self, name: &Ident, what: &str) {
        self.words_and_name("ALTER COLUMN ", name);
        self.text(what);
    }

    fn alter_table_action(&mut self, action: &AlterTableAction, attribute: bool) {
        let word = if attribute { "ATTRIBUTE " } else { "COLUMN " };
        match &action.kind {
            Action::AddColumn { column, if_not_exists, behavior } => {
                self.text("ADD ");
                self.text(word);
                self.text_if(*if_not_exists, "IF NOT EXISTS ");
                self.column_definition(column);
                self.drop_behavior(*behavior);
            }
            Action::DropColumn { name, if_exists, behavior } => {
                self.text("DROP ");
                self.text(word);
                self.text_if(*if_exists, "IF EXISTS ");
                self.ident(name);
                self.drop_behavior(*behavior);
            }
            Action::AlterColumnType { name, type_name, collation, using, behavior } => {
                self.text("ALTER ");
                self.words_and_name(word, name);
                self.text(" TYPE ");
                self.type_name(type_name);
                self.optional(" COLLATE ", collation.as_ref(), Self::name);
                self.optional(" USING ", using.as_ref(), Self::expr);
                self.drop_behavior(*behavior);
            }
            Action::AddConstraint(constraint) => {
                self.text("ADD ");
                self.constraint(constraint, ConstraintOf::Table);
            }
            Action::AlterConstraint { name, attributes, inherit } => {
                self.words_and_name("ALTER CONSTRAINT ", name);
                self.text_if(*inherit == Some(true), " INHERIT");
                self.constraint_attributes(attributes);
            }
            Action::ValidateConstraint(name) => self.words_and_name("VALIDATE CONSTRAINT ", name),
            Action::DropConstraint { name, if_exists, behavior } => {
                self.text("DROP CONSTRAINT ");
                self.text_if(*if_exists, "IF EXISTS ");
                self.ident(name);
                self.drop_behavior(*behavior);
            }
            Action::AttachPartition { name, bound } => {
                self.text("ATTACH PARTITION ");
                self.name(name);
                self.optional(" ", bound.as_ref(), Self::partition_bound);
            }
            Action::DetachPartition { name, concurrently, finalize } => {
                self.text("DETACH PARTITION ");
                self.name(name);
                self.text_if(*concurrently, " CONCURRENTLY");
                self.text_if(*finalize, " FINALIZE");
            }
            kind => self.column_action(kind),
        }
    }

    /// Actions on one column.
    fn column_action(&mut self, action: &Action) {
        match action {
            Action::ColumnDefault { name, default: None } => self.alter_column(name, " DROP DEFAULT"),
            Action::ColumnDefault { name, default: Some(default) } => {
                self.alter_column(name, " SET DEFAULT ");
                self.expr(default);
            }
            Action::SetNotNull(name) => self.alter_column(name, " SET NOT NULL"),
            Action::DropNotNull(name) => self.alter_column(name, " DROP NOT NULL"),
            Action::SetExpression { name, expr } => {
                self.alter_column(name, " SET EXPRESSION AS ");
                self.paren_expr(expr);
            }
            Action::DropExpression { name, if_exists } => {
                self.alter_column(name, " DROP EXPRESSION");
                self.text_if(*if_exists, " IF EXISTS");
            }
            Action::SetStatistics { column, value } => {
                match column {
                    ColumnSelector::Name(name) => self.alter_column(name, ""),
                    ColumnSelector::Number(number) => self.display(format_args!("ALTER COLUMN {number}")),
                }
                match value {
                    Some(value) => self.display(format_args!(" SET STATISTICS {value}")),
                    None => self.text(" SET STATISTICS DEFAULT"),
                }
            }
            Action::SetColumnOptions { name, options } => {
                self.alter_column(name, " SET ");
                self.paren_list(options, Self::def_elem);
            }
            Action::ResetColumnOptions { name, options } => {
                self.alter_column(name, " RESET ");
                self.paren_list(options, Self::def_elem);
            }
            Action::SetStorage { name, storage } => {
                self.alter_column(name, " SET STORAGE ");
                self.name_or_default(storage);
            }
            Action::SetCompression { name, compression } => {
                self.alter_column(name, " SET COMPRESSION ");
                self.name_or_default(compression);
            }
            Action::AddIdentity { name, always, options } => {
                self.alter_column(name, " ADD ");
                self.generated_when(*always);
                self.text(" AS IDENTITY");
                self.opt_paren_sequence_options(options);
            }
            Action::AlterIdentity { name, changes } => {
                self.alter_column(name, "");
                for change in changes {
                    self.identity_change(change);
                }
            }
            Action::DropIdentity { name, if_exists } => {
                self.alter_column(name, " DROP IDENTITY");
                self.text_if(*if_exists, " IF EXISTS");
            }
            Action::ColumnFdwOptions { name, options } => {
                self.alter_column(name, "");
                self.opt_generic_options(options);
            }
            action => self.whole_table_action(action),
        }
    }

    fn identity_change(&mut self, change: &IdentityChange) {
        match change {
            IdentityChange::Generated(always) => {
                self.text(" SET ");
                self.generated_when(*always);
            }
            IdentityChange::Option(option) => {
                let restart = matches!(option.kind, crate::ast::SequenceOptionKind::Restart(_));
                self.text(if restart { " " } else { " SET " });
                self.sequence_option(option);
            }
        }
    }

    /// Actions on the table as a whole.
    fn whole_table_action(&mut self, action: &Action) {
        match action {
            Action::SetWithoutOids => self.text("SET WITHOUT OIDS"),
            Action::ClusterOn(name) => self.words_and_name("CLUSTER ON ", name),
            Action::SetWithoutCluster => self.text("SET WITHOUT CLUSTER"),
            Action::SetLogged => self.text("SET LOGGED"),
            Action::SetUnlogged => self.text("SET UNLOGGED"),
            Action::Trigger { mode, which } => {
                self.firing_mode(*mode);
                self.text(" TRIGGER ");
                match which {
                    TriggerSelector::Name(name) => self.ident(name),
                    TriggerSelector::All => self.text("ALL"),
                    TriggerSelector::User => self.text("USER"),
                }
            }
            Action::Rule { mode, name } => {
                self.firing_mode(*mode);
                self.words_and_name(" RULE ", name);
            }
            Action::Inherit(parent) => self.optional("INHERIT ", Some(parent), Self::name),
            Action::NoInherit(parent) => self.optional("NO INHERIT ", Some(parent), Self::name),
            Action::Of(type_name) => self.optional("OF ", Some(&type_name.name), Self::name),
            Action::NotOf => self.text("NOT OF"),
            Action::OwnerTo(role) => self.optional("OWNER TO ", Some(role), Self::role),
            Action::SetAccessMethod(None) => self.text("SET ACCESS METHOD DEFAULT"),
            Action::SetAccessMethod(Some(name)) => self.words_and_name("SET ACCESS METHOD ", name),
            Action::SetTablespace(name) => self.words_and_name("SET TABLESPACE ", name),
            Action::SetOptions(options) => {
                self.text("SET ");
                self.paren_list(options, Self::def_elem);
            }
            Action::ResetOptions(options) => {
                self.text("RESET ");
                self.paren_list(options, Self::def_elem);
            }
            Action::ReplicaIdentity(identity) => {
                self.text("REPLICA IDENTITY ");
                match identity {
                    ReplicaIdentity::Nothing => self.text("NOTHING"),
                    ReplicaIdentity::Full => self.text("FULL"),
                    ReplicaIdentity::Default => self.text("DEFAULT"),
                    ReplicaIdentity::Index(name) => self.words_and_name("USING INDEX ", name),
                }
            }
            Action::RowSecurity(security) => self.text(match security {
                RowSecurity::Enable => "ENABLE ROW LEVEL SECURITY",
                RowSecurity::Disable => "DISABLE ROW LEVEL SECURITY",
                RowSecurity::Force => "FORCE ROW LEVEL SECURITY",
                RowSecurity::NoForce => "NO FORCE ROW LEVEL SECURITY",
            }),
            Action::FdwOptions(options) => {
                self.text("OPTIONS ");
                self.paren_list(options, Self::generic_option);
            }
            // Everything else has been dealt with by the callers.
            _ => {}
        }
    }

    /// `ENABLE`, `DISABLE`, `ENABLE ALWAYS`, `ENABLE REPLICA`.
    pub(super) fn firing_mode(&mut self, mode: FiringMode) {
        self.text(match mode {
            FiringMode::Enable => "ENABLE",
            FiringMode::EnableAlways => "ENABLE ALWAYS",
            FiringMode::EnableReplica => "ENABLE REPLICA",
            FiringMode::Disable => "DISABLE",
        });
    }
}
