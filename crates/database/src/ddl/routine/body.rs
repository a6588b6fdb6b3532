//! SQL-standard bodies: `RETURN expression` and `BEGIN ATOMIC ... END`, bound when the routine is created.

use super::create::NewRoutine;
use crate::context::StatementCtx;
use pglitedb_analyzer::{AnalyzeContext, ParamTypes, analyze, analyze_return};
use pglitedb_analyzer::{ArgumentNames, StoredBody};
use pglitedb_query_tree::Query;
use pglitedb_sql_parser::ast::{SqlBody, Statement};
use pglitedb_sqlstate::{Result, err};

/// Binds the body; its stored form and its queries go to the routine.
pub(super) fn bind(written: &SqlBody, routine: &mut NewRoutine<'_>, ctx: &StatementCtx<'_>) -> Result<()> {
    let parameters = &routine.parameters;
    let names =
        ArgumentNames::new(&routine.place.name, &parameters.input_names, &parameters.inputs, ctx.catalog());
    let context = AnalyzeContext::new(ctx.env(), ctx.env(), ctx.source())
        .with_params(ParamTypes::Fixed(&parameters.inputs))
        .with_hook(&names);
    if let Some(polymorphic) = parameters.inputs.iter().find(|oid| pglitedb_analyzer::is_polymorphic(**oid)) {
        let _ = polymorphic;
        return Err(err!(
            INVALID_FUNCTION_DEFINITION,
            "SQL function with unquoted function body cannot have polymorphic arguments"
        ));
    }
    let mut queries = Vec::new();
    let is_return = matches!(written, SqlBody::Return(_));
    match written {
        SqlBody::Return(value) => queries.push(analyze_return(value, &context)?),
        SqlBody::Atomic(statements) => {
            for statement in statements {
                queries.push(bind_statement(statement, &context)?);
            }
        }
    }
    let stored = StoredBody { is_return, queries };
    routine.sql_body = Some(stored.to_text()?);
    routine.queries = stored.queries;
    Ok(())
}

fn bind_statement(statement: &Statement, context: &AnalyzeContext<'_>) -> Result<Query> {
    match statement {
        Statement::Return(value) => analyze_return(&value.value, context),
        Statement::Select(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_) => analyze(statement, context),
        other => Err(err!(
            FEATURE_NOT_SUPPORTED,
            "{} is not yet supported in unquoted SQL function body",
            crate::utility::tag::command_name(other)
        )),
    }
}
