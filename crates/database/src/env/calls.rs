//! Calls of functions by OID, for what types and other objects are defined with.

use super::Env;
use pglitedb_catalog::Catalog;
use pglitedb_catalog::new_objects::INTERNAL_LANGUAGE;
use pglitedb_functions::{Builtin, CallInfo, FnCtx};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid};

impl Env {
    /// Calls a function on values of its declared types.
    pub(crate) fn call_by_oid(&self, function: Oid, args: &[Datum], result_type: Oid) -> Result<Datum> {
        let proc = Catalog::proc(self, function)?
            .ok_or_else(|| err!(UNDEFINED_FUNCTION, "function with OID {function} does not exist"))?;
        if proc.strict && args.iter().any(Datum::is_null) {
            return Ok(Datum::Null);
        }
        let own = proc.builtin || proc.language == INTERNAL_LANGUAGE;
        let found = if own {
            self.registry().get_for(proc.oid, &proc.source)
        } else {
            self.registry().get("sql:routine")
        };
        let found = match found {
            Some(Builtin::Scalar(function)) => Some(function),
            Some(Builtin::Trans(_)) => pglitedb_functions::aggregate::transition_call(&proc.source),
            _ => None,
        };
        let Some(implementation) = found else {
            return Err(Error::unsupported(format!(
                "calling function {} from here is not supported yet",
                proc.name
            )));
        };
        let info =
            CallInfo { function, arg_types: proc.arg_types.clone(), result_type, ..CallInfo::default() };
        implementation(&FnCtx { env: self, info: &info }, args)
    }
}
