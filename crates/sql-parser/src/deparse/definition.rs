//! Statements that define, change, drop and maintain objects: which printer prints which.

use super::Printer;
use crate::ast::Statement;

impl Printer {
    /// A statement that [`Printer::statement`] does not print itself.
    pub(super) fn definition_statement(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateTable(create) => self.create_table(create),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::AlterTableMoveAll(alter) => self.alter_table_move_all(alter),
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::CreateView(create) => self.create_view(create),
            Statement::CreateSequence(create) => self.create_sequence(create),
            Statement::AlterSequence(alter) => self.alter_sequence(alter),
            Statement::CreateStatistics(create) => self.create_statistics(create),
            Statement::AlterStatistics(alter) => self.alter_statistics(alter),
            Statement::Drop(drop) => self.drop_statement(drop),
            Statement::DropDatabase(drop) => self.drop_database(drop),
            Statement::DropSubscription(drop) => self.drop_subscription(drop),
            Statement::DropTablespace(drop) => self.drop_tablespace(drop),
            Statement::DropUserMapping(drop) => self.drop_user_mapping(drop),
            Statement::DropRole(drop) => self.drop_role(drop),
            Statement::DropOwned(drop) => self.drop_owned(drop),
            Statement::Comment(comment) => self.comment(comment),
            Statement::SecurityLabel(label) => self.security_label(label),
            Statement::Rename(rename) => self.rename(rename),
            Statement::AlterObjectSchema(alter) => self.alter_object_schema(alter),
            Statement::AlterOwner(alter) => self.alter_owner(alter),
            Statement::AlterObjectDepends(alter) => self.alter_object_depends(alter),
            Statement::Define(define) => self.define(define),
            Statement::CreateCompositeType(create) => self.create_composite_type(create),
            Statement::CreateEnum(create) => self.create_enum(create),
            Statement::CreateRange(create) => self.create_range(create),
            Statement::AlterEnum(alter) => self.alter_enum(alter),
            Statement::AlterType(alter) => self.alter_type(alter),
            Statement::AlterOperator(alter) => self.alter_operator(alter),
            Statement::CreateDomain(create) => self.create_domain(create),
            Statement::AlterDomain(alter) => self.alter_domain(alter),
            Statement::CreateCast(create) => self.create_cast(create),
            Statement::CreateTransform(create) => self.create_transform(create),
            Statement::CreateLanguage(create) => self.create_language(create),
            Statement::CreateConversion(create) => self.create_conversion(create),
            Statement::CreateOperatorClass(create) => self.create_operator_class(create),
            Statement::CreateOperatorFamily(create) => self.create_operator_family(create),
            Statement::AlterOperatorFamily(alter) => self.alter_operator_family(alter),
            Statement::AlterCollation(alter) => {
                self.text("ALTER COLLATION ");
                self.name(&alter.name);
                self.text(" REFRESH VERSION");
            }
            // The grammar makes none of these yet.
            _ => self.display(format_args!("/* no printer: {statement:?} */")),
        }
    }
}
