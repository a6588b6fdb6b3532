//! Choice among candidates by argument types (PostgreSQL manual, 10.2 and 10.3).

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

const STRING: u8 = b'S';

impl Binder<'_> {
    /// Candidates whose arguments can all be converted implicitly.
    pub fn matching_candidates(&self, actual: &[Oid], candidates: &[&[Oid]]) -> Result<Vec<usize>> {
        let mut result = Vec::new();
        for (index, declared) in candidates.iter().enumerate() {
            if self.can_coerce_all(actual, declared, CastContext::Implicit)? {
                result.push(index);
            }
        }
        Ok(result)
    }

    /// The best of several candidates, `None` if there is no best one.
    pub fn select_candidate(
        &self,
        actual: &[Oid],
        candidates: &[&[Oid]],
        matching: Vec<usize>,
    ) -> Result<Option<usize>> {
        let mut left = matching;
        let mut base = Vec::with_capacity(actual.len());
        let mut unknowns = 0;
        for &oid in actual {
            if oid == oids::UNKNOWN {
                unknowns += 1;
                base.push(oid);
            } else {
                base.push(self.base_type(oid)?);
            }
        }
        let type_at = |candidate: usize, arg: usize| candidates[candidate].get(arg).copied().unwrap_or(0);
        left = best_by(left, |candidate| {
            Ok(base
                .iter()
                .enumerate()
                .filter(|(arg, oid)| **oid != oids::UNKNOWN && type_at(candidate, *arg) == **oid)
                .count())
        })?;
        if let [one] = left.as_slice() {
            return Ok(Some(*one));
        }
        let mut categories = Vec::with_capacity(base.len());
        for &oid in &base {
            categories.push(self.category(oid)?.0);
        }
        left = best_by(left, |candidate| {
            let mut count = 0;
            for (arg, &oid) in base.iter().enumerate() {
                if oid == oids::UNKNOWN {
                    continue;
                }
                let declared = type_at(candidate, arg);
                if declared == oid || self.is_preferred(categories[arg], declared)? {
                    count += 1;
                }
            }
            Ok(count)
        })?;
        if let [one] = left.as_slice() {
            return Ok(Some(*one));
        }
        if unknowns == 0 {
            return Ok(None);
        }
        if let Some(kept) = self.by_category(&base, candidates, &left)? {
            left = kept;
            if let [one] = left.as_slice() {
                return Ok(Some(*one));
            }
        }
        self.by_known_type(&base, candidates, &left)
    }

    fn is_preferred(&self, category: u8, type_oid: Oid) -> Result<bool> {
        if type_oid == 0 {
            return Ok(false);
        }
        let (own, preferred) = self.category(type_oid)?;
        Ok(preferred && own == category)
    }

    /// Settles the category of each unknown argument and drops candidates that don't fit; `None` if it can't be
    /// settled (or nothing would be left).
    fn by_category(&self, base: &[Oid], candidates: &[&[Oid]], left: &[usize]) -> Result<Option<Vec<usize>>> {
        let mut slots: Vec<Option<(u8, bool)>> = vec![None; base.len()];
        for (arg, &oid) in base.iter().enumerate() {
            if oid != oids::UNKNOWN {
                continue;
            }
            let mut slot: Option<(u8, bool)> = None;
            let mut conflict = false;
            for &candidate in left {
                let declared = candidates[candidate].get(arg).copied().unwrap_or(0);
                let (category, preferred) = self.category(declared)?;
                slot = Some(match slot {
                    None => (category, preferred),
                    Some((known, has)) if known == category => (known, has || preferred),
                    Some(_) if category == STRING => (category, preferred),
                    Some(known) => {
                        conflict = true;
                        known
                    }
                });
            }
            if conflict && slot.is_none_or(|(category, _)| category != STRING) {
                return Ok(None);
            }
            slots[arg] = slot;
        }
        let mut kept = Vec::new();
        for &candidate in left {
            let mut keep = true;
            for (arg, slot) in slots.iter().enumerate() {
                let Some((wanted, has_preferred)) = slot else { continue };
                let declared = candidates[candidate].get(arg).copied().unwrap_or(0);
                let (category, preferred) = self.category(declared)?;
                keep &= category == *wanted && (!has_preferred || preferred);
            }
            if keep {
                kept.push(candidate);
            }
        }
        Ok((!kept.is_empty()).then_some(kept))
    }

    /// If all known arguments have one type, tries that for the unknown ones.
    fn by_known_type(&self, base: &[Oid], candidates: &[&[Oid]], left: &[usize]) -> Result<Option<usize>> {
        let mut known = base.iter().copied().filter(|oid| *oid != oids::UNKNOWN);
        let Some(first) = known.next() else { return Ok(None) };
        if known.any(|oid| oid != first) {
            return Ok(None);
        }
        let assumed = vec![first; base.len()];
        let mut found = None;
        for &candidate in left {
            if self.can_coerce_all(&assumed, candidates[candidate], CastContext::Implicit)? {
                if found.is_some() {
                    return Ok(None);
                }
                found = Some(candidate);
            }
        }
        Ok(found)
    }
}

/// The candidates with the highest count.
fn best_by(left: Vec<usize>, mut count: impl FnMut(usize) -> Result<usize>) -> Result<Vec<usize>> {
    let mut best = 0;
    let mut kept = Vec::new();
    for candidate in left {
        let score = count(candidate)?;
        if score > best {
            best = score;
            kept.clear();
        }
        if score == best {
            kept.push(candidate);
        }
    }
    Ok(kept)
}
