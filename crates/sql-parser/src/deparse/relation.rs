//! Indexes, views, sequences, statistics.

use super::Printer;
use crate::ast::{
    AlterSequenceStatement, AlterStatisticsStatement, CreateIndexStatement, CreateSchemaStatement,
    CreateSequenceStatement, CreateStatisticsStatement, CreateViewStatement, NumericOnly, SequenceOption,
    SequenceOptionKind, ViewCheckOption,
};

impl Printer {
    pub(super) fn create_index(&mut self, create: &CreateIndexStatement) {
        self.text(if create.unique { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" });
        self.text_if(create.concurrently, " CONCURRENTLY");
        self.text_if(create.if_not_exists, " IF NOT EXISTS");
        self.optional(" ", create.name.as_ref(), Self::ident);
        self.text(" ON ");
        self.relation(&create.relation);
        self.optional(" USING ", create.access_method.as_ref(), Self::ident);
        self.opt_paren_list(&create.elements, Self::index_element);
        if !create.include.is_empty() {
            self.text(" INCLUDE ");
            self.paren_list(&create.include, Self::index_element);
        }
        self.text_if(create.nulls_not_distinct, " NULLS NOT DISTINCT");
        self.opt_with_options(&create.options);
        self.optional(" TABLESPACE ", create.tablespace.as_ref(), Self::ident);
        self.optional(" WHERE ", create.where_clause.as_ref(), Self::expr);
    }

    pub(super) fn create_view(&mut self, create: &CreateViewStatement) {
        self.text(if create.or_replace { "CREATE OR REPLACE " } else { "CREATE " });
        self.persistence(create.persistence);
        self.text(if create.recursive { "RECURSIVE VIEW " } else { "VIEW " });
        self.name(&create.name);
        self.opt_paren_list(&create.columns, Self::ident);
        self.opt_with_options(&create.options);
        self.text(" AS ");
        self.query(&create.query);
        self.text(match create.check_option {
            None => "",
            Some(ViewCheckOption::Local) => " WITH LOCAL CHECK OPTION",
            Some(ViewCheckOption::Cascaded) => " WITH CASCADED CHECK OPTION",
        });
    }

    pub(super) fn create_sequence(&mut self, create: &CreateSequenceStatement) {
        self.text("CREATE ");
        self.persistence(create.persistence);
        self.text("SEQUENCE ");
        self.text_if(create.if_not_exists, "IF NOT EXISTS ");
        self.name(&create.name);
        self.sequence_options(&create.options);
    }

    pub(super) fn alter_sequence(&mut self, alter: &AlterSequenceStatement) {
        self.text("ALTER SEQUENCE ");
        self.text_if(alter.if_exists, "IF EXISTS ");
        self.name(&alter.name);
        self.sequence_options(&alter.options);
    }

    fn sequence_options(&mut self, options: &[SequenceOption]) {
        for option in options {
            self.text(" ");
            self.sequence_option(option);
        }
    }

    fn sequence_limit(&mut self, word: &str, limit: Option<&NumericOnly>) {
        self.text_if(limit.is_none(), "NO ");
        self.text(word);
        self.optional(" ", limit, Self::number);
    }

    pub(super) fn sequence_option(&mut self, option: &SequenceOption) {
        use SequenceOptionKind as Kind;
        match &option.kind {
            Kind::As(type_name) => self.optional("AS ", Some(type_name), Self::type_name),
            Kind::Cache(number) => self.optional("CACHE ", Some(number), Self::number),
            Kind::Cycle(cycle) => self.text(if *cycle { "CYCLE" } else { "NO CYCLE" }),
            Kind::Increment(number) => self.optional("INCREMENT BY ", Some(number), Self::number),
            Kind::MaxValue(limit) => self.sequence_limit("MAXVALUE", limit.as_ref()),
            Kind::MinValue(limit) => self.sequence_limit("MINVALUE", limit.as_ref()),
            Kind::OwnedBy(name) => {
                self.text("OWNED BY ");
                self.name(name);
            }
            Kind::SequenceName(name) => self.optional("SEQUENCE NAME ", Some(name), Self::name),
            Kind::Start(number) => self.optional("START WITH ", Some(number), Self::number),
            Kind::Restart(number) => {
                self.text("RESTART");
                self.optional(" WITH ", number.as_ref(), Self::number);
            }
            Kind::Logged(logged) => self.text(if *logged { "LOGGED" } else { "UNLOGGED" }),
        }
    }

    pub(super) fn create_statistics(&mut self, create: &CreateStatisticsStatement) {
        self.text("CREATE STATISTICS");
        self.text_if(create.if_not_exists, " IF NOT EXISTS");
        self.optional(" ", create.name.as_ref(), Self::name);
        self.opt_paren_list(&create.kinds, Self::ident);
        self.text(" ON ");
        self.list(&create.elements, Self::index_key);
        self.text(" FROM ");
        self.list(&create.from, Self::from_item);
    }

    pub(super) fn alter_statistics(&mut self, alter: &AlterStatisticsStatement) {
        self.text("ALTER STATISTICS ");
        self.text_if(alter.if_exists, "IF EXISTS ");
        self.name(&alter.name);
        match alter.target {
            Some(target) => self.display(format_args!(" SET STATISTICS {target}")),
            None => self.text(" SET STATISTICS DEFAULT"),
        }
    }

    pub(super) fn create_schema(&mut self, create: &CreateSchemaStatement) {
        self.text("CREATE SCHEMA");
        self.text_if(create.if_not_exists, " IF NOT EXISTS");
        self.optional(" ", create.name.as_ref(), Self::ident);
        self.optional(" AUTHORIZATION ", create.authorization.as_ref(), Self::role);
        for element in &create.elements {
            self.text(" ");
            self.statement(element);
        }
    }
}
