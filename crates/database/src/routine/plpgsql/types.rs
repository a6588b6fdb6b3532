//! What the parser asks about types.

use crate::env::Env;
use pglitedb_analyzer::{AnalyzeContext, lookup_collation, resolve_type_name, try_lookup_relation};
use pglitedb_catalog::{Catalog, Relation};
use pglitedb_plpgsql::Types;
use pglitedb_plpgsql::ast::TypeRef;
use pglitedb_sql_parser::ast::{Ident, QualifiedName};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, TypeEnv, TypeKind, oids};
use std::sync::Arc;

/// The session's types.
pub(super) struct SessionTypes<'a> {
    pub env: &'a Env,
}

impl SessionTypes<'_> {
    /// A type by OID.
    pub(super) fn of_oid(&self, oid: Oid, typmod: i32) -> Result<TypeRef> {
        if oid == oids::RECORD {
            return Ok(TypeRef { oid, typmod: -1, collation: 0, composite: true });
        }
        let info = TypeEnv::type_info(self.env, oid)?;
        let mut base = info.clone();
        while base.kind == TypeKind::Domain {
            base = TypeEnv::type_info(self.env, base.base_type)?;
        }
        let composite = base.kind == TypeKind::Composite;
        Ok(TypeRef { oid, typmod, collation: info.collation, composite })
    }

    fn relation(&self, parts: &[String]) -> Result<Arc<Relation>> {
        let name = QualifiedName { parts: parts.iter().map(|part| Ident::synthetic(part)).collect() };
        let ctx = AnalyzeContext::new(self.env, self.env, "");
        let found = try_lookup_relation(&name, &ctx).map_err(without_position)?;
        found.ok_or_else(|| err!(UNDEFINED_TABLE, "relation \"{}\" does not exist", parts.join(".")))
    }
}

fn without_position(mut error: Error) -> Error {
    error.fields_mut().position = None;
    error
}

impl Types for SessionTypes<'_> {
    fn named(&self, text: &str) -> Result<TypeRef> {
        let name = pglitedb_sql_parser::parse_type_name(text)?;
        let ctx = AnalyzeContext::new(self.env, self.env, text);
        let (oid, typmod) = resolve_type_name(&name, &ctx)?;
        let info = TypeEnv::type_info(self.env, oid)?;
        if !info.is_defined {
            return Err(err!(WRONG_OBJECT_TYPE, "type \"{}\" is only a shell", info.name));
        }
        if info.kind == TypeKind::Pseudo && oid != oids::RECORD {
            return Err(err!(FEATURE_NOT_SUPPORTED, "variable has pseudo-type {}", info.name));
        }
        self.of_oid(oid, typmod)
    }

    fn of_column(&self, parts: &[String]) -> Result<TypeRef> {
        let Some((column, table)) = parts.split_last() else {
            return Err(Error::internal("empty name"));
        };
        let relation = self.relation(table)?;
        let (_, found) = relation.column_by_name(column).ok_or_else(|| {
            err!(UNDEFINED_COLUMN, "column \"{column}\" of relation \"{}\" does not exist", relation.name)
        })?;
        let mut of_type = self.of_oid(found.type_oid, found.typmod)?;
        of_type.collation = found.collation;
        Ok(of_type)
    }

    fn of_row(&self, parts: &[String]) -> Result<TypeRef> {
        let relation = self.relation(parts)?;
        if relation.row_type == 0 {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "relation \"{}\" does not have a composite type",
                relation.name
            ));
        }
        self.of_oid(relation.row_type, -1)
    }

    fn array_of(&self, element: &TypeRef) -> Result<TypeRef> {
        let info = TypeEnv::type_info(self.env, element.oid)?;
        // An array of arrays is an array of more dimensions.
        let oid = if info.is_true_array { element.oid } else { info.array };
        if oid == 0 {
            return Err(err!(UNDEFINED_OBJECT, "could not find array type for data type {}", info.name));
        }
        Ok(TypeRef { oid, typmod: element.typmod, collation: element.collation, composite: false })
    }

    fn collation(&self, text: &str) -> Result<Oid> {
        let ctx = AnalyzeContext::new(self.env, self.env, text);
        let parts = crate::functions::reg::name_parts(text)?;
        let name = QualifiedName { parts: parts.iter().map(|part| Ident::synthetic(part)).collect() };
        lookup_collation(&name, &ctx).map_err(without_position)
    }

    fn has_field(&self, of_type: &TypeRef, field: &str) -> Result<bool> {
        let info = TypeEnv::type_info(self.env, of_type.oid)?;
        let relation = self.env.relation(info.relid)?;
        Ok(relation.is_some_and(|relation| relation.column_by_name(field).is_some()))
    }
}
