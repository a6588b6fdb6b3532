//! FOREIGN KEY constraints.

use super::relation;
use super::util::{
    check_owner, choose_constraint_name, constraint_names, constraint_object, relation_object,
};
use crate::context::StatementCtx;
use pglitedb_analyzer::lookup_relation;
use pglitedb_catalog::builtin::columns::{pg_class, pg_constraint};
use pglitedb_catalog::{ForeignKey, IndexInfo, RelKind, Relation, new_rows};
use pglitedb_executor::foreign_key::ForeignKeyCheck;
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::{self, Constraint, ConstraintKind, MatchKind, ReferentialAction};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::Direction;
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, format_type_be, oids};
use std::sync::Arc;

fn action_letter(action: &ReferentialAction) -> u8 {
    match action {
        ReferentialAction::NoAction => b'a',
        ReferentialAction::Restrict => b'r',
        ReferentialAction::Cascade => b'c',
        ReferentialAction::SetNull(_) => b'n',
        ReferentialAction::SetDefault(_) => b'd',
    }
}

fn column_numbers(table: &Relation, names: &[ast::Ident]) -> Result<Vec<i16>> {
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        let (attnum, _) = table.column_by_name(&name.name).ok_or_else(|| {
            err!(
                UNDEFINED_COLUMN,
                "column \"{}\" referenced in foreign key constraint does not exist",
                name.name
            )
        })?;
        numbers.push(attnum);
    }
    Ok(numbers)
}

/// The unique index behind the referenced columns, with the columns (the primary key's if none are written).
fn referenced_key(referenced: &Relation, written: &[ast::Ident]) -> Result<(Arc<IndexInfo>, Vec<i16>)> {
    if written.is_empty() {
        let key = referenced.primary_key().ok_or_else(|| {
            err!(UNDEFINED_OBJECT, "there is no primary key for referenced table \"{}\"", referenced.name)
        })?;
        if !key.is_immediate {
            return Err(err!(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                "cannot use a deferrable primary key for referenced table \"{}\"",
                referenced.name
            ));
        }
        return Ok((key.clone(), key.columns.iter().map(|column| column.attnum).collect()));
    }
    let columns = column_numbers(referenced, written)?;
    for (at, column) in columns.iter().enumerate() {
        if columns[..at].contains(column) {
            return Err(err!(
                INVALID_FOREIGN_KEY,
                "foreign key referenced-columns list must not contain duplicates"
            ));
        }
    }
    let matches = |index: &&Arc<IndexInfo>| {
        index.is_unique
            && index.predicate.is_none()
            && index.expressions.is_empty()
            && index.columns.len() == columns.len()
            && index.columns.iter().all(|column| columns.contains(&column.attnum))
    };
    match referenced.indexes.iter().filter(matches).find(|index| index.is_immediate) {
        Some(index) => Ok((index.clone(), columns)),
        None if referenced.indexes.iter().any(|index| matches(&index)) => Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "cannot use a deferrable unique constraint for referenced table \"{}\"",
            referenced.name
        )),
        None => Err(err!(
            INVALID_FOREIGN_KEY,
            "there is no unique constraint matching given keys for referenced table \"{}\"",
            referenced.name
        )),
    }
}

/// Equality operators: referenced = referencing, referenced = referenced, referencing = referencing.
struct Operators {
    pf: Vec<Oid>,
    pp: Vec<Oid>,
    ff: Vec<Oid>,
}

fn operators(
    table: &Relation,
    columns: &[i16],
    referenced: &Relation,
    ref_columns: &[i16],
    index: &IndexInfo,
    name: &str,
    ctx: &StatementCtx<'_>,
) -> Result<Operators> {
    let mut found = Operators { pf: Vec::new(), pp: Vec::new(), ff: Vec::new() };
    for (own, other) in columns.iter().zip(ref_columns) {
        let (Some(own), Some(other_column)) = (table.column(*own), referenced.column(*other)) else {
            return Err(Error::internal("column is gone"));
        };
        let key = index.columns.iter().find(|column| column.attnum == *other);
        let family = key.map_or(0, |key| key.opfamily);
        let class = match key {
            Some(key) => ctx.catalog().opclass(key.opclass)?.map_or(0, |class| class.input_type),
            None => 0,
        };
        let pp = ctx.catalog().amop(family, class, class, 3)?.unwrap_or(0);
        let exact = ctx.catalog().amop(family, class, own.type_oid, 3)?;
        let own_base = ctx.catalog().domain_base(own.type_oid)?.oid;
        let pf = match exact {
            Some(op) => Some(op),
            None => match ctx.catalog().amop(family, class, own_base, 3)? {
                Some(op) => Some(op),
                // Types without an operator of their own (varchar, domains) compare as the key's type.
                None if class == oids::ANYENUM
                    && own_base != ctx.catalog().domain_base(other_column.type_oid)?.oid =>
                {
                    None
                }
                None if is_binary_coercible(own_base, class, ctx)? => Some(pp),
                None => None,
            },
        };
        let Some(pf) = pf.filter(|_| pp != 0) else {
            let env = pglitedb_functions::SessionEnv::as_type_env(ctx.env());
            return Err(err!(DATATYPE_MISMATCH, "foreign key constraint \"{name}\" cannot be implemented").detail(
                format!(
                    "Key columns \"{}\" of the referencing table and \"{}\" of the referenced table are of incompatible types: {} and {}.",
                    own.name,
                    other_column.name,
                    format_type_be(own.type_oid, env)?,
                    format_type_be(other_column.type_oid, env)?
                ),
            ));
        };
        found.pf.push(pf);
        found.pp.push(pp);
        found.ff.push(ctx.catalog().amop(family, own_base, own_base, 3)?.unwrap_or(pp));
    }
    Ok(found)
}

fn is_binary_coercible(from: Oid, to: Oid, ctx: &StatementCtx<'_>) -> Result<bool> {
    if from == to {
        return Ok(true);
    }
    let cast = ctx.catalog().cast(from, to)?;
    if cast.is_some_and(|cast| cast.method == pglitedb_catalog::CastMethod::Binary) {
        return Ok(true);
    }
    let info = ctx.catalog().type_info(from)?;
    Ok(match to {
        pglitedb_types::oids::ANYARRAY => info.is_some_and(|info| info.is_true_array),
        pglitedb_types::oids::ANYENUM => info.is_some_and(|info| info.kind == pglitedb_types::TypeKind::Enum),
        pglitedb_types::oids::ANYRANGE => {
            info.is_some_and(|info| info.kind == pglitedb_types::TypeKind::Range)
        }
        pglitedb_types::oids::ANYMULTIRANGE => {
            info.is_some_and(|info| info.kind == pglitedb_types::TypeKind::Multirange)
        }
        _ => false,
    })
}

/// Adds a FOREIGN KEY constraint. `column`: written with that column. With `check_rows`, the rows that are there must
/// satisfy it (unless NOT VALID).
pub fn add(
    table: &Arc<Relation>,
    constraint: &Constraint,
    column: Option<&ast::Ident>,
    check_rows: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let ConstraintKind::ForeignKey(key) = &constraint.kind else {
        return Err(Error::internal("not a foreign key"));
    };
    if key.period || key.referenced_period {
        return Err(Error::unsupported("temporal foreign keys (PERIOD) are not supported yet"));
    }
    let referenced = lookup_relation(&key.references, &ctx.analyze())?;
    ctx.lock_relation(referenced.oid, TableLockMode::ShareRowExclusive)?;
    let referenced = relation::describe(referenced.oid, ctx)?;
    check_referenced(table, &referenced, ctx)?;
    let columns = match column {
        Some(column) => column_numbers(table, std::slice::from_ref(column))?,
        None => column_numbers(table, &key.columns)?,
    };
    let (index, ref_columns) = referenced_key(&referenced, &key.referenced_columns)?;
    if columns.len() != ref_columns.len() {
        return Err(err!(
            INVALID_FOREIGN_KEY,
            "number of referencing and referenced columns for foreign key disagree"
        ));
    }
    check_generated(table, &columns, key)?;
    let taken = constraint_names(table.oid, ctx)?;
    let name = match &constraint.name {
        Some(name) => {
            super::constraint::check_name_free(&name.name, table, &taken)?;
            name.name.to_string()
        }
        None => {
            let names: Vec<String> = columns
                .iter()
                .filter_map(|column| table.column(*column).map(|column| column.name.to_string()))
                .collect();
            choose_constraint_name(&table.name, &super::index::make_columns_part(&names), "fkey", &taken)
        }
    };
    let operators = operators(table, &columns, &referenced, &ref_columns, &index, &name, ctx)?;
    let set_columns = match &key.on_delete {
        ReferentialAction::SetNull(list) | ReferentialAction::SetDefault(list) => {
            column_numbers(table, list)?
        }
        _ => Vec::new(),
    };
    if let Some(outside) = set_columns.iter().find(|column| !columns.contains(column)) {
        let name = table.column(*outside).map_or("?", |column| &*column.name);
        return Err(err!(
            INVALID_COLUMN_REFERENCE,
            "column \"{name}\" referenced in ON DELETE SET action must be part of foreign key"
        ));
    }
    let (deferrable, deferred) = super::constraint::deferrability(constraint)?;
    let enforced = constraint.attributes.enforced.unwrap_or(true);
    let validated = enforced && !constraint.attributes.not_valid;
    let oid = ctx.writer()?.new_oid()?;
    let mut row = new_rows::constraint_row(oid, &name, table.namespace, b'f', table.oid, &columns);
    {
        use pg_constraint::*;
        row[CONDEFERRABLE] = Datum::Bool(deferrable);
        row[CONDEFERRED] = Datum::Bool(deferred);
        row[CONENFORCED] = Datum::Bool(enforced);
        row[CONVALIDATED] = Datum::Bool(validated);
        row[CONINDID] = Datum::Oid(index.oid);
        row[CONFRELID] = Datum::Oid(referenced.oid);
        row[CONFKEY] = new_rows::int2_array(&ref_columns);
        row[CONFUPDTYPE] = Datum::Char(action_letter(&key.on_update));
        row[CONFDELTYPE] = Datum::Char(action_letter(&key.on_delete));
        row[CONFMATCHTYPE] = Datum::Char(if key.match_kind == MatchKind::Full { b'f' } else { b's' });
        row[CONPFEQOP] = new_rows::oid_array(&operators.pf);
        row[CONPPEQOP] = new_rows::oid_array(&operators.pp);
        row[CONFFEQOP] = new_rows::oid_array(&operators.ff);
        if !set_columns.is_empty() {
            row[CONFDELSETCOLS] = new_rows::int2_array(&set_columns);
        }
    }
    ctx.writer()?.insert(pg_constraint::RELATION, &row)?;
    record_dependencies(oid, table, &columns, &referenced, &ref_columns, &index, ctx)?;
    for relation in [table.oid, referenced.oid] {
        relation::update_class(relation, ctx, |row| row[pg_class::RELHASTRIGGERS] = Datum::Bool(true))?;
    }
    if check_rows && validated {
        validate(table.oid, oid, ctx)?;
    }
    Ok(oid)
}

fn check_referenced(table: &Relation, referenced: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if referenced.kind != RelKind::Table {
        return Err(err!(WRONG_OBJECT_TYPE, "referenced relation \"{}\" is not a table", referenced.name));
    }
    if referenced.is_catalog {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: \"{}\" is a system catalog",
            referenced.name
        ));
    }
    if referenced.oid != table.oid {
        check_owner(referenced.owner, "table", &referenced.name, ctx).or_else(|error| {
            if ctx.env().has_references_privilege(referenced)? { Ok(()) } else { Err(error) }
        })?;
    }
    use pglitedb_catalog::Persistence::{Permanent, Temporary, Unlogged};
    let message = match (table.persistence, referenced.persistence) {
        (Permanent, Unlogged | Temporary) => {
            "constraints on permanent tables may reference only permanent tables"
        }
        (Unlogged, Temporary) => {
            "constraints on unlogged tables may reference only permanent or unlogged tables"
        }
        (Temporary, Permanent | Unlogged) => {
            "constraints on temporary tables may reference only temporary tables"
        }
        _ => return Ok(()),
    };
    Err(err!(INVALID_TABLE_DEFINITION, "{message}"))
}

fn check_generated(table: &Relation, columns: &[i16], key: &ast::ForeignKey) -> Result<()> {
    for column in columns {
        if table.column(*column).is_none_or(|column| column.generated == 0) {
            continue;
        }
        let sets = |action: &ReferentialAction| {
            matches!(action, ReferentialAction::SetNull(_) | ReferentialAction::SetDefault(_))
        };
        let clause = if sets(&key.on_update) || key.on_update == ReferentialAction::Cascade {
            Some("ON UPDATE")
        } else {
            sets(&key.on_delete).then_some("ON DELETE")
        };
        if let Some(clause) = clause {
            return Err(err!(
                SYNTAX_ERROR,
                "invalid {clause} action for foreign key constraint containing generated column"
            ));
        }
    }
    Ok(())
}

fn record_dependencies(
    oid: Oid,
    table: &Relation,
    columns: &[i16],
    referenced: &Relation,
    ref_columns: &[i16],
    index: &IndexInfo,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let object = constraint_object(oid);
    for column in columns {
        writer.record_dependency(object, ObjectAddress::column(table.oid, *column), DependencyKind::Auto)?;
    }
    for column in ref_columns {
        writer.record_dependency(
            object,
            ObjectAddress::column(referenced.oid, *column),
            DependencyKind::Normal,
        )?;
    }
    // Dropping the referenced key's constraint drops its index, and with it what needs the index.
    writer.record_dependency(object, relation_object(index.oid), DependencyKind::Normal)
}

/// Checks all rows of the referencing table.
pub fn validate(table: Oid, constraint: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = relation::describe(table, ctx)?;
    let key: Arc<ForeignKey> = relation
        .foreign_keys
        .iter()
        .find(|key| key.oid == constraint)
        .cloned()
        .ok_or_else(|| Error::internal("new foreign key is not among the table's constraints"))?;
    ctx.next_command()?;
    let snapshot = ctx.fresh_snapshot();
    let runtime = ctx.runtime(&snapshot);
    let access = ctx.space().open(&relation, ctx.catalog())?;
    let mut scan = access.scan(ctx.txn(), &snapshot, Direction::Forward)?;
    let mut row = vec![Datum::Null; relation.columns.len()];
    while let Some(id) = scan.next(&[], &mut row)? {
        runtime.check()?;
        ForeignKeyCheck { key: key.clone(), relation: relation.clone(), row: id }.run(&runtime)?;
    }
    Ok(())
}
