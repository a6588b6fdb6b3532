//! SQL values on their way in and out.

use crate::error::{Error, Result};
use crate::types::Type;
use pglitedb_database::Env;
use pglitedb_sqlstate::Result as EngineResult;
use pglitedb_types::{ArrayValue, BuiltinEnv, Datum, Oid, RecordValue, TypeEnv, TypeKind, input, oids, recv};
use std::sync::{Arc, OnceLock};

/// An SQL value on its way into the database: what [`ToSql`](crate::ToSql) makes.
///
/// Own types are best made from those that exist: `self.0.to_sql(ty)`.
#[derive(Clone, Debug)]
pub struct Value(pub(crate) Repr);

#[derive(Clone, Debug)]
pub(crate) enum Repr {
    Datum(Datum),
    Binary(Box<[u8]>),
}

impl Value {
    /// NULL.
    pub fn null() -> Value {
        Value(Repr::Datum(Datum::Null))
    }

    /// Text, or the text form of a value of any other type: it is read as a quoted literal would be.
    pub fn text(text: &str) -> Value {
        Value(Repr::Datum(Datum::text(text)))
    }

    /// A value in PostgreSQL's binary format.
    pub fn binary(bytes: &[u8]) -> Value {
        Value(Repr::Binary(bytes.into()))
    }

    /// Is it NULL?
    pub fn is_null(&self) -> bool {
        matches!(self.0, Repr::Datum(Datum::Null))
    }

    #[inline]
    pub(crate) fn datum(datum: Datum) -> Value {
        Value(Repr::Datum(datum))
    }

    /// The value as the engine wants it for a parameter.
    #[inline]
    pub(crate) fn fit(self, type_oid: Oid, env: &Env) -> EngineResult<Datum> {
        match self.0 {
            Repr::Datum(Datum::Text(text))
                if !matches!(type_oid, oids::TEXT | oids::VARCHAR | oids::UNKNOWN) =>
            {
                input(&text, type_oid, -1, env)
            }
            Repr::Datum(Datum::Array(array)) => fit_array(array, env),
            Repr::Datum(datum) if type_oid < oids::FIRST_NORMAL_OID => Ok(datum),
            Repr::Datum(datum) => {
                let info = TypeEnv::type_info(env, type_oid)?;
                if info.kind == TypeKind::Domain {
                    env.check_domain(type_oid, &datum)?;
                }
                Ok(datum)
            }
            Repr::Binary(bytes) => recv(&bytes, type_oid, -1, env),
        }
    }
}

/// Strings among the elements of an array of another type are read too.
fn fit_array(array: Arc<ArrayValue>, env: &Env) -> EngineResult<Datum> {
    let is_text = matches!(array.elem_type, oids::TEXT | oids::VARCHAR);
    if is_text || !array.values.iter().any(|value| matches!(value, Datum::Text(_))) {
        return Ok(Datum::Array(array));
    }
    let mut array = ArrayValue::clone(&array);
    for value in &mut array.values {
        if let Datum::Text(text) = value {
            *value = input(text, array.elem_type, -1, env)?;
        }
    }
    Ok(Datum::Array(Arc::new(array)))
}

/// An SQL value on its way out of the database: what [`FromSql`](crate::FromSql) reads. Never NULL.
#[derive(Clone, Copy, Debug)]
pub struct ValueRef<'a>(pub(crate) &'a Datum);

impl<'a> ValueRef<'a> {
    /// The text of a value of a text type (`text`, `varchar`, `char(n)`, `name`, `json`, `xml`, an enum).
    pub fn as_str(self) -> Option<&'a str> {
        self.0.as_str()
    }

    /// The bytes of a `bytea`.
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        match self.0 {
            Datum::Bytea(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text form of any value, in ISO style.
    pub fn to_text(self, ty: &Type) -> Result<String> {
        if let Some(text) = self.0.as_str() {
            return Ok(text.to_owned());
        }
        pglitedb_types::output_string(self.0, ty.oid(), plain_env()).map_err(|error| Error::new(error, ""))
    }
}

/// For forms of values that depend on no session.
pub(crate) fn plain_env() -> &'static BuiltinEnv {
    static ENV: OnceLock<BuiltinEnv> = OnceLock::new();
    ENV.get_or_init(BuiltinEnv::default)
}

/// May values of a type hold something that only the session can print?
pub(crate) fn needs_session(type_oid: Oid, env: &dyn TypeEnv) -> bool {
    if type_oid == oids::RECORD || type_oid == oids::RECORD_ARRAY {
        return true;
    }
    type_oid >= oids::FIRST_NORMAL_OID
        && env.type_info(type_oid).is_ok_and(|info| {
            matches!(info.kind, TypeKind::Enum | TypeKind::Composite | TypeKind::Domain)
                || (info.element != 0 && needs_session(info.element, env))
        })
}

/// The value with labels instead of enum values, so that it can leave the session.
pub(crate) fn detach(datum: &Datum, env: &dyn TypeEnv) -> EngineResult<Datum> {
    match datum {
        Datum::Enum(value) => Ok(Datum::Text(env.enum_label(*value)?)),
        Datum::Array(array) => {
            let values = array.values.iter().map(|value| detach(value, env)).collect::<EngineResult<_>>()?;
            let (elem_type, dims) = (array.elem_type, array.dims.clone());
            Ok(Datum::Array(Arc::new(ArrayValue { elem_type, dims, values })))
        }
        Datum::Record(record) => {
            let fields = record.fields.iter().map(|value| detach(value, env)).collect::<EngineResult<_>>()?;
            Ok(Datum::Record(Arc::new(RecordValue { fields, ..(**record).clone() })))
        }
        other => Ok(other.clone()),
    }
}
