//! Window definitions: the WINDOW clause and OVER (...).

use crate::ExprKind;
use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{
    CallForm, Expr, FrameBound, FrameExclusion, FrameMode, SortGroupClause, TargetEntry, WindowClause,
};
use pglitedb_sql_parser::ast::{self, WindowSpec};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, oids};

impl<'c> Binder<'c> {
    /// Binds all windows of the level, in order.
    pub fn window_definitions(&mut self, list: &mut Vec<TargetEntry>) -> Result<Vec<WindowClause>> {
        let specs = self.cur().windows.clone();
        let mut result: Vec<WindowClause> = Vec::with_capacity(specs.len());
        for (name, spec) in specs {
            let clause = self.window_definition(name, spec, list, &result)?;
            result.push(clause);
        }
        Ok(result)
    }

    fn window_definition(
        &mut self,
        name: Option<&'c ast::Ident>,
        spec: &'c WindowSpec,
        list: &mut Vec<TargetEntry>,
        known: &[WindowClause],
    ) -> Result<WindowClause> {
        let existing = match &spec.existing {
            Some(existing) => {
                let found = known.iter().find(|clause| clause.name.as_deref() == Some(existing.as_str()));
                Some(found.ok_or_else(|| {
                    err!(UNDEFINED_OBJECT, "window \"{}\" does not exist", existing.as_str())
                        .at(spec.span.offset())
                })?)
            }
            None => None,
        };
        let order = self.order_by(&spec.order_by, list, true, ExprKind::WindowOrder)?;
        let mut partition: Vec<SortGroupClause> = Vec::new();
        for expr in &spec.partition_by {
            let index = self.find_target_sql99(expr, list, ExprKind::WindowPartition)?;
            let reference = list.get(index).map_or(0, |entry| entry.sort_group_ref);
            if reference != 0 && partition.iter().any(|clause| clause.target_ref == reference) {
                continue;
            }
            partition.push(
                match order.iter().find(|clause| reference != 0 && clause.target_ref == reference) {
                    Some(sorted) => sorted.clone(),
                    None => self.group_clause_for(list, index, Some(expr.span.offset()))?,
                },
            );
        }
        let at = spec.span.offset();
        let (partition_by, order_by) = match (existing, &spec.existing) {
            (Some(existing), Some(existing_name)) => {
                let old = existing_name.as_str();
                if !partition.is_empty() {
                    return Err(err!(
                        WINDOWING_ERROR,
                        "cannot override PARTITION BY clause of window \"{old}\""
                    )
                    .at(at));
                }
                if !existing.order_by.is_empty() && !order.is_empty() {
                    return Err(
                        err!(WINDOWING_ERROR, "cannot override ORDER BY clause of window \"{old}\"").at(at)
                    );
                }
                if existing.has_frame {
                    let plain = name.is_none() && order.is_empty() && spec.frame.is_none();
                    let error =
                        err!(WINDOWING_ERROR, "cannot copy window \"{old}\" because it has a frame clause");
                    return Err(match plain {
                        true => error.hint("Omit the parentheses in this OVER clause.").at(at),
                        false => error.at(at),
                    });
                }
                let order = if order.is_empty() { existing.order_by.clone() } else { order };
                (existing.partition_by.clone(), order)
            }
            _ => (partition, order),
        };
        let mut clause = WindowClause {
            name: name.map(|name| name.as_str().into()),
            existing: spec.existing.as_ref().map(|existing| existing.as_str().into()),
            copied_order: spec.existing.is_some() && spec.order_by.is_empty(),
            partition_by,
            order_by,
            mode: FrameMode::Range,
            start: FrameBound::UnboundedPreceding,
            end: FrameBound::CurrentRow,
            exclusion: FrameExclusion::NoOthers,
            has_frame: spec.frame.is_some(),
            start_in_range: 0,
            end_in_range: 0,
        };
        if let Some(frame) = &spec.frame {
            self.frame(frame, &mut clause, list, at)?;
        }
        Ok(clause)
    }

    fn frame(
        &mut self,
        frame: &'c ast::Frame,
        clause: &mut WindowClause,
        list: &mut [TargetEntry],
        at: usize,
    ) -> Result<()> {
        clause.mode = match frame.mode {
            ast::FrameMode::Rows => FrameMode::Rows,
            ast::FrameMode::Range => FrameMode::Range,
            ast::FrameMode::Groups => FrameMode::Groups,
        };
        clause.exclusion = match frame.exclusion {
            ast::FrameExclusion::NoOthers => FrameExclusion::NoOthers,
            ast::FrameExclusion::CurrentRow => FrameExclusion::CurrentRow,
            ast::FrameExclusion::Group => FrameExclusion::Group,
            ast::FrameExclusion::Ties => FrameExclusion::Ties,
        };
        let is_offset = |bound: &ast::FrameBound| {
            matches!(bound, ast::FrameBound::Preceding(_) | ast::FrameBound::Following(_))
        };
        let offsets = is_offset(&frame.start) || frame.end.as_ref().is_some_and(is_offset);
        let mut family = None;
        if clause.mode == FrameMode::Range && offsets {
            let [only] = clause.order_by.as_slice() else {
                return Err(err!(
                    WINDOWING_ERROR,
                    "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
                )
                .at(at));
            };
            let amops = self.ctx.catalog.amops_of_operator(only.sort_op)?;
            let ordering = amops
                .iter()
                .find(|amop| amop.method == 403 && (amop.strategy == 1 || amop.strategy == 5))
                .map(|amop| (amop.family, amop.left));
            let key = list
                .iter()
                .find(|entry| entry.sort_group_ref == only.target_ref)
                .map_or(0, |entry| entry.expr.type_oid());
            family = ordering.map(|(family, input)| (family, input, key));
        }
        if clause.mode == FrameMode::Groups && clause.order_by.is_empty() {
            return Err(err!(WINDOWING_ERROR, "GROUPS mode requires an ORDER BY clause").at(at));
        }
        let (start, start_in_range) = self.frame_bound(&frame.start, clause.mode, family)?;
        clause.start = start;
        clause.start_in_range = start_in_range;
        if let Some(end) = &frame.end {
            let (end, end_in_range) = self.frame_bound(end, clause.mode, family)?;
            clause.end = end;
            clause.end_in_range = end_in_range;
        }
        Ok(())
    }

    fn frame_bound(
        &mut self,
        bound: &'c ast::FrameBound,
        mode: FrameMode,
        family: Option<(Oid, Oid, Oid)>,
    ) -> Result<(FrameBound, Oid)> {
        let (expr, preceding) = match bound {
            ast::FrameBound::UnboundedPreceding => return Ok((FrameBound::UnboundedPreceding, 0)),
            ast::FrameBound::UnboundedFollowing => return Ok((FrameBound::UnboundedFollowing, 0)),
            ast::FrameBound::CurrentRow => return Ok((FrameBound::CurrentRow, 0)),
            ast::FrameBound::Preceding(expr) => (expr, true),
            ast::FrameBound::Following(expr) => (expr, false),
        };
        let (kind, what) = match mode {
            FrameMode::Rows => (ExprKind::WindowFrameRows, "ROWS"),
            FrameMode::Groups => (ExprKind::WindowFrameGroups, "GROUPS"),
            FrameMode::Range => (ExprKind::WindowFrameRange, "RANGE"),
        };
        let bound = self.expr_of_kind(expr, kind)?;
        let mut in_range = 0;
        let bound = if mode == FrameMode::Range {
            let (bound, func) = self.range_offset(bound, family)?;
            in_range = func;
            bound
        } else {
            self.coerce_to_specific(bound, oids::INT8, what)?
        };
        let mut levels = crate::func::ArgLevels::default();
        levels.add(&bound);
        if levels.min_var == Some(0) {
            return Err(err!(INVALID_COLUMN_REFERENCE, "argument of {what} must not contain variables")
                .at_opt(bound.position().get()));
        }
        Ok((if preceding { FrameBound::Preceding(bound) } else { FrameBound::Following(bound) }, in_range))
    }

    /// Finds the `in_range` function for an offset and converts the offset to what it takes.
    fn range_offset(&mut self, bound: Expr, family: Option<(Oid, Oid, Oid)>) -> Result<(Expr, Oid)> {
        const IN_RANGE: i16 = 3;
        let Some((family, input, key)) = family else {
            return Err(Error::internal("RANGE offset without ordering"));
        };
        let at = bound.position().get();
        let given = bound.type_oid();
        let candidates =
            [oids::INT8, oids::INT4, oids::INT2, oids::FLOAT4, oids::FLOAT8, oids::NUMERIC, oids::INTERVAL];
        let mut matches: Vec<(Oid, Oid)> = Vec::new();
        let mut any = false;
        let mut exact = None;
        for offset in std::iter::once(input).chain(candidates) {
            let Some(func) = self.ctx.catalog.amproc(family, input, offset, IN_RANGE)? else { continue };
            any = true;
            if offset == given {
                exact = Some((offset, func));
            }
            if !matches.iter().any(|(known, _)| *known == offset)
                && self.can_coerce(given, offset, CastContext::Implicit)?
            {
                matches.push((offset, func));
            }
        }
        // An untyped literal is taken to have the key's own type if that works.
        let preferred =
            matches.iter().find(|(offset, _)| given == oids::UNKNOWN && *offset == input).copied();
        let chosen = exact.or(preferred);
        let (offset, func) = match (chosen, matches.as_slice()) {
            (Some(found), _) => found,
            (None, [one]) => *one,
            (None, []) => {
                let key = self.type_name(key);
                let given_name = self.type_name(given);
                return Err(if any {
                    Error::unsupported(format!(
                        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {key} and offset \
                         type {given_name}"
                    ))
                    .hint("Cast the offset value to an appropriate type.")
                    .at_opt(at)
                } else {
                    Error::unsupported(format!(
                        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {key}"
                    ))
                    .at_opt(at)
                });
            }
            (None, _) => {
                let key = self.type_name(key);
                let given_name = self.type_name(given);
                return Err(Error::unsupported(format!(
                    "RANGE with offset PRECEDING/FOLLOWING has multiple interpretations for column type {key} and \
                     offset type {given_name}"
                ))
                .hint("Cast the offset value to the exact intended type.")
                .at_opt(at));
            }
        };
        let bound = self.coerce(bound, offset, -1, CastContext::Implicit, CallForm::ImplicitCast)?;
        Ok((bound, func))
    }
}
