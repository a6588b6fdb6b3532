//! Parameters and results of new routines.

use super::language;
use crate::context::StatementCtx;
use pglitedb_analyzer::{bind_function_default, try_resolve_type_name, type_text};
use pglitedb_catalog::ArgMode;
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sql_parser::ast::{
    CreateFunctionStatement, FunctionParameter, FunctionReturns, ParameterMode, TypeName,
};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_types::{Oid, TypeKind, oids};

/// The parameters of a routine as `pg_proc` keeps them.
#[derive(Default)]
pub(super) struct Parameters {
    /// Input arguments (procedures: without OUT ones).
    pub inputs: Vec<Oid>,
    /// All, if some are not inputs.
    pub all: Vec<Oid>,
    pub modes: Vec<ArgMode>,
    /// Names of all; empty if none has one.
    pub names: Vec<String>,
    /// Names of the inputs.
    pub input_names: Vec<String>,
    /// Serialized defaults of the last inputs.
    pub defaults: Vec<String>,
    pub default_exprs: Vec<Expr>,
    /// Element type of the VARIADIC parameter.
    pub variadic: Oid,
    /// The result that OUT parameters ask for, 0 if there are none.
    pub required_result: Oid,
}

impl Parameters {
    /// Types of the OUT parameters with their names.
    pub fn outs(&self) -> Vec<(String, Oid)> {
        let outs = self.all.iter().zip(&self.modes).enumerate();
        outs.filter(|(_, (_, mode))| matches!(mode, ArgMode::Out | ArgMode::InOut | ArgMode::Table))
            .map(|(at, (oid, _))| (self.names.get(at).cloned().unwrap_or_default(), *oid))
            .collect()
    }
}

fn wrong(message: impl std::fmt::Display) -> Error {
    err!(INVALID_FUNCTION_DEFINITION, "{message}")
}

/// The type of a parameter; shell types are refused or noticed.
fn parameter_type(name: &TypeName, language_oid: Oid, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let at = name.span.offset();
    let Some((oid, _)) = try_resolve_type_name(name, &ctx.analyze())? else {
        return Err(err!(UNDEFINED_OBJECT, "type {} does not exist", type_text(name)).at(at));
    };
    if let Some(shown) = shell(oid, ctx)? {
        if language_oid == language::SQL {
            return Err(wrong(format!("SQL function cannot accept shell type {shown}")).at(at));
        }
        let notice = err!(WRONG_OBJECT_TYPE, "argument type {shown} is only a shell").at(at);
        ctx.notice(notice.severity(Severity::Notice));
    }
    crate::ddl::column_type::require_usage(oid, ctx)?;
    Ok(oid)
}

/// The type of a result; a shell is made for what is to become a type.
fn result_type(name: &TypeName, language_oid: Oid, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let Some((oid, _)) = try_resolve_type_name(name, &ctx.analyze())? else {
        let text = type_text(name);
        if !matches!(language_oid, language::INTERNAL | language::C) {
            return Err(err!(UNDEFINED_OBJECT, "type \"{text}\" does not exist"));
        }
        if !name.typmods.is_empty() {
            return Err(err!(SYNTAX_ERROR, "type modifier cannot be specified for shell type \"{text}\""));
        }
        let notice = err!(UNDEFINED_OBJECT, "type \"{text}\" is not yet defined");
        ctx.notice(notice.severity(Severity::Notice).detail("Creating a shell type definition."));
        return crate::ddl::types::make_shell(&name.name, ctx);
    };
    if let Some(shown) = shell(oid, ctx)? {
        if language_oid == language::SQL {
            return Err(wrong(format!("SQL function cannot return shell type {shown}")));
        }
        let notice = err!(WRONG_OBJECT_TYPE, "return type {shown} is only a shell");
        ctx.notice(notice.severity(Severity::Notice));
    }
    Ok(oid)
}

/// How a type is shown if it is only a shell.
fn shell(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Option<String>> {
    let info = ctx.catalog().type_info(oid)?;
    let info = info.ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
    if info.is_defined {
        return Ok(None);
    }
    pglitedb_analyzer::format_type(oid, -1, &ctx.analyze()).map(Some)
}

/// Reads the parameters (those of RETURNS TABLE included).
pub(super) fn read(
    stmt: &CreateFunctionStatement,
    language_oid: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<Parameters> {
    let columns: &[FunctionParameter] = match &stmt.returns {
        FunctionReturns::Table(columns, _) => columns,
        _ => &[],
    };
    let mut reader =
        Reader { found: Parameters::default(), procedure: stmt.procedure, has_default: false, outs: 0 };
    for parameter in stmt.parameters.iter().chain(columns) {
        reader.add(parameter, language_oid, ctx)?;
    }
    let Reader { mut found, outs, .. } = reader;
    if outs == 0 && found.variadic == 0 {
        found.all.clear();
        found.modes.clear();
    }
    if outs > 0 && stmt.procedure {
        found.required_result = oids::RECORD;
    }
    if found.names.iter().all(String::is_empty) {
        found.names.clear();
    }
    Ok(found)
}

struct Reader {
    found: Parameters,
    procedure: bool,
    has_default: bool,
    outs: usize,
}

impl Reader {
    fn add(
        &mut self,
        parameter: &FunctionParameter,
        language_oid: Oid,
        ctx: &StatementCtx<'_>,
    ) -> Result<()> {
        let at = parameter.span.offset();
        let mode = match parameter.mode {
            ParameterMode::Default | ParameterMode::In => ArgMode::In,
            ParameterMode::Out => ArgMode::Out,
            ParameterMode::InOut => ArgMode::InOut,
            ParameterMode::Variadic => ArgMode::Variadic,
            ParameterMode::Table => ArgMode::Table,
        };
        if parameter.type_name.setof {
            let what = if self.procedure { "procedures" } else { "functions" };
            return Err(wrong(format!("{what} cannot accept set arguments")).at(at));
        }
        let oid = parameter_type(&parameter.type_name, language_oid, ctx)?;
        let name = parameter.name.as_ref().map_or("", |name| name.as_str());
        if matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic) {
            if self.found.variadic != 0 {
                return Err(wrong("VARIADIC parameter must be the last input parameter").at(at));
            }
            self.found.inputs.push(oid);
            self.found.input_names.push(name.to_owned());
        }
        if matches!(mode, ArgMode::Out | ArgMode::InOut | ArgMode::Table) {
            if self.procedure && self.found.variadic != 0 {
                // OUT parameters of procedures count in calls.
                return Err(wrong("VARIADIC parameter must be the last parameter").at(at));
            }
            self.outs += 1;
            self.found.required_result = if self.outs == 1 { oid } else { oids::RECORD };
        }
        if mode == ArgMode::Variadic {
            self.found.variadic = variadic_element(oid, ctx)?
                .ok_or_else(|| wrong("VARIADIC parameter must be an array").at(at))?;
        }
        self.check_name(name, mode, at)?;
        self.found.all.push(oid);
        self.found.modes.push(mode);
        self.found.names.push(name.to_owned());
        self.default(parameter, mode, oid, at, ctx)
    }

    /// Input names must differ from each other, and so must output names.
    fn check_name(&self, name: &str, mode: ArgMode, at: usize) -> Result<()> {
        if name.is_empty() {
            return Ok(());
        }
        for (known, known_mode) in self.found.names.iter().zip(&self.found.modes) {
            let is_in = |mode: &ArgMode| matches!(mode, ArgMode::In | ArgMode::Variadic);
            let is_out = |mode: &ArgMode| matches!(mode, ArgMode::Out | ArgMode::Table);
            let apart = (is_in(&mode) && is_out(known_mode)) || (is_out(&mode) && is_in(known_mode));
            if known == name && !apart {
                return Err(wrong(format!("parameter name \"{name}\" used more than once")).at(at));
            }
        }
        Ok(())
    }

    fn default(
        &mut self,
        parameter: &FunctionParameter,
        mode: ArgMode,
        oid: Oid,
        at: usize,
        ctx: &StatementCtx<'_>,
    ) -> Result<()> {
        let is_input = matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic);
        let Some(default) = &parameter.default else {
            if is_input && self.has_default {
                return Err(
                    wrong("input parameters after one with a default value must also have defaults").at(at)
                );
            }
            if self.procedure && mode == ArgMode::Out && self.has_default {
                return Err(
                    wrong("procedure OUT parameters cannot appear after one with a default value").at(at)
                );
            }
            return Ok(());
        };
        if !is_input {
            return Err(wrong("only input parameters can have default values").at(at));
        }
        let bound = bind_function_default(default, oid, &ctx.analyze())?;
        let has_columns = bound.any(&mut |expr| matches!(expr, Expr::Var(_)));
        if has_columns {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "cannot use table references in parameter default value"
            )
            .at(at));
        }
        self.found.defaults.push(serial::expr_to_text(&bound)?);
        self.found.default_exprs.push(bound);
        self.has_default = true;
        Ok(())
    }
}

/// Element type of a VARIADIC parameter's type.
fn variadic_element(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    Ok(match oid {
        oids::ANY => Some(oids::ANY),
        oids::ANYARRAY => Some(oids::ANYELEMENT),
        oids::ANYCOMPATIBLEARRAY => Some(oids::ANYCOMPATIBLE),
        oid => ctx.catalog().type_info(oid)?.filter(|info| info.is_true_array).map(|info| info.element),
    })
}

/// The result: type, and whether it is a set.
pub(super) fn result(
    stmt: &CreateFunctionStatement,
    found: &Parameters,
    language_oid: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<(Oid, bool)> {
    if stmt.procedure {
        return Ok((if found.required_result == 0 { oids::VOID } else { found.required_result }, false));
    }
    let (oid, set) = match &stmt.returns {
        FunctionReturns::Type(name) => {
            let oid = result_type(name, language_oid, ctx)?;
            if found.required_result != 0 && oid != found.required_result {
                let shown = pglitedb_analyzer::format_type(found.required_result, -1, &ctx.analyze())?;
                return Err(wrong(format!("function result type must be {shown} because of OUT parameters")));
            }
            (oid, name.setof)
        }
        FunctionReturns::Table(..) => (found.required_result, true),
        FunctionReturns::Unspecified if found.required_result != 0 => (found.required_result, false),
        FunctionReturns::Unspecified => return Err(wrong("function result type must be specified")),
    };
    Ok((oid, set))
}

/// Results of polymorphic types need inputs of such types; `internal` needs one of its own.
pub(super) fn check_pseudo_types(found: &Parameters, result: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let outs = found.outs();
    for (_, oid) in &outs {
        if let Some(detail) = polymorphic_problem(*oid, &found.inputs) {
            return Err(wrong("cannot determine result data type").detail(detail));
        }
        if let Some(detail) = internal_problem(*oid, &found.inputs) {
            return Err(wrong("unsafe use of pseudo-type \"internal\"").detail(detail));
        }
    }
    if let Some(detail) = polymorphic_problem(result, &found.inputs) {
        return Err(wrong("cannot determine result data type").detail(detail));
    }
    if let Some(detail) = internal_problem(result, &found.inputs) {
        return Err(wrong("unsafe use of pseudo-type \"internal\"").detail(detail));
    }
    let _ = (ctx, TypeKind::Pseudo);
    Ok(())
}

fn internal_problem(oid: Oid, inputs: &[Oid]) -> Option<String> {
    (oid == oids::INTERNAL && !inputs.contains(&oids::INTERNAL))
        .then(|| "A function returning \"internal\" must have at least one \"internal\" argument.".to_owned())
}

fn polymorphic_problem(oid: Oid, inputs: &[Oid]) -> Option<String> {
    let simple = [
        oids::ANYELEMENT,
        oids::ANYARRAY,
        oids::ANYNONARRAY,
        oids::ANYENUM,
        oids::ANYRANGE,
        oids::ANYMULTIRANGE,
    ];
    let compatible = [
        oids::ANYCOMPATIBLE,
        oids::ANYCOMPATIBLEARRAY,
        oids::ANYCOMPATIBLENONARRAY,
        oids::ANYCOMPATIBLERANGE,
        oids::ANYCOMPATIBLEMULTIRANGE,
    ];
    let any_of = |list: &[Oid]| inputs.iter().any(|input| list.contains(input));
    let name =
        |oid: Oid| pglitedb_types::builtin_type(oid).map_or_else(String::new, |info| info.name.to_string());
    let shown = name(oid);
    let needs =
        |what: &str| Some(format!("A result of type {shown} requires at least one input of type {what}."));
    match oid {
        oids::ANYRANGE | oids::ANYMULTIRANGE if !any_of(&[oids::ANYRANGE, oids::ANYMULTIRANGE]) => {
            needs("anyrange or anymultirange")
        }
        oids::ANYCOMPATIBLERANGE | oids::ANYCOMPATIBLEMULTIRANGE
            if !any_of(&[oids::ANYCOMPATIBLERANGE, oids::ANYCOMPATIBLEMULTIRANGE]) =>
        {
            needs("anycompatiblerange or anycompatiblemultirange")
        }
        oid if simple.contains(&oid) && !any_of(&simple) => {
            needs("anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange")
        }
        oid if compatible.contains(&oid) && !any_of(&compatible) => needs(
            "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange",
        ),
        _ => None,
    }
}
