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
            Statement::AlterCollation(alter) => self.alter_collation(alter),
            Statement::CreateSchema(create) => self.create_schema(create),
            _ => self.other_definition(statement),
        }
    }

    /// Code, privileges, maintenance and what a whole server has.
    fn other_definition(&mut self, statement: &Statement) {
        match statement {
            Statement::Truncate(_)
            | Statement::Lock(_)
            | Statement::Vacuum(_)
            | Statement::Cluster(_)
            | Statement::Reindex(_)
            | Statement::Checkpoint
            | Statement::Listen(_)
            | Statement::Unlisten(_)
            | Statement::Notify(_)
            | Statement::Load(_)
            | Statement::Discard(_)
            | Statement::RefreshMaterializedView(_) => self.maintenance(statement),
            Statement::Return(value) => {
                self.text("RETURN ");
                self.expr(&value.value);
            }
            Statement::CreateFunction(create) => self.create_function(create),
            Statement::AlterFunction(alter) => self.alter_function(alter),
            Statement::CreateTrigger(create) => self.create_trigger(create),
            Statement::CreateEventTrigger(create) => self.create_event_trigger(create),
            Statement::AlterEventTrigger(alter) => self.alter_event_trigger(alter),
            Statement::CreateRule(create) => self.create_rule(create),
            Statement::CreatePolicy(create) => self.create_policy(create),
            Statement::AlterPolicy(alter) => self.alter_policy(alter),
            Statement::CreateRole(create) => self.create_role(create),
            Statement::AlterRole(alter) => self.alter_role(alter),
            Statement::AlterRoleSet(alter) => self.alter_role_set(alter),
            Statement::ReassignOwned(reassign) => self.reassign_owned(reassign),
            Statement::Grant(grant) => self.grant(grant),
            Statement::GrantRole(grant) => self.grant_role(grant),
            Statement::AlterDefaultPrivileges(alter) => self.alter_default_privileges(alter),
            Statement::CreateDatabase(create) => self.create_database(create),
            Statement::AlterDatabase(alter) => self.alter_database(alter),
            Statement::AlterSystem(alter) => self.alter_system(alter),
            Statement::CreateTablespace(create) => self.create_tablespace(create),
            Statement::AlterTablespace(alter) => self.alter_tablespace(alter),
            Statement::CreateExtension(create) => self.create_extension(create),
            Statement::AlterExtension(alter) => self.alter_extension(alter),
            Statement::AlterExtensionContents(alter) => self.alter_extension_contents(alter),
            Statement::CreateAccessMethod(create) => self.create_access_method(create),
            Statement::ForeignDataWrapper(wrapper) => self.foreign_data_wrapper(wrapper),
            Statement::CreateServer(create) => self.create_server(create),
            Statement::AlterServer(alter) => self.alter_server(alter),
            Statement::UserMapping(mapping) => self.user_mapping(mapping),
            Statement::ImportForeignSchema(import) => self.import_foreign_schema(import),
            Statement::CreatePublication(create) => self.create_publication(create),
            Statement::AlterPublication(alter) => self.alter_publication(alter),
            Statement::CreateSubscription(create) => self.create_subscription(create),
            Statement::AlterSubscription(alter) => self.alter_subscription(alter),
            Statement::AlterTextSearchDictionary(alter) => self.alter_text_search_dictionary(alter),
            Statement::AlterTextSearchConfiguration(alter) => self.alter_text_search_configuration(alter),
            // Everything else is printed by `statement` and `definition_statement`.
            _ => {}
        }
    }

    /// `CREATE ` or `CREATE OR REPLACE `.
    pub(super) fn create_or_replace(&mut self, or_replace: bool) {
        self.text(if or_replace { "CREATE OR REPLACE " } else { "CREATE " });
    }

    /// `IF NOT EXISTS ` or nothing.
    pub(super) fn if_not_exists(&mut self, if_not_exists: bool) {
        self.text_if(if_not_exists, "IF NOT EXISTS ");
    }

    /// `(name = value, ...)`, as `definition` and `reloptions` take it.
    pub(super) fn definition_list(&mut self, options: &[crate::ast::DefElem]) {
        self.paren_list(options, Self::def_elem);
    }
}
