//! Evaluation.

use super::{Compiled, EvalRow, Other, Source};
use crate::runtime::Runtime;
use pglitedb_query_tree::{BoolTest, SystemColumn};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, RecordValue};
use std::cmp::Ordering;
use std::sync::Arc;

impl<'a> EvalRow<'a> {
    #[inline]
    fn side(&self, source: Source) -> &'a [Datum] {
        match source {
            Source::Outer => self.outer,
            Source::Inner => self.inner,
            Source::Scan => self.scan,
        }
    }
}

impl Compiled {
    /// The value for a row.
    #[inline]
    pub fn eval(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        match self {
            Compiled::Const(value) => Ok(value.clone()),
            Compiled::Column(column) => match row.side(column.source).get(column.index) {
                Some(value) => Ok(value.clone()),
                None => Err(Error::internal(format!("row has no column {}", column.index + 1))),
            },
            Compiled::Call(call) => call.0.eval(row, rt),
            _ => self.eval_other(row, rt),
        }
    }

    fn eval_other(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        match self {
            Compiled::Const(_) | Compiled::Column(_) | Compiled::Call(_) => self.eval(row, rt),
            Compiled::External(id) => match rt.params.get(*id) {
                Some(value) => Ok(value.clone()),
                None => Err(Error::internal(format!("no value for parameter ${}", id + 1))),
            },
            Compiled::Exec(id) => rt.exec_param(*id),
            Compiled::System(system) => Ok(system_column(system.column, system.source, row)),
            Compiled::WholeRow(whole) => {
                let side = row.side(whole.source);
                if whole.columns.is_empty() && !side.is_empty() {
                    let types = vec![0; side.len()].into();
                    return Ok(record(whole.type_oid, types, side.to_vec()));
                }
                let fields: Vec<Datum> =
                    whole.columns.iter().map(|at| side.get(*at).cloned().unwrap_or_default()).collect();
                Ok(named_record(whole.type_oid, whole.types.clone(), whole.names.clone(), fields))
            }
            Compiled::And(args) => {
                let mut unknown = false;
                for arg in args {
                    match arg.eval(row, rt)?.as_bool() {
                        Some(false) => return Ok(Datum::Bool(false)),
                        None => unknown = true,
                        Some(true) => {}
                    }
                }
                Ok(if unknown { Datum::Null } else { Datum::Bool(true) })
            }
            Compiled::Or(args) => {
                let mut unknown = false;
                for arg in args {
                    match arg.eval(row, rt)?.as_bool() {
                        Some(true) => return Ok(Datum::Bool(true)),
                        None => unknown = true,
                        Some(false) => {}
                    }
                }
                Ok(if unknown { Datum::Null } else { Datum::Bool(false) })
            }
            Compiled::Not(arg) => Ok(match arg.eval(row, rt)?.as_bool() {
                Some(value) => Datum::Bool(!value),
                None => Datum::Null,
            }),
            Compiled::Other(other) => other.eval(row, rt),
        }
    }

    /// Is the condition true (not false, not NULL)?
    #[inline]
    pub fn is_true(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<bool> {
        Ok(matches!(self.eval(row, rt)?, Datum::Bool(true)))
    }
}

/// Do all conditions hold?
#[inline]
pub(crate) fn all_true(quals: &[Compiled], row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<bool> {
    for qual in quals {
        if !qual.is_true(row, rt)? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(crate) fn record(type_oid: u32, field_types: Arc<[u32]>, fields: Vec<Datum>) -> Datum {
    Datum::Record(Arc::new(RecordValue::new(type_oid, field_types, fields)))
}

/// A composite value whose fields have names that the type does not tell.
pub(crate) fn named_record(
    type_oid: u32,
    field_types: Arc<[u32]>,
    names: Option<Arc<[Arc<str>]>>,
    fields: Vec<Datum>,
) -> Datum {
    Datum::Record(Arc::new(RecordValue { type_oid, field_types, fields, names }))
}

fn system_column(column: SystemColumn, source: Source, row: &EvalRow<'_>) -> Datum {
    let id = if source == Source::Inner { row.inner_id.or(row.scan_id) } else { row.scan_id };
    match (column, id) {
        (SystemColumn::TableOid, _) if row.table == 0 => Datum::Null,
        (SystemColumn::TableOid, _) => Datum::Oid(row.table),
        (_, None) => Datum::Null,
        (SystemColumn::Ctid, Some(id)) => id.ctid(),
        (SystemColumn::RowId, Some(id)) => Datum::Int8(id.0.cast_signed()),
        // Rows carry no transaction ids: a row that is there was written by a transaction that is long over.
        (SystemColumn::Xmin, _) => Datum::Oid(2),
        (SystemColumn::Xmax | SystemColumn::Cmin | SystemColumn::Cmax, _) => Datum::Oid(0),
    }
}

impl Other {
    fn eval(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        match self {
            Other::Aggregate(at) => Ok(row.aggregates.get(*at).cloned().unwrap_or_default()),
            Other::Grouping(refs) => {
                let bits =
                    refs.iter().fold(0_i32, |bits, r| bits << 1 | i32::from(row.ungrouped.contains(r)));
                Ok(Datum::Int4(bits))
            }
            Other::Distinct(call) => call.distinct(row, rt),
            Other::NullIf(call) => call.null_if(row, rt),
            Other::ScalarArray(call) => call.eval(row, rt),
            Other::SubPlan(plan) => crate::nodes::subplan::eval(&plan.0, row, rt),
            Other::Case(arg, arms, default) => {
                let value = arg.as_ref().map(|arg| arg.eval(row, rt)).transpose()?;
                let tested = EvalRow { case_value: value.as_ref().or(row.case_value), ..*row };
                for (when, then) in arms {
                    if when.is_true(&tested, rt)? {
                        return then.eval(row, rt);
                    }
                }
                default.eval(row, rt)
            }
            Other::CaseValue => Ok(row.case_value.cloned().unwrap_or_default()),
            Other::Coalesce(args) => {
                for arg in args {
                    let value = arg.eval(row, rt)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Datum::Null)
            }
            Other::MinMax(greatest, args, comparator) => {
                let wanted = if *greatest { Ordering::Greater } else { Ordering::Less };
                let mut best = Datum::Null;
                for arg in args {
                    let value = arg.eval(row, rt)?;
                    if !value.is_null() && (best.is_null() || comparator.compare(&value, &best) == wanted) {
                        best = value;
                    }
                }
                Ok(best)
            }
            Other::NullTest(arg, negated, as_row) => {
                let value = arg.eval(row, rt)?;
                let result = match (&value, as_row) {
                    // A row is null if all its fields are, not null if none is: not each other's negation.
                    (Datum::Record(record), true) => {
                        record.fields.iter().all(|field| field.is_null() != *negated)
                    }
                    _ => value.is_null() != *negated,
                };
                Ok(Datum::Bool(result))
            }
            Other::BoolTest(arg, test) => {
                let value = arg.eval(row, rt)?.as_bool();
                Ok(Datum::Bool(match test {
                    BoolTest::True => value == Some(true),
                    BoolTest::NotTrue => value != Some(true),
                    BoolTest::False => value == Some(false),
                    BoolTest::NotFalse => value != Some(false),
                    BoolTest::Unknown => value.is_none(),
                    BoolTest::NotUnknown => value.is_some(),
                }))
            }
            Other::RowCompare(compare) => compare.eval(row, rt),
            Other::Relabel(arg, to) => Ok(pglitedb_types::relabel(arg.eval(row, rt)?, *to)),
            Other::Concat(parts) => super::concat::eval(parts, row, rt),
            Other::ViaIo(arg, from, to) => {
                let value = arg.eval(row, rt)?;
                if value.is_null() {
                    return Ok(Datum::Null);
                }
                pglitedb_types::convert_by_text(&value, *from, *to, rt.env.as_type_env())
            }
            Other::Domain(arg, domain) => {
                let value = arg.eval(row, rt)?;
                rt.env.check_domain(*domain, &value)?;
                Ok(value)
            }
            Other::NextValue(sequence, type_oid) => {
                let value = rt.hooks.next_value(*sequence)?;
                super::special::integer_of(value, *type_oid)
            }
            Other::SqlValue(function, type_oid, typmod) => {
                super::special::sql_value(*function, *type_oid, *typmod, rt)
            }
            Other::Special(call) => super::special::special(call, row, rt),
            Other::Json(call) => call.eval(row, rt),
            Other::Field(..) | Other::FieldStore(..) | Other::ConvertRow(..) | Other::Row(..) => {
                super::record::eval(self, row, rt)
            }
            Other::Array(..) | Other::ArrayCoerce(..) | Other::Subscript(_) => {
                super::array::eval(self, row, rt)
            }
        }
    }
}
