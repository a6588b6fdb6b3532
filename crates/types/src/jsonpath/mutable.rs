//! Does what a path selects depend on the session? Comparisons of times with and without zone do, and so do the methods
//! that convert between them.

use super::{Accessor, BinaryOp, JsonPath, Method, MethodArg, Node};
use crate::formatting::template_has_zone;
use crate::{Oid, oids};

/// What is known of an item's being a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    NoDatetime,
    Unknown,
    Zoned,
    NotZoned,
}

struct Search<'a> {
    lax: bool,
    current: Status,
    mutable: bool,
    /// Types of the variables.
    variable: &'a dyn Fn(&str) -> Option<Oid>,
}

/// Does the path's result depend on more than the document and the variables, whose types `variable` knows?
pub fn is_mutable(path: &JsonPath, variable: &dyn Fn(&str) -> Option<Oid>) -> bool {
    let mut search = Search { lax: path.lax, current: Status::NoDatetime, mutable: false, variable };
    search.node(&path.root);
    search.mutable
}

impl Search<'_> {
    fn node(&mut self, node: &Node) -> Status {
        match node {
            Node::Current => self.current,
            Node::Variable(name) => match (self.variable)(name) {
                Some(oids::DATE | oids::TIME | oids::TIMESTAMP) => Status::NotZoned,
                Some(oids::TIMETZ | oids::TIMESTAMPTZ) => Status::Zoned,
                _ => Status::NoDatetime,
            },
            Node::Chain(inner, accessors) => {
                let mut status = self.node(inner);
                for accessor in accessors {
                    status = self.accessor(accessor, status);
                }
                status
            }
            Node::Binary(op, left, right) => {
                let (left, right) = (self.node(left), self.node(right));
                let compares = matches!(
                    op,
                    BinaryOp::Equal
                        | BinaryOp::NotEqual
                        | BinaryOp::Less
                        | BinaryOp::LessOrEqual
                        | BinaryOp::Greater
                        | BinaryOp::GreaterOrEqual
                );
                let datetimes = left != Status::NoDatetime && right != Status::NoDatetime;
                if compares
                    && datetimes
                    && (left == Status::Unknown || right == Status::Unknown || left != right)
                {
                    self.mutable = true;
                }
                Status::NoDatetime
            }
            Node::Sign(_, operand)
            | Node::Not(operand)
            | Node::IsUnknown(operand)
            | Node::Exists(operand)
            | Node::LikeRegex(operand, ..) => {
                self.node(operand);
                Status::NoDatetime
            }
            Node::Root | Node::Last | Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => {
                Status::NoDatetime
            }
        }
    }

    fn accessor(&mut self, accessor: &Accessor, status: Status) -> Status {
        let elements = if self.lax { status } else { Status::NoDatetime };
        match accessor {
            Accessor::Filter(predicate) => {
                let outside = std::mem::replace(&mut self.current, status);
                self.node(predicate);
                self.current = outside;
                status
            }
            Accessor::Items(ranges) => {
                for (from, to) in ranges {
                    self.node(from);
                    if let Some(to) = to {
                        self.node(to);
                    }
                }
                elements
            }
            Accessor::AnyItem => elements,
            Accessor::AnyDepth(Some(0), _) => status,
            Accessor::Method(Method::Datetime, arguments) => match arguments.as_slice() {
                [MethodArg::Text(template)] if template_has_zone(template) => Status::Zoned,
                [_, ..] => Status::NotZoned,
                [] => Status::Unknown,
            },
            Accessor::Method(
                Method::Date | Method::Time | Method::TimeTz | Method::Timestamp | Method::TimestampTz,
                _,
            ) => {
                self.mutable = true;
                Status::NotZoned
            }
            Accessor::Key(_) | Accessor::AnyKey | Accessor::AnyDepth(..) | Accessor::Method(..) => {
                Status::NoDatetime
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jsonpath::parse;

    fn mutable(path: &str) -> bool {
        let variable = |name: &str| match name {
            "tz" => Some(oids::TIMETZ),
            "t" => Some(oids::TIME),
            _ => None,
        };
        is_mutable(&parse(path).expect("a path"), &variable)
    }

    #[test]
    fn plain_paths_are_immutable() {
        assert!(!mutable("$.a[*] ? (@ > 1).double()"));
        assert!(!mutable("$.datetime() < $n"));
        assert!(!mutable("$.datetime(\"HH:MI TZH\") < $tz"));
        assert!(!mutable("$[1, $.a ? (@.datetime(\"HH:MI\") == $t)]"));
    }

    #[test]
    fn times_across_zones_are_mutable() {
        assert!(mutable("$.time()"));
        assert!(mutable("$.a ? (@.datetime() < $.datetime())"));
        assert!(mutable("$.datetime() < $tz"));
        assert!(mutable("$.a ? (@.datetime(\"HH:MI TZH\") < $t)"));
        assert!(mutable("$[1, $.a ? (@.datetime() == $t)]"));
    }
}
