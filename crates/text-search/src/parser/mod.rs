//! The default parser: cuts text into words, numbers, addresses, paths, tags and the space between them.
//!
//! It is a state machine ([`states`]) with a stack of positions to fall back to: where a character may begin something
//! longer (an address, a path, a hyphenated word), the machine pushes its position, tries, and comes back to the next
//! rule of the same state if that did not work out.

mod class;
mod states;
mod token;

pub use token::TokenType;

use class::Test;
use pglitedb_sqlstate::{Result, err};
use states::{Move, Rule, Special, State};

/// How many parsers may be nested: looking behind an `@` for a host takes one.
const MAX_NESTING: usize = 200;

/// A place in the text, and what was found there so far.
#[derive(Clone, Copy)]
struct Position {
    state: State,
    /// Bytes before it.
    at: usize,
    /// Bytes and characters of the token so far.
    len: usize,
    chars: usize,
    /// Bytes of the character here, 0 at the end.
    char_len: usize,
    /// The rule to go on with when everything behind this position failed.
    resume: usize,
}

impl Position {
    fn new(state: State) -> Position {
        Position { state, at: 0, len: 0, chars: 0, char_len: 0, resume: 0 }
    }
}

/// Cuts a text into tokens.
pub struct Parser<'a> {
    text: &'a str,
    stack: Vec<Position>,
    /// Where the current token begins.
    token: usize,
    /// Stop after the host: its path, which is there, is the next token.
    want_host: bool,
    /// Inside of a script or style sheet.
    ignore: bool,
    nesting: usize,
}

impl<'a> Parser<'a> {
    /// A parser at the beginning of a text.
    pub fn new(text: &'a str) -> Parser<'a> {
        Parser::nested(text, State::Base, 0)
    }

    fn nested(text: &'a str, state: State, nesting: usize) -> Parser<'a> {
        Parser { text, stack: vec![Position::new(state)], token: 0, want_host: false, ignore: false, nesting }
    }

    fn here(&mut self) -> Result<&mut Position> {
        self.stack.last_mut().ok_or_else(|| err!(INTERNAL_ERROR, "text search parser lost its position"))
    }

    fn current(&self) -> Option<char> {
        self.stack
            .last()
            .and_then(|position| self.text.get(position.at..))
            .and_then(|rest| rest.chars().next())
    }

    /// The next token; `None` at the end of the text.
    pub fn next_token(&mut self) -> Result<Option<(TokenType, &'a str)>> {
        if self.here()?.at >= self.text.len() {
            return Ok(None);
        }
        self.token = self.here()?.at;
        self.here()?.resume = 0;
        loop {
            let char_len = self.current().map_or(0, char::len_utf8);
            let position = self.here()?;
            position.char_len = char_len;
            let first = std::mem::take(&mut position.resume);
            let rules = position.state.rules();
            let mut found = None;
            for (number, rule) in rules.iter().enumerate().skip(first) {
                if self.matches(rule.test)? {
                    found = Some((number, rule));
                    break;
                }
            }
            let Some((number, rule)) = found else {
                return Err(err!(INTERNAL_ERROR, "text search parser has no rule for a character"));
            };
            self.special(rule.special)?;
            let token = match rule.emit {
                Some(token) => {
                    let position = self.here()?;
                    let len = std::mem::take(&mut position.len);
                    position.chars = 0;
                    Some((token, len))
                }
                None => None,
            };
            self.change(number, rule)?;
            if let Some((token, len)) = token {
                let text = self.text.get(self.token..self.token + len).unwrap_or_default();
                return Ok(Some((token, text)));
            }
            let end = self.text.len();
            let position = self.here()?;
            if position.at >= end && !rule.again {
                return Ok(None);
            }
            if rule.again || matches!(rule.action, Move::Pop) {
                continue;
            }
            if position.char_len > 0 {
                position.at += position.char_len;
                position.len += position.char_len;
                position.chars += 1;
            }
        }
    }

    /// Changes the stack and the state as a rule says.
    fn change(&mut self, number: usize, rule: &Rule) -> Result<()> {
        match rule.action {
            Move::Step => {}
            Move::Pop => {
                self.stack.pop();
            }
            Move::Push => {
                let position = self.here()?;
                position.resume = number + 1;
                let copy = Position { resume: 0, ..*position };
                self.stack.push(copy);
            }
            Move::Clear => {
                if let Some(before) = self.stack.len().checked_sub(2) {
                    self.stack.remove(before);
                }
            }
            Move::ClearAll => {
                let last = *self.here()?;
                self.stack.clear();
                self.stack.push(last);
            }
            Move::Merge => {
                if let Some(last) = self.stack.pop() {
                    let position = self.here()?;
                    *position = Position { state: position.state, resume: position.resume, ..last };
                }
            }
        }
        if let Some(state) = rule.to {
            self.here()?.state = state;
        }
        Ok(())
    }

    fn special(&mut self, special: Special) -> Result<()> {
        match special {
            Special::None => {}
            Special::Back => {
                let position = self.here()?;
                position.at -= position.len;
            }
            Special::BackToHost => {
                self.want_host = true;
                let position = self.here()?;
                position.at -= position.len;
            }
            Special::Restart => {
                let position = self.here()?;
                position.at -= position.len;
                (position.len, position.chars) = (0, 0);
            }
            Special::Tag => {
                let from = self.token;
                let (len, chars) = (self.here()?.len, self.here()?.chars);
                let tag = self.text.get(from..from + len).unwrap_or_default();
                match chars {
                    8 if tag.eq_ignore_ascii_case("</script") => self.ignore = false,
                    7 if tag.eq_ignore_ascii_case("</style") => self.ignore = false,
                    7 if tag.eq_ignore_ascii_case("<script") => self.ignore = true,
                    6 if tag.eq_ignore_ascii_case("<style") => self.ignore = true,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn matches(&mut self, test: Test) -> Result<bool> {
        Ok(match test {
            Test::Any => true,
            Test::Ignored => self.ignore,
            Test::StopHost => std::mem::take(&mut self.want_host),
            Test::Host => return self.look_ahead(State::Base, TokenType::Host),
            Test::UrlPath => return self.look_ahead(State::InUrlPathFirst, TokenType::UrlPath),
            test => class::matches(test, self.current()),
        })
    }

    /// Does a token of a type begin here? Then moves behind it.
    fn look_ahead(&mut self, state: State, wanted: TokenType) -> Result<bool> {
        if self.nesting >= MAX_NESTING {
            return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let nesting = self.nesting + 1;
        let text = self.text;
        let position = self.here()?;
        let mut ahead = Parser::nested(text.get(position.at..).unwrap_or_default(), State::Base, nesting);
        if wanted == TokenType::Host {
            ahead.want_host = true;
        } else {
            ahead.stack.push(Position::new(state));
        }
        let Some((found, token)) = ahead.next_token()? else { return Ok(false) };
        if found != wanted {
            return Ok(false);
        }
        let char_len = ahead.here()?.char_len;
        let position = self.here()?;
        position.at += token.len();
        position.len += token.len();
        position.chars += token.chars().count();
        position.char_len = char_len;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut parser = Parser::new(text);
        let mut found = Vec::new();
        while let Some((token, text)) = parser.next_token().unwrap() {
            found.push(format!("{}:{text}", token.alias()));
        }
        found
    }

    #[test]
    fn words_and_numbers() {
        assert_eq!(tokens("a title"), ["asciiword:a", "blank: ", "asciiword:title"]);
        assert_eq!(
            tokens("-12 +4.0e-10 5.005 1.2.3"),
            ["int:-12", "blank: ", "sfloat:+4.0e-10", "blank: ", "float:5.005", "blank: ", "version:1.2.3"]
        );
        assert_eq!(tokens("-1.2.3"), ["blank:-", "version:1.2.3"]);
        assert_eq!(tokens("-1.2.x"), ["float:-1.2", "blank:.", "asciiword:x"]);
        assert_eq!(
            tokens("qwe-wer"),
            ["asciihword:qwe-wer", "hword_asciipart:qwe", "blank:-", "hword_asciipart:wer"]
        );
    }

    #[test]
    fn addresses() {
        assert_eq!(
            tokens("http://www.com/dir/"),
            ["protocol:http://", "url:www.com/dir/", "host:www.com", "url_path:/dir/"]
        );
        assert_eq!(tokens("teodor@stack.net"), ["email:teodor@stack.net"]);
        assert_eq!(tokens("/usr/local/fff"), ["file:/usr/local/fff"]);
    }

    #[test]
    fn tags_and_scripts() {
        assert_eq!(tokens("<b>x</b>&amp;"), ["tag:<b>", "asciiword:x", "tag:</b>", "entity:&amp;"]);
        assert_eq!(
            tokens("<script>a b</script>c"),
            ["tag:<script>", "blank:a b", "tag:</script>", "asciiword:c"]
        );
    }

    #[test]
    fn every_byte_is_in_some_token() {
        let text =
            "x@x@x@@ <<a b='c\\'d' --> ~/.x ../y ..//z 1e+ 1. .5 é-ü_1 a:b://c &#x; \u{0301}e\u{0301}-";
        let mut parser = Parser::new(text);
        let mut rest = text;
        while let Some((token, part)) = parser.next_token().unwrap() {
            if token != TokenType::Url && !token.alias().ends_with("hword") {
                rest = rest.strip_prefix(part).unwrap();
            }
        }
        assert_eq!(rest, "");
    }
}
