//! `jsonpath`: the syntax tree, its parser and its printer. Evaluation is in the `functions` crate.

mod lexer;
mod mutable;
mod parser;
mod print;

pub use mutable::is_mutable;
pub use parser::parse;

use crate::Numeric;
use pglitedb_sqlstate::Result;

/// A whole path.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    /// `lax` (the default) rather than `strict`.
    pub lax: bool,
    /// The expression.
    pub root: Node,
}

/// A primary and what is applied to it, or an operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `$`
    Root,
    /// `@`
    Current,
    /// `last`, inside of a subscript.
    Last,
    /// `$name`
    Variable(String),
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Numeric),
    /// A string.
    String(String),
    /// Something with accessors applied.
    Chain(Box<Node>, Vec<Accessor>),
    /// A binary operator.
    Binary(BinaryOp, Box<Node>, Box<Node>),
    /// `+` or (true) `-` before something.
    Sign(bool, Box<Node>),
    /// `!`
    Not(Box<Node>),
    /// `is unknown`
    IsUnknown(Box<Node>),
    /// `exists (...)`
    Exists(Box<Node>),
    /// `like_regex`, with the flags.
    LikeRegex(Box<Node>, String, String),
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // named for what they do
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// What is applied to a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Accessor {
    /// `.key`
    Key(String),
    /// `.*`
    AnyKey,
    /// `[*]`
    AnyItem,
    /// `[1, 2 to last]`
    Items(Vec<(Node, Option<Node>)>),
    /// `.**{from to to}`; `None` is `last`.
    AnyDepth(Option<u32>, Option<u32>),
    /// `?(...)`
    Filter(Node),
    /// `.method(arguments)`
    Method(Method, Vec<MethodArg>),
}

/// An argument of a method.
#[derive(Clone, Debug, PartialEq)]
pub enum MethodArg {
    /// A number.
    Number(Numeric),
    /// A string.
    Text(String),
}

/// Methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // named as in paths
pub enum Method {
    Abs,
    Bigint,
    Boolean,
    Ceiling,
    Date,
    Datetime,
    Decimal,
    Double,
    Floor,
    Integer,
    KeyValue,
    Number,
    Size,
    String,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Type,
}

/// Names of the methods.
pub const METHODS: [(&str, Method); 19] = [
    ("abs", Method::Abs),
    ("bigint", Method::Bigint),
    ("boolean", Method::Boolean),
    ("ceiling", Method::Ceiling),
    ("date", Method::Date),
    ("datetime", Method::Datetime),
    ("decimal", Method::Decimal),
    ("double", Method::Double),
    ("floor", Method::Floor),
    ("integer", Method::Integer),
    ("keyvalue", Method::KeyValue),
    ("number", Method::Number),
    ("size", Method::Size),
    ("string", Method::String),
    ("time", Method::Time),
    ("time_tz", Method::TimeTz),
    ("timestamp", Method::Timestamp),
    ("timestamp_tz", Method::TimestampTz),
    ("type", Method::Type),
];

impl Method {
    /// The method's name.
    pub fn name(self) -> &'static str {
        METHODS.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }
}

impl BinaryOp {
    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::StartsWith => "starts with",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Mod => "%",
        }
    }

    fn priority(self) -> u8 {
        match self {
            BinaryOp::Or => 0,
            BinaryOp::And => 1,
            BinaryOp::Add | BinaryOp::Sub => 3,
            BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod => 4,
            _ => 2,
        }
    }
}

impl Node {
    /// Calls `f` with the pattern and flags of every `like_regex`.
    pub fn each_regex(&self, f: &mut dyn FnMut(&str, &str) -> Result<()>) -> Result<()> {
        match self {
            Node::Chain(inner, accessors) => {
                inner.each_regex(f)?;
                for accessor in accessors {
                    match accessor {
                        Accessor::Filter(predicate) => predicate.each_regex(f)?,
                        Accessor::Items(ranges) => {
                            for (from, to) in ranges {
                                from.each_regex(f)?;
                                if let Some(to) = to {
                                    to.each_regex(f)?;
                                }
                            }
                        }
                        _ => {}
                    }
                }
                Ok(())
            }
            Node::Binary(_, left, right) => {
                left.each_regex(f)?;
                right.each_regex(f)
            }
            Node::Sign(_, operand)
            | Node::Not(operand)
            | Node::IsUnknown(operand)
            | Node::Exists(operand) => operand.each_regex(f),
            Node::LikeRegex(operand, pattern, flags) => {
                operand.each_regex(f)?;
                f(pattern, flags)
            }
            _ => Ok(()),
        }
    }

    /// Is it true, false or unknown, rather than a sequence of items?
    pub fn is_predicate(&self) -> bool {
        match self {
            Node::Binary(op, ..) => op.priority() <= 2,
            Node::Not(_) | Node::IsUnknown(_) | Node::Exists(_) | Node::LikeRegex(..) => true,
            _ => false,
        }
    }
}
