//! CREATE INDEX, and the indexes of PRIMARY KEY and UNIQUE constraints.

use super::relation::{self, NewColumn};
use super::util::{
    CreationPlace, check_owner, choose_relation_name, constraint_object, relation_name_is_free,
    relation_object,
};
use super::{dependency, options};
use crate::context::StatementCtx;
use pglitedb_analyzer::{
    ExprKind, bind_relation_expr, default_operator_class, index_column_name, lookup_collation,
    lookup_relation,
};
use pglitedb_catalog::builtin::columns::{pg_class, pg_index, pg_opclass};
use pglitedb_catalog::{IndexColumn, RelKind, Relation, Volatility, new_rows};
use pglitedb_executor::CompileCtx;
use pglitedb_executor::write::RowWriter;
use pglitedb_planner::table_pages;
use pglitedb_query_tree::{Expr, SpecialExpr, TableLockMode, serial};
use pglitedb_sql_parser::ast::{
    CreateIndexStatement, IndexKey, NullsOrder, Persistence, QualifiedName, SortDirection, TableIndexElem,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::BuiltIndex;
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, JsonbValue, Oid};

/// `pg_am.oid` of btree and hash.
pub const BTREE: Oid = 403;
const HASH: Oid = 405;
/// Key and included columns an index may have.
const COLUMNS_MAX: usize = 32;

/// An index to create.
pub struct NewIndex {
    /// Its name.
    pub name: String,
    /// Access method.
    pub method: Oid,
    /// Flags.
    pub flags: new_rows::IndexFlags,
    /// Key columns.
    pub columns: Vec<IndexColumn>,
    /// INCLUDE columns.
    pub include: Vec<i16>,
    /// Expressions of key columns with attnum 0.
    pub expressions: Vec<Expr>,
    /// Predicate.
    pub predicate: Option<Expr>,
    /// Names of the index's own columns.
    pub column_names: Vec<String>,
    /// `reloptions`
    pub options: Vec<String>,
    /// The constraint it belongs to.
    pub constraint: Option<Oid>,
}

/// CREATE INDEX.
pub fn create(stmt: &CreateIndexStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    if stmt.concurrently {
        ctx.prevent_in_block("CREATE INDEX CONCURRENTLY")?;
    }
    let table = lookup_relation(&stmt.relation.name, &ctx.analyze())?;
    ctx.lock_relation(table.oid, TableLockMode::Share)?;
    let table = relation::describe(table.oid, ctx)?;
    check_table(&table, ctx)?;
    let method = match stmt.access_method.as_ref().map(|method| &*method.name) {
        None | Some("btree") => BTREE,
        Some("hash") => HASH,
        Some(name @ ("gin" | "gist" | "spgist" | "brin")) => {
            return Err(Error::unsupported(format!("access method \"{name}\" is not supported yet")));
        }
        Some(name) => return Err(err!(UNDEFINED_OBJECT, "access method \"{name}\" does not exist")),
    };
    if method == HASH && stmt.unique {
        return Err(err!(FEATURE_NOT_SUPPORTED, "access method \"hash\" does not support unique indexes"));
    }
    if method == HASH && stmt.elements.len() > 1 {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "access method \"hash\" does not support multicolumn indexes"
        ));
    }
    if stmt.elements.len() + stmt.include.len() > COLUMNS_MAX {
        return Err(err!(TOO_MANY_COLUMNS, "cannot use more than {COLUMNS_MAX} columns in an index"));
    }
    if let Some(tablespace) = &stmt.tablespace
        && &*tablespace.name != "pg_default"
    {
        return Err(err!(UNDEFINED_OBJECT, "tablespace \"{}\" does not exist", tablespace.name));
    }
    let keys = resolve_elements(&table, &stmt.elements, method, ctx)?;
    let mut include = Vec::new();
    for element in &stmt.include {
        match &element.key {
            IndexKey::Column(name) => include.push(column_number(&table, &name.name)?),
            IndexKey::Expr(_) => {
                return Err(err!(FEATURE_NOT_SUPPORTED, "expressions are not supported in included columns"));
            }
        }
    }
    let predicate = match &stmt.where_clause {
        None => None,
        Some(expr) => {
            let bound = bind_relation_expr(&table, expr, ExprKind::IndexPredicate, None, &ctx.analyze())?;
            check_immutable(&bound, "functions in index predicate must be marked IMMUTABLE", ctx)?;
            Some(bound)
        }
    };
    let name = match &stmt.name {
        Some(name) => name.name.to_string(),
        None => {
            let columns = make_columns_part(&keys.column_names);
            choose_relation_name(&table.name, &columns, "idx", table.namespace, &|_| false, ctx)?
        }
    };
    let place = CreationPlace { namespace: table.namespace, name: name.clone(), is_temp: false };
    if !relation_name_is_free(&place, stmt.if_not_exists, ctx)? {
        return Ok(());
    }
    let index = NewIndex {
        name,
        method,
        flags: new_rows::IndexFlags {
            unique: stmt.unique,
            nulls_not_distinct: stmt.nulls_not_distinct,
            ..Default::default()
        },
        columns: keys.columns,
        include,
        expressions: keys.expressions,
        predicate,
        column_names: keys.column_names,
        options: options::relation_options(&stmt.options, ctx)?,
        constraint: None,
    };
    define(&table, index, ctx).map(drop)
}

fn check_table(table: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if table.is_catalog {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: \"{}\" is a system catalog",
            table.name
        ));
    }
    match table.kind {
        RelKind::Table | RelKind::MaterializedView => {
            check_owner(table.owner, super::describe::kind_word(table.kind), &table.name, ctx)
        }
        other => Err(err!(WRONG_OBJECT_TYPE, "cannot create index on relation \"{}\"", table.name)
            .detail(super::describe::unsupported_kind_detail(other))),
    }
}

/// Keys of an index.
pub struct Keys {
    /// Columns.
    pub columns: Vec<IndexColumn>,
    /// Expressions of columns with attnum 0.
    pub expressions: Vec<Expr>,
    /// Names for the index's columns.
    pub column_names: Vec<String>,
}

/// Attnum of a column of a table that is named in an index. System columns can't be indexed.
pub fn column_number(table: &Relation, name: &str) -> Result<i16> {
    table
        .column_by_name(name)
        .map(|(attnum, _)| attnum)
        .ok_or_else(|| err!(UNDEFINED_COLUMN, "column \"{name}\" does not exist"))
}

fn unique_column_name(name: &str, taken: &[String]) -> String {
    let mut candidate = name.to_owned();
    for number in 1.. {
        if !taken.contains(&candidate) {
            break;
        }
        candidate = format!("{name}{number}");
    }
    candidate
}

fn resolve_elements(
    table: &Relation,
    elements: &[TableIndexElem],
    method: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<Keys> {
    let mut keys = Keys { columns: Vec::new(), expressions: Vec::new(), column_names: Vec::new() };
    for element in elements {
        let (attnum, type_oid, mut collation, name) = match &element.key {
            IndexKey::Column(name) => {
                let attnum = column_number(table, &name.name)?;
                let column = table.column(attnum).ok_or_else(|| Error::internal("column is gone"))?;
                (attnum, column.type_oid, column.collation, name.name.to_string())
            }
            IndexKey::Expr(expr) => {
                let bound = bind_relation_expr(table, expr, ExprKind::IndexExpression, None, &ctx.analyze())?;
                check_immutable(&bound, "functions in index expression must be marked IMMUTABLE", ctx)?;
                let name = index_column_name(expr).unwrap_or("expr").to_owned();
                // An expression that is just a column is that column.
                match &bound {
                    Expr::Var(var) if var.attno > 0 => (var.attno, var.type_oid, var.collation, name),
                    _ => {
                        let (type_oid, collation) = (bound.type_oid(), bound.collation());
                        keys.expressions.push(bound);
                        (0, type_oid, collation, name)
                    }
                }
            }
        };
        if let Some(written) = &element.collation {
            collation = lookup_collation(written, &ctx.analyze())?;
        }
        let (opclass, family) = operator_class(type_oid, element.operator_class.as_ref(), method, ctx)?;
        if method == HASH {
            check_hash_class(opclass, ctx)?;
        }
        let descending = element.direction == SortDirection::Desc;
        let nulls_first = match element.nulls {
            Some(NullsOrder::First) => true,
            Some(NullsOrder::Last) => false,
            None => descending,
        };
        if method == HASH && (descending || element.nulls.is_some()) {
            let what = if descending { "ASC/DESC" } else { "NULLS FIRST/LAST" };
            return Err(err!(
                FEATURE_NOT_SUPPORTED,
                "access method \"hash\" does not support {what} options"
            ));
        }
        let name = unique_column_name(&name, &keys.column_names);
        keys.column_names.push(name);
        keys.columns.push(IndexColumn {
            attnum,
            type_oid,
            collation,
            opclass,
            opfamily: family,
            descending,
            nulls_first,
        });
    }
    Ok(keys)
}

/// An index hashes values as they are: equality by a function of the user's own would not find all that is equal.
fn check_hash_class(opclass: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if opclass < pglitedb_types::oids::FIRST_NORMAL_OID {
        return Ok(());
    }
    let catalog = ctx.catalog();
    let Some(class) = catalog.opclass(opclass)? else { return Ok(()) };
    let equal = catalog.amop(class.family, class.input_type, class.input_type, 1)?;
    let Some(operator) = equal.map(|equal| catalog.operator(equal)).transpose()?.flatten() else {
        return Ok(());
    };
    let own = catalog.proc(operator.proc)?.is_some_and(|proc| proc.builtin || proc.language == 12);
    if own {
        return Ok(());
    }
    Err(Error::unsupported("hash indexes by an equality of the user's own are not supported yet"))
}

/// The operator class by name, or the type's default one.
pub fn operator_class(
    type_oid: Oid,
    name: Option<&QualifiedName>,
    method: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<(Oid, Oid)> {
    let method_name = if method == HASH { "hash" } else { "btree" };
    let Some(name) = name else {
        let found = match default_operator_class(method, type_oid, &ctx.analyze())? {
            Some((_, input)) => {
                let classes = ctx.catalog().opclasses_for_type(method, input)?;
                classes.iter().find(|class| class.is_default).map(|class| (class.oid, class.family))
            }
            None => None,
        };
        return found.ok_or_else(|| {
            let shown = pglitedb_types::format_type_be(
                type_oid,
                pglitedb_functions::SessionEnv::as_type_env(ctx.env()),
            )
            .unwrap_or_default();
            err!(
                UNDEFINED_OBJECT,
                "data type {shown} has no default operator class for access method \"{method_name}\""
            )
            .hint("You must specify an operator class for the index or define a default operator class for the data type.")
        });
    };
    let mut found = ctx.catalog().opclasses_by_name(method, name.last())?;
    if let [schema, _] = name.parts.as_slice() {
        let namespace = super::util::namespace_oid(&schema.name, ctx)?;
        found.retain(|class| class.namespace == namespace);
    }
    found.into_iter().next().map(|class| (class.oid, class.family)).ok_or_else(|| {
        err!(
            UNDEFINED_OBJECT,
            "operator class \"{}\" does not exist for access method \"{method_name}\"",
            super::util::dotted(name)
        )
    })
}

/// `42P17` if an expression calls anything that is not immutable.
pub fn check_immutable(expr: &Expr, message: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut failed = Ok(false);
    expr.walk(&mut |node| {
        let func = match node {
            Expr::Func(func) => func.func,
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => op.func,
            Expr::ScalarArray(op) => op.func,
            Expr::SqlValue { .. } | Expr::NextValue { .. } => {
                failed = Ok(true);
                return false;
            }
            Expr::Special(special) => {
                if let Ok(false) = failed {
                    failed = is_mutable_json(special);
                }
                return true;
            }
            _ => return true,
        };
        if let Ok(false) = failed {
            failed = ctx
                .catalog()
                .proc(func)
                .map(|proc| proc.is_some_and(|proc| proc.volatility != Volatility::Immutable));
        }
        true
    });
    if failed? { Err(err!(INVALID_OBJECT_DEFINITION, "{message}")) } else { Ok(()) }
}

/// Does an expression of SQL/JSON depend on the session: dates and times compared or written?
fn is_mutable_json(special: &SpecialExpr) -> Result<bool> {
    match (&*special.name, special.args.as_slice()) {
        ("json_exists" | "json_value" | "json_query", [_, path, passed @ ..]) => {
            let Expr::Const(path) = path else { return Ok(true) };
            let Datum::Text(text) = &path.value else { return Ok(false) };
            let options = pglitedb_types::json::parse_jsonb(&special.options)?;
            let names = match pglitedb_functions::json::node::member(&options, "passing") {
                Some(JsonbValue::Array(names)) => names.as_slice(),
                _ => &[],
            };
            let variable = |wanted: &str| {
                let named = |name: &JsonbValue| matches!(name, JsonbValue::String(name) if **name == *wanted);
                passed.get(names.iter().position(named)?).map(Expr::type_oid)
            };
            Ok(pglitedb_types::jsonpath::is_mutable(&pglitedb_types::jsonpath::parse(text)?, &variable))
        }
        ("json_object" | "json_array" | "json_scalar", args) => Ok(args.iter().any(|arg| {
            use pglitedb_types::oids;
            // Arrays and composites may hold what does.
            !matches!(
                arg.type_oid(),
                oids::BOOL
                    | oids::INT2
                    | oids::INT4
                    | oids::INT8
                    | oids::FLOAT4
                    | oids::FLOAT8
                    | oids::NUMERIC
                    | oids::TEXT
                    | oids::VARCHAR
                    | oids::BPCHAR
                    | oids::NAME
                    | oids::UUID
                    | oids::JSON
                    | oids::JSONB
            )
        })),
        _ => Ok(false),
    }
}

/// `a_b_c` of column names, cut.
pub fn make_columns_part(names: &[String]) -> String {
    let mut out = String::new();
    for name in names {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(name);
        if out.len() >= super::util::NAME_MAX {
            break;
        }
    }
    super::util::truncate_name(&out, super::util::NAME_MAX).to_owned()
}

/// Creates an index and fills it.
pub fn define(table: &Relation, index: NewIndex, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let count = i16::try_from(index.columns.len() + index.include.len()).unwrap_or(i16::MAX);
    let mut row = new_rows::class_row(oid, &index.name, table.namespace, table.owner, RelKind::Index, count);
    row[pg_class::RELAM] = Datum::Oid(index.method);
    row[pg_class::RELPERSISTENCE] = Datum::Char(match table.persistence {
        pglitedb_catalog::Persistence::Permanent => b'p',
        pglitedb_catalog::Persistence::Unlogged => b'u',
        pglitedb_catalog::Persistence::Temporary => b't',
    });
    if !index.options.is_empty() {
        row[pg_class::RELOPTIONS] =
            new_rows::text_array(&index.options.iter().map(String::as_str).collect::<Vec<_>>());
    }
    writer.insert(pg_class::RELATION, &row)?;
    add_columns(oid, table, &index, ctx)?;
    let texts = index.expressions.iter().map(serial::expr_to_text).collect::<Result<Vec<_>>>()?;
    let predicate = index.predicate.as_ref().map(serial::expr_to_text).transpose()?;
    let expressions = new_rows::join_expressions(&texts);
    writer.insert(
        pg_index::RELATION,
        &new_rows::index_row(
            oid,
            table.oid,
            &index.columns,
            &index.include,
            index.flags,
            expressions.as_deref(),
            predicate.as_deref(),
        ),
    )?;
    relation::update_class(table.oid, ctx, |row| row[pg_class::RELHASINDEX] = Datum::Bool(true))?;
    record_dependencies(oid, table, &index, ctx)?;
    build(table.oid, oid, ctx)?;
    Ok(oid)
}

fn add_columns(oid: Oid, table: &Relation, index: &NewIndex, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut number = 0;
    for (column, name) in index.columns.iter().zip(&index.column_names) {
        number += 1;
        let typmod = table.column(column.attnum).map_or(-1, |column| column.typmod);
        let column = NewColumn {
            name: name.clone(),
            type_oid: column.type_oid,
            typmod,
            collation: column.collation,
            not_null: false,
            identity: 0,
            generated: 0,
            storage: None,
        };
        relation::add_attribute(oid, number, &column, ctx)?;
    }
    for attnum in &index.include {
        number += 1;
        let Some(source) = table.column(*attnum) else { continue };
        let column = NewColumn {
            name: source.name.to_string(),
            type_oid: source.type_oid,
            typmod: source.typmod,
            collation: source.collation,
            not_null: false,
            identity: 0,
            generated: 0,
            storage: None,
        };
        relation::add_attribute(oid, number, &column, ctx)?;
    }
    Ok(())
}

fn record_dependencies(oid: Oid, table: &Relation, index: &NewIndex, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let object = relation_object(oid);
    match index.constraint {
        Some(constraint) => {
            writer.record_dependency(object, constraint_object(constraint), DependencyKind::Internal)?;
        }
        None => {
            let attnums =
                index.columns.iter().map(|column| column.attnum).chain(index.include.iter().copied());
            let mut any = false;
            for attnum in attnums.filter(|attnum| *attnum > 0) {
                any = true;
                writer.record_dependency(
                    object,
                    ObjectAddress::column(table.oid, attnum),
                    DependencyKind::Auto,
                )?;
            }
            if !any {
                writer.record_dependency(object, relation_object(table.oid), DependencyKind::Auto)?;
            }
        }
    }
    for column in &index.columns {
        let class = ObjectAddress::new(pg_opclass::RELATION, column.opclass);
        writer.record_dependency(object, class, DependencyKind::Normal)?;
    }
    for expr in index.expressions.iter().chain(&index.predicate) {
        dependency::record_expr(object, expr, Some(table.oid), DependencyKind::Auto, ctx)?;
    }
    Ok(())
}

/// Creates the storage of a new index and adds the entries of all rows. The planner then knows how large the table is.
pub fn build(table: Oid, index: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = relation::describe(table, ctx)?;
    let access = ctx.space().open(&relation, ctx.catalog())?;
    let storage = access
        .index(index)
        .ok_or_else(|| Error::internal("new index is not among the table's indexes"))?
        .storage();
    ctx.txn().create_storage(storage).map_err(pglitedb_tables::storage_error)?;
    let snapshot = ctx.fresh_snapshot();
    let runtime = ctx.runtime(&snapshot);
    let mut compile = CompileCtx::new(ctx.catalog(), ctx.env(), ctx.registry());
    let rows = RowWriter::new(&relation, &mut compile)?;
    let built = rows.with_ctx(&runtime, |write| access.build_index(write, index, &|| runtime.check()))?;
    note_sizes(&relation, index, &built, ctx)
}

/// Puts what was met while an index was built on record: an empty table that was never analyzed stays an unknown one.
fn note_sizes(relation: &Relation, index: Oid, built: &BuiltIndex, ctx: &StatementCtx<'_>) -> Result<()> {
    let average = |bytes: u64, count: u64| bytes as f64 / count.max(1) as f64;
    if built.rows > 0 || relation.reltuples >= 0.0 {
        let rows = built.rows as f64;
        put_size(relation.oid, rows, table_pages(rows, average(built.row_bytes, built.rows)), ctx)?;
    }
    let entries = built.entries as f64;
    put_size(index, entries, index_pages(entries, average(built.key_bytes, built.entries)), ctx)
}

/// Puts the size of a table or index on record, for the planner.
pub fn put_size(oid: Oid, rows: f64, pages: f64, ctx: &StatementCtx<'_>) -> Result<()> {
    relation::update_class(oid, ctx, |row| {
        row[pg_class::RELTUPLES] = Datum::Float4(rows as f32);
        row[pg_class::RELPAGES] = Datum::Int4(pages.min(f64::from(i32::MAX)) as i32);
    })
}

/// Pages that PostgreSQL would need for an index of so many entries, with keys of this width on average.
pub fn index_pages(entries: f64, width: f64) -> f64 {
    let entry = 12.0 + (width / 8.0).ceil() * 8.0;
    (entries / (8168.0 * 0.9 / entry).floor().max(1.0)).ceil() + 1.0
}

/// Persistence as the grammar has it.
pub fn persistence_of(relation: &Relation) -> Persistence {
    match relation.persistence {
        pglitedb_catalog::Persistence::Permanent => Persistence::Permanent,
        pglitedb_catalog::Persistence::Unlogged => Persistence::Unlogged,
        pglitedb_catalog::Persistence::Temporary => Persistence::Temporary,
    }
}
