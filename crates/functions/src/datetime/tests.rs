//! The functions, by name, against recorded results.

use crate::call::{CallInfo, FnCtx, SessionEnv};
use crate::registry::{Builtin, builtins};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::env::{CompositeField, RegKind, TypeInfo};
use pglitedb_types::{
    BuiltinEnv, Datum, EnumValue, FormatSettings, Oid, TimeZone, TypeEnv, input, output_string,
};
use std::any::Any;
use std::sync::Arc;

/// A session that has settings and a fixed time, nothing else.
struct Session(BuiltinEnv);

impl TypeEnv for Session {
    fn format(&self) -> &FormatSettings {
        self.0.format()
    }
    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        self.0.type_info(oid)
    }
    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        self.0.composite_fields(type_oid)
    }
    fn enum_from_label(&self, type_oid: Oid, label: &str) -> Result<Option<EnumValue>> {
        self.0.enum_from_label(type_oid, label)
    }
    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        self.0.enum_label(value)
    }
    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        self.0.reg_input(kind, name)
    }
    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        self.0.reg_output(kind, oid)
    }
    fn check_domain(&self, domain: Oid, value: &Datum) -> Result<()> {
        self.0.check_domain(domain, value)
    }
    fn transaction_timestamp(&self) -> i64 {
        self.0.transaction_timestamp()
    }
}

fn none<T>() -> Result<T> {
    Err(Error::unsupported("not in this session"))
}

impl SessionEnv for Session {
    fn as_type_env(&self) -> &dyn TypeEnv {
        self
    }
    fn as_any(&self) -> &dyn Any {
        &self.0
    }
    fn check_interrupts(&self) -> Result<()> {
        Ok(())
    }
    fn notice(&self, _notice: Error) {}
    fn statement_timestamp(&self) -> i64 {
        self.0.transaction_timestamp
    }
    fn clock_timestamp(&self) -> i64 {
        self.0.transaction_timestamp
    }
    fn random_u64(&self) -> u64 {
        0
    }
    fn set_seed(&self, _seed: f64) {}
    fn strong_random(&self, _out: &mut [u8]) -> Result<()> {
        none()
    }
    fn setting(&self, _name: &str) -> Result<Option<String>> {
        none()
    }
    fn set_setting(&self, _name: &str, _value: &str, _is_local: bool) -> Result<String> {
        none()
    }
    fn current_user(&self) -> Oid {
        10
    }
    fn session_user(&self) -> Oid {
        10
    }
    fn current_database(&self) -> Arc<str> {
        Arc::from("test")
    }
    fn enum_values(&self, _type_oid: Oid) -> Result<Vec<EnumValue>> {
        none()
    }
}

/// Calls a function with arguments given as `type=text`; a set is counted and its first rows are listed.
fn call(session: &Session, name: &str, result_type: Oid, arguments: &[&str]) -> Result<String> {
    let read = |argument: &&str| {
        let (oid, text) = argument.split_once('=').expect("type=text");
        match text {
            "NULL" => Ok(Datum::Null),
            _ => input(text, oid.parse().expect("an OID"), -1, session),
        }
    };
    let arguments = arguments.iter().map(read).collect::<Result<Vec<_>>>()?;
    let info = CallInfo::default();
    let ctx = FnCtx { env: session, info: &info };
    let text = |value: &Datum| match value {
        Datum::Null => Ok("NULL".to_owned()),
        Datum::Bool(value) => Ok(value.to_string()),
        value => output_string(value, result_type, session),
    };
    match builtins().get(name) {
        Some(Builtin::Scalar(function)) => text(&function(&ctx, &arguments)?),
        Some(Builtin::Set(function)) => {
            let mut rows = function(&ctx, &arguments)?;
            let (mut row, mut listed, mut count) = (Vec::new(), String::new(), 0);
            while count <= 2000 && rows.next(&ctx, &mut row)? {
                if count < 20 {
                    listed += &text(&row[0])?;
                    listed.push(';');
                }
                count += 1;
            }
            Ok(format!("{count}:{listed}"))
        }
        _ => panic!("{name} is not registered"),
    }
}

#[test]
fn recorded_results() {
    let time_zone = TimeZone::named("America/New_York").expect("a known zone");
    let settings = FormatSettings { time_zone, ..FormatSettings::default() };
    let session = Session(BuiltinEnv { settings, transaction_timestamp: 848_566_700_000_000 });
    for line in include_str!("testdata/functions.tsv").lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, result_type, arguments @ .., expected] = &fields[..] else { panic!("malformed: {line}") };
        let result = call(&session, name, result_type.parse().expect("an OID"), arguments);
        let result = result.unwrap_or_else(|error| {
            let fields = error.fields();
            let part = |name: &str, text: &Option<String>| {
                text.as_ref().map_or(String::new(), |text| format!(" {name} {text}"))
            };
            let (detail, hint) = (part("DETAIL", &fields.detail), part("HINT", &fields.hint));
            format!("ERR {} {}{detail}{hint}", error.code(), error.message())
        });
        assert_eq!(result, *expected, "{line}");
    }
}
