//! From the tree of a pattern to its automaton, and to the tree of those parts that matter for groups.
//!
//! What has no group, no back-reference and one preference for long or short matches is plain: only its automaton counts.
//! The rest is taken apart as PostgreSQL does, because that decides what the groups match.

use super::program::{CharSet, Inst, NOWHERE, Place, Program, Span};
use crate::text::regexp::emit::push_char;
use crate::text::regexp::parse::{Node, Options, WORD_END, WORD_START, invalid};
use pglitedb_sqlstate::Result;

/// Which of the possible lengths a part prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// It does not matter.
    #[default]
    None,
    /// The longest.
    Long,
    /// The shortest.
    Short,
}

/// What is known about a part.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    preference: Preference,
    /// Parts of it prefer one length, others the other.
    mixed: bool,
    groups: bool,
    references: bool,
}

impl Traits {
    fn prefers(preference: Preference) -> Traits {
        Traits { preference, ..Traits::default() }
    }

    /// Of a whole that is made of these two, in that order.
    fn and(self, other: Traits) -> Traits {
        let none = Preference::None;
        let differ =
            self.preference != none && other.preference != none && self.preference != other.preference;
        Traits {
            preference: if self.preference == none { other.preference } else { self.preference },
            mixed: self.mixed || other.mixed || differ,
            groups: self.groups || other.groups,
            references: self.references || other.references,
        }
    }

    fn is_plain(self) -> bool {
        !self.mixed && !self.groups && !self.references
    }
}

/// A part of a pattern.
#[derive(Debug)]
pub struct Part {
    /// Its automaton.
    pub span: Span,
    /// What it is made of.
    pub kind: Kind,
    /// Which lengths it prefers.
    pub preference: Preference,
}

/// What parts are made of.
#[derive(Debug)]
pub enum Kind {
    /// Nothing that matters.
    Plain,
    /// One after the other.
    Sequence(Box<Part>, Box<Part>),
    /// One of these.
    Choice(Vec<Part>),
    /// As often as the bounds say.
    Repeat(Box<Part>, usize, Option<usize>),
    /// A group.
    Group(usize, Box<Part>),
    /// What a group has matched, as often as the bounds say.
    Reference(usize, usize, Option<usize>),
}

/// Automata are not larger.
const MAX_INSTRUCTIONS: usize = 50_000;
/// Parts of a sequence that are taken apart, and parts within parts.
const MAX_DEPTH: usize = 1000;

/// Builds an automaton.
pub struct Builder<'a> {
    program: Program,
    options: Options,
    /// The groups met so far.
    groups: Vec<Option<&'a Node>>,
    next_group: usize,
    depth: usize,
}

fn place_of(text: &str) -> Option<Place> {
    Some(match text {
        "\\A" => Place::TextStart,
        "\\z" => Place::TextEnd,
        "(?m:^)" => Place::LineStart,
        "(?m:$)" => Place::LineEnd,
        WORD_START => Place::WordStart,
        WORD_END => Place::WordEnd,
        "\\b" => Place::WordBoundary,
        "\\B" => Place::NoWordBoundary,
        _ => return None,
    })
}

fn preference_of(lazy: Option<bool>) -> Preference {
    match lazy {
        None => Preference::None,
        Some(true) => Preference::Short,
        Some(false) => Preference::Long,
    }
}

impl<'a> Builder<'a> {
    /// Builds the automaton of a whole pattern.
    pub fn build(root: &'a Node, options: Options) -> Result<(Program, Part)> {
        let mut builder =
            Builder { program: Program::default(), options, groups: vec![None], next_group: 1, depth: 0 };
        let (part, _) = builder.part(root)?;
        Ok((builder.program, part))
    }

    fn push(&mut self, inst: Inst) -> Result<usize> {
        if self.program.insts.len() >= MAX_INSTRUCTIONS {
            return Err(invalid("regular expression is too complex"));
        }
        self.program.insts.push(inst);
        Ok(self.program.insts.len() - 1)
    }

    fn exit(&mut self) -> Result<usize> {
        self.push(Inst::Jump(NOWHERE))
    }

    /// Connects the end of a part with what follows.
    fn connect(&mut self, exit: usize, to: usize) {
        if let Some(Inst::Jump(next)) = self.program.insts.get_mut(exit) {
            *next = to;
        }
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("regular expression is too complex"));
        }
        Ok(())
    }

    // Automata of nodes whose inner parts do not matter.

    fn set(&mut self, text: &str) -> Result<Span> {
        let set = CharSet::parse(text, self.options.ignore_case)
            .ok_or_else(|| invalid("regular expression is too complex"))?;
        self.program.sets.push(set);
        let entry = self.push(Inst::Set(self.program.sets.len() - 1, NOWHERE))?;
        let exit = self.exit()?;
        if let Some(Inst::Set(_, next)) = self.program.insts.get_mut(entry) {
            *next = exit;
        }
        Ok(Span { entry, exit })
    }

    fn empty(&mut self) -> Result<Span> {
        let entry = self.exit()?;
        Ok(Span { entry, exit: entry })
    }

    fn join(&mut self, first: Span, second: Span) -> Span {
        self.connect(first.exit, second.entry);
        Span { entry: first.entry, exit: second.exit }
    }

    fn either(&mut self, spans: &[Span]) -> Result<Span> {
        let exit = self.exit()?;
        let mut entry = NOWHERE;
        for span in spans.iter().rev() {
            self.connect(span.exit, exit);
            entry = if entry == NOWHERE { span.entry } else { self.push(Inst::Split(span.entry, entry))? };
        }
        Ok(Span { entry, exit })
    }

    fn plain(&mut self, node: &'a Node) -> Result<Span> {
        self.deeper()?;
        let span = match node {
            Node::Empty => self.empty()?,
            Node::Char(c) => {
                let mut text = "[".to_owned();
                push_char(&mut text, *c);
                text.push(']');
                self.set(&text)?
            }
            Node::Any => self.set(if self.options.newline_stops { "[^\\n]" } else { "(?s:.)" })?,
            Node::Set(inside, negated) => {
                self.set(&format!("[{}{inside}]", if *negated { "^" } else { "" }))?
            }
            Node::Assert(text) => {
                let place = place_of(text).ok_or_else(|| invalid("regular expression is too complex"))?;
                let exit = self.exit()?;
                let entry = self.push(Inst::Place(place, exit))?;
                Span { entry, exit }
            }
            Node::Group(inner, _) => self.plain(inner)?,
            Node::Look(open, inner) => {
                let inner = self.plain(inner)?;
                let exit = self.exit()?;
                let behind = open.contains('<');
                let wanted = !open.ends_with('!');
                let entry = self.push(Inst::Look {
                    behind,
                    wanted,
                    entry: inner.entry,
                    exit: inner.exit,
                    next: exit,
                })?;
                Span { entry, exit }
            }
            Node::Back(number) => match self.groups.get(*number as usize).copied().flatten() {
                Some(group) => self.plain(group)?,
                None => return Err(invalid("invalid backreference number")),
            },
            Node::Repeat(inner, low, high, _) => self.repeated(inner, *low, *high)?,
            Node::Concat(parts) => {
                let mut whole = self.empty()?;
                for part in parts {
                    let span = self.plain(part)?;
                    whole = self.join(whole, span);
                }
                whole
            }
            Node::Alt(branches) => {
                let spans: Result<Vec<Span>> = branches.iter().map(|branch| self.plain(branch)).collect();
                self.either(&spans?)?
            }
        };
        self.depth -= 1;
        Ok(span)
    }

    fn repeated(&mut self, inner: &'a Node, low: u32, high: Option<u32>) -> Result<Span> {
        let mut whole = self.empty()?;
        for _ in 0..low {
            let once = self.plain(inner)?;
            whole = self.join(whole, once);
        }
        let Some(high) = high else {
            let once = self.plain(inner)?;
            let again = self.star(once)?;
            return Ok(self.join(whole, again));
        };
        let end = self.exit()?;
        for _ in low..high {
            let once = self.plain(inner)?;
            let entry = self.push(Inst::Split(once.entry, end))?;
            whole = self.join(whole, Span { entry, exit: once.exit });
        }
        self.connect(whole.exit, end);
        Ok(Span { entry: whole.entry, exit: end })
    }

    fn star(&mut self, once: Span) -> Result<Span> {
        let exit = self.exit()?;
        let entry = self.push(Inst::Split(once.entry, exit))?;
        self.connect(once.exit, entry);
        Ok(Span { entry, exit })
    }

    // Parts.

    fn plain_part(span: Span, traits: Traits) -> (Part, Traits) {
        (Part { span, kind: Kind::Plain, preference: traits.preference }, traits)
    }

    fn part(&mut self, node: &'a Node) -> Result<(Part, Traits)> {
        self.deeper()?;
        let found = match node {
            Node::Alt(branches) => self.choice(branches)?,
            Node::Concat(parts) => self.sequence(parts)?,
            single => self.sequence(std::slice::from_ref(single))?,
        };
        self.depth -= 1;
        Ok(found)
    }

    fn choice(&mut self, branches: &'a [Node]) -> Result<(Part, Traits)> {
        let mut traits = Traits::prefers(Preference::Long);
        let (mut parts, mut spans) = (Vec::new(), Vec::new());
        for branch in branches {
            let (part, of_branch) = self.part(branch)?;
            // The branches' own preferences stay within them.
            traits = traits.and(Traits { preference: Preference::None, ..of_branch });
            spans.push(part.span);
            parts.push(part);
        }
        let span = self.either(&spans)?;
        let kind = if traits.is_plain() { Kind::Plain } else { Kind::Choice(parts) };
        Ok((Part { span, kind, preference: Preference::Long }, traits))
    }

    /// One item after the other: what is plain is lumped together until an item comes that is not.
    fn sequence(&mut self, items: &'a [Node]) -> Result<(Part, Traits)> {
        let mut lump = self.empty()?;
        let mut traits = Traits::default();
        for (number, item) in items.iter().enumerate() {
            let (inner, low, high, lazy) = match item {
                Node::Repeat(inner, low, high, lazy) => (&**inner, *low, *high, *lazy),
                other => (other, 1, Some(1), None),
            };
            let wish = preference_of(lazy);
            if high == Some(0) {
                self.skip_groups(inner);
                continue;
            }
            let (atom, of_atom) = self.atom(inner)?;
            let together = traits.and(Traits::prefers(wish)).and(of_atom);
            if together.is_plain() {
                let span =
                    if (low, high) == (1, Some(1)) { atom.span } else { self.repeated(inner, low, high)? };
                lump = self.join(lump, span);
                // A lump prefers what all of its items prefer.
                traits = together;
                continue;
            }
            let own = Traits::prefers(wish).and(of_atom);
            let part = self.quantified(inner, atom, of_atom, low, high, wish)?;
            let rest = items.get(number + 1..).unwrap_or_default();
            let (tail, of_tail) = if rest.is_empty() {
                (part, own)
            } else {
                self.deeper()?;
                let (rest, of_rest) = self.sequence(rest)?;
                self.depth -= 1;
                self.pair(part, own, rest, of_rest)
            };
            let (lump, of_lump) = Self::plain_part(lump, traits);
            return Ok(self.pair(lump, of_lump, tail, of_tail));
        }
        Ok(Self::plain_part(lump, traits))
    }

    fn pair(&mut self, first: Part, of_first: Traits, second: Part, of_second: Traits) -> (Part, Traits) {
        let span = self.join(first.span, second.span);
        let traits = of_first.and(of_second);
        let kind = Kind::Sequence(Box::new(first), Box::new(second));
        (Part { span, kind, preference: traits.preference }, traits)
    }

    /// Something before its quantifier.
    fn atom(&mut self, node: &'a Node) -> Result<(Part, Traits)> {
        match node {
            Node::Group(inner, true) => {
                let number = self.next_group;
                self.next_group += 1;
                self.groups.push(None);
                let (part, traits) = self.part(inner)?;
                if let Some(slot) = self.groups.get_mut(number) {
                    *slot = Some(inner);
                }
                let (span, preference) = (part.span, part.preference);
                let part = Part { span, kind: Kind::Group(number, Box::new(part)), preference };
                Ok((part, Traits { groups: true, ..traits }))
            }
            Node::Group(inner, false) => self.part(inner),
            Node::Back(number) => {
                let span = self.plain(node)?;
                let kind = Kind::Reference(*number as usize, 1, Some(1));
                let traits = Traits { references: true, ..Traits::default() };
                Ok((Part { span, kind, preference: Preference::None }, traits))
            }
            // Items of a sequence are not sequences; quantified ones have been taken apart.
            Node::Alt(_) | Node::Concat(_) | Node::Repeat(..) => self.part(node),
            _ => Ok(Self::plain_part(self.plain(node)?, Traits::default())),
        }
    }

    /// Groups in what `{0}` cancels have numbers all the same.
    fn skip_groups(&mut self, node: &'a Node) {
        match node {
            Node::Group(inner, captures) => {
                if *captures {
                    self.next_group += 1;
                    self.groups.push(Some(inner));
                }
                self.skip_groups(inner);
            }
            Node::Repeat(inner, ..) => self.skip_groups(inner),
            Node::Concat(parts) | Node::Alt(parts) => parts.iter().for_each(|part| self.skip_groups(part)),
            _ => {}
        }
    }

    /// An atom with its quantifier, where groups or mixed preferences make it matter how often it matches.
    fn quantified(
        &mut self,
        node: &'a Node,
        atom: Part,
        traits: Traits,
        low: u32,
        high: Option<u32>,
        wish: Preference,
    ) -> Result<Part> {
        let (least, most) = (low as usize, high.map(|high| high as usize));
        if let Kind::Reference(number, ..) = atom.kind {
            let span = self.repeated(node, low, high)?;
            return Ok(Part { span, kind: Kind::Reference(number, least, most), preference: wish });
        }
        let agrees = traits.preference == Preference::None || (traits.preference == wish && !traits.mixed);
        if (low, high) == (1, Some(1)) && (wish == Preference::None || agrees) {
            return Ok(atom);
        }
        let preference = if wish == Preference::None { traits.preference } else { wish };
        if !traits.groups && !traits.references {
            let span = self.repeated(node, low, high)?;
            return Ok(Part { span, kind: Kind::Plain, preference });
        }
        if low > 0 && !traits.references {
            // Only what the last one matches is seen.
            let span = self.repeated(node, low - 1, high.map(|high| high - 1))?;
            let before = Part { span, kind: Kind::Plain, preference };
            let span = self.join(span, atom.span);
            return Ok(Part { span, kind: Kind::Sequence(Box::new(before), Box::new(atom)), preference });
        }
        // The automaton of the whole is another copy, so that the atom's own ends where the atom ends.
        let span = self.repeated(node, low, high)?;
        Ok(Part { span, kind: Kind::Repeat(Box::new(atom), least, most), preference })
    }
}
