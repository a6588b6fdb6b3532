//! Rules and policies.

use super::alter::rename;
use crate::ast::{
    AlterPolicyStatement, CreatePolicyStatement, CreateRuleStatement, Expr, ObjectKind, PolicyCommand,
    RenameTarget, RoleSpec, RoleSpecKind, RuleEvent, Span, Statement,
};
use crate::lexer::{Keyword, TokenKind};
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// At `RULE` behind `CREATE`.
    pub(super) fn create_rule(&mut self, or_replace: bool) -> Result<Statement> {
        self.expect(Keyword::Rule)?;
        let name = self.col_id()?;
        self.expect_all(&[Keyword::As, Keyword::On])?;
        let event = match self.keyword() {
            Keyword::Select => RuleEvent::Select,
            Keyword::Update => RuleEvent::Update,
            Keyword::Delete => RuleEvent::Delete,
            Keyword::Insert => RuleEvent::Insert,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        self.expect(Keyword::To)?;
        let relation = self.relation_name()?;
        let where_clause = self.where_clause()?;
        self.expect(Keyword::Do)?;
        let instead = self.accept(Keyword::Instead);
        if !instead {
            self.accept(Keyword::Also);
        }
        let actions = self.rule_actions()?;
        Ok(Statement::CreateRule(Box::new(CreateRuleStatement {
            or_replace,
            name,
            event,
            relation,
            where_clause,
            instead,
            actions,
        })))
    }

    /// `RuleActionList`.
    fn rule_actions(&mut self) -> Result<Vec<Statement>> {
        if self.accept(Keyword::Nothing) {
            return Ok(Vec::new());
        }
        if !self.at_char(b'(') {
            return Ok(vec![self.rule_action()?]);
        }
        let before = self.checkpoint();
        self.advance();
        let mut actions = Vec::new();
        loop {
            if !self.at_char(b';') && !self.at_char(b')') {
                actions.push(self.rule_action()?);
            }
            if !self.accept_char(b';') {
                break;
            }
        }
        self.expect_char(b')')?;
        // The parenthesis may as well belong to the first operand of a set operation.
        let ended = self.at_kind(TokenKind::End) || self.at_char(b';') || self.at_char(b')');
        if !ended && matches!(actions.as_slice(), [Statement::Select(_)]) {
            self.rewind(before);
            return Ok(vec![self.rule_action()?]);
        }
        Ok(actions)
    }

    /// `RuleActionStmt`.
    fn rule_action(&mut self) -> Result<Statement> {
        match self.keyword() {
            Keyword::Notify => self.notification_statement(),
            Keyword::Select
            | Keyword::Values
            | Keyword::Table
            | Keyword::With
            | Keyword::Insert
            | Keyword::Update
            | Keyword::Delete => self.preparable_statement(),
            _ if self.at_char(b'(') => self.preparable_statement(),
            _ => Err(self.syntax_error()),
        }
    }

    // ---- policies ----

    /// Behind `CREATE POLICY`.
    pub(super) fn create_policy(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        self.expect(Keyword::On)?;
        let relation = self.qualified_name()?;
        let permissive = self.policy_permissive()?;
        let command = if self.accept(Keyword::For) { self.policy_command()? } else { PolicyCommand::All };
        let roles = match self.opt_policy_roles()? {
            Some(roles) => roles,
            None => vec![RoleSpec { kind: RoleSpecKind::Public, span: Span::default() }],
        };
        let (using, with_check) = self.policy_expressions()?;
        Ok(Statement::CreatePolicy(Box::new(CreatePolicyStatement {
            name,
            relation,
            permissive,
            command,
            roles,
            using,
            with_check,
        })))
    }

    /// `RowSecurityDefaultPermissive`.
    fn policy_permissive(&mut self) -> Result<bool> {
        if !self.accept(Keyword::As) {
            return Ok(true);
        }
        let is_word = crate::parser::names::is_col_id(self.peek());
        if !is_word || self.keyword() != Keyword::NotAKeyword {
            return Err(self.syntax_error());
        }
        let word = self.col_id()?;
        match word.as_str() {
            "permissive" => Ok(true),
            "restrictive" => Ok(false),
            other => Err(self
                .error_at(word.span, format!("unrecognized row security option \"{other}\""))
                .hint("Only PERMISSIVE or RESTRICTIVE policies are supported currently.")),
        }
    }

    fn policy_command(&mut self) -> Result<PolicyCommand> {
        let command = match self.keyword() {
            Keyword::All => PolicyCommand::All,
            Keyword::Select => PolicyCommand::Select,
            Keyword::Insert => PolicyCommand::Insert,
            Keyword::Update => PolicyCommand::Update,
            Keyword::Delete => PolicyCommand::Delete,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(command)
    }

    fn opt_policy_roles(&mut self) -> Result<Option<Vec<RoleSpec>>> {
        if self.accept(Keyword::To) { self.role_list().map(Some) } else { Ok(None) }
    }

    /// `USING (...) WITH CHECK (...)`.
    fn policy_expressions(&mut self) -> Result<(Option<Expr>, Option<Expr>)> {
        let using = if self.accept(Keyword::Using) { Some(self.paren_condition()?) } else { None };
        let mut with_check = None;
        if self.accept(Keyword::With) {
            self.expect(Keyword::Check)?;
            with_check = Some(self.paren_condition()?);
        }
        Ok((using, with_check))
    }

    /// Behind `ALTER POLICY`.
    pub(super) fn alter_policy(&mut self) -> Result<Statement> {
        let if_exists = self.opt_if_exists()?;
        let name = self.col_id()?;
        self.expect(Keyword::On)?;
        let relation = self.relation_name()?;
        if if_exists || self.at(Keyword::Rename) {
            let new_name = self.rename_to()?;
            let target = RenameTarget::OnRelation { kind: ObjectKind::Policy, relation, name };
            return Ok(rename(target, new_name, if_exists));
        }
        let roles = self.opt_policy_roles()?;
        let (using, with_check) = self.policy_expressions()?;
        let relation = relation.name;
        let statement = AlterPolicyStatement { name, relation, roles, using, with_check };
        Ok(Statement::AlterPolicy(Box::new(statement)))
    }
}
