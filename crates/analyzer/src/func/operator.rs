//! Operators.

use crate::binder::Binder;
use pglitedb_catalog::{CastContext, OperatorInfo};
use pglitedb_query_tree::{CallForm, Expr, OpExpr, Position, ScalarArrayOp};
use pglitedb_sql_parser::ast::OperatorName;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, oids};
use std::sync::Arc;

impl<'c> Binder<'c> {
    /// Operators of a name that the schema or search path shows, first in path first.
    pub fn operators(&self, name: &OperatorName, prefix: bool) -> Result<Vec<Arc<OperatorInfo>>> {
        let all = self.ctx.catalog.operators_by_name(&name.symbol)?;
        if let Some(schema) = name.schema.last() {
            let namespace = self.schema_oid(schema.as_str())?;
            return Ok(all
                .into_iter()
                .filter(|op| op.namespace == namespace && (op.left == 0) == prefix)
                .collect());
        }
        let path = self.search_path();
        let temp = self.temp_namespace()?;
        let rank = |op: &OperatorInfo| {
            if Some(op.namespace) == temp { None } else { path.iter().position(|oid| *oid == op.namespace) }
        };
        let mut result: Vec<Arc<OperatorInfo>> = Vec::with_capacity(all.len());
        let mut mixed = false;
        for op in all {
            if (op.left == 0) == prefix && rank(&op).is_some() {
                mixed |= result.first().is_some_and(|first| first.namespace != op.namespace);
                result.push(op);
            }
        }
        if mixed {
            result.sort_by_key(|op| rank(op));
            let mut seen: Vec<(Oid, Oid)> = Vec::new();
            result.retain(|op| {
                let key = (op.left, op.right);
                let new = !seen.contains(&key);
                seen.push(key);
                new
            });
        }
        Ok(result)
    }

    /// The operator for two operands, `None` if there is none or no best one (`Err` inside: ambiguous).
    pub fn find_operator(
        &self,
        name: &OperatorName,
        left: Option<Oid>,
        right: Oid,
    ) -> Result<std::result::Result<Arc<OperatorInfo>, bool>> {
        let candidates = self.operators(name, left.is_none())?;
        if let Some(found) = self.exact_operator(&candidates, left, right)? {
            return Ok(Ok(found));
        }
        let lists: Vec<[Oid; 2]> = candidates.iter().map(|op| [op.left, op.right]).collect();
        let declared: Vec<&[Oid]> =
            lists.iter().map(|pair| if left.is_some() { &pair[..] } else { &pair[1..] }).collect();
        let (actual, count) = match left {
            Some(left) => ([left, right], 2),
            None => ([right, 0], 1),
        };
        let mut actual = actual.to_vec();
        actual.truncate(count);
        // An unknown operand of a prefix operator, or both unknown, is left to the general rules.
        let matching = self.matching_candidates(&actual, &declared)?;
        match matching.as_slice() {
            [] => Ok(Err(false)),
            [one] => Ok(Ok(candidates[*one].clone())),
            _ => match self.select_candidate(&actual, &declared, matching)? {
                Some(best) => Ok(Ok(candidates[best].clone())),
                None => Ok(Err(true)),
            },
        }
    }

    fn exact_operator(
        &self,
        candidates: &[Arc<OperatorInfo>],
        left: Option<Oid>,
        right: Oid,
    ) -> Result<Option<Arc<OperatorInfo>>> {
        let find = |l: Oid, r: Oid| candidates.iter().find(|op| op.left == l && op.right == r).cloned();
        let Some(left) = left else { return Ok(find(0, right)) };
        let mut assumed = (left, right);
        let mut was_unknown = false;
        if left == oids::UNKNOWN && right != oids::UNKNOWN {
            assumed.0 = right;
            was_unknown = true;
        } else if right == oids::UNKNOWN && left != oids::UNKNOWN {
            assumed.1 = left;
            was_unknown = true;
        }
        if let Some(found) = find(assumed.0, assumed.1) {
            return Ok(Some(found));
        }
        if was_unknown {
            let base = self.base_type(assumed.0)?;
            if base != assumed.0 {
                return Ok(find(base, base));
            }
        }
        Ok(None)
    }

    /// [`Binder::find_operator`] with PostgreSQL's errors.
    pub fn operator(
        &self,
        name: &OperatorName,
        left: Option<Oid>,
        right: Oid,
        at: usize,
    ) -> Result<Arc<OperatorInfo>> {
        match self.find_operator(name, left, right)? {
            Ok(found) if found.proc != 0 => Ok(found),
            Ok(_) => Err(err!(
                UNDEFINED_FUNCTION,
                "operator is only a shell: {}",
                self.operator_signature(name, left, right)
            )
            .at(at)),
            Err(ambiguous) => Err(self.operator_error(name, left, right, ambiguous, at)),
        }
    }

    fn operator_signature(&self, name: &OperatorName, left: Option<Oid>, right: Oid) -> String {
        let mut text = String::new();
        if let Some(left) = left {
            text.push_str(&self.type_name(left));
            text.push(' ');
        }
        for schema in &name.schema {
            text.push_str(schema.as_str());
            text.push('.');
        }
        text.push_str(&name.symbol);
        text.push(' ');
        text.push_str(&self.type_name(right));
        text
    }

    fn operator_error(
        &self,
        name: &OperatorName,
        left: Option<Oid>,
        right: Oid,
        ambiguous: bool,
        at: usize,
    ) -> Error {
        let signature = self.operator_signature(name, left, right);
        if ambiguous {
            return err!(AMBIGUOUS_FUNCTION, "operator is not unique: {signature}")
                .hint(
                    "Could not choose a best candidate operator. You might need to add explicit type casts.",
                )
                .at(at);
        }
        let hint = if left.is_some() {
            "No operator matches the given name and argument types. You might need to add explicit type casts."
        } else {
            "No operator matches the given name and argument type. You might need to add an explicit type cast."
        };
        err!(UNDEFINED_FUNCTION, "operator does not exist: {signature}").hint(hint).at(at)
    }

    /// `left op right`, or `op right`.
    pub fn make_op(
        &mut self,
        name: &OperatorName,
        left: Option<Expr>,
        right: Expr,
        at: usize,
    ) -> Result<Expr> {
        let left_type = left.as_ref().map(Expr::type_oid);
        let op = self.operator(name, left_type, right.type_oid(), at)?;
        let mut actual = Vec::with_capacity(2);
        let mut declared = Vec::with_capacity(2);
        let mut args = Vec::with_capacity(2);
        if let Some(left) = left {
            actual.push(left.type_oid());
            declared.push(op.left);
            args.push(left);
        }
        actual.push(right.type_oid());
        declared.push(op.right);
        args.push(right);
        let result_type = super::polymorphic::enforce(self, &actual, &mut declared, op.result, false)
            .map_err(|error| error.at(at))?;
        let args = self.coerce_arguments(args, &declared)?;
        Ok(Expr::Op(OpExpr {
            op: op.oid,
            func: op.proc,
            result_type,
            collation: 0,
            input_collation: 0,
            args,
            position: Position::new(at),
        }))
    }

    /// Converts arguments to the declared types.
    pub fn coerce_arguments(&mut self, args: Vec<Expr>, declared: &[Oid]) -> Result<Vec<Expr>> {
        let mut result = Vec::with_capacity(args.len());
        for (index, arg) in args.into_iter().enumerate() {
            match declared.get(index) {
                Some(&target) if arg.type_oid() != target => {
                    result.push(self.coerce(
                        arg,
                        target,
                        -1,
                        CastContext::Implicit,
                        CallForm::ImplicitCast,
                    )?);
                }
                _ => result.push(arg),
            }
        }
        Ok(result)
    }

    /// `scalar op ANY|ALL (array)`.
    pub fn make_scalar_array_op(
        &mut self,
        name: &OperatorName,
        use_or: bool,
        scalar: Expr,
        array: Expr,
        at: usize,
    ) -> Result<Expr> {
        let array_type = array.type_oid();
        let element = if array_type == oids::UNKNOWN {
            oids::UNKNOWN
        } else {
            match self.base_element_type(array_type)? {
                0 => {
                    return Err(
                        err!(WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires array on right side").at(at)
                    );
                }
                element => element,
            }
        };
        let scalar_type = scalar.type_oid();
        let op = self.operator(name, Some(scalar_type), element, at)?;
        let actual = [scalar_type, element];
        let mut declared = [op.left, op.right];
        let result_type = super::polymorphic::enforce(self, &actual, &mut declared, op.result, false)
            .map_err(|error| error.at(at))?;
        if result_type != oids::BOOL {
            return Err(
                err!(WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires operator to yield boolean").at(at)
            );
        }
        // The array is converted to an array of what the operator wants.
        let array_target = if crate::types::is_polymorphic(declared[1]) {
            array_type
        } else {
            match self.array_type(declared[1])? {
                0 => {
                    return Err(err!(
                        UNDEFINED_OBJECT,
                        "could not find array type for data type {}",
                        self.type_name(declared[1])
                    )
                    .at(at));
                }
                oid => oid,
            }
        };
        let mut args = self.coerce_arguments(vec![scalar, array], &[declared[0], array_target])?;
        let (Some(array), Some(scalar)) = (args.pop(), args.pop()) else {
            return Err(Error::internal("operator lost its arguments"));
        };
        Ok(Expr::ScalarArray(ScalarArrayOp {
            op: op.oid,
            func: op.proc,
            use_or,
            input_collation: 0,
            scalar: Box::new(scalar),
            array: Box::new(array),
            position: Position::new(at),
        }))
    }
}
