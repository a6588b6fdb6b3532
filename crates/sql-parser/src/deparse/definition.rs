//! Statements that define, change, drop and maintain objects.

use super::Printer;
use crate::ast::Statement;

impl Printer {
    /// A statement that [`Printer::statement`] does not print itself. The grammar makes none of these yet.
    pub(super) fn definition_statement(&mut self, statement: &Statement) {
        self.display(format_args!("/* no printer: {statement:?} */"));
    }
}
