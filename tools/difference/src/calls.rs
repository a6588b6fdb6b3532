//! Statements that call something once, with generated arguments.

use crate::items::{Item, Kind};
use crate::values::{Values, domain_of, quote, sql_type};

/// What the polymorphic types of a call stand for.
#[derive(Clone, Copy, Debug)]
struct Binding {
    element: &'static str,
    compatible: &'static str,
}

/// Types that stand for `anyelement`.
const ELEMENTS: &[&str] = &[
    "int4",
    "text",
    "numeric",
    "int8",
    "date",
    "timestamp",
    "timestamptz",
    "float8",
    "bool",
    "jsonb",
    "uuid",
    "inet",
    "interval",
    "bytea",
    "varchar",
    "time",
    "int2",
    "char",
    "bpchar",
    "oid",
    "macaddr",
    "bit",
    "money",
    "name",
];
/// Types that have ranges.
const BOUNDS: &[&str] = &["int4", "int8", "numeric", "date", "timestamp", "timestamptz"];
/// Types of arguments of type `any`.
const ANY: &[&str] = &[
    "int4",
    "text",
    "numeric",
    "date",
    "timestamptz",
    "float8",
    "bool",
    "jsonb",
    "json",
    "_int4",
    "_text",
    "int4range",
    "interval",
    "bytea",
    "uuid",
    "difference_pair",
    "difference_mood",
    "record",
    "timestamp",
    "_numeric",
    "varchar",
    "inet",
    "point",
];

fn range_of(element: &str) -> &'static str {
    crate::values::RANGES.iter().find(|(_, bound)| *bound == element).map_or("int4range", |(range, _)| range)
}

fn multirange_of(element: &str) -> String {
    range_of(element).replace("range", "multirange")
}

impl Binding {
    fn choose(item: &Item, values: &mut Values) -> Binding {
        let uses = |part: &str| item.arguments.iter().chain([&item.result]).any(|name| name.contains(part));
        let mut pick = |types: &[&'static str]| types[values.random.below(types.len())];
        if item.function.contains("populate_record") {
            return Binding { element: "difference_pair", compatible: "int4" };
        }
        let bounds = uses("anyrange") || uses("anymultirange");
        let compatible_bounds = uses("anycompatiblerange") || uses("anycompatiblemultirange");
        Binding {
            element: if bounds { pick(BOUNDS) } else { pick(ELEMENTS) },
            compatible: if compatible_bounds { pick(BOUNDS) } else { pick(ELEMENTS) },
        }
    }

    fn resolve(self, name: &str, values: &mut Values) -> String {
        match name {
            "anyelement" | "anynonarray" => self.element.to_owned(),
            "anyarray" => format!("_{}", self.element),
            "anyenum" => "difference_mood".to_owned(),
            "anyrange" => range_of(self.element).to_owned(),
            "anymultirange" => multirange_of(self.element),
            // Now and then a narrower type, which the others are not of.
            "anycompatible" | "anycompatiblenonarray" => match self.compatible {
                "numeric" | "float8" | "int8" if values.random.chance(20) => "int4".to_owned(),
                other => other.to_owned(),
            },
            "anycompatiblearray" => format!("_{}", self.compatible),
            "anycompatiblerange" => range_of(self.compatible).to_owned(),
            "anycompatiblemultirange" => multirange_of(self.compatible),
            "any" => values.random.pick(ANY).to_owned(),
            other => other.to_owned(),
        }
    }
}

/// Generates one call of `item`, or nothing if there are no values of a type that it takes.
pub fn generate(item: &Item, values: &mut Values) -> Option<String> {
    match item.kind {
        Kind::Function => function(item, values),
        Kind::Operator => operator(item, values),
        Kind::Cast => {
            let value = values.literal(item.arguments.first()?)?;
            Some(format!("SELECT CAST({value} AS {})", sql_type(&item.name)))
        }
        Kind::Input => {
            let text = if values.random.chance(50) {
                values.text_of(&item.name)
            } else {
                values.damaged(&item.name)
            };
            let name = if item.name == "char" { "\"char\"" } else { &item.name };
            Some(format!("SELECT {}::{name}", quote(&text?)))
        }
        Kind::Aggregate => aggregate(item, values),
        Kind::OrderedSet => ordered_set(item, values),
        Kind::Window => window(item, values),
    }
}

/// The argument at `position`, mostly one that makes sense there.
fn argument(item: &Item, position: usize, name: &str, values: &mut Values) -> Option<String> {
    let first = item.arguments.first().map_or("", String::as_str);
    if let Some(domain) = domain_of(&item.function, first, position)
        && values.random.chance(88)
        && let Some(found) = values.of_domain(domain, name, &item.function, first)
    {
        return Some(found);
    }
    if name == "cstring" {
        let text = if values.random.chance(70) {
            values.text_of(&item.result)
        } else {
            values.damaged(&item.result)
        };
        return Some(format!("{}::cstring", quote(&text.or_else(|| values.text_of("text"))?)));
    }
    values.literal(name)
}

/// The types of a call's arguments: some that have defaults are left out, VARIADIC ones may be given one by one.
fn parameters(item: &Item, binding: Binding, values: &mut Values) -> (Vec<String>, bool) {
    let mut names: Vec<String> = item.arguments.iter().map(|name| binding.resolve(name, values)).collect();
    if item.variadic {
        let last = names.pop().unwrap_or_default();
        let any = item.arguments.last().is_some_and(|name| name == "any");
        if !any && values.random.chance(40) {
            names.push(last);
            return (names, true);
        }
        let fewest = usize::from(!any || names.is_empty());
        for _ in 0..fewest + values.random.below(4) {
            let of_any = if any { values.random.pick(ANY).to_owned() } else { String::new() };
            names.push(if any { of_any } else { last.strip_prefix('_').unwrap_or("text").to_owned() });
        }
        return (names, false);
    }
    let left_out = if item.defaults > 0 { values.random.below(item.defaults + 1) } else { 0 };
    names.truncate(names.len() - left_out.min(names.len()));
    (names, false)
}

fn arguments(item: &Item, values: &mut Values) -> Option<String> {
    let binding = Binding::choose(item, values);
    let (names, spread) = parameters(item, binding, values);
    let mut list: Vec<String> = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        // Equal arguments are rare otherwise, and what compares must see some.
        let repeat = position > 0 && names[position - 1] == *name && values.random.chance(8);
        let value = match list.last() {
            Some(last) if repeat => last.clone(),
            _ => argument(item, position, name, values)?,
        };
        list.push(value);
    }
    if spread && let Some(last) = list.last_mut() {
        *last = format!("VARIADIC {last}");
    }
    Some(list.join(", "))
}

fn function(item: &Item, values: &mut Values) -> Option<String> {
    let list = arguments(item, values)?;
    let name = &item.name;
    if item.result == "record" && name.contains("_to_record") {
        return Some(format!("SELECT * FROM pg_catalog.{name}({list}) AS x(a int4, b text, c numeric)"));
    }
    // Names of types are no names of functions unless they are quoted.
    let quoted = format!("pg_catalog.\"{name}\"({list})");
    Some(if item.set { format!("SELECT {quoted} LIMIT 30") } else { format!("SELECT {quoted}") })
}

fn operator(item: &Item, values: &mut Values) -> Option<String> {
    let binding = Binding::choose(item, values);
    let names: Vec<String> = item.arguments.iter().map(|name| binding.resolve(name, values)).collect();
    let name = &item.name;
    if let [only] = names.as_slice() {
        let value = argument(item, 0, only, values)?;
        return Some(format!("SELECT OPERATOR(pg_catalog.{name}) {value}"));
    }
    let (left, right) = (names.first()?, names.get(1)?);
    let first = argument(item, 0, left, values)?;
    let second = if left == right && values.random.chance(8) {
        first.clone()
    } else {
        argument(item, 1, right, values)?
    };
    Some(format!("SELECT {first} OPERATOR(pg_catalog.{name}) {second}"))
}

/// Rows of generated values, as a table expression with columns `x0`, `x1`, ... after the number `n` of the row.
fn rows(item: &Item, names: &[String], first: usize, values: &mut Values) -> Option<String> {
    let count = values.random.below(7);
    let mut list = Vec::new();
    for number in 0..count.max(1) {
        let mut row = vec![number.to_string()];
        for (position, name) in names.iter().enumerate() {
            row.push(argument(item, first + position, name, values)?);
        }
        list.push(format!("({})", row.join(", ")));
    }
    let columns: Vec<String> = (0..names.len()).map(|column| format!(", x{column}")).collect();
    let none = if count == 0 { " WHERE false" } else { "" };
    Some(format!("(VALUES {}) v(n{}){none}", list.join(", "), columns.concat()))
}

fn columns(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|column| format!("x{column}")).collect();
    names.join(", ")
}

fn aggregate(item: &Item, values: &mut Values) -> Option<String> {
    let binding = Binding::choose(item, values);
    let (names, _) = parameters(item, binding, values);
    let table = rows(item, &names, 0, values)?;
    let list = if names.is_empty() { "*".to_owned() } else { columns(names.len()) };
    let name = &item.name;
    let call = match values.random.below(8) {
        0 if !names.is_empty() => format!("pg_catalog.{name}(DISTINCT {list})"),
        1 if !names.is_empty() => format!("pg_catalog.{name}({list} ORDER BY n DESC)"),
        2 => format!("pg_catalog.{name}({list}) FILTER (WHERE n > 1)"),
        3 => format!("pg_catalog.{name}({list}) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"),
        _ => format!("pg_catalog.{name}({list})"),
    };
    Some(format!("SELECT {call} FROM {table}"))
}

fn ordered_set(item: &Item, values: &mut Values) -> Option<String> {
    let binding = Binding::choose(item, values);
    let name = &item.name;
    if item.direct <= 0 {
        // mode() has no direct arguments; a hypothetical row has as many as the order.
        let names: Vec<String> = item.arguments.iter().map(|name| binding.resolve(name, values)).collect();
        let table = rows(item, &names, 0, values)?;
        return Some(format!(
            "SELECT pg_catalog.{name}() WITHIN GROUP (ORDER BY {}) FROM {table}",
            columns(names.len())
        ));
    }
    if item.variadic {
        let names = vec![binding.element.to_owned()];
        let direct = values.literal(binding.element)?;
        let table = rows(item, &names, 1, values)?;
        return Some(format!("SELECT pg_catalog.{name}({direct}) WITHIN GROUP (ORDER BY x0) FROM {table}"));
    }
    let direct = usize::try_from(item.direct).unwrap_or(0).min(item.arguments.len());
    let mut given = Vec::new();
    for (position, name) in item.arguments[..direct].iter().enumerate() {
        let name = binding.resolve(name, values);
        given.push(argument(item, position, &name, values)?);
    }
    let names: Vec<String> =
        item.arguments[direct..].iter().map(|name| binding.resolve(name, values)).collect();
    let table = rows(item, &names, direct, values)?;
    let (given, order) = (given.join(", "), columns(names.len()));
    Some(format!("SELECT pg_catalog.{name}({given}) WITHIN GROUP (ORDER BY {order}) FROM {table}"))
}

fn window(item: &Item, values: &mut Values) -> Option<String> {
    let binding = Binding::choose(item, values);
    let names: Vec<String> = item.arguments.iter().map(|name| binding.resolve(name, values)).collect();
    let table = rows(item, &names, 0, values)?;
    let over = values.random.pick(&[
        "ORDER BY n",
        "",
        "ORDER BY n / 2",
        "PARTITION BY n % 2 ORDER BY n",
        "ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
        "ORDER BY n DESC",
        "ORDER BY n GROUPS BETWEEN CURRENT ROW AND 2 FOLLOWING EXCLUDE TIES",
    ]);
    let name = &item.name;
    Some(format!(
        "SELECT n, pg_catalog.{name}({}) OVER ({over}) FROM {table} ORDER BY n",
        columns(names.len())
    ))
}
