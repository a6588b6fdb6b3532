//! Names of relations, collations and schemas.

use crate::binder::Binder;
use pglitedb_catalog::Relation;
use pglitedb_sql_parser::ast::QualifiedName;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::Oid;
use std::sync::Arc;

/// A dotted name as messages show it.
pub(crate) fn dotted(name: &QualifiedName) -> String {
    let parts: Vec<&str> = name.parts.iter().map(|part| part.as_str()).collect();
    parts.join(".")
}

impl Binder<'_> {
    /// Splits `[catalog.]schema.name`; a foreign catalog is refused.
    pub fn schema_and_name<'n>(&self, name: &'n QualifiedName) -> Result<(Option<&'n str>, &'n str)> {
        match name.parts.as_slice() {
            [] => Err(Error::internal("empty name")),
            [own] => Ok((None, own.as_str())),
            [schema, own] => Ok((Some(schema.as_str()), own.as_str())),
            [catalog, schema, own] => {
                if catalog.as_str() != &*self.ctx.env.current_database() {
                    bail!(
                        FEATURE_NOT_SUPPORTED,
                        "cross-database references are not implemented: {}",
                        dotted(name)
                    );
                }
                Ok((Some(schema.as_str()), own.as_str()))
            }
            _ => {
                bail!(SYNTAX_ERROR, "improper qualified name (too many dotted names): {}", dotted(name))
            }
        }
    }

    /// OID of a schema by name, `3F000` if there is none.
    pub fn schema_oid(&self, schema: &str) -> Result<Oid> {
        self.ctx
            .catalog
            .namespace_by_name(schema)?
            .ok_or_else(|| err!(UNDEFINED_SCHEMA, "schema \"{schema}\" does not exist"))
    }

    /// OID of a relation, `None` if it (or its schema) does not exist.
    pub fn find_relation(&self, name: &QualifiedName) -> Result<Option<Oid>> {
        let (schema, own) = self.schema_and_name(name).map_err(|error| {
            let message = error.message();
            if let Some(rest) = message.strip_prefix("improper qualified name (too many dotted names)") {
                let text = format!("improper relation name (too many dotted names){rest}");
                return Error::new(error.code(), text).at(name.span().offset());
            }
            let quoted = format!("cross-database references are not implemented: \"{}\"", dotted(name));
            Error::new(error.code(), quoted).at(name.span().offset())
        })?;
        match schema {
            Some(schema) => match self.ctx.catalog.namespace_by_name(schema)? {
                Some(namespace) => self.ctx.catalog.relation_oid(namespace, own),
                None => Ok(None),
            },
            None => {
                for &namespace in self.search_path() {
                    if let Some(oid) = self.ctx.catalog.relation_oid(namespace, own)? {
                        return Ok(Some(oid));
                    }
                }
                Ok(None)
            }
        }
    }

    /// The relation of a name; `None` if there is none.
    pub fn try_relation(&self, name: &QualifiedName) -> Result<Option<Arc<Relation>>> {
        match self.find_relation(name)? {
            Some(oid) => self.ctx.catalog.relation(oid),
            None => Ok(None),
        }
    }

    /// The relation of a name, or PostgreSQL's error at the name.
    pub fn relation(&self, name: &QualifiedName) -> Result<Arc<Relation>> {
        if let Some(relation) = self.try_relation(name)? {
            return Ok(relation);
        }
        Err(self.missing_relation(name))
    }

    fn missing_relation(&self, name: &QualifiedName) -> Error {
        let error = match self.schema_and_name(name) {
            Ok((Some(schema), own)) => {
                err!(UNDEFINED_TABLE, "relation \"{schema}.{own}\" does not exist")
            }
            Ok((None, own)) => err!(UNDEFINED_TABLE, "relation \"{own}\" does not exist"),
            Err(error) => error,
        };
        error.at(name.span().offset())
    }

    /// A relation by OID; a missing one is an internal error.
    pub fn relation_by_oid(&self, oid: Oid) -> Result<Arc<Relation>> {
        self.ctx
            .catalog
            .relation(oid)?
            .ok_or_else(|| Error::internal(format!("could not open relation with OID {oid}")))
    }

    /// The collation of a name.
    pub fn collation(&self, name: &QualifiedName) -> Result<Oid> {
        let (schema, own) = self.schema_and_name(name)?;
        let found = self.ctx.catalog.collations_by_name(own)?;
        let missing = || {
            let shown = dotted(name);
            err!(UNDEFINED_OBJECT, "collation \"{shown}\" for encoding \"UTF8\" does not exist")
        };
        match schema {
            Some(schema) => {
                let namespace = self.schema_oid(schema)?;
                found.iter().find(|c| c.namespace == namespace).map(|c| c.oid).ok_or_else(missing)
            }
            None => {
                for &namespace in self.search_path() {
                    if let Some(collation) = found.iter().find(|c| c.namespace == namespace) {
                        return Ok(collation.oid);
                    }
                }
                Err(missing())
            }
        }
    }
}
