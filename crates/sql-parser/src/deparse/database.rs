//! Databases, tablespaces, extensions, foreign data, publications, subscriptions, text search.

use super::Printer;
use crate::ast::{
    AlterCollationStatement, AlterDatabaseAction, AlterDatabaseStatement, AlterExtensionContentsStatement,
    AlterExtensionStatement, AlterPublicationAction, AlterPublicationStatement, AlterServerStatement,
    AlterSubscriptionAction, AlterSubscriptionStatement, AlterSystemStatement, AlterTablespaceStatement,
    AlterTextSearchConfigurationAction, AlterTextSearchConfigurationStatement,
    AlterTextSearchDictionaryStatement, CreateAccessMethodStatement, CreateDatabaseStatement,
    CreateExtensionStatement, CreatePublicationStatement, CreateServerStatement, CreateSubscriptionStatement,
    CreateTablespaceStatement, DefElem, DefValue, ForeignDataWrapperStatement, Ident,
    ImportForeignSchemaStatement, PublicationObject, QualifiedName, UserMappingStatement,
};

impl Printer {
    pub(super) fn create_database(&mut self, create: &CreateDatabaseStatement) {
        self.text("CREATE DATABASE ");
        self.ident(&create.name);
        self.database_options(&create.options);
    }

    fn database_options(&mut self, options: &[DefElem]) {
        for option in options {
            self.text(" ");
            self.def_elem(option);
        }
    }

    pub(super) fn alter_database(&mut self, alter: &AlterDatabaseStatement) {
        self.text("ALTER DATABASE ");
        self.ident(&alter.name);
        match &alter.action {
            AlterDatabaseAction::Options(options) => self.database_options(options),
            AlterDatabaseAction::SetTablespace(name) => {
                self.optional(" SET TABLESPACE ", Some(name), Self::ident);
            }
            AlterDatabaseAction::RefreshCollationVersion => self.text(" REFRESH COLLATION VERSION"),
            AlterDatabaseAction::Set(set) => self.optional(" ", Some(set), Self::set),
        }
    }

    pub(super) fn alter_collation(&mut self, alter: &AlterCollationStatement) {
        self.text("ALTER COLLATION ");
        self.name(&alter.name);
        self.text(" REFRESH VERSION");
    }

    pub(super) fn alter_system(&mut self, alter: &AlterSystemStatement) {
        self.text("ALTER SYSTEM ");
        self.set(&alter.set);
    }

    pub(super) fn create_tablespace(&mut self, create: &CreateTablespaceStatement) {
        self.text("CREATE TABLESPACE ");
        self.ident(&create.name);
        self.optional(" OWNER ", create.owner.as_ref(), Self::role);
        self.text(" LOCATION ");
        self.string(&create.location);
        self.opt_with_options(&create.options);
    }

    pub(super) fn alter_tablespace(&mut self, alter: &AlterTablespaceStatement) {
        self.text("ALTER TABLESPACE ");
        self.ident(&alter.name);
        self.text(if alter.reset { " RESET " } else { " SET " });
        self.definition_list(&alter.options);
    }

    // ---- extensions, access methods ----

    pub(super) fn create_extension(&mut self, create: &CreateExtensionStatement) {
        self.text("CREATE EXTENSION ");
        self.if_not_exists(create.if_not_exists);
        self.ident(&create.name);
        for option in &create.options {
            match (&*option.name.name, &option.value) {
                ("schema", Some(DefValue::String(schema))) => {
                    self.text(" SCHEMA ");
                    self.word(schema);
                }
                ("new_version", Some(DefValue::String(version))) => {
                    self.text(" VERSION ");
                    self.string(version);
                }
                _ => self.text(" CASCADE"),
            }
        }
    }

    pub(super) fn alter_extension(&mut self, alter: &AlterExtensionStatement) {
        self.text("ALTER EXTENSION ");
        self.ident(&alter.name);
        self.text(" UPDATE");
        for option in &alter.options {
            self.optional(" TO ", option.value.as_ref(), Self::def_value);
        }
    }

    pub(super) fn alter_extension_contents(&mut self, alter: &AlterExtensionContentsStatement) {
        self.text("ALTER EXTENSION ");
        self.ident(&alter.name);
        self.text(if alter.drop { " DROP " } else { " ADD " });
        self.any_object(&alter.object);
    }

    pub(super) fn create_access_method(&mut self, create: &CreateAccessMethodStatement) {
        self.text("CREATE ACCESS METHOD ");
        self.ident(&create.name);
        self.text(if create.table { " TYPE TABLE HANDLER " } else { " TYPE INDEX HANDLER " });
        self.name(&create.handler);
    }

    // ---- foreign data ----

    pub(super) fn foreign_data_wrapper(&mut self, wrapper: &ForeignDataWrapperStatement) {
        self.text(if wrapper.alter { "ALTER" } else { "CREATE" });
        self.text(" FOREIGN DATA WRAPPER ");
        self.ident(&wrapper.name);
        for function in &wrapper.functions {
            self.text(if function.value.is_some() { " " } else { " NO " });
            self.text(&function.name.name.to_uppercase());
            self.optional(" ", function.value.as_ref(), Self::def_value);
        }
        self.opt_generic_options(&wrapper.options);
    }

    pub(super) fn create_server(&mut self, create: &CreateServerStatement) {
        self.text("CREATE SERVER ");
        self.if_not_exists(create.if_not_exists);
        self.ident(&create.name);
        self.optional(" TYPE ", create.server_type.as_ref(), |p, text| p.string(text));
        self.optional(" VERSION ", create.version.as_ref(), |p, text| p.string(text));
        self.text(" FOREIGN DATA WRAPPER ");
        self.ident(&create.wrapper);
        self.opt_generic_options(&create.options);
    }

    pub(super) fn alter_server(&mut self, alter: &AlterServerStatement) {
        self.text("ALTER SERVER ");
        self.ident(&alter.name);
        self.optional(" VERSION ", alter.version.as_ref(), |p, text| p.string_or_null(text.as_deref()));
        self.opt_generic_options(&alter.options);
    }

    pub(super) fn user_mapping(&mut self, mapping: &UserMappingStatement) {
        self.text(if mapping.alter { "ALTER USER MAPPING " } else { "CREATE USER MAPPING " });
        self.if_not_exists(mapping.if_not_exists);
        self.text("FOR ");
        self.role(&mapping.user);
        self.text(" SERVER ");
        self.ident(&mapping.server);
        self.opt_generic_options(&mapping.options);
    }

    pub(super) fn import_foreign_schema(&mut self, import: &ImportForeignSchemaStatement) {
        self.text("IMPORT FOREIGN SCHEMA ");
        self.ident(&import.remote_schema);
        if let Some((limit, tables)) = &import.tables {
            self.text(if *limit { " LIMIT TO " } else { " EXCEPT " });
            self.paren_list(tables, Self::relation);
        }
        self.text(" FROM SERVER ");
        self.ident(&import.server);
        self.text(" INTO ");
        self.ident(&import.local_schema);
        self.opt_generic_options(&import.options);
    }

    // ---- publications, subscriptions ----

    pub(super) fn create_publication(&mut self, create: &CreatePublicationStatement) {
        self.text("CREATE PUBLICATION ");
        self.ident(&create.name);
        self.text_if(create.all_tables, " FOR ALL TABLES");
        self.text_if(!create.objects.is_empty(), " FOR ");
        self.list(&create.objects, Self::publication_object);
        self.opt_with_options(&create.options);
    }

    fn publication_object(&mut self, object: &PublicationObject) {
        match object {
            PublicationObject::Table { relation, columns, where_clause } => {
                self.text("TABLE ");
                self.relation(relation);
                self.opt_paren_list(columns, Self::ident);
                self.optional(" WHERE ", where_clause.as_ref(), Self::paren_expr);
            }
            PublicationObject::TablesInSchema(schema) => {
                self.optional("TABLES IN SCHEMA ", Some(schema), Self::ident);
            }
            PublicationObject::TablesInCurrentSchema(_) => self.text("TABLES IN SCHEMA CURRENT_SCHEMA"),
        }
    }

    pub(super) fn alter_publication(&mut self, alter: &AlterPublicationStatement) {
        self.text("ALTER PUBLICATION ");
        self.ident(&alter.name);
        let (word, objects) = match &alter.action {
            AlterPublicationAction::Options(options) => {
                self.text(" SET ");
                return self.definition_list(options);
            }
            AlterPublicationAction::Add(objects) => (" ADD ", objects),
            AlterPublicationAction::Set(objects) => (" SET ", objects),
            AlterPublicationAction::Drop(objects) => (" DROP ", objects),
        };
        self.text(word);
        self.list(objects, Self::publication_object);
    }

    pub(super) fn create_subscription(&mut self, create: &CreateSubscriptionStatement) {
        self.text("CREATE SUBSCRIPTION ");
        self.ident(&create.name);
        self.text(" CONNECTION ");
        self.string(&create.connection);
        self.text(" PUBLICATION ");
        self.list(&create.publications, Self::ident);
        self.opt_with_options(&create.options);
    }

    pub(super) fn alter_subscription(&mut self, alter: &AlterSubscriptionStatement) {
        self.text("ALTER SUBSCRIPTION ");
        self.ident(&alter.name);
        let (words, publications): (_, &[Ident]) = match &alter.action {
            AlterSubscriptionAction::Options => {
                self.text(" SET ");
                return self.definition_list(&alter.options);
            }
            AlterSubscriptionAction::Skip => {
                self.text(" SKIP ");
                return self.definition_list(&alter.options);
            }
            AlterSubscriptionAction::Connection(connection) => {
                self.text(" CONNECTION ");
                return self.string(connection);
            }
            AlterSubscriptionAction::Enable => (" ENABLE", &[]),
            AlterSubscriptionAction::Disable => (" DISABLE", &[]),
            AlterSubscriptionAction::Refresh => (" REFRESH PUBLICATION", &[]),
            AlterSubscriptionAction::AddPublication(names) => (" ADD PUBLICATION ", names),
            AlterSubscriptionAction::DropPublication(names) => (" DROP PUBLICATION ", names),
            AlterSubscriptionAction::SetPublication(names) => (" SET PUBLICATION ", names),
        };
        self.text(words);
        self.list(publications, Self::ident);
        self.opt_with_options(&alter.options);
    }

    // ---- text search ----

    pub(super) fn alter_text_search_dictionary(&mut self, alter: &AlterTextSearchDictionaryStatement) {
        self.text("ALTER TEXT SEARCH DICTIONARY ");
        self.name(&alter.name);
        self.text(" ");
        self.definition_list(&alter.options);
    }

    pub(super) fn alter_text_search_configuration(&mut self, alter: &AlterTextSearchConfigurationStatement) {
        use AlterTextSearchConfigurationAction as Action;
        self.text("ALTER TEXT SEARCH CONFIGURATION ");
        self.name(&alter.name);
        match &alter.action {
            Action::Add { tokens, dictionaries } => self.text_search_mapping(" ADD", tokens, dictionaries),
            Action::Alter { tokens, dictionaries } => {
                self.text_search_mapping(" ALTER", tokens, dictionaries)
            }
            Action::Replace { tokens, old, new } => {
                self.text(" ALTER MAPPING");
                self.text_if(!tokens.is_empty(), " FOR ");
                self.list(tokens, Self::ident);
                self.text(" REPLACE ");
                self.name(old);
                self.text(" WITH ");
                self.name(new);
            }
            Action::Drop { tokens, if_exists } => {
                self.text(" DROP MAPPING ");
                self.if_exists(*if_exists);
                self.text("FOR ");
                self.list(tokens, Self::ident);
            }
        }
    }

    fn text_search_mapping(&mut self, word: &str, tokens: &[Ident], dictionaries: &[QualifiedName]) {
        self.text(word);
        self.text(" MAPPING FOR ");
        self.list(tokens, Self::ident);
        self.text(" WITH ");
        self.list(dictionaries, Self::name);
    }
}
