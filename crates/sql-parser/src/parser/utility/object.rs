//! How statements name objects: the words for each kind, then the name; `DROP`, `COMMENT`, `SECURITY LABEL`.

use crate::ast::{
    CommentStatement, DropDatabaseStatement, DropOwnedStatement, DropRoleStatement, DropStatement,
    DropSubscriptionStatement, DropTablespaceStatement, DropUserMappingStatement, Ident, ObjectKind,
    ObjectRef, QualifiedName, RelationRef, RoleSpec, RoleSpecKind, SecurityLabelStatement, Span, Statement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

/// A relation that a statement is about.
pub(super) struct Relation {
    pub(super) kind: ObjectKind,
    pub(super) relation: RelationRef,
    pub(super) if_exists: bool,
}

/// A list of one.
fn single(name: Ident) -> QualifiedName {
    QualifiedName { parts: vec![name] }
}

/// Whether objects of this kind have a qualified name (`object_type_any_name`).
pub(super) fn has_any_name(kind: ObjectKind) -> bool {
    use ObjectKind::*;
    matches!(
        kind,
        Table
            | Sequence
            | View
            | MaterializedView
            | Index
            | ForeignTable
            | Collation
            | Conversion
            | Statistics
            | TextSearchParser
            | TextSearchDictionary
            | TextSearchTemplate
            | TextSearchConfiguration
    )
}

/// Whether objects of this kind have a name in one part and `DROP` takes a list of them (`drop_type_name`).
fn has_drop_name(kind: ObjectKind) -> bool {
    use ObjectKind::*;
    matches!(
        kind,
        AccessMethod
            | EventTrigger
            | Extension
            | ForeignDataWrapper
            | Language
            | Publication
            | Schema
            | ForeignServer
    )
}

/// Whether objects of this kind have a name in one part (`object_type_name`).
fn has_name(kind: ObjectKind) -> bool {
    use ObjectKind::*;
    has_drop_name(kind) || matches!(kind, Database | Role | Subscription | Tablespace)
}

impl Parser<'_> {
    /// The words for a kind of object.
    pub(super) fn object_kind(&mut self) -> Result<ObjectKind> {
        use ObjectKind as K;
        let kind = match self.keyword() {
            Keyword::Table => K::Table,
            Keyword::Sequence => K::Sequence,
            Keyword::View => K::View,
            Keyword::Index => K::Index,
            Keyword::Collation => K::Collation,
            Keyword::Conversion => K::Conversion,
            Keyword::Statistics => K::Statistics,
            Keyword::Extension => K::Extension,
            Keyword::Language => K::Language,
            Keyword::Publication => K::Publication,
            Keyword::Schema => K::Schema,
            Keyword::Server => K::ForeignServer,
            Keyword::Database => K::Database,
            Keyword::Role => K::Role,
            Keyword::Subscription => K::Subscription,
            Keyword::Tablespace => K::Tablespace,
            Keyword::Type => K::Type,
            Keyword::Domain => K::Domain,
            Keyword::Column => K::Column,
            Keyword::Constraint => K::Constraint,
            Keyword::Policy => K::Policy,
            Keyword::Rule => K::Rule,
            Keyword::Trigger => K::Trigger,
            Keyword::Aggregate => K::Aggregate,
            Keyword::Function => K::Function,
            Keyword::Procedure => K::Procedure,
            Keyword::Routine => K::Routine,
            Keyword::Cast => K::Cast,
            Keyword::Transform => K::Transform,
            Keyword::Materialized => return self.two_word_kind(Keyword::View, K::MaterializedView),
            Keyword::Access => return self.two_word_kind(Keyword::Method, K::AccessMethod),
            Keyword::Event => return self.two_word_kind(Keyword::Trigger, K::EventTrigger),
            Keyword::Procedural => return self.two_word_kind(Keyword::Language, K::Language),
            Keyword::Large => return self.two_word_kind(Keyword::Object, K::LargeObject),
            Keyword::Foreign => {
                self.advance();
                if self.accept(Keyword::Table) {
                    return Ok(K::ForeignTable);
                }
                return self.two_word_kind_at(Keyword::Data, Keyword::Wrapper, K::ForeignDataWrapper);
            }
            Keyword::Operator => {
                self.advance();
                let kind = match self.keyword() {
                    Keyword::Class if !self.next_is_char(b'.') => K::OperatorClass,
                    Keyword::Family if !self.next_is_char(b'.') => K::OperatorFamily,
                    _ => return Ok(K::Operator),
                };
                self.advance();
                return Ok(kind);
            }
            Keyword::Text => {
                self.advance();
                self.expect(Keyword::Search)?;
                let kind = match self.keyword() {
                    Keyword::Parser => K::TextSearchParser,
                    Keyword::Dictionary => K::TextSearchDictionary,
                    Keyword::Template => K::TextSearchTemplate,
                    Keyword::Configuration => K::TextSearchConfiguration,
                    _ => return Err(self.syntax_error()),
                };
                self.advance();
                return Ok(kind);
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(kind)
    }

    fn two_word_kind(&mut self, second: Keyword, kind: ObjectKind) -> Result<ObjectKind> {
        self.advance();
        self.expect(second)?;
        Ok(kind)
    }

    fn two_word_kind_at(&mut self, first: Keyword, second: Keyword, kind: ObjectKind) -> Result<ObjectKind> {
        self.expect_all(&[first, second])?;
        Ok(kind)
    }

    /// The name of an object of this kind, behind the words for it. `None` if the grammar knows no such name.
    pub(super) fn object_name(&mut self, kind: ObjectKind) -> Result<ObjectRef> {
        use ObjectKind as K;
        Ok(match kind {
            _ if has_any_name(kind) => ObjectRef::Named { kind, name: self.any_name()? },
            _ if has_name(kind) => ObjectRef::Named { kind, name: single(self.col_id()?) },
            K::Column => ObjectRef::Named { kind, name: self.any_name()? },
            K::Type | K::Domain => ObjectRef::Type { kind, type_name: self.type_name()? },
            K::Aggregate => ObjectRef::Routine { kind, signature: self.aggregate_signature()? },
            K::Function | K::Procedure | K::Routine => {
                ObjectRef::Routine { kind, signature: self.routine_signature()? }
            }
            K::Operator => self.operator_signature()?,
            K::OperatorClass | K::OperatorFamily => self.operator_set(kind)?,
            K::Constraint => {
                let name = self.col_id()?;
                self.expect(Keyword::On)?;
                if self.at(Keyword::Domain) && crate::parser::names::is_col_id(self.peek_next()) {
                    self.advance();
                    let start = self.start();
                    let domain = self.any_name()?;
                    let domain = self.type_from_name(domain.parts, Vec::new(), start);
                    return Ok(ObjectRef::DomainConstraint { name, domain });
                }
                ObjectRef::OnRelation { kind, name, relation: self.any_name()? }
            }
            K::Policy | K::Rule | K::Trigger => {
                let name = self.col_id()?;
                self.expect(Keyword::On)?;
                ObjectRef::OnRelation { kind, name, relation: self.any_name()? }
            }
            K::Cast => {
                self.expect_char(b'(')?;
                let source = self.type_name()?;
                self.expect(Keyword::As)?;
                let target = self.type_name()?;
                self.expect_char(b')')?;
                ObjectRef::Cast { source, target }
            }
            K::Transform => {
                self.expect(Keyword::For)?;
                let type_name = self.type_name()?;
                self.expect(Keyword::Language)?;
                ObjectRef::Transform { type_name, language: self.col_id()? }
            }
            K::LargeObject => ObjectRef::LargeObject(self.numeric_only()?),
            _ => return Err(self.syntax_error()),
        })
    }

    /// `name USING method`.
    pub(super) fn operator_set(&mut self, kind: ObjectKind) -> Result<ObjectRef> {
        let name = self.any_name()?;
        self.expect(Keyword::Using)?;
        Ok(ObjectRef::OperatorSet { kind, name, method: self.col_id()? })
    }

    /// Whether this is `USER MAPPING FOR` or `USER MAPPING IF`, not a user called `mapping`.
    pub(super) fn at_user_mapping(&mut self) -> bool {
        if !self.at_pair(Keyword::User, Keyword::Mapping) {
            return false;
        }
        let before = self.checkpoint();
        self.advance();
        let found = matches!(self.next_keyword(), Keyword::For | Keyword::If);
        self.rewind(before);
        found
    }

    /// `auth_ident`: a role, or `USER` for the current one.
    pub(super) fn auth_ident(&mut self) -> Result<RoleSpec> {
        if self.at(Keyword::User) {
            let token = self.advance();
            let span = Span { start: token.start, end: token.end };
            return Ok(RoleSpec { kind: RoleSpecKind::CurrentUser, span });
        }
        self.role_spec()
    }

    // ---- DROP ----

    /// `DROP`.
    pub(super) fn drop_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Drop)?;
        match self.keyword() {
            Keyword::User if self.at_user_mapping() => return self.drop_user_mapping(),
            Keyword::Role | Keyword::User | Keyword::Group => {
                self.advance();
                let if_exists = self.opt_if_exists()?;
                let roles = self.role_list()?;
                return Ok(Statement::DropRole(DropRoleStatement { roles, if_exists }));
            }
            Keyword::Owned => {
                self.advance();
                self.expect(Keyword::By)?;
                let roles = self.role_list()?;
                let behavior = self.opt_drop_behavior();
                return Ok(Statement::DropOwned(DropOwnedStatement { roles, behavior }));
            }
            _ => {}
        }
        if self.at_any(&[Keyword::Column, Keyword::Constraint, Keyword::Large]) {
            return Err(self.syntax_error());
        }
        let kind = self.object_kind()?;
        let concurrently = kind == ObjectKind::Index && self.accept(Keyword::Concurrently);
        let if_exists = match kind {
            ObjectKind::Cast | ObjectKind::Transform => self.opt_if_exists_words()?,
            _ => self.opt_if_exists()?,
        };
        match kind {
            ObjectKind::Database => return self.drop_database(if_exists),
            ObjectKind::Subscription => {
                let name = self.col_id()?;
                let behavior = self.opt_drop_behavior();
                let statement = DropSubscriptionStatement { name, if_exists, behavior };
                return Ok(Statement::DropSubscription(statement));
            }
            ObjectKind::Tablespace => {
                let name = self.col_id()?;
                return Ok(Statement::DropTablespace(DropTablespaceStatement { name, if_exists }));
            }
            _ => {}
        }
        let objects = self.drop_objects(kind)?;
        let behavior = self.opt_drop_behavior();
        Ok(Statement::Drop(DropStatement { kind, objects, if_exists, concurrently, behavior }))
    }

    fn drop_objects(&mut self, kind: ObjectKind) -> Result<Vec<ObjectRef>> {
        use ObjectKind as K;
        match kind {
            _ if has_any_name(kind) || has_drop_name(kind) => self.comma_list(|p| p.object_name(kind)),
            K::Type | K::Domain | K::Aggregate | K::Function | K::Procedure | K::Routine | K::Operator => {
                self.comma_list(|p| p.object_name(kind))
            }
            K::Policy
            | K::Rule
            | K::Trigger
            | K::Cast
            | K::Transform
            | K::OperatorClass
            | K::OperatorFamily => Ok(vec![self.object_name(kind)?]),
            _ => Err(self.syntax_error()),
        }
    }

    fn drop_database(&mut self, if_exists: bool) -> Result<Statement> {
        let name = self.col_id()?;
        let mut options = Vec::new();
        if self.accept(Keyword::With) || self.at_char(b'(') {
            options = self.paren_list(|p| {
                let start = p.start();
                p.expect(Keyword::Force)?;
                Ok(p.def_elem_named("force", start, None))
            })?;
        }
        Ok(Statement::DropDatabase(DropDatabaseStatement { name, if_exists, options }))
    }

    fn drop_user_mapping(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::User, Keyword::Mapping])?;
        let if_exists = self.opt_if_exists_words()?;
        self.expect(Keyword::For)?;
        let user = self.auth_ident()?;
        self.expect(Keyword::Server)?;
        let server = self.col_id()?;
        Ok(Statement::DropUserMapping(Box::new(DropUserMappingStatement { if_exists, user, server })))
    }

    // ---- COMMENT, SECURITY LABEL ----

    /// `COMMENT ON`.
    pub(super) fn comment_statement(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Comment, Keyword::On])?;
        let kind = self.object_kind()?;
        let object = self.object_name(kind)?;
        self.expect(Keyword::Is)?;
        let comment = self.string_or_null()?;
        Ok(Statement::Comment(Box::new(CommentStatement { object, comment })))
    }

    /// `SECURITY LABEL`.
    pub(super) fn security_label_statement(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Security, Keyword::Label])?;
        let provider =
            if self.accept(Keyword::For) { Some(self.non_reserved_word_or_string()?.name) } else { None };
        self.expect(Keyword::On)?;
        let before = self.checkpoint();
        let kind = self.object_kind()?;
        use ObjectKind as K;
        let labelled = has_any_name(kind)
            || has_name(kind)
            || matches!(
                kind,
                K::Column
                    | K::Type
                    | K::Domain
                    | K::Aggregate
                    | K::Function
                    | K::LargeObject
                    | K::Procedure
                    | K::Routine
            );
        if !labelled {
            self.rewind(before);
            return Err(self.syntax_error());
        }
        let object = self.object_name(kind)?;
        self.expect(Keyword::Is)?;
        let label = self.string_or_null()?;
        Ok(Statement::SecurityLabel(Box::new(SecurityLabelStatement { provider, object, label })))
    }

    /// What `ALTER EXTENSION` adds or drops.
    pub(super) fn extension_member(&mut self) -> Result<ObjectRef> {
        use ObjectKind as K;
        let before = self.checkpoint();
        let kind = self.object_kind()?;
        if matches!(kind, K::Column | K::Constraint | K::LargeObject | K::Policy | K::Rule | K::Trigger) {
            self.rewind(before);
            return Err(self.syntax_error());
        }
        self.object_name(kind)
    }
}
