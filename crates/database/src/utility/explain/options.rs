//! Options of EXPLAIN.

use crate::settings::value::parse_bool;
use pglitedb_sql_parser::ast::{DefElem, DefValue, NumericOnly};
use pglitedb_sqlstate::{Result, bail, err};

/// Output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ExplainFormat {
    #[default]
    Text,
    Json,
    Xml,
    Yaml,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExplainOptions {
    pub analyze: bool,
    pub verbose: bool,
    pub costs: bool,
    pub settings: bool,
    pub generic_plan: bool,
    pub timing: bool,
    pub summary: bool,
    pub format: ExplainFormat,
}

impl ExplainOptions {
    pub(super) fn new(elements: &[DefElem]) -> Result<Self> {
        let mut options = ExplainOptions {
            analyze: false,
            verbose: false,
            costs: true,
            settings: false,
            generic_plan: false,
            timing: false,
            summary: false,
            format: ExplainFormat::Text,
        };
        let (mut timing, mut summary) = (None, None);
        let (mut wal, mut serialize) = (false, false);
        for element in elements {
            let name = element.name.as_str();
            match name {
                "analyze" => options.analyze = flag(element)?,
                "verbose" => options.verbose = flag(element)?,
                "costs" => options.costs = flag(element)?,
                "settings" => options.settings = flag(element)?,
                "generic_plan" => options.generic_plan = flag(element)?,
                "timing" => timing = Some(flag(element)?),
                "summary" => summary = Some(flag(element)?),
                // There is nothing to count: pages are the storage's own affair.
                "buffers" | "memory" => {
                    flag(element)?;
                }
                "wal" => wal = flag(element)?,
                "serialize" => serialize = serializes(element)?,
                "format" => options.format = format(element)?,
                _ => {
                    return Err(err!(SYNTAX_ERROR, "unrecognized EXPLAIN option \"{name}\"")
                        .at(element.span.offset()));
                }
            }
        }
        let needs_analyze = |given: bool, what: &str| {
            if given && !options.analyze {
                bail!(INVALID_PARAMETER_VALUE, "EXPLAIN option {what} requires ANALYZE");
            }
            Ok(())
        };
        needs_analyze(wal, "WAL")?;
        needs_analyze(timing == Some(true), "TIMING")?;
        needs_analyze(serialize, "SERIALIZE")?;
        if options.generic_plan && options.analyze {
            bail!(
                INVALID_PARAMETER_VALUE,
                "EXPLAIN options ANALYZE and GENERIC_PLAN cannot be used together"
            );
        }
        options.timing = timing.unwrap_or(options.analyze);
        options.summary = summary.unwrap_or(options.analyze);
        Ok(options)
    }
}

/// The text of an option's value.
fn text(element: &DefElem) -> Option<String> {
    match element.value.as_ref()? {
        DefValue::String(text) => Some(text.to_string()),
        DefValue::Boolean(flag) => Some(flag.to_string()),
        DefValue::Number(NumericOnly::Integer(number)) => Some(number.to_string()),
        DefValue::Number(NumericOnly::Numeric(number)) => Some(number.to_string()),
        DefValue::Name(name) => Some(name.last().to_owned()),
        DefValue::Type(name) => name.name.parts.last().map(|part| part.as_str().to_owned()),
        _ => Some(String::new()),
    }
}

fn flag(element: &DefElem) -> Result<bool> {
    let Some(text) = text(element) else { return Ok(true) };
    match parse_bool(&text) {
        Some(flag) => Ok(flag),
        None => bail!(SYNTAX_ERROR, "{} requires a Boolean value", element.name.as_str()),
    }
}

fn serializes(element: &DefElem) -> Result<bool> {
    match text(element).as_deref() {
        Some("off" | "none") => Ok(false),
        None | Some("text" | "binary") => Ok(true),
        Some(other) => Err(err!(
            INVALID_PARAMETER_VALUE,
            "unrecognized value for EXPLAIN option \"serialize\": \"{other}\""
        )
        .at(element.span.offset())),
    }
}

fn format(element: &DefElem) -> Result<ExplainFormat> {
    let value = text(element).unwrap_or_default();
    Ok(match value.as_str() {
        "text" => ExplainFormat::Text,
        "json" => ExplainFormat::Json,
        "xml" => ExplainFormat::Xml,
        "yaml" => ExplainFormat::Yaml,
        _ => {
            return Err(err!(
                INVALID_PARAMETER_VALUE,
                "unrecognized value for EXPLAIN option \"format\": \"{value}\""
            )
            .at(element.span.offset()));
        }
    })
}
