//! Aggregates, operators, operator classes, types, domains, casts, transforms, languages, conversions.

use super::Printer;
use super::table::ConstraintOf;
use crate::ast::{
    AlterDomainAction, AlterDomainStatement, AlterEnumAction, AlterEnumStatement,
    AlterOperatorFamilyStatement, AlterOperatorStatement, AlterTypeStatement, CastContext, CastMethod,
    CreateCastStatement, CreateCompositeTypeStatement, CreateConversionStatement, CreateDomainStatement,
    CreateEnumStatement, CreateLanguageStatement, CreateOperatorClassStatement,
    CreateOperatorFamilyStatement, CreateRangeStatement, CreateTransformStatement, DefineStatement,
    OperatorClassItem,
};

impl Printer {
    pub(super) fn define(&mut self, define: &DefineStatement) {
        self.text(if define.or_replace { "CREATE OR REPLACE " } else { "CREATE " });
        self.object_kind(define.kind);
        self.text(" ");
        self.text_if(define.if_not_exists, "IF NOT EXISTS ");
        match (&define.operator, &define.signature) {
            (Some(operator), _) => self.bare_operator(operator),
            (None, Some(signature)) => self.aggregate_signature(signature),
            (None, None) => self.name(&define.name),
        }
        self.optional(" FROM ", define.from.as_ref(), Self::name);
        if let Some(definition) = &define.definition {
            self.text(" ");
            self.paren_list(definition, Self::def_elem);
        }
    }

    // ---- types ----

    pub(super) fn create_composite_type(&mut self, create: &CreateCompositeTypeStatement) {
        self.text("CREATE TYPE ");
        self.name(&create.name);
        self.text(" AS ");
        self.paren_list(&create.attributes, Self::table_function_column);
    }

    pub(super) fn create_enum(&mut self, create: &CreateEnumStatement) {
        self.text("CREATE TYPE ");
        self.name(&create.name);
        self.text(" AS ENUM ");
        self.paren_list(&create.labels, |p, label| p.string(label));
    }

    pub(super) fn create_range(&mut self, create: &CreateRangeStatement) {
        self.text("CREATE TYPE ");
        self.name(&create.name);
        self.text(" AS RANGE ");
        self.paren_list(&create.definition, Self::def_elem);
    }

    pub(super) fn alter_enum(&mut self, alter: &AlterEnumStatement) {
        self.text("ALTER TYPE ");
        self.name(&alter.name);
        match &alter.action {
            AlterEnumAction::Add { label, if_not_exists, neighbor } => {
                self.text(" ADD VALUE ");
                self.text_if(*if_not_exists, "IF NOT EXISTS ");
                self.string(label);
                if let Some((neighbor, after)) = neighbor {
                    self.text(if *after { " AFTER " } else { " BEFORE " });
                    self.string(neighbor);
                }
            }
            AlterEnumAction::Rename { old, new } => {
                self.text(" RENAME VALUE ");
                self.string(old);
                self.text(" TO ");
                self.string(new);
            }
            AlterEnumAction::Drop(label) => {
                self.text(" DROP VALUE ");
                self.string(label);
            }
        }
    }

    pub(super) fn alter_type(&mut self, alter: &AlterTypeStatement) {
        self.text("ALTER TYPE ");
        self.name(&alter.name);
        self.text(" SET ");
        self.paren_list(&alter.options, Self::def_elem);
    }

    pub(super) fn create_domain(&mut self, create: &CreateDomainStatement) {
        self.text("CREATE DOMAIN ");
        self.name(&create.name);
        self.text(" AS ");
        self.type_name(&create.type_name);
        self.optional(" COLLATE ", create.collation.as_ref(), |p, (name, _)| p.name(name));
        self.column_constraints(&create.constraints);
    }

    pub(super) fn alter_domain(&mut self, alter: &AlterDomainStatement) {
        self.text("ALTER DOMAIN ");
        self.name(&alter.name);
        match &alter.action {
            AlterDomainAction::Default(None) => self.text(" DROP DEFAULT"),
            AlterDomainAction::Default(default) => {
                self.optional(" SET DEFAULT ", default.as_ref(), Self::expr);
            }
            AlterDomainAction::SetNotNull => self.text(" SET NOT NULL"),
            AlterDomainAction::DropNotNull => self.text(" DROP NOT NULL"),
            AlterDomainAction::AddConstraint(constraint) => {
                self.text(" ADD ");
                self.constraint(constraint, ConstraintOf::Table);
            }
            AlterDomainAction::DropConstraint { name, if_exists, behavior } => {
                self.text(" DROP CONSTRAINT ");
                self.text_if(*if_exists, "IF EXISTS ");
                self.ident(name);
                self.drop_behavior(*behavior);
            }
            AlterDomainAction::ValidateConstraint(name) => {
                self.text(" VALIDATE CONSTRAINT ");
                self.ident(name);
            }
        }
    }

    // ---- operators ----

    pub(super) fn alter_operator(&mut self, alter: &AlterOperatorStatement) {
        self.text("ALTER ");
        self.object(&alter.operator);
        self.text(" SET ");
        self.paren_list(&alter.options, Self::def_elem);
    }

    pub(super) fn create_operator_class(&mut self, create: &CreateOperatorClassStatement) {
        self.text("CREATE OPERATOR CLASS ");
        self.name(&create.name);
        self.text_if(create.default, " DEFAULT");
        self.text(" FOR TYPE ");
        self.type_name(&create.type_name);
        self.text(" USING ");
        self.ident(&create.method);
        self.optional(" FAMILY ", create.family.as_ref(), Self::name);
        self.text(" AS ");
        self.list(&create.items, Self::operator_class_item);
    }

    pub(super) fn create_operator_family(&mut self, create: &CreateOperatorFamilyStatement) {
        self.text("CREATE OPERATOR FAMILY ");
        self.name(&create.name);
        self.text(" USING ");
        self.ident(&create.method);
    }

    pub(super) fn alter_operator_family(&mut self, alter: &AlterOperatorFamilyStatement) {
        self.text("ALTER OPERATOR FAMILY ");
        self.name(&alter.name);
        self.text(" USING ");
        self.ident(&alter.method);
        self.text(if alter.drop { " DROP " } else { " ADD " });
        self.list(&alter.items, Self::operator_class_item);
    }

    fn operator_class_item(&mut self, item: &OperatorClassItem) {
        match item {
            OperatorClassItem::Operator { number, name, args, order_family } => {
                self.display(format_args!("OPERATOR {number} "));
                self.bare_operator(name);
                if let Some((left, right)) = args {
                    self.text(" ");
                    self.operator_args(left.as_ref(), right.as_ref());
                }
                self.optional(" FOR ORDER BY ", order_family.as_ref(), Self::name);
            }
            OperatorClassItem::Function { number, class_args, function } => {
                self.display(format_args!("FUNCTION {number}"));
                if let Some(class_args) = class_args {
                    self.opt_paren_list(class_args, Self::type_name);
                }
                self.text(" ");
                self.signature(function);
            }
            OperatorClassItem::Storage(type_name) => {
                self.text("STORAGE ");
                self.type_name(type_name);
            }
            OperatorClassItem::DropOperator { number, class_args } => {
                self.display(format_args!("OPERATOR {number}"));
                self.opt_paren_list(class_args, Self::type_name);
            }
            OperatorClassItem::DropFunction { number, class_args } => {
                self.display(format_args!("FUNCTION {number}"));
                self.opt_paren_list(class_args, Self::type_name);
            }
        }
    }

    // ---- casts, transforms, languages, conversions ----

    pub(super) fn create_cast(&mut self, create: &CreateCastStatement) {
        self.text("CREATE CAST (");
        self.type_name(&create.source);
        self.text(" AS ");
        self.type_name(&create.target);
        self.text(")");
        match &create.method {
            CastMethod::Function(signature) => {
                self.text(" WITH FUNCTION ");
                self.signature(signature);
            }
            CastMethod::Binary => self.text(" WITHOUT FUNCTION"),
            CastMethod::InOut => self.text(" WITH INOUT"),
        }
        self.text(match create.context {
            CastContext::Explicit => "",
            CastContext::Assignment => " AS ASSIGNMENT",
            CastContext::Implicit => " AS IMPLICIT",
        });
    }

    pub(super) fn create_transform(&mut self, create: &CreateTransformStatement) {
        self.text(if create.or_replace { "CREATE OR REPLACE " } else { "CREATE " });
        self.text("TRANSFORM FOR ");
        self.type_name(&create.type_name);
        self.text(" LANGUAGE ");
        self.ident(&create.language);
        self.text(" (");
        self.optional("FROM SQL WITH FUNCTION ", create.from_sql.as_ref(), Self::signature);
        self.text_if(create.from_sql.is_some() && create.to_sql.is_some(), ", ");
        self.optional("TO SQL WITH FUNCTION ", create.to_sql.as_ref(), Self::signature);
        self.text(")");
    }

    pub(super) fn create_language(&mut self, create: &CreateLanguageStatement) {
        self.text(if create.or_replace { "CREATE OR REPLACE " } else { "CREATE " });
        self.text_if(create.trusted, "TRUSTED ");
        self.text("LANGUAGE ");
        self.ident(&create.name);
        self.optional(" HANDLER ", create.handler.as_ref(), Self::name);
        self.optional(" INLINE ", create.inline.as_ref(), Self::name);
        self.optional(" VALIDATOR ", create.validator.as_ref(), Self::name);
    }

    pub(super) fn create_conversion(&mut self, create: &CreateConversionStatement) {
        self.text(if create.default { "CREATE DEFAULT CONVERSION " } else { "CREATE CONVERSION " });
        self.name(&create.name);
        self.text(" FOR ");
        self.string(&create.source);
        self.text(" TO ");
        self.string(&create.target);
        self.text(" FROM ");
        self.name(&create.function);
    }
}
