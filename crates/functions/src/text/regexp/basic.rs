//! Basic regular expressions, written in the syntax of advanced ones.

use super::parse::invalid;
use pglitedb_sqlstate::Result;
use std::iter::Peekable;
use std::str::Chars;

/// Translates a basic regular expression.
pub fn translate(pattern: &str) -> Result<String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars().peekable();
    // Whether something could be repeated here; at the start and after `\(` and `^` a star is a star.
    let mut at_start = true;
    let mut after_open = true;
    while let Some(c) = chars.next() {
        let opens = after_open;
        (after_open, at_start) = match c {
            '*' if at_start => {
                out.push_str("\\*");
                (false, false)
            }
            '^' if opens => {
                out.push('^');
                (false, true)
            }
            '$' if ends(&chars) => {
                out.push('$');
                (false, false)
            }
            '[' => {
                bracket(&mut chars, &mut out);
                (false, false)
            }
            '\\' => escape(&mut chars, &mut out)?,
            '*' | '.' => {
                out.push(c);
                (false, false)
            }
            c => {
                literal(c, &mut out);
                (false, false)
            }
        };
    }
    Ok(out)
}

/// Does the pattern, or a group, end here?
fn ends(chars: &Peekable<Chars<'_>>) -> bool {
    let mut rest = chars.clone();
    match rest.next() {
        None => true,
        Some('\\') => rest.next() == Some(')'),
        Some(_) => false,
    }
}

fn literal(c: char, out: &mut String) {
    if c.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(c);
}

/// What follows a backslash. Returns whether a group has begun, and whether a star would be a star.
fn escape(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(bool, bool)> {
    match chars.next() {
        None => return Err(invalid("invalid escape \\ sequence")),
        Some('(') => {
            out.push('(');
            return Ok((true, true));
        }
        Some(')') => out.push(')'),
        Some('{') => {
            out.push('{');
            // The bound, until its own closing brace.
            while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || *c == ',') {
                out.push(c);
            }
            let mut rest = chars.clone();
            if (rest.next(), rest.next()) == (Some('\\'), Some('}')) {
                out.push('}');
                *chars = rest;
            }
        }
        Some('<') => out.push_str("\\m"),
        Some('>') => out.push_str("\\M"),
        // One digit, whatever follows.
        Some(digit @ '1'..='9') => out.extend(["(?:\\", digit.encode_utf8(&mut [0; 4]), ")"]),
        Some(c) => literal(c, out),
    }
    Ok((false, false))
}

/// Copies a bracket expression, in which a backslash stands for itself.
fn bracket(chars: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    out.extend(chars.next_if_eq(&'^'));
    out.extend(chars.next_if_eq(&']'));
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            '[' => {
                out.push('[');
                let Some(kind) = chars.next_if(|c| matches!(c, '.' | ':' | '=')) else { continue };
                out.push(kind);
                // Until the same sign and a bracket.
                while let Some(c) = chars.next() {
                    out.push(c);
                    if c == kind && chars.peek() == Some(&']') {
                        out.extend(chars.next());
                        break;
                    }
                }
            }
            c => {
                out.push(c);
                if c == ']' {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn signs_change_places() {
        let cases = [
            ("a*b", "a*b"),
            ("*b", "\\*b"),
            ("^*b", "^\\*b"),
            ("\\(*a\\)*", "(\\*a)*"),
            ("a\\(b\\)\\{1,2\\}", "a(b){1,2}"),
            ("a+b?c|d{1}", "a\\+b\\?c\\|d\\{1\\}"),
            ("a^b$c", "a\\^b\\$c"),
            ("\\(^a$\\)$", "(^a$)$"),
            ("\\(ab\\)\\10", "(ab)(?:\\1)0"),
            ("\\<a\\>\\.\\d", "\\ma\\M\\.d"),
            ("[]\\^[:alpha:]]x*", "[]\\\\^[:alpha:]]x*"),
            ("a\\{2", "a{2"),
        ];
        for (basic, advanced) in cases {
            assert_eq!(translate(basic).unwrap(), advanced, "{basic}");
        }
        assert!(translate("a\\").is_err());
    }
}
