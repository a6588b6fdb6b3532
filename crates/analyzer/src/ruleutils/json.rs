//! SQL/JSON back to SQL.

use super::{Deparser, INDENT_VAR};
use crate::format_type::quote_ident;
use pglitedb_query_tree::{Expr, Rte, SpecialExpr, TargetEntry};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::json::parse_jsonb;
use pglitedb_types::{Datum, JsonbValue, Oid};

/// The options of a special expression.
struct Options(JsonbValue);

impl Options {
    fn read(text: &str) -> Result<Self> {
        parse_jsonb(text).map(Options)
    }

    fn get(&self, name: &str) -> Option<&JsonbValue> {
        get(&self.0, name)
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(JsonbValue::Bool(true)))
    }

    fn word(&self, name: &str) -> &str {
        match self.get(name) {
            Some(JsonbValue::String(text)) => text,
            _ => "",
        }
    }

    fn words(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(JsonbValue::Array(items)) => items
                .iter()
                .filter_map(
                    |item| if let JsonbValue::String(text) = item { Some(text.to_string()) } else { None },
                )
                .collect(),
            _ => Vec::new(),
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        number(self.get(name)?)
    }
}

fn get<'a>(value: &'a JsonbValue, name: &str) -> Option<&'a JsonbValue> {
    let JsonbValue::Object(members) = value else { return None };
    members.iter().find(|(key, _)| **key == *name).map(|(_, value)| value)
}

fn number(value: &JsonbValue) -> Option<i64> {
    match value {
        JsonbValue::Number(number) => number.to_int8().ok(),
        _ => None,
    }
}

fn items<'a>(value: &'a JsonbValue, name: &str) -> &'a [JsonbValue] {
    match get(value, name) {
        Some(JsonbValue::Array(items)) => items,
        _ => &[],
    }
}

impl Deparser<'_> {
    /// Writes an expression of SQL/JSON; says whether it is one.
    pub(super) fn json_special(&mut self, special: &SpecialExpr, parent: &Expr) -> Result<bool> {
        let args = &special.args;
        match (&*special.name, args.as_slice()) {
            ("json_format", [raw, _]) => {
                let options = Options::read(&special.options)?;
                self.expr(raw, false)?;
                if options.flag("json") {
                    self.push(" FORMAT JSON");
                    match options.word("encoding") {
                        "" => {}
                        encoding => self.push(&format!(" ENCODING {encoding}")),
                    }
                }
            }
            ("json_object", _) => {
                self.push("JSON_OBJECT(");
                for (at, pair) in args.chunks(2).enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    self.json_pair(pair.iter())?;
                }
                self.json_constructor_end(special, true)?;
            }
            ("json_array", _) => {
                self.push("JSON_ARRAY(");
                self.list(args)?;
                self.json_constructor_end(special, false)?;
            }
            ("json_parse", [value]) => {
                self.push("JSON(");
                self.expr(value, false)?;
                if Options::read(&special.options)?.flag("unique") {
                    self.push(" WITH UNIQUE KEYS");
                }
                self.push(")");
            }
            ("json_scalar", [value]) => {
                self.push("JSON_SCALAR(");
                self.expr(value, false)?;
                self.push(")");
            }
            ("json_serialize", [value]) => {
                self.push("JSON_SERIALIZE(");
                self.expr(value, false)?;
                self.json_returning(&Options::read(&special.options)?)?;
                self.push(")");
            }
            ("json_objectagg" | "json_arrayagg", [call]) => self.json_aggregate(special, call)?,
            ("is_json", [value]) => {
                let options = Options::read(&special.options)?;
                self.open();
                // Operators have their parentheses already, unless only the needed ones are written.
                let bare = self.style.pretty_parens && matches!(value, Expr::Op(_) | Expr::Bool(..));
                if bare {
                    self.push("(");
                }
                self.paren(value, true, parent)?;
                if bare {
                    self.push(")");
                }
                self.push(match options.word("kind") {
                    "object" => " IS JSON OBJECT",
                    "array" => " IS JSON ARRAY",
                    "scalar" => " IS JSON SCALAR",
                    _ => " IS JSON",
                });
                if options.flag("unique") {
                    self.push(" WITH UNIQUE KEYS");
                }
                self.close();
            }
            ("json_exists" | "json_value" | "json_query", [document, path, rest @ ..]) => {
                let options = Options::read(&special.options)?;
                self.push(&special.name.to_uppercase());
                self.push("(");
                self.expr(document, false)?;
                self.push(", ");
                self.json_path(path)?;
                let names = options.words("passing");
                for (at, (name, value)) in names.iter().zip(rest).enumerate() {
                    self.push(if at == 0 { " PASSING " } else { ", " });
                    self.expr(value, false)?;
                    self.push(&format!(" AS {}", quote_ident(name)));
                }
                let exists = &*special.name == "json_exists";
                if !exists || special.result_type != pglitedb_types::oids::BOOL {
                    let name = self.binder.type_name_typmod(special.result_type, special.typmod);
                    self.push(&format!(" RETURNING {name}"));
                }
                self.json_behaviors(special, &options)?;
                self.push(")");
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn json_path(&mut self, path: &Expr) -> Result<()> {
        match path {
            Expr::Const(constant) if !constant.value.is_null() => {
                let Datum::Text(text) = &constant.value else { return self.expr(path, false) };
                self.push(&super::constant::quote_literal(text));
                Ok(())
            }
            other => self.expr(other, false),
        }
    }

    fn json_pair<'e>(&mut self, pair: impl Iterator<Item = &'e Expr>) -> Result<()> {
        for (at, expr) in pair.enumerate() {
            if at == 1 {
                self.push(" : ");
            }
            self.expr(expr, true)?;
        }
        Ok(())
    }

    fn json_constructor_end(&mut self, special: &SpecialExpr, object: bool) -> Result<()> {
        let options = Options::read(&special.options)?;
        self.json_null_clause(&options, object);
        self.json_returning(&options)?;
        self.push(")");
        Ok(())
    }

    /// What differs from the default: NULL ON NULL for objects, ABSENT ON NULL for arrays.
    fn json_null_clause(&mut self, options: &Options, object: bool) {
        match (options.flag("absent_on_null"), object) {
            (true, true) => self.push(" ABSENT ON NULL"),
            (false, false) => self.push(" NULL ON NULL"),
            _ => {}
        }
        if options.flag("unique") {
            self.push(" WITH UNIQUE KEYS");
        }
    }

    fn json_returning(&mut self, options: &Options) -> Result<()> {
        let oid = options.number("returning").and_then(|oid| Oid::try_from(oid).ok()).unwrap_or(0);
        if oid != 0 {
            let typmod = options.number("typmod").and_then(|typmod| i32::try_from(typmod).ok()).unwrap_or(-1);
            let name = self.binder.type_name_typmod(oid, typmod);
            self.push(&format!(" RETURNING {name}"));
        }
        Ok(())
    }

    /// The aggregate inside of the casts that RETURNING asks for; where a plan computes it below, what is there.
    fn json_aggregate(&mut self, special: &SpecialExpr, call: &Expr) -> Result<()> {
        let object = &*special.name == "json_objectagg";
        let options = Options::read(&special.options)?;
        let name = if object { "JSON_OBJECTAGG(" } else { "JSON_ARRAYAGG(" };
        match without_casts(call) {
            Expr::Agg(agg) => {
                self.push(name);
                let args: Vec<&TargetEntry> = agg.args.iter().filter(|entry| !entry.junk).collect();
                self.json_pair(args.iter().map(|entry| &entry.expr))?;
                if !agg.order_by.is_empty() {
                    self.push(" ORDER BY ");
                    self.order_by(&agg.order_by, &agg.args, false)?;
                }
                self.json_null_clause(&options, object);
                self.json_returning(&options)?;
                self.filter(agg.filter.as_deref())?;
                self.push(")");
            }
            Expr::Window(window) => {
                self.push(name);
                self.json_pair(window.args.iter())?;
                self.json_null_clause(&options, object);
                self.json_returning(&options)?;
                self.filter(window.filter.as_deref())?;
                self.push(") OVER ");
                self.over(window)?;
            }
            other => {
                let text = match (other, self.names) {
                    (Expr::Var(var), Some(names)) => names.constructor(special, var),
                    _ => None,
                };
                match text {
                    Some(text) => self.push(&text),
                    None => self.expr(other, false)?,
                }
            }
        }
        Ok(())
    }

    /// Wrapper, quotes, ON EMPTY and ON ERROR.
    fn json_behaviors(&mut self, special: &SpecialExpr, options: &Options) -> Result<()> {
        if &*special.name == "json_query" {
            self.push(match options.word("wrapper") {
                "conditional" => " WITH CONDITIONAL WRAPPER",
                "unconditional" => " WITH UNCONDITIONAL WRAPPER",
                _ => " WITHOUT WRAPPER",
            });
            self.push(if options.word("quotes") == "omit" { " OMIT QUOTES" } else { " KEEP QUOTES" });
        }
        let otherwise = if &*special.name == "json_exists" { "false" } else { "null" };
        for (name, event) in [("on_empty", "EMPTY"), ("on_error", "ERROR")] {
            if &*special.name == "json_exists" && event == "EMPTY" {
                continue;
            }
            if let Some(at) = options.number(name) {
                let default = usize::try_from(at).ok().and_then(|at| special.args.get(at));
                let default = default.ok_or_else(|| Error::internal("DEFAULT expression is missing"))?;
                self.push(" DEFAULT ");
                self.expr(default, false)?;
                self.push(&format!(" ON {event}"));
                continue;
            }
            let word = options.word(name);
            if word != otherwise && !word.is_empty() {
                self.push(&format!(" {} ON {event}", word.to_uppercase().replace('_', " ")));
            }
        }
        Ok(())
    }

    /// JSON_TABLE without its alias.
    pub(super) fn json_table(&mut self, options: &str, args: &[Expr], rte: &[(Oid, i32)]) -> Result<()> {
        let options = Options::read(options)?;
        let plan = options.get("plan").ok_or_else(damaged)?;
        let (document, rest) = args.split_first().ok_or_else(damaged)?;
        self.push("JSON_TABLE(");
        self.deeper(1);
        self.keyword("", 0, 0, 0);
        self.expr(document, false)?;
        self.push(", ");
        self.json_table_path(plan)?;
        let names = options.words("passing");
        if !names.is_empty() {
            self.push(" ");
            self.keyword("PASSING ", 0, 0, 0);
            self.deeper(1);
            for (at, (name, value)) in names.iter().zip(rest).enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                self.keyword("", 0, 0, 0);
                self.expr(value, false)?;
                self.push(&format!(" AS {}", quote_ident(name)));
            }
            self.deeper(-1);
        }
        self.json_table_columns(plan, args, rte)?;
        if options.flag("error_on_error") {
            self.push(" ERROR ON ERROR");
        }
        self.deeper(-1);
        self.keyword(")", 0, 0, 0);
        Ok(())
    }

    fn deeper(&mut self, levels: i32) {
        if self.style.indent {
            self.indent += levels * INDENT_VAR;
        }
    }

    fn json_table_path(&mut self, plan: &JsonbValue) -> Result<()> {
        let (Some(JsonbValue::String(path)), Some(JsonbValue::String(name))) =
            (get(plan, "path"), get(plan, "name"))
        else {
            return Err(damaged());
        };
        let path = super::constant::quote_literal(path);
        self.push(&format!("{path} AS {}", quote_ident(name)));
        Ok(())
    }

    fn json_table_columns(&mut self, plan: &JsonbValue, args: &[Expr], rte: &[(Oid, i32)]) -> Result<()> {
        self.push(" ");
        self.keyword("COLUMNS (", 0, 0, 0);
        self.deeper(1);
        let mut first = true;
        for column in items(plan, "columns") {
            if !first {
                self.push(", ");
            }
            first = false;
            self.keyword("", 0, 0, 0);
            let place =
                |name: &str| get(column, name).and_then(number).and_then(|at| usize::try_from(at).ok());
            let (type_oid, typmod) = place("at").and_then(|at| rte.get(at)).ok_or_else(damaged)?;
            let Some(JsonbValue::String(name)) = get(column, "name") else { return Err(damaged()) };
            self.push(&quote_ident(name));
            let Some(arg) = place("arg") else {
                self.push(" FOR ORDINALITY");
                continue;
            };
            let Some(Expr::Special(special)) = args.get(arg) else { return Err(damaged()) };
            let type_name = self.binder.type_name_typmod(*type_oid, *typmod);
            self.push(&format!(" {type_name}"));
            match &*special.name {
                "json_exists" => self.push(" EXISTS"),
                "json_query" if self.binder.category(*type_oid)?.0 == b'S' => self.push(" FORMAT JSON"),
                _ => {}
            }
            self.push(" PATH ");
            self.json_path(special.args.get(1).ok_or_else(damaged)?)?;
            self.json_behaviors(special, &Options::read(&special.options)?)?;
        }
        for nested in items(plan, "nested") {
            if !first {
                self.push(",");
            }
            first = false;
            self.push(" ");
            self.keyword("NESTED PATH ", 0, 0, 0);
            self.json_table_path(nested)?;
            self.json_table_columns(nested, args, rte)?;
        }
        self.deeper(-1);
        self.keyword(")", 0, 0, 0);
        Ok(())
    }
}

/// JSON_TABLE of a plan, on one line, as EXPLAIN shows it.
pub fn deparse_json_table(
    options: &str,
    args: &[Expr],
    columns: &[pglitedb_query_tree::RteColumn],
    names: &dyn super::NameSource,
    ctx: &crate::AnalyzeContext<'_>,
) -> Result<String> {
    let mut deparser = Deparser::new(super::DeparseStyle::line(false), ctx);
    deparser.names = Some(names);
    let columns: Vec<(Oid, i32)> = columns.iter().map(|column| (column.type_oid, column.typmod)).collect();
    deparser.json_table(options, args, &columns)?;
    Ok(deparser.out)
}

/// Types of a range table entry's columns.
pub(super) fn table_columns(rte: &Rte) -> Vec<(Oid, i32)> {
    rte.columns.iter().map(|column| (column.type_oid, column.typmod)).collect()
}

fn damaged() -> Error {
    Error::internal("options of JSON_TABLE can't be read")
}

/// The expression inside of casts that nobody wrote.
fn without_casts(expr: &Expr) -> &Expr {
    match expr {
        Expr::Relabel { arg, .. } | Expr::CoerceViaIo { arg, .. } | Expr::CoerceToDomain { arg, .. } => {
            without_casts(arg)
        }
        Expr::Func(func) => match func.args.first() {
            Some(arg) if func.form == pglitedb_query_tree::CallForm::ImplicitCast => without_casts(arg),
            _ => expr,
        },
        other => other,
    }
}
