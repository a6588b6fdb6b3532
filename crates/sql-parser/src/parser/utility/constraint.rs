//! Constraints of columns, tables and domains.

use crate::ast::{
    Constraint, ConstraintAttribute, ConstraintAttributes, ConstraintKind, ForeignKey, Ident, KeyConstraint,
    MatchKind, OperatorName, QualifiedName, ReferentialAction, Span, TableIndexElem,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Error, Result, err};

/// Which attributes a kind of constraint takes.
#[derive(Clone, Copy, Default)]
pub(super) struct Allowed {
    pub(super) deferrable: bool,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
    pub(super) enforced: bool,
}

/// Where a referential action stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ActionOf {
    Update,
    Delete,
}

fn not_supported(span: Span, message: &str) -> Error {
    err!(FEATURE_NOT_SUPPORTED, "{message}").at(span.offset())
}

impl Parser<'_> {
    // ---- columns ----

    /// `ColQualList`: constraints, attributes of them and `COLLATE`, in any order.
    pub(super) fn column_qualifiers(
        &mut self,
        constraints: &mut Vec<Constraint>,
        collation: &mut Option<(QualifiedName, Span)>,
    ) -> Result<()> {
        loop {
            let start = self.start();
            if self.accept(Keyword::Collate) {
                let name = self.any_name()?;
                if collation.is_some() {
                    let span = self.span_from(start);
                    return Err(self.error_at(span, "multiple COLLATE clauses not allowed"));
                }
                *collation = Some((name, self.span_from(start)));
                continue;
            }
            if let Some(attribute) = self.opt_column_constraint_attribute()? {
                let span = self.span_from(start);
                attach_attribute(constraints, attribute, span);
                continue;
            }
            let name = if self.accept(Keyword::Constraint) { Some(self.col_id()?) } else { None };
            let Some(mut constraint) = self.opt_column_constraint()? else {
                return if name.is_some() { Err(self.syntax_error()) } else { Ok(()) };
            };
            constraint.name = name;
            constraint.span = self.span_from(start);
            constraints.push(constraint);
        }
    }

    /// `ConstraintAttr`.
    fn opt_column_constraint_attribute(&mut self) -> Result<Option<ConstraintAttribute>> {
        let attribute = match self.keyword() {
            Keyword::Deferrable => ConstraintAttribute::Deferrable,
            Keyword::Enforced => ConstraintAttribute::Enforced,
            Keyword::Not => match self.next_keyword() {
                Keyword::Deferrable => {
                    self.advance();
                    ConstraintAttribute::NotDeferrable
                }
                Keyword::Enforced => {
                    self.advance();
                    ConstraintAttribute::NotEnforced
                }
                _ => return Ok(None),
            },
            Keyword::Initially => {
                self.advance();
                match self.keyword() {
                    Keyword::Deferred => ConstraintAttribute::InitiallyDeferred,
                    Keyword::Immediate => ConstraintAttribute::InitiallyImmediate,
                    _ => return Err(self.syntax_error()),
                }
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(attribute))
    }

    /// `ColConstraintElem`, if one stands here.
    fn opt_column_constraint(&mut self) -> Result<Option<Constraint>> {
        let mut no_inherit = false;
        let start = self.start();
        let kind = match self.keyword() {
            Keyword::Not if self.at_not_of_expression() => return Err(self.syntax_error()),
            Keyword::Not => {
                self.advance();
                self.expect(Keyword::Null)?;
                no_inherit = self.opt_no_inherit()?;
                ConstraintKind::NotNull(None)
            }
            Keyword::Null => {
                self.advance();
                ConstraintKind::Null
            }
            Keyword::Unique => {
                self.advance();
                let nulls_not_distinct = self.opt_nulls_not_distinct()?;
                let key = KeyConstraint { nulls_not_distinct, ..KeyConstraint::default() };
                ConstraintKind::Unique(self.key_options(key)?)
            }
            Keyword::Primary => {
                self.advance();
                self.expect(Keyword::Key)?;
                ConstraintKind::PrimaryKey(self.key_options(KeyConstraint::default())?)
            }
            Keyword::Check => {
                self.advance();
                let expr = self.paren_condition()?;
                no_inherit = self.opt_no_inherit()?;
                ConstraintKind::Check(expr)
            }
            Keyword::Default => {
                self.advance();
                ConstraintKind::Default(self.b_expr()?)
            }
            Keyword::Generated => self.generated()?,
            Keyword::References => {
                self.advance();
                ConstraintKind::ForeignKey(self.references(Vec::new(), false)?)
            }
            _ => return Ok(None),
        };
        let attributes = ConstraintAttributes { no_inherit, ..ConstraintAttributes::default() };
        Ok(Some(Constraint { name: None, kind, attributes, span: self.span_from(start) }))
    }

    /// `generated_when`: true for `ALWAYS`.
    pub(super) fn generated_when(&mut self) -> Result<bool> {
        if self.accept(Keyword::Always) {
            return Ok(true);
        }
        self.expect_all(&[Keyword::By, Keyword::Default])?;
        Ok(false)
    }

    fn generated(&mut self) -> Result<ConstraintKind> {
        self.expect(Keyword::Generated)?;
        let when_span = self.span();
        let always = self.generated_when()?;
        self.expect(Keyword::As)?;
        if self.accept(Keyword::Identity) {
            return Ok(ConstraintKind::Identity { always, options: self.opt_paren_sequence_options()? });
        }
        let expr = self.paren_condition()?;
        let stored = self.accept(Keyword::Stored);
        if !stored {
            self.accept(Keyword::Virtual);
        }
        if !always {
            let message = "for a generated column, GENERATED ALWAYS must be specified";
            return Err(self.error_at(when_span, message));
        }
        Ok(ConstraintKind::Generated { expr, stored, always })
    }

    fn opt_no_inherit(&mut self) -> Result<bool> {
        let found = self.accept(Keyword::No);
        if found {
            self.expect(Keyword::Inherit)?;
        }
        Ok(found)
    }

    /// `opt_unique_null_treatment`: true for `NULLS NOT DISTINCT`.
    pub(super) fn opt_nulls_not_distinct(&mut self) -> Result<bool> {
        if !self.accept(Keyword::Nulls) {
            return Ok(false);
        }
        let not = self.accept(Keyword::Not);
        self.expect(Keyword::Distinct)?;
        Ok(not)
    }

    /// `(a_expr)`.
    pub(super) fn paren_condition(&mut self) -> Result<crate::ast::Expr> {
        self.expect_char(b'(')?;
        let expr = self.expr()?;
        self.expect_char(b')')?;
        Ok(expr)
    }

    /// `opt_definition OptConsTableSpace` of a key.
    fn key_options(&mut self, mut key: KeyConstraint) -> Result<KeyConstraint> {
        if self.accept(Keyword::With) {
            key.options = self.definition()?;
        }
        key.tablespace = self.opt_constraint_tablespace()?;
        Ok(key)
    }

    /// `OptConsTableSpace`.
    fn opt_constraint_tablespace(&mut self) -> Result<Option<Ident>> {
        if !self.accept(Keyword::Using) {
            return Ok(None);
        }
        self.expect_all(&[Keyword::Index, Keyword::Tablespace])?;
        self.col_id().map(Some)
    }

    // ---- tables ----

    /// Whether a table constraint rather than a column begins here.
    pub(super) fn at_table_constraint(&mut self) -> bool {
        match self.keyword() {
            Keyword::Constraint
            | Keyword::Check
            | Keyword::Not
            | Keyword::Unique
            | Keyword::Primary
            | Keyword::Foreign => true,
            Keyword::Exclude => self.next_is_char(b'(') || self.next_keyword() == Keyword::Using,
            _ => false,
        }
    }

    /// `TableConstraint`.
    pub(super) fn table_constraint(&mut self) -> Result<Constraint> {
        let start = self.start();
        let name = if self.accept(Keyword::Constraint) { Some(self.col_id()?) } else { None };
        let (kind, word, allowed) = self.table_constraint_kind()?;
        let attributes = self.constraint_attributes(word, allowed)?;
        Ok(Constraint { name, kind, attributes, span: self.span_from(start) })
    }

    fn table_constraint_kind(&mut self) -> Result<(ConstraintKind, &'static str, Allowed)> {
        let deferrable = Allowed { deferrable: true, ..Allowed::default() };
        Ok(match self.keyword() {
            Keyword::Check => {
                self.advance();
                let allowed =
                    Allowed { not_valid: true, no_inherit: true, enforced: true, deferrable: false };
                (ConstraintKind::Check(self.paren_condition()?), "CHECK", allowed)
            }
            Keyword::Not if self.at_not_of_expression() => return Err(self.syntax_error()),
            Keyword::Not => {
                self.advance();
                self.expect(Keyword::Null)?;
                let allowed = Allowed { not_valid: true, no_inherit: true, ..Allowed::default() };
                (ConstraintKind::NotNull(Some(self.col_id()?)), "NOT NULL", allowed)
            }
            Keyword::Unique => {
                self.advance();
                (ConstraintKind::Unique(self.table_key(true)?), "UNIQUE", deferrable)
            }
            Keyword::Primary => {
                self.advance();
                self.expect(Keyword::Key)?;
                (ConstraintKind::PrimaryKey(self.table_key(false)?), "PRIMARY KEY", deferrable)
            }
            Keyword::Exclude => (self.exclusion()?, "EXCLUDE", deferrable),
            Keyword::Foreign => {
                self.advance();
                self.expect(Keyword::Key)?;
                let (columns, period) = self.columns_and_period()?;
                self.expect(Keyword::References)?;
                let key = self.references(columns, period)?;
                let allowed =
                    Allowed { deferrable: true, not_valid: true, enforced: true, no_inherit: false };
                (ConstraintKind::ForeignKey(key), "FOREIGN KEY", allowed)
            }
            _ => return Err(self.syntax_error()),
        })
    }

    fn table_key(&mut self, unique: bool) -> Result<KeyConstraint> {
        let mut key = KeyConstraint::default();
        if self.accept(Keyword::Using) {
            self.expect(Keyword::Index)?;
            key.using_index = Some(self.col_id()?);
            return Ok(key);
        }
        if unique {
            key.nulls_not_distinct = self.opt_nulls_not_distinct()?;
        }
        self.expect_char(b'(')?;
        key.columns = self.name_list()?;
        if self.accept(Keyword::Without) {
            self.expect(Keyword::Overlaps)?;
            key.without_overlaps = true;
        }
        self.expect_char(b')')?;
        key.include = self.opt_include_columns()?;
        self.key_options(key)
    }

    /// `opt_c_include`.
    fn opt_include_columns(&mut self) -> Result<Vec<Ident>> {
        if self.accept(Keyword::Include) { self.paren_list(Self::col_id) } else { Ok(Vec::new()) }
    }

    fn exclusion(&mut self) -> Result<ConstraintKind> {
        self.expect(Keyword::Exclude)?;
        let access_method = self.opt_access_method()?;
        let elements = self.paren_list(Self::exclusion_element)?;
        let include = self.opt_include_columns()?;
        let options = if self.accept(Keyword::With) { self.definition()? } else { Vec::new() };
        let tablespace = self.opt_constraint_tablespace()?;
        let where_clause = self.opt_paren_where()?;
        Ok(ConstraintKind::Exclude { access_method, elements, include, options, tablespace, where_clause })
    }

    /// `OptWhereClause`: `WHERE (...)`.
    pub(super) fn opt_paren_where(&mut self) -> Result<Option<crate::ast::Expr>> {
        if self.accept(Keyword::Where) { self.paren_condition().map(Some) } else { Ok(None) }
    }

    fn exclusion_element(&mut self) -> Result<(TableIndexElem, OperatorName)> {
        let element = self.index_element()?;
        self.expect(Keyword::With)?;
        if !self.at(Keyword::Operator) {
            return Ok((element, self.any_operator()?));
        }
        Ok((element, self.qual_all_op()?))
    }

    // ---- foreign keys ----

    /// `(columns, PERIOD column)`: the columns and whether the last is a period.
    fn columns_and_period(&mut self) -> Result<(Vec<Ident>, bool)> {
        self.expect_char(b'(')?;
        let mut columns = vec![self.col_id()?];
        let mut period = false;
        while !period && self.accept_char(b',') {
            period = self.at(Keyword::Period) && crate::parser::names::is_col_id(self.peek_next());
            if period {
                self.advance();
            }
            columns.push(self.col_id()?);
        }
        self.expect_char(b')')?;
        Ok((columns, period))
    }

    /// Behind `REFERENCES`.
    fn references(&mut self, columns: Vec<Ident>, period: bool) -> Result<ForeignKey> {
        let references = self.qualified_name()?;
        let (referenced_columns, referenced_period) =
            if self.at_char(b'(') { self.columns_and_period()? } else { (Vec::new(), false) };
        let match_kind = self.key_match()?;
        let (mut on_delete, mut on_update) = (None, None);
        while self.at(Keyword::On) {
            let next = self.next_keyword();
            self.advance();
            let (action_of, slot) = match next {
                Keyword::Delete => (ActionOf::Delete, &mut on_delete),
                Keyword::Update => (ActionOf::Update, &mut on_update),
                _ => return Err(self.syntax_error()),
            };
            if slot.is_some() {
                return Err(self.syntax_error());
            }
            self.advance();
            *slot = Some(self.key_action(action_of)?);
        }
        Ok(ForeignKey {
            columns,
            period,
            references,
            referenced_columns,
            referenced_period,
            match_kind,
            on_delete: on_delete.unwrap_or_default(),
            on_update: on_update.unwrap_or_default(),
        })
    }

    fn key_match(&mut self) -> Result<MatchKind> {
        let span = self.span();
        if !self.accept(Keyword::Match) {
            return Ok(MatchKind::Simple);
        }
        let kind = match self.keyword() {
            Keyword::Full => MatchKind::Full,
            Keyword::Simple => MatchKind::Simple,
            Keyword::Partial => return Err(not_supported(span, "MATCH PARTIAL not yet implemented")),
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(kind)
    }

    fn key_action(&mut self, action_of: ActionOf) -> Result<ReferentialAction> {
        let start = self.start();
        match self.keyword() {
            Keyword::No => {
                self.advance();
                self.expect(Keyword::Action)?;
                Ok(ReferentialAction::NoAction)
            }
            Keyword::Restrict => {
                self.advance();
                Ok(ReferentialAction::Restrict)
            }
            Keyword::Cascade => {
                self.advance();
                Ok(ReferentialAction::Cascade)
            }
            Keyword::Set => {
                self.advance();
                let null = self.accept(Keyword::Null);
                if !null {
                    self.expect(Keyword::Default)?;
                }
                let columns = self.opt_column_list()?;
                if !columns.is_empty() && action_of == ActionOf::Update {
                    let word = if null { "SET NULL" } else { "SET DEFAULT" };
                    let message =
                        format!("a column list with {word} is only supported for ON DELETE actions");
                    // PostgreSQL points at the words ON UPDATE.
                    let span = Span { start: start.saturating_sub(10), end: start };
                    return Err(not_supported(span, &message));
                }
                Ok(if null {
                    ReferentialAction::SetNull(columns)
                } else {
                    ReferentialAction::SetDefault(columns)
                })
            }
            _ => Err(self.syntax_error()),
        }
    }

    // ---- attributes ----

    /// `ConstraintAttributeSpec` of a constraint of this kind.
    pub(super) fn constraint_attributes(
        &mut self,
        word: &str,
        allowed: Allowed,
    ) -> Result<ConstraintAttributes> {
        let span = self.span();
        let attributes = self.constraint_attribute_list()?;
        let defers = attributes.deferrable == Some(true) || attributes.initially_deferred == Some(true);
        let refused = if defers && !allowed.deferrable {
            "DEFERRABLE"
        } else if attributes.not_valid && !allowed.not_valid {
            "NOT VALID"
        } else if attributes.no_inherit && !allowed.no_inherit {
            "NO INHERIT"
        } else if attributes.enforced == Some(false) && !allowed.enforced {
            "NOT ENFORCED"
        } else if attributes.enforced == Some(true) && !allowed.enforced {
            "ENFORCED"
        } else {
            return Ok(attributes);
        };
        Err(not_supported(span, &format!("{word} constraints cannot be marked {refused}")))
    }

    fn constraint_attribute_list(&mut self) -> Result<ConstraintAttributes> {
        let mut attributes = ConstraintAttributes::default();
        loop {
            let span = self.span();
            let conflict = match self.keyword() {
                Keyword::Deferrable => set_flag(&mut attributes.deferrable, true),
                Keyword::Enforced => set_flag(&mut attributes.enforced, true),
                Keyword::Initially => {
                    self.advance();
                    match self.keyword() {
                        Keyword::Deferred => set_flag(&mut attributes.initially_deferred, true),
                        Keyword::Immediate => set_flag(&mut attributes.initially_deferred, false),
                        _ => return Err(self.syntax_error()),
                    }
                }
                Keyword::No => {
                    self.advance();
                    if !self.at(Keyword::Inherit) {
                        return Err(self.syntax_error());
                    }
                    attributes.no_inherit = true;
                    false
                }
                Keyword::Not if self.at_not_of_expression() => return Ok(attributes),
                Keyword::Not => {
                    let next = self.next_keyword();
                    self.advance();
                    match next {
                        Keyword::Deferrable => set_flag(&mut attributes.deferrable, false),
                        Keyword::Enforced => set_flag(&mut attributes.enforced, false),
                        Keyword::Valid => {
                            attributes.not_valid = true;
                            false
                        }
                        _ => return Err(self.syntax_error()),
                    }
                }
                _ => return Ok(attributes),
            };
            self.advance();
            if attributes.deferrable == Some(false) && attributes.initially_deferred == Some(true) {
                let message = "constraint declared INITIALLY DEFERRED must be DEFERRABLE";
                return Err(self.error_at(span, message));
            }
            if conflict {
                return Err(self.error_at(span, "conflicting constraint properties"));
            }
        }
    }

    /// `ConstraintAttributeSpec` of `ALTER CONSTRAINT`.
    pub(super) fn altered_constraint_attributes(&mut self) -> Result<ConstraintAttributes> {
        let span = self.span();
        let attributes = self.constraint_attribute_list()?;
        if attributes.not_valid {
            return Err(not_supported(span, "constraints cannot be altered to be NOT VALID"));
        }
        Ok(attributes)
    }

    /// `DomainConstraint`.
    pub(super) fn domain_constraint(&mut self) -> Result<Constraint> {
        let start = self.start();
        let name = if self.accept(Keyword::Constraint) { Some(self.col_id()?) } else { None };
        let (kind, attributes) = if self.accept(Keyword::Not) {
            self.expect(Keyword::Null)?;
            let attributes = self.constraint_attributes("NOT NULL", Allowed::default())?;
            (ConstraintKind::NotNull(None), attributes)
        } else {
            self.expect(Keyword::Check)?;
            let kind = ConstraintKind::Check(self.paren_condition()?);
            let allowed = Allowed { not_valid: true, no_inherit: true, ..Allowed::default() };
            (kind, self.constraint_attributes("CHECK", allowed)?)
        };
        Ok(Constraint { name, kind, attributes, span: self.span_from(start) })
    }
}

/// Sets a flag; true if it was set to the opposite before.
fn set_flag(flag: &mut Option<bool>, value: bool) -> bool {
    flag.replace(value) == Some(!value)
}

/// Gives an attribute to the constraint before it if that can have it; otherwise it stands for itself, for the
/// analysis to reject.
fn attach_attribute(constraints: &mut Vec<Constraint>, attribute: ConstraintAttribute, span: Span) {
    if let Some(last) = constraints.last_mut() {
        let key = matches!(
            last.kind,
            ConstraintKind::Unique(_) | ConstraintKind::PrimaryKey(_) | ConstraintKind::ForeignKey(_)
        );
        let enforceable = matches!(last.kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_));
        let (slot, value, fits) = match attribute {
            ConstraintAttribute::Deferrable => (&mut last.attributes.deferrable, true, key),
            ConstraintAttribute::NotDeferrable => (&mut last.attributes.deferrable, false, key),
            ConstraintAttribute::InitiallyDeferred => (&mut last.attributes.initially_deferred, true, key),
            ConstraintAttribute::InitiallyImmediate => (&mut last.attributes.initially_deferred, false, key),
            ConstraintAttribute::Enforced => (&mut last.attributes.enforced, true, enforceable),
            ConstraintAttribute::NotEnforced => (&mut last.attributes.enforced, false, enforceable),
        };
        if fits && slot.is_none() {
            *slot = Some(value);
            last.span = last.span.to(span);
            return;
        }
    }
    constraints.push(Constraint {
        name: None,
        kind: ConstraintKind::Misplaced(attribute),
        attributes: ConstraintAttributes::default(),
        span,
    });
}
