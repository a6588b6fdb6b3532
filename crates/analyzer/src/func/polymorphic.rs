//! Polymorphic types: do the arguments agree, and what do they stand for?

use crate::binder::Binder;
use pglitedb_query_tree::Position;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, TypeKind, oids};

/// What the arguments say about the polymorphic types of a signature.
#[derive(Default)]
struct Seen {
    elem: Oid,
    array: Oid,
    range: Oid,
    multirange: Oid,
    compatible: Vec<Oid>,
    compatible_range: Oid,
    compatible_multirange: Oid,
    nonarray: bool,
    is_enum: bool,
    compatible_nonarray: bool,
    /// Any of the `any...` family, of the `anycompatible...` family.
    any: bool,
    any_compatible: bool,
}

/// What they stand for.
#[derive(Default)]
struct Solved {
    elem: Oid,
    array: Oid,
    range: Oid,
    multirange: Oid,
    compatible: Oid,
    compatible_array: Oid,
    compatible_range: Oid,
    compatible_multirange: Oid,
}

/// Can these actual types stand for the declared ones?
pub(crate) fn consistent(binder: &Binder<'_>, actual: &[Oid], declared: &[Oid]) -> Result<bool> {
    let Some(seen) = collect(binder, actual, declared)?.ok() else { return Ok(false) };
    Ok(solve(binder, seen)?.is_ok())
}

/// Replaces polymorphic declared types by what they stand for and returns the result type.
pub(crate) fn enforce(
    binder: &Binder<'_>,
    actual: &[Oid],
    declared: &mut [Oid],
    result: Oid,
    allow_poly: bool,
) -> Result<Oid> {
    let any_poly = declared.iter().any(|oid| crate::types::is_polymorphic(*oid));
    if !any_poly {
        return Ok(result);
    }
    // What is as declared says nothing: there is nothing to replace if that goes for all.
    let bare = |(actual, declared): (&Oid, &mut Oid)| {
        *actual == *declared || !crate::types::is_polymorphic(*declared)
    };
    if allow_poly && actual.iter().zip(declared.iter_mut()).all(bare) {
        return Ok(result);
    }
    let seen = collect(binder, actual, declared)??;
    let (any, any_compatible) = (seen.any, seen.any_compatible);
    let mut solved = solve(binder, seen)??;
    if any && solved.elem == 0 {
        if allow_poly && solved.array == oids::ANYARRAY {
            return Ok(result);
        }
        if solved.array != oids::ANYARRAY {
            return Err(unknown_input("polymorphic type"));
        }
    }
    if any_compatible && solved.compatible == 0 {
        // Only unknown literals: they are text.
        solved.compatible = oids::TEXT;
        solved.compatible_array = oids::TEXT_ARRAY;
    }
    for slot in declared.iter_mut() {
        *slot = replace(binder, *slot, &mut solved)?;
    }
    replace(binder, result, &mut solved)
}

fn unknown_input(what: &str) -> Error {
    err!(DATATYPE_MISMATCH, "could not determine {what} because input has type unknown")
}

fn replace(binder: &Binder<'_>, oid: Oid, solved: &mut Solved) -> Result<Oid> {
    let named = |name: &str| unknown_input(&format!("polymorphic type {name}"));
    Ok(match oid {
        oids::ANYELEMENT | oids::ANYNONARRAY | oids::ANYENUM => {
            if solved.elem == 0 {
                return Err(unknown_input("polymorphic type"));
            }
            solved.elem
        }
        oids::ANYARRAY => {
            if solved.array == 0 {
                solved.array = array_of(binder, solved.elem)?;
            }
            solved.array
        }
        oids::ANYRANGE => {
            if solved.range == 0 {
                return Err(named("anyrange"));
            }
            solved.range
        }
        oids::ANYMULTIRANGE => {
            if solved.multirange == 0 && solved.range != 0 {
                solved.multirange = multirange_of(binder, solved.range)?;
            }
            if solved.multirange == 0 {
                return Err(named("anymultirange"));
            }
            solved.multirange
        }
        oids::ANYCOMPATIBLE | oids::ANYCOMPATIBLENONARRAY => solved.compatible,
        oids::ANYCOMPATIBLEARRAY => {
            if solved.compatible_array == 0 {
                solved.compatible_array = array_of(binder, solved.compatible)?;
            }
            solved.compatible_array
        }
        oids::ANYCOMPATIBLERANGE => {
            if solved.compatible_range == 0 {
                return Err(named("anycompatiblerange"));
            }
            solved.compatible_range
        }
        oids::ANYCOMPATIBLEMULTIRANGE => {
            if solved.compatible_multirange == 0 && solved.compatible_range != 0 {
                solved.compatible_multirange = multirange_of(binder, solved.compatible_range)?;
            }
            if solved.compatible_multirange == 0 {
                return Err(named("anycompatiblemultirange"));
            }
            solved.compatible_multirange
        }
        other => other,
    })
}

fn array_of(binder: &Binder<'_>, element: Oid) -> Result<Oid> {
    match binder.array_type(element)? {
        0 => Err(err!(
            UNDEFINED_OBJECT,
            "could not find array type for data type {}",
            binder.type_name(element)
        )),
        array => Ok(array),
    }
}

fn multirange_of(binder: &Binder<'_>, range: Oid) -> Result<Oid> {
    binder.ctx.catalog.multirange_of(range)?.ok_or_else(|| {
        err!(UNDEFINED_OBJECT, "could not find multirange type for data type {}", binder.type_name(range))
    })
}

type Checked<T> = std::result::Result<T, Error>;

fn collect(binder: &Binder<'_>, actual: &[Oid], declared: &[Oid]) -> Result<Checked<Seen>> {
    let mut seen = Seen::default();
    for (&actual, &declared) in actual.iter().zip(declared) {
        if crate::types::is_polymorphic1(declared) {
            seen.any = true;
        } else if crate::types::is_polymorphic2(declared) {
            seen.any_compatible = true;
        } else {
            continue;
        }
        match declared {
            oids::ANYNONARRAY => seen.nonarray = true,
            oids::ANYENUM => seen.is_enum = true,
            oids::ANYCOMPATIBLENONARRAY => seen.compatible_nonarray = true,
            _ => {}
        }
        if actual == oids::UNKNOWN || (actual == declared && crate::types::is_polymorphic2(declared)) {
            continue;
        }
        if let Err(error) = note(binder, &mut seen, actual, declared)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(seen))
}

/// Sets a slot, or complains that it was set to another type.
fn same(binder: &Binder<'_>, slot: &mut Oid, actual: Oid, declared: &str) -> Checked<()> {
    if *slot != 0 && *slot != actual {
        return Err(err!(DATATYPE_MISMATCH, "arguments declared \"{declared}\" are not all alike")
            .detail(format!("{} versus {}", binder.type_name(*slot), binder.type_name(actual))));
    }
    *slot = actual;
    Ok(())
}

fn note(binder: &Binder<'_>, seen: &mut Seen, actual: Oid, declared: Oid) -> Result<Checked<()>> {
    let not_a = |name: &str, what: &str| {
        err!(
            DATATYPE_MISMATCH,
            "argument declared {name} is not {what} but type {}",
            binder.type_name(actual)
        )
    };
    Ok(match declared {
        oids::ANYELEMENT | oids::ANYNONARRAY | oids::ANYENUM => {
            same(binder, &mut seen.elem, actual, "anyelement")
        }
        oids::ANYARRAY => same(binder, &mut seen.array, binder.base_type(actual)?, "anyarray"),
        oids::ANYRANGE => same(binder, &mut seen.range, binder.base_type(actual)?, "anyrange"),
        oids::ANYMULTIRANGE => same(binder, &mut seen.multirange, binder.base_type(actual)?, "anymultirange"),
        oids::ANYCOMPATIBLEARRAY => match binder.base_element_type(actual)? {
            0 => Err(not_a("anycompatiblearray", "an array")),
            element => {
                seen.compatible.push(element);
                Ok(())
            }
        },
        oids::ANYCOMPATIBLERANGE => {
            let base = binder.base_type(actual)?;
            match binder.range_subtype(base)? {
                0 => Err(not_a("anycompatiblerange", "a range type")),
                subtype => {
                    seen.compatible.push(subtype);
                    same(binder, &mut seen.compatible_range, base, "anycompatiblerange")
                }
            }
        }
        oids::ANYCOMPATIBLEMULTIRANGE => {
            let base = binder.base_type(actual)?;
            match binder.multirange_range(base)? {
                0 => Err(not_a("anycompatiblemultirange", "a multirange type")),
                range => {
                    seen.compatible.push(binder.range_subtype(range)?);
                    if let Err(error) =
                        same(binder, &mut seen.compatible_multirange, base, "anycompatiblemultirange")
                    {
                        return Ok(Err(error));
                    }
                    same(binder, &mut seen.compatible_range, range, "anycompatiblerange")
                }
            }
        }
        _ => {
            seen.compatible.push(actual);
            Ok(())
        }
    })
}

fn solve(binder: &Binder<'_>, seen: Seen) -> Result<Checked<Solved>> {
    let mut solved = Solved {
        elem: seen.elem,
        array: seen.array,
        range: seen.range,
        multirange: seen.multirange,
        compatible_range: seen.compatible_range,
        compatible_multirange: seen.compatible_multirange,
        ..Solved::default()
    };
    let mismatch = |first: &str, second: &str, a: Oid, b: Oid| {
        err!(DATATYPE_MISMATCH, "argument declared {first} is not consistent with argument declared {second}")
            .detail(format!("{} versus {}", binder.type_name(a), binder.type_name(b)))
    };
    if seen.array != 0 && seen.array != oids::ANYARRAY {
        let element = binder.element_type(seen.array)?;
        if element == 0 {
            return Ok(Err(err!(
                DATATYPE_MISMATCH,
                "argument declared anyarray is not an array but type {}",
                binder.type_name(seen.array)
            )));
        }
        if solved.elem != 0 && solved.elem != element {
            return Ok(Err(mismatch("anyarray", "anyelement", seen.array, solved.elem)));
        }
        solved.elem = element;
    }
    if seen.multirange != 0 {
        let range = binder.multirange_range(seen.multirange)?;
        if range == 0 {
            return Ok(Err(err!(
                DATATYPE_MISMATCH,
                "argument declared anymultirange is not a multirange type but type {}",
                binder.type_name(seen.multirange)
            )));
        }
        if solved.range != 0 && solved.range != range {
            return Ok(Err(mismatch("anymultirange", "anyrange", seen.multirange, solved.range)));
        }
        solved.range = range;
    }
    if solved.range != 0 {
        let subtype = binder.range_subtype(solved.range)?;
        if subtype == 0 {
            return Ok(Err(err!(
                DATATYPE_MISMATCH,
                "argument declared anyrange is not a range type but type {}",
                binder.type_name(solved.range)
            )));
        }
        if solved.elem != 0 && solved.elem != subtype {
            return Ok(Err(mismatch("anyrange", "anyelement", solved.range, solved.elem)));
        }
        solved.elem = subtype;
    }
    if seen.nonarray && solved.elem != 0 && binder.base_element_type(solved.elem)? != 0 {
        return Ok(Err(err!(
            DATATYPE_MISMATCH,
            "type matched to anynonarray is an array type: {}",
            binder.type_name(solved.elem)
        )));
    }
    if seen.is_enum
        && solved.elem != 0
        && binder.type_info(binder.base_type(solved.elem)?)?.kind != TypeKind::Enum
    {
        return Ok(Err(err!(
            DATATYPE_MISMATCH,
            "type matched to anyenum is not an enum type: {}",
            binder.type_name(solved.elem)
        )));
    }
    if !seen.compatible.is_empty() {
        let types: Vec<(Oid, Position)> = seen.compatible.iter().map(|oid| (*oid, Position(None))).collect();
        let common = binder.common_type_of(&types, None)?;
        if common == 0 || !binder.all_coercible(&seen.compatible, common)? {
            return Ok(Err(err!(
                DATATYPE_MISMATCH,
                "arguments of anycompatible family cannot be cast to a common type"
            )));
        }
        if seen.compatible_nonarray && binder.base_element_type(common)? != 0 {
            return Ok(Err(err!(
                DATATYPE_MISMATCH,
                "type matched to anycompatiblenonarray is an array type: {}",
                binder.type_name(common)
            )));
        }
        if seen.compatible_range != 0 && binder.range_subtype(seen.compatible_range)? != common {
            return Ok(Err(err!(
                DATATYPE_MISMATCH,
                "anycompatiblerange type {} does not match anycompatible type {}",
                binder.type_name(seen.compatible_range),
                binder.type_name(common)
            )));
        }
        solved.compatible = common;
    }
    Ok(Ok(solved))
}
