//! The raw tree: what the grammar saw, before any catalog is asked.
//!
//! One file per area of the grammar. Names stay lists of identifiers, types stay names with modifiers, and every
//! node that an error may point at has a [`Span`]. Spans are equal to each other, so `==` compares meaning.

mod alter_table;
mod common;
mod dml;
mod expr;
mod function;
mod json;
mod object;
mod relation;
mod role;
mod select;
mod table;
mod types;
mod utility;
mod xml;

pub use alter_table::*;
pub use common::*;
pub use dml::*;
pub use expr::*;
pub use function::*;
pub use json::*;
pub use object::*;
pub use relation::*;
pub use role::*;
pub use select::*;
pub use table::*;
pub use types::*;
pub use utility::*;
pub use xml::*;

/// A statement with its place in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct RawStatement {
    /// The statement.
    pub stmt: Statement,
    /// From its first to its last token, without the semicolon.
    pub span: Span,
}

/// Every statement of PostgreSQL 18.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// A query: `SELECT`, `VALUES`, `TABLE`, set operations.
    Select(Box<Query>),
    /// `INSERT`.
    Insert(Box<InsertStatement>),
    /// `UPDATE`.
    Update(Box<UpdateStatement>),
    /// `DELETE`.
    Delete(Box<DeleteStatement>),
    /// `MERGE`.
    Merge(Box<MergeStatement>),
    /// `RETURN`, only inside `BEGIN ATOMIC`.
    Return(Box<ReturnStatement>),
    /// `TRUNCATE`.
    Truncate(TruncateStatement),
    /// `LOCK`.
    Lock(LockStatement),
    /// `CALL`.
    Call(Box<CallStatement>),
    /// `DO`.
    Do(DoStatement),
    /// Transaction control.
    Transaction(TransactionStatement),
    /// `SET CONSTRAINTS`.
    SetConstraints(SetConstraintsStatement),
    /// `SET`, `RESET`.
    Set(SetStatement),
    /// `SHOW`.
    Show(ShowStatement),
    /// `PREPARE`.
    Prepare(PrepareStatement),
    /// `EXECUTE`.
    Execute(ExecuteStatement),
    /// `DEALLOCATE`.
    Deallocate(DeallocateStatement),
    /// `DECLARE`.
    DeclareCursor(DeclareCursorStatement),
    /// `FETCH`, `MOVE`.
    Fetch(FetchStatement),
    /// `CLOSE`.
    Close(CloseStatement),
    /// `COPY`.
    Copy(Box<CopyStatement>),
    /// `EXPLAIN`.
    Explain(ExplainStatement),
    /// `VACUUM`, `ANALYZE`.
    Vacuum(VacuumStatement),
    /// `CLUSTER`.
    Cluster(ClusterStatement),
    /// `REINDEX`.
    Reindex(ReindexStatement),
    /// `CHECKPOINT`.
    Checkpoint,
    /// `LISTEN`.
    Listen(ListenStatement),
    /// `UNLISTEN`.
    Unlisten(UnlistenStatement),
    /// `NOTIFY`.
    Notify(NotifyStatement),
    /// `LOAD`.
    Load(LoadStatement),
    /// `DISCARD`.
    Discard(DiscardStatement),
    /// `CREATE TABLE`, `CREATE FOREIGN TABLE`.
    CreateTable(Box<CreateTableStatement>),
    /// `CREATE TABLE AS`, `CREATE MATERIALIZED VIEW`.
    CreateTableAs(Box<CreateTableAsStatement>),
    /// `REFRESH MATERIALIZED VIEW`.
    RefreshMaterializedView(RefreshMaterializedViewStatement),
    /// `CREATE VIEW`.
    CreateView(Box<CreateViewStatement>),
    /// `CREATE INDEX`.
    CreateIndex(Box<CreateIndexStatement>),
    /// `CREATE SEQUENCE`.
    CreateSequence(CreateSequenceStatement),
    /// `ALTER SEQUENCE` with options.
    AlterSequence(AlterSequenceStatement),
    /// `ALTER TABLE` and its like.
    AlterTable(AlterTableStatement),
    /// `ALTER TABLE ALL IN TABLESPACE`.
    AlterTableMoveAll(AlterTableMoveAllStatement),
    /// `CREATE STATISTICS`.
    CreateStatistics(CreateStatisticsStatement),
    /// `ALTER STATISTICS ... SET STATISTICS`.
    AlterStatistics(AlterStatisticsStatement),
    /// `CREATE FUNCTION`, `CREATE PROCEDURE`.
    CreateFunction(Box<CreateFunctionStatement>),
    /// `ALTER FUNCTION` with options.
    AlterFunction(AlterFunctionStatement),
    /// `CREATE AGGREGATE`, `OPERATOR`, `TYPE (...)`, `TEXT SEARCH`, `COLLATION`.
    Define(Box<DefineStatement>),
    /// `CREATE TYPE AS (...)`.
    CreateCompositeType(CreateCompositeTypeStatement),
    /// `CREATE TYPE AS ENUM`.
    CreateEnum(CreateEnumStatement),
    /// `CREATE TYPE AS RANGE`.
    CreateRange(CreateRangeStatement),
    /// `ALTER TYPE ... VALUE`.
    AlterEnum(AlterEnumStatement),
    /// `ALTER TYPE ... SET (...)`.
    AlterType(AlterTypeStatement),
    /// `ALTER OPERATOR ... SET (...)`.
    AlterOperator(Box<AlterOperatorStatement>),
    /// `CREATE DOMAIN`.
    CreateDomain(Box<CreateDomainStatement>),
    /// `ALTER DOMAIN`.
    AlterDomain(AlterDomainStatement),
    /// `CREATE CAST`.
    CreateCast(Box<CreateCastStatement>),
    /// `CREATE TRANSFORM`.
    CreateTransform(Box<CreateTransformStatement>),
    /// `CREATE LANGUAGE`.
    CreateLanguage(Box<CreateLanguageStatement>),
    /// `CREATE CONVERSION`.
    CreateConversion(Box<CreateConversionStatement>),
    /// `CREATE OPERATOR CLASS`.
    CreateOperatorClass(Box<CreateOperatorClassStatement>),
    /// `CREATE OPERATOR FAMILY`.
    CreateOperatorFamily(CreateOperatorFamilyStatement),
    /// `ALTER OPERATOR FAMILY ... ADD|DROP`.
    AlterOperatorFamily(AlterOperatorFamilyStatement),
    /// `CREATE TRIGGER`.
    CreateTrigger(Box<CreateTriggerStatement>),
    /// `CREATE EVENT TRIGGER`.
    CreateEventTrigger(CreateEventTriggerStatement),
    /// `ALTER EVENT TRIGGER ... ENABLE|DISABLE`.
    AlterEventTrigger(AlterEventTriggerStatement),
    /// `CREATE RULE`.
    CreateRule(Box<CreateRuleStatement>),
    /// `DROP`.
    Drop(DropStatement),
    /// `ALTER ... RENAME`.
    Rename(Box<RenameStatement>),
    /// `ALTER ... SET SCHEMA`.
    AlterObjectSchema(Box<AlterObjectSchemaStatement>),
    /// `ALTER ... OWNER TO`.
    AlterOwner(Box<AlterOwnerStatement>),
    /// `ALTER ... DEPENDS ON EXTENSION`.
    AlterObjectDepends(Box<AlterObjectDependsStatement>),
    /// `COMMENT`.
    Comment(Box<CommentStatement>),
    /// `SECURITY LABEL`.
    SecurityLabel(Box<SecurityLabelStatement>),
    /// `CREATE SCHEMA`.
    CreateSchema(CreateSchemaStatement),
    /// `CREATE DATABASE`.
    CreateDatabase(CreateDatabaseStatement),
    /// `ALTER DATABASE`.
    AlterDatabase(Box<AlterDatabaseStatement>),
    /// `DROP DATABASE`.
    DropDatabase(DropDatabaseStatement),
    /// `ALTER COLLATION ... REFRESH VERSION`.
    AlterCollation(AlterCollationStatement),
    /// `ALTER SYSTEM`.
    AlterSystem(Box<AlterSystemStatement>),
    /// `CREATE TABLESPACE`.
    CreateTablespace(Box<CreateTablespaceStatement>),
    /// `DROP TABLESPACE`.
    DropTablespace(DropTablespaceStatement),
    /// `ALTER TABLESPACE ... SET|RESET`.
    AlterTablespace(AlterTablespaceStatement),
    /// `CREATE EXTENSION`.
    CreateExtension(CreateExtensionStatement),
    /// `ALTER EXTENSION ... UPDATE`.
    AlterExtension(AlterExtensionStatement),
    /// `ALTER EXTENSION ... ADD|DROP`.
    AlterExtensionContents(Box<AlterExtensionContentsStatement>),
    /// `CREATE ACCESS METHOD`.
    CreateAccessMethod(CreateAccessMethodStatement),
    /// `CREATE|ALTER FOREIGN DATA WRAPPER`.
    ForeignDataWrapper(Box<ForeignDataWrapperStatement>),
    /// `CREATE SERVER`.
    CreateServer(Box<CreateServerStatement>),
    /// `ALTER SERVER`.
    AlterServer(Box<AlterServerStatement>),
    /// `CREATE|ALTER USER MAPPING`.
    UserMapping(Box<UserMappingStatement>),
    /// `DROP USER MAPPING`.
    DropUserMapping(Box<DropUserMappingStatement>),
    /// `IMPORT FOREIGN SCHEMA`.
    ImportForeignSchema(Box<ImportForeignSchemaStatement>),
    /// `CREATE PUBLICATION`.
    CreatePublication(CreatePublicationStatement),
    /// `ALTER PUBLICATION`.
    AlterPublication(AlterPublicationStatement),
    /// `CREATE SUBSCRIPTION`.
    CreateSubscription(Box<CreateSubscriptionStatement>),
    /// `ALTER SUBSCRIPTION`.
    AlterSubscription(AlterSubscriptionStatement),
    /// `DROP SUBSCRIPTION`.
    DropSubscription(DropSubscriptionStatement),
    /// `ALTER TEXT SEARCH DICTIONARY`.
    AlterTextSearchDictionary(AlterTextSearchDictionaryStatement),
    /// `ALTER TEXT SEARCH CONFIGURATION`.
    AlterTextSearchConfiguration(Box<AlterTextSearchConfigurationStatement>),
    /// `CREATE ROLE`, `USER`, `GROUP`.
    CreateRole(CreateRoleStatement),
    /// `ALTER ROLE` with options.
    AlterRole(AlterRoleStatement),
    /// `ALTER ROLE ... SET|RESET`.
    AlterRoleSet(Box<AlterRoleSetStatement>),
    /// `DROP ROLE`.
    DropRole(DropRoleStatement),
    /// `GRANT` and `REVOKE` of privileges.
    Grant(Box<GrantStatement>),
    /// `GRANT` and `REVOKE` of roles.
    GrantRole(Box<GrantRoleStatement>),
    /// `ALTER DEFAULT PRIVILEGES`.
    AlterDefaultPrivileges(Box<AlterDefaultPrivilegesStatement>),
    /// `REASSIGN OWNED`.
    ReassignOwned(ReassignOwnedStatement),
    /// `DROP OWNED`.
    DropOwned(DropOwnedStatement),
    /// `CREATE POLICY`.
    CreatePolicy(Box<CreatePolicyStatement>),
    /// `ALTER POLICY`.
    AlterPolicy(Box<AlterPolicyStatement>),
}
