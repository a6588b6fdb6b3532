//! `ALTER TEXT SEARCH`.

use super::alter::{Changes, RENAME_OWNER_SCHEMA};
use crate::ast::{
    AlterTextSearchConfigurationAction as Action, AlterTextSearchConfigurationStatement,
    AlterTextSearchDictionaryStatement, Ident, ObjectKind, ObjectRef, QualifiedName, Statement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// At `TEXT SEARCH` behind `ALTER`.
    pub(super) fn alter_text_search(&mut self) -> Result<Statement> {
        let kind = self.object_kind()?;
        let name = self.any_name()?;
        let changes = match kind {
            ObjectKind::TextSearchDictionary if self.at_char(b'(') => {
                let options = self.definition()?;
                let statement = AlterTextSearchDictionaryStatement { name, options };
                return Ok(Statement::AlterTextSearchDictionary(statement));
            }
            ObjectKind::TextSearchConfiguration
                if self.at_any(&[Keyword::Add, Keyword::Alter, Keyword::Drop]) =>
            {
                return self.alter_text_search_mapping(name);
            }
            ObjectKind::TextSearchDictionary | ObjectKind::TextSearchConfiguration => RENAME_OWNER_SCHEMA,
            _ => Changes { owner: false, ..RENAME_OWNER_SCHEMA },
        };
        self.alter_object(ObjectRef::Named { kind, name }, changes, false)
    }

    fn alter_text_search_mapping(&mut self, name: QualifiedName) -> Result<Statement> {
        let word = self.advance().keyword;
        self.expect(Keyword::Mapping)?;
        let action = match word {
            Keyword::Add => {
                let tokens = self.mapping_tokens()?;
                self.expect(Keyword::With)?;
                Action::Add { tokens, dictionaries: self.any_name_list()? }
            }
            Keyword::Drop => {
                let if_exists = self.opt_if_exists_words()?;
                Action::Drop { tokens: self.mapping_tokens()?, if_exists }
            }
            _ => {
                let tokens = if self.at(Keyword::Replace) { Vec::new() } else { self.mapping_tokens()? };
                if self.accept(Keyword::Replace) {
                    let old = self.any_name()?;
                    self.expect(Keyword::With)?;
                    Action::Replace { tokens, old, new: self.any_name()? }
                } else {
                    self.expect(Keyword::With)?;
                    Action::Alter { tokens, dictionaries: self.any_name_list()? }
                }
            }
        };
        let statement = AlterTextSearchConfigurationStatement { name, action };
        Ok(Statement::AlterTextSearchConfiguration(Box::new(statement)))
    }

    /// `FOR name_list`.
    fn mapping_tokens(&mut self) -> Result<Vec<Ident>> {
        self.expect(Keyword::For)?;
        self.name_list()
    }
}
