//! What is compared: functions, operators, casts and aggregates of PostgreSQL's own catalog.

use crate::wire::Client;
use std::collections::HashSet;
use std::io;

/// Kinds of things that can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A function.
    Function,
    /// An operator.
    Operator,
    /// A cast of `pg_cast`, explicit.
    Cast,
    /// Reading a literal: valid text, and text that has been damaged.
    Input,
    /// An aggregate function.
    Aggregate,
    /// An ordered-set or hypothetical-set aggregate.
    OrderedSet,
    /// A window function.
    Window,
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Function => "functions",
            Kind::Operator => "operators",
            Kind::Cast => "casts",
            Kind::Input => "input of literals",
            Kind::Aggregate => "aggregates",
            Kind::OrderedSet => "ordered-set aggregates",
            Kind::Window => "window functions",
        }
    }
}

/// Something that can be called.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its kind.
    pub kind: Kind,
    /// What reports call it: the signature.
    pub label: String,
    /// The name in a call: of the function or operator, or the target type of a cast.
    pub name: String,
    /// The function that does it (`pg_proc.proname`): decides which arguments make sense.
    pub function: String,
    /// Types of the arguments (`pg_type.typname`).
    pub arguments: Vec<String>,
    /// Type of the result.
    pub result: String,
    /// Whether the last argument is VARIADIC.
    pub variadic: bool,
    /// How many of the last arguments have defaults.
    pub defaults: usize,
    /// Whether it returns a set.
    pub set: bool,
    /// Direct arguments of an ordered-set aggregate (-1: all but the ordered ones).
    pub direct: i32,
}

/// Types no value of which can be written down.
const UNWRITABLE: &[&str] = &[
    "internal",
    "trigger",
    "event_trigger",
    "language_handler",
    "fdw_handler",
    "index_am_handler",
    "void",
    "table_am_handler",
    "tsm_handler",
    "opaque",
    "pg_ddl_command",
    "pg_node_tree",
    "pg_ndistinct",
    "pg_dependencies",
    "pg_mcv_list",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "gtsvector",
    "aclitem",
    "_aclitem",
    "refcursor",
    "_record",
    "unknown",
];

/// Functions that depend on more than their arguments (the session, the clock, the contents of the catalogs or of
/// files), by name or by the beginning of the name (`x*`).
const IMPURE: &[&str] = &[
    "has_*",
    "current_*",
    "session_user",
    "system_user",
    "getpgusername",
    "now",
    "statement_timestamp",
    "transaction_timestamp",
    "txid_current*",
    "version",
    "inet_client_*",
    "inet_server_*",
    "obj_description",
    "shobj_description",
    "col_description",
    "row_security_active",
    "database_to_xml*",
    "schema_to_xml*",
    "table_to_xml*",
    "query_to_xml*",
    "cursor_to_xml*",
    "ts_stat",
    "mxid_age",
    "regclass*",
    "satisfies_hash_partition",
    "ts_parse",
    "ts_token_type",
    "ts_debug",
    "to_reg*",
    "reg*out",
    "getdatabaseencoding",
    "icu_unicode_version",
    "unicode_version",
    "amvalidate",
    "domain_in",
    "record_in",
    "range_in",
    "multirange_in",
    "array_in",
    "enum_in",
    "anyenum_in",
    "fmgr_*",
    "lo_*",
    "loread",
    "lowrite",
    "reg*in",
    // Values of enums hash by their OIDs.
    "hashenum*",
    // What the functions of aggregates return beyond the aggregates themselves depends on how PostgreSQL keeps states.
    "inter_*",
];

/// Functions whose names begin with `pg_` are about the server or its catalogs, but for these.
const PURE_PG: &[&str] = &[
    "pg_typeof",
    "pg_size_pretty",
    "pg_size_bytes",
    "pg_lsn_*",
    "pg_lsn",
    "pg_input_is_valid",
    "pg_input_error_info",
    "pg_char_to_encoding",
    "pg_encoding_to_char",
    "pg_encoding_max_length",
    "pg_snapshot_*",
    "pg_collation_for",
    "pg_basetype",
    "pg_get_keywords",
];

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

fn is_pure(name: &str, arguments: &[String]) -> bool {
    // age() of one argument counts from today or from the next transaction.
    if name == "age" && arguments.len() == 1 {
        return false;
    }
    if name.starts_with("pg_") {
        return PURE_PG.iter().any(|pattern| matches(pattern, name));
    }
    !IMPURE.iter().any(|pattern| matches(pattern, name))
}

fn is_writable(name: &str) -> bool {
    !UNWRITABLE.contains(&name)
}

/// The functions that `pglitedb functions --missing --internal` lists: those that are not compared.
pub fn absent(listing: &str) -> HashSet<String> {
    let mut absent = HashSet::new();
    for line in listing.lines() {
        let signature = line.strip_prefix("missing: ").or_else(|| line.strip_prefix("    "));
        absent.extend(signature.map(str::to_owned));
    }
    absent
}

fn split(text: Option<String>) -> Vec<String> {
    text.filter(|text| !text.is_empty())
        .map(|text| text.split(',').map(str::to_owned).collect())
        .unwrap_or_default()
}

const PROCS: &str = "
    select p.proname, p.prokind, (select string_agg(t.typname, ',' order by a.n)
               from unnest(p.proargtypes) with ordinality a(type, n) join pg_type t on t.oid = a.type),
           r.typname, p.provariadic <> 0, p.pronargdefaults, p.proretset, g.aggkind, g.aggnumdirectargs
    from pg_proc p join pg_type r on r.oid = p.prorettype left join pg_aggregate g on g.aggfnoid = p.oid
    where p.pronamespace = 'pg_catalog'::regnamespace and p.provolatile <> 'v'
    order by p.oid";

const OPERATORS: &str = "
    select o.oprname, p.proname, l.typname, r.typname, e.typname,
           (select string_agg(t.typname, ',' order by a.n)
            from unnest(p.proargtypes) with ordinality a(type, n) join pg_type t on t.oid = a.type)
    from pg_operator o join pg_proc p on p.oid = o.oprcode join pg_type r on r.oid = o.oprright
         join pg_type e on e.oid = o.oprresult left join pg_type l on l.oid = o.oprleft
    where o.oprnamespace = 'pg_catalog'::regnamespace and p.provolatile <> 'v'
    order by o.oid";

const CASTS: &str = "
    select s.typname, t.typname, p.proname,
           (select string_agg(x.typname, ',' order by a.n)
            from unnest(p.proargtypes) with ordinality a(type, n) join pg_type x on x.oid = a.type)
    from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
         left join pg_proc p on p.oid = c.castfunc
    order by c.oid";

fn signature(name: &str, arguments: &[String]) -> String {
    format!("{name}({})", arguments.join(", "))
}

/// Reads the catalog of `server`, a PostgreSQL, and leaves out what is in `absent`.
pub fn read(server: &mut Client, absent: &HashSet<String>) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    for row in server.expect(PROCS)? {
        items.extend(function(row).filter(|item| !absent.contains(&item.label)));
    }
    for row in server.expect(OPERATORS)? {
        items.extend(operator(row, absent));
    }
    for row in server.expect(CASTS)? {
        items.extend(cast(row, absent));
    }
    for name in crate::values::INPUT_TYPES {
        items.push(Item {
            kind: Kind::Input,
            label: format!("input of {name}"),
            name: (*name).to_owned(),
            function: String::new(),
            arguments: Vec::new(),
            result: (*name).to_owned(),
            variadic: false,
            defaults: 0,
            set: false,
            direct: 0,
        });
    }
    Ok(items)
}

fn function(row: Vec<Option<String>>) -> Option<Item> {
    let mut fields = row.into_iter();
    let mut next = || fields.next().flatten();
    let (name, kind, arguments, result) = (next()?, next()?, split(next()), next()?);
    let is = |flag: Option<String>| flag.as_deref() == Some("t");
    let (variadic, defaults, set) = (is(next()), next()?.parse().ok()?, is(next()));
    let (aggregate, direct) = (next(), next().and_then(|count| count.parse().ok()).unwrap_or(0));
    let kind = match kind.as_str() {
        "f" => Kind::Function,
        "w" => Kind::Window,
        "a" if aggregate.as_deref() == Some("n") => Kind::Aggregate,
        "a" => Kind::OrderedSet,
        _ => return None,
    };
    let writable = arguments.iter().chain([&result]).all(|name| is_writable(name));
    let text_only = arguments.first().is_some_and(|first| first == "cstring") && result.starts_with("any");
    if !writable || text_only || !is_pure(&name, &arguments) {
        return None;
    }
    let label = signature(&name, &arguments);
    Some(Item {
        kind,
        label,
        function: name.clone(),
        name,
        arguments,
        result,
        variadic,
        defaults,
        set,
        direct,
    })
}

fn operator(row: Vec<Option<String>>, absent: &HashSet<String>) -> Option<Item> {
    let mut fields = row.into_iter();
    let mut next = || fields.next().flatten();
    let (name, function, left, right, result) = (next()?, next()?, next(), next()?, next()?);
    let implementation = signature(&function, &split(next()));
    let label = match &left {
        Some(left) => format!("{left} {name} {right}"),
        None => format!("{name} {right}"),
    };
    let arguments: Vec<String> = left.into_iter().chain([right]).collect();
    let writable = arguments.iter().all(|name| is_writable(name));
    if !writable || absent.contains(&implementation) {
        return None;
    }
    let kind = Kind::Operator;
    Some(Item {
        kind,
        label,
        name,
        function,
        arguments,
        result,
        variadic: false,
        defaults: 0,
        set: false,
        direct: 0,
    })
}

fn cast(row: Vec<Option<String>>, absent: &HashSet<String>) -> Option<Item> {
    let mut fields = row.into_iter();
    let mut next = || fields.next().flatten();
    let (source, target, function) = (next()?, next()?, next());
    let parameters = split(next());
    if let Some(function) = &function
        && (absent.contains(&signature(function, &parameters)) || !is_pure(function, &parameters))
    {
        return None;
    }
    if !is_writable(&source)
        || !is_writable(&target)
        || target.starts_with("reg")
        || source.starts_with("reg")
    {
        return None;
    }
    Some(Item {
        kind: Kind::Cast,
        label: format!("{source}::{target}"),
        name: target.clone(),
        function: String::new(),
        arguments: vec![source],
        result: target,
        variadic: false,
        defaults: 0,
        set: false,
        direct: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_session_is_left_out() {
        assert!(
            is_pure("abs", &[]) && is_pure("pg_size_pretty", &[]) && is_pure("age", &vec![String::new(); 2])
        );
        assert!(
            !is_pure("now", &[]) && !is_pure("pg_get_viewdef", &[]) && !is_pure("has_table_privilege", &[])
        );
        assert!(!is_pure("age", &[String::new()]));
    }

    #[test]
    fn the_listing_is_read() {
        let absent = absent("missing: a(int4)\nreason:\n    b()\nregistered 1 of 2 (1 that)\n");
        assert_eq!(absent, HashSet::from(["a(int4)".to_owned(), "b()".to_owned()]));
    }
}
