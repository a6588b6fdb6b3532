//! Results of PostgreSQL 18.6, recorded in `tests/data`: input and output of every type, and numeric arithmetic.

use pglitedb_sqlstate::Result;
use pglitedb_types::{BuiltinEnv, Numeric, builtin_type_by_name, float, input, output_string, send};
use serde_json::Value;

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON"))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("string")
}

/// `[type, input, "ok", text form, binary form in hex]` or `[type, input, "err", code, message, detail, context]`
#[test]
fn input_and_output() {
    let env = BuiltinEnv::default();
    let mut wrong = Vec::new();
    for case in lines(include_str!("data/input.jsonl")) {
        let oid = builtin_type_by_name(text(&case[0])).expect("type").oid;
        let actual = match input(text(&case[1]), oid, -1, &env) {
            Ok(value) => {
                let mut wire = Vec::new();
                send(&value, oid, &env, &mut wire).expect("sent");
                let hex: String = wire.iter().map(|b| format!("{b:02x}")).collect();
                vec!["ok".to_owned(), output_string(&value, oid, &env).expect("printed"), hex]
            }
            Err(error) => {
                let fields = error.fields();
                let (detail, context) = (fields.detail.clone(), fields.context.clone());
                vec![
                    "err".to_owned(),
                    fields.code.to_string(),
                    fields.message.clone(),
                    detail.unwrap_or_default(),
                    context.unwrap_or_default(),
                ]
            }
        };
        let expected: Vec<&str> = case.as_array().expect("array")[2..].iter().map(text).collect();
        if actual != expected {
            wrong.push(format!("{case}\n  {actual:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn calculate(operation: &[&str]) -> Result<String> {
    let name = operation[0];
    let a = Numeric::parse(operation[1])?;
    let b = || Numeric::parse(operation[2]);
    let number = || operation[2].parse::<i32>().expect("number");
    Ok(match name {
        "+" => a.add(&b()?)?,
        "-" => a.sub(&b()?)?,
        "*" => a.mul(&b()?)?,
        "/" => a.div(&b()?)?,
        "%" => a.rem(&b()?)?,
        "div" => a.div_trunc(&b()?)?,
        "power" => a.power(&b()?)?,
        "log" => b()?.log(&a)?,
        "gcd" => a.gcd(&b()?)?,
        "lcm" => a.lcm(&b()?)?,
        "round" => a.round(number())?,
        "trunc" => a.trunc(number())?,
        "sqrt" => a.sqrt()?,
        "exp" => a.exp()?,
        "ln" => a.ln()?,
        "log10" => a.log10()?,
        "ceil" => a.ceil()?,
        "floor" => a.floor()?,
        "trim_scale" => a.trim_scale(),
        "typmod" => a.apply_typmod(number())?,
        "factorial" => Numeric::factorial(operation[1].parse().expect("number"))?,
        "f8n" => Numeric::from_f64(operation[1].parse().expect("number")),
        "cmp" => return Ok((a.compare(&b()?) as i32).to_string()),
        "min_scale" => return Ok(a.min_scale().map_or(String::new(), |scale| scale.to_string())),
        "int4" => return Ok(a.to_int4()?.to_string()),
        "int8" => return Ok(a.to_int8()?.to_string()),
        "f8" => {
            let mut out = Vec::new();
            float::write_f64(a.to_float8()?, 1, &mut out);
            return Ok(String::from_utf8(out).expect("ASCII"));
        }
        other => panic!("unknown operation {other}"),
    }
    .to_string())
}

/// `[[operation, operands...], ["ok", result]]` or `[[...], ["err", code, message]]`
#[test]
fn numeric_arithmetic() {
    let mut wrong = Vec::new();
    for case in lines(include_str!("data/numeric.jsonl")) {
        let operation: Vec<&str> = case[0].as_array().expect("array").iter().map(text).collect();
        let actual = match calculate(&operation) {
            Ok(result) => vec!["ok".to_owned(), result],
            Err(error) => vec!["err".to_owned(), error.code().to_string(), error.message().to_owned()],
        };
        let expected: Vec<&str> = case[1].as_array().expect("array").iter().map(text).collect();
        if actual != expected {
            wrong.push(format!("{case}\n  {actual:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
