//! A session for tests: built-in types only, fixed clock, deterministic random numbers.

use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{
    BuiltinEnv, CompositeField, Datum, EnumValue, FormatSettings, Oid, RegKind, TypeEnv, TypeInfo,
};
use std::any::Any;
use std::cell::Cell;
use std::sync::Arc;

/// The session.
pub struct TestEnv {
    types: BuiltinEnv,
    random: Cell<u64>,
}

impl TestEnv {
    /// With PostgreSQL's default settings.
    pub fn new() -> Self {
        TestEnv { types: BuiltinEnv::default(), random: Cell::new(42) }
    }
}

impl TypeEnv for TestEnv {
    fn format(&self) -> &FormatSettings {
        self.types.format()
    }
    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        self.types.type_info(oid)
    }
    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        self.types.composite_fields(type_oid)
    }
    fn enum_from_label(&self, type_oid: Oid, label: &str) -> Result<Option<EnumValue>> {
        self.types.enum_from_label(type_oid, label)
    }
    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        self.types.enum_label(value)
    }
    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        self.types.reg_input(kind, name)
    }
    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        self.types.reg_output(kind, oid)
    }
    fn check_domain(&self, domain: Oid, value: &Datum) -> Result<()> {
        self.types.check_domain(domain, value)
    }
    fn transaction_timestamp(&self) -> i64 {
        0
    }
}

impl SessionEnv for TestEnv {
    fn as_type_env(&self) -> &dyn TypeEnv {
        self
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn check_interrupts(&self) -> Result<()> {
        Ok(())
    }
    fn notice(&self, _notice: Error) {}
    fn statement_timestamp(&self) -> i64 {
        0
    }
    fn clock_timestamp(&self) -> i64 {
        0
    }
    fn random_u64(&self) -> u64 {
        // Weyl sequence and a mixer: enough for tests.
        let next = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(next);
        let mixed = (next ^ next >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 31
    }
    fn set_seed(&self, seed: f64) {
        self.random.set(seed.to_bits());
    }
    fn strong_random(&self, out: &mut [u8]) -> Result<()> {
        out.iter_mut().for_each(|byte| *byte = self.random_u64() as u8);
        Ok(())
    }
    fn setting(&self, name: &str) -> Result<Option<String>> {
        Ok((name == "work_mem").then(|| "4MB".to_owned()))
    }
    fn set_setting(&self, _name: &str, value: &str, _is_local: bool) -> Result<String> {
        Ok(value.to_owned())
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
        Ok(Vec::new())
    }
}
