//! The options of COPY: reading them and checking that they fit together.

use pglitedb_sql_parser::ast::{DefElem, DefValue, NumericOnly};
use pglitedb_sqlstate::{Error, Result, bail, err};

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DataFormat {
    #[default]
    Text,
    Csv,
    Binary,
}

/// What is done with the first line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Header {
    #[default]
    None,
    /// Written, or skipped when reading.
    Present,
    /// Must name the columns.
    Match,
}

/// `LOG_VERBOSITY`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verbosity {
    Silent,
    #[default]
    Default,
    Verbose,
}

/// Columns that an option applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ColumnSet {
    #[default]
    None,
    All,
    Named(Vec<Box<str>>),
}

/// The options, checked.
#[derive(Clone, Debug, Default)]
pub(super) struct CopyOptions {
    pub format: DataFormat,
    pub delimiter: u8,
    pub null: String,
    pub default: Option<String>,
    pub header: Header,
    pub quote: u8,
    pub escape: u8,
    pub force_quote: ColumnSet,
    pub force_not_null: ColumnSet,
    pub force_null: ColumnSet,
    /// `ON_ERROR ignore`
    pub ignore_errors: bool,
    /// 0: no limit
    pub reject_limit: i64,
    pub verbosity: Verbosity,
}

/// The options as written.
#[derive(Default)]
struct Given {
    format: Option<DataFormat>,
    freeze: Option<bool>,
    delimiter: Option<String>,
    null: Option<String>,
    default: Option<String>,
    header: Option<Header>,
    quote: Option<String>,
    escape: Option<String>,
    force_quote: Option<ColumnSet>,
    force_not_null: Option<ColumnSet>,
    force_null: Option<ColumnSet>,
    encoding: Option<()>,
    on_error: Option<bool>,
    reject_limit: Option<i64>,
    verbosity: Option<Verbosity>,
}

/// Reads and checks the options.
pub(super) fn options(elements: &[DefElem], from: bool) -> Result<CopyOptions> {
    let mut given = Given::default();
    for element in elements {
        read(element, from, &mut given).map_err(|error| error.at(element.span.offset()))?;
    }
    check(given, from)
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<()> {
    if slot.is_some() {
        bail!(SYNTAX_ERROR, "conflicting or redundant options");
    }
    *slot = Some(value);
    Ok(())
}

fn read(element: &DefElem, from: bool, given: &mut Given) -> Result<()> {
    let name = &*element.name.name;
    match name {
        "format" => {
            let format = match &*string(element)? {
                "text" => DataFormat::Text,
                "csv" => DataFormat::Csv,
                "binary" => DataFormat::Binary,
                other => bail!(INVALID_PARAMETER_VALUE, "COPY format \"{other}\" not recognized"),
            };
            once(&mut given.format, format)
        }
        "freeze" => once(&mut given.freeze, boolean(element)?),
        "delimiter" => once(&mut given.delimiter, string(element)?),
        "null" => once(&mut given.null, string(element)?),
        "default" => once(&mut given.default, string(element)?),
        "header" => once(&mut given.header, header(element, from)?),
        "quote" => once(&mut given.quote, string(element)?),
        "escape" => once(&mut given.escape, string(element)?),
        "force_quote" => once(&mut given.force_quote, columns(element)?),
        "force_not_null" => once(&mut given.force_not_null, columns(element)?),
        "force_null" => once(&mut given.force_null, columns(element)?),
        "encoding" => once(&mut given.encoding, encoding(element)?),
        "on_error" => once(&mut given.on_error, on_error(element, from)?),
        "reject_limit" => once(&mut given.reject_limit, reject_limit(element)?),
        "log_verbosity" => once(&mut given.verbosity, verbosity(element)?),
        _ => bail!(SYNTAX_ERROR, "option \"{name}\" not recognized"),
    }
}

fn text_of(value: &DefValue) -> Option<String> {
    Some(match value {
        DefValue::String(text) => text.to_string(),
        DefValue::Number(NumericOnly::Integer(number)) => number.to_string(),
        DefValue::Number(NumericOnly::Numeric(text)) => text.to_string(),
        DefValue::Boolean(flag) => flag.to_string(),
        DefValue::Name(name) => name.parts.iter().map(|part| &*part.name).collect::<Vec<_>>().join("."),
        DefValue::Star => "*".to_owned(),
        DefValue::Default => "default".to_owned(),
        _ => return None,
    })
}

fn string(element: &DefElem) -> Result<String> {
    let text = element.value.as_ref().and_then(text_of);
    text.ok_or_else(|| err!(SYNTAX_ERROR, "{} requires a parameter", element.name.name))
}

fn boolean(element: &DefElem) -> Result<bool> {
    let Some(value) = &element.value else { return Ok(true) };
    match text_of(value).map(|text| text.to_ascii_lowercase()).as_deref() {
        Some("true" | "on" | "1") => Ok(true),
        Some("false" | "off" | "0") => Ok(false),
        _ => bail!(SYNTAX_ERROR, "{} requires a Boolean value", element.name.name),
    }
}

fn header(element: &DefElem, from: bool) -> Result<Header> {
    if let Some(value) = &element.value
        && text_of(value).is_some_and(|text| text.eq_ignore_ascii_case("match"))
    {
        if !from {
            return Err(Error::unsupported("cannot use \"match\" with HEADER in COPY TO"));
        }
        return Ok(Header::Match);
    }
    match boolean(element) {
        Ok(true) => Ok(Header::Present),
        Ok(false) => Ok(Header::None),
        Err(_) => bail!(SYNTAX_ERROR, "header requires a Boolean value or \"match\""),
    }
}

fn columns(element: &DefElem) -> Result<ColumnSet> {
    let name = &element.name.name;
    let wrong =
        || err!(INVALID_PARAMETER_VALUE, "argument to option \"{name}\" must be a list of column names");
    match &element.value {
        Some(DefValue::Star) => Ok(ColumnSet::All),
        Some(DefValue::List(values)) => {
            let names: Option<Vec<Box<str>>> =
                values.iter().map(|value| text_of(value).map(String::into_boxed_str)).collect();
            names.map(ColumnSet::Named).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn encoding(element: &DefElem) -> Result<()> {
    let name = string(element)?;
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    match plain.as_str() {
        "utf8" | "unicode" => Ok(()),
        _ => {
            let fits = |known: &str| {
                known
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .map(|c| c.to_ascii_lowercase())
                    .eq(plain.chars())
            };
            if pglitedb_catalog::builtin::ENCODINGS.iter().any(|(_, known)| fits(known)) {
                return Err(Error::unsupported(format!(
                    "COPY with encoding \"{name}\" is not supported yet"
                )));
            }
            bail!(INVALID_PARAMETER_VALUE, "argument to option \"encoding\" must be a valid encoding name")
        }
    }
}

fn on_error(element: &DefElem, from: bool) -> Result<bool> {
    if !from {
        bail!(INVALID_PARAMETER_VALUE, "COPY ON_ERROR cannot be used with COPY TO");
    }
    match string(element)?.to_ascii_lowercase().as_str() {
        "stop" => Ok(false),
        "ignore" => Ok(true),
        other => bail!(INVALID_PARAMETER_VALUE, "COPY ON_ERROR \"{other}\" not recognized"),
    }
}

fn reject_limit(element: &DefElem) -> Result<i64> {
    let text = string(element)?;
    let number: i64 = text
        .parse()
        .map_err(|_| err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bigint: \"{text}\""))?;
    if number <= 0 {
        bail!(INVALID_PARAMETER_VALUE, "REJECT_LIMIT ({number}) must be greater than zero");
    }
    Ok(number)
}

fn verbosity(element: &DefElem) -> Result<Verbosity> {
    match string(element)?.to_ascii_lowercase().as_str() {
        "silent" => Ok(Verbosity::Silent),
        "default" => Ok(Verbosity::Default),
        "verbose" => Ok(Verbosity::Verbose),
        other => bail!(INVALID_PARAMETER_VALUE, "COPY LOG_VERBOSITY \"{other}\" not recognized"),
    }
}

fn check(given: Given, from: bool) -> Result<CopyOptions> {
    let format = given.format.unwrap_or_default();
    let (csv, binary) = (format == DataFormat::Csv, format == DataFormat::Binary);
    if binary {
        let named = [
            (given.delimiter.is_some(), "DELIMITER"),
            (given.null.is_some(), "NULL"),
            (given.default.is_some(), "DEFAULT"),
        ];
        if let Some((_, name)) = named.iter().find(|(given, _)| *given) {
            bail!(SYNTAX_ERROR, "cannot specify {name} in BINARY mode");
        }
        if given.header.is_some_and(|header| header != Header::None) {
            return Err(Error::unsupported("cannot specify HEADER in BINARY mode"));
        }
        if given.on_error == Some(true) {
            bail!(SYNTAX_ERROR, "only ON_ERROR STOP is allowed in BINARY mode");
        }
    }
    check_csv_only(&given, csv)?;
    let delimiter = given.delimiter.unwrap_or_else(|| if csv { "," } else { "\t" }.to_owned());
    let null = given.null.unwrap_or_else(|| if csv { "" } else { "\\N" }.to_owned());
    let delimiter = check_delimiter(&delimiter, csv)?;
    check_null(&null, "null representation")?;
    let quote = single(given.quote.as_deref().unwrap_or("\""), "quote")?;
    let escape = match &given.escape {
        Some(escape) => single(escape, "escape")?,
        None => quote,
    };
    if csv && delimiter == quote {
        bail!(INVALID_PARAMETER_VALUE, "COPY delimiter and quote must be different");
    }
    check_direction(&given.force_quote, &given.force_not_null, &given.force_null, given.freeze, from)?;
    check_marker(&null, "NULL", delimiter, quote, csv)?;
    if let Some(default) = &given.default {
        if !from {
            return Err(Error::unsupported("COPY DEFAULT cannot be used with COPY TO"));
        }
        check_null(default, "default representation")?;
        check_marker(default, "DEFAULT", delimiter, quote, csv)?;
        if *default == null {
            return Err(Error::unsupported(
                "NULL specification and DEFAULT specification cannot be the same",
            ));
        }
    }
    let ignore_errors = given.on_error.unwrap_or(false);
    if given.reject_limit.is_some() && !ignore_errors {
        bail!(INVALID_PARAMETER_VALUE, "COPY REJECT_LIMIT requires ON_ERROR to be set to IGNORE");
    }
    Ok(CopyOptions {
        format,
        delimiter,
        null,
        default: given.default,
        header: given.header.unwrap_or_default(),
        quote,
        escape,
        force_quote: given.force_quote.unwrap_or_default(),
        force_not_null: given.force_not_null.unwrap_or_default(),
        force_null: given.force_null.unwrap_or_default(),
        ignore_errors,
        reject_limit: given.reject_limit.unwrap_or(0),
        verbosity: given.verbosity.unwrap_or_default(),
    })
}

fn check_csv_only(given: &Given, csv: bool) -> Result<()> {
    let csv_only = [
        (given.quote.is_some(), "QUOTE"),
        (given.escape.is_some(), "ESCAPE"),
        (given.force_quote.is_some(), "FORCE_QUOTE"),
        (given.force_not_null.is_some(), "FORCE_NOT_NULL"),
        (given.force_null.is_some(), "FORCE_NULL"),
    ];
    match csv_only.iter().find(|(given, _)| *given) {
        Some((_, name)) if !csv => Err(Error::unsupported(format!("COPY {name} requires CSV mode"))),
        _ => Ok(()),
    }
}

fn check_direction(
    force_quote: &Option<ColumnSet>,
    force_not_null: &Option<ColumnSet>,
    force_null: &Option<ColumnSet>,
    freeze: Option<bool>,
    from: bool,
) -> Result<()> {
    let cannot = |option: &str, command: &str| {
        Err(Error::unsupported(format!("COPY {option} cannot be used with {command}")))
    };
    if from && force_quote.is_some() {
        return cannot("FORCE_QUOTE", "COPY FROM");
    }
    if !from && force_not_null.is_some() {
        return cannot("FORCE_NOT_NULL", "COPY TO");
    }
    if !from && force_null.is_some() {
        return cannot("FORCE_NULL", "COPY TO");
    }
    // Rows need no freezing here: FREEZE asks for what is always so once the transaction commits.
    if !from && freeze == Some(true) {
        bail!(INVALID_PARAMETER_VALUE, "COPY FREEZE cannot be used with COPY TO");
    }
    Ok(())
}

fn single(text: &str, what: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(Error::unsupported(format!("COPY {what} must be a single one-byte character"))),
    }
}

fn check_delimiter(delimiter: &str, csv: bool) -> Result<u8> {
    let byte = single(delimiter, "delimiter")?;
    if matches!(byte, b'\r' | b'\n') {
        bail!(INVALID_PARAMETER_VALUE, "COPY delimiter cannot be newline or carriage return");
    }
    // What text format gives a meaning after a backslash.
    if !csv && (byte == b'\\' || byte == b'.' || byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        bail!(INVALID_PARAMETER_VALUE, "COPY delimiter cannot be \"{delimiter}\"");
    }
    Ok(byte)
}

fn check_null(text: &str, what: &str) -> Result<()> {
    if text.contains(['\r', '\n']) {
        bail!(INVALID_PARAMETER_VALUE, "COPY {what} cannot use newline or carriage return");
    }
    Ok(())
}

fn check_marker(marker: &str, name: &str, delimiter: u8, quote: u8, csv: bool) -> Result<()> {
    if marker.as_bytes().contains(&delimiter) {
        bail!(
            INVALID_PARAMETER_VALUE,
            "COPY delimiter character must not appear in the {name} specification"
        );
    }
    if csv && marker.as_bytes().contains(&quote) {
        bail!(INVALID_PARAMETER_VALUE, "CSV quote character must not appear in the {name} specification");
    }
    Ok(())
}
