//! Running a query against something that knows where words are.
//!
//! Answers have three values: phrases over words without positions may or may not match.

use pglitedb_types::textsearch::TsQuery;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ternary {
    No,
    Maybe,
    Yes,
}

/// A word of a query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operand<'q> {
    pub text: &'q str,
    pub prefix: bool,
    /// 8 is A, 1 is D; 0 for any.
    pub weights: u8,
}

/// A query with its words numbered.
pub(crate) struct Plan<'q> {
    /// Words; those of right operands come before those of left ones.
    pub operands: Vec<Operand<'q>>,
    root: Node,
}

enum Node {
    Word(usize),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Phrase(Box<Node>, Box<Node>, u32),
}

/// Where (part of) a query matches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The positions where matches end, in order.
    pub positions: Vec<u32>,
    /// It matches everywhere but there.
    pub negated: bool,
    /// How far before its end a match begins.
    pub width: u32,
}

/// Says whether and where words occur.
pub(crate) trait Check {
    /// Does a word occur? Puts its positions into `places`, if they are wanted.
    fn check(&self, word: usize, operand: &Operand<'_>, places: Option<&mut Places>) -> Ternary;
}

/// Which matches of two operands are wanted.
#[derive(Clone, Copy)]
struct Emit {
    both: bool,
    left: bool,
    right: bool,
}

const ALL: Emit = Emit { both: true, left: true, right: true };
const BOTH: Emit = Emit { both: true, left: false, right: false };
const LEFT: Emit = Emit { both: false, left: true, right: false };
const RIGHT: Emit = Emit { both: false, left: false, right: true };

/// Merges two lists of positions, each moved by an offset.
fn merge(left: (&[u32], u32), right: (&[u32], u32), emit: Emit) -> Vec<u32> {
    let (mut i, mut k) = (0, 0);
    let mut out = Vec::new();
    loop {
        let a = left.0.get(i).map(|position| position + left.1);
        let b = right.0.get(k).map(|position| position + right.1);
        let (position, wanted) = match (a, b) {
            (None, None) => return out,
            (Some(a), Some(b)) if a == b => {
                (i, k) = (i + 1, k + 1);
                (a, emit.both)
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => {
                i += 1;
                (a, emit.left)
            }
            (_, Some(b)) => {
                k += 1;
                (b, emit.right)
            }
            (Some(_), None) => return out,
        };
        if wanted && position > 0 {
            out.push(position);
        }
    }
}

impl<'q> Plan<'q> {
    pub fn new(query: &'q TsQuery) -> Plan<'q> {
        let mut operands = Vec::new();
        let root = compile(query, &mut operands);
        Plan { operands, root }
    }

    /// Does the query match?
    pub fn matches(&self, check: &dyn Check) -> bool {
        self.ternary(&self.root, check) != Ternary::No
    }

    fn word(&self, number: usize, check: &dyn Check, places: Option<&mut Places>) -> Ternary {
        match self.operands.get(number) {
            Some(operand) => check.check(number, operand, places),
            None => Ternary::No,
        }
    }

    fn ternary(&self, node: &Node, check: &dyn Check) -> Ternary {
        match node {
            Node::Word(number) => self.word(*number, check, None),
            Node::Not(inner) => match self.ternary(inner, check) {
                Ternary::No => Ternary::Yes,
                Ternary::Yes => Ternary::No,
                Ternary::Maybe => Ternary::Maybe,
            },
            Node::And(left, right) => match self.ternary(left, check) {
                Ternary::No => Ternary::No,
                answer => match self.ternary(right, check) {
                    Ternary::Yes => answer,
                    other => other,
                },
            },
            Node::Or(left, right) => match self.ternary(left, check) {
                Ternary::Yes => Ternary::Yes,
                answer => match self.ternary(right, check) {
                    Ternary::No => answer,
                    other => other,
                },
            },
            // A phrase that cannot be told for lack of positions does not match.
            Node::Phrase(..) => match self.places(node, check, &mut Places::default()) {
                Ternary::Yes => Ternary::Yes,
                Ternary::No | Ternary::Maybe => Ternary::No,
            },
        }
    }

    /// Where a part of the query matches.
    fn places(&self, node: &Node, check: &dyn Check, out: &mut Places) -> Ternary {
        match node {
            Node::Word(number) => self.word(*number, check, Some(out)),
            Node::Not(inner) => match self.places(inner, check, out) {
                Ternary::No => {
                    out.negated = true;
                    Ternary::Yes
                }
                Ternary::Yes if !out.positions.is_empty() => {
                    out.negated = !out.negated;
                    Ternary::Yes
                }
                // It matched everywhere.
                Ternary::Yes => {
                    out.negated = false;
                    Ternary::No
                }
                Ternary::Maybe => Ternary::Maybe,
            },
            Node::And(left, right) => self.both(left, right, None, check, out),
            Node::Phrase(left, right, distance) => self.both(left, right, Some(*distance), check, out),
            Node::Or(left, right) => self.either(left, right, check, out),
        }
    }

    fn both(
        &self,
        left: &Node,
        right: &Node,
        distance: Option<u32>,
        check: &dyn Check,
        out: &mut Places,
    ) -> Ternary {
        let (mut a, mut b) = (Places::default(), Places::default());
        let first = self.places(left, check, &mut a);
        if first == Ternary::No {
            return Ternary::No;
        }
        let second = self.places(right, check, &mut b);
        if second == Ternary::No {
            return Ternary::No;
        }
        if first == Ternary::Maybe || second == Ternary::Maybe {
            return Ternary::Maybe;
        }
        let (move_a, move_b) = match distance {
            Some(distance) => {
                out.width = distance + a.width + b.width;
                (distance + b.width, 0)
            }
            None => {
                out.width = a.width.max(b.width);
                (out.width - a.width, out.width - b.width)
            }
        };
        let (left, right) = ((a.positions.as_slice(), move_a), (b.positions.as_slice(), move_b));
        let emit = match (a.negated, b.negated) {
            (true, true) => {
                out.positions = merge(left, right, ALL);
                out.negated = true;
                return Ternary::Yes;
            }
            (true, false) => RIGHT,
            (false, true) => LEFT,
            (false, false) => BOTH,
        };
        out.positions = merge(left, right, emit);
        if out.positions.is_empty() { Ternary::No } else { Ternary::Yes }
    }

    fn either(&self, left: &Node, right: &Node, check: &dyn Check, out: &mut Places) -> Ternary {
        let (mut a, mut b) = (Places::default(), Places::default());
        let first = self.places(left, check, &mut a);
        let second = self.places(right, check, &mut b);
        if first == Ternary::No && second == Ternary::No {
            return Ternary::No;
        }
        if first == Ternary::Maybe || second == Ternary::Maybe {
            return Ternary::Maybe;
        }
        if first == Ternary::No {
            a = Places::default();
        }
        if second == Ternary::No {
            b = Places::default();
        }
        out.width = a.width.max(b.width);
        let left = (a.positions.as_slice(), out.width - a.width);
        let right = (b.positions.as_slice(), out.width - b.width);
        let emit = match (a.negated, b.negated) {
            (true, true) => BOTH,
            (true, false) => LEFT,
            (false, true) => RIGHT,
            (false, false) => {
                out.positions = merge(left, right, ALL);
                return if out.positions.is_empty() { Ternary::No } else { Ternary::Yes };
            }
        };
        out.positions = merge(left, right, emit);
        out.negated = true;
        Ternary::Yes
    }

    /// Lists of places, of each of which a match needs one; `None` if the query does not match.
    pub fn locations(&self, check: &dyn Check) -> Option<Vec<Places>> {
        self.node_locations(&self.root, check)
    }

    fn node_locations(&self, node: &Node, check: &dyn Check) -> Option<Vec<Places>> {
        match node {
            Node::Word(number) => {
                let mut places = Places::default();
                (self.word(*number, check, Some(&mut places)) == Ternary::Yes).then(|| vec![places])
            }
            Node::Not(inner) => self.node_locations(inner, check).is_none().then(Vec::new),
            Node::And(left, right) => {
                let mut all = self.node_locations(left, check)?;
                all.append(&mut self.node_locations(right, check)?);
                Some(all)
            }
            Node::Or(left, right) => {
                match (self.node_locations(left, check), self.node_locations(right, check)) {
                    (None, other) | (other, None) => other,
                    (Some(left), Some(right)) if left.is_empty() => Some(right),
                    (Some(left), Some(right)) if right.is_empty() => Some(left),
                    // (A & B) | (C & D) is (A | C) & (A | D) & (B | C) & (B | D).
                    (Some(left), Some(right)) => {
                        let pair = |a: &Places, b: &Places| Places {
                            positions: merge((&a.positions, 0), (&b.positions, 0), ALL),
                            negated: false,
                            width: a.width.max(b.width),
                        };
                        Some(left.iter().flat_map(|a| right.iter().map(move |b| pair(a, b))).collect())
                    }
                }
            }
            Node::Phrase(..) => {
                let mut places = Places::default();
                if self.places(node, check, &mut places) != Ternary::Yes {
                    return None;
                }
                Some(if places.negated { Vec::new() } else { vec![places] })
            }
        }
    }
}

fn compile<'q>(query: &'q TsQuery, operands: &mut Vec<Operand<'q>>) -> Node {
    let pair = |left: &'q TsQuery, right: &'q TsQuery, operands: &mut Vec<Operand<'q>>| {
        let right = Box::new(compile(right, operands));
        (Box::new(compile(left, operands)), right)
    };
    match query {
        TsQuery::Word { text, prefix, weights } => {
            operands.push(Operand { text, prefix: *prefix, weights: *weights });
            Node::Word(operands.len() - 1)
        }
        TsQuery::Not(inner) => Node::Not(Box::new(compile(inner, operands))),
        TsQuery::And(left, right) => {
            let (left, right) = pair(left, right, operands);
            Node::And(left, right)
        }
        TsQuery::Or(left, right) => {
            let (left, right) = pair(left, right, operands);
            Node::Or(left, right)
        }
        TsQuery::Phrase(left, right, distance) => {
            let (left, right) = pair(left, right, operands);
            Node::Phrase(left, right, u32::from(*distance))
        }
    }
}
