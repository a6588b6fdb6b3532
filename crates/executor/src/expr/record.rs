//! Composite values.

use super::eval::{named_record, record};
use super::{EvalRow, Other};
use crate::runtime::Runtime;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;

pub(super) fn eval(expr: &Other, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    match expr {
        Other::Field(arg, field) => Ok(match arg.eval(row, rt)? {
            Datum::Record(record) => record.fields.get(*field).cloned().unwrap_or_default(),
            _ => Datum::Null,
        }),
        Other::Row(type_oid, types, names, args) => {
            let fields = args.iter().map(|arg| arg.eval(row, rt)).collect::<Result<Vec<_>>>()?;
            Ok(named_record(*type_oid, types.clone(), names.clone(), fields))
        }
        Other::FieldStore(arg, stores, type_oid, types) => {
            let mut fields = match arg.eval(row, rt)? {
                Datum::Record(record) => record.fields.clone(),
                _ => Vec::new(),
            };
            fields.resize(types.len(), Datum::Null);
            for (field, value) in stores {
                let value = value.eval(row, rt)?;
                let slot = fields.get_mut(*field);
                *slot.ok_or_else(|| Error::internal("field number out of range"))? = value;
            }
            Ok(record(*type_oid, types.clone(), fields))
        }
        Other::ConvertRow(arg, type_oid, map, types) => Ok(match arg.eval(row, rt)? {
            Datum::Record(source) => {
                let field =
                    |at: &Option<usize>| at.and_then(|at| source.fields.get(at).cloned()).unwrap_or_default();
                record(*type_oid, types.clone(), map.iter().map(field).collect())
            }
            _ => Datum::Null,
        }),
        _ => Err(Error::internal("not a record expression")),
    }
}
