//! Names of objects, and the statements that work on any kind of them.

use super::Printer;
use crate::ast::{
    AlterObjectDependsStatement, AlterObjectSchemaStatement, AlterOwnerStatement, CommentStatement,
    DropDatabaseStatement, DropOwnedStatement, DropRoleStatement, DropStatement, DropSubscriptionStatement,
    DropTablespaceStatement, DropUserMappingStatement, FunctionParameter, ObjectKind, ObjectRef,
    ParameterMode, RenameStatement, RenameTarget, RoutineSignature, SecurityLabelStatement, TypeName,
};

impl Printer {
    /// The words for a kind of object.
    pub(super) fn object_kind(&mut self, kind: ObjectKind) {
        use ObjectKind as K;
        self.text(match kind {
            K::AccessMethod => "ACCESS METHOD",
            K::Aggregate => "AGGREGATE",
            K::Attribute => "ATTRIBUTE",
            K::Cast => "CAST",
            K::Collation => "COLLATION",
            K::Column => "COLUMN",
            K::Constraint | K::DomainConstraint => "CONSTRAINT",
            K::Conversion => "CONVERSION",
            K::Database => "DATABASE",
            K::DefaultAcl => "DEFAULT PRIVILEGES",
            K::Domain => "DOMAIN",
            K::EventTrigger => "EVENT TRIGGER",
            K::Extension => "EXTENSION",
            K::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
            K::ForeignServer => "SERVER",
            K::ForeignTable => "FOREIGN TABLE",
            K::Function => "FUNCTION",
            K::Index => "INDEX",
            K::Language => "LANGUAGE",
            K::LargeObject => "LARGE OBJECT",
            K::MaterializedView => "MATERIALIZED VIEW",
            K::OperatorClass => "OPERATOR CLASS",
            K::Operator => "OPERATOR",
            K::OperatorFamily => "OPERATOR FAMILY",
            K::ParameterAcl => "PARAMETER",
            K::Policy => "POLICY",
            K::Procedure => "PROCEDURE",
            K::Publication => "PUBLICATION",
            K::Role => "ROLE",
            K::Routine => "ROUTINE",
            K::Rule => "RULE",
            K::Schema => "SCHEMA",
            K::Sequence => "SEQUENCE",
            K::Statistics => "STATISTICS",
            K::Subscription => "SUBSCRIPTION",
            K::Table => "TABLE",
            K::Tablespace => "TABLESPACE",
            K::TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
            K::TextSearchDictionary => "TEXT SEARCH DICTIONARY",
            K::TextSearchParser => "TEXT SEARCH PARSER",
            K::TextSearchTemplate => "TEXT SEARCH TEMPLATE",
            K::Transform => "TRANSFORM",
            K::Trigger => "TRIGGER",
            K::Type => "TYPE",
            K::UserMapping => "USER MAPPING",
            K::View => "VIEW",
        });
    }

    /// Which kind of object a reference names.
    fn kind_of(object: &ObjectRef) -> ObjectKind {
        match object {
            ObjectRef::Named { kind, .. }
            | ObjectRef::Type { kind, .. }
            | ObjectRef::OnRelation { kind, .. }
            | ObjectRef::Routine { kind, .. }
            | ObjectRef::OperatorSet { kind, .. } => *kind,
            ObjectRef::DomainConstraint { .. } => ObjectKind::DomainConstraint,
            ObjectRef::Operator { .. } => ObjectKind::Operator,
            ObjectRef::Cast { .. } => ObjectKind::Cast,
            ObjectRef::Transform { .. } => ObjectKind::Transform,
            ObjectRef::LargeObject(_) => ObjectKind::LargeObject,
            ObjectRef::UserMapping { .. } => ObjectKind::UserMapping,
        }
    }

    /// The words for an object's kind, then its name.
    pub(super) fn object(&mut self, object: &ObjectRef) {
        self.object_kind(Self::kind_of(object));
        self.text(" ");
        self.object_name(object);
    }

    /// An object's name without the words for its kind.
    pub(super) fn object_name(&mut self, object: &ObjectRef) {
        match object {
            ObjectRef::Named { name, .. } => self.name(name),
            ObjectRef::Type { type_name, .. } => self.type_name(type_name),
            ObjectRef::OnRelation { name, relation, .. } => {
                self.ident(name);
                self.text(" ON ");
                self.name(relation);
            }
            ObjectRef::DomainConstraint { name, domain } => {
                self.ident(name);
                self.text(" ON DOMAIN ");
                self.name(&domain.name);
            }
            ObjectRef::Routine { signature, .. } => self.signature(signature),
            ObjectRef::Operator { name, left, right } => {
                self.bare_operator(name);
                self.text(" ");
                self.operator_args(left.as_ref(), right.as_ref());
            }
            ObjectRef::OperatorSet { name, method, .. } => {
                self.name(name);
                self.text(" USING ");
                self.ident(method);
            }
            ObjectRef::Cast { source, target } => {
                self.text("(");
                self.type_name(source);
                self.text(" AS ");
                self.type_name(target);
                self.text(")");
            }
            ObjectRef::Transform { type_name, language } => {
                self.text("FOR ");
                self.type_name(type_name);
                self.text(" LANGUAGE ");
                self.ident(language);
            }
            ObjectRef::LargeObject(number) => self.number(number),
            ObjectRef::UserMapping { user, server } => {
                self.text("FOR ");
                self.role(user);
                self.text(" SERVER ");
                self.ident(server);
            }
        }
    }

    /// `(left, right)` of an operator.
    pub(super) fn operator_args(&mut self, left: Option<&TypeName>, right: Option<&TypeName>) {
        self.paren_list(&[left, right], |p, side| match side {
            Some(type_name) => p.type_name(type_name),
            None => p.text("NONE"),
        });
    }

    /// A routine's name with its argument types.
    pub(super) fn signature(&mut self, signature: &RoutineSignature) {
        self.name(&signature.name);
        self.signature_args(signature);
    }

    /// The argument types of a routine.
    pub(super) fn signature_args(&mut self, signature: &RoutineSignature) {
        let Some(args) = &signature.args else { return };
        self.text("(");
        self.list(args, Self::parameter);
        if let Some(order_by) = &signature.order_by {
            self.text_if(!args.is_empty(), " ");
            self.text("ORDER BY ");
            self.list(order_by, Self::parameter);
        }
        self.text(")");
    }

    /// A parameter of a routine.
    pub(super) fn parameter(&mut self, parameter: &FunctionParameter) {
        self.text(match parameter.mode {
            ParameterMode::Default | ParameterMode::Table => "",
            ParameterMode::In => "IN ",
            ParameterMode::Out => "OUT ",
            ParameterMode::InOut => "INOUT ",
            ParameterMode::Variadic => "VARIADIC ",
        });
        if let Some(name) = &parameter.name {
            self.ident(name);
            self.text(" ");
        }
        self.type_name(&parameter.type_name);
        self.optional(" DEFAULT ", parameter.default.as_ref(), Self::expr);
    }

    // ---- DROP ----

    pub(super) fn if_exists(&mut self, if_exists: bool) {
        self.text_if(if_exists, "IF EXISTS ");
    }

    pub(super) fn drop_statement(&mut self, drop: &DropStatement) {
        self.text("DROP ");
        self.object_kind(drop.kind);
        self.text(" ");
        self.text_if(drop.concurrently, "CONCURRENTLY ");
        self.if_exists(drop.if_exists);
        // An aggregate without arguments is written with a star.
        self.list(&drop.objects, Self::dropped_object);
        self.drop_behavior(drop.behavior);
    }

    fn dropped_object(&mut self, object: &ObjectRef) {
        match object {
            ObjectRef::Routine { kind: ObjectKind::Aggregate, signature } => {
                self.aggregate_signature(signature)
            }
            object => self.object_name(object),
        }
    }

    /// An aggregate's name with its argument types, `*` for none.
    pub(super) fn aggregate_signature(&mut self, signature: &RoutineSignature) {
        self.name(&signature.name);
        if signature.order_by.is_none() && signature.args.as_ref().is_some_and(Vec::is_empty) {
            self.text("(*)");
        } else {
            self.signature_args(signature);
        }
    }

    pub(super) fn drop_database(&mut self, drop: &DropDatabaseStatement) {
        self.text("DROP DATABASE ");
        self.if_exists(drop.if_exists);
        self.ident(&drop.name);
        if !drop.options.is_empty() {
            self.text(" WITH ");
            self.paren_list(&drop.options, |p, option| p.text(&option.name.name.to_uppercase()));
        }
    }

    pub(super) fn drop_subscription(&mut self, drop: &DropSubscriptionStatement) {
        self.text("DROP SUBSCRIPTION ");
        self.if_exists(drop.if_exists);
        self.ident(&drop.name);
        self.drop_behavior(drop.behavior);
    }

    pub(super) fn drop_tablespace(&mut self, drop: &DropTablespaceStatement) {
        self.text("DROP TABLESPACE ");
        self.if_exists(drop.if_exists);
        self.ident(&drop.name);
    }

    pub(super) fn drop_user_mapping(&mut self, drop: &DropUserMappingStatement) {
        self.text("DROP USER MAPPING ");
        self.if_exists(drop.if_exists);
        self.text("FOR ");
        self.role(&drop.user);
        self.text(" SERVER ");
        self.ident(&drop.server);
    }

    pub(super) fn drop_role(&mut self, drop: &DropRoleStatement) {
        self.text("DROP ROLE ");
        self.if_exists(drop.if_exists);
        self.list(&drop.roles, Self::role);
    }

    pub(super) fn drop_owned(&mut self, drop: &DropOwnedStatement) {
        self.text("DROP OWNED BY ");
        self.list(&drop.roles, Self::role);
        self.drop_behavior(drop.behavior);
    }

    // ---- COMMENT, SECURITY LABEL ----

    /// The words and name of an object, aggregates as they must be written.
    pub(super) fn any_object(&mut self, object: &ObjectRef) {
        match object {
            ObjectRef::Routine { kind: ObjectKind::Aggregate, signature } => {
                self.text("AGGREGATE ");
                self.aggregate_signature(signature);
            }
            object => self.object(object),
        }
    }

    pub(super) fn comment(&mut self, comment: &CommentStatement) {
        self.text("COMMENT ON ");
        self.any_object(&comment.object);
        self.text(" IS ");
        self.string_or_null(comment.comment.as_deref());
    }

    pub(super) fn security_label(&mut self, label: &SecurityLabelStatement) {
        self.text("SECURITY LABEL ");
        if let Some(provider) = &label.provider {
            self.text("FOR ");
            self.string(provider);
            self.text(" ");
        }
        self.text("ON ");
        self.any_object(&label.object);
        self.text(" IS ");
        self.string_or_null(label.label.as_deref());
    }

    // ---- ALTER ----

    pub(super) fn rename(&mut self, rename: &RenameStatement) {
        self.text("ALTER ");
        let if_exists = if rename.if_exists { "IF EXISTS " } else { "" };
        match &rename.target {
            RenameTarget::Object(ObjectRef::DomainConstraint { name, domain }) => {
                self.text("DOMAIN ");
                self.name(&domain.name);
                self.text(" RENAME CONSTRAINT ");
                self.ident(name);
                self.text(" TO ");
            }
            RenameTarget::Object(object) => {
                self.any_object(object);
                self.text(" RENAME TO ");
            }
            RenameTarget::Relation { kind, relation } => {
                self.object_kind(*kind);
                self.text(" ");
                self.text(if_exists);
                self.relation(relation);
                self.text(" RENAME TO ");
            }
            RenameTarget::Column { kind, relation, column } => {
                self.object_kind(*kind);
                self.text(" ");
                self.text(if_exists);
                self.relation(relation);
                let attribute = *kind == ObjectKind::Type;
                self.text(if attribute { " RENAME ATTRIBUTE " } else { " RENAME COLUMN " });
                self.ident(column);
                self.text(" TO ");
            }
            RenameTarget::Constraint { relation, name } => {
                self.text("TABLE ");
                self.text(if_exists);
                self.relation(relation);
                self.text(" RENAME CONSTRAINT ");
                self.ident(name);
                self.text(" TO ");
            }
            RenameTarget::OnRelation { kind, relation, name } => {
                self.object_kind(*kind);
                self.text(" ");
                self.text(if_exists);
                self.ident(name);
                self.text(" ON ");
                self.relation(relation);
                self.text(" RENAME TO ");
            }
        }
        self.ident(&rename.new_name);
        self.drop_behavior(rename.behavior);
    }

    pub(super) fn alter_object_schema(&mut self, alter: &AlterObjectSchemaStatement) {
        self.text("ALTER ");
        if alter.if_exists || alter.only {
            self.object_kind(Self::kind_of(&alter.object));
            self.text(" ");
            self.if_exists(alter.if_exists);
            self.text_if(alter.only, "ONLY ");
            self.object_name(&alter.object);
        } else {
            self.any_object(&alter.object);
        }
        self.text(" SET SCHEMA ");
        self.ident(&alter.new_schema);
    }

    pub(super) fn alter_owner(&mut self, alter: &AlterOwnerStatement) {
        self.text("ALTER ");
        self.any_object(&alter.object);
        self.text(" OWNER TO ");
        self.role(&alter.new_owner);
    }

    pub(super) fn alter_object_depends(&mut self, alter: &AlterObjectDependsStatement) {
        self.text("ALTER ");
        self.any_object(&alter.object);
        self.text(if alter.remove { " NO DEPENDS ON EXTENSION " } else { " DEPENDS ON EXTENSION " });
        self.ident(&alter.extension);
    }
}
