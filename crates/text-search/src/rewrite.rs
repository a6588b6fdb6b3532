//! `ts_rewrite`: parts of a query replaced by others.

use pglitedb_sqlstate::Result;
use pglitedb_types::textsearch::{TsQuery, word_crc};
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Not = 1,
    And = 2,
    Or = 3,
    Phrase = 4,
}

#[derive(Clone, Debug)]
enum Kind {
    Word { text: String, prefix: bool, weights: u8, crc: i32 },
    Operator { operator: Operator, distance: u16, children: Vec<Node> },
}

/// A query with chains of `&` and of `|` as one node each.
#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    /// A bit for each word below; as it was before anything was replaced.
    signature: u32,
    /// It was put in by this rewriting and is not looked into.
    replaced: bool,
}

impl Node {
    fn new(query: &TsQuery) -> Node {
        let operator = |operator, distance, children: Vec<Node>| Node {
            signature: children.iter().fold(0, |bits, child| bits | child.signature),
            kind: Kind::Operator { operator, distance, children },
            replaced: false,
        };
        // Right operands first: that is the order in which PostgreSQL looks at them.
        let pair = |left: &TsQuery, right: &TsQuery| vec![Node::new(right), Node::new(left)];
        match query {
            TsQuery::Word { text, prefix, weights } => {
                let crc = word_crc(text.as_bytes());
                Node {
                    kind: Kind::Word { text: text.clone(), prefix: *prefix, weights: *weights, crc },
                    signature: 1 << (crc.cast_unsigned() % 32),
                    replaced: false,
                }
            }
            TsQuery::Not(inner) => operator(Operator::Not, 0, vec![Node::new(inner)]),
            TsQuery::And(left, right) => operator(Operator::And, 0, pair(left, right)),
            TsQuery::Or(left, right) => operator(Operator::Or, 0, pair(left, right)),
            TsQuery::Phrase(left, right, distance) => {
                operator(Operator::Phrase, *distance, pair(left, right))
            }
        }
    }

    fn children_mut(&mut self) -> &mut [Node] {
        match &mut self.kind {
            Kind::Word { .. } => &mut [],
            Kind::Operator { children, .. } => children,
        }
    }

    /// Joins chains of one operator.
    fn flatten(&mut self) {
        self.children_mut().iter_mut().for_each(Node::flatten);
        let Kind::Operator { operator: own @ (Operator::And | Operator::Or), children, .. } = &mut self.kind
        else {
            return;
        };
        let mut flat = Vec::with_capacity(children.len());
        for child in std::mem::take(children) {
            match child.kind {
                Kind::Operator { operator, children: inner, .. } if operator == *own => flat.extend(inner),
                kind => flat.push(Node { kind, ..child }),
            }
        }
        *children = flat;
    }

    fn sort(&mut self) {
        self.children_mut().iter_mut().for_each(Node::sort);
        if let Kind::Operator { operator, children, .. } = &mut self.kind
            && *operator != Operator::Phrase
        {
            children.sort_by(compare);
        }
    }

    fn forget_replaced(&mut self) {
        self.replaced = false;
        self.children_mut().iter_mut().for_each(Node::forget_replaced);
    }

    /// Back to operators of two operands; `None` for an operator that lost what it needs.
    fn into_query(self) -> Option<TsQuery> {
        match self.kind {
            Kind::Word { text, prefix, weights, .. } => Some(TsQuery::Word { text, prefix, weights }),
            Kind::Operator { operator, distance, children } => {
                let mut queries = children.into_iter().filter_map(Node::into_query).collect::<Vec<_>>();
                if operator == Operator::Not {
                    return queries.pop().map(|inner| TsQuery::Not(Box::new(inner)));
                }
                let make = |left: TsQuery, right: TsQuery| {
                    let (left, right) = (Box::new(left), Box::new(right));
                    match operator {
                        Operator::And => TsQuery::And(left, right),
                        Operator::Or => TsQuery::Or(left, right),
                        Operator::Phrase | Operator::Not => TsQuery::Phrase(left, right, distance),
                    }
                };
                // The first two become one; then the last goes with that, and so on.
                while queries.len() > 2 {
                    let second = queries.remove(1);
                    let first = queries.remove(0);
                    queries.insert(0, make(second, first));
                    if let Some(last) = queries.pop() {
                        queries.insert(1, last);
                    }
                }
                let second = queries.pop();
                match (queries.pop(), second) {
                    (Some(right), Some(left)) => Some(make(left, right)),
                    (only, other) => only.or(other),
                }
            }
        }
    }
}

/// The order in which children are sorted.
fn compare(a: &Node, b: &Node) -> Ordering {
    match (&a.kind, &b.kind) {
        (Kind::Word { .. }, Kind::Operator { .. }) => Ordering::Greater,
        (Kind::Operator { .. }, Kind::Word { .. }) => Ordering::Less,
        (Kind::Word { text: a, crc: x, .. }, Kind::Word { text: b, crc: y, .. }) => {
            y.cmp(x).then_with(|| a.as_bytes().cmp(b.as_bytes()))
        }
        (
            Kind::Operator { operator: a, distance: x, children: left },
            Kind::Operator { operator: b, distance: y, children: right },
        ) => {
            let by_children = || {
                let orders = left.iter().zip(right).map(|(a, b)| compare(a, b));
                orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            };
            let by_distance = || if *a == Operator::Phrase { y.cmp(x) } else { Ordering::Equal };
            b.cmp(a).then_with(|| right.len().cmp(&left.len())).then_with(by_children).then_with(by_distance)
        }
    }
}

fn equal(a: &Node, b: &Node) -> bool {
    a.signature == b.signature && compare(a, b).is_eq()
}

/// What is looked for, and what takes its place.
struct Rule<'r> {
    pattern: &'r Node,
    substitute: Option<&'r Node>,
}

impl Rule<'_> {
    fn substitute(&self) -> Option<Node> {
        self.substitute.map(|substitute| Node { replaced: true, ..substitute.clone() })
    }

    /// Replaces the node itself, or a part of its children.
    fn at_node(&self, mut node: Node, found: &mut bool) -> Option<Node> {
        let pattern = self.pattern;
        if node.replaced || node.signature & pattern.signature != pattern.signature {
            return Some(node);
        }
        match (&mut node.kind, &pattern.kind) {
            (Kind::Word { .. }, Kind::Word { .. }) => {
                if !equal(&node, pattern) {
                    return Some(node);
                }
                *found = true;
                self.substitute()
            }
            (
                Kind::Operator { operator, children, .. },
                Kind::Operator { operator: wanted, children: wanted_children, .. },
            ) if operator == wanted => {
                if children.len() == wanted_children.len() {
                    if !equal(&node, pattern) {
                        return Some(node);
                    }
                    *found = true;
                    return self.substitute();
                }
                if matches!(operator, Operator::And | Operator::Or)
                    && children.len() > wanted_children.len()
                    && remove_subset(children, wanted_children)
                {
                    children.extend(self.substitute());
                    *found = true;
                    node.sort();
                }
                Some(node)
            }
            _ => Some(node),
        }
    }

    fn apply(&self, node: Node, found: &mut bool) -> Option<Node> {
        let mut node = self.at_node(node, found)?;
        if node.replaced {
            return Some(node);
        }
        if let Kind::Operator { operator, children, .. } = &mut node.kind {
            let all = std::mem::take(children);
            *children = all.into_iter().filter_map(|child| self.apply(child, found)).collect();
            if children.len() < 2 && *operator != Operator::Not || children.is_empty() {
                return children.pop();
            }
        }
        Some(node)
    }
}

/// Takes sorted `wanted` out of sorted `children`, if all of it is there.
fn remove_subset(children: &mut Vec<Node>, wanted: &[Node]) -> bool {
    let mut matched = vec![false; children.len()];
    let mut next = wanted.iter().peekable();
    for (child, matched) in children.iter().zip(&mut matched) {
        let Some(pattern) = next.peek() else { break };
        match compare(child, pattern) {
            Ordering::Equal => {
                *matched = true;
                next.next();
            }
            Ordering::Less => {}
            Ordering::Greater => break,
        }
    }
    if next.peek().is_some() || wanted.is_empty() {
        return false;
    }
    let mut matched = matched.into_iter();
    children.retain(|_| !matched.next().unwrap_or(false));
    true
}

/// A query that is being rewritten.
pub struct Rewriter {
    tree: Option<Node>,
}

fn prepared(query: &TsQuery) -> Node {
    let mut node = Node::new(query);
    node.flatten();
    node.sort();
    node
}

impl Rewriter {
    /// Begins with a query.
    pub fn new(query: &TsQuery) -> Rewriter {
        Rewriter { tree: Some(prepared(query)) }
    }

    /// Is nothing left?
    pub fn is_empty(&self) -> bool {
        self.tree.is_none()
    }

    /// Replaces all that matches `pattern`; an empty one matches nothing.
    pub fn replace(&mut self, pattern: Option<&TsQuery>, substitute: Option<&TsQuery>) {
        let Some(pattern) = pattern.map(prepared) else { return };
        let substitute = substitute.map(Node::new);
        let rule = Rule { pattern: &pattern, substitute: substitute.as_ref() };
        let mut found = false;
        self.tree = self.tree.take().and_then(|tree| rule.apply(tree, &mut found));
        if let Some(tree) = self.tree.as_mut().filter(|_| found) {
            tree.forget_replaced();
            tree.flatten();
            tree.sort();
        }
    }

    /// Replaces once, for the function that takes pattern and substitute: the result stays in the order found.
    pub fn replace_last(&mut self, pattern: Option<&TsQuery>, substitute: Option<&TsQuery>) {
        let Some(pattern) = pattern.map(prepared) else { return };
        let substitute = substitute.map(Node::new);
        let rule = Rule { pattern: &pattern, substitute: substitute.as_ref() };
        self.tree = self.tree.take().and_then(|tree| rule.apply(tree, &mut false));
    }

    /// The query; `None` is the empty one.
    pub fn finish(self) -> Result<Option<TsQuery>> {
        self.tree.and_then(Node::into_query).map(TsQuery::check_depth).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(query: &str, pattern: &str, substitute: &str) -> String {
        let parse = |text| TsQuery::parse(text).unwrap();
        let mut rewriter = Rewriter::new(&parse(query).unwrap());
        rewriter.replace_last(parse(pattern).as_ref(), parse(substitute).as_ref());
        let mut out = Vec::new();
        if let Some(query) = rewriter.finish().unwrap() {
            query.write(&mut out);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parts_are_replaced() {
        assert_eq!(
            rewrite("foo & bar & qq & new & york", "new & york", "big & apple | nyc | new & york & city"),
            "'foo' & 'bar' & 'qq' & ( 'city' & 'new' & 'york' | 'nyc' | 'big' & 'apple' )"
        );
        assert_eq!(rewrite("new & !york", "york", "!jersey"), "'new' & !!'jersey'");
        assert_eq!(rewrite("a & b", "a & b", ""), "");
    }
}
