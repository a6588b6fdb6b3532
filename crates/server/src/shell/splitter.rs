//! Cutting a script into statements and meta-commands.
//!
//! A statement ends at a semicolon that is not inside of a string, a quoted name, a comment, parentheses or the body of a
//! SQL-standard function (`BEGIN ATOMIC … END`). A backslash outside of all these begins a meta-command.

/// A piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A statement with its semicolon, without white space and comments before it.
    Statement {
        /// Its text.
        sql: String,
        /// Line of the script that it begins on, from 1.
        line: usize,
    },
    /// A meta-command, without the backslash, to the end of its line. The text before it is a statement without a
    /// semicolon that waits for its end, or for a `\g`.
    Meta(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Plain,
    /// In a string; with backslash escapes or without.
    Quote(bool),
    Name,
    Dollar(String),
    LineComment,
    BlockComment(u32),
}

/// Takes a script line by line and gives its pieces.
#[derive(Clone, Debug)]
pub struct Splitter {
    /// What has arrived and is not given out yet.
    text: String,
    /// How far `text` has been looked at.
    at: usize,
    state: State,
    parentheses: u32,
    /// Depth of `BEGIN … END` and `CASE … END` in a function body.
    blocks: u32,
    /// The first words of the statement, in lower case, as far as they matter.
    words: Vec<String>,
    /// Line on which `text` begins, and how many lines have arrived.
    first_line: usize,
    lines: usize,
}

impl Default for Splitter {
    fn default() -> Self {
        Splitter {
            text: String::new(),
            at: 0,
            state: State::Plain,
            parentheses: 0,
            blocks: 0,
            words: Vec::new(),
            first_line: 1,
            lines: 0,
        }
    }
}

impl Splitter {
    /// Adds a line (with or without its line feed).
    pub fn push_line(&mut self, line: &str) {
        self.lines += 1;
        self.text.push_str(line.strip_suffix('\n').unwrap_or(line));
        self.text.push('\n');
    }

    /// Number of lines that were added.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Adds a line that is not SQL (data of a COPY), for the count only.
    pub fn skip_line(&mut self) {
        self.lines += 1;
        if self.text.trim().is_empty() {
            self.first_line = self.lines + 1;
        }
    }

    /// Whether a statement has been begun.
    pub fn in_statement(&self) -> bool {
        self.state != State::Plain || !self.pending().is_empty()
    }

    /// The character that a prompt shows for what is open.
    pub fn prompt_sign(&self) -> char {
        match self.state {
            State::Quote(_) => '\'',
            State::Name => '"',
            State::Dollar(_) => '$',
            State::BlockComment(_) => '*',
            _ if self.parentheses > 0 => '(',
            _ if self.in_statement() => '-',
            _ => '=',
        }
    }

    /// Takes what there is as a statement, at the end of the script or for `\g`.
    pub fn take_pending(&mut self) -> Option<Piece> {
        let piece = self.statement(self.text.len());
        self.reset_statement();
        piece
    }

    /// Forgets the statement that was begun.
    pub fn clear(&mut self) {
        self.text.clear();
        self.at = 0;
        self.first_line = self.lines + 1;
        self.reset_statement();
    }

    /// The next complete piece.
    pub fn next_piece(&mut self) -> Option<Piece> {
        while let Some(byte) = self.byte(0) {
            match &self.state {
                State::Plain => {
                    if let Some(piece) = self.plain(byte) {
                        return Some(piece);
                    }
                }
                State::Quote(escapes) => match byte {
                    b'\\' if *escapes => self.at += 2,
                    b'\'' => self.leave(1),
                    _ => self.at += 1,
                },
                State::Name => match byte {
                    b'"' => self.leave(1),
                    _ => self.at += 1,
                },
                State::Dollar(tag) => {
                    let length = tag.len();
                    match self.text.get(self.at..).is_some_and(|rest| rest.starts_with(tag.as_str())) {
                        true => self.leave(length),
                        false => self.at += 1,
                    }
                }
                State::LineComment => match byte {
                    b'\n' => self.leave(1),
                    _ => self.at += 1,
                },
                State::BlockComment(depth) => match (byte, self.byte(1)) {
                    (b'*', Some(b'/')) if *depth <= 1 => self.leave(2),
                    (b'*', Some(b'/')) => {
                        self.state = State::BlockComment(depth - 1);
                        self.at += 2;
                    }
                    (b'/', Some(b'*')) => {
                        self.state = State::BlockComment(depth + 1);
                        self.at += 2;
                    }
                    _ => self.at += 1,
                },
            }
        }
        self.at = self.at.min(self.text.len());
        None
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn leave(&mut self, length: usize) {
        self.at += length;
        self.state = State::Plain;
    }

    fn enter(&mut self, state: State, length: usize) {
        self.at += length;
        self.state = state;
    }

    /// One step outside of everything quoted.
    fn plain(&mut self, byte: u8) -> Option<Piece> {
        match byte {
            b'\'' => self.enter(State::Quote(false), 1),
            b'"' => self.enter(State::Name, 1),
            b'-' if self.byte(1) == Some(b'-') => self.enter(State::LineComment, 2),
            b'/' if self.byte(1) == Some(b'*') => self.enter(State::BlockComment(1), 2),
            b'$' => match dollar_tag(self.text.get(self.at..).unwrap_or_default()) {
                Some(tag) => {
                    let (tag, length) = (tag.to_owned(), tag.len());
                    self.enter(State::Dollar(tag), length);
                }
                None => self.at += 1,
            },
            b'(' => {
                self.parentheses += 1;
                self.at += 1;
            }
            b')' => {
                self.parentheses = self.parentheses.saturating_sub(1);
                self.at += 1;
            }
            b';' if self.parentheses == 0 && self.blocks == 0 => {
                self.at += 1;
                let piece = self.statement(self.at);
                self.reset_statement();
                return piece;
            }
            b'\\' => return Some(self.meta()),
            _ if is_word(byte) => self.word(),
            _ => self.at += 1,
        }
        None
    }

    /// Steps over a word or number, and watches for what makes a function body.
    fn word(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| is_word(*byte) || *byte == b'$').count();
        let word = rest.get(..length).unwrap_or_default().to_ascii_lowercase();
        self.at += length.max(1);
        // E'…' has escapes; other prefixes (B, X, N, U&) do not.
        if word == "e" && self.byte(0) == Some(b'\'') {
            return self.enter(State::Quote(true), 1);
        }
        if self.words.len() < 4 {
            self.words.push(word.clone());
        }
        let creates_routine = self.words.first().is_some_and(|word| word == "create")
            && self.words.iter().any(|word| word == "function" || word == "procedure");
        if creates_routine && self.parentheses == 0 {
            match word.as_str() {
                "begin" => self.blocks += 1,
                "case" if self.blocks > 0 => self.blocks += 1,
                "end" => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn meta(&mut self) -> Piece {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let length = rest.find('\n').unwrap_or(rest.len());
        let command = rest.get(..length).unwrap_or_default().trim().to_owned();
        // The statement before it, if any, stays and goes on behind it.
        self.text.replace_range(self.at..self.at + 1 + length, "");
        Piece::Meta(command)
    }

    /// Cuts a statement off that ends at `end`.
    fn statement(&mut self, end: usize) -> Option<Piece> {
        let rest = self.text.split_off(end.min(self.text.len()));
        let whole = std::mem::replace(&mut self.text, rest);
        let skipped = leading_blank(&whole);
        let sql = whole.get(skipped..).unwrap_or_default().trim_end().to_owned();
        let count = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        let line = self.first_line + count(whole.get(..skipped).unwrap_or_default());
        self.first_line += count(&whole);
        self.at = 0;
        (!sql.is_empty()).then_some(Piece::Statement { sql, line })
    }

    fn pending(&self) -> &str {
        self.text.get(leading_blank(&self.text)..).unwrap_or_default().trim()
    }

    fn reset_statement(&mut self) {
        self.state = State::Plain;
        self.parentheses = 0;
        self.blocks = 0;
        self.words.clear();
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The tag that begins a dollar-quoted string, if `text` begins with one.
fn dollar_tag(text: &str) -> Option<&str> {
    let inner = text.get(1..)?;
    let end = inner.find('$')?;
    let name = inner.get(..end)?;
    let valid = name.bytes().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit());
    valid.then(|| text.get(..end + 2)).flatten()
}

/// Length of the white space and comments that `text` begins with.
fn leading_blank(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            at += trimmed.find('\n').map_or(trimmed.len(), |end| end + 1);
        } else if trimmed.starts_with("/*") {
            match block_comment_length(trimmed) {
                Some(length) => at += length,
                None => return at,
            }
        } else {
            return at;
        }
    }
}

fn block_comment_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0u32, 0);
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (b'*', Some(b'/')) => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(script: &str) -> Vec<String> {
        let mut splitter = Splitter::default();
        let mut pieces = Vec::new();
        for line in script.lines() {
            splitter.push_line(line);
            while let Some(piece) = splitter.next_piece() {
                pieces.push(piece);
            }
        }
        pieces.extend(splitter.take_pending());
        pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Statement { sql, line } => format!("{line}: {sql}"),
                Piece::Meta(command) => format!("\\ {command}"),
            })
            .collect()
    }

    #[test]
    fn statements() {
        assert_eq!(split("select 1; select 2;\nselect\n3"), ["1: select 1;", "1: select 2;", "2: select\n3"]);
        assert_eq!(split("-- a; b\n/* c; /* d; */ ; */ select 1;"), ["2: select 1;"]);
        assert_eq!(split(";;\n;"), ["1: ;", "1: ;", "2: ;"]);
        assert_eq!(split("select 'a;''b;' || \"x;\"\"y\";x"), ["1: select 'a;''b;' || \"x;\"\"y\";", "1: x"]);
        assert_eq!(split(r"select E'a\';', '\'; x"), [r"1: select E'a\';', '\';", "1: x"]);
        assert_eq!(
            split("select $$a;$b$;$$, $x$;$$;$x$, $1; y"),
            ["1: select $$a;$b$;$$, $x$;$$;$x$, $1;", "1: y"]
        );
        assert_eq!(split("select a$b$c; d"), ["1: select a$b$c;", "1: d"]);
        assert_eq!(split("create rule r as do (a; b); c"), ["1: create rule r as do (a; b);", "1: c"]);
        assert_eq!(split("select 'ä;é' ; ö"), ["1: select 'ä;é' ;", "1: ö"]);
        assert_eq!(split("  \n\n select 'a\nb';\nx"), ["3: select 'a\nb';", "5: x"]);
        assert_eq!(split("begin; end; x"), ["1: begin;", "1: end;", "1: x"]);
        let body = "create or replace function f() returns int begin atomic select case when 1=1 then 2 end; \
                    select 3; end; select 4";
        assert_eq!(split(body).len(), 2);
    }

    #[test]
    fn meta_commands() {
        assert_eq!(split("\\x\nselect 1;\\timing on"), ["\\ x", "2: select 1;", "\\ timing on"]);
        assert_eq!(split("select 1 \\g\n, 2;"), ["\\ g", "1: select 1 \n, 2;"]);
        assert_eq!(split("select '\\x';"), ["1: select '\\x';"]);
    }

    #[test]
    fn prompts() {
        let sign = |text: &str| {
            let mut splitter = Splitter::default();
            splitter.push_line(text);
            while splitter.next_piece().is_some() {}
            splitter.prompt_sign()
        };
        for (text, expected) in [
            ("", '='),
            ("-- x", '='),
            ("a", '-'),
            ("('", '\''),
            ("(", '('),
            ("$a$", '$'),
            ("/* ", '*'),
            ("\"", '"'),
        ] {
            assert_eq!(sign(text), expected, "{text}");
        }
    }
}
