//! The tree of a function.

use pglitedb_sql_parser::ast::FetchDirection;
use pglitedb_types::Oid;
use std::sync::Arc;

/// How conflicts of variables and columns are settled (`plpgsql.variable_conflict`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VariableConflict {
    /// They are errors.
    #[default]
    Error,
    /// The variable is meant.
    UseVariable,
    /// The column is meant.
    UseColumn,
}

/// A compiled function.
#[derive(Debug)]
pub struct Function {
    /// The text it was made of.
    pub source: Arc<str>,
    /// All variables.
    pub variables: Vec<Variable>,
    /// Names of variables and labels; see [`Name`].
    pub names: Vec<Name>,
    /// Variables of the input arguments.
    pub arguments: Vec<usize>,
    /// The variable that holds the result of OUT parameters.
    pub out: Option<usize>,
    /// `FOUND`.
    pub found: usize,
    /// Number of pieces of SQL.
    pub sql_count: usize,
    /// What runs.
    pub body: Block,
    /// Conflicts of names.
    pub conflict: VariableConflict,
    /// `#print_strict_params`; `None`: as the setting says.
    pub print_strict_params: Option<bool>,
    /// It may end the transaction (COMMIT, ROLLBACK, CALL).
    pub may_commit: bool,
    /// What the routine returns.
    pub result: Oid,
    /// It returns a set.
    pub returns_set: bool,
    /// It is a procedure or a DO block.
    pub is_procedure: bool,
}

/// A type of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeRef {
    /// The type.
    pub oid: Oid,
    /// Its modifier.
    pub typmod: i32,
    /// Its collation.
    pub collation: Oid,
    /// `RECORD`, or a named composite type (or a domain over one).
    pub composite: bool,
}

/// A variable.
#[derive(Clone, Debug)]
pub enum Variable {
    /// A scalar (or array).
    Scalar(Scalar),
    /// A record or a value of a composite type.
    Record(RecordVariable),
    /// A field of a record variable.
    Field {
        /// The record.
        record: usize,
        /// Its name.
        name: Arc<str>,
    },
    /// A list of variables: the target of INTO, several OUT parameters.
    Row {
        /// Names of the members and their variables.
        members: Vec<(Arc<str>, usize)>,
    },
}

/// A scalar variable.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub of_type: TypeRef,
    /// `CONSTANT`
    pub constant: bool,
    /// `NOT NULL`
    pub not_null: bool,
    /// Its first value.
    pub default: Option<Sql>,
    /// A bound cursor's query.
    pub cursor: Option<Arc<CursorDeclaration>>,
}

/// A record variable.
#[derive(Clone, Debug)]
pub struct RecordVariable {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub of_type: TypeRef,
    /// `CONSTANT`
    pub constant: bool,
    /// `NOT NULL`
    pub not_null: bool,
    /// Its first value.
    pub default: Option<Sql>,
}

/// A bound cursor.
#[derive(Clone, Debug)]
pub struct CursorDeclaration {
    /// The query.
    pub query: Sql,
    /// Its parameters: a row of variables.
    pub parameters: Option<usize>,
    /// `SCROLL` (true), `NO SCROLL` (false).
    pub scroll: Option<bool>,
}

/// A name in the arena: what is visible from it on is found by following `before`.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: NameKind,
    /// The name declared before it that is still visible.
    pub before: Option<usize>,
}

/// Kinds of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A label of a block: names behind it are the block's.
    Block,
    /// A label of a loop.
    Loop,
    /// A scalar variable.
    Scalar(usize),
    /// A record variable.
    Record(usize),
}

/// Kinds of SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlKind {
    /// What may follow SELECT.
    Expression,
    /// `target := expression`, with a target of several steps.
    Assignment,
    /// A statement.
    Statement,
}

/// A piece of SQL.
#[derive(Clone, Debug)]
pub struct Sql {
    /// Its number within the function.
    pub slot: usize,
    /// The text.
    pub text: Arc<str>,
    /// What the text is.
    pub kind: SqlKind,
    /// The last name that is visible in it.
    pub scope: Option<usize>,
    /// Of an assignment: the variable.
    pub target: Option<usize>,
}

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Line of its BEGIN or DECLARE.
    pub line: u32,
    /// Its label.
    pub label: Option<Arc<str>>,
    /// Variables that are set anew when it begins.
    pub initialized: Vec<usize>,
    /// Its statements.
    pub body: Vec<Statement>,
    /// `EXCEPTION`
    pub exceptions: Option<Exceptions>,
}

/// The handlers of a block.
#[derive(Clone, Debug)]
pub struct Exceptions {
    /// `SQLSTATE`
    pub sqlstate: usize,
    /// `SQLERRM`
    pub sqlerrm: usize,
    /// In order.
    pub handlers: Vec<Handler>,
}

/// A handler.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Conditions, any of which it takes.
    pub conditions: Vec<Condition>,
    /// What it does.
    pub body: Vec<Statement>,
}

/// A condition of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `OTHERS`
    Others,
    /// An SQLSTATE; one that ends in `000` means its whole class.
    Code([u8; 5]),
}

/// A statement with its line.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its line.
    pub line: u32,
    /// What it is.
    pub kind: StatementKind,
}

/// Where values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target(
    /// A scalar, record or row variable.
    pub usize,
);

/// Statements.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum StatementKind {
    Block(Box<Block>),
    /// `variable := expression`
    Assign {
        variable: usize,
        value: Sql,
    },
    /// An assignment to an element or a field further in.
    AssignPart {
        variable: usize,
        value: Sql,
    },
    If {
        arms: Vec<(Sql, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    /// `variable`: where the test value is kept while the arms look at it.
    Case {
        test: Option<(Sql, usize)>,
        arms: Vec<(Sql, Vec<Statement>, u32)>,
        otherwise: Option<Vec<Statement>>,
    },
    Loop {
        label: Option<Arc<str>>,
        body: Vec<Statement>,
    },
    While {
        label: Option<Arc<str>>,
        condition: Sql,
        body: Vec<Statement>,
    },
    ForInteger {
        label: Option<Arc<str>>,
        variable: usize,
        lower: Sql,
        upper: Sql,
        step: Option<Sql>,
        reverse: bool,
        body: Vec<Statement>,
    },
    ForQuery {
        label: Option<Arc<str>>,
        target: Target,
        query: Sql,
        body: Vec<Statement>,
    },
    ForDynamic {
        label: Option<Arc<str>>,
        target: Target,
        query: Sql,
        params: Vec<Sql>,
        body: Vec<Statement>,
    },
    /// `arguments`: a row expression for the cursor's parameters.
    ForCursor {
        label: Option<Arc<str>>,
        target: Target,
        cursor: usize,
        arguments: Option<Sql>,
        body: Vec<Statement>,
    },
    ForEach {
        label: Option<Arc<str>>,
        target: Target,
        slice: i32,
        array: Sql,
        body: Vec<Statement>,
    },
    /// `exit`: EXIT, not CONTINUE.
    Exit {
        exit: bool,
        label: Option<Arc<str>>,
        condition: Option<Sql>,
    },
    Return(Returned),
    ReturnNext(Returned),
    ReturnQuery(Sql),
    ReturnDynamic {
        query: Sql,
        params: Vec<Sql>,
    },
    Raise(Box<Raise>),
    Assert {
        condition: Sql,
        message: Option<Sql>,
    },
    Perform(Sql),
    /// `strict`: of INTO.
    Execute {
        statement: Sql,
        into: Option<Target>,
        strict: bool,
    },
    /// CALL or DO.
    Call {
        statement: Sql,
        is_call: bool,
    },
    Dynamic {
        query: Sql,
        into: Option<Target>,
        strict: bool,
        params: Vec<Sql>,
    },
    GetDiagnostics {
        stacked: bool,
        items: Vec<(Diagnostic, usize)>,
    },
    Open {
        cursor: usize,
        how: OpenHow,
        scroll: Option<bool>,
    },
    /// `into`: FETCH; none: MOVE.
    Fetch {
        cursor: usize,
        direction: Direction,
        into: Option<Target>,
    },
    Close {
        cursor: usize,
    },
    Commit {
        chain: bool,
    },
    Rollback {
        chain: bool,
    },
    Null,
}

/// The operand of RETURN and RETURN NEXT.
#[derive(Clone, Debug)]
pub enum Returned {
    /// There is none.
    Nothing,
    /// A variable.
    Variable(usize),
    /// An expression.
    Value(Sql),
}

/// How OPEN gets its query.
#[derive(Clone, Debug)]
pub enum OpenHow {
    /// The cursor's own, with arguments.
    Bound(Option<Sql>),
    /// `FOR query`
    Query(Sql),
    /// `FOR EXECUTE`
    Dynamic(Sql, Vec<Sql>),
}

/// A direction of FETCH whose count may be an expression.
#[derive(Clone, Debug)]
pub enum Direction {
    /// Known.
    Fixed(FetchDirection),
    /// `ABSOLUTE n`
    Absolute(Sql),
    /// `RELATIVE n`
    Relative(Sql),
    /// `FORWARD n`
    Forward(Sql),
    /// `BACKWARD n`
    Backward(Sql),
}

/// Items of GET DIAGNOSTICS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Diagnostic {
    RowCount,
    RoutineOid,
    Context,
    ReturnedSqlState,
    ColumnName,
    ConstraintName,
    DataTypeName,
    MessageText,
    TableName,
    SchemaName,
    ExceptionDetail,
    ExceptionHint,
    ExceptionContext,
}

/// Levels of RAISE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RaiseLevel {
    Debug,
    Log,
    Info,
    Notice,
    Warning,
    Exception,
}

/// RAISE.
#[derive(Clone, Debug)]
pub struct Raise {
    /// The level.
    pub level: RaiseLevel,
    /// `RAISE name` or `RAISE SQLSTATE 'code'`: the code and the name.
    pub condition: Option<(pglitedb_sqlstate::SqlState, Arc<str>)>,
    /// The format.
    pub message: Option<Arc<str>>,
    /// Its parameters.
    pub params: Vec<Sql>,
    /// `USING`
    pub options: Vec<(RaiseOption, Sql)>,
}

/// Options of RAISE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RaiseOption {
    Errcode,
    Message,
    Detail,
    Hint,
    Column,
    Constraint,
    Datatype,
    Table,
    Schema,
}

impl StatementKind {
    /// What messages call the statement.
    pub fn name(&self) -> &'static str {
        match self {
            StatementKind::Block(_) => "statement block",
            StatementKind::Assign { .. } | StatementKind::AssignPart { .. } => "assignment",
            StatementKind::If { .. } => "IF",
            StatementKind::Case { .. } => "CASE",
            StatementKind::Loop { .. } => "LOOP",
            StatementKind::While { .. } => "WHILE",
            StatementKind::ForInteger { .. } => "FOR with integer loop variable",
            StatementKind::ForQuery { .. } => "FOR over SELECT rows",
            StatementKind::ForDynamic { .. } => "FOR over EXECUTE statement",
            StatementKind::ForCursor { .. } => "FOR over cursor",
            StatementKind::ForEach { .. } => "FOREACH over array",
            StatementKind::Exit { exit: true, .. } => "EXIT",
            StatementKind::Exit { .. } => "CONTINUE",
            StatementKind::Return(_) => "RETURN",
            StatementKind::ReturnNext(_) => "RETURN NEXT",
            StatementKind::ReturnQuery(_) | StatementKind::ReturnDynamic { .. } => "RETURN QUERY",
            StatementKind::Raise(_) => "RAISE",
            StatementKind::Assert { .. } => "ASSERT",
            StatementKind::Perform(_) => "PERFORM",
            StatementKind::Execute { .. } => "SQL statement",
            StatementKind::Call { is_call: true, .. } => "CALL",
            StatementKind::Call { .. } => "DO",
            StatementKind::Dynamic { .. } => "EXECUTE",
            StatementKind::GetDiagnostics { stacked: true, .. } => "GET STACKED DIAGNOSTICS",
            StatementKind::GetDiagnostics { .. } => "GET DIAGNOSTICS",
            StatementKind::Open { .. } => "OPEN",
            StatementKind::Fetch { into: Some(_), .. } => "FETCH",
            StatementKind::Fetch { .. } => "MOVE",
            StatementKind::Close { .. } => "CLOSE",
            StatementKind::Commit { .. } => "COMMIT",
            StatementKind::Rollback { .. } => "ROLLBACK",
            StatementKind::Null => "NULL",
        }
    }
}

impl Variable {
    /// Its name, for messages.
    pub fn name(&self) -> &str {
        match self {
            Variable::Scalar(scalar) => &scalar.name,
            Variable::Record(record) => &record.name,
            Variable::Field { name, .. } => name,
            Variable::Row { .. } => "(unnamed row)",
        }
    }
}
