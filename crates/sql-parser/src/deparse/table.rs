//! `CREATE TABLE`: columns, constraints, partitioning.

use super::Printer;
use crate::ast::{
    ColumnDefinition, Constraint, ConstraintAttribute, ConstraintAttributes, ConstraintKind,
    CreateTableStatement, ForeignKey, Ident, KeyConstraint, MatchKind, PartitionBound, PartitionBoundKind,
    PartitionSpec, PartitionStrategy, ReferentialAction, SequenceOption, TableElement, TableLike,
    TableLikeOption,
};

/// Whether a constraint stands behind a column or for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ConstraintOf {
    Column,
    Table,
}

impl Printer {
    pub(super) fn create_table(&mut self, create: &CreateTableStatement) {
        self.text("CREATE ");
        self.persistence(create.persistence);
        self.text_if(create.foreign.is_some(), "FOREIGN ");
        self.text("TABLE ");
        self.text_if(create.if_not_exists, "IF NOT EXISTS ");
        self.name(&create.name);
        if let Some(of_type) = &create.of_type {
            self.text(" OF ");
            self.name(&of_type.name);
            self.opt_paren_list(&create.elements, Self::table_element);
        } else if let Some(parent) = &create.partition_of {
            self.text(" PARTITION OF ");
            self.name(parent);
            self.opt_paren_list(&create.elements, Self::table_element);
            self.optional(" ", create.partition_bound.as_ref(), Self::partition_bound);
        } else {
            self.text(" ");
            self.paren_list(&create.elements, Self::table_element);
            if !create.inherits.is_empty() {
                self.text(" INHERITS ");
                self.paren_list(&create.inherits, Self::name);
            }
        }
        self.optional(" ", create.partition_by.as_ref(), Self::partition_spec);
        self.optional(" USING ", create.access_method.as_ref(), Self::ident);
        self.opt_with_options(&create.options);
        self.on_commit(create.on_commit);
        self.optional(" TABLESPACE ", create.tablespace.as_ref(), Self::ident);
        if let Some(foreign) = &create.foreign {
            self.text(" SERVER ");
            self.ident(&foreign.server);
            self.opt_generic_options(&foreign.options);
        }
    }

    fn table_element(&mut self, element: &TableElement) {
        match element {
            TableElement::Column(column) => self.column_definition(column),
            TableElement::Like(like) => self.table_like(like),
            TableElement::Constraint(constraint) => self.constraint(constraint, ConstraintOf::Table),
        }
    }

    pub(super) fn column_definition(&mut self, column: &ColumnDefinition) {
        self.ident(&column.name);
        self.optional(" ", column.type_name.as_ref(), Self::type_name);
        self.optional(" STORAGE ", column.storage.as_ref(), Self::name_or_default);
        self.optional(" COMPRESSION ", column.compression.as_ref(), Self::name_or_default);
        self.opt_generic_options(&column.fdw_options);
        self.optional(" COLLATE ", column.collation.as_ref(), |p, (name, _)| p.name(name));
        self.column_constraints(&column.constraints);
    }

    /// Constraints behind a column or domain.
    pub(super) fn column_constraints(&mut self, constraints: &[Constraint]) {
        for constraint in constraints {
            self.text(" ");
            self.constraint(constraint, ConstraintOf::Column);
        }
    }

    /// A name, or the word `DEFAULT` where the grammar takes either.
    pub(super) fn name_or_default(&mut self, name: &Ident) {
        if name.as_str() == "default" { self.text("DEFAULT") } else { self.ident(name) }
    }

    fn table_like(&mut self, like: &TableLike) {
        self.text("LIKE ");
        self.name(&like.name);
        for (including, option) in &like.options {
            self.text(if *including { " INCLUDING " } else { " EXCLUDING " });
            self.text(match option {
                TableLikeOption::Comments => "COMMENTS",
                TableLikeOption::Compression => "COMPRESSION",
                TableLikeOption::Constraints => "CONSTRAINTS",
                TableLikeOption::Defaults => "DEFAULTS",
                TableLikeOption::Generated => "GENERATED",
                TableLikeOption::Identity => "IDENTITY",
                TableLikeOption::Indexes => "INDEXES",
                TableLikeOption::Statistics => "STATISTICS",
                TableLikeOption::Storage => "STORAGE",
                TableLikeOption::All => "ALL",
            });
        }
    }

    // ---- constraints ----

    pub(super) fn constraint(&mut self, constraint: &Constraint, of: ConstraintOf) {
        self.optional("CONSTRAINT ", constraint.name.as_ref(), Self::ident);
        self.text_if(constraint.name.is_some(), " ");
        match &constraint.kind {
            ConstraintKind::NotNull(column) => {
                self.text("NOT NULL");
                self.optional(" ", column.as_ref(), Self::ident);
            }
            ConstraintKind::Null => self.text("NULL"),
            ConstraintKind::Default(expr) => {
                self.text("DEFAULT ");
                self.primary(expr);
            }
            ConstraintKind::Check(expr) => {
                self.text("CHECK ");
                self.paren_expr(expr);
            }
            ConstraintKind::Generated { expr, stored, .. } => {
                self.text("GENERATED ALWAYS AS ");
                self.paren_expr(expr);
                self.text(if *stored { " STORED" } else { " VIRTUAL" });
            }
            ConstraintKind::Identity { always, options } => {
                self.generated_when(*always);
                self.text(" AS IDENTITY");
                self.opt_paren_sequence_options(options);
            }
            ConstraintKind::Unique(key) => self.key(key, "UNIQUE"),
            ConstraintKind::PrimaryKey(key) => self.key(key, "PRIMARY KEY"),
            ConstraintKind::Exclude { .. } => self.exclusion(&constraint.kind),
            ConstraintKind::ForeignKey(key) => self.foreign_key(key, of),
            ConstraintKind::Misplaced(attribute) => self.text(match attribute {
                ConstraintAttribute::Deferrable => "DEFERRABLE",
                ConstraintAttribute::NotDeferrable => "NOT DEFERRABLE",
                ConstraintAttribute::InitiallyDeferred => "INITIALLY DEFERRED",
                ConstraintAttribute::InitiallyImmediate => "INITIALLY IMMEDIATE",
                ConstraintAttribute::Enforced => "ENFORCED",
                ConstraintAttribute::NotEnforced => "NOT ENFORCED",
            }),
        }
        self.constraint_attributes(&constraint.attributes);
    }

    pub(super) fn generated_when(&mut self, always: bool) {
        self.text(if always { "GENERATED ALWAYS" } else { "GENERATED BY DEFAULT" });
    }

    pub(super) fn opt_paren_sequence_options(&mut self, options: &[SequenceOption]) {
        if !options.is_empty() {
            self.text(" (");
            self.separated(options, " ", Self::sequence_option);
            self.text(")");
        }
    }

    /// What is written behind a constraint, with a space before each.
    pub(super) fn constraint_attributes(&mut self, attributes: &ConstraintAttributes) {
        let words = [
            (attributes.no_inherit.then_some(true), " NO INHERIT", ""),
            (attributes.deferrable, " DEFERRABLE", " NOT DEFERRABLE"),
            (attributes.initially_deferred, " INITIALLY DEFERRED", " INITIALLY IMMEDIATE"),
            (attributes.not_valid.then_some(true), " NOT VALID", ""),
            (attributes.enforced, " ENFORCED", " NOT ENFORCED"),
        ];
        for (value, yes, no) in words {
            match value {
                None => {}
                Some(true) => self.text(yes),
                Some(false) => self.text(no),
            }
        }
    }

    fn key(&mut self, key: &KeyConstraint, word: &str) {
        self.text(word);
        self.text_if(key.nulls_not_distinct, " NULLS NOT DISTINCT");
        self.optional(" USING INDEX ", key.using_index.as_ref(), Self::ident);
        if !key.columns.is_empty() {
            self.text(" (");
            self.list(&key.columns, Self::ident);
            self.text_if(key.without_overlaps, " WITHOUT OVERLAPS");
            self.text(")");
        }
        self.include_columns(&key.include);
        self.opt_with_options(&key.options);
        self.optional(" USING INDEX TABLESPACE ", key.tablespace.as_ref(), Self::ident);
    }

    fn include_columns(&mut self, columns: &[Ident]) {
        if !columns.is_empty() {
            self.text(" INCLUDE ");
            self.paren_list(columns, Self::ident);
        }
    }

    fn exclusion(&mut self, kind: &ConstraintKind) {
        let ConstraintKind::Exclude { access_method, elements, include, options, tablespace, where_clause } =
            kind
        else {
            return;
        };
        self.text("EXCLUDE");
        self.optional(" USING ", access_method.as_ref(), Self::ident);
        self.opt_paren_list(elements, |p, (element, operator)| {
            p.index_element(element);
            p.text(" WITH ");
            p.operator(operator);
        });
        self.include_columns(include);
        self.opt_with_options(options);
        self.optional(" USING INDEX TABLESPACE ", tablespace.as_ref(), Self::ident);
        self.optional(" WHERE ", where_clause.as_ref(), Self::paren_expr);
    }

    fn foreign_key(&mut self, key: &ForeignKey, of: ConstraintOf) {
        if of == ConstraintOf::Table {
            self.text("FOREIGN KEY ");
            self.columns_and_period(&key.columns, key.period);
            self.text(" ");
        }
        self.text("REFERENCES ");
        self.name(&key.references);
        if !key.referenced_columns.is_empty() {
            self.text(" ");
            self.columns_and_period(&key.referenced_columns, key.referenced_period);
        }
        self.text_if(key.match_kind == MatchKind::Full, " MATCH FULL");
        self.referential_action(" ON DELETE", &key.on_delete);
        self.referential_action(" ON UPDATE", &key.on_update);
    }

    fn columns_and_period(&mut self, columns: &[Ident], period: bool) {
        self.text("(");
        for (index, column) in columns.iter().enumerate() {
            self.text_if(index > 0, ", ");
            self.text_if(period && index + 1 == columns.len(), "PERIOD ");
            self.ident(column);
        }
        self.text(")");
    }

    fn referential_action(&mut self, event: &str, action: &ReferentialAction) {
        let (word, columns) = match action {
            ReferentialAction::NoAction => return,
            ReferentialAction::Restrict => (" RESTRICT", &[][..]),
            ReferentialAction::Cascade => (" CASCADE", &[][..]),
            ReferentialAction::SetNull(columns) => (" SET NULL", columns.as_slice()),
            ReferentialAction::SetDefault(columns) => (" SET DEFAULT", columns.as_slice()),
        };
        self.text(event);
        self.text(word);
        self.opt_paren_list(columns, Self::ident);
    }

    // ---- partitioning ----

    fn partition_spec(&mut self, spec: &PartitionSpec) {
        self.text(match spec.strategy {
            PartitionStrategy::List => "PARTITION BY LIST ",
            PartitionStrategy::Range => "PARTITION BY RANGE ",
            PartitionStrategy::Hash => "PARTITION BY HASH ",
        });
        self.paren_list(&spec.elements, |p, element| {
            p.index_key(&element.key);
            p.optional(" COLLATE ", element.collation.as_ref(), Self::name);
            p.optional(" ", element.operator_class.as_ref(), Self::name);
        });
    }

    pub(super) fn partition_bound(&mut self, bound: &PartitionBound) {
        match &bound.kind {
            PartitionBoundKind::Default => self.text("DEFAULT"),
            PartitionBoundKind::List(values) => {
                self.text("FOR VALUES IN ");
                self.paren_list(values, Self::expr);
            }
            PartitionBoundKind::Range { from, to } => {
                self.text("FOR VALUES FROM ");
                self.paren_list(from, Self::expr);
                self.text(" TO ");
                self.paren_list(to, Self::expr);
            }
            PartitionBoundKind::Hash { modulus, remainder } => {
                self.display(format_args!("FOR VALUES WITH (MODULUS {modulus}, REMAINDER {remainder})"));
            }
        }
    }
}
