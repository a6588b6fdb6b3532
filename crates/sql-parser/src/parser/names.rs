//! Names: identifiers, qualified names, operators, roles, strings and numbers.

use super::{Parser, ident};
use crate::ast::{Ident, NumericOnly, OperatorName, QualifiedName, RoleSpec, RoleSpecKind, Span};
use crate::lexer::{Category, Keyword, Token, TokenKind};
use pglitedb_sqlstate::{Result, err};

/// Whether a token is a name of one of these categories; plain and quoted identifiers always are.
fn is_name(token: Token, categories: &[Category]) -> bool {
    match token.kind {
        TokenKind::QuotedName | TokenKind::UnicodeName => true,
        TokenKind::Word => {
            token.keyword == Keyword::NotAKeyword || categories.contains(&token.keyword.category())
        }
        _ => false,
    }
}

/// `ColId`: a column or table name.
pub(crate) fn is_col_id(token: Token) -> bool {
    is_name(token, &[Category::Unreserved, Category::ColumnName])
}

/// `type_function_name`.
pub(crate) fn is_type_function_name(token: Token) -> bool {
    is_name(token, &[Category::Unreserved, Category::TypeFunctionName])
}

/// `NonReservedWord`.
pub(crate) fn is_non_reserved(token: Token) -> bool {
    is_name(token, &[Category::Unreserved, Category::ColumnName, Category::TypeFunctionName])
}

/// `ColLabel`: any word.
pub(crate) fn is_col_label(token: Token) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::QuotedName | TokenKind::UnicodeName)
}

/// `BareColLabel`: a label that needs no `AS`.
pub(crate) fn is_bare_label(token: Token) -> bool {
    match token.kind {
        TokenKind::QuotedName | TokenKind::UnicodeName => true,
        TokenKind::Word => token.keyword == Keyword::NotAKeyword || token.keyword.is_bare_label(),
        _ => false,
    }
}

/// `Sconst`: a string constant of any notation.
pub(crate) fn is_string(token: Token) -> bool {
    matches!(
        token.kind,
        TokenKind::String | TokenKind::EscapeString | TokenKind::UnicodeString | TokenKind::DollarString
    )
}

impl Parser<'_> {
    /// Takes the current token as an identifier, whatever word it is.
    pub(crate) fn take_ident(&mut self) -> Result<Ident> {
        let token = self.advance();
        let span = Span { start: token.start, end: token.end };
        if token.kind == TokenKind::UnicodeName {
            let escape = self.unicode_escape()?;
            let name = self.lexer.unicode_name(&token, escape)?;
            return Ok(ident(name, self.span_from(token.start)));
        }
        Ok(ident(self.lexer.name(&token), span))
    }

    /// `UESCAPE 'c'` behind `U&...`, or the backslash.
    fn unicode_escape(&mut self) -> Result<char> {
        if !self.accept(Keyword::Uescape) {
            return Ok('\\');
        }
        if !matches!(self.token.kind, TokenKind::String | TokenKind::EscapeString | TokenKind::DollarString) {
            return Err(self.error_near("UESCAPE must be followed by a simple string literal"));
        }
        let value = self.lexer.string(&self.token)?;
        let mut chars = value.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if crate::lexer::is_valid_escape(c) => {
                self.advance();
                Ok(c)
            }
            _ => Err(self.error_near("invalid Unicode escape character")),
        }
    }

    fn ident_if(&mut self, fits: bool) -> Result<Ident> {
        if fits { self.take_ident() } else { Err(self.syntax_error()) }
    }

    /// `ColId`, also `name`.
    pub(crate) fn col_id(&mut self) -> Result<Ident> {
        self.ident_if(is_col_id(self.token))
    }

    /// `ColLabel`, also `attr_name`.
    pub(crate) fn col_label(&mut self) -> Result<Ident> {
        self.ident_if(is_col_label(self.token))
    }

    /// `type_function_name`.
    pub(crate) fn type_function_name(&mut self) -> Result<Ident> {
        self.ident_if(is_type_function_name(self.token))
    }

    /// `NonReservedWord`.
    pub(crate) fn non_reserved_word(&mut self) -> Result<Ident> {
        self.ident_if(is_non_reserved(self.token))
    }

    /// `NonReservedWord_or_Sconst`.
    pub(crate) fn non_reserved_word_or_string(&mut self) -> Result<Ident> {
        if is_string(self.token) {
            let start = self.start();
            let value = self.string()?;
            return Ok(Ident { name: value, span: self.span_from(start) });
        }
        self.non_reserved_word()
    }

    /// `opt_boolean_or_string`: a word or string; also `TRUE`, `FALSE` and `ON`.
    pub(crate) fn boolean_or_string(&mut self) -> Result<Ident> {
        if self.at_any(&[Keyword::True, Keyword::False, Keyword::On]) {
            return self.take_ident();
        }
        self.non_reserved_word_or_string()
    }

    /// `any_name`: `a.b.c` of any length.
    pub(crate) fn any_name(&mut self) -> Result<QualifiedName> {
        let first = self.col_id()?;
        self.qualified_rest(first)
    }

    /// The `.b.c` behind a first part.
    pub(crate) fn qualified_rest(&mut self, first: Ident) -> Result<QualifiedName> {
        let mut parts = Vec::with_capacity(1);
        parts.push(first);
        while self.accept_char(b'.') {
            parts.push(self.col_label()?);
        }
        Ok(QualifiedName { parts })
    }

    /// `qualified_name`: the name of a relation, at most three parts.
    pub(crate) fn qualified_name(&mut self) -> Result<QualifiedName> {
        let first = self.col_id()?;
        let mut name = QualifiedName { parts: Vec::with_capacity(1) };
        name.parts.push(first);
        while self.at_char(b'.') && !self.next_is_char(b'*') {
            self.advance();
            name.parts.push(self.col_label()?);
        }
        if self.at_char(b'[') || self.at_char(b'.') {
            // PostgreSQL reads subscripts and stars to the end before it complains.
            self.indirection()?;
            return Err(self.syntax_error());
        }
        if name.parts.len() > 3 {
            let written: Vec<&str> = name.parts.iter().map(Ident::as_str).collect();
            let message = format!("improper qualified name (too many dotted names): {}", written.join("."));
            return Err(self.error_at(name.span(), message));
        }
        Ok(name)
    }

    /// `func_name`.
    pub(crate) fn func_name(&mut self) -> Result<QualifiedName> {
        let next_is_dot = self.next_is_char(b'.');
        let fits = if next_is_dot { is_col_id(self.token) } else { is_type_function_name(self.token) };
        // A col_name keyword must be qualified: PostgreSQL misses the dot behind it.
        if !next_is_dot && !fits && is_col_id(self.token) {
            self.advance();
            return Err(self.syntax_error());
        }
        // A type_func_name keyword cannot be qualified: PostgreSQL then complains about the dot.
        if next_is_dot && !fits && is_type_function_name(self.token) {
            self.advance();
            return Err(self.syntax_error());
        }
        let first = self.ident_if(fits)?;
        let name = self.qualified_rest(first)?;
        self.refuse_subscripts()?;
        Ok(name)
    }

    /// PostgreSQL reads subscripts behind a name to the end before it complains.
    pub(crate) fn refuse_subscripts(&mut self) -> Result<()> {
        if self.at_char(b'[') {
            self.indirection()?;
            return Err(self.syntax_error());
        }
        Ok(())
    }

    /// `name_list`.
    pub(crate) fn name_list(&mut self) -> Result<Vec<Ident>> {
        self.comma_list(Self::col_id)
    }

    /// `Sconst`.
    pub(crate) fn string(&mut self) -> Result<Box<str>> {
        let token = self.token;
        match token.kind {
            TokenKind::String | TokenKind::EscapeString | TokenKind::DollarString => {
                let value = self.lexer.string(&token).map_err(|error| error.at(token.start as usize))?;
                self.advance();
                Ok(value.into())
            }
            TokenKind::UnicodeString => {
                self.advance();
                let escape = self.unicode_escape()?;
                Ok(self.lexer.unicode_string_value(&token, escape)?.into())
            }
            _ => Err(self.syntax_error()),
        }
    }

    /// `Sconst` or `NULL`.
    pub(crate) fn string_or_null(&mut self) -> Result<Option<Box<str>>> {
        if self.accept(Keyword::Null) { Ok(None) } else { self.string().map(Some) }
    }

    /// `Iconst`.
    pub(crate) fn integer(&mut self) -> Result<i32> {
        if !self.at_kind(TokenKind::Integer) {
            return Err(self.syntax_error());
        }
        let token = self.advance();
        Ok(self.lexer.integer(&token))
    }

    /// `SignedIconst`.
    pub(crate) fn signed_integer(&mut self) -> Result<i32> {
        if self.accept_char(b'-') {
            return Ok(-self.integer()?);
        }
        self.accept_char(b'+');
        self.integer()
    }

    /// Whether `NumericOnly` begins here.
    pub(crate) fn at_numeric_only(&self) -> bool {
        self.at_kind(TokenKind::Integer)
            || self.at_kind(TokenKind::Numeric)
            || self.at_char(b'+')
            || self.at_char(b'-')
    }

    /// `NumericOnly`.
    pub(crate) fn numeric_only(&mut self) -> Result<NumericOnly> {
        let negative = self.accept_char(b'-');
        if !negative {
            self.accept_char(b'+');
        }
        match self.token.kind {
            TokenKind::Integer => {
                let value = self.integer()?;
                Ok(NumericOnly::Integer(if negative { -value } else { value }))
            }
            TokenKind::Numeric => {
                let token = self.advance();
                let text = self.lexer.slice(&token);
                Ok(NumericOnly::Numeric(if negative { format!("-{text}").into() } else { text.into() }))
            }
            _ => Err(self.syntax_error()),
        }
    }

    /// Whether an operator symbol (`all_Op`) stands here.
    pub(crate) fn at_operator(&self) -> bool {
        match self.token.kind {
            TokenKind::Operator | TokenKind::LessEquals | TokenKind::GreaterEquals | TokenKind::NotEquals => {
                true
            }
            TokenKind::Char(char) => {
                matches!(char, b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>' | b'=')
            }
            _ => false,
        }
    }

    /// `all_Op`: an operator symbol.
    pub(crate) fn operator_symbol(&mut self) -> Result<OperatorName> {
        if !self.at_operator() {
            return Err(self.syntax_error());
        }
        let token = self.advance();
        let symbol = match token.kind {
            TokenKind::NotEquals => "<>",
            _ => self.lexer.slice(&token),
        };
        let span = Span { start: token.start, end: token.end };
        Ok(OperatorName { schema: Vec::new(), symbol: symbol.into(), span })
    }

    /// `any_operator`: `schema.op`.
    pub(crate) fn any_operator(&mut self) -> Result<OperatorName> {
        let start = self.start();
        let mut schema = Vec::new();
        while !self.at_operator() {
            schema.push(self.col_id()?);
            self.expect_char(b'.')?;
        }
        let op = self.operator_symbol()?;
        Ok(OperatorName { schema, symbol: op.symbol, span: self.span_from(start) })
    }

    /// `qual_all_Op`: a symbol or `OPERATOR(schema.op)`.
    pub(crate) fn qual_all_op(&mut self) -> Result<OperatorName> {
        if !self.at(Keyword::Operator) {
            return self.operator_symbol();
        }
        let start = self.start();
        self.advance();
        self.expect_char(b'(')?;
        let mut op = self.any_operator()?;
        self.expect_char(b')')?;
        op.span = self.span_from(start);
        Ok(op)
    }

    /// `RoleSpec`.
    pub(crate) fn role_spec(&mut self) -> Result<RoleSpec> {
        let span = self.span();
        let kind = match self.keyword() {
            Keyword::CurrentRole => RoleSpecKind::CurrentRole,
            Keyword::CurrentUser => RoleSpecKind::CurrentUser,
            Keyword::SessionUser => RoleSpecKind::SessionUser,
            _ => {
                let word = self.non_reserved_word()?;
                let kind = match &*word.name {
                    "public" => RoleSpecKind::Public,
                    "none" => {
                        return Err(err!(RESERVED_NAME, "role name \"none\" is reserved").at(span.offset()));
                    }
                    _ => RoleSpecKind::Name(word.name),
                };
                return Ok(RoleSpec { kind, span: word.span });
            }
        };
        self.advance();
        Ok(RoleSpec { kind, span })
    }

    /// `role_list`.
    pub(crate) fn role_list(&mut self) -> Result<Vec<RoleSpec>> {
        self.comma_list(Self::role_spec)
    }

    /// `RoleId`: a role to create, whose name must not be reserved.
    pub(crate) fn role_id(&mut self) -> Result<Ident> {
        let role = self.role_spec()?;
        let reserved = match role.kind {
            RoleSpecKind::Name(name) => return Ok(Ident { name, span: role.span }),
            RoleSpecKind::Public => "role name \"public\" is reserved".to_owned(),
            RoleSpecKind::CurrentRole => "CURRENT_ROLE cannot be used as a role name here".to_owned(),
            RoleSpecKind::CurrentUser => "CURRENT_USER cannot be used as a role name here".to_owned(),
            RoleSpecKind::SessionUser => "SESSION_USER cannot be used as a role name here".to_owned(),
        };
        Err(err!(RESERVED_NAME, "{reserved}").at(role.span.offset()))
    }
}
