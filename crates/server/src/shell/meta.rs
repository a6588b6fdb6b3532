//! Meta-commands.

use super::table::Layout;

/// What a meta-command wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meta {
    Quit,
    Help,
    /// Run what has been typed; expanded, or as usual.
    Go {
        expanded: bool,
    },
    /// Forget what has been typed.
    Reset,
    /// Show what has been typed.
    Show,
    Timing(Option<bool>),
    Expanded(Option<bool>),
    TuplesOnly(Option<bool>),
    /// `\\a`.
    Unaligned,
    Format(Layout),
    Null(String),
    Echo(String),
    Include(String),
    /// `\set ON_ERROR_STOP`.
    StopOnError(bool),
    Quiet(bool),
    Invalid(String),
}

/// The text of `\?`.
pub(crate) const HELP: &str = "\
General
  \\q                     leave
  \\?                     this help
  \\timing [on|off]       show how long statements take
  \\echo TEXT             print TEXT
  \\i FILE                run the statements of a file

Statements (end them with a semicolon)
  \\g                     run the statement typed so far
  \\gx                    the same, with expanded output
  \\p                     show the statement typed so far
  \\r                     forget the statement typed so far

Output
  \\x [on|off]            one line for each field
  \\t [on|off]            rows only
  \\a                     aligned or unaligned output
  \\pset null TEXT        what is shown for NULL
  \\pset format FORMAT    aligned, unaligned or csv
  \\set ON_ERROR_STOP on  leave a script at its first error
";

/// Reads a meta-command (without its backslash).
pub(crate) fn parse(command: &str) -> Meta {
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    let argument = unquote(rest);
    match name {
        "q" | "quit" => Meta::Quit,
        "?" | "h" | "help" => Meta::Help,
        "g" | "" if rest.is_empty() => Meta::Go { expanded: false },
        "gx" => Meta::Go { expanded: true },
        "r" | "reset" => Meta::Reset,
        "p" | "print" => Meta::Show,
        "timing" => switch(name, rest, Meta::Timing),
        "x" => switch(name, rest, Meta::Expanded),
        "t" => switch(name, rest, Meta::TuplesOnly),
        "a" => Meta::Unaligned,
        "echo" => Meta::Echo(argument),
        "i" | "include" if !argument.is_empty() => Meta::Include(argument),
        "i" | "include" => Meta::Invalid(format!("\\{name}: missing required argument")),
        "pset" => pset(rest),
        "set" => set(rest),
        _ => Meta::Invalid(format!("invalid command \\{name}\nTry \\? for help.")),
    }
}

fn switch(name: &str, argument: &str, meta: fn(Option<bool>) -> Meta) -> Meta {
    match boolean(argument) {
        _ if argument.is_empty() => meta(None),
        Some(value) => meta(Some(value)),
        None => {
            Meta::Invalid(format!("unrecognized value \"{argument}\" for \"\\{name}\": Boolean expected"))
        }
    }
}

/// Reads a Boolean as psql does.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

fn pset(rest: &str) -> Meta {
    let (option, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let value = unquote(value.trim());
    match option {
        "null" => Meta::Null(value),
        "format" => match value.as_str() {
            "aligned" => Meta::Format(Layout::Aligned),
            "unaligned" => Meta::Format(Layout::Unaligned),
            "csv" => Meta::Format(Layout::Csv),
            _ => Meta::Invalid("\\pset: allowed formats are aligned, csv, unaligned".into()),
        },
        "expanded" | "x" => switch("pset expanded", &value, Meta::Expanded),
        "tuples_only" | "t" => switch("pset tuples_only", &value, Meta::TuplesOnly),
        _ => Meta::Invalid(format!("\\pset: unknown option: {option}")),
    }
}

fn set(rest: &str) -> Meta {
    let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let value = unquote(value.trim());
    let on = value.is_empty() || boolean(&value) == Some(true);
    match name {
        "ON_ERROR_STOP" => Meta::StopOnError(on),
        "QUIET" => Meta::Quiet(on),
        _ => Meta::Invalid(format!("\\set: variable \"{name}\" is not supported")),
    }
}

fn unquote(text: &str) -> String {
    match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_owned(),
    }
}
