//! Functions, procedures, aggregates, operators, types, casts, languages, triggers, rules.

use super::{
    DefElem, DropBehavior, Expr, FunctionParameter, Ident, NumericOnly, ObjectKind, ObjectRef, OperatorName,
    QualifiedName, RelationRef, RoutineSignature, SetStatement, Span, Statement, TypeName,
};

/// `CREATE FUNCTION` and `CREATE PROCEDURE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateFunctionStatement {
    /// `OR REPLACE`.
    pub or_replace: bool,
    /// `PROCEDURE`.
    pub procedure: bool,
    /// The name.
    pub name: QualifiedName,
    /// The parameters.
    pub parameters: Vec<FunctionParameter>,
    /// What is returned.
    pub returns: FunctionReturns,
    /// The options in order.
    pub options: Vec<FunctionOption>,
    /// An SQL-standard body.
    pub body: Option<SqlBody>,
}

/// `RETURNS`.
#[derive(Clone, Debug, PartialEq)]
pub enum FunctionReturns {
    /// Not written.
    Unspecified,
    /// `RETURNS type`.
    Type(TypeName),
    /// `RETURNS TABLE (...)`: parameters of mode `Table`.
    Table(Vec<FunctionParameter>, Span),
}

/// An SQL-standard function body.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlBody {
    /// `RETURN expr`.
    Return(Expr),
    /// `BEGIN ATOMIC ... END`; a statement may be [`Statement::Return`].
    Atomic(Vec<Statement>),
}

/// `RETURN expr` inside `BEGIN ATOMIC`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturnStatement {
    /// The value.
    pub value: Expr,
}

/// An option of `CREATE FUNCTION` or `ALTER FUNCTION`.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionOption {
    /// Which one.
    pub kind: FunctionOptionKind,
    /// Where it stands.
    pub span: Span,
}

/// Options of functions.
#[derive(Clone, Debug, PartialEq)]
pub enum FunctionOptionKind {
    /// `AS 'definition'` or `AS 'object file', 'symbol'`.
    As(Vec<Box<str>>),
    /// `LANGUAGE name`.
    Language(Box<str>),
    /// `TRANSFORM FOR TYPE ...`.
    Transform(Vec<TypeName>),
    /// `WINDOW`.
    Window,
    /// `STRICT` (true) or `CALLED ON NULL INPUT`.
    Strict(bool),
    /// `IMMUTABLE`, `STABLE`, `VOLATILE`.
    Volatility(Volatility),
    /// `SECURITY DEFINER` (true) or `INVOKER`.
    SecurityDefiner(bool),
    /// `[NOT] LEAKPROOF`.
    Leakproof(bool),
    /// `COST n`.
    Cost(NumericOnly),
    /// `ROWS n`.
    Rows(NumericOnly),
    /// `SUPPORT function`.
    Support(QualifiedName),
    /// `SET` and `RESET`.
    Set(Box<SetStatement>),
    /// `PARALLEL word`.
    Parallel(Ident),
}

/// Volatility of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// `ALTER FUNCTION ... option`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterFunctionStatement {
    /// [`ObjectKind::Function`], `Procedure` or `Routine`.
    pub kind: ObjectKind,
    /// Which one.
    pub signature: RoutineSignature,
    /// The options.
    pub options: Vec<FunctionOption>,
}

/// `DO`.
#[derive(Clone, Debug, PartialEq)]
pub struct DoStatement {
    /// The code blocks and `LANGUAGE`s in order; anything but one block is an error of the execution.
    pub args: Vec<DoArg>,
}

/// Part of a `DO`.
#[derive(Clone, Debug, PartialEq)]
pub enum DoArg {
    /// The code.
    Code(Box<str>, Span),
    /// `LANGUAGE name`.
    Language(Box<str>, Span),
}

/// `CREATE AGGREGATE`, `OPERATOR`, `TYPE name (...)`, `TEXT SEARCH ...`, `COLLATION`: a name and a list.
#[derive(Clone, Debug, PartialEq)]
pub struct DefineStatement {
    /// What is created.
    pub kind: ObjectKind,
    /// `OR REPLACE`, for aggregates.
    pub or_replace: bool,
    /// `IF NOT EXISTS`, for collations.
    pub if_not_exists: bool,
    /// The name, of everything but operators.
    pub name: QualifiedName,
    /// The operator, for operators.
    pub operator: Option<OperatorName>,
    /// Signature of an aggregate; `None` in the old style and for other kinds.
    pub signature: Option<RoutineSignature>,
    /// `FROM name`, for collations.
    pub from: Option<QualifiedName>,
    /// The list; `None` for a bare `CREATE TYPE name`.
    pub definition: Option<Vec<DefElem>>,
}

/// `CREATE TYPE name AS (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateCompositeTypeStatement {
    /// The type.
    pub name: QualifiedName,
    /// Its attributes.
    pub attributes: Vec<super::TableFunctionColumn>,
}

/// `CREATE TYPE name AS ENUM (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateEnumStatement {
    /// The type.
    pub name: QualifiedName,
    /// Its labels.
    pub labels: Vec<Box<str>>,
}

/// `CREATE TYPE name AS RANGE (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateRangeStatement {
    /// The type.
    pub name: QualifiedName,
    /// The list.
    pub definition: Vec<DefElem>,
}

/// `ALTER TYPE name ADD VALUE` and `RENAME VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterEnumStatement {
    /// The type.
    pub name: QualifiedName,
    /// What changes.
    pub action: AlterEnumAction,
}

/// Changes of an enum type.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterEnumAction {
    /// `ADD VALUE`.
    Add {
        /// The label.
        label: Box<str>,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// The neighbour, and whether the label goes `AFTER` (true) or `BEFORE` it.
        neighbor: Option<(Box<str>, bool)>,
    },
    /// `RENAME VALUE`.
    Rename {
        /// Old label.
        old: Box<str>,
        /// New label.
        new: Box<str>,
    },
    /// `DROP VALUE`, which PostgreSQL's grammar takes only to reject it.
    Drop(Box<str>),
}

/// `ALTER TYPE name SET (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTypeStatement {
    /// The type.
    pub name: QualifiedName,
    /// The list.
    pub options: Vec<DefElem>,
}

/// `ALTER OPERATOR ... SET (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterOperatorStatement {
    /// The operator, an [`ObjectRef::Operator`].
    pub operator: ObjectRef,
    /// The list.
    pub options: Vec<DefElem>,
}

/// `CREATE DOMAIN`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateDomainStatement {
    /// The domain.
    pub name: QualifiedName,
    /// Its base type.
    pub type_name: TypeName,
    /// `COLLATE`.
    pub collation: Option<(QualifiedName, Span)>,
    /// Constraints, `DEFAULT` included.
    pub constraints: Vec<super::Constraint>,
}

/// `ALTER DOMAIN`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterDomainStatement {
    /// The domain.
    pub name: QualifiedName,
    /// What changes.
    pub action: AlterDomainAction,
}

/// Changes of a domain.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterDomainAction {
    /// `SET DEFAULT` or `DROP DEFAULT`.
    Default(Option<Expr>),
    /// `SET NOT NULL`.
    SetNotNull,
    /// `DROP NOT NULL`.
    DropNotNull,
    /// `ADD constraint`.
    AddConstraint(Box<super::Constraint>),
    /// `DROP CONSTRAINT`.
    DropConstraint {
        /// The constraint.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
        /// `CASCADE` or `RESTRICT`.
        behavior: DropBehavior,
    },
    /// `VALIDATE CONSTRAINT`.
    ValidateConstraint(Ident),
}

/// `CREATE CAST`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateCastStatement {
    /// From.
    pub source: TypeName,
    /// To.
    pub target: TypeName,
    /// How.
    pub method: CastMethod,
    /// When it applies by itself.
    pub context: CastContext,
}

/// How a cast works.
#[derive(Clone, Debug, PartialEq)]
pub enum CastMethod {
    /// `WITH FUNCTION`.
    Function(RoutineSignature),
    /// `WITHOUT FUNCTION`.
    Binary,
    /// `WITH INOUT`.
    InOut,
}

/// When a cast applies by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CastContext {
    /// Never.
    #[default]
    Explicit,
    /// `AS ASSIGNMENT`.
    Assignment,
    /// `AS IMPLICIT`.
    Implicit,
}

/// `CREATE TRANSFORM`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTransformStatement {
    /// `OR REPLACE`.
    pub or_replace: bool,
    /// The type.
    pub type_name: TypeName,
    /// The language.
    pub language: Ident,
    /// `FROM SQL WITH FUNCTION`.
    pub from_sql: Option<RoutineSignature>,
    /// `TO SQL WITH FUNCTION`.
    pub to_sql: Option<RoutineSignature>,
}

/// `CREATE LANGUAGE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateLanguageStatement {
    /// `OR REPLACE`.
    pub or_replace: bool,
    /// `TRUSTED`.
    pub trusted: bool,
    /// The language.
    pub name: Ident,
    /// `HANDLER`; without it the statement means `CREATE EXTENSION`.
    pub handler: Option<QualifiedName>,
    /// `INLINE`.
    pub inline: Option<QualifiedName>,
    /// `VALIDATOR`.
    pub validator: Option<QualifiedName>,
}

/// `CREATE CONVERSION`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateConversionStatement {
    /// `DEFAULT`.
    pub default: bool,
    /// The conversion.
    pub name: QualifiedName,
    /// `FOR`.
    pub source: Box<str>,
    /// `TO`.
    pub target: Box<str>,
    /// `FROM`.
    pub function: QualifiedName,
}

/// `CREATE OPERATOR CLASS`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateOperatorClassStatement {
    /// The class.
    pub name: QualifiedName,
    /// `DEFAULT`.
    pub default: bool,
    /// `FOR TYPE`.
    pub type_name: TypeName,
    /// `USING`.
    pub method: Ident,
    /// `FAMILY`.
    pub family: Option<QualifiedName>,
    /// The members.
    pub items: Vec<OperatorClassItem>,
}

/// `CREATE OPERATOR FAMILY`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateOperatorFamilyStatement {
    /// The family.
    pub name: QualifiedName,
    /// `USING`.
    pub method: Ident,
}

/// `ALTER OPERATOR FAMILY ... ADD` or `DROP`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterOperatorFamilyStatement {
    /// The family.
    pub name: QualifiedName,
    /// `USING`.
    pub method: Ident,
    /// `DROP`, not `ADD`.
    pub drop: bool,
    /// The members.
    pub items: Vec<OperatorClassItem>,
}

/// A member of an operator class or family.
#[derive(Clone, Debug, PartialEq)]
pub enum OperatorClassItem {
    /// `OPERATOR n op (types) FOR ...`.
    Operator {
        /// Strategy number.
        number: i32,
        /// The operator.
        name: OperatorName,
        /// Its argument types, if written; `None` inside is `NONE`.
        args: Option<(Option<TypeName>, Option<TypeName>)>,
        /// `FOR ORDER BY family`.
        order_family: Option<QualifiedName>,
    },
    /// `FUNCTION n (types) function`.
    Function {
        /// Support number.
        number: i32,
        /// `(types)`.
        class_args: Option<Vec<TypeName>>,
        /// The function.
        function: RoutineSignature,
    },
    /// `STORAGE type`.
    Storage(TypeName),
    /// `OPERATOR n (types)` of `DROP`.
    DropOperator {
        /// Strategy number.
        number: i32,
        /// `(types)`.
        class_args: Vec<TypeName>,
    },
    /// `FUNCTION n (types)` of `DROP`.
    DropFunction {
        /// Support number.
        number: i32,
        /// `(types)`.
        class_args: Vec<TypeName>,
    },
}

/// `CREATE TRIGGER`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTriggerStatement {
    /// `OR REPLACE`.
    pub or_replace: bool,
    /// `CONSTRAINT`.
    pub constraint: bool,
    /// The trigger.
    pub name: Ident,
    /// When.
    pub timing: TriggerTiming,
    /// On what; each kind at most once.
    pub events: Vec<TriggerEvent>,
    /// The table.
    pub relation: QualifiedName,
    /// `FROM`, for constraint triggers.
    pub from: Option<QualifiedName>,
    /// `DEFERRABLE` and its like, for constraint triggers.
    pub attributes: super::ConstraintAttributes,
    /// `REFERENCING`.
    pub transitions: Vec<TriggerTransition>,
    /// `FOR EACH ROW`, not `STATEMENT`.
    pub for_each_row: bool,
    /// `WHEN (...)`.
    pub when: Option<Expr>,
    /// The function.
    pub function: QualifiedName,
    /// Its arguments as text.
    pub args: Vec<Box<str>>,
}

/// When a trigger fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerTiming {
    /// `BEFORE`.
    Before,
    /// `AFTER`.
    After,
    /// `INSTEAD OF`.
    InsteadOf,
}

/// What fires a trigger.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerEvent {
    /// `INSERT`.
    Insert,
    /// `DELETE`.
    Delete,
    /// `UPDATE [OF columns]`.
    Update(Vec<Ident>),
    /// `TRUNCATE`.
    Truncate,
}

/// `OLD|NEW TABLE|ROW AS name`.
#[derive(Clone, Debug, PartialEq)]
pub struct TriggerTransition {
    /// `NEW`, not `OLD`.
    pub new: bool,
    /// `TABLE`, not `ROW`, which the analysis rejects.
    pub table: bool,
    /// The name.
    pub name: Ident,
}

/// `CREATE EVENT TRIGGER`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateEventTriggerStatement {
    /// The trigger.
    pub name: Ident,
    /// The event.
    pub event: Ident,
    /// `WHEN variable IN (values) AND ...`.
    pub filters: Vec<(Ident, Vec<Box<str>>)>,
    /// The function.
    pub function: QualifiedName,
}

/// `ALTER EVENT TRIGGER name ENABLE|DISABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterEventTriggerStatement {
    /// The trigger.
    pub name: Ident,
    /// How it fires.
    pub mode: super::FiringMode,
}

/// `CREATE RULE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateRuleStatement {
    /// `OR REPLACE`.
    pub or_replace: bool,
    /// The rule.
    pub name: Ident,
    /// What it replaces.
    pub event: RuleEvent,
    /// The table.
    pub relation: RelationRef,
    /// `WHERE`.
    pub where_clause: Option<Expr>,
    /// `INSTEAD`, not `ALSO`.
    pub instead: bool,
    /// What happens; empty for `NOTHING`.
    pub actions: Vec<Statement>,
}

/// Event of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RuleEvent {
    Select,
    Update,
    Delete,
    Insert,
}
