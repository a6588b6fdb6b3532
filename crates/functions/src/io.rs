//! The types' input and output functions as functions that can be called, and casts through text.

use crate::call::FnCtx;
use crate::io_names;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{ArrayValue, Datum, Oid, TypeKind, build_text, oids, with_text};

/// The type that an input function makes. The declared result says it, except where it is a pseudo-type: then the
/// second argument does (for arrays, the type of the elements).
fn input_type(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Oid> {
    let declared = ctx.info.result_type;
    let env = ctx.env.as_type_env();
    let Some(param) = args.get(1).and_then(Datum::as_oid) else { return Ok(declared) };
    let info = env.type_info(declared)?;
    if info.kind != TypeKind::Pseudo {
        return Ok(declared);
    }
    match declared {
        oids::ANYARRAY => match env.type_info(param)?.array {
            0 => bail!(
                UNDEFINED_OBJECT,
                "could not find array type for data type {}",
                env.type_info(param)?.name
            ),
            array => Ok(array),
        },
        _ => Ok(param),
    }
}

fn type_input(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let type_oid = input_type(ctx, args)?;
    let typmod = match args.get(2) {
        Some(Datum::Int4(typmod)) => *typmod,
        _ => -1,
    };
    // What no modifier of a type can be; the padding alone would take gigabytes.
    if typmod > 83_886_080 || (type_oid == oids::BPCHAR && typmod > 10_485_764) {
        bail!(INVALID_PARAMETER_VALUE, "invalid type modifier");
    }
    match args.first() {
        Some(Datum::Text(text)) => pglitedb_types::input(text, type_oid, typmod, ctx.env.as_type_env()),
        _ => Ok(Datum::Null),
    }
}

/// The type of the value that an output function gets.
fn output_type(ctx: &FnCtx<'_>) -> Oid {
    ctx.info.arg_types.first().copied().unwrap_or(0)
}

fn type_output(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(value) = args.first() else { return Err(crate::convert::arity("output function", 0)) };
    output(ctx, value, output_type(ctx))
}

fn type_send(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(value) = args.first() else { return Err(crate::convert::arity("send function", 0)) };
    let mut out = Vec::new();
    pglitedb_types::send(value, output_type(ctx), ctx.env.as_type_env(), &mut out)?;
    Ok(Datum::Bytea(out.into()))
}

/// A value's text form.
pub fn output(ctx: &FnCtx<'_>, value: &Datum, type_oid: Oid) -> Result<Datum> {
    match (value, type_oid) {
        (
            Datum::Text(text),
            oids::TEXT | oids::VARCHAR | oids::BPCHAR | oids::NAME | oids::UNKNOWN | oids::CSTRING,
        ) => Ok(Datum::Text(text.clone())),
        _ => text_of(ctx, value, type_oid).map(|text| Datum::Text(text.into())),
    }
}

/// A value's text form.
pub fn text_of(ctx: &FnCtx<'_>, value: &Datum, type_oid: Oid) -> Result<String> {
    match (value, type_oid) {
        (Datum::Text(text), oids::TEXT | oids::UNKNOWN | 0) => Ok(text.as_ref().to_owned()),
        _ => pglitedb_types::output_string(value, type_oid, ctx.env.as_type_env()),
    }
}

/// `typmodin`: modifiers as written to a modifier as stored.
fn modifier_in(ctx: &FnCtx<'_>, args: &[Datum], type_oid: Oid) -> Result<Datum> {
    let Some(Datum::Array(array)) = args.first() else { return Ok(Datum::Null) };
    if array.dims.len() != 1 {
        return Err(err!(ARRAY_SUBSCRIPT_ERROR, "typmod array must be one-dimensional"));
    }
    if array.values.iter().any(Datum::is_null) {
        return Err(err!(NULL_VALUE_NOT_ALLOWED, "typmod array must not contain nulls"));
    }
    let numbers: Result<Vec<i32>> = array
        .values
        .iter()
        .map(|value| {
            let text = value.as_str().unwrap_or("");
            match pglitedb_types::input(text, oids::INT4, -1, ctx.env.as_type_env())? {
                Datum::Int4(number) => Ok(number),
                _ => Ok(0),
            }
        })
        .collect();
    let (typmod, warning) = pglitedb_types::typmod::typmod_in(type_oid, &numbers?, ctx.env.as_type_env())?;
    if let Some(warning) = warning {
        ctx.env.notice(
            err!(INVALID_PARAMETER_VALUE, "{warning}").severity(pglitedb_sqlstate::Severity::Warning),
        );
    }
    Ok(Datum::Int4(typmod))
}

/// `typmodout`: what `format_type` appends.
fn modifier_out(ctx: &FnCtx<'_>, args: &[Datum], type_oid: Oid) -> Result<Datum> {
    let Some(Datum::Int4(typmod)) = args.first() else { return Ok(Datum::Null) };
    let env = ctx.env.as_type_env();
    // Types with a length store it plus 4.
    let least = match type_oid {
        oids::VARCHAR | oids::BPCHAR => 5,
        oids::NUMERIC => 4,
        _ => 0,
    };
    let interval_range = pglitedb_types::datetime::typmod::interval_range(*typmod);
    if type_oid == oids::INTERVAL && !pglitedb_types::datetime::typmod::is_interval_range(interval_range) {
        return Err(pglitedb_sqlstate::Error::internal(format!("invalid INTERVAL typmod: 0x{typmod:x}")));
    }
    let with =
        if *typmod < least { String::new() } else { pglitedb_types::format_type(type_oid, *typmod, env)? };
    // `timestamp(3) without time zone`: the modifier stands inside of the name.
    let modifier = match (with.find('('), with.find(')')) {
        (Some(from), Some(to)) if from < to => with[from..=to].to_owned(),
        _ => String::new(),
    };
    let zone = match type_oid {
        oids::TIME | oids::TIMESTAMP => " without time zone",
        oids::TIMETZ | oids::TIMESTAMPTZ => " with time zone",
        oids::INTERVAL => return Ok(Datum::text(with.strip_prefix("interval").unwrap_or(&with))),
        _ => "",
    };
    Ok(Datum::Text(format!("{modifier}{zone}").into()))
}

/// Appends a value cast to `text`, which is not its text form for some types.
fn write_as_text(ctx: &FnCtx<'_>, value: &Datum, type_oid: Oid, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Datum::Bool(true) => out.extend_from_slice(b"true"),
        Datum::Bool(false) => out.extend_from_slice(b"false"),
        Datum::Text(text) if type_oid == oids::BPCHAR => {
            out.extend_from_slice(text.trim_end_matches(' ').as_bytes());
        }
        Datum::Inet(address) => out.extend_from_slice(crate::misc::network::show(address).as_bytes()),
        Datum::Text(text) if matches!(type_oid, oids::TEXT | oids::UNKNOWN | 0) => {
            out.extend_from_slice(text.as_bytes());
        }
        _ => pglitedb_types::output(value, type_oid, ctx.env.as_type_env(), out)?,
    }
    Ok(())
}

/// Concatenation with anything: its text form.
fn concat_any(ctx: &FnCtx<'_>, args: &[Datum], any: usize) -> Result<Datum> {
    if args.len() != 2 {
        return Err(crate::convert::arity("anytextcat", args.len()));
    }
    let type_oid = ctx.info.arg_types.get(any).copied().unwrap_or(0);
    let text = build_text(|out| {
        for (at, value) in args.iter().enumerate() {
            match value {
                value if at == any => write_as_text(ctx, value, type_oid, out)?,
                value => out.extend_from_slice(value.as_str().unwrap_or("").as_bytes()),
            }
        }
        Ok(())
    })?;
    Ok(Datum::Text(text))
}

fn quote_any(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    match args.first() {
        None | Some(Datum::Null) => Ok(Datum::Null),
        Some(value) => {
            let quoted = with_text(
                |out| write_as_text(ctx, value, output_type(ctx), out),
                |text| Ok(crate::text::quote::quote_literal(text)),
            )?;
            Ok(Datum::Text(quoted.into()))
        }
    }
}

/// `pg_input_error_info`: what reading a text as a type complains about.
fn input_error(ctx: &FnCtx<'_>, text: &str, type_name: &str) -> Result<Option<pglitedb_sqlstate::Error>> {
    let env = ctx.env.as_type_env();
    let (name, typmod) = match type_name.split_once('(').filter(|_| type_name.ends_with(')')) {
        Some((name, modifiers)) => {
            let numbers: Vec<i32> = modifiers
                .trim_end_matches(')')
                .split(',')
                .filter_map(|part| part.trim().parse().ok())
                .collect();
            (name.trim(), Some(numbers))
        }
        None => (type_name, None),
    };
    let type_oid = env.reg_input(pglitedb_types::RegKind::Type, name)?;
    let typmod = match typmod {
        Some(numbers) => pglitedb_types::typmod::typmod_in(type_oid, &numbers, env)?.0,
        None => -1,
    };
    match pglitedb_types::input(text, type_oid, typmod, env) {
        Ok(_) => Ok(None),
        Err(error) if is_soft(&error, type_oid) => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// Is it an error of the value rather than one that ends the statement? Of type names, only that there is no such type.
fn is_soft(error: &pglitedb_sqlstate::Error, type_oid: Oid) -> bool {
    if type_oid == oids::REGTYPE {
        return error.code() == pglitedb_sqlstate::codes::UNDEFINED_OBJECT;
    }
    matches!(&error.code().class(), b"22" | b"23" | b"3F" | b"42")
}

fn input_error_info(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Datum> {
    let [Datum::Text(text), Datum::Text(type_name)] = args else {
        return Err(crate::convert::arity("pg_input_error_info", args.len()));
    };
    let optional = |text: &Option<String>| text.as_deref().map_or(Datum::Null, Datum::text);
    let fields = match input_error(ctx, text, type_name)? {
        None => vec![Datum::Null; 4],
        Some(error) => {
            let fields = error.fields();
            vec![
                Datum::text(&fields.message),
                optional(&fields.detail),
                optional(&fields.hint),
                Datum::text(fields.code.as_str()),
            ]
        }
    };
    Ok(record(&[oids::TEXT; 4], fields))
}

/// An anonymous composite value.
pub fn record(types: &[Oid], fields: Vec<Datum>) -> Datum {
    Datum::Record(std::sync::Arc::new(pglitedb_types::RecordValue::new(oids::RECORD, types.into(), fields)))
}

pub(crate) fn register(reg: &mut Registry) {
    for name in io_names::INPUT {
        reg.add(name, Builtin::Scalar(type_input));
    }
    for name in io_names::OUTPUT {
        reg.add(name, Builtin::Scalar(type_output));
    }
    macro_rules! no_values {
        ($($name:literal => $type:literal),*) => {$(
            reg.add($name, Builtin::Scalar(|_, _| {
                Err(pglitedb_sqlstate::Error::unsupported(concat!("cannot display a value of type ", $type)))
            }));
        )*};
    }
    no_values!(
        "any_out" => "any", "anyelement_out" => "anyelement", "anynonarray_out" => "anynonarray",
        "anycompatible_out" => "anycompatible", "anycompatiblenonarray_out" => "anycompatiblenonarray"
    );
    for name in io_names::SEND {
        reg.add(name, Builtin::Scalar(type_send));
    }
    macro_rules! modifiers {
        ($($input:literal, $output:literal => $type:ident;)*) => {$(
            reg.add($input, Builtin::Scalar(|ctx, args| modifier_in(ctx, args, oids::$type)));
            reg.add($output, Builtin::Scalar(|ctx, args| modifier_out(ctx, args, oids::$type)));
        )*};
    }
    modifiers!(
        "varchartypmodin", "varchartypmodout" => VARCHAR;
        "bpchartypmodin", "bpchartypmodout" => BPCHAR;
        "numerictypmodin", "numerictypmodout" => NUMERIC;
        "bittypmodin", "bittypmodout" => BIT;
        "varbittypmodin", "varbittypmodout" => VARBIT;
        "timetypmodin", "timetypmodout" => TIME;
        "timetztypmodin", "timetztypmodout" => TIMETZ;
        "timestamptypmodin", "timestamptypmodout" => TIMESTAMP;
        "timestamptztypmodin", "timestamptztypmodout" => TIMESTAMPTZ;
        "intervaltypmodin", "intervaltypmodout" => INTERVAL;
    );
    reg.add("sql:2003", Builtin::Scalar(|ctx, args| concat_any(ctx, args, 1)));
    reg.add("sql:2004", Builtin::Scalar(|ctx, args| concat_any(ctx, args, 0)));
    reg.add("sql:1285", Builtin::Scalar(quote_any));
    reg.add(
        "sql:1290",
        Builtin::Scalar(|ctx, args| match quote_any(ctx, args)? {
            Datum::Null => Ok(Datum::text("NULL")),
            quoted => Ok(quoted),
        }),
    );
    reg.add("pg_input_error_info", Builtin::Scalar(input_error_info));
    scalars!(reg;
        "pg_input_is_valid" => [ctx] |text: &str, type_name: &str| input_error(ctx, text, type_name)?.is_none();
        "format_type" => [ctx] |type_oid: Option<u32>, typmod: Option<i32>| match type_oid {
            None => Ok(None),
            Some(type_oid) => format_type(ctx, type_oid, typmod).map(Some),
        };
        "array_to_text" => [ctx] |array: &ArrayValue, delimiter: &str| {
            crate::text::render::join(ctx, array, delimiter, None)
        };
    );
}

/// `format_type(oid, typmod)`: `???` for an unknown type.
fn format_type(ctx: &FnCtx<'_>, type_oid: Oid, typmod: Option<i32>) -> Result<String> {
    let env = ctx.env.as_type_env();
    if type_oid == 0 {
        return Ok("-".to_owned());
    }
    if env.type_info(type_oid).is_err() {
        return Ok("???".to_owned());
    }
    pglitedb_types::format_type(type_oid, typmod.unwrap_or(-1), env)
}
