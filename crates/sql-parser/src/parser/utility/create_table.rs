//! `CREATE TABLE` and `CREATE FOREIGN TABLE`: columns, `LIKE`, partitioning.

use crate::ast::{
    ColumnDefinition, CreateTableStatement, ForeignTableSpec, Ident, PartitionBound, PartitionBoundKind,
    PartitionElem, PartitionSpec, PartitionStrategy, Persistence, QualifiedName, Statement, TableElement,
    TableLike, TableLikeOption, TypeName,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

fn new_table(name: QualifiedName, persistence: Persistence, if_not_exists: bool) -> CreateTableStatement {
    CreateTableStatement {
        name,
        persistence,
        if_not_exists,
        of_type: None,
        partition_of: None,
        partition_bound: None,
        elements: Vec::new(),
        inherits: Vec::new(),
        partition_by: None,
        access_method: None,
        options: Vec::new(),
        on_commit: None,
        tablespace: None,
        foreign: None,
    }
}

impl Parser<'_> {
    /// Behind `CREATE [persistence] TABLE`; also `CREATE TABLE AS`.
    pub(super) fn create_table(&mut self, persistence: Persistence) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        if let Some(statement) = self.create_table_as_rest(persistence, if_not_exists)? {
            return Ok(statement);
        }
        self.create_table_definition(persistence, if_not_exists)
    }

    /// Behind `CREATE [persistence] TABLE [IF NOT EXISTS]`, where `CREATE TABLE AS` is no choice.
    pub(super) fn create_table_definition(
        &mut self,
        persistence: Persistence,
        if_not_exists: bool,
    ) -> Result<Statement> {
        let name = self.qualified_name()?;
        let mut table = new_table(name, persistence, if_not_exists);
        self.table_body(&mut table)?;
        table.partition_by = self.opt_partition_spec()?;
        table.access_method = self.opt_access_method()?;
        table.options = self.opt_table_with()?;
        table.on_commit = self.opt_on_commit()?;
        table.tablespace = self.opt_tablespace()?;
        Ok(Statement::CreateTable(Box::new(table)))
    }

    /// Behind `CREATE FOREIGN TABLE`.
    pub(super) fn create_foreign_table(&mut self) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = self.qualified_name()?;
        let mut table = new_table(name, Persistence::Permanent, if_not_exists);
        if self.at(Keyword::Of) {
            return Err(self.syntax_error());
        }
        self.table_body(&mut table)?;
        self.expect(Keyword::Server)?;
        let server = self.col_id()?;
        table.foreign = Some(ForeignTableSpec { server, options: self.opt_generic_options()? });
        Ok(Statement::CreateTable(Box::new(table)))
    }

    /// The elements, with `INHERITS`; or `OF type`; or `PARTITION OF parent` with its bound.
    fn table_body(&mut self, table: &mut CreateTableStatement) -> Result<()> {
        if self.accept(Keyword::Of) {
            let name = self.any_name()?;
            let span = name.span();
            table.of_type = Some(TypeName {
                name,
                setof: false,
                percent_type: false,
                typmods: Vec::new(),
                array_bounds: Vec::new(),
                span,
            });
            table.elements = self.opt_paren_list(Self::typed_table_element)?;
        } else if self.accept(Keyword::Partition) {
            self.expect(Keyword::Of)?;
            table.partition_of = Some(self.qualified_name()?);
            table.elements = self.opt_paren_list(Self::typed_table_element)?;
            table.partition_bound = Some(self.partition_bound()?);
        } else {
            self.expect_char(b'(')?;
            if !self.at_char(b')') {
                table.elements = self.comma_list(Self::table_element)?;
            }
            self.expect_char(b')')?;
            if self.accept(Keyword::Inherits) {
                table.inherits = self.paren_list(Self::qualified_name)?;
            }
        }
        Ok(())
    }

    fn table_element(&mut self) -> Result<TableElement> {
        if self.at(Keyword::Like) {
            return Ok(TableElement::Like(self.table_like()?));
        }
        if self.at_table_constraint() {
            return Ok(TableElement::Constraint(Box::new(self.table_constraint()?)));
        }
        Ok(TableElement::Column(Box::new(self.column_definition()?)))
    }

    /// `TypedTableElement`: a column without type, or a constraint.
    fn typed_table_element(&mut self) -> Result<TableElement> {
        if self.at_table_constraint() {
            return Ok(TableElement::Constraint(Box::new(self.table_constraint()?)));
        }
        let start = self.start();
        let name = self.col_id()?;
        if self.accept(Keyword::With) {
            self.expect(Keyword::Options)?;
        }
        let mut column = plain_column(name);
        self.column_qualifiers(&mut column.constraints, &mut column.collation)?;
        column.span = self.span_from(start);
        Ok(TableElement::Column(Box::new(column)))
    }

    /// `columnDef`.
    pub(super) fn column_definition(&mut self) -> Result<ColumnDefinition> {
        let start = self.start();
        let mut column = plain_column(self.col_id()?);
        column.type_name = Some(self.type_name()?);
        if self.accept(Keyword::Storage) {
            column.storage = Some(self.name_or_default()?);
        }
        if self.accept(Keyword::Compression) {
            column.compression = Some(self.name_or_default()?);
        }
        column.fdw_options = self.opt_generic_options()?;
        self.column_qualifiers(&mut column.constraints, &mut column.collation)?;
        column.span = self.span_from(start);
        Ok(column)
    }

    /// A name or the word `DEFAULT`.
    pub(super) fn name_or_default(&mut self) -> Result<Ident> {
        if self.at(Keyword::Default) { self.take_ident() } else { self.col_id() }
    }

    fn table_like(&mut self) -> Result<TableLike> {
        let start = self.start();
        self.expect(Keyword::Like)?;
        let name = self.qualified_name()?;
        let mut options = Vec::new();
        while self.at_any(&[Keyword::Including, Keyword::Excluding]) {
            let including = self.advance().keyword == Keyword::Including;
            let option = match self.keyword() {
                Keyword::Comments => TableLikeOption::Comments,
                Keyword::Compression => TableLikeOption::Compression,
                Keyword::Constraints => TableLikeOption::Constraints,
                Keyword::Defaults => TableLikeOption::Defaults,
                Keyword::Generated => TableLikeOption::Generated,
                Keyword::Identity => TableLikeOption::Identity,
                Keyword::Indexes => TableLikeOption::Indexes,
                Keyword::Statistics => TableLikeOption::Statistics,
                Keyword::Storage => TableLikeOption::Storage,
                Keyword::All => TableLikeOption::All,
                _ => return Err(self.syntax_error()),
            };
            self.advance();
            options.push((including, option));
        }
        Ok(TableLike { name, options, span: self.span_from(start) })
    }

    /// `OptPartitionSpec`.
    fn opt_partition_spec(&mut self) -> Result<Option<PartitionSpec>> {
        let start = self.start();
        if !self.accept(Keyword::Partition) {
            return Ok(None);
        }
        self.expect(Keyword::By)?;
        let word = self.col_id()?;
        let elements = self.paren_list(Self::partition_element)?;
        let strategy = match &*word.name.to_ascii_lowercase() {
            "list" => PartitionStrategy::List,
            "range" => PartitionStrategy::Range,
            "hash" => PartitionStrategy::Hash,
            _ => {
                let name = word.as_str();
                return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized partitioning strategy \"{name}\"")
                    .at(word.span.offset()));
            }
        };
        Ok(Some(PartitionSpec { strategy, elements, span: self.span_from(start) }))
    }

    fn partition_element(&mut self) -> Result<PartitionElem> {
        let start = self.start();
        let key = self.index_key()?;
        let collation = if self.accept(Keyword::Collate) { Some(self.any_name()?) } else { None };
        let operator_class = if self.at_col_id() { Some(self.any_name()?) } else { None };
        Ok(PartitionElem { key, collation, operator_class, span: self.span_from(start) })
    }

    /// `PartitionBoundSpec`.
    pub(super) fn partition_bound(&mut self) -> Result<PartitionBound> {
        let start = self.start();
        if self.accept(Keyword::Default) {
            return Ok(PartitionBound { kind: PartitionBoundKind::Default, span: self.span_from(start) });
        }
        self.expect_all(&[Keyword::For, Keyword::Values])?;
        let kind = if self.accept(Keyword::In) {
            PartitionBoundKind::List(self.paren_list(Self::expr)?)
        } else if self.accept(Keyword::From) {
            let from = self.paren_list(Self::expr)?;
            self.expect(Keyword::To)?;
            PartitionBoundKind::Range { from, to: self.paren_list(Self::expr)? }
        } else {
            let with = self.expect(Keyword::With)?;
            self.hash_bound(with.start)?
        };
        Ok(PartitionBound { kind, span: self.span_from(start) })
    }

    fn hash_bound(&mut self, with: u32) -> Result<PartitionBoundKind> {
        let items = self.paren_list(|p| {
            let name = p.non_reserved_word()?;
            Ok((name, p.integer()?))
        })?;
        let (mut modulus, mut remainder) = (None, None);
        for (name, value) in items {
            let slot = match name.as_str() {
                "modulus" => &mut modulus,
                "remainder" => &mut remainder,
                other => {
                    let message = format!("unrecognized hash partition bound specification \"{other}\"");
                    return Err(self.error_at(name.span, message));
                }
            };
            if slot.replace(value).is_some() {
                let what = name.as_str();
                return Err(err!(DUPLICATE_OBJECT, "{what} for hash partition provided more than once")
                    .at(name.span.offset()));
            }
        }
        let missing =
            |what: &str| err!(SYNTAX_ERROR, "{what} for hash partition must be specified").at(with as usize);
        Ok(PartitionBoundKind::Hash {
            modulus: modulus.ok_or_else(|| missing("modulus"))?,
            remainder: remainder.ok_or_else(|| missing("remainder"))?,
        })
    }
}

fn plain_column(name: Ident) -> ColumnDefinition {
    let span = name.span;
    ColumnDefinition {
        name,
        type_name: None,
        storage: None,
        compression: None,
        collation: None,
        fdw_options: Vec::new(),
        constraints: Vec::new(),
        span,
    }
}
