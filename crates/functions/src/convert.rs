//! From [`Datum`]s to Rust values and back, and the macros that wrap typed Rust functions.
//!
//! `scalars!(reg; "int4pl" => |a: i32, b: i32| add4(a, b); ...)` registers one [`Builtin`](crate::Builtin) per line.
//! The body may be a plain value, an `Option` (NULL) or a `Result`, and may use `?`. `[ctx]` before the bars names the
//! call context. Argument types are those implementing [`Arg`]; `Option<T>` for functions that are not strict.

use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{
    ArrayValue, BitString, Datum, EnumValue, Geometry, Inet, Interval, JsonbValue, Numeric, RangeValue,
    RecordValue,
};
use std::sync::Arc;

/// A Rust type that an argument can be read as.
pub trait Arg<'a>: Sized {
    /// Reads the argument.
    fn get(datum: &'a Datum) -> Result<Self>;
}

/// A Rust type that a result can be made of.
pub trait Ret {
    /// Makes the result.
    fn ret(self) -> Result<Datum>;
}

/// The value of an argument is not of the type that the function was declared with: a bug in the caller.
#[cold]
pub fn mismatch(datum: &Datum, wanted: &str) -> Error {
    let found = if datum.is_null() { "NULL" } else { "another type" };
    Error::internal(format!("function argument is {found} where {wanted} was expected"))
}

/// The number of arguments is not the declared one: a bug in the caller.
#[cold]
pub fn arity(name: &str, found: usize) -> Error {
    Error::internal(format!("built-in function {name} called with {found} arguments"))
}

macro_rules! by_value {
    ($($ty:ty => $variant:ident),* $(,)?) => {$(
        impl<'a> Arg<'a> for $ty {
            #[inline(always)]
            fn get(datum: &'a Datum) -> Result<Self> {
                match datum {
                    Datum::$variant(value) => Ok(*value),
                    other => Err(mismatch(other, stringify!($variant))),
                }
            }
        }
        impl Ret for $ty {
            #[inline(always)]
            fn ret(self) -> Result<Datum> {
                Ok(Datum::$variant(self))
            }
        }
    )*};
}

by_value! {
    bool => Bool, u8 => Char, i16 => Int2, i32 => Int4, i64 => Int8, f32 => Float4, f64 => Float8, u32 => Oid,
    u64 => UInt8, [u8; 16] => Uuid, Interval => Interval, EnumValue => Enum, Inet => Inet, [u8; 8] => Mac,
}

macro_rules! by_reference {
    ($($ty:ty => $variant:ident),* $(,)?) => {$(
        impl<'a> Arg<'a> for &'a $ty {
            #[inline(always)]
            fn get(datum: &'a Datum) -> Result<Self> {
                match datum {
                    Datum::$variant(value) => Ok(value),
                    other => Err(mismatch(other, stringify!($variant))),
                }
            }
        }
    )*};
}

by_reference! {
    str => Text, Arc<str> => Text, [u8] => Bytea, Arc<[u8]> => Bytea, Numeric => Numeric, BitString => Bit,
    JsonbValue => Jsonb, ArrayValue => Array, Arc<ArrayValue> => Array, RecordValue => Record, RangeValue => Range,
    [RangeValue] => Multirange, Geometry => Geometry,
}

impl<'a> Arg<'a> for &'a Datum {
    #[inline(always)]
    fn get(datum: &'a Datum) -> Result<Self> {
        Ok(datum)
    }
}

impl<'a, T: Arg<'a>> Arg<'a> for Option<T> {
    #[inline(always)]
    fn get(datum: &'a Datum) -> Result<Self> {
        if datum.is_null() { Ok(None) } else { T::get(datum).map(Some) }
    }
}

macro_rules! results {
    ($($ty:ty => |$value:ident| $make:expr),* $(,)?) => {$(
        impl Ret for $ty {
            #[inline(always)]
            fn ret(self) -> Result<Datum> {
                let $value = self;
                Ok($make)
            }
        }
    )*};
}

results! {
    Datum => |v| v,
    () => |_v| Datum::Void,
    &str => |v| Datum::text(v),
    String => |v| Datum::Text(v.into()),
    Arc<str> => |v| Datum::Text(v),
    Vec<u8> => |v| Datum::Bytea(v.into()),
    Arc<[u8]> => |v| Datum::Bytea(v),
    Numeric => |v| Datum::Numeric(v),
    BitString => |v| Datum::Bit(Arc::new(v)),
    JsonbValue => |v| Datum::Jsonb(Arc::new(v)),
    ArrayValue => |v| Datum::Array(Arc::new(v)),
    RecordValue => |v| Datum::Record(Arc::new(v)),
    RangeValue => |v| Datum::Range(Arc::new(v)),
    Geometry => |v| Datum::Geometry(Arc::new(v)),
}

impl<T: Ret> Ret for Option<T> {
    #[inline(always)]
    fn ret(self) -> Result<Datum> {
        self.map_or(Ok(Datum::Null), Ret::ret)
    }
}

impl<T: Ret> Ret for Result<T> {
    #[inline(always)]
    fn ret(self) -> Result<Datum> {
        self.and_then(Ret::ret)
    }
}

/// Registers scalar functions; see the module's description.
#[macro_export]
macro_rules! scalars {
    ($reg:ident; $($name:expr => $([$ctx:ident])? |$($arg:ident : $ty:ty),*| $body:expr;)*) => {$(
        $reg.add($name, $crate::Builtin::Scalar(|_context, args| {
            $(let $ctx = _context;)?
            let [$($arg),*] = args else { return Err($crate::convert::arity($name, args.len())) };
            $(let $arg = <$ty as $crate::convert::Arg>::get($arg)?;)*
            $crate::convert::Ret::ret($body)
        }));
    )*};
}

/// Registers the six comparison operators of a type under `prefix` + `eq`, `ne`, `lt`, `le`, `gt`, `ge`: the two
/// arguments' types, and an expression giving their `std::cmp::Ordering`.
#[macro_export]
macro_rules! comparisons {
    ($reg:ident; $($prefix:literal => $([$ctx:ident])? |$a:ident : $ta:ty, $b:ident : $tb:ty| $order:expr;)*) => {$(
        $crate::scalars!($reg;
            concat!($prefix, "eq") => $([$ctx])? |$a: $ta, $b: $tb| $order.is_eq();
            concat!($prefix, "ne") => $([$ctx])? |$a: $ta, $b: $tb| $order.is_ne();
            concat!($prefix, "lt") => $([$ctx])? |$a: $ta, $b: $tb| $order.is_lt();
            concat!($prefix, "le") => $([$ctx])? |$a: $ta, $b: $tb| $order.is_le();
            concat!($prefix, "gt") => $([$ctx])? |$a: $ta, $b: $tb| $order.is_gt();
            concat!($prefix, "ge") => $([$ctx])? |$a: $ta, $b: $tb| $order.is_ge();
        );
    )*};
}

/// What comparison functions of bytes return: the difference of the first bytes that differ, else which is longer.
pub fn byte_order(a: &[u8], b: &[u8]) -> i32 {
    match a.iter().zip(b).find(|(a, b)| a != b) {
        Some((a, b)) => i32::from(*a) - i32::from(*b),
        None => order(a.len().cmp(&b.len())),
    }
}

/// An ordering as the `int4` that B-tree support functions return.
pub fn order(ordering: std::cmp::Ordering) -> i32 {
    ordering as i32
}
