//! Publications and subscriptions.

use super::alter::{RENAME_OWNER, named};
use crate::ast::{
    AlterPublicationAction, AlterPublicationStatement, AlterSubscriptionAction, AlterSubscriptionStatement,
    CreatePublicationStatement, CreateSubscriptionStatement, DefElem, Expr, Ident, ObjectKind,
    PublicationObject, RelationRef, Span, Statement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

/// An object as written: what it means may depend on the one before it.
enum Written {
    /// It says itself what it is.
    Complete(PublicationObject),
    /// One name.
    Name(Ident),
    /// A table in any other notation.
    Table { relation: RelationRef, columns: Vec<Ident>, where_clause: Option<Expr> },
    /// `CURRENT_SCHEMA`.
    CurrentSchema,
}

impl Parser<'_> {
    /// `opt_definition`.
    fn opt_with_definition(&mut self) -> Result<Vec<DefElem>> {
        if self.accept(Keyword::With) { self.definition() } else { Ok(Vec::new()) }
    }

    /// Behind `CREATE PUBLICATION`.
    pub(super) fn create_publication(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        let (mut all_tables, mut written) = (false, Vec::new());
        if self.accept(Keyword::For) {
            all_tables = self.accept(Keyword::All);
            if all_tables {
                self.expect(Keyword::Tables)?;
            } else {
                written = self.comma_list(Self::publication_object)?;
            }
        }
        let options = self.opt_with_definition()?;
        let objects = self.publication_objects(written)?;
        Ok(Statement::CreatePublication(CreatePublicationStatement { name, all_tables, objects, options }))
    }

    /// Behind `ALTER PUBLICATION`.
    pub(super) fn alter_publication(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        let word = self.keyword();
        let action = match word {
            Keyword::Set if self.next_is_char(b'(') => {
                self.advance();
                AlterPublicationAction::Options(self.definition()?)
            }
            Keyword::Add | Keyword::Set | Keyword::Drop => {
                self.advance();
                let written = self.comma_list(Self::publication_object)?;
                let objects = self.publication_objects(written)?;
                match word {
                    Keyword::Add => AlterPublicationAction::Add(objects),
                    Keyword::Set => AlterPublicationAction::Set(objects),
                    _ => AlterPublicationAction::Drop(objects),
                }
            }
            _ => return self.alter_object(named(ObjectKind::Publication, name), RENAME_OWNER, false),
        };
        Ok(Statement::AlterPublication(AlterPublicationStatement { name, action }))
    }

    /// `PublicationObjSpec`.
    fn publication_object(&mut self) -> Result<(Written, Span)> {
        let start = self.start();
        let written = if self.accept(Keyword::Table) {
            let relation = self.relation_expr()?;
            let columns = self.opt_column_list()?;
            let where_clause = self.opt_paren_where()?;
            Written::Complete(PublicationObject::Table { relation, columns, where_clause })
        } else if self.at_pair(Keyword::Tables, Keyword::In) {
            self.advance();
            self.advance();
            self.expect(Keyword::Schema)?;
            let span = self.span();
            Written::Complete(if self.accept(Keyword::CurrentSchema) {
                PublicationObject::TablesInCurrentSchema(span)
            } else {
                PublicationObject::TablesInSchema(self.col_id()?)
            })
        } else if self.accept(Keyword::CurrentSchema) {
            Written::CurrentSchema
        } else {
            self.publication_name()?
        };
        // PostgreSQL leaves out the place of a table with ONLY or a star.
        let placed = match &written {
            Written::Table { relation, .. } => !relation.only && !self.ends_with_star(relation),
            _ => true,
        };
        Ok((written, if placed { self.span_from(start) } else { Span::default() }))
    }

    /// Whether a relation is written `name *`.
    fn ends_with_star(&self, relation: &RelationRef) -> bool {
        relation.span.end > relation.name.span().end
    }

    fn publication_name(&mut self) -> Result<Written> {
        let token = self.peek();
        let relation = self.relation_expr()?;
        let plain = relation.span.end == token.end && !relation.only;
        let columns = self.opt_column_list()?;
        let where_clause = self.opt_paren_where()?;
        if plain && columns.is_empty() && where_clause.is_none() && relation.name.parts.len() == 1 {
            let mut parts = relation.name.parts;
            return Ok(Written::Name(parts.remove(0)));
        }
        Ok(Written::Table { relation, columns, where_clause })
    }

    /// Gives every object the meaning that the objects before it imply.
    fn publication_objects(&self, written: Vec<(Written, Span)>) -> Result<Vec<PublicationObject>> {
        let mut objects: Vec<PublicationObject> = Vec::with_capacity(written.len());
        for (object, span) in written {
            let object = match (object, objects.last()) {
                (Written::Complete(object), _) => object,
                (_, None) => {
                    return Err(self.error_at(span, "invalid publication object list").detail(
                        "One of TABLE or TABLES IN SCHEMA must be specified before a standalone table or \
                         schema name.",
                    ));
                }
                (object, Some(PublicationObject::Table { .. })) => self.continued_table(object, span)?,
                (object, Some(_)) => self.continued_schema(object, span)?,
            };
            objects.push(object);
        }
        Ok(objects)
    }

    fn continued_table(&self, object: Written, span: Span) -> Result<PublicationObject> {
        match object {
            Written::Complete(object) => Ok(object),
            Written::Name(name) => {
                let name = crate::ast::QualifiedName { parts: vec![name] };
                let relation = RelationRef { name, only: false, alias: None, span };
                Ok(PublicationObject::Table { relation, columns: Vec::new(), where_clause: None })
            }
            Written::Table { relation, columns, where_clause } => {
                Ok(PublicationObject::Table { relation, columns, where_clause })
            }
            Written::CurrentSchema => Err(self.error_at(span, "invalid table name")),
        }
    }

    fn continued_schema(&self, object: Written, span: Span) -> Result<PublicationObject> {
        let message = match object {
            Written::Complete(object) => return Ok(object),
            Written::Name(name) => return Ok(PublicationObject::TablesInSchema(name)),
            Written::CurrentSchema => return Ok(PublicationObject::TablesInCurrentSchema(span)),
            Written::Table { where_clause: Some(_), .. } => "WHERE clause not allowed for schema",
            Written::Table { columns, .. } if !columns.is_empty() => {
                "column specification not allowed for schema"
            }
            Written::Table { .. } => "invalid schema name",
        };
        Err(self.error_at(span, message))
    }

    // ---- subscriptions ----

    /// Behind `CREATE SUBSCRIPTION`.
    pub(super) fn create_subscription(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        self.expect(Keyword::Connection)?;
        let connection = self.string()?;
        self.expect(Keyword::Publication)?;
        let publications = self.name_list()?;
        let options = self.opt_with_definition()?;
        let statement = CreateSubscriptionStatement { name, connection, publications, options };
        Ok(Statement::CreateSubscription(Box::new(statement)))
    }

    /// Behind `ALTER SUBSCRIPTION`.
    pub(super) fn alter_subscription(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        let word = self.keyword();
        let mut options = Vec::new();
        let action = match word {
            Keyword::Connection => {
                self.advance();
                AlterSubscriptionAction::Connection(self.string()?)
            }
            Keyword::Enable => {
                self.advance();
                AlterSubscriptionAction::Enable
            }
            Keyword::Disable => {
                self.advance();
                AlterSubscriptionAction::Disable
            }
            Keyword::Skip => {
                self.advance();
                options = self.definition()?;
                AlterSubscriptionAction::Skip
            }
            Keyword::Set if self.next_is_char(b'(') => {
                self.advance();
                options = self.definition()?;
                AlterSubscriptionAction::Options
            }
            Keyword::Refresh => {
                self.advance();
                self.expect(Keyword::Publication)?;
                options = self.opt_with_definition()?;
                AlterSubscriptionAction::Refresh
            }
            Keyword::Add | Keyword::Drop | Keyword::Set => {
                self.advance();
                self.expect(Keyword::Publication)?;
                let publications = self.name_list()?;
                options = self.opt_with_definition()?;
                match word {
                    Keyword::Add => AlterSubscriptionAction::AddPublication(publications),
                    Keyword::Drop => AlterSubscriptionAction::DropPublication(publications),
                    _ => AlterSubscriptionAction::SetPublication(publications),
                }
            }
            _ => return self.alter_object(named(ObjectKind::Subscription, name), RENAME_OWNER, false),
        };
        Ok(Statement::AlterSubscription(AlterSubscriptionStatement { name, action, options }))
    }
}
