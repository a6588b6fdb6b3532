//! SQL names of types.

use crate::datetime;
use crate::env::TypeEnv;
use crate::numeric::split_typmod;
use crate::oids::{self, Oid};
use pglitedb_sqlstate::Result;

/// The type's SQL name with its type modifier, as `format_type(oid, typmod)` shows it. A modifier of -1 is taken to be
/// given: `bpchar`, not `character`, is the type without one.
pub fn format_type(type_oid: Oid, typmod: i32, env: &dyn TypeEnv) -> Result<String> {
    format(type_oid, Some(typmod), env)
}

/// The type's SQL name where no modifier is in play: in messages, and as `regtype` shows it.
pub fn format_type_be(type_oid: Oid, env: &dyn TypeEnv) -> Result<String> {
    format(type_oid, None, env)
}

fn format(type_oid: Oid, typmod: Option<i32>, env: &dyn TypeEnv) -> Result<String> {
    if type_oid == oids::INVALID_OID {
        return Ok("-".to_owned());
    }
    let info = env.type_info(type_oid)?;
    // The vectors are arrays to subscripting, but have names of their own.
    let is_vector = matches!(type_oid, oids::INT2VECTOR | oids::OIDVECTOR);
    if info.is_true_array && !is_vector {
        let element = env.type_info(info.element)?;
        return Ok(format!("{}[]", scalar(element.oid, typmod, env)?));
    }
    scalar(type_oid, typmod, env)
}

fn scalar(type_oid: Oid, typmod: Option<i32>, env: &dyn TypeEnv) -> Result<String> {
    let modifier = typmod.filter(|m| *m >= 0);
    // Length modifiers count four bytes more.
    let length = |name: &str| match modifier {
        Some(m) => format!("{name}({})", m - 4),
        None => name.to_owned(),
    };
    let time = |name: &str, with_zone: bool| {
        format!("{name}{}", datetime::typmod::precision_typmod_out(modifier.unwrap_or(-1), with_zone))
    };
    Ok(match type_oid {
        oids::BIT => match modifier {
            Some(m) => format!("bit({m})"),
            None if typmod.is_some() => "\"bit\"".to_owned(),
            None => "bit".to_owned(),
        },
        oids::VARBIT => match modifier {
            Some(m) => format!("bit varying({m})"),
            None => "bit varying".to_owned(),
        },
        oids::BPCHAR => match modifier {
            Some(_) => length("character"),
            None if typmod.is_some() => "bpchar".to_owned(),
            None => "character".to_owned(),
        },
        oids::VARCHAR => length("character varying"),
        // A keyword, but the type's SQL name too.
        oids::JSON => "json".to_owned(),
        oids::BOOL => "boolean".to_owned(),
        oids::FLOAT4 => "real".to_owned(),
        oids::FLOAT8 => "double precision".to_owned(),
        oids::INT2 => "smallint".to_owned(),
        oids::INT4 => "integer".to_owned(),
        oids::INT8 => "bigint".to_owned(),
        oids::NUMERIC => match modifier.and_then(split_typmod) {
            Some((precision, scale)) => format!("numeric({precision},{scale})"),
            None => "numeric".to_owned(),
        },
        oids::TIME => time("time", false),
        oids::TIMETZ => time("time", true),
        oids::TIMESTAMP => time("timestamp", false),
        oids::TIMESTAMPTZ => time("timestamp", true),
        oids::INTERVAL => {
            format!("interval{}", datetime::typmod::interval_typmod_out(modifier.unwrap_or(-1)))
        }
        _ => {
            let info = env.type_info(type_oid)?;
            let name = env.visible_type_name(&info)?;
            match modifier {
                Some(m) => format!("{name}({m})"),
                None => name,
            }
        }
    })
}
