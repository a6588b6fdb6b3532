//! Bracket expressions.

use super::emit::push_char;
use super::parse::{Node, Options, Parser, WORD_END, WORD_START, invalid};
use pglitedb_sqlstate::Result;

/// A class-shorthand escape: the inside of a set, and whether it is negated.
pub fn class_escape(c: char, options: Options) -> (&'static str, bool) {
    let ascii = options.ascii;
    match c {
        'd' | 'D' if options.full => ("\\p{Nd}", c == 'D'),
        'w' | 'W' if options.full => ("\\p{Alphabetic}\\p{Nd}_", c == 'W'),
        's' | 'S' if ascii => (" \\t-\\r", c == 'S'),
        'w' | 'W' if ascii => ("A-Za-z0-9_", c == 'W'),
        'd' => ("0-9", false),
        'D' => ("0-9", true),
        's' => ("\\s", false),
        'S' => ("\\s", true),
        'w' => ("\\p{Alphabetic}0-9_", false),
        _ => ("\\p{Alphabetic}0-9_", true),
    }
}

/// The classes of the collation `C`, where they differ from Unicode's.
fn ascii_class(name: &str) -> Option<&'static str> {
    Some(match name {
        "alpha" => "A-Za-z",
        "alnum" => "A-Za-z0-9",
        "upper" => "A-Z",
        "lower" => "a-z",
        "space" => " \\t-\\r",
        "punct" => "!-/:-@\\[-`\\{-~",
        "cntrl" => "\\x00-\\x1F\\x7F",
        "graph" => "!-~",
        "print" => " -~",
        "word" => "A-Za-z0-9_",
        _ => return None,
    })
}

fn class(name: &str) -> Option<&'static str> {
    Some(match name {
        "alpha" => "\\p{Alphabetic}",
        "alnum" => "\\p{Alphabetic}0-9",
        "digit" => "0-9",
        "upper" => "\\p{Uppercase}",
        "lower" => "\\p{Lowercase}",
        "space" => "\\s",
        "blank" => " \\t",
        "punct" => "!-/:-@\\[-`\\{-~\\p{P}",
        "cntrl" => "\\p{Cc}",
        "graph" => "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
        "print" => "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}",
        "xdigit" => "0-9A-Fa-f",
        "word" => "\\p{Alphabetic}0-9_",
        "ascii" => "\\x00-\\x7F",
        _ => return None,
    })
}

fn collating_element(name: &str) -> Result<char> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return Ok(c);
    }
    Ok(match name {
        "NUL" => '\0',
        "tab" => '\t',
        "newline" => '\n',
        "space" => ' ',
        "hyphen" | "hyphen-minus" => '-',
        "period" | "full-stop" => '.',
        "comma" => ',',
        "left-square-bracket" => '[',
        "right-square-bracket" => ']',
        "circumflex" => '^',
        "backslash" => '\\',
        "slash" | "solidus" => '/',
        _ => return Err(invalid("invalid collating element")),
    })
}

/// What stands between `[.` and `.]` and the like.
fn named(parser: &mut Parser<'_>, kind: char) -> Result<String> {
    let close = [kind, ']'].iter().collect::<String>();
    parser.skip(2);
    let end = parser.rest().find(&close).ok_or_else(|| invalid("brackets [] not balanced"))?;
    let name = parser.rest()[..end].to_owned();
    let count = name.chars().count() + 2;
    parser.skip(count);
    Ok(name)
}

/// An end of a range, or a whole class.
enum Item {
    Char(char),
    Class(String),
}

fn item(parser: &mut Parser<'_>) -> Result<Item> {
    if parser.looking_at("[:") {
        let name = named(parser, ':')?;
        let known = match (parser.options.ascii, &*name) {
            (true, name) => ascii_class(name),
            (false, "digit") if parser.options.full => Some("\\p{Nd}"),
            (false, "alnum") if parser.options.full => Some("\\p{Alphabetic}\\p{Nd}"),
            (false, "punct") if parser.options.full => Some("\\p{P}"),
            _ => None,
        };
        let set = known.or_else(|| class(&name)).ok_or_else(|| invalid("invalid character class"))?;
        return Ok(Item::Class(set.to_owned()));
    }
    if parser.looking_at("[.") || parser.looking_at("[=") {
        let kind = if parser.looking_at("[.") { '.' } else { '=' };
        let name = named(parser, kind)?;
        return Ok(Item::Char(collating_element(&name)?));
    }
    match parser.next() {
        None => Err(invalid("brackets [] not balanced")),
        Some('\\') => {
            let c = parser.next().ok_or_else(|| invalid("invalid escape \\ sequence"))?;
            if matches!(c, 'd' | 's' | 'w') {
                return Ok(Item::Class(class_escape(c, parser.options).0.to_owned()));
            }
            if matches!(c, 'D' | 'S' | 'W') {
                return Ok(Item::Class(format!("[^{}]", class_escape(c, parser.options).0)));
            }
            parser.char_escape(c).map(Item::Char)
        }
        Some(c) => Ok(Item::Char(c)),
    }
}

/// Parses what follows `[`.
pub fn parse(parser: &mut Parser<'_>) -> Result<Node> {
    if parser.looking_at("[:<:]]") || parser.looking_at("[:>:]]") {
        let start = parser.looking_at("[:<:]]");
        parser.skip(6);
        return Ok(Node::Assert(if start { WORD_START } else { WORD_END }));
    }
    let negated = parser.peek() == Some('^');
    if negated {
        parser.next();
    }
    let mut set = String::new();
    let mut first = true;
    loop {
        match parser.peek() {
            None => return Err(invalid("brackets [] not balanced")),
            Some(']') if !first => {
                parser.next();
                break;
            }
            _ => {}
        }
        first = false;
        let low = item(parser)?;
        let range = parser.peek() == Some('-') && !parser.looking_at("-]");
        match low {
            Item::Class(_) if range => return Err(invalid("invalid character range")),
            Item::Class(class) => set.push_str(&class),
            Item::Char(low) if range => {
                parser.next();
                let Item::Char(high) = item(parser)? else { return Err(invalid("invalid character range")) };
                if high < low {
                    return Err(invalid("invalid character range"));
                }
                push_char(&mut set, low);
                set.push('-');
                push_char(&mut set, high);
            }
            Item::Char(c) => push_char(&mut set, c),
        }
    }
    if negated && parser.options.newline_stops {
        set.push_str("\\n");
    }
    Ok(Node::Set(set, negated))
}
