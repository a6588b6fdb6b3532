//! Text to tree.
//!
//! - `tokens`: the tokens
//! - `sql`: pieces of SQL within the text
//! - `declare`: declarations
//! - `block`: blocks and statement lists
//! - `control`: IF, CASE, loops
//! - `statement`: the other statements
//! - `raise`: RAISE
//! - `cursor`: OPEN, FETCH, MOVE, CLOSE

mod block;
mod control;
mod cursor;
mod declare;
mod raise;
mod sql;
mod statement;
mod tokens;

use crate::ast::{Function, Name, NameKind, RecordVariable, Scalar, TypeRef, Variable, VariableConflict};
use crate::names::{self, Types};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};
use std::sync::Arc;
use tokens::Tokens;

/// Blocks and loops may nest this deep.
const DEPTH_MAX: usize = 400;

/// Directions of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Direction {
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

/// An argument of the function.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, may be empty.
    pub name: Arc<str>,
    /// Its direction.
    pub direction: Direction,
    /// Its type, polymorphic ones resolved.
    pub of_type: TypeRef,
}

/// Kinds of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// DO.
    Inline,
    /// A trigger's function: it has NEW, OLD and the TG_ variables.
    Trigger,
}

/// What is known of a function besides its text.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name: a label for its arguments.
    pub name: Arc<str>,
    /// Kind.
    pub kind: Kind,
    /// All arguments.
    pub arguments: Vec<Argument>,
    /// Result type, resolved.
    pub result: Oid,
    /// Of a polymorphic function: the type of `$0`.
    pub result_variable: Option<TypeRef>,
    /// It returns a set.
    pub returns_set: bool,
    /// `plpgsql.variable_conflict`
    pub conflict: VariableConflict,
}

/// State of a parsing.
struct Parser<'a> {
    tokens: Tokens<'a>,
    types: &'a dyn Types,
    variables: Vec<Variable>,
    names: Vec<Name>,
    /// The last name declared that is visible.
    scope: Option<usize>,
    sql_count: usize,
    depth: usize,
    signature: &'a Signature,
    conflict: VariableConflict,
    print_strict_params: Option<bool>,
    may_commit: bool,
    out: Option<usize>,
    check_syntax: bool,
}

/// Compiles a function. `check`: embedded SQL is looked at, too (when the function is created).
pub fn compile(source: &Arc<str>, signature: &Signature, types: &dyn Types, check: bool) -> Result<Function> {
    let mut parser = Parser {
        tokens: Tokens::new(source)?,
        types,
        variables: Vec::new(),
        names: Vec::new(),
        scope: None,
        sql_count: 0,
        depth: 0,
        signature,
        conflict: signature.conflict,
        print_strict_params: None,
        may_commit: false,
        out: None,
        check_syntax: check,
    };
    parser.push_name(signature.name.clone(), NameKind::Block);
    let (arguments, outs) = parser.arguments()?;
    parser.out = parser.out_variable(outs)?;
    if let Some(of_type) = &signature.result_variable {
        parser.add("$0", of_type.clone(), true);
    }
    if signature.kind == Kind::Trigger {
        parser.trigger_variables()?;
    }
    let found = parser.add_scalar("found", scalar_type(oids::BOOL), true);
    parser.options()?;
    let body = parser.function_body()?;
    Ok(Function {
        source: source.clone(),
        arguments,
        out: parser.out,
        found,
        sql_count: parser.sql_count,
        body,
        conflict: parser.conflict,
        print_strict_params: parser.print_strict_params,
        may_commit: parser.may_commit,
        result: signature.result,
        returns_set: signature.returns_set,
        is_procedure: matches!(signature.kind, Kind::Procedure | Kind::Inline),
        variables: parser.variables,
        names: parser.names,
    })
}

/// A built-in type without modifier.
fn scalar_type(oid: Oid) -> TypeRef {
    let collation = match oid {
        oids::TEXT => 100,
        oids::NAME => 950,
        _ => 0,
    };
    TypeRef { oid, typmod: -1, collation, composite: false }
}

impl Parser<'_> {
    fn push_name(&mut self, name: Arc<str>, kind: NameKind) {
        self.names.push(Name { name, kind, before: self.scope });
        self.scope = Some(self.names.len() - 1);
    }

    fn add_variable(&mut self, variable: Variable) -> usize {
        self.variables.push(variable);
        self.variables.len() - 1
    }

    /// A scalar variable (or a record, by its type), visible under its name if `named`.
    fn add(&mut self, name: &str, of_type: TypeRef, named: bool) -> usize {
        let arc: Arc<str> = Arc::from(name);
        let record = of_type.composite;
        let number = if record {
            self.add_variable(Variable::Record(RecordVariable {
                name: arc.clone(),
                of_type,
                constant: false,
                not_null: false,
                default: None,
            }))
        } else {
            self.add_variable(Variable::Scalar(Scalar {
                name: arc.clone(),
                of_type,
                constant: false,
                not_null: false,
                default: None,
                cursor: None,
            }))
        };
        if named {
            let kind = if record { NameKind::Record(number) } else { NameKind::Scalar(number) };
            self.push_name(arc, kind);
        }
        number
    }

    fn add_scalar(&mut self, name: &str, of_type: TypeRef, named: bool) -> usize {
        self.add(name, of_type, named)
    }

    /// Declares the arguments; returns the inputs' variables and the outputs with theirs.
    fn arguments(&mut self) -> Result<(Vec<usize>, Vec<(Arc<str>, usize)>)> {
        let (mut inputs, mut outs) = (Vec::new(), Vec::new());
        let signature = self.signature;
        let mut aliases = Vec::new();
        for (at, argument) in signature.arguments.iter().enumerate() {
            let dollar = format!("${}", at + 1);
            let shown = if argument.name.is_empty() { dollar.as_str() } else { &*argument.name };
            let number = self.add(shown, argument.of_type.clone(), false);
            match argument.direction {
                Direction::In | Direction::Variadic => inputs.push(number),
                Direction::InOut => {
                    inputs.push(number);
                    outs.push((argument.name.clone(), number));
                }
                Direction::Out | Direction::Table => outs.push((argument.name.clone(), number)),
            }
            aliases.push((dollar, argument.name.clone(), number));
        }
        for (dollar, name, number) in aliases {
            let kind = self.kind_of(number);
            self.push_name(Arc::from(dollar.as_str()), kind);
            if !name.is_empty() {
                self.push_name(name, kind);
            }
        }
        Ok((inputs, outs))
    }

    fn kind_of(&self, variable: usize) -> NameKind {
        match self.variables.get(variable) {
            Some(Variable::Record(_)) => NameKind::Record(variable),
            _ => NameKind::Scalar(variable),
        }
    }

    /// The variable that the result of OUT arguments is taken from.
    fn out_variable(&mut self, outs: Vec<(Arc<str>, usize)>) -> Result<Option<usize>> {
        let procedure = self.signature.kind == Kind::Procedure;
        Ok(match outs.as_slice() {
            [] => None,
            [(_, only)] if !procedure => Some(*only),
            _ => Some(self.add_variable(Variable::Row { members: outs })),
        })
    }

    fn trigger_variables(&mut self) -> Result<()> {
        let record = TypeRef { oid: oids::RECORD, typmod: -1, collation: 0, composite: true };
        for name in ["new", "old"] {
            self.add(name, record.clone(), true);
        }
        let texts = [
            ("tg_name", oids::NAME),
            ("tg_when", oids::TEXT),
            ("tg_level", oids::TEXT),
            ("tg_op", oids::TEXT),
            ("tg_relid", oids::OID),
            ("tg_relname", oids::NAME),
            ("tg_table_name", oids::NAME),
            ("tg_table_schema", oids::NAME),
            ("tg_nargs", oids::INT4),
            ("tg_argv", oids::TEXT_ARRAY),
        ];
        for (name, oid) in texts {
            self.add(name, scalar_type(oid), true);
        }
        Ok(())
    }

    /// `#variable_conflict` and its like.
    fn options(&mut self) -> Result<()> {
        while self.tokens.at_char(b'#') || self.tokens.slice(self.tokens.peek()) == "#" {
            self.tokens.advance();
            let option = self.tokens.name()?;
            match option.as_str() {
                "option" => {
                    self.tokens.expect("dump")?;
                }
                "print_strict_params" => {
                    let value = self.tokens.name()?;
                    self.print_strict_params = Some(match value.as_str() {
                        "on" => true,
                        "off" => false,
                        other => {
                            return Err(err!(
                                SYNTAX_ERROR,
                                "unrecognized print_strict_params option {other}"
                            ));
                        }
                    });
                }
                "variable_conflict" => {
                    let value = self.tokens.name()?;
                    self.conflict = match value.as_str() {
                        "error" => VariableConflict::Error,
                        "use_variable" => VariableConflict::UseVariable,
                        "use_column" => VariableConflict::UseColumn,
                        _ => return Err(self.tokens.error()),
                    };
                }
                _ => return Err(self.tokens.error()),
            }
        }
        Ok(())
    }

    /// What a name means here.
    fn look_up(&self, parts: &[&str]) -> Option<(NameKind, usize)> {
        names::look_up(&self.names, self.scope, parts)
    }

    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH_MAX {
            return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }
}
