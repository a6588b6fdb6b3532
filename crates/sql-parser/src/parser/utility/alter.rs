//! `ALTER`: which statement it is, and the changes that many kinds of objects share.

use super::object::Relation;
use crate::ast::{
    AlterCollationStatement, AlterObjectDependsStatement, AlterObjectSchemaStatement, AlterOwnerStatement,
    AlterSequenceStatement, AlterStatisticsStatement, DropBehavior, Ident, ObjectKind, ObjectRef,
    QualifiedName, RenameStatement, RenameTarget, Statement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

/// Which of the shared changes a kind of object can take.
#[derive(Clone, Copy, Default)]
pub(super) struct Changes {
    pub(super) rename: bool,
    pub(super) owner: bool,
    pub(super) schema: bool,
    pub(super) depends: bool,
}

/// `RENAME TO`, `OWNER TO`.
pub(super) const RENAME_OWNER: Changes = Changes { rename: true, owner: true, schema: false, depends: false };
/// `RENAME TO`, `OWNER TO`, `SET SCHEMA`.
pub(super) const RENAME_OWNER_SCHEMA: Changes =
    Changes { rename: true, owner: true, schema: true, depends: false };

impl Parser<'_> {
    /// `ALTER`.
    pub(super) fn alter_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Alter)?;
        match self.keyword() {
            Keyword::Table => self.alter_relation(ObjectKind::Table),
            Keyword::Index => self.alter_relation(ObjectKind::Index),
            Keyword::Sequence => self.alter_relation(ObjectKind::Sequence),
            Keyword::View => self.alter_relation(ObjectKind::View),
            Keyword::Materialized => self.alter_relation(ObjectKind::MaterializedView),
            Keyword::Foreign if self.next_keyword() == Keyword::Table => {
                self.alter_relation(ObjectKind::ForeignTable)
            }
            Keyword::Foreign => self.alter_foreign_data_wrapper(),
            Keyword::Default => self.alter_default_privileges(),
            Keyword::Database => {
                self.advance();
                self.alter_database()
            }
            Keyword::Domain => self.alter_domain(),
            Keyword::Type => self.alter_type(),
            Keyword::Extension => {
                self.advance();
                self.alter_extension()
            }
            Keyword::Event => {
                self.advance();
                self.expect(Keyword::Trigger)?;
                self.alter_event_trigger()
            }
            Keyword::Function | Keyword::Procedure | Keyword::Routine => self.alter_function(),
            Keyword::User if self.at_user_mapping() => self.user_mapping(true),
            Keyword::Group | Keyword::Role | Keyword::User => self.alter_role(),
            Keyword::Operator => self.alter_operator(),
            Keyword::Policy => {
                self.advance();
                self.alter_policy()
            }
            Keyword::Publication => {
                self.advance();
                self.alter_publication()
            }
            Keyword::Server => {
                self.advance();
                self.alter_server()
            }
            Keyword::Subscription => {
                self.advance();
                self.alter_subscription()
            }
            Keyword::System => {
                self.advance();
                self.alter_system()
            }
            Keyword::Tablespace => {
                self.advance();
                self.alter_tablespace()
            }
            Keyword::Text => self.alter_text_search(),
            // The one kind of two words that nothing changes.
            Keyword::Access => Err(self.syntax_error()),
            _ => self.alter_simple_object(),
        }
    }

    /// Objects with nothing but the shared changes, or little more.
    fn alter_simple_object(&mut self) -> Result<Statement> {
        let before = self.checkpoint();
        let kind = self.object_kind()?;
        match kind {
            ObjectKind::Aggregate | ObjectKind::Conversion => {
                let object = self.object_name(kind)?;
                self.alter_object(object, RENAME_OWNER_SCHEMA, false)
            }
            ObjectKind::Collation => {
                let name = self.any_name()?;
                if self.accept(Keyword::Refresh) {
                    self.expect(Keyword::Version)?;
                    return Ok(Statement::AlterCollation(AlterCollationStatement { name }));
                }
                self.alter_object(ObjectRef::Named { kind, name }, RENAME_OWNER_SCHEMA, false)
            }
            ObjectKind::Language | ObjectKind::Schema => {
                let object = self.object_name(kind)?;
                self.alter_object(object, RENAME_OWNER, false)
            }
            ObjectKind::LargeObject => {
                let object = self.object_name(kind)?;
                self.alter_object(object, Changes { owner: true, ..Changes::default() }, false)
            }
            ObjectKind::Statistics => self.alter_statistics(),
            ObjectKind::Rule => {
                let name = self.col_id()?;
                self.expect(Keyword::On)?;
                let relation = self.relation_name()?;
                let new_name = self.rename_to()?;
                let target = RenameTarget::OnRelation { kind, relation, name };
                Ok(rename(target, new_name, false))
            }
            ObjectKind::Trigger => {
                let name = self.col_id()?;
                self.expect(Keyword::On)?;
                let relation = self.relation_name()?;
                if self.at(Keyword::Rename) {
                    let new_name = self.rename_to()?;
                    let target = RenameTarget::OnRelation { kind, relation, name };
                    return Ok(rename(target, new_name, false));
                }
                let object = ObjectRef::OnRelation { kind, name, relation: relation.name };
                self.alter_object(object, Changes { depends: true, ..Changes::default() }, false)
            }
            _ => {
                self.rewind(before);
                Err(self.syntax_error())
            }
        }
    }

    fn alter_statistics(&mut self) -> Result<Statement> {
        let if_exists = self.opt_if_exists()?;
        let name = self.any_name()?;
        if if_exists || self.at_pair(Keyword::Set, Keyword::Statistics) {
            self.expect_all(&[Keyword::Set, Keyword::Statistics])?;
            let target = self.statistics_target()?;
            return Ok(Statement::AlterStatistics(AlterStatisticsStatement { name, if_exists, target }));
        }
        let object = ObjectRef::Named { kind: ObjectKind::Statistics, name };
        self.alter_object(object, RENAME_OWNER_SCHEMA, false)
    }

    /// `RENAME TO name`.
    pub(super) fn rename_to(&mut self) -> Result<Ident> {
        self.expect_all(&[Keyword::Rename, Keyword::To])?;
        self.col_id()
    }

    /// One of the shared changes, behind the object.
    pub(super) fn alter_object(
        &mut self,
        object: ObjectRef,
        changes: Changes,
        if_exists: bool,
    ) -> Result<Statement> {
        match self.keyword() {
            Keyword::Rename if changes.rename => {
                let new_name = self.rename_to()?;
                Ok(rename(RenameTarget::Object(object), new_name, if_exists))
            }
            Keyword::Owner if changes.owner => {
                self.advance();
                self.expect(Keyword::To)?;
                let new_owner = self.role_spec()?;
                Ok(Statement::AlterOwner(Box::new(AlterOwnerStatement { object, new_owner })))
            }
            Keyword::Set if changes.schema => {
                self.advance();
                self.expect(Keyword::Schema)?;
                let new_schema = self.col_id()?;
                let only = false;
                let statement = AlterObjectSchemaStatement { object, only, if_exists, new_schema };
                Ok(Statement::AlterObjectSchema(Box::new(statement)))
            }
            Keyword::No | Keyword::Depends if changes.depends => {
                let remove = self.accept(Keyword::No);
                self.expect_all(&[Keyword::Depends, Keyword::On, Keyword::Extension])?;
                let extension = self.col_id()?;
                let statement = AlterObjectDependsStatement { object, extension, remove };
                Ok(Statement::AlterObjectDepends(Box::new(statement)))
            }
            _ => Err(self.syntax_error()),
        }
    }

    // ---- relations ----

    /// `ALTER TABLE` and its like, at the words for the kind.
    fn alter_relation(&mut self, kind: ObjectKind) -> Result<Statement> {
        self.object_kind()?;
        let movable = matches!(kind, ObjectKind::Table | ObjectKind::Index | ObjectKind::MaterializedView);
        if movable && self.at(Keyword::All) {
            return self.alter_all_in_tablespace(kind);
        }
        let if_exists = self.opt_if_exists()?;
        let relation = match kind {
            ObjectKind::Table | ObjectKind::ForeignTable => self.relation_expr()?,
            _ => self.relation_name()?,
        };
        let target = Relation { kind, relation, if_exists };
        match self.keyword() {
            Keyword::Rename => self.rename_relation(target),
            Keyword::Set if self.next_keyword() == Keyword::Schema && kind != ObjectKind::Index => {
                self.advance();
                self.advance();
                let new_schema = self.col_id()?;
                let object = ObjectRef::Named { kind, name: target.relation.name };
                let only = target.relation.only;
                let statement = AlterObjectSchemaStatement { object, only, if_exists, new_schema };
                Ok(Statement::AlterObjectSchema(Box::new(statement)))
            }
            Keyword::No | Keyword::Depends
                if !if_exists
                    && matches!(kind, ObjectKind::Index | ObjectKind::MaterializedView)
                    && (self.at(Keyword::Depends) || self.next_keyword() == Keyword::Depends) =>
            {
                let object = ObjectRef::Named { kind, name: target.relation.name };
                self.alter_object(object, Changes { depends: true, ..Changes::default() }, false)
            }
            _ if kind == ObjectKind::Sequence && self.at_alter_sequence_option() => {
                let options = self.sequence_options()?;
                let name = target.relation.name;
                Ok(Statement::AlterSequence(AlterSequenceStatement { name, if_exists, options }))
            }
            _ => self.alter_table_actions(target),
        }
    }

    /// Whether an option of a sequence stands here rather than an action of `ALTER TABLE`.
    fn at_alter_sequence_option(&mut self) -> bool {
        match self.keyword() {
            Keyword::No => {
                matches!(self.next_keyword(), Keyword::Maxvalue | Keyword::Minvalue | Keyword::Cycle)
            }
            _ => self.at_sequence_option(),
        }
    }

    fn rename_relation(&mut self, target: Relation) -> Result<Statement> {
        let Relation { kind, relation, if_exists } = target;
        self.expect(Keyword::Rename)?;
        let has_columns = !matches!(kind, ObjectKind::Index | ObjectKind::Sequence);
        let target = if kind == ObjectKind::Table && self.accept(Keyword::Constraint) {
            RenameTarget::Constraint { relation, name: self.col_id()? }
        } else if self.at(Keyword::To) || !has_columns {
            RenameTarget::Relation { kind, relation }
        } else {
            self.accept(Keyword::Column);
            RenameTarget::Column { kind, relation, column: self.col_id()? }
        };
        self.expect(Keyword::To)?;
        let new_name = self.col_id()?;
        Ok(rename(target, new_name, if_exists))
    }
}

/// A `RENAME`.
pub(super) fn rename(target: RenameTarget, new_name: Ident, if_exists: bool) -> Statement {
    let behavior = DropBehavior::Restrict;
    Statement::Rename(Box::new(RenameStatement { target, new_name, if_exists, behavior }))
}

/// A named object.
pub(super) fn named(kind: ObjectKind, name: Ident) -> ObjectRef {
    ObjectRef::Named { kind, name: QualifiedName { parts: vec![name] } }
}
