//! Aggregates, operators, operator classes, types, domains, casts, transforms, languages, conversions.

use super::alter::{RENAME_OWNER_SCHEMA, rename};
use super::object::Relation;
use crate::ast::{
    AlterDomainAction, AlterDomainStatement, AlterEnumAction, AlterEnumStatement,
    AlterOperatorFamilyStatement, AlterOperatorStatement, AlterTypeStatement, CastContext, CastMethod,
    CreateCastStatement, CreateCompositeTypeStatement, CreateConversionStatement, CreateDomainStatement,
    CreateEnumStatement, CreateLanguageStatement, CreateOperatorClassStatement,
    CreateOperatorFamilyStatement, CreateRangeStatement, CreateTransformStatement, DefElem, DefineStatement,
    ObjectKind, ObjectRef, OperatorClassItem, QualifiedName, RelationRef, RenameTarget, RoutineSignature,
    Statement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

/// A `CREATE` of a name and a list.
pub(super) fn new_define(kind: ObjectKind, name: QualifiedName) -> DefineStatement {
    DefineStatement {
        kind,
        or_replace: false,
        if_not_exists: false,
        name,
        operator: None,
        signature: None,
        from: None,
        definition: None,
    }
}

impl Parser<'_> {
    // ---- aggregates and operators ----

    pub(super) fn create_aggregate(&mut self, or_replace: bool) -> Result<Statement> {
        self.expect(Keyword::Aggregate)?;
        let name = self.func_name()?;
        let mut define = new_define(ObjectKind::Aggregate, name);
        define.or_replace = or_replace;
        if self.at_old_aggregate() {
            define.definition = Some(self.paren_list(|p| {
                // PostgreSQL's old_aggr_elem takes plain identifiers only.
                if p.keyword() != Keyword::NotAKeyword {
                    return Err(p.syntax_error());
                }
                let name = p.col_id()?;
                p.expect_char(b'=')?;
                let value = p.def_arg()?;
                Ok(p.def_elem(name, Some(value)))
            })?);
        } else {
            define.signature = Some(self.aggregate_args(define.name.clone())?);
            define.definition = Some(self.definition()?);
        }
        Ok(Statement::Define(Box::new(define)))
    }

    /// Whether `(name = ...` stands here.
    fn at_old_aggregate(&mut self) -> bool {
        let before = self.checkpoint();
        self.advance();
        let found = self.keyword() == Keyword::NotAKeyword && self.next_is_char(b'=');
        self.rewind(before);
        found
    }

    /// `CREATE OPERATOR`, `OPERATOR CLASS`, `OPERATOR FAMILY`.
    pub(super) fn create_operator(&mut self) -> Result<Statement> {
        match self.object_kind()? {
            ObjectKind::OperatorClass => self.create_operator_class(),
            ObjectKind::OperatorFamily => {
                let name = self.any_name()?;
                self.expect(Keyword::Using)?;
                let method = self.col_id()?;
                Ok(Statement::CreateOperatorFamily(CreateOperatorFamilyStatement { name, method }))
            }
            _ => {
                let operator = self.any_operator()?;
                let mut define = new_define(ObjectKind::Operator, QualifiedName::default());
                define.operator = Some(operator);
                define.definition = Some(self.definition()?);
                Ok(Statement::Define(Box::new(define)))
            }
        }
    }

    fn create_operator_class(&mut self) -> Result<Statement> {
        let name = self.any_name()?;
        let default = self.accept(Keyword::Default);
        self.expect_all(&[Keyword::For, Keyword::Type])?;
        let type_name = self.type_name()?;
        self.expect(Keyword::Using)?;
        let method = self.col_id()?;
        let family = if self.accept(Keyword::Family) { Some(self.any_name()?) } else { None };
        self.expect(Keyword::As)?;
        let items = self.comma_list(Self::operator_class_item)?;
        let statement = CreateOperatorClassStatement { name, default, type_name, method, family, items };
        Ok(Statement::CreateOperatorClass(Box::new(statement)))
    }

    fn operator_class_item(&mut self) -> Result<OperatorClassItem> {
        match self.keyword() {
            Keyword::Operator => {
                self.advance();
                let number = self.integer()?;
                let name = self.any_operator()?;
                let args = if self.at_char(b'(') { Some(self.operator_args()?) } else { None };
                let mut order_family = None;
                if self.accept(Keyword::For) {
                    if self.accept(Keyword::Order) {
                        self.expect(Keyword::By)?;
                        order_family = Some(self.any_name()?);
                    } else {
                        self.expect(Keyword::Search)?;
                    }
                }
                Ok(OperatorClassItem::Operator { number, name, args, order_family })
            }
            Keyword::Function => {
                self.advance();
                let number = self.integer()?;
                let class_args =
                    if self.at_char(b'(') { Some(self.paren_list(Self::type_name)?) } else { None };
                let function = self.routine_signature()?;
                Ok(OperatorClassItem::Function { number, class_args, function })
            }
            _ => {
                self.expect(Keyword::Storage)?;
                Ok(OperatorClassItem::Storage(self.type_name()?))
            }
        }
    }

    fn operator_class_drop(&mut self) -> Result<OperatorClassItem> {
        let function = self.accept(Keyword::Function);
        if !function {
            self.expect(Keyword::Operator)?;
        }
        let number = self.integer()?;
        let class_args = self.paren_list(Self::type_name)?;
        Ok(if function {
            OperatorClassItem::DropFunction { number, class_args }
        } else {
            OperatorClassItem::DropOperator { number, class_args }
        })
    }

    /// `ALTER OPERATOR`, `OPERATOR CLASS`, `OPERATOR FAMILY`.
    pub(super) fn alter_operator(&mut self) -> Result<Statement> {
        match self.object_kind()? {
            ObjectKind::Operator => {
                let operator = self.operator_signature()?;
                if self.at(Keyword::Set) && self.next_is_char(b'(') {
                    self.advance();
                    let options = self.operator_definition()?;
                    let statement = AlterOperatorStatement { operator, options };
                    return Ok(Statement::AlterOperator(Box::new(statement)));
                }
                let changes = super::alter::Changes { rename: false, ..RENAME_OWNER_SCHEMA };
                self.alter_object(operator, changes, false)
            }
            kind => {
                let set = self.operator_set(kind)?;
                let ObjectRef::OperatorSet { kind: ObjectKind::OperatorFamily, .. } = &set else {
                    return self.alter_object(set, RENAME_OWNER_SCHEMA, false);
                };
                if !self.at_any(&[Keyword::Add, Keyword::Drop]) {
                    return self.alter_object(set, RENAME_OWNER_SCHEMA, false);
                }
                let drop = self.advance().keyword == Keyword::Drop;
                let items = if drop {
                    self.comma_list(Self::operator_class_drop)?
                } else {
                    self.comma_list(Self::operator_class_item)?
                };
                let ObjectRef::OperatorSet { name, method, .. } = set else {
                    return Err(self.syntax_error());
                };
                let statement = AlterOperatorFamilyStatement { name, method, drop, items };
                Ok(Statement::AlterOperatorFamily(statement))
            }
        }
    }

    /// `operator_def_list` with its parentheses; `= NONE` leaves the value out.
    fn operator_definition(&mut self) -> Result<Vec<DefElem>> {
        self.paren_list(|p| {
            let name = p.col_label()?;
            let mut value = None;
            if p.accept_char(b'=') && !p.accept(Keyword::None) {
                value = Some(p.def_arg()?);
            }
            Ok(p.def_elem(name, value))
        })
    }

    // ---- types ----

    pub(super) fn create_type(&mut self) -> Result<Statement> {
        self.expect(Keyword::Type)?;
        let name = self.any_name()?;
        if !self.accept(Keyword::As) {
            let mut define = new_define(ObjectKind::Type, name);
            if self.at_char(b'(') {
                define.definition = Some(self.definition()?);
            }
            return Ok(Statement::Define(Box::new(define)));
        }
        match self.keyword() {
            Keyword::Enum => {
                self.advance();
                self.expect_char(b'(')?;
                let labels = if self.at_char(b')') { Vec::new() } else { self.comma_list(Self::string)? };
                self.expect_char(b')')?;
                Ok(Statement::CreateEnum(CreateEnumStatement { name, labels }))
            }
            Keyword::Range => {
                self.advance();
                let definition = self.definition()?;
                Ok(Statement::CreateRange(CreateRangeStatement { name, definition }))
            }
            _ => {
                self.expect_char(b'(')?;
                let attributes = if self.at_char(b')') {
                    Vec::new()
                } else {
                    self.comma_list(Self::table_function_column)?
                };
                self.expect_char(b')')?;
                let statement = CreateCompositeTypeStatement { name, attributes };
                Ok(Statement::CreateCompositeType(statement))
            }
        }
    }

    /// `ALTER TYPE`.
    pub(super) fn alter_type(&mut self) -> Result<Statement> {
        self.expect(Keyword::Type)?;
        let name = self.any_name()?;
        match (self.keyword(), self.next_keyword()) {
            (Keyword::Add | Keyword::Drop | Keyword::Rename, Keyword::Value) => self.alter_enum(name),
            (Keyword::Rename, Keyword::Attribute) => {
                self.advance();
                self.advance();
                let column = self.col_id()?;
                self.expect(Keyword::To)?;
                let new_name = self.col_id()?;
                let relation = relation_of(name);
                let target = RenameTarget::Column { kind: ObjectKind::Type, relation, column };
                let mut statement = rename(target, new_name, false);
                if let Statement::Rename(rename) = &mut statement {
                    rename.behavior = self.opt_drop_behavior();
                }
                Ok(statement)
            }
            (Keyword::Add | Keyword::Drop | Keyword::Alter, Keyword::Attribute) => {
                let relation = relation_of(name);
                self.alter_attributes(Relation { kind: ObjectKind::Type, relation, if_exists: false })
            }
            (Keyword::Add | Keyword::Drop | Keyword::Alter, _) => {
                self.advance();
                Err(self.syntax_error())
            }
            (Keyword::Set, _) if self.next_is_char(b'(') => {
                self.advance();
                let options = self.operator_definition()?;
                Ok(Statement::AlterType(AlterTypeStatement { name, options }))
            }
            _ => {
                let span = name.span();
                let type_name = self.type_from_name(name.parts, Vec::new(), span.start);
                let object = ObjectRef::Type { kind: ObjectKind::Type, type_name };
                self.alter_object(object, RENAME_OWNER_SCHEMA, false)
            }
        }
    }

    fn alter_enum(&mut self, name: QualifiedName) -> Result<Statement> {
        let word = self.advance();
        self.expect(Keyword::Value)?;
        let action = match word.keyword {
            Keyword::Add => {
                let if_not_exists = self.opt_if_not_exists_words()?;
                let label = self.string()?;
                let mut neighbor = None;
                if self.at_any(&[Keyword::Before, Keyword::After]) {
                    let after = self.advance().keyword == Keyword::After;
                    neighbor = Some((self.string()?, after));
                }
                AlterEnumAction::Add { label, if_not_exists, neighbor }
            }
            Keyword::Rename => {
                let old = self.string()?;
                self.expect(Keyword::To)?;
                AlterEnumAction::Rename { old, new: self.string()? }
            }
            _ => {
                self.string()?;
                return Err(err!(FEATURE_NOT_SUPPORTED, "dropping an enum value is not implemented")
                    .at(word.start as usize));
            }
        };
        Ok(Statement::AlterEnum(AlterEnumStatement { name, action }))
    }

    pub(super) fn create_domain(&mut self) -> Result<Statement> {
        self.expect(Keyword::Domain)?;
        let name = self.any_name()?;
        self.accept(Keyword::As);
        let type_name = self.type_name()?;
        let (mut constraints, mut collation) = (Vec::new(), None);
        self.column_qualifiers(&mut constraints, &mut collation)?;
        let statement = CreateDomainStatement { name, type_name, collation, constraints };
        Ok(Statement::CreateDomain(Box::new(statement)))
    }

    /// `ALTER DOMAIN`.
    pub(super) fn alter_domain(&mut self) -> Result<Statement> {
        self.expect(Keyword::Domain)?;
        let name = self.any_name()?;
        let action = match (self.keyword(), self.next_keyword()) {
            (Keyword::Set, Keyword::Default) => {
                self.advance();
                self.advance();
                AlterDomainAction::Default(Some(self.expr()?))
            }
            (Keyword::Drop, Keyword::Default) => {
                self.advance();
                self.advance();
                AlterDomainAction::Default(None)
            }
            (word @ (Keyword::Set | Keyword::Drop), Keyword::Not) => {
                self.advance();
                self.expect_all(&[Keyword::Not, Keyword::Null])?;
                if word == Keyword::Set {
                    AlterDomainAction::SetNotNull
                } else {
                    AlterDomainAction::DropNotNull
                }
            }
            (Keyword::Add, _) => {
                self.advance();
                AlterDomainAction::AddConstraint(Box::new(self.domain_constraint()?))
            }
            (Keyword::Drop, _) => {
                self.advance();
                self.expect(Keyword::Constraint)?;
                let if_exists = self.opt_if_exists()?;
                let name = self.col_id()?;
                AlterDomainAction::DropConstraint { name, if_exists, behavior: self.opt_drop_behavior() }
            }
            (Keyword::Validate, _) => {
                self.advance();
                self.expect(Keyword::Constraint)?;
                AlterDomainAction::ValidateConstraint(self.col_id()?)
            }
            (Keyword::Rename, Keyword::Constraint) => {
                self.advance();
                self.advance();
                let constraint = self.col_id()?;
                self.expect(Keyword::To)?;
                let new_name = self.col_id()?;
                let span = name.span();
                let domain = self.type_from_name(name.parts, Vec::new(), span.start);
                let object = ObjectRef::DomainConstraint { name: constraint, domain };
                return Ok(rename(RenameTarget::Object(object), new_name, false));
            }
            _ => {
                let span = name.span();
                let type_name = self.type_from_name(name.parts, Vec::new(), span.start);
                let object = ObjectRef::Type { kind: ObjectKind::Domain, type_name };
                return self.alter_object(object, RENAME_OWNER_SCHEMA, false);
            }
        };
        Ok(Statement::AlterDomain(AlterDomainStatement { name, action }))
    }

    // ---- casts, transforms, languages, conversions ----

    pub(super) fn create_cast(&mut self) -> Result<Statement> {
        self.expect(Keyword::Cast)?;
        self.expect_char(b'(')?;
        let source = self.type_name()?;
        self.expect(Keyword::As)?;
        let target = self.type_name()?;
        self.expect_char(b')')?;
        let method = if self.accept(Keyword::Without) {
            self.expect(Keyword::Function)?;
            CastMethod::Binary
        } else {
            self.expect(Keyword::With)?;
            if self.accept(Keyword::Inout) {
                CastMethod::InOut
            } else {
                self.expect(Keyword::Function)?;
                CastMethod::Function(self.routine_signature()?)
            }
        };
        let context = if !self.accept(Keyword::As) {
            CastContext::Explicit
        } else if self.accept(Keyword::Implicit) {
            CastContext::Implicit
        } else {
            self.expect(Keyword::Assignment)?;
            CastContext::Assignment
        };
        Ok(Statement::CreateCast(Box::new(CreateCastStatement { source, target, method, context })))
    }

    pub(super) fn create_transform(&mut self, or_replace: bool) -> Result<Statement> {
        self.expect_all(&[Keyword::Transform, Keyword::For])?;
        let type_name = self.type_name()?;
        self.expect(Keyword::Language)?;
        let language = self.col_id()?;
        self.expect_char(b'(')?;
        let (mut from_sql, mut to_sql) = (None, None);
        loop {
            let slot: &mut Option<RoutineSignature> = match self.keyword() {
                Keyword::From if from_sql.is_none() => &mut from_sql,
                Keyword::To if to_sql.is_none() => &mut to_sql,
                _ => return Err(self.syntax_error()),
            };
            self.advance();
            self.expect_all(&[Keyword::Sql, Keyword::With, Keyword::Function])?;
            *slot = Some(self.routine_signature()?);
            if !self.accept_char(b',') {
                break;
            }
        }
        self.expect_char(b')')?;
        let statement = CreateTransformStatement { or_replace, type_name, language, from_sql, to_sql };
        Ok(Statement::CreateTransform(Box::new(statement)))
    }

    /// `handler_name`.
    pub(super) fn handler_name(&mut self) -> Result<QualifiedName> {
        self.any_name()
    }

    pub(super) fn create_language(&mut self, or_replace: bool) -> Result<Statement> {
        let trusted = self.accept(Keyword::Trusted);
        self.accept(Keyword::Procedural);
        self.expect(Keyword::Language)?;
        let name = self.col_id()?;
        let (mut handler, mut inline, mut validator) = (None, None, None);
        if self.accept(Keyword::Handler) {
            handler = Some(self.handler_name()?);
            if self.accept(Keyword::Inline) {
                inline = Some(self.handler_name()?);
            }
            if self.accept(Keyword::Validator) {
                validator = Some(self.handler_name()?);
            } else if self.accept(Keyword::No) {
                self.expect(Keyword::Validator)?;
            }
        }
        let statement = CreateLanguageStatement { or_replace, trusted, name, handler, inline, validator };
        Ok(Statement::CreateLanguage(Box::new(statement)))
    }

    pub(super) fn create_conversion(&mut self) -> Result<Statement> {
        let default = self.accept(Keyword::Default);
        self.expect(Keyword::Conversion)?;
        let name = self.any_name()?;
        self.expect(Keyword::For)?;
        let source = self.string()?;
        self.expect(Keyword::To)?;
        let target = self.string()?;
        self.expect(Keyword::From)?;
        let function = self.any_name()?;
        let statement = CreateConversionStatement { default, name, source, target, function };
        Ok(Statement::CreateConversion(Box::new(statement)))
    }
}

fn relation_of(name: QualifiedName) -> RelationRef {
    let span = name.span();
    RelationRef { name, only: false, alias: None, span }
}
