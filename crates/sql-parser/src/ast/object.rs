//! Statements that work on any kind of object: `DROP`, `RENAME`, `OWNER TO`, `SET SCHEMA`, `COMMENT` and the like.

use super::{
    DefElem, DropBehavior, Ident, ObjectKind, ObjectRef, QualifiedName, RelationRef, RoleSpec, Statement,
};

/// `DROP` of anything but roles, databases and tablespaces, which have statements of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct DropStatement {
    /// What is dropped.
    pub kind: ObjectKind,
    /// The objects.
    pub objects: Vec<ObjectRef>,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// `CONCURRENTLY`, for indexes.
    pub concurrently: bool,
    /// `CASCADE` or `RESTRICT`.
    pub behavior: DropBehavior,
}

/// `ALTER ... RENAME`.
#[derive(Clone, Debug, PartialEq)]
pub struct RenameStatement {
    /// What gets the new name.
    pub target: RenameTarget,
    /// The new name.
    pub new_name: Ident,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// `CASCADE`, for attributes of a type.
    pub behavior: DropBehavior,
}

/// What is renamed.
#[derive(Clone, Debug, PartialEq)]
pub enum RenameTarget {
    /// A whole object that is not a relation.
    Object(ObjectRef),
    /// A relation.
    Relation {
        /// What the statement called it.
        kind: ObjectKind,
        /// The relation.
        relation: RelationRef,
    },
    /// A column or attribute.
    Column {
        /// What the statement called the relation; [`ObjectKind::Type`] for an attribute.
        kind: ObjectKind,
        /// The relation.
        relation: RelationRef,
        /// The column.
        column: Ident,
    },
    /// A constraint of a table.
    Constraint {
        /// The table.
        relation: RelationRef,
        /// The constraint.
        name: Ident,
    },
    /// A trigger, rule or policy of a relation.
    OnRelation {
        /// What it is.
        kind: ObjectKind,
        /// The relation.
        relation: RelationRef,
        /// Its name.
        name: Ident,
    },
}

/// `ALTER ... SET SCHEMA`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterObjectSchemaStatement {
    /// The object.
    pub object: ObjectRef,
    /// `ONLY` before a table's name.
    pub only: bool,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// The schema.
    pub new_schema: Ident,
}

/// `ALTER ... OWNER TO` of anything that is not a relation.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterOwnerStatement {
    /// The object.
    pub object: ObjectRef,
    /// The owner.
    pub new_owner: RoleSpec,
}

/// `ALTER ... [NO] DEPENDS ON EXTENSION`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterObjectDependsStatement {
    /// The object.
    pub object: ObjectRef,
    /// The extension.
    pub extension: Ident,
    /// `NO`.
    pub remove: bool,
}

/// `COMMENT ON`.
#[derive(Clone, Debug, PartialEq)]
pub struct CommentStatement {
    /// The object.
    pub object: ObjectRef,
    /// The comment, `None` for `NULL`.
    pub comment: Option<Box<str>>,
}

/// `SECURITY LABEL`.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityLabelStatement {
    /// `FOR`.
    pub provider: Option<Box<str>>,
    /// The object.
    pub object: ObjectRef,
    /// The label, `None` for `NULL`.
    pub label: Option<Box<str>>,
}

/// `CREATE SCHEMA`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSchemaStatement {
    /// The schema, unless the role names it.
    pub name: Option<Ident>,
    /// `AUTHORIZATION`.
    pub authorization: Option<RoleSpec>,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// What is created in it.
    pub elements: Vec<Statement>,
}

/// `CREATE DATABASE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateDatabaseStatement {
    /// The database.
    pub name: Ident,
    /// The options.
    pub options: Vec<DefElem>,
}

/// `ALTER DATABASE ... options`, `SET TABLESPACE` included.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterDatabaseStatement {
    /// The database.
    pub name: Ident,
    /// What changes.
    pub action: AlterDatabaseAction,
}

/// Changes of a database.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterDatabaseAction {
    /// `WITH options`.
    Options(Vec<DefElem>),
    /// `SET TABLESPACE`.
    SetTablespace(Ident),
    /// `REFRESH COLLATION VERSION`.
    RefreshCollationVersion,
    /// `SET` and `RESET`.
    Set(super::SetStatement),
}

/// `DROP DATABASE`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropDatabaseStatement {
    /// The database.
    pub name: Ident,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// `WITH (FORCE)`.
    pub options: Vec<DefElem>,
}

/// `ALTER COLLATION ... REFRESH VERSION`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterCollationStatement {
    /// The collation.
    pub name: QualifiedName,
}

/// `ALTER SYSTEM`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterSystemStatement {
    /// `SET` or `RESET`.
    pub set: super::SetStatement,
}

/// `CREATE TABLESPACE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTablespaceStatement {
    /// The tablespace.
    pub name: Ident,
    /// `OWNER`.
    pub owner: Option<RoleSpec>,
    /// `LOCATION`.
    pub location: Box<str>,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
}

/// `DROP TABLESPACE`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropTablespaceStatement {
    /// The tablespace.
    pub name: Ident,
    /// `IF EXISTS`.
    pub if_exists: bool,
}

/// `ALTER TABLESPACE ... SET` or `RESET`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTablespaceStatement {
    /// The tablespace.
    pub name: Ident,
    /// `RESET`.
    pub reset: bool,
    /// The options.
    pub options: Vec<DefElem>,
}

/// `CREATE EXTENSION`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateExtensionStatement {
    /// The extension.
    pub name: Ident,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// `SCHEMA`, `VERSION`, `CASCADE`: as options `schema`, `new_version`, `cascade`.
    pub options: Vec<DefElem>,
}

/// `ALTER EXTENSION ... UPDATE`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterExtensionStatement {
    /// The extension.
    pub name: Ident,
    /// `TO version`, as option `new_version`.
    pub options: Vec<DefElem>,
}

/// `ALTER EXTENSION ... ADD` or `DROP`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterExtensionContentsStatement {
    /// The extension.
    pub name: Ident,
    /// `DROP`, not `ADD`.
    pub drop: bool,
    /// The object.
    pub object: ObjectRef,
}

/// `CREATE ACCESS METHOD`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateAccessMethodStatement {
    /// The access method.
    pub name: Ident,
    /// `TYPE TABLE`, not `TYPE INDEX`.
    pub table: bool,
    /// `HANDLER`.
    pub handler: QualifiedName,
}

/// `CREATE FOREIGN DATA WRAPPER` and, with `alter`, `ALTER FOREIGN DATA WRAPPER`.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignDataWrapperStatement {
    /// `ALTER`.
    pub alter: bool,
    /// The wrapper.
    pub name: Ident,
    /// `HANDLER`, `VALIDATOR` in order, as options `handler` and `validator`; without value for `NO ...`.
    pub functions: Vec<DefElem>,
    /// `OPTIONS`.
    pub options: Vec<DefElem>,
}

/// `CREATE SERVER`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateServerStatement {
    /// The server.
    pub name: Ident,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// `TYPE`.
    pub server_type: Option<Box<str>>,
    /// `VERSION`.
    pub version: Option<Box<str>>,
    /// The wrapper.
    pub wrapper: Ident,
    /// `OPTIONS`.
    pub options: Vec<DefElem>,
}

/// `ALTER SERVER`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterServerStatement {
    /// The server.
    pub name: Ident,
    /// `VERSION`: `Some(None)` for `VERSION NULL`.
    pub version: Option<Option<Box<str>>>,
    /// `OPTIONS`.
    pub options: Vec<DefElem>,
}

/// `CREATE USER MAPPING` and, with `alter`, `ALTER USER MAPPING`.
#[derive(Clone, Debug, PartialEq)]
pub struct UserMappingStatement {
    /// `ALTER`.
    pub alter: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// The user.
    pub user: RoleSpec,
    /// The server.
    pub server: Ident,
    /// `OPTIONS`.
    pub options: Vec<DefElem>,
}

/// `DROP USER MAPPING`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropUserMappingStatement {
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// The user.
    pub user: RoleSpec,
    /// The server.
    pub server: Ident,
}

/// `IMPORT FOREIGN SCHEMA`.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportForeignSchemaStatement {
    /// The remote schema.
    pub remote_schema: Ident,
    /// `LIMIT TO` (true) or `EXCEPT`, with the tables.
    pub tables: Option<(bool, Vec<RelationRef>)>,
    /// `FROM SERVER`.
    pub server: Ident,
    /// `INTO`.
    pub local_schema: Ident,
    /// `OPTIONS`.
    pub options: Vec<DefElem>,
}

/// `CREATE PUBLICATION`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePublicationStatement {
    /// The publication.
    pub name: Ident,
    /// `FOR ALL TABLES`.
    pub all_tables: bool,
    /// `FOR ...`.
    pub objects: Vec<PublicationObject>,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
}

/// `ALTER PUBLICATION`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPublicationStatement {
    /// The publication.
    pub name: Ident,
    /// What changes.
    pub action: AlterPublicationAction,
}

/// Changes of a publication.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterPublicationAction {
    /// `SET (...)`.
    Options(Vec<DefElem>),
    /// `ADD`.
    Add(Vec<PublicationObject>),
    /// `SET`.
    Set(Vec<PublicationObject>),
    /// `DROP`.
    Drop(Vec<PublicationObject>),
}

/// What a publication publishes.
#[derive(Clone, Debug, PartialEq)]
pub enum PublicationObject {
    /// `TABLE relation (columns) WHERE (...)`.
    Table {
        /// The table.
        relation: RelationRef,
        /// The columns; empty for all.
        columns: Vec<Ident>,
        /// `WHERE`.
        where_clause: Option<super::Expr>,
    },
    /// `TABLES IN SCHEMA name`.
    TablesInSchema(Ident),
    /// `TABLES IN SCHEMA CURRENT_SCHEMA`.
    TablesInCurrentSchema(super::Span),
}

/// `CREATE SUBSCRIPTION`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSubscriptionStatement {
    /// The subscription.
    pub name: Ident,
    /// `CONNECTION`.
    pub connection: Box<str>,
    /// `PUBLICATION`.
    pub publications: Vec<Ident>,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
}

/// `ALTER SUBSCRIPTION`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterSubscriptionStatement {
    /// The subscription.
    pub name: Ident,
    /// What changes.
    pub action: AlterSubscriptionAction,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
}

/// Changes of a subscription.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterSubscriptionAction {
    /// `SET (...)`.
    Options,
    /// `CONNECTION`.
    Connection(Box<str>),
    /// `REFRESH PUBLICATION`.
    Refresh,
    /// `ADD PUBLICATION`.
    AddPublication(Vec<Ident>),
    /// `DROP PUBLICATION`.
    DropPublication(Vec<Ident>),
    /// `SET PUBLICATION`.
    SetPublication(Vec<Ident>),
    /// `ENABLE`.
    Enable,
    /// `DISABLE`.
    Disable,
    /// `SKIP (...)`.
    Skip,
}

/// `DROP SUBSCRIPTION`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropSubscriptionStatement {
    /// The subscription.
    pub name: Ident,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// `CASCADE` or `RESTRICT`.
    pub behavior: DropBehavior,
}

/// `ALTER TEXT SEARCH DICTIONARY`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTextSearchDictionaryStatement {
    /// The dictionary.
    pub name: QualifiedName,
    /// The list.
    pub options: Vec<DefElem>,
}

/// `ALTER TEXT SEARCH CONFIGURATION`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTextSearchConfigurationStatement {
    /// The configuration.
    pub name: QualifiedName,
    /// What changes.
    pub action: AlterTextSearchConfigurationAction,
}

/// Changes of a text search configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterTextSearchConfigurationAction {
    /// `ADD MAPPING FOR tokens WITH dictionaries`.
    Add {
        /// Token types.
        tokens: Vec<Ident>,
        /// Dictionaries.
        dictionaries: Vec<QualifiedName>,
    },
    /// `ALTER MAPPING FOR tokens WITH dictionaries`.
    Alter {
        /// Token types.
        tokens: Vec<Ident>,
        /// Dictionaries.
        dictionaries: Vec<QualifiedName>,
    },
    /// `ALTER MAPPING [FOR tokens] REPLACE old WITH new`.
    Replace {
        /// Token types; empty for all.
        tokens: Vec<Ident>,
        /// Old dictionary.
        old: QualifiedName,
        /// New dictionary.
        new: QualifiedName,
    },
    /// `DROP MAPPING [IF EXISTS] FOR tokens`.
    Drop {
        /// Token types.
        tokens: Vec<Ident>,
        /// `IF EXISTS`.
        if_exists: bool,
    },
}
