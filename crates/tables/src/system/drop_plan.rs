//! Which objects a DROP takes with it.

use crate::system::depend::{DependencyKind, Dependent, ObjectAddress};
use crate::system::writer::CatalogWriter;
use pglitedb_sqlstate::{Result, err};
use std::collections::{HashMap, HashSet};

/// RESTRICT or CASCADE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropBehavior {
    /// Fail if anything else depends on the objects.
    Restrict,
    /// Drop it, too.
    Cascade,
}

/// Why an object is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// It was named.
    Named,
    /// It is part of another, or goes silently with it.
    Implied,
    /// CASCADE: it depends on another.
    Cascaded,
}

/// One object to drop.
#[derive(Clone, Copy, Debug)]
pub struct PlannedDrop {
    /// The object.
    pub object: ObjectAddress,
    /// Why.
    pub reason: DropReason,
    /// What it depends on, of the objects dropped.
    pub because_of: ObjectAddress,
}

/// Objects to drop, dependents before what they depend on.
#[derive(Clone, Debug, Default)]
pub struct DropPlan {
    /// In the order to drop them.
    pub drops: Vec<PlannedDrop>,
}

impl DropPlan {
    /// Objects that CASCADE drops, in the order PostgreSQL reports them.
    pub fn cascaded(&self) -> impl Iterator<Item = &PlannedDrop> {
        self.drops.iter().rev().filter(|drop| drop.reason == DropReason::Cascaded)
    }
}

/// Names objects for messages (`table t`, `view v`, `column a of table t`).
pub type Describe<'a> = &'a dyn Fn(ObjectAddress) -> Result<String>;

struct Search<'a, 'w> {
    writer: &'a CatalogWriter<'w>,
    named: HashSet<ObjectAddress>,
    reasons: HashMap<ObjectAddress, (DropReason, ObjectAddress)>,
    order: Vec<ObjectAddress>,
    describe: Describe<'a>,
}

impl CatalogWriter<'_> {
    /// Finds everything that must go with the named objects. With RESTRICT, fails (2BP01) if anything would have to be
    /// dropped that is not part of them.
    pub fn plan_drop(
        &self,
        named: &[ObjectAddress],
        behavior: DropBehavior,
        describe: Describe<'_>,
    ) -> Result<DropPlan> {
        let mut search = Search {
            writer: self,
            named: named.iter().copied().collect(),
            reasons: HashMap::new(),
            order: Vec::new(),
            describe,
        };
        for &object in named {
            search.check_not_part(object)?;
            search.visit(object, DropReason::Named, object)?;
        }
        let plan = search.finish();
        if behavior == DropBehavior::Restrict {
            refuse_cascade(&plan, named, describe)?;
        }
        Ok(plan)
    }
}

impl Search<'_, '_> {
    /// An object that is part of another one can only be dropped with it.
    fn check_not_part(&self, object: ObjectAddress) -> Result<()> {
        for edge in self.writer.dependencies_of(object)? {
            let is_part = matches!(
                edge.kind,
                DependencyKind::Internal | DependencyKind::Extension | DependencyKind::PartitionPrimary
            );
            let whole = ObjectAddress::new(edge.referenced.class, edge.referenced.object);
            if is_part
                && edge.depender.part == object.part
                && !self.named.contains(&edge.referenced)
                && !self.named.contains(&whole)
            {
                let (own, other) = ((self.describe)(object)?, (self.describe)(edge.referenced)?);
                return Err(err!(
                    DEPENDENT_OBJECTS_STILL_EXIST,
                    "cannot drop {own} because {other} requires it"
                )
                .hint(format!("You can drop {other} instead.")));
            }
        }
        Ok(())
    }

    /// Depth first; what is reached twice keeps the weaker demand (named, then implied, then cascaded).
    fn visit(&mut self, first: ObjectAddress, reason: DropReason, because_of: ObjectAddress) -> Result<()> {
        enum Step {
            Enter(ObjectAddress, DropReason, ObjectAddress),
            Leave(ObjectAddress),
        }
        // An explicit stack: chains of views over views may be long.
        let mut stack = vec![Step::Enter(first, reason, because_of)];
        while let Some(step) = stack.pop() {
            let (object, reason, because_of) = match step {
                Step::Leave(object) => {
                    self.order.push(object);
                    continue;
                }
                Step::Enter(object, reason, because_of) => (object, reason, because_of),
            };
            let reason = if self.named.contains(&object) { DropReason::Named } else { reason };
            if let Some((known, _)) = self.reasons.get_mut(&object) {
                if reason == DropReason::Implied && *known == DropReason::Cascaded {
                    *known = reason;
                }
                continue;
            }
            let whole = ObjectAddress::new(object.class, object.object);
            if object.part != 0 && self.reasons.contains_key(&whole) {
                continue;
            }
            self.reasons.insert(object, (reason, because_of));
            stack.push(Step::Leave(object));
            let mut edges = self.writer.dependents_on(object)?;
            edges.sort_by_key(|edge| edge.depender);
            for edge in edges {
                // Parts of the object itself go with it.
                if edge.depender.class == object.class
                    && edge.depender.object == object.object
                    && object.part == 0
                {
                    continue;
                }
                let (target, reason) = self.target(&edge)?;
                stack.push(Step::Enter(target, reason, object));
            }
        }
        Ok(())
    }

    /// What must be dropped because of an edge: an internal part stands for its owner, if the demand comes from
    /// elsewhere (the rule of a view for the view).
    fn target(&self, edge: &Dependent) -> Result<(ObjectAddress, DropReason)> {
        let reason = match edge.kind {
            DependencyKind::Normal => DropReason::Cascaded,
            _ => DropReason::Implied,
        };
        if reason == DropReason::Implied && edge.kind != DependencyKind::Auto {
            return Ok((edge.depender, reason));
        }
        let owners = self.writer.dependencies_of(edge.depender)?;
        let owner = owners.iter().find(|own| {
            own.kind == DependencyKind::Internal
                && own.depender.part == edge.depender.part
                && own.referenced.object != edge.referenced.object
        });
        Ok(match owner {
            Some(own) if !self.reasons.contains_key(&own.referenced) => {
                (ObjectAddress::new(own.referenced.class, own.referenced.object), reason)
            }
            _ => (edge.depender, reason),
        })
    }

    fn finish(self) -> DropPlan {
        let mut drops = Vec::with_capacity(self.order.len());
        for object in &self.order {
            let whole = ObjectAddress::new(object.class, object.object);
            if object.part != 0 && self.reasons.contains_key(&whole) {
                continue;
            }
            if let Some((reason, because_of)) = self.reasons.get(object) {
                drops.push(PlannedDrop { object: *object, reason: *reason, because_of: *because_of });
            }
        }
        DropPlan { drops }
    }
}

fn refuse_cascade(plan: &DropPlan, named: &[ObjectAddress], describe: Describe<'_>) -> Result<()> {
    let mut lines = Vec::new();
    for drop in plan.cascaded() {
        lines.push(format!("{} depends on {}", describe(drop.object)?, describe(drop.because_of)?));
    }
    if lines.is_empty() {
        return Ok(());
    }
    // PostgreSQL lists a hundred at most.
    let more = lines.len().saturating_sub(100);
    lines.truncate(100);
    if more > 0 {
        lines.push(format!(
            "and {more} other object{} (see server log for list)",
            if more == 1 { "" } else { "s" }
        ));
    }
    let error = match named {
        [one] => err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop {} because other objects depend on it",
            describe(*one)?
        ),
        _ => err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop desired object(s) because other objects depend on them"
        ),
    };
    Err(error.detail(lines.join("\n")).hint("Use DROP ... CASCADE to drop the dependent objects too."))
}
