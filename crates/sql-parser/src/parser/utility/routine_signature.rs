//! Signatures of routines and operators, as statements name them.

use crate::ast::{FunctionParameter, ObjectRef, ParameterMode, QualifiedName, RoutineSignature, TypeName};
use crate::lexer::{Keyword, Token};
use crate::parser::{Parser, names};
use pglitedb_sqlstate::{Result, err};

/// Whether a type may begin with this token.
fn begins_type(token: Token) -> bool {
    names::is_type_function_name(token)
        || matches!(
            token.keyword,
            Keyword::Setof
                | Keyword::Int
                | Keyword::Integer
                | Keyword::Smallint
                | Keyword::Bigint
                | Keyword::Real
                | Keyword::Float
                | Keyword::Decimal
                | Keyword::Dec
                | Keyword::Numeric
                | Keyword::Boolean
                | Keyword::Bit
                | Keyword::Character
                | Keyword::Char
                | Keyword::Varchar
                | Keyword::National
                | Keyword::Nchar
                | Keyword::Timestamp
                | Keyword::Time
                | Keyword::Interval
                | Keyword::Json
        )
}

impl Parser<'_> {
    /// `arg_class`, if one stands here.
    fn opt_parameter_mode(&mut self) -> ParameterMode {
        let mode = match self.keyword() {
            Keyword::In => {
                self.advance();
                return if self.accept(Keyword::Out) { ParameterMode::InOut } else { ParameterMode::In };
            }
            Keyword::Out => ParameterMode::Out,
            Keyword::Inout => ParameterMode::InOut,
            Keyword::Variadic => ParameterMode::Variadic,
            _ => return ParameterMode::Default,
        };
        self.advance();
        mode
    }

    /// Whether the word here names a parameter: a type or mode follows.
    fn at_parameter_name(&mut self) -> bool {
        if !names::is_type_function_name(self.peek()) {
            return false;
        }
        let next = self.peek_next();
        if self.at(Keyword::Double) && next.keyword == Keyword::Precision {
            return false;
        }
        begins_type(next)
            || matches!(next.keyword, Keyword::In | Keyword::Out | Keyword::Inout | Keyword::Variadic)
    }

    /// `func_arg`.
    pub(super) fn function_parameter(&mut self) -> Result<FunctionParameter> {
        let start = self.start();
        let mut mode = self.opt_parameter_mode();
        let mut name = None;
        if self.at_parameter_name() {
            name = Some(self.take_ident()?);
            if mode == ParameterMode::Default {
                mode = self.opt_parameter_mode();
            }
        }
        let type_name = self.func_type()?;
        Ok(FunctionParameter { name, mode, type_name, default: None, span: self.span_from(start) })
    }

    /// `(parameters)`, may be empty.
    pub(super) fn parameters(
        &mut self,
        parameter: impl FnMut(&mut Self) -> Result<FunctionParameter>,
    ) -> Result<Vec<FunctionParameter>> {
        self.expect_char(b'(')?;
        let list = if self.at_char(b')') { Vec::new() } else { self.comma_list(parameter)? };
        self.expect_char(b')')?;
        Ok(list)
    }

    /// `function_with_argtypes`.
    pub(super) fn routine_signature(&mut self) -> Result<RoutineSignature> {
        let name = if names::is_type_function_name(self.peek()) && !self.next_is_char(b'.') {
            let name = self.take_ident()?;
            QualifiedName { parts: vec![name] }
        } else {
            if names::is_type_function_name(self.peek()) && !names::is_col_id(self.peek()) {
                // Such a name cannot be qualified: PostgreSQL complains about the dot.
                self.advance();
                return Err(self.syntax_error());
            }
            let column_name = names::is_col_id(self.peek()) && !names::is_type_function_name(self.peek());
            let name = self.any_name()?;
            if column_name && name.parts.len() == 1 && self.at_char(b'(') {
                return Err(self.syntax_error());
            }
            name
        };
        self.refuse_subscripts()?;
        let args = if self.at_char(b'(') { Some(self.parameters(Self::function_parameter)?) } else { None };
        Ok(RoutineSignature { name, args, order_by: None })
    }

    /// `function_with_argtypes_list`.
    pub(super) fn routine_signatures(&mut self) -> Result<Vec<RoutineSignature>> {
        self.comma_list(Self::routine_signature)
    }

    /// `aggregate_with_argtypes`.
    pub(super) fn aggregate_signature(&mut self) -> Result<RoutineSignature> {
        let name = self.func_name()?;
        self.aggregate_args(name)
    }

    /// `aggr_args` behind a name.
    pub(super) fn aggregate_args(&mut self, name: QualifiedName) -> Result<RoutineSignature> {
        let span = self.span();
        self.expect_char(b'(')?;
        let (mut args, mut order_by) = (Vec::new(), None);
        if !self.accept_char(b'*') {
            if !self.at(Keyword::Order) {
                args = self.comma_list(Self::function_parameter)?;
            }
            if self.accept(Keyword::Order) {
                self.expect(Keyword::By)?;
                order_by = Some(self.comma_list(Self::function_parameter)?);
            }
        }
        self.expect_char(b')')?;
        if let (Some(last), Some(ordered)) = (args.last(), &order_by)
            && last.mode == ParameterMode::Variadic
            && !matches!(ordered.as_slice(), [only] if only.mode == last.mode && only.type_name == last.type_name)
        {
            return Err(err!(
                FEATURE_NOT_SUPPORTED,
                "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC aggregated \
                 argument of the same data type"
            )
            .at(order_by
                .as_deref()
                .and_then(|list| list.first())
                .map_or(span, |arg| arg.span)
                .offset()));
        }
        Ok(RoutineSignature { name, args: Some(args), order_by })
    }

    /// `operator_with_argtypes`.
    pub(super) fn operator_signature(&mut self) -> Result<ObjectRef> {
        let name = self.any_operator()?;
        let (left, right) = self.operator_args()?;
        Ok(ObjectRef::Operator { name, left, right })
    }

    /// `oper_argtypes`.
    pub(super) fn operator_args(&mut self) -> Result<(Option<TypeName>, Option<TypeName>)> {
        self.expect_char(b'(')?;
        if self.accept(Keyword::None) {
            self.expect_char(b',')?;
            let right = Some(self.type_name()?);
            self.expect_char(b')')?;
            return Ok((None, right));
        }
        let left = Some(self.type_name()?);
        if self.at_char(b')') {
            return Err(self
                .error_at(self.span(), "missing argument")
                .hint("Use NONE to denote the missing argument of a unary operator."));
        }
        self.expect_char(b',')?;
        let right = if self.accept(Keyword::None) { None } else { Some(self.type_name()?) };
        self.expect_char(b')')?;
        Ok((left, right))
    }
}
