//! ALTER COLUMN TYPE: the rows are rewritten; indexes and constraints over the column are made again from their
//! definitions.

use super::{Job, attributes, column_of, columns, identity, only_on};
use crate::context::StatementCtx;
use crate::ddl::index::{self, NewIndex};
use crate::ddl::util::{constraint_object, relation_object};
use crate::ddl::{constraint, dependency, describe, foreign_key, relation, sequence};
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_expr};
use pglitedb_analyzer::{
    ExprKind, bind_default, bind_generated, bind_relation_expr, format_type, lookup_collation,
    resolve_type_name,
};
use pglitedb_catalog::builtin::columns::{
    pg_attrdef, pg_attribute, pg_class, pg_constraint, pg_description, pg_rewrite, pg_statistic,
};
use pglitedb_catalog::{ForeignKeyAction, IndexInfo, RelKind, Relation, new_rows};
use pglitedb_query_tree::{Expr, TableLockMode, serial};
use pglitedb_sql_parser::ast::{
    self, ColumnRef, Constraint, ConstraintAttributes, ConstraintKind, Ident, KeyConstraint, MatchKind,
    QualifiedName, ReferentialAction, SequenceOption, SequenceOptionKind, Span, TypeName,
};
use pglitedb_sql_parser::{parse_expr, parse_type_name};
use pglitedb_sqlstate::{Error, Result, codes, err};
use pglitedb_tables::system::{DropBehavior, ObjectAddress};
use pglitedb_types::{Datum, Oid, TypeKind, oids};
use std::sync::Arc;

/// Something to make again.
pub(super) enum Rebuild {
    /// An index of its own.
    Index {
        info: Arc<IndexInfo>,
        expressions: Vec<String>,
        predicate: Option<String>,
        names: Vec<String>,
        options: Vec<String>,
        comment: Option<String>,
    },
    /// A constraint of a table.
    Constraint { table: Oid, written: Box<Constraint>, comment: Option<String> },
}

/// ALTER COLUMN ... TYPE.
pub(super) fn change(
    table: &Arc<Relation>,
    name: &Ident,
    type_name: &TypeName,
    collation: Option<&QualifiedName>,
    using: Option<&ast::Expr>,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::CompositeType], "ALTER COLUMN ... TYPE")?;
    let (attnum, column) = column_of(table, &name.name)?;
    if using.is_some() && column.generated != 0 {
        return Err(err!(
            INVALID_COLUMN_DEFINITION,
            "cannot specify USING when altering type of generated column"
        )
        .detail(format!("Column \"{}\" is a generated column.", name.name)));
    }
    let (type_oid, typmod) = resolve_type_name(type_name, &ctx.analyze())?;
    let info = ctx
        .catalog()
        .type_info(type_oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {type_oid}")))?;
    if info.kind == TypeKind::Pseudo {
        return Err(err!(INVALID_TABLE_DEFINITION, "column \"{}\" has pseudo-type {}", name.name, info.name));
    }
    crate::ddl::column_type::require_usage(type_oid, ctx)?;
    crate::ddl::column_type::refuse_self_inclusion(type_oid, table.row_type, ctx)?;
    let new_collation = match collation {
        Some(written) if info.collation == 0 => {
            let shown = format_type(type_oid, -1, &ctx.analyze())?;
            return Err(err!(DATATYPE_MISMATCH, "collations are not supported by type {shown}")
                .at(written.span().offset()));
        }
        Some(written) => lookup_collation(written, &ctx.analyze())?,
        None => info.collation,
    };
    columns::refuse_row_type_use(table, ctx)?;
    let default = column.default.as_ref().map(|text| serial::expr_from_text(text)).transpose()?;
    let default_text = default
        .as_ref()
        .map(|bound| deparse_expr(bound, Some(table), DeparseStyle::line(false), &ctx.analyze()))
        .transpose()?;
    if table.kind == RelKind::Table && column.generated == 0 {
        let value = transform(table, name, using, (type_oid, typmod), ctx)?;
        if !keeps_values(&value, column.typmod, typmod) {
            job.values.retain(|(known, _)| *known != attnum);
            job.values.push((attnum, value));
        }
    }
    take_dependents(table, attnum, &name.name, job, ctx)?;
    let default = default_text.map(|text| (text, column.generated));
    if default.is_some() {
        attributes::forget_default(table.oid, attnum, ctx)?;
    }
    store_type(table.oid, attnum, &info, typmod, new_collation, ctx)?;
    let now = relation::describe(table.oid, ctx)?;
    if let Some((text, generated)) = default {
        bind_old_default(&now, attnum, &text, generated, job, ctx)?;
    }
    if column.identity != 0 {
        retype_sequence(table.oid, attnum, type_oid, ctx)?;
    }
    Ok(())
}

/// The new value in terms of the old row.
fn transform(
    table: &Relation,
    name: &Ident,
    using: Option<&ast::Expr>,
    target: (Oid, i32),
    ctx: &StatementCtx<'_>,
) -> Result<Expr> {
    let plain = ast::Expr::new(
        ast::ExprKind::Column(ColumnRef { parts: vec![name.clone()], star: false }),
        name.span,
    );
    let expr = using.unwrap_or(&plain);
    let bound = bind_relation_expr(table, expr, ExprKind::AlterColTransform, Some(target), &ctx.analyze());
    bound.map_err(|error| {
        if error.code() != codes::DATATYPE_MISMATCH || !error.message().starts_with("expression of type") {
            return error;
        }
        let shown = format_type(target.0, target.1, &ctx.analyze()).unwrap_or_default();
        let column = &name.name;
        if using.is_some() {
            return err!(
                DATATYPE_MISMATCH,
                "result of USING clause for column \"{column}\" cannot be cast automatically to type {shown}"
            )
            .hint("You might need to add an explicit cast.");
        }
        let quoted = pglitedb_types::quote_identifier(column);
        err!(DATATYPE_MISMATCH, "column \"{column}\" cannot be cast automatically to type {shown}")
            .hint(format!("You might need to specify \"USING {quoted}::{shown}\"."))
    })
}

/// Does every stored value stay as it is?
fn keeps_values(value: &Expr, old_typmod: i32, typmod: i32) -> bool {
    match value {
        Expr::Var(_) => true,
        Expr::Relabel { arg, .. } => keeps_values(arg, old_typmod, typmod),
        // varchar(n) to a longer one: the length check cannot fail.
        Expr::Func(func) if func.result_type == oids::VARCHAR => {
            let longer = typmod < 0 || (old_typmod >= 0 && typmod >= old_typmod);
            longer
                && func.args.first().is_some_and(|arg| {
                    arg.type_oid() == oids::VARCHAR && keeps_values(arg, old_typmod, typmod)
                })
        }
        _ => false,
    }
}

fn store_type(
    table: Oid,
    attnum: i16,
    info: &pglitedb_types::TypeInfo,
    typmod: i32,
    collation: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    /// `pg_statistic_relid_att_inh_index`
    const STATISTICS: Oid = 2696;
    let writer = ctx.writer()?;
    writer.update_attribute(table, attnum, |row| {
        use pg_attribute::*;
        row[ATTTYPID] = Datum::Oid(info.oid);
        row[ATTTYPMOD] = Datum::Int4(typmod);
        row[ATTLEN] = Datum::Int2(info.len);
        row[ATTBYVAL] = Datum::Bool(info.by_value);
        row[ATTALIGN] = Datum::Char(info.align);
        row[ATTSTORAGE] = Datum::Char(info.storage);
        row[ATTCOMPRESSION] = Datum::Char(0);
        row[ATTCOLLATION] = Datum::Oid(collation);
        row[ATTNDIMS] = Datum::Int2(i16::from(info.is_true_array));
        Ok(())
    })?;
    let address = ObjectAddress::column(table, attnum);
    writer.delete_dependencies_of(address)?;
    dependency::record_type(address, info.oid, collation, ctx)?;
    let keys = [Datum::Oid(table), Datum::Int2(attnum)];
    writer.delete_by_index(pg_statistic::RELATION, STATISTICS, &keys).map(drop)
}

fn bind_old_default(
    table: &Relation,
    attnum: i16,
    text: &str,
    generated: u8,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let column = table.column(attnum).ok_or_else(|| Error::internal("column is gone"))?;
    let parsed = parse_expr(text)?;
    let mut analyze = ctx.analyze();
    analyze.source = text;
    let (type_oid, typmod) = (column.type_oid, column.typmod);
    let bound = if generated != 0 {
        bind_generated(table, &parsed, &column.name, type_oid, typmod, &analyze)
    } else {
        bind_default(&parsed, &column.name, type_oid, typmod, ExprKind::ColumnDefault, &analyze)
    };
    let bound = bound.map_err(|error| {
        let what = if generated != 0 { "generation expression" } else { "default" };
        let shown = format_type(type_oid, typmod, &ctx.analyze()).unwrap_or_default();
        if error.code() == codes::DATATYPE_MISMATCH {
            err!(
                DATATYPE_MISMATCH,
                "{what} for column \"{}\" cannot be cast automatically to type {shown}",
                column.name
            )
        } else {
            error
        }
    })?;
    relation::store_default(table.oid, attnum, &bound, generated != 0, ctx)?;
    if generated == b's' {
        job.generated.retain(|(known, _)| *known != attnum);
        job.generated.push((attnum, bound));
    }
    Ok(())
}

fn retype_sequence(table: Oid, attnum: i16, type_oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if !matches!(type_oid, oids::INT2 | oids::INT4 | oids::INT8) {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "identity column type must be smallint, integer, or bigint"
        ));
    }
    let Some(oid) = identity::sequence_of(table, attnum, ctx)? else { return Ok(()) };
    let name = parse_type_name(&format_type(type_oid, -1, &ctx.analyze())?)?;
    let option = SequenceOption { kind: SequenceOptionKind::As(name), span: Span::default() };
    sequence::alter_relation(&*relation::describe(oid, ctx)?, &[option], ctx)
}

/// Notes and drops what is built on the column; refuses what cannot be made again.
fn take_dependents(
    table: &Relation,
    attnum: i16,
    name: &str,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if let Some(user) = identity::generated_users(table, attnum)?.into_iter().find(|user| user != name) {
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a generated column")
            .detail(format!("Column \"{name}\" is used by generated column \"{user}\".")));
    }
    let mut taken: Vec<ObjectAddress> = Vec::new();
    for edge in ctx.writer()?.dependents_on(ObjectAddress::column(table.oid, attnum))? {
        let object = edge.depender;
        if taken.contains(&object) {
            continue;
        }
        match object.class {
            pg_class::RELATION => {
                let Some(index) = ctx.catalog().index(object.object)? else { continue };
                job.rebuild.push(index_definition(table, &index, ctx)?);
                taken.push(object);
            }
            pg_constraint::RELATION => {
                if let Some(rebuild) = constraint_definition(object.object, ctx)? {
                    job.rebuild.push(rebuild);
                    taken.push(object);
                }
            }
            pg_rewrite::RELATION => {
                return Err(err!(
                    FEATURE_NOT_SUPPORTED,
                    "cannot alter type of a column used by a view or rule"
                )
                .detail(format!("{} depends on column \"{name}\"", describe::object(object, ctx)?)));
            }
            pg_attrdef::RELATION => {}
            _ => {
                return Err(Error::unsupported(format!(
                    "altering the type of a column that {} depends on is not supported yet",
                    describe::object(object, ctx)?
                )));
            }
        }
    }
    crate::ddl::drop::drop_objects(&taken, DropBehavior::Restrict, ctx)
}

fn comment_of(object: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<Option<String>> {
    /// `pg_description_o_c_o_index`
    const BY_OBJECT: Oid = 2675;
    let keys = [Datum::Oid(object.object), Datum::Oid(object.class), Datum::Int4(object.part)];
    let rows = ctx
        .env()
        .with_catalog(|catalog| catalog.rows_by_index(pg_description::RELATION, BY_OBJECT, &keys))?;
    let text = rows.first().and_then(|row| row.get(pg_description::DESCRIPTION).and_then(Datum::as_str));
    Ok(text.map(str::to_owned))
}

fn text_of(stored: &str, table: &Relation, ctx: &StatementCtx<'_>) -> Result<String> {
    let bound = serial::expr_from_text(stored)?;
    deparse_expr(&bound, Some(table), DeparseStyle::line(false), &ctx.analyze())
}

fn index_definition(table: &Relation, info: &Arc<IndexInfo>, ctx: &StatementCtx<'_>) -> Result<Rebuild> {
    let own = relation::describe(info.oid, ctx)?;
    Ok(Rebuild::Index {
        info: info.clone(),
        expressions: info.expressions.iter().map(|text| text_of(text, table, ctx)).collect::<Result<_>>()?,
        predicate: info.predicate.as_ref().map(|text| text_of(text, table, ctx)).transpose()?,
        names: own.columns.iter().take(info.columns.len()).map(|column| column.name.to_string()).collect(),
        options: own.options.iter().map(|option| option.to_string()).collect(),
        comment: comment_of(relation_object(info.oid), ctx)?,
    })
}

fn idents(table: &Relation, attnums: &[i16]) -> Vec<Ident> {
    attnums.iter().filter_map(|attnum| table.column(*attnum)).map(|c| Ident::synthetic(&c.name)).collect()
}

/// A constraint as it would be written; `None` for NOT NULL, which a new type does not touch.
fn constraint_definition(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Option<Rebuild>> {
    use pg_constraint::*;
    let address = constraint_object(oid);
    let row = crate::ddl::object::object_row(address, ctx)?;
    let flag = |at: usize| row.get(at).and_then(Datum::as_bool).unwrap_or(false);
    let table_oid = row.get(CONRELID).and_then(Datum::as_oid).unwrap_or(0);
    let table = relation::describe(table_oid, ctx)?;
    ctx.lock_relation(table_oid, TableLockMode::AccessExclusive)?;
    let kind = match row.get(CONTYPE) {
        Some(Datum::Char(b'n')) => return Ok(None),
        Some(Datum::Char(b'c')) => {
            let stored = row.get(CONBIN).and_then(Datum::as_str).unwrap_or_default();
            ConstraintKind::Check(parse_expr(&text_of(stored, &table, ctx)?)?)
        }
        Some(Datum::Char(letter @ (b'p' | b'u'))) => {
            let index_oid = row.get(CONINDID).and_then(Datum::as_oid).unwrap_or(0);
            let info = ctx.catalog().index(index_oid)?.ok_or_else(|| Error::internal("index is gone"))?;
            let attnums: Vec<i16> = info.columns.iter().map(|column| column.attnum).collect();
            let key = KeyConstraint {
                columns: idents(&table, &attnums),
                nulls_not_distinct: info.nulls_not_distinct,
                include: idents(&table, &info.include),
                ..KeyConstraint::default()
            };
            if *letter == b'p' { ConstraintKind::PrimaryKey(key) } else { ConstraintKind::Unique(key) }
        }
        Some(Datum::Char(b'f')) => ConstraintKind::ForeignKey(foreign_key_definition(oid, &table, ctx)?),
        _ => return Err(Error::unsupported("this kind of constraint cannot be made again")),
    };
    let written = Constraint {
        name: Some(Ident::synthetic(row.get(CONNAME).and_then(Datum::as_str).unwrap_or_default())),
        kind,
        attributes: ConstraintAttributes {
            deferrable: flag(CONDEFERRABLE).then_some(true),
            initially_deferred: flag(CONDEFERRED).then_some(true),
            not_valid: !flag(CONVALIDATED) && flag(CONENFORCED),
            no_inherit: flag(CONNOINHERIT) && matches!(row.get(CONTYPE), Some(Datum::Char(b'c'))),
            enforced: (!flag(CONENFORCED)).then_some(false),
        },
        span: Span::default(),
    };
    let comment = comment_of(address, ctx)?;
    Ok(Some(Rebuild::Constraint { table: table_oid, written: Box::new(written), comment }))
}

fn foreign_key_definition(oid: Oid, table: &Relation, ctx: &StatementCtx<'_>) -> Result<ast::ForeignKey> {
    let key = table
        .foreign_keys
        .iter()
        .find(|key| key.oid == oid)
        .ok_or_else(|| Error::internal("foreign key is not among the table's"))?;
    let other = relation::describe(key.ref_table, ctx)?;
    let action = |action: ForeignKeyAction, columns: &[i16]| match action {
        ForeignKeyAction::NoAction => ReferentialAction::NoAction,
        ForeignKeyAction::Restrict => ReferentialAction::Restrict,
        ForeignKeyAction::Cascade => ReferentialAction::Cascade,
        ForeignKeyAction::SetNull => ReferentialAction::SetNull(idents(table, columns)),
        ForeignKeyAction::SetDefault => ReferentialAction::SetDefault(idents(table, columns)),
    };
    Ok(ast::ForeignKey {
        columns: idents(table, &key.columns),
        period: false,
        references: QualifiedName {
            parts: vec![Ident::synthetic(&other.namespace_name), Ident::synthetic(&other.name)],
        },
        referenced_columns: idents(&other, &key.ref_columns),
        referenced_period: false,
        match_kind: if key.match_full { MatchKind::Full } else { MatchKind::Simple },
        on_delete: action(key.on_delete, &key.delete_set_columns),
        on_update: action(key.on_update, &[]),
    })
}

/// Makes again what new types made to be dropped: checks, keys, indexes, then foreign keys.
pub(super) fn rebuild(job: &mut Job<'_>, table: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut items = std::mem::take(&mut job.rebuild);
    let rank = |item: &Rebuild| match item {
        Rebuild::Constraint { written, .. } => match written.kind {
            ConstraintKind::Check(_) => 0,
            ConstraintKind::PrimaryKey(_) => 1,
            ConstraintKind::ForeignKey(_) => 4,
            _ => 2,
        },
        Rebuild::Index { .. } => 3,
    };
    items.sort_by_key(rank);
    for item in items {
        match item {
            Rebuild::Index { info, expressions, predicate, names, options, comment } => {
                let oid =
                    rebuild_index(table, &info, &expressions, predicate.as_deref(), names, options, ctx)?;
                ctx.writer()?.set_description(relation_object(oid), comment.as_deref())?;
            }
            Rebuild::Constraint { table: own, written, comment } => {
                let now = relation::describe(own, ctx)?;
                let oid = match &written.kind {
                    ConstraintKind::Check(_) => {
                        let (oid, _) = constraint::add_check(&now, &written, None, ctx)?;
                        if written.attributes.enforced.is_none() && !written.attributes.not_valid {
                            job.checks.push(oid);
                        }
                        oid
                    }
                    ConstraintKind::ForeignKey(_) => foreign_key::add(&now, &written, None, true, ctx)?,
                    _ => constraint::add_key(&now, &written, None, ctx)?,
                };
                ctx.writer()?.set_description(constraint_object(oid), comment.as_deref())?;
            }
        }
    }
    Ok(())
}

fn rebuild_index(
    table: Oid,
    info: &IndexInfo,
    expressions: &[String],
    predicate: Option<&str>,
    names: Vec<String>,
    options: Vec<String>,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let table = relation::describe(table, ctx)?;
    let bind = |text: &str, kind: ExprKind| {
        let mut analyze = ctx.analyze();
        analyze.source = text;
        bind_relation_expr(&table, &parse_expr(text)?, kind, None, &analyze)
    };
    let bound: Vec<Expr> =
        expressions.iter().map(|text| bind(text, ExprKind::IndexExpression)).collect::<Result<_>>()?;
    let mut next = bound.iter();
    let mut columns = info.columns.clone();
    for column in &mut columns {
        let (type_oid, collation) = match table.column(column.attnum) {
            Some(source) => (source.type_oid, source.collation),
            None => next.next().map_or((0, 0), |expr| (expr.type_oid(), expr.collation())),
        };
        if type_oid == column.type_oid {
            continue;
        }
        column.type_oid = type_oid;
        column.collation = collation;
        (column.opclass, column.opfamily) = index::operator_class(type_oid, None, info.access_method, ctx)?;
    }
    let index = NewIndex {
        name: info.name.to_string(),
        method: info.access_method,
        flags: new_rows::IndexFlags {
            unique: info.is_unique,
            primary: false,
            nulls_not_distinct: info.nulls_not_distinct,
            ..Default::default()
        },
        columns,
        include: info.include.clone(),
        expressions: bound,
        predicate: predicate.map(|text| bind(text, ExprKind::IndexPredicate)).transpose()?,
        column_names: names,
        options,
        constraint: None,
    };
    index::define(&table, index, ctx)
}
