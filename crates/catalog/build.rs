//! Turns the rows of `data/*.tsv` (COPY text format) into sorted static tables.
//!
//! For each catalog: one text of all rows (fields separated by 0x1F, NULL is 0x01), the offset of each row, and the row
//! ids, in the order of row ids. Besides, orders by name and by numeric keys for look-ups, and the number of each
//! column. Nothing is parsed when a database is opened.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;

type Field = Option<String>;

struct Table {
    oid: u32,
    name: String,
    columns: Vec<String>,
    rows: Vec<(u64, Vec<Field>)>,
}

impl Table {
    fn column(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|column| column == name)
            .unwrap_or_else(|| panic!("{}.{name}", self.name))
    }
}

/// How rows get their row ids; the same rules are in `src/builtin/rows.rs`.
fn row_id(table: &str, row: &[Field]) -> u64 {
    let number =
        |at: usize| row[at].as_deref().and_then(|text| text.parse::<i64>().ok()).expect("a number") as u64;
    match table {
        "pg_attribute" => (number(0) << 16) | (number(1).wrapping_add(0x8000) & 0xffff),
        "pg_ts_config_map" => (number(0) << 32) | (number(1) << 16) | number(2),
        _ => number(0),
    }
}

fn parse(path: &str) -> (Vec<String>, Vec<Vec<Field>>) {
    println!("cargo::rerun-if-changed={path}");
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut lines = text.lines();
    let header = lines.next().expect("a header").split('\t').map(str::to_owned).collect();
    (header, lines.map(|line| line.split('\t').map(field).collect()).collect())
}

fn field(text: &str) -> Field {
    if text == "\\N" {
        return None;
    }
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            char => out.push(char),
        }
    }
    Some(out)
}

const CATALOGS: &[&str] = &[
    "pg_type",
    "pg_attribute",
    "pg_proc",
    "pg_class",
    "pg_authid",
    "pg_auth_members",
    "pg_database",
    "pg_aggregate",
    "pg_am",
    "pg_amop",
    "pg_amproc",
    "pg_cast",
    "pg_constraint",
    "pg_conversion",
    "pg_index",
    "pg_language",
    "pg_namespace",
    "pg_opclass",
    "pg_operator",
    "pg_opfamily",
    "pg_collation",
    "pg_range",
    "pg_tablespace",
    "pg_ts_dict",
    "pg_ts_parser",
    "pg_ts_config",
    "pg_ts_config_map",
    "pg_ts_template",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (_, classes) = parse("data/pg_class.tsv");
    let class_oids: HashMap<String, u32> = classes
        .iter()
        .map(|row| {
            (
                row[1].clone().unwrap_or_default(),
                row[0].as_ref().and_then(|oid| oid.parse().ok()).unwrap_or(0),
            )
        })
        .collect();
    let mut tables: Vec<Table> = CATALOGS
        .iter()
        .map(|name| {
            let (columns, rows) = parse(&format!("data/{name}.tsv"));
            let rows = rows.into_iter().map(|row| (row_id(name, &row), row)).collect();
            Table { oid: class_oids[*name], name: (*name).to_owned(), columns, rows }
        })
        .collect();
    sql_bodies(&mut tables);
    system_columns(&mut tables, &classes);
    let privileges = initial_privileges(&tables, &class_oids);
    tables.push(privileges);
    for table in &mut tables {
        table.rows.sort_by_key(|(id, _)| *id);
    }
    let dir = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut out = String::new();
    let types = column_types(&tables, &class_oids);
    for table in &tables {
        emit(table, &types, &dir, &mut out);
    }
    orders(&tables, &mut out);
    column_numbers(&tables, &class_oids, &mut out);
    fs::write(format!("{dir}/tables.rs"), out).expect("OUT_DIR is writable");
    facts(&dir);
}

/// Bodies of the built-in SQL-language functions.
fn sql_bodies(tables: &mut [Table]) {
    let (_, bodies) = parse("data/sql_functions.tsv");
    let bodies: HashMap<u64, Field> =
        bodies.into_iter().map(|row| (row_id("", &row), row[1].clone())).collect();
    let proc = tables.iter_mut().find(|table| table.name == "pg_proc").expect("pg_proc");
    let at = proc.column("prosrc");
    for (id, row) in &mut proc.rows {
        if let Some(body) = bodies.get(id) {
            row[at] = body.clone();
        }
    }
}

/// The columns that every table has besides its own.
fn system_columns(tables: &mut [Table], classes: &[Vec<Field>]) {
    let attribute = tables.iter_mut().find(|table| table.name == "pg_attribute").expect("pg_attribute");
    for class in classes.iter().filter(|class| class[6].as_deref() == Some("r")) {
        let own = [("-1", "ctid", "27"), ("-2", "xmin", "28"), ("-3", "cmin", "29"), ("-4", "xmax", "28")];
        for (attnum, name, type_oid) in
            own.into_iter().chain([("-5", "cmax", "29"), ("-6", "tableoid", "26")])
        {
            let row: Vec<Field> =
                [class[0].as_deref().expect("oid"), attnum, name, type_oid, "-1", "0", "t", "0"]
                    .iter()
                    .map(|field| Some((*field).to_owned()))
                    .collect();
            attribute.rows.push((row_id("pg_attribute", &row), row));
        }
    }
}

/// `pg_init_privs`: the privileges that built-in objects have from the start, which pg_dump leaves out.
fn initial_privileges(tables: &[Table], class_oids: &HashMap<String, u32>) -> Table {
    const PG_CATALOG: &str = "11";
    const PUBLIC: &str = "2200";
    let mut rows = Vec::new();
    for (name, acl, schema) in [
        ("pg_class", "relacl", Some("relnamespace")),
        ("pg_proc", "proacl", None),
        ("pg_namespace", "nspacl", Some("oid")),
    ] {
        let table = tables.iter().find(|table| table.name == name).expect("a catalog");
        let (acl, schema) = (table.column(acl), schema.map(|column| table.column(column)));
        for (id, row) in &table.rows {
            let counts = schema.is_none_or(|at| matches!(row[at].as_deref(), Some(PG_CATALOG | PUBLIC)));
            if counts && row[acl].is_some() {
                let class = class_oids[name].to_string();
                let texts =
                    [row[0].clone(), Some(class), Some("0".into()), Some("i".into()), row[acl].clone()];
                rows.push((*id, texts.to_vec()));
            }
        }
    }
    let columns = ["objoid", "classoid", "objsubid", "privtype", "initprivs"];
    Table {
        oid: class_oids["pg_init_privs"],
        name: "pg_init_privs".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
    }
}

/// Column types of the catalogs, by relation.
fn column_types(tables: &[Table], class_oids: &HashMap<String, u32>) -> HashMap<String, Vec<u32>> {
    let attribute = tables.iter().find(|table| table.name == "pg_attribute").expect("pg_attribute");
    let mut types: HashMap<String, BTreeMap<i32, u32>> = HashMap::new();
    let names: HashMap<u32, &String> = class_oids.iter().map(|(name, oid)| (*oid, name)).collect();
    for (_, row) in &attribute.rows {
        let number =
            |at: usize| row[at].as_deref().and_then(|text| text.parse::<i64>().ok()).expect("a number");
        if number(1) > 0
            && let Some(name) = names.get(&(number(0) as u32))
        {
            types.entry((*name).clone()).or_default().insert(number(1) as i32, number(3) as u32);
        }
    }
    types.into_iter().map(|(name, columns)| (name, columns.into_values().collect())).collect()
}

fn emit(table: &Table, types: &HashMap<String, Vec<u32>>, dir: &str, out: &mut String) {
    let mut text = String::new();
    let mut offsets = vec![0];
    for (_, row) in &table.rows {
        for (at, field) in row.iter().enumerate() {
            if at > 0 {
                text.push('\x1f');
            }
            text.push_str(field.as_deref().unwrap_or("\x01"));
        }
        offsets.push(text.len());
    }
    fs::write(format!("{dir}/{}.txt", table.name), &text).expect("OUT_DIR is writable");
    let upper = table.name.to_uppercase();
    let ids: Vec<u64> = table.rows.iter().map(|(id, _)| *id).collect();
    let _ = writeln!(
        out,
        "/// Built-in rows of `{name}`.\npub static {upper}: BuiltinRelation = BuiltinRelation {{ oid: {oid}, name: \"{name}\", \
         text: include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.txt\")), offsets: &{offsets:?}, ids: &{ids:?}, \
         types: &{types:?} }};",
        name = table.name,
        oid = table.oid,
        types = types[&table.name],
    );
}

fn orders(tables: &[Table], out: &mut String) {
    let find = |name: &str| tables.iter().find(|table| table.name == name).expect("a table");
    for (constant, table, column) in [
        ("PROC_BY_NAME", "pg_proc", "proname"),
        ("OPERATOR_BY_NAME", "pg_operator", "oprname"),
        ("TYPE_BY_NAME", "pg_type", "typname"),
        ("CLASS_BY_NAME", "pg_class", "relname"),
        ("OPCLASS_BY_NAME", "pg_opclass", "opcname"),
        ("COLLATION_BY_NAME", "pg_collation", "collname"),
    ] {
        let table = find(table);
        let at = table.column(column);
        let mut order: Vec<usize> = (0..table.rows.len()).collect();
        order.sort_by_key(|&position| (table.rows[position].1[at].clone(), position));
        let _ = writeln!(out, "/// Positions in `{}` in the order of `{column}`.", table.name);
        let _ = writeln!(out, "pub static {constant}: &[u16] = &{order:?};");
    }
    for (constant, table, columns) in [
        ("CAST_BY_PAIR", "pg_cast", &["castsource", "casttarget"][..]),
        ("AMOP_BY_FAMILY", "pg_amop", &["amopfamily", "amoplefttype", "amoprighttype", "amopstrategy"]),
        ("AMOP_BY_OPERATOR", "pg_amop", &["amopopr"]),
        (
            "AMPROC_BY_FAMILY",
            "pg_amproc",
            &["amprocfamily", "amproclefttype", "amprocrighttype", "amprocnum"],
        ),
        ("OPCLASS_BY_TYPE", "pg_opclass", &["opcmethod", "opcintype"]),
        ("INDEX_BY_TABLE", "pg_index", &["indrelid"]),
        ("CONSTRAINT_BY_TABLE", "pg_constraint", &["conrelid"]),
        ("RANGE_BY_MULTIRANGE", "pg_range", &["rngmultitypid"]),
    ] {
        let table = find(table);
        let places: Vec<usize> = columns.iter().map(|column| table.column(column)).collect();
        let mut order: Vec<(Vec<u32>, u16)> = table
            .rows
            .iter()
            .enumerate()
            .map(|(position, (_, row))| {
                let key = places
                    .iter()
                    .map(|&at| row[at].as_deref().and_then(|text| text.parse().ok()).expect("number"));
                (key.collect(), u16::try_from(position).expect("few rows"))
            })
            .collect();
        order.sort();
        let _ = writeln!(out, "/// Positions in `{}` by {columns:?}.", table.name);
        let _ = writeln!(out, "pub static {constant}: &[([u32; {}], u16)] = &{order:?};", columns.len());
    }
    let _ = writeln!(out, "/// All catalogs with built-in rows.\npub static ALL: &[&BuiltinRelation] = &[");
    for table in tables {
        let _ = writeln!(out, "    &{},", table.name.to_uppercase());
    }
    let _ = writeln!(out, "];");
}

/// `columns::pg_class::RELNAME` and so on, from 0, for every catalog table.
fn column_numbers(tables: &[Table], class_oids: &HashMap<String, u32>, out: &mut String) {
    let attribute = tables.iter().find(|table| table.name == "pg_attribute").expect("pg_attribute");
    let class = tables.iter().find(|table| table.name == "pg_class").expect("pg_class");
    let mut modules: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    let names: HashMap<u32, &String> = class_oids.iter().map(|(name, oid)| (*oid, name)).collect();
    let kinds: HashMap<u64, &Vec<Field>> = class.rows.iter().map(|(id, row)| (*id, row)).collect();
    for (_, row) in &attribute.rows {
        let number =
            |at: usize| row[at].as_deref().and_then(|text| text.parse::<i64>().ok()).expect("a number");
        let is_table = kinds
            .get(&(number(0) as u64))
            .is_some_and(|row| row[6].as_deref() == Some("r") && row[2].as_deref() == Some("11"));
        if is_table && number(1) > 0 {
            let name = row[2].clone().unwrap_or_default();
            modules.entry(names[&(number(0) as u32)].clone()).or_default().push((number(1) - 1, name));
        }
    }
    let _ =
        writeln!(out, "/// Places of columns in the rows of each catalog, and its OID.\npub mod columns {{");
    for (module, columns) in modules {
        let _ = writeln!(out, "/// `{module}`\npub mod {module} {{");
        let _ = writeln!(out, "/// OID of the relation.\npub const RELATION: u32 = {};", class_oids[&module]);
        let _ = writeln!(out, "/// Number of columns.\npub const WIDTH: usize = {};", columns.len());
        for (at, name) in columns {
            let _ = writeln!(out, "/// `{name}`\npub const {}: usize = {at};", name.to_uppercase());
        }
        let _ = writeln!(out, "}}");
    }
    let _ = writeln!(out, "}}");
}

/// Keywords, settings, encodings, time zone abbreviations, argument defaults.
fn facts(dir: &str) {
    let mut out = String::new();
    let option = |field: &Field| field.as_ref().map_or("None".to_owned(), |text| format!("Some({text:?})"));
    let (_, keywords) = parse("data/keywords.tsv");
    let _ = writeln!(out, "/// All keywords, sorted.\npub static KEYWORDS: &[KeywordInfo] = &[");
    for row in &keywords {
        let text = |at: usize| row[at].clone().unwrap_or_default();
        let _ = writeln!(
            out,
            "    KeywordInfo {{ word: {:?}, category: b'{}', bare_label: {} }},",
            text(0),
            text(1),
            text(2) == "t"
        );
    }
    let (_, mut settings) = parse("data/settings.tsv");
    settings.sort_by_key(|row| row[0].as_ref().map(|name| name.to_ascii_lowercase()));
    let _ = writeln!(
        out,
        "];\n/// All settings, sorted by lower-case name.\npub static SETTINGS: &[SettingInfo] = &["
    );
    for row in &settings {
        let text = |at: usize| row[at].clone().unwrap_or_default();
        let _ = writeln!(
            out,
            "    SettingInfo {{ name: {:?}, value: {:?}, unit: {}, category: {:?}, context: {:?}, kind: {:?}, min: {}, \
             max: {}, choices: &{:?}, boot: {} }},",
            text(0),
            text(1),
            option(&row[2]),
            text(3),
            text(4),
            text(5),
            option(&row[6]),
            option(&row[7]),
            choices(&text(8)),
            option(&row[9]),
        );
    }
    let (_, encodings) = parse("data/encodings.tsv");
    let _ = writeln!(out, "];\n/// Encodings: number and name.\npub static ENCODINGS: &[(i32, &str)] = &[");
    for row in &encodings {
        let _ = writeln!(
            out,
            "    ({}, {:?}),",
            row[0].clone().unwrap_or_default(),
            row[1].clone().unwrap_or_default()
        );
    }
    let (_, defaults) = parse("data/pg_proc_argdefaults.tsv");
    let _ = writeln!(
        out,
        "];\n/// SQL texts of default arguments, by function.\npub static ARG_DEFAULTS: &[(u32, &str)] = &["
    );
    for row in &defaults {
        let _ = writeln!(
            out,
            "    ({}, {:?}),",
            row[0].clone().unwrap_or_default(),
            row[1].clone().unwrap_or_default()
        );
    }
    let _ = writeln!(out, "];");
    fs::write(format!("{dir}/facts.rs"), out).expect("OUT_DIR is writable");
}

fn choices(text: &str) -> Vec<String> {
    let inner = text.trim_start_matches('{').trim_end_matches('}');
    if inner.is_empty() {
        return Vec::new();
    }
    inner.split(',').map(|choice| choice.trim_matches('"').to_owned()).collect()
}
