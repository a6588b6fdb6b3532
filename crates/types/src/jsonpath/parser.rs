//! The grammar.

use super::lexer::{Lexer, Token, syntax_error};
use super::{Accessor, BinaryOp, JsonPath, METHODS, Method, MethodArg, Node};
use pglitedb_sqlstate::{Result, err};

/// How deep a path may nest.
const MAX_DEPTH: usize = 200;

/// Parses a path.
pub fn parse(text: &str) -> Result<JsonPath> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::End,
        near: String::new(),
        depth: 0,
        nesting: Vec::new(),
    };
    parser.advance()?;
    if parser.token == Token::End {
        return Err(err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath: \"{text}\""));
    }
    let lax = match &parser.token {
        Token::Word(word) if word.eq_ignore_ascii_case("strict") => {
            parser.advance()?;
            false
        }
        Token::Word(word) if word.eq_ignore_ascii_case("lax") => {
            parser.advance()?;
            true
        }
        _ => true,
    };
    let root = parser.expression(0)?;
    if parser.token != Token::End {
        return Err(parser.unexpected());
    }
    Ok(JsonPath { lax, root })
}

/// Where an expression stands: `@` needs a filter around it, `last` a subscript.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Filter,
    Subscript,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    /// What a complaint about the token shows.
    near: String,
    depth: usize,
    nesting: Vec<Place>,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<Token> {
        let next = self.lexer.next()?;
        self.near = next.near;
        Ok(std::mem::replace(&mut self.token, next.token))
    }

    fn unexpected(&self) -> pglitedb_sqlstate::Error {
        syntax_error(&self.near)
    }

    fn at(&self, symbol: &str) -> bool {
        matches!(&self.token, Token::Symbol(found) if *found == symbol)
    }

    fn eat(&mut self, symbol: &str) -> Result<bool> {
        let found = self.at(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.eat(symbol)? { Ok(()) } else { Err(self.unexpected()) }
    }

    fn at_word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if !self.at_word(word) {
            return Err(self.unexpected());
        }
        self.advance().map(|_| ())
    }

    fn operator(&self) -> Option<BinaryOp> {
        Some(match &self.token {
            Token::Symbol(symbol) => match *symbol {
                "||" => BinaryOp::Or,
                "&&" => BinaryOp::And,
                "==" => BinaryOp::Equal,
                "!=" => BinaryOp::NotEqual,
                "<" => BinaryOp::Less,
                "<=" => BinaryOp::LessOrEqual,
                ">" => BinaryOp::Greater,
                ">=" => BinaryOp::GreaterOrEqual,
                "+" => BinaryOp::Add,
                "-" => BinaryOp::Sub,
                "*" => BinaryOp::Mul,
                "/" => BinaryOp::Div,
                "%" => BinaryOp::Mod,
                _ => return None,
            },
            Token::Word(word) if word.eq_ignore_ascii_case("starts") => BinaryOp::StartsWith,
            _ => return None,
        })
    }

    /// Operators of at least a priority.
    fn expression(&mut self, least: u8) -> Result<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let mut left = self.unary()?;
        loop {
            if least <= 2 && self.at_word("like_regex") {
                left = self.like_regex(left)?;
                continue;
            }
            let Some(op) = self.operator().filter(|op| op.priority() >= least) else { break };
            // Operands of `&&` and `||` are predicates, those of other operators are not.
            if left.is_predicate() != (op.priority() <= 1) {
                return Err(self.unexpected());
            }
            self.advance()?;
            if op == BinaryOp::StartsWith {
                self.expect_word("with")?;
            }
            let near = self.near.clone();
            let right = self.expression(op.priority() + 1)?;
            if right.is_predicate() != (op.priority() <= 1) {
                return Err(syntax_error(&near));
            }
            if op == BinaryOp::StartsWith && !matches!(right, Node::String(_) | Node::Variable(_)) {
                return Err(syntax_error(&near));
            }
            left = Node::Binary(op, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn like_regex(&mut self, left: Node) -> Result<Node> {
        if left.is_predicate() {
            return Err(self.unexpected());
        }
        self.advance()?;
        let Token::Text(pattern) = self.advance()? else { return Err(self.unexpected()) };
        let mut flags = String::new();
        if self.at_word("flag") {
            self.advance()?;
            let Token::Text(text) = self.advance()? else { return Err(self.unexpected()) };
            for flag in text.chars() {
                if !"ismxq".contains(flag) {
                    return Err(err!(SYNTAX_ERROR, "invalid input syntax for type jsonpath")
                        .detail(format!("Unrecognized flag character \"{flag}\" in LIKE_REGEX predicate.")));
                }
                if !flags.contains(flag) {
                    flags.push(flag);
                }
            }
        }
        if flags.contains('x') && !flags.contains('q') {
            return Err(err!(
                FEATURE_NOT_SUPPORTED,
                "XQuery \"x\" flag (expanded regular expressions) is not implemented"
            ));
        }
        let ordered = "ismxq".chars().filter(|flag| flags.contains(*flag)).collect();
        Ok(Node::LikeRegex(Box::new(left), pattern, ordered))
    }

    fn unary(&mut self) -> Result<Node> {
        if self.at("+") || self.at("-") {
            let minus = self.at("-");
            self.advance()?;
            let operand = self.expression(5)?;
            if operand.is_predicate() {
                return Err(self.unexpected());
            }
            return Ok(match (minus, operand) {
                (true, Node::Number(number)) => Node::Number(number.neg()),
                (false, Node::Number(number)) => Node::Number(number),
                (minus, operand) => Node::Sign(minus, Box::new(operand)),
            });
        }
        if self.eat("!")? {
            let parenthesized = self.at("(") || self.at_word("exists");
            if !parenthesized {
                return Err(self.unexpected());
            }
            let operand = self.primary()?;
            if !operand.is_predicate() {
                return Err(self.unexpected());
            }
            return Ok(Node::Not(Box::new(operand)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Node> {
        let near = self.near.clone();
        let primary = match self.advance()? {
            Token::Symbol("$") => Node::Root,
            Token::Symbol("@") => {
                if !self.nesting.contains(&Place::Filter) {
                    return Err(err!(SYNTAX_ERROR, "@ is not allowed in root expressions"));
                }
                Node::Current
            }
            Token::Symbol("(") => return self.parenthesized(),
            Token::Variable(name) => Node::Variable(name),
            Token::Text(text) => Node::String(text),
            Token::Number(number, _) => Node::Number(number),
            Token::Word(word) => match word.as_str() {
                "null" => Node::Null,
                "true" => Node::Bool(true),
                "false" => Node::Bool(false),
                _ if word.eq_ignore_ascii_case("last") => {
                    if !self.nesting.contains(&Place::Subscript) {
                        return Err(err!(SYNTAX_ERROR, "LAST is allowed only in array subscripts"));
                    }
                    Node::Last
                }
                _ if word.eq_ignore_ascii_case("exists") && self.at("(") => {
                    self.advance()?;
                    let inner = self.expression(0)?;
                    self.expect(")")?;
                    if inner.is_predicate() {
                        return Err(syntax_error(&near));
                    }
                    return Ok(Node::Exists(Box::new(inner)));
                }
                _ => return Err(syntax_error(&near)),
            },
            _ => return Err(syntax_error(&near)),
        };
        self.accessors(primary)
    }

    fn parenthesized(&mut self) -> Result<Node> {
        let inner = self.expression(0)?;
        self.expect(")")?;
        if inner.is_predicate() && self.at_word("is") {
            self.advance()?;
            self.expect_word("unknown")?;
            return Ok(Node::IsUnknown(Box::new(inner)));
        }
        self.accessors(inner)
    }

    fn accessors(&mut self, primary: Node) -> Result<Node> {
        let mut accessors = Vec::new();
        loop {
            if self.eat(".")? {
                accessors.push(self.member()?);
            } else if self.eat("[")? {
                accessors.push(self.subscripts()?);
            } else if self.eat("?")? {
                self.expect("(")?;
                self.nesting.push(Place::Filter);
                let predicate = self.expression(0)?;
                self.nesting.pop();
                if !predicate.is_predicate() {
                    return Err(self.unexpected());
                }
                self.expect(")")?;
                accessors.push(Accessor::Filter(predicate));
            } else {
                break;
            }
        }
        if accessors.is_empty() {
            return Ok(primary);
        }
        Ok(match primary {
            Node::Chain(inner, mut before) => {
                before.extend(accessors);
                Node::Chain(inner, before)
            }
            other => Node::Chain(Box::new(other), accessors),
        })
    }

    fn member(&mut self) -> Result<Accessor> {
        let near = self.near.clone();
        match self.advance()? {
            Token::Symbol("*") => Ok(Accessor::AnyKey),
            Token::Symbol("**") => self.any_depth(),
            Token::Text(key) => Ok(Accessor::Key(key)),
            Token::Word(name) => {
                if !self.at("(") {
                    return Ok(Accessor::Key(name));
                }
                let Some((_, method)) = METHODS.iter().find(|(known, _)| *known == name) else {
                    return Err(self.unexpected());
                };
                self.advance()?;
                let arguments = self.method_arguments(*method)?;
                Ok(Accessor::Method(*method, arguments))
            }
            _ => Err(syntax_error(&near)),
        }
    }

    /// Numbers of methods are looked at when the path is run, but only `.decimal()` takes signs.
    fn method_arguments(&mut self, method: Method) -> Result<Vec<MethodArg>> {
        let mut arguments = Vec::new();
        let most = match method {
            Method::Decimal => 2,
            Method::Datetime | Method::Time | Method::TimeTz | Method::Timestamp | Method::TimestampTz => 1,
            _ => 0,
        };
        while !self.at(")") {
            if arguments.len() == most {
                return Err(self.unexpected());
            }
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            let signed = method == Method::Decimal && (self.at("-") || self.at("+"));
            let negative = signed && self.at("-");
            if signed {
                self.advance()?;
            }
            let near = self.near.clone();
            match self.advance()? {
                Token::Number(number, true) if method != Method::Datetime => {
                    arguments.push(MethodArg::Number(if negative { number.neg() } else { number }));
                }
                Token::Text(text) if method == Method::Datetime => arguments.push(MethodArg::Text(text)),
                _ => return Err(syntax_error(&near)),
            }
        }
        self.expect(")")?;
        Ok(arguments)
    }

    fn any_depth(&mut self) -> Result<Accessor> {
        if !self.eat("{")? {
            return Ok(Accessor::AnyDepth(Some(0), None));
        }
        let from = self.level()?;
        let to = if self.at_word("to") {
            self.advance()?;
            self.level()?
        } else {
            from
        };
        self.expect("}")?;
        Ok(Accessor::AnyDepth(from, to))
    }

    fn level(&mut self) -> Result<Option<u32>> {
        let near = self.near.clone();
        match self.advance()? {
            Token::Number(number, true) => {
                Ok(Some(number.to_int4()?.try_into().map_err(|_| syntax_error(&near))?))
            }
            Token::Word(word) if word.eq_ignore_ascii_case("last") => Ok(None),
            _ => Err(syntax_error(&near)),
        }
    }

    fn subscripts(&mut self) -> Result<Accessor> {
        if self.eat("*")? {
            self.expect("]")?;
            return Ok(Accessor::AnyItem);
        }
        self.nesting.push(Place::Subscript);
        let mut items = Vec::new();
        loop {
            let from = self.expression(3)?;
            let to = if self.at_word("to") {
                self.advance()?;
                Some(self.expression(3)?)
            } else {
                None
            };
            items.push((from, to));
            if !self.eat(",")? {
                break;
            }
        }
        self.nesting.pop();
        self.expect("]")?;
        Ok(Accessor::Items(items))
    }
}
