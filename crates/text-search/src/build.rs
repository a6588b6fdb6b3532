//! `to_tsvector` and the `to_tsquery` family.

use crate::Host;
use crate::config::Config;
use crate::lexer::{Lexer, MAX_WORD};
use crate::websearch::{WebToken, WebTokens};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_types::textsearch::{Lexeme, MAX_DEPTH, MAX_POSITION, MAX_POSITIONS, TsQuery, TsVector};

/// A lexeme with its place, as the lexer gives it.
struct Placed {
    text: String,
    position: u32,
    variant: u16,
    prefix: bool,
}

/// Runs a text through a configuration; `position` is that of the last word before it, and after it.
fn placed(config: &Config, text: &str, host: &dyn Host, position: &mut u32) -> Result<Vec<Placed>> {
    let mut lexer = Lexer::new(config, text, host);
    let mut found = Vec::new();
    while let Some(group) = lexer.next_group()? {
        let Some(lexemes) = group.lexemes else { continue };
        *position = position.saturating_add(1);
        for lexeme in lexemes {
            if lexeme.next_position {
                *position = position.saturating_add(1);
            }
            if lexeme.text.len() >= MAX_WORD {
                return Err(err!(PROGRAM_LIMIT_EXCEEDED, "word is too long"));
            }
            found.push(Placed {
                text: lexeme.text,
                position: (*position).min(u32::from(MAX_POSITION)),
                variant: lexeme.variant,
                prefix: lexeme.prefix,
            });
        }
    }
    Ok(found)
}

/// Collects the words of one or more texts.
#[derive(Default)]
pub struct VectorBuilder {
    words: Vec<Placed>,
    position: u32,
}

impl VectorBuilder {
    /// Adds a text.
    pub fn add(&mut self, config: &Config, text: &str, host: &dyn Host) -> Result<()> {
        self.words.append(&mut placed(config, text, host, &mut self.position)?);
        Ok(())
    }

    /// Adds a text that stands alone: if it has words, a gap follows, so that no phrase matches across it.
    pub fn add_alone(&mut self, config: &Config, text: &str, host: &dyn Host) -> Result<()> {
        let before = self.words.len();
        self.add(config, text, host)?;
        if self.words.len() > before {
            self.position = self.position.saturating_add(1);
        }
        Ok(())
    }

    /// The vector.
    pub fn finish(mut self) -> Result<TsVector> {
        self.words.sort_by(|a, b| (a.text.as_bytes(), a.position).cmp(&(b.text.as_bytes(), b.position)));
        let mut lexemes: Vec<Lexeme> = Vec::new();
        for word in self.words {
            let position = u16::try_from(word.position).unwrap_or(MAX_POSITION);
            match lexemes.last_mut() {
                Some(last) if last.text == word.text => {
                    let room = last.positions.len() < MAX_POSITIONS - 1;
                    let end = last.positions.last().copied();
                    if room && end != Some(MAX_POSITION) && end != Some(position) {
                        last.positions.push(position);
                    }
                }
                _ => lexemes.push(Lexeme { text: word.text, positions: vec![position] }),
            }
        }
        let vector = TsVector { lexemes };
        vector.check_size()?;
        Ok(vector)
    }
}

/// `to_tsvector`
pub fn to_vector(config: &Config, text: &str, host: &dyn Host) -> Result<TsVector> {
    let mut builder = VectorBuilder::default();
    builder.add(config, text, host)?;
    builder.finish()
}

/// How the text of a query is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryForm {
    /// With operators: `to_tsquery`.
    Operators,
    /// Words, all of which are wanted: `plainto_tsquery`.
    Plain,
    /// Words in this order: `phraseto_tsquery`.
    Phrase,
    /// As search engines take it: `websearch_to_tsquery`.
    Web,
}

/// A query whose words may be stop words.
enum Node {
    Stop,
    Word(TsQuery),
    Not(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Or,
    And,
    Phrase(u16),
}

fn binary(operator: Operator, left: Node, right: Node) -> Node {
    Node::Binary(operator, Box::new(left), Box::new(right))
}

struct Builder<'a> {
    config: &'a Config,
    host: &'a dyn Host,
    /// What joins the words that one operand turns out to be.
    joint: Operator,
}

impl Builder<'_> {
    /// What a configuration makes of an operand.
    fn operand(&self, text: &str, weights: u8, prefix: bool) -> Result<Node> {
        let words = placed(self.config, text, self.host, &mut 0)?;
        let mut all: Option<(Node, usize)> = None;
        let mut before = 0;
        for place in words.chunk_by(|a, b| a.position == b.position) {
            let position = place.first().map_or(0, |word| word.position);
            // Stop words left out keep their places.
            let mut parts: Vec<Node> = Vec::new();
            if before > 0 {
                parts.extend((before + 1..position).map(|_| Node::Stop));
            }
            before = position;
            let mut variants = place.chunk_by(|a, b| a.variant == b.variant).filter_map(|variant| {
                let words = variant.iter().map(|word| {
                    let (text, prefix) = (word.text.clone(), prefix || word.prefix);
                    Node::Word(TsQuery::Word { text, prefix, weights })
                });
                words.reduce(|left, right| binary(Operator::And, left, right))
            });
            if let Some(first) = variants.next() {
                parts.push(variants.fold(first, |left, right| binary(Operator::Or, left, right)));
            }
            for part in parts {
                all = Some(match all {
                    None => (part, 1),
                    Some((left, depth)) if depth < MAX_DEPTH => (binary(self.joint, left, part), depth + 1),
                    Some(_) => return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded")),
                });
            }
        }
        Ok(all.map_or(Node::Stop, |(node, _)| node))
    }

    fn translate(&self, query: &TsQuery) -> Result<Node> {
        let pair = |operator, left: &TsQuery, right: &TsQuery| -> Result<Node> {
            Ok(binary(operator, self.translate(left)?, self.translate(right)?))
        };
        match query {
            TsQuery::Word { text, prefix, weights } => self.operand(text, *weights, *prefix),
            TsQuery::Not(inner) => Ok(Node::Not(Box::new(self.translate(inner)?))),
            TsQuery::And(left, right) => pair(Operator::And, left, right),
            TsQuery::Or(left, right) => pair(Operator::Or, left, right),
            TsQuery::Phrase(left, right, distance) => pair(Operator::Phrase(*distance), left, right),
        }
    }

    /// Web searches: `or` binds least, words side by side are all wanted, `-` binds most.
    fn web(&self, text: &str) -> Result<Option<Node>> {
        let mut alternatives: Option<Node> = None;
        let mut together: Option<Node> = None;
        let mut negations = 0_usize;
        let mut count = 0_usize;
        for token in WebTokens::new(text) {
            count += 1;
            if count > MAX_DEPTH {
                return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
            }
            match token {
                WebToken::Not => negations += 1,
                WebToken::Or => {
                    alternatives = join(Operator::Or, alternatives, together.take());
                }
                WebToken::And => {}
                WebToken::Operand(text) => {
                    let mut node = match text {
                        Some(text) => self.operand(text, 0, false)?,
                        None => Node::Stop,
                    };
                    for _ in 0..std::mem::take(&mut negations) {
                        node = Node::Not(Box::new(node));
                    }
                    together = join(Operator::And, together, Some(node));
                }
            }
        }
        Ok(join(Operator::Or, alternatives, together))
    }
}

fn join(operator: Operator, left: Option<Node>, right: Option<Node>) -> Option<Node> {
    match (left, right) {
        (Some(left), Some(right)) => Some(binary(operator, left, right)),
        (left, right) => left.or(right),
    }
}

/// Leaves stop words out. Phrases that they were part of keep their length: the two numbers are by how much the
/// distance to whatever stands left and right of the result grows.
fn without_stop_words(node: Node) -> (Option<TsQuery>, u32, u32) {
    match node {
        Node::Stop => (None, 0, 0),
        Node::Word(word) => (Some(word), 0, 0),
        Node::Not(inner) => {
            let (inner, left, right) = without_stop_words(*inner);
            (inner.map(|inner| TsQuery::Not(Box::new(inner))), left, right)
        }
        Node::Binary(operator, left, right) => {
            let (left, left_before, left_after) = without_stop_words(*left);
            let (right, right_before, right_after) = without_stop_words(*right);
            let distance = match operator {
                Operator::Phrase(distance) => Some(u32::from(distance)),
                _ => None,
            };
            match (left, right, distance) {
                (None, None, Some(distance)) => {
                    let all = left_before + distance + right_before;
                    (None, all, all)
                }
                (None, None, None) => {
                    let longer = left_before.max(right_before);
                    (None, longer, longer)
                }
                (None, right, Some(distance)) => (right, left_before + distance + right_before, right_after),
                (None, right, None) => (right, right_before, right_after),
                (left, None, Some(distance)) => (left, left_before, left_after + distance + right_after),
                (left, None, None) => (left, left_before, left_after),
                (Some(left), Some(right), Some(distance)) => {
                    let distance = u16::try_from(distance + left_after + right_before).unwrap_or(u16::MAX);
                    let phrase = TsQuery::Phrase(Box::new(left), Box::new(right), distance);
                    (Some(phrase), left_before, right_after)
                }
                (Some(left), Some(right), None) => {
                    let (left, right) = (Box::new(left), Box::new(right));
                    let both = if operator == Operator::Or {
                        TsQuery::Or(left, right)
                    } else {
                        TsQuery::And(left, right)
                    };
                    (Some(both), 0, 0)
                }
            }
        }
    }
}

fn depth(node: &Node) -> usize {
    match node {
        Node::Stop | Node::Word(_) => 1,
        Node::Not(inner) => depth(inner) + 1,
        Node::Binary(_, left, right) => depth(left).max(depth(right)) + 1,
    }
}

/// `to_tsquery` and its relatives; `None` is the empty query.
pub fn to_query(config: &Config, text: &str, form: QueryForm, host: &dyn Host) -> Result<Option<TsQuery>> {
    let joint = if form == QueryForm::Plain { Operator::And } else { Operator::Phrase(1) };
    let builder = Builder { config, host, joint };
    let node = match form {
        QueryForm::Operators => {
            TsQuery::parse_raw(text)?.map(|query| builder.translate(&query)).transpose()?
        }
        QueryForm::Plain | QueryForm::Phrase if text.is_empty() => None,
        QueryForm::Plain | QueryForm::Phrase => Some(builder.operand(text, 0, false)?),
        QueryForm::Web => builder.web(text)?,
    };
    let notice =
        |message: String| host.notice(err!(SUCCESSFUL_COMPLETION, "{message}").severity(Severity::Notice));
    let Some(node) = node else {
        notice(format!("text-search query doesn't contain lexemes: \"{text}\""));
        return Ok(None);
    };
    if depth(&node) > MAX_DEPTH {
        return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
    }
    let (query, _, _) = without_stop_words(node);
    if query.is_none() {
        notice("text-search query contains only stop words or doesn't contain lexemes, ignored".to_owned());
    }
    Ok(query)
}
