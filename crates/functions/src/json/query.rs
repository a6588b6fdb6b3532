//! JSON_EXISTS, JSON_VALUE and JSON_QUERY: what a path selects as a value of an SQL type, and what is done when that
//! is nothing, or fails.

use super::node::{jsonb_text, member};
use super::path::Vars;
use super::path::functions::{is_suppressible, path_exists, run_path};
use super::path::item::Item;
use super::populate::from_jsonb;
use crate::call::FnCtx;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::json::parse_jsonb;
use pglitedb_types::{Datum, JsonbValue, Oid, TypeEnv, TypeKind, oids};
use std::sync::Arc;

/// Which of the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// JSON_EXISTS
    Exists,
    /// JSON_VALUE
    Value,
    /// JSON_QUERY
    Query,
}

/// What ON EMPTY or ON ERROR says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// NULL
    Null,
    /// ERROR
    Error,
    /// TRUE
    True,
    /// FALSE
    False,
    /// UNKNOWN
    Unknown,
    /// EMPTY ARRAY
    EmptyArray,
    /// EMPTY OBJECT
    EmptyObject,
    /// DEFAULT: the number of the argument; is it `jsonb` to be converted as the result is?
    Default(usize, bool),
}

impl Behavior {
    fn name(self) -> &'static str {
        match self {
            Behavior::Null => "NULL",
            Behavior::Error => "ERROR",
            Behavior::True => "TRUE",
            Behavior::False => "FALSE",
            Behavior::Unknown => "UNKNOWN",
            Behavior::EmptyArray => "EMPTY ARRAY",
            Behavior::EmptyObject => "EMPTY OBJECT",
            Behavior::Default(..) => "DEFAULT",
        }
    }
}

/// When a behaviour is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// ON EMPTY
    Empty,
    /// ON ERROR
    Error,
}

/// Wrapping in arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapper {
    None,
    Always,
    Conditional,
}

/// What a path came to.
pub enum Outcome {
    /// A value.
    Value(Datum),
    /// Nothing was selected.
    Empty,
    /// It failed in a way that ON ERROR handles.
    Failed(Error),
}

/// A call, its options read.
#[derive(Debug)]
pub struct JsonQuery {
    /// Which function.
    pub operation: Operation,
    wrapper: Wrapper,
    omit_quotes: bool,
    /// ON EMPTY
    pub on_empty: Behavior,
    /// ON ERROR
    pub on_error: Behavior,
    /// Names of the PASSING arguments.
    pub passing: Vec<Arc<str>>,
    /// Column of JSON_TABLE, for messages.
    column: Option<String>,
    type_oid: Oid,
    typmod: i32,
    is_domain: bool,
    base_type: Oid,
}

fn word<'o>(options: &'o JsonbValue, name: &str) -> &'o str {
    match member(options, name) {
        Some(JsonbValue::String(text)) => text,
        _ => "",
    }
}

fn behavior(options: &JsonbValue, name: &str, otherwise: Behavior) -> Behavior {
    if let Some(JsonbValue::Number(number)) = member(options, name) {
        let at = number.to_int4().ok().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
        let coerce = matches!(member(options, &format!("{name}_jsonb")), Some(JsonbValue::Bool(true)));
        return Behavior::Default(at, coerce);
    }
    match word(options, name) {
        "null" => Behavior::Null,
        "error" => Behavior::Error,
        "true" => Behavior::True,
        "false" => Behavior::False,
        "unknown" => Behavior::Unknown,
        "empty_array" => Behavior::EmptyArray,
        "empty_object" => Behavior::EmptyObject,
        _ => otherwise,
    }
}

/// The names of the values that PASSING gives, from the options of an SQL/JSON expression or of JSON_TABLE.
pub fn passing_names(options: &JsonbValue) -> Vec<Arc<str>> {
    let Some(JsonbValue::Array(names)) = member(options, "passing") else { return Vec::new() };
    let name =
        |name: &JsonbValue| if let JsonbValue::String(name) = name { Some(name.clone()) } else { None };
    names.iter().filter_map(name).collect()
}

impl JsonQuery {
    /// Reads the options of a special expression (see the analyzer's `json_query.rs`).
    pub fn new(name: &str, options: &str, type_oid: Oid, typmod: i32, env: &dyn TypeEnv) -> Result<Self> {
        let options = parse_jsonb(options)?;
        let operation = match name {
            "json_exists" => Operation::Exists,
            "json_value" => Operation::Value,
            _ => Operation::Query,
        };
        let otherwise = if operation == Operation::Exists { Behavior::False } else { Behavior::Null };
        let passing = passing_names(&options);
        let mut base_type = type_oid;
        let mut info = env.type_info(type_oid)?;
        let is_domain = info.kind == TypeKind::Domain;
        while info.kind == TypeKind::Domain {
            base_type = info.base_type;
            info = env.type_info(base_type)?;
        }
        Ok(JsonQuery {
            operation,
            wrapper: match word(&options, "wrapper") {
                "unconditional" => Wrapper::Always,
                "conditional" => Wrapper::Conditional,
                _ => Wrapper::None,
            },
            omit_quotes: operation == Operation::Value || word(&options, "quotes") == "omit",
            on_empty: behavior(&options, "on_empty", otherwise),
            on_error: behavior(&options, "on_error", otherwise),
            passing,
            column: match member(&options, "column") {
                Some(JsonbValue::String(name)) => Some(name.to_string()),
                _ => None,
            },
            type_oid,
            typmod,
            is_domain,
            base_type,
        })
    }

    /// Runs the path. Errors that ON ERROR does not handle are errors.
    pub fn run(
        &self,
        ctx: &FnCtx<'_>,
        document: &JsonbValue,
        path: &Arc<str>,
        passed: &[(Arc<str>, Datum, Oid)],
    ) -> Result<Outcome> {
        let vars = Vars::Passed(passed);
        let env = ctx.env.as_type_env();
        let result = match self.operation {
            Operation::Exists => {
                path_exists(ctx, document, path, vars).and_then(|found| self.truth(found, env)).map(Some)
            }
            Operation::Value => run_path(ctx, document, path, vars).and_then(|items| self.scalar(items, env)),
            Operation::Query => run_path(ctx, document, path, vars).and_then(|items| self.json(items, env)),
        };
        match result {
            Ok(Some(value)) => Ok(Outcome::Value(value)),
            Ok(None) => Ok(Outcome::Empty),
            // What is no path is a syntax error of `jsonpath`'s input.
            Err(error)
                if is_suppressible(&error)
                    || is_constraint(&error)
                    || error.code() == pglitedb_sqlstate::codes::SYNTAX_ERROR =>
            {
                Ok(Outcome::Failed(error))
            }
            Err(error) => Err(error),
        }
    }

    /// The error of an empty result.
    #[cold]
    pub fn no_item(&self) -> Error {
        match &self.column {
            None => err!(NO_SQL_JSON_ITEM, "no SQL/JSON item found for specified path"),
            Some(column) => {
                err!(NO_SQL_JSON_ITEM, "no SQL/JSON item found for specified path of column \"{column}\"")
            }
        }
    }

    /// The value of a behaviour but ERROR and DEFAULT, or a DEFAULT that is `jsonb`, as the result's type.
    pub fn substitute(
        &self,
        event: Event,
        behavior: Behavior,
        default: Option<&JsonbValue>,
        env: &dyn TypeEnv,
    ) -> Result<Datum> {
        let quotes = self.omit_quotes;
        let result = match behavior {
            Behavior::True => self.truth(true, env),
            Behavior::False => self.truth(false, env),
            Behavior::EmptyArray => {
                let empty = JsonbValue::Array(Vec::new());
                from_jsonb(Some(&empty), self.type_oid, self.typmod, quotes, env)
            }
            Behavior::EmptyObject => {
                let empty = JsonbValue::Object(Vec::new());
                from_jsonb(Some(&empty), self.type_oid, self.typmod, quotes, env)
            }
            Behavior::Default(..) => from_jsonb(default, self.type_oid, self.typmod, quotes, env),
            _ if self.is_domain => from_jsonb(None, self.type_oid, self.typmod, quotes, env),
            _ => Ok(Datum::Null),
        };
        result.map_err(|error| self.not_coerced(event, behavior, error))
    }

    /// The error of a value of a behaviour that does not fit the result's type: with ERROR ON ERROR it is raised as it
    /// is.
    pub fn not_coerced(&self, event: Event, behavior: Behavior, error: Error) -> Error {
        let soft = is_suppressible(&error) || is_constraint(&error);
        if !soft || (event == Event::Empty && self.on_error == Behavior::Error) {
            return error;
        }
        let event = if event == Event::Empty { "EMPTY" } else { "ERROR" };
        Error::new(
            error.code(),
            format!("could not coerce ON {event} expression ({}) to the RETURNING type", behavior.name()),
        )
        .detail(error.message().to_owned())
    }

    /// A truth value of JSON_EXISTS: other types than boolean are columns of JSON_TABLE.
    fn truth(&self, found: bool, env: &dyn TypeEnv) -> Result<Datum> {
        if self.type_oid == oids::BOOL {
            return Ok(Datum::Bool(found));
        }
        if self.base_type == oids::INT4 {
            let value = Datum::Int4(i32::from(found));
            if self.is_domain {
                env.check_domain(self.type_oid, &value)?;
            }
            return Ok(value);
        }
        from_jsonb(Some(&JsonbValue::Bool(found)), self.type_oid, self.typmod, false, env)
    }

    /// The single scalar of JSON_VALUE; `None` if there is none.
    fn scalar(&self, mut items: Vec<Item<'_>>, env: &dyn TypeEnv) -> Result<Option<Datum>> {
        let item = match (items.pop(), items.is_empty()) {
            (None, _) => return Ok(None),
            (Some(item), true)
                if !matches!(item.json(), Some(JsonbValue::Array(_) | JsonbValue::Object(_))) =>
            {
                item
            }
            _ => return Err(self.not_scalar(!items.is_empty())),
        };
        if self.is_domain {
            let value = item.into_json();
            let value = (value != JsonbValue::Null).then_some(&value).cloned();
            return from_jsonb(value.as_ref(), self.type_oid, self.typmod, true, env).map(Some);
        }
        if matches!(item.json(), Some(JsonbValue::Null)) {
            return Ok(Some(Datum::Null));
        }
        let text: Arc<str> = if matches!(self.type_oid, oids::JSON | oids::JSONB) {
            jsonb_text(&item.into_json()).into()
        } else {
            match &item {
                Item::Datetime(moment) => {
                    if moment.type_oid == self.type_oid && self.typmod < 0 {
                        return Ok(Some(moment.value.clone()));
                    }
                    pglitedb_types::output_string(&moment.value, moment.type_oid, env)?.into()
                }
                Item::Json(value) => match &**value {
                    JsonbValue::String(text) => text.clone(),
                    JsonbValue::Bool(value) => Arc::from(if *value { "t" } else { "f" }),
                    other => jsonb_text(other).into(),
                },
            }
        };
        if self.type_oid == oids::TEXT {
            return Ok(Some(Datum::Text(text)));
        }
        pglitedb_types::input(&text, self.type_oid, self.typmod, env).map(Some)
    }

    #[cold]
    fn not_scalar(&self, several: bool) -> Error {
        let code = if several {
            pglitedb_sqlstate::codes::MORE_THAN_ONE_SQL_JSON_ITEM
        } else {
            pglitedb_sqlstate::codes::SQL_JSON_SCALAR_REQUIRED
        };
        match &self.column {
            None => Error::new(code, "JSON path expression in JSON_VALUE must return single scalar item"),
            Some(column) => Error::new(
                code,
                format!("JSON path expression for column \"{column}\" must return single scalar item"),
            ),
        }
    }

    /// The JSON of JSON_QUERY; `None` if there is none.
    fn json(&self, mut items: Vec<Item<'_>>, env: &dyn TypeEnv) -> Result<Option<Datum>> {
        if items.is_empty() {
            return Ok(None);
        }
        let wrap = match self.wrapper {
            Wrapper::None => false,
            Wrapper::Always => true,
            Wrapper::Conditional => items.len() > 1,
        };
        let value = if wrap {
            JsonbValue::Array(items.into_iter().map(Item::into_json).collect())
        } else if items.len() > 1 {
            let message = match &self.column {
                None => {
                    "JSON path expression in JSON_QUERY must return single item when no wrapper is requested"
                        .to_owned()
                }
                Some(column) => format!(
                    "JSON path expression for column \"{column}\" must return single item when no wrapper is requested"
                ),
            };
            return Err(err!(MORE_THAN_ONE_SQL_JSON_ITEM, "{message}")
                .hint("Use the WITH WRAPPER clause to wrap SQL/JSON items into an array."));
        } else {
            items.swap_remove(0).into_json()
        };
        if self.type_oid == oids::JSONB && !self.omit_quotes {
            return Ok(Some(Datum::Jsonb(Arc::new(value))));
        }
        from_jsonb(Some(&value), self.type_oid, self.typmod, self.omit_quotes, env).map(Some)
    }
}

/// The violated constraint of a domain.
fn is_constraint(error: &Error) -> bool {
    &error.code().class() == b"23"
}

/// The rows of JSON_TABLE that a path selects in a document.
pub fn select_rows(
    ctx: &FnCtx<'_>,
    document: &JsonbValue,
    path: &Arc<str>,
    passed: &[(Arc<str>, Datum, Oid)],
    error_on_error: bool,
) -> Result<Vec<Arc<JsonbValue>>> {
    match run_path(ctx, document, path, Vars::Passed(passed)) {
        Ok(items) => Ok(items.into_iter().map(|item| Arc::new(item.into_json())).collect()),
        Err(error) if !error_on_error && is_suppressible(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The path of a call as text.
pub fn path_text(path: &Datum) -> Result<Option<&Arc<str>>> {
    match path {
        Datum::Null => Ok(None),
        Datum::Text(text) => Ok(Some(text)),
        _ => bail!(INTERNAL_ERROR, "a jsonpath is expected"),
    }
}
