//! COMMENT ON.

use super::object::{check_object_owner, object_row, resolve};
use crate::context::StatementCtx;
use crate::ddl::role::may_administer;
use pglitedb_catalog::RelKind;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::{CommentStatement, ObjectKind, ObjectRef};
use pglitedb_sqlstate::{Result, Severity, codes, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid};

/// COMMENT ON ... IS ...
pub fn comment(stmt: &CommentStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let object = match resolve(&stmt.object, ctx) {
        Ok(object) => object,
        // A dump may name the database it was made of.
        Err(error) if error.code() == codes::UNDEFINED_DATABASE => {
            ctx.notice(err!(UNDEFINED_DATABASE, "{}", error.message()).severity(Severity::Warning));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    check_allowed(object, &stmt.object, ctx)?;
    if let ObjectRef::Named { kind: ObjectKind::Column, .. } = &stmt.object {
        check_has_comments(object, ctx)?;
    }
    // An empty comment is none.
    let text = stmt.comment.as_deref().filter(|text| !text.is_empty());
    match object.class {
        pg_database::RELATION | pg_authid::RELATION | pg_tablespace::RELATION => {
            set_shared(object, text, ctx)
        }
        class => {
            ctx.lock_object(class, object.object, TableLockMode::ShareUpdateExclusive)?;
            ctx.writer()?.set_description(object, text)
        }
    }
}

fn check_allowed(object: ObjectAddress, named: &ObjectRef, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().is_superuser() {
        return Ok(());
    }
    if object.class == pg_authid::RELATION {
        if may_administer(object.object, ctx)? {
            return Ok(());
        }
        let row = object_row(object, ctx)?;
        let name = row.get(pg_authid::ROLNAME).and_then(Datum::as_str).unwrap_or("?").to_owned();
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied")
            .detail(format!("The current user must have the ADMIN option on role \"{name}\".")));
    }
    let _ = named;
    check_object_owner(ObjectAddress { part: 0, ..object }, ctx)
}

fn check_has_comments(column: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = super::relation::describe(column.object, ctx)?;
    let fits = matches!(
        relation.kind,
        RelKind::Table
            | RelKind::View
            | RelKind::MaterializedView
            | RelKind::CompositeType
            | RelKind::ForeignTable
            | RelKind::PartitionedTable
    );
    if fits {
        return Ok(());
    }
    Err(err!(WRONG_OBJECT_TYPE, "cannot set comment on relation \"{}\"", relation.name)
        .detail(super::describe::unsupported_kind_detail(relation.kind)))
}

/// Sets or removes the comment of a database, role or tablespace.
pub fn set_shared(object: ObjectAddress, text: Option<&str>, ctx: &StatementCtx<'_>) -> Result<()> {
    use pg_shdescription::*;
    use pglitedb_catalog::CatalogSource as _;
    /// `pg_shdescription_o_c_index`
    const BY_OBJECT: Oid = 2397;
    let writer = ctx.writer()?;
    let keys = [Datum::Oid(object.object), Datum::Oid(object.class)];
    let found = writer.source().lookup(RELATION, BY_OBJECT, &keys)?.into_iter().next();
    match (found, text) {
        (Some((id, _)), Some(text)) => writer
            .update(RELATION, id, |row| {
                row[DESCRIPTION] = Datum::text(text);
                Ok(())
            })
            .map(drop),
        (Some((id, _)), None) => writer.delete(RELATION, id).map(drop),
        (None, Some(text)) => {
            let mut row = vec![Datum::Null; WIDTH];
            row[OBJOID] = Datum::Oid(object.object);
            row[CLASSOID] = Datum::Oid(object.class);
            row[DESCRIPTION] = Datum::text(text);
            writer.insert(RELATION, &row).map(drop)
        }
        (None, None) => Ok(()),
    }
}
