//! How one type becomes another.

use crate::binder::Binder;
use pglitedb_catalog::{CastContext, CastMethod};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// A way from type to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// There is none.
    None,
    /// The bits are the same.
    Relabel,
    /// By a function.
    Func(Oid),
    /// Element by element.
    Array,
    /// Through text.
    Io,
}

const STRING_CATEGORY: u8 = b'S';

impl Binder<'_> {
    /// The way from one type to another in a context.
    pub fn coercion_path(&self, target: Oid, source: Oid, context: CastContext) -> Result<Path> {
        let source = self.base_type(source)?;
        let target = self.base_type(target)?;
        if source == target {
            return Ok(Path::Relabel);
        }
        if let Some(cast) = self.ctx.catalog.cast(source, target)? {
            if context < cast.context {
                return Ok(Path::None);
            }
            return Ok(match cast.method {
                CastMethod::Function => Path::Func(cast.func),
                CastMethod::InOut => Path::Io,
                CastMethod::Binary => Path::Relabel,
            });
        }
        let target_info = self.type_info(target)?;
        let source_info = self.type_info(source)?;
        if target != oids::OIDVECTOR
            && target != oids::INT2VECTOR
            && target_info.is_true_array
            && source_info.is_true_array
            && self.coercion_path(target_info.element, source_info.element, context)? != Path::None
        {
            return Ok(Path::Array);
        }
        if context >= CastContext::Assignment && target_info.category == STRING_CATEGORY {
            return Ok(Path::Io);
        }
        if context >= CastContext::Explicit && source_info.category == STRING_CATEGORY {
            return Ok(Path::Io);
        }
        Ok(Path::None)
    }

    /// The function that applies a type modifier.
    pub fn typmod_path(&self, type_oid: Oid) -> Result<Path> {
        let info = self.type_info(type_oid)?;
        let (of, array) = if info.is_true_array { (info.element, true) } else { (type_oid, false) };
        Ok(match self.ctx.catalog.cast(of, of)? {
            Some(cast) if cast.func != 0 => {
                if array {
                    Path::Array
                } else {
                    Path::Func(cast.func)
                }
            }
            _ => Path::None,
        })
    }

    /// Can a value of one type be used as the other without any work?
    pub fn binary_coercible(&self, source: Oid, target: Oid) -> Result<bool> {
        if source == target
            || target == oids::ANY
            || target == oids::ANYELEMENT
            || target == oids::ANYCOMPATIBLE
        {
            return Ok(true);
        }
        let source = self.base_type(source)?;
        if source == target {
            return Ok(true);
        }
        let info = self.type_info(source)?;
        match target {
            oids::ANYARRAY | oids::ANYCOMPATIBLEARRAY => return Ok(info.is_true_array),
            oids::ANYNONARRAY | oids::ANYCOMPATIBLENONARRAY => return Ok(!info.is_true_array),
            oids::ANYENUM => return Ok(info.kind == pglitedb_types::TypeKind::Enum),
            oids::ANYRANGE | oids::ANYCOMPATIBLERANGE => {
                return Ok(info.kind == pglitedb_types::TypeKind::Range);
            }
            oids::ANYMULTIRANGE | oids::ANYCOMPATIBLEMULTIRANGE => {
                return Ok(info.kind == pglitedb_types::TypeKind::Multirange);
            }
            oids::RECORD => return Ok(info.relid != 0),
            oids::RECORD_ARRAY => {
                return Ok(info.is_true_array && self.is_complex(info.element)?);
            }
            _ => {}
        }
        Ok(self
            .ctx
            .catalog
            .cast(source, target)?
            .is_some_and(|cast| cast.method == CastMethod::Binary && cast.context == CastContext::Implicit))
    }
}
