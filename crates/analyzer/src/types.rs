//! Questions about types.

use crate::binder::Binder;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Oid, TypeInfo, TypeKind, oids};
use std::sync::Arc;

impl Binder<'_> {
    /// A type's description; a missing one is an internal error.
    pub fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        self.ctx
            .catalog
            .type_info(oid)?
            .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))
    }

    /// The type under a domain, or the type itself.
    pub fn base_type(&self, oid: Oid) -> Result<Oid> {
        Ok(self.base_type_and_typmod(oid, -1)?.0)
    }

    /// The type and type modifier under a domain. `typmod` is that of the value itself.
    pub fn base_type_and_typmod(&self, oid: Oid, typmod: i32) -> Result<(Oid, i32)> {
        let (mut oid, mut typmod) = (oid, typmod);
        // Most built-in types are no domains: the OID alone tells.
        while oid >= oids::FIRST_NORMAL_OID || is_information_schema_range(oid) {
            let info = self.type_info(oid)?;
            if info.kind != TypeKind::Domain {
                break;
            }
            oid = info.base_type;
            typmod = info.base_typmod;
        }
        Ok((oid, typmod))
    }

    /// Element type of a true array, 0 otherwise.
    pub fn element_type(&self, oid: Oid) -> Result<Oid> {
        let info = self.type_info(oid)?;
        Ok(if info.is_true_array { info.element } else { 0 })
    }

    /// Element type of an array or of a domain over one, 0 otherwise.
    pub fn base_element_type(&self, oid: Oid) -> Result<Oid> {
        self.element_type(self.base_type(oid)?)
    }

    /// Array type over an element type, 0 if there is none.
    pub fn array_type(&self, oid: Oid) -> Result<Oid> {
        Ok(self.type_info(oid)?.array)
    }

    /// Category and preference.
    pub fn category(&self, oid: Oid) -> Result<(u8, bool)> {
        let info = self.type_info(oid)?;
        Ok((info.category, info.is_preferred))
    }

    /// Collation a type's values have by themselves, 0 if none.
    pub fn type_collation(&self, oid: Oid) -> Result<Oid> {
        Ok(match oid {
            oids::INT4 | oids::INT8 | oids::BOOL => 0,
            oids::TEXT => 100,
            _ => self.type_info(oid)?.collation,
        })
    }

    /// The relation behind a composite type (not a domain), 0 if it is none.
    pub fn composite_relid(&self, oid: Oid) -> Result<Oid> {
        Ok(self.type_info(oid)?.relid)
    }

    /// A composite type, or a domain over one?
    pub fn is_row_type(&self, oid: Oid) -> Result<bool> {
        if oid == oids::RECORD {
            return Ok(true);
        }
        let info = self.type_info(oid)?;
        match info.kind {
            TypeKind::Composite => Ok(true),
            TypeKind::Domain => self.is_row_type(self.base_type(oid)?),
            _ => Ok(false),
        }
    }

    /// A named composite type?
    pub fn is_complex(&self, oid: Oid) -> Result<bool> {
        Ok(self.composite_relid(self.base_type(oid)?)? != 0)
    }

    /// Subtype of a range type, 0 otherwise.
    pub fn range_subtype(&self, oid: Oid) -> Result<Oid> {
        let info = self.type_info(oid)?;
        Ok(if info.kind == TypeKind::Range { info.range_subtype } else { 0 })
    }

    /// Range type of a multirange type, 0 otherwise.
    pub fn multirange_range(&self, oid: Oid) -> Result<Oid> {
        let info = self.type_info(oid)?;
        Ok(if info.kind == TypeKind::Multirange { info.range_subtype } else { 0 })
    }

    /// The printed name of a type.
    pub fn type_name(&self, oid: Oid) -> String {
        crate::format_type::format_type(self, oid, None).unwrap_or_else(|_| format!("{oid}"))
    }

    /// The printed name of a type with its modifier.
    pub fn type_name_typmod(&self, oid: Oid, typmod: i32) -> String {
        crate::format_type::format_type(self, oid, Some(typmod)).unwrap_or_else(|_| format!("{oid}"))
    }
}

/// Built-in domains (those of the information schema) have OIDs that initdb assigned.
fn is_information_schema_range(oid: Oid) -> bool {
    oid >= 12000
}

/// One of the polymorphic pseudo-types?
pub(crate) fn is_polymorphic(oid: Oid) -> bool {
    is_polymorphic1(oid) || is_polymorphic2(oid)
}

/// The `any...` family.
pub(crate) fn is_polymorphic1(oid: Oid) -> bool {
    matches!(
        oid,
        oids::ANYELEMENT
            | oids::ANYARRAY
            | oids::ANYNONARRAY
            | oids::ANYENUM
            | oids::ANYRANGE
            | oids::ANYMULTIRANGE
    )
}

/// The `anycompatible...` family.
pub(crate) fn is_polymorphic2(oid: Oid) -> bool {
    matches!(
        oid,
        oids::ANYCOMPATIBLE
            | oids::ANYCOMPATIBLEARRAY
            | oids::ANYCOMPATIBLENONARRAY
            | oids::ANYCOMPATIBLERANGE
            | oids::ANYCOMPATIBLEMULTIRANGE
    )
}
