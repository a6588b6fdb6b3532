//! What names mean.

use crate::ast::{Function, Name, NameKind, TypeRef, Variable};
use pglitedb_sqlstate::Result;
use std::sync::Arc;

/// What the parser asks about types.
pub trait Types {
    /// The type of a name as SQL has it.
    fn named(&self, text: &str) -> Result<TypeRef>;

    /// `table.column%TYPE`, `schema.table.column%TYPE`.
    fn of_column(&self, parts: &[String]) -> Result<TypeRef>;

    /// `table%ROWTYPE`.
    fn of_row(&self, parts: &[String]) -> Result<TypeRef>;

    /// The array type over a type.
    fn array_of(&self, element: &TypeRef) -> Result<TypeRef>;

    /// The collation of a name.
    fn collation(&self, text: &str) -> Result<u32>;

    /// Is there a column of a composite type with that name?
    fn has_field(&self, of_type: &TypeRef, field: &str) -> Result<bool>;
}

/// What a name in SQL stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// A variable as a whole; how many parts of the name were used.
    Variable(usize, usize),
    /// A field of a record variable (which may have none of that name); parts used.
    Field(usize, Arc<str>, usize),
}

/// Looks a name up from a scope on: `parts` has one to three parts.
pub(crate) fn look_up(names: &[Name], scope: Option<usize>, parts: &[&str]) -> Option<(NameKind, usize)> {
    let first = parts.first()?;
    let mut at = scope;
    // The variables of the block whose label comes next.
    let mut block: Vec<usize> = Vec::new();
    while let Some(index) = at {
        let name = names.get(index)?;
        match name.kind {
            NameKind::Scalar(_) | NameKind::Record(_) => {
                if &*name.name == *first {
                    return Some((name.kind, 1));
                }
                block.push(index);
            }
            NameKind::Block => {
                if &*name.name == *first
                    && let Some(second) = parts.get(1)
                {
                    let member = block.iter().find(|member| &*names[**member].name == *second);
                    if let Some(member) = member {
                        return Some((names[*member].kind, 2));
                    }
                }
                block.clear();
            }
            NameKind::Loop => {}
        }
        at = name.before;
    }
    None
}

impl Function {
    /// What a dotted name means where only the names up to `scope` are visible.
    pub fn resolve(&self, scope: Option<usize>, parts: &[&str]) -> Option<Resolved> {
        let (kind, used) = look_up(&self.names, scope, parts)?;
        match kind {
            NameKind::Scalar(variable) => Some(Resolved::Variable(variable, used)),
            NameKind::Record(variable) => Some(match parts.get(used) {
                Some(field) => Resolved::Field(variable, Arc::from(*field), used + 1),
                None => Resolved::Variable(variable, used),
            }),
            _ => None,
        }
    }

    /// A variable.
    pub fn variable(&self, number: usize) -> Option<&Variable> {
        self.variables.get(number)
    }
}
