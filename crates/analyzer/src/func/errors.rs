//! What is said when a function does not fit.

use super::call::CallParts;
use crate::ExprKind;
use crate::binder::Binder;
use crate::lookup::dotted;
use pglitedb_sql_parser::ast::QualifiedName;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Oid;

/// What kind of call is refused in some places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    Aggregate,
    Grouping,
    Window,
    SetReturning,
}

impl Placed {
    fn plural(self) -> &'static str {
        match self {
            Placed::Aggregate => "aggregate functions",
            Placed::Grouping => "grouping operations",
            Placed::Window => "window functions",
            Placed::SetReturning => "set-returning functions",
        }
    }

    /// The message that such a call is not allowed in a place.
    pub fn refused_in(self, kind: ExprKind) -> String {
        format!("{} are not allowed in {}", self.plural(), place(kind))
    }
}

/// A place as these messages word it.
fn place(kind: ExprKind) -> &'static str {
    use ExprKind::*;
    match kind {
        JoinOn | JoinUsing => "JOIN conditions",
        FromFunction => "functions in FROM",
        WindowPartition | WindowOrder => "window definitions",
        Policy => "policy expressions",
        MergeWhen => "MERGE WHEN conditions",
        CheckConstraint | DomainCheck => "check constraints",
        ColumnDefault | FunctionDefault => "DEFAULT expressions",
        IndexExpression => "index expressions",
        IndexPredicate => "index predicates",
        StatsExpression => "statistics expressions",
        AlterColTransform => "transform expressions",
        ExecuteParameter => "EXECUTE parameters",
        TriggerWhen => "trigger WHEN conditions",
        PartitionBound => "partition bound",
        PartitionExpression => "partition key expressions",
        CallArgument => "CALL arguments",
        CopyWhere => "COPY FROM WHERE conditions",
        GeneratedColumn => "column generation expressions",
        other => other.name(),
    }
}

impl Binder<'_> {
    /// `f(integer, text)` as messages show a call.
    pub fn signature(&self, name: &QualifiedName, names: &[Option<&str>], types: &[Oid]) -> String {
        let args: Vec<String> = types
            .iter()
            .enumerate()
            .map(|(index, oid)| match names.get(index).copied().flatten() {
                Some(name) => format!("{name} => {}", self.type_name(*oid)),
                None => self.type_name(*oid),
            })
            .collect();
        format!("{}({})", dotted(name), args.join(", "))
    }

    /// The error for a call that finds no function, or too many.
    pub(super) fn call_error(&self, parts: &CallParts<'_, '_>, types: &[Oid], multiple: bool) -> Error {
        let signature = self.signature(parts.name, parts.names, types);
        let procedure = parts.is_call;
        let at = parts.at;
        let what = if procedure { "procedure" } else { "function" };
        if multiple {
            let error = err!(AMBIGUOUS_FUNCTION, "{what} {signature} is not unique");
            return error
                .hint(format!(
                    "Could not choose a best candidate {what}. You might need to add explicit type casts."
                ))
                .at(at);
        }
        let error = err!(UNDEFINED_FUNCTION, "{what} {signature} does not exist");
        if !parts.order_by.is_empty() && !parts.within_group {
            return error
                .hint(
                    "No aggregate function matches the given name and argument types. Perhaps you misplaced \
                     ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.",
                )
                .at(at);
        }
        error
            .hint(format!(
                "No {what} matches the given name and argument types. You might need to add explicit type casts."
            ))
            .at(at)
    }

    /// A set-returning function stands here: is that allowed?
    pub fn check_set_function(&mut self, inner_srf: Option<usize>, at: usize) -> Result<()> {
        use ExprKind::*;
        let kind = self.kind();
        match kind {
            None | Other => {}
            FromFunction => {
                // Only the call itself, not its arguments.
                if let Some(inner) = inner_srf {
                    return Err(err!(
                        FEATURE_NOT_SUPPORTED,
                        "set-returning functions must appear at top level of FROM"
                    )
                    .at(inner));
                }
            }
            SelectTarget | GroupBy | OrderBy | DistinctOn | ValuesSingle | InsertTarget => {
                self.level().has_target_srfs = true;
            }
            _ => {
                let message = Placed::SetReturning.refused_in(kind);
                return Err(Error::unsupported(message).at(at));
            }
        }
        Ok(())
    }

    /// Arguments of these constructs can't return sets.
    pub fn refuse_srf_since(&self, before: usize, construct: &str) -> Result<()> {
        if self.cur().srf_count != before
            && let Some(at) = self.cur().last_srf
        {
            return Err(Error::unsupported(format!(
                "set-returning functions are not allowed in {construct}"
            ))
            .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(at));
        }
        Ok(())
    }

    /// `42809` for aggregate or window syntax on a plain function.
    pub(super) fn refuse_aggregate_syntax(&self, parts: &CallParts<'_, '_>) -> Result<()> {
        let name = dotted(parts.name);
        let fail = |message: String| Err(err!(WRONG_OBJECT_TYPE, "{message}").at(parts.at));
        if parts.star {
            return fail(format!("{name}(*) specified, but {name} is not an aggregate function"));
        }
        if parts.distinct {
            return fail(format!("DISTINCT specified, but {name} is not an aggregate function"));
        }
        if parts.within_group {
            return fail(format!("WITHIN GROUP specified, but {name} is not an aggregate function"));
        }
        if !parts.order_by.is_empty() {
            return fail(format!("ORDER BY specified, but {name} is not an aggregate function"));
        }
        if parts.filter.is_some() {
            return fail(format!("FILTER specified, but {name} is not an aggregate function"));
        }
        if parts.over.is_some() {
            return fail(format!(
                "OVER specified, but {name} is not a window function nor an aggregate function"
            ));
        }
        Ok(())
    }

    /// Rejects argument lists longer than PostgreSQL's.
    pub(super) fn check_argument_count(&self, count: usize, at: usize) -> Result<()> {
        if count > 100 {
            let error = err!(TOO_MANY_ARGUMENTS, "cannot pass more than 100 arguments to a function");
            return Err(error.at(at));
        }
        Ok(())
    }

    /// A composite value has no such field.
    pub fn missing_field(&self, arg: &pglitedb_query_tree::Expr, field: &str, at: usize) -> Result<Error> {
        let type_oid = arg.type_oid();
        if let pglitedb_query_tree::Expr::Var(var) = arg
            && var.attno == 0
            && let pglitedb_query_tree::VarSource::Rte(index) = var.source
            && let Some(rte) = self.rte_at(index, var.levels_up)
        {
            return Ok(err!(UNDEFINED_COLUMN, "column {}.{field} does not exist", rte.name).at(at));
        }
        if self.is_complex(type_oid)? {
            return Ok(err!(
                UNDEFINED_COLUMN,
                "column \"{field}\" not found in data type {}",
                self.type_name(type_oid)
            )
            .at(at));
        }
        if type_oid == pglitedb_types::oids::RECORD {
            return Ok(
                err!(UNDEFINED_COLUMN, "could not identify column \"{field}\" in record data type").at(at)
            );
        }
        Ok(err!(
            WRONG_OBJECT_TYPE,
            "column notation .{field} applied to type {}, which is not a composite type",
            self.type_name(type_oid)
        )
        .at(at))
    }
}
