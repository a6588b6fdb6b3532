//! Functions that a call might mean, by name and number of arguments.

use crate::binder::Binder;
use pglitedb_catalog::{ArgMode, ProcInfo};
use pglitedb_sql_parser::ast::QualifiedName;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};
use std::sync::Arc;

/// A function that might be meant, its signature fitted to the call.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub proc: Arc<ProcInfo>,
    /// Argument types in call order: VARIADIC expanded, defaults included at the end.
    pub args: Vec<Oid>,
    /// How many actual arguments go into the variadic array.
    pub variadic_count: usize,
    /// How many arguments are defaults.
    pub default_count: usize,
    /// Named notation: parameter number of each of `args`.
    pub order: Option<Vec<usize>>,
    path_position: usize,
    /// Another function fits as well as this one with the same argument types.
    pub ambiguous: bool,
}

/// What is known about the arguments of a call.
#[derive(Clone, Copy)]
pub(crate) struct ArgShape<'s> {
    /// Number of arguments; `None`: any (look-up by name only).
    pub count: Option<usize>,
    /// Names of the last arguments (named notation).
    pub names: &'s [&'s str],
    /// Expand VARIADIC parameters over the arguments.
    pub expand_variadic: bool,
    /// Fill in defaults.
    pub expand_defaults: bool,
    /// OUT parameters count as arguments (CALL).
    pub include_out: bool,
}

impl Binder<'_> {
    /// All candidates, in the order of the search path. Those hidden by an equal signature earlier in the path are
    /// left out.
    pub fn function_candidates(&self, name: &QualifiedName, shape: ArgShape<'_>) -> Result<Vec<Candidate>> {
        let (schema, own) = self.schema_and_name(name)?;
        let namespace = match schema {
            Some(schema) => match self.ctx.catalog.namespace_by_name(schema)? {
                Some(oid) => Some(oid),
                None => return Err(self.missing_schema(schema)),
            },
            None => None,
        };
        let temp = if namespace.is_none() { self.temp_namespace()? } else { None };
        let mut result: Vec<Candidate> = Vec::new();
        for proc in self.ctx.catalog.procs_by_name(own)? {
            let path_position = match namespace {
                Some(oid) if proc.namespace == oid => 0,
                Some(_) => continue,
                None => {
                    if Some(proc.namespace) == temp {
                        continue;
                    }
                    match self.search_path().iter().position(|oid| *oid == proc.namespace) {
                        Some(position) => position,
                        None => continue,
                    }
                }
            };
            if let Some(candidate) = fit(proc, shape, path_position) {
                add(&mut result, candidate, namespace.is_some(), shape);
            }
        }
        Ok(result)
    }

    fn missing_schema(&self, schema: &str) -> pglitedb_sqlstate::Error {
        pglitedb_sqlstate::err!(UNDEFINED_SCHEMA, "schema \"{schema}\" does not exist")
    }
}

/// Input parameters (with OUT ones for CALL): types, and names where declared.
fn parameters(proc: &ProcInfo, include_out: bool) -> (Vec<Oid>, Vec<Option<&str>>) {
    let mut names = Vec::new();
    if proc.all_arg_types.is_empty() {
        for index in 0..proc.arg_types.len() {
            names.push(proc.arg_names.get(index).map(|name| &**name).filter(|name| !name.is_empty()));
        }
        return (proc.arg_types.clone(), names);
    }
    let mut types = Vec::new();
    for (index, &type_oid) in proc.all_arg_types.iter().enumerate() {
        let mode = proc.arg_modes.get(index).copied().unwrap_or(ArgMode::In);
        let wanted = match mode {
            ArgMode::In | ArgMode::InOut | ArgMode::Variadic => true,
            ArgMode::Out => include_out,
            ArgMode::Table => false,
        };
        if wanted {
            types.push(type_oid);
            names.push(proc.arg_names.get(index).map(|name| &**name).filter(|name| !name.is_empty()));
        }
    }
    (types, names)
}

/// Fits a function's signature to the call; `None` if the number or names of arguments don't fit.
fn fit(proc: Arc<ProcInfo>, shape: ArgShape<'_>, path_position: usize) -> Option<Candidate> {
    let plain_out = !shape.include_out || proc.all_arg_types.is_empty();
    let candidate = |proc: Arc<ProcInfo>, args, variadic_count, default_count, order| Candidate {
        proc,
        args,
        variadic_count,
        default_count,
        order,
        path_position,
        ambiguous: false,
    };
    let Some(count) = shape.count else {
        let args = proc.arg_types.clone();
        return Some(candidate(proc, args, 0, 0, None));
    };
    if !shape.names.is_empty() {
        let (types, names) = parameters(&proc, shape.include_out);
        let order = match_names(&proc, &names, count, shape)?;
        let args: Vec<Oid> = order.iter().filter_map(|&number| types.get(number).copied()).collect();
        let defaults = args.len() - count;
        return Some(candidate(proc, args, 0, defaults, Some(order)));
    }
    let declared: Vec<Oid>;
    let types: &[Oid] = if plain_out {
        &proc.arg_types
    } else {
        declared = parameters(&proc, true).0;
        &declared
    };
    let declared_count = types.len();
    if proc.variadic != 0 && shape.expand_variadic && declared_count <= count {
        let mut args = types.to_vec();
        args.pop();
        let fixed = args.len();
        args.resize(count, proc.variadic);
        return Some(candidate(proc, args, count - fixed, 0, None));
    }
    if declared_count == count {
        let args = types.to_vec();
        // A variadic function called with as many arguments as parameters: taken when expansion is off.
        if proc.variadic != 0 && shape.expand_variadic {
            return None;
        }
        return Some(candidate(proc, args, 0, 0, None));
    }
    if declared_count > count
        && shape.expand_defaults
        && count + proc.default_count as usize >= declared_count
    {
        let args = types.to_vec();
        return Some(candidate(proc, args, 0, declared_count - count, None));
    }
    None
}

/// Named notation: which parameter each argument is, defaults at the end.
fn match_names(
    proc: &ProcInfo,
    names: &[Option<&str>],
    count: usize,
    shape: ArgShape<'_>,
) -> Option<Vec<usize>> {
    let total = names.len();
    if total < count {
        return None;
    }
    let positional = count - shape.names.len();
    let mut order: Vec<usize> = (0..positional).collect();
    let mut used = vec![false; total];
    used.iter_mut().take(positional).for_each(|slot| *slot = true);
    for name in shape.names {
        let at = names.iter().position(|known| *known == Some(*name))?;
        // A parameter that is taken by a positional argument does not match.
        if used[at] {
            return None;
        }
        used[at] = true;
        order.push(at);
    }
    if total > count {
        if !shape.expand_defaults {
            return None;
        }
        let first_default = total.checked_sub(proc.default_count as usize)?;
        for (at, used) in used.iter().enumerate() {
            if !used {
                if at < first_default {
                    return None;
                }
                order.push(at);
            }
        }
    }
    Some(order)
}

/// Adds a candidate unless an equal signature is preferred to it; replaces one that is worse.
fn add(result: &mut Vec<Candidate>, new: Candidate, explicit_schema: bool, shape: ArgShape<'_>) {
    let actual = shape.count.unwrap_or(new.args.len());
    let head =
        |candidate: &Candidate| candidate.args.get(..actual.min(candidate.args.len())).map(<[Oid]>::to_vec);
    let same = result.iter().position(|old| {
        if shape.count.is_none() { old.proc.arg_types == new.proc.arg_types } else { head(old) == head(&new) }
    });
    let Some(at) = same else {
        result.push(new);
        return;
    };
    let old = &mut result[at];
    let prefer_old = if !explicit_schema && new.path_position != old.path_position {
        Some(old.path_position < new.path_position)
    } else if old.variadic_count != new.variadic_count {
        // Not variadic before variadic, then the one that packs fewer.
        Some(old.variadic_count == 0 || (new.variadic_count != 0 && old.variadic_count < new.variadic_count))
    } else if old.default_count != new.default_count && (old.default_count == 0 || new.default_count == 0) {
        Some(old.default_count == 0)
    } else {
        None
    };
    match prefer_old {
        Some(true) => {}
        Some(false) => *old = new,
        None => old.ambiguous = true,
    }
}

/// The type list of an "any" variadic function accepts everything.
pub(crate) fn is_any(type_oid: Oid) -> bool {
    type_oid == oids::ANY
}
