//! Expressions, type names and what PL/pgSQL hands over.

use pglitedb_sql_parser::ast::{ExprKind, Indirection, QueryBody};
use pglitedb_sql_parser::{parse, parse_expr, parse_pl_assignment, parse_pl_expression, parse_type_name};

#[test]
fn expressions_and_their_places() {
    let expr = parse_expr("  a + foo(b) ").unwrap();
    assert_eq!(expr.to_string(), "a + foo(b)");
    // PostgreSQL points at the operator, and at the start of anything else.
    assert_eq!((expr.location(), expr.span.start, expr.span.end), (4, 2, 12));
    let ExprKind::Binary { right, .. } = &expr.kind else { panic!("{expr:?}") };
    assert_eq!(right.location(), 6);
    assert_eq!(parse_expr("a b").unwrap_err().fields().position, Some(2));
    assert_eq!(parse_expr("").unwrap_err().message(), "syntax error at end of input");
}

#[test]
fn type_names() {
    for (written, printed) in [
        ("int", "INTEGER"),
        ("character varying(10)[]", "VARCHAR(10)[]"),
        ("public.\"My Type\"", "public.\"My Type\""),
        ("setof double precision", "SETOF DOUBLE PRECISION"),
        ("interval day to second(3)", "INTERVAL DAY TO SECOND(3)"),
        ("numeric(10, 2) array[3]", "NUMERIC(10, 2)[3]"),
        ("bpchar", "bpchar"),
    ] {
        assert_eq!(parse_type_name(written).unwrap().to_string(), printed);
    }
    assert_eq!(parse_type_name("foo bar").unwrap_err().message(), "syntax error at or near \"bar\"");
}

#[test]
fn pl_expressions() {
    for (written, printed) in [
        ("a + 1", "SELECT a + 1"),
        ("count(*) from t where b", "SELECT count(*) FROM t WHERE b"),
        ("distinct a, b from t order by c limit 1", "SELECT DISTINCT a, b FROM t ORDER BY c LIMIT 1"),
        ("1 union select 2", "SELECT 1 UNION SELECT 2"),
    ] {
        let query = parse_pl_expression(written).unwrap();
        assert!(matches!(query.body, QueryBody::Select(_) | QueryBody::SetOperation { .. }));
        assert_eq!(query.to_string(), printed);
    }
}

#[test]
fn pl_assignments() {
    let assignment = parse_pl_assignment("a.b[1] := c + 1").unwrap();
    assert_eq!(assignment.target.to_string(), "a");
    assert!(matches!(assignment.indirection[..], [Indirection::Field(_), Indirection::Index(_)]));
    assert_eq!(assignment.query.to_string(), "SELECT c + 1");
    assert_eq!(parse_pl_assignment("$1 = 2").unwrap().target.to_string(), "$1");
    assert!(parse_pl_assignment("a + 1").is_err());
}

#[test]
fn statements_and_their_places() {
    let sql = " select 1 ; -- comment\n insert into a values (2) ;";
    let statements = parse(sql).unwrap();
    let texts: Vec<&str> =
        statements.iter().map(|raw| &sql[raw.span.start as usize..raw.span.end as usize]).collect();
    assert_eq!(texts, ["select 1", "insert into a values (2)"]);
    assert_eq!(parse("").unwrap().len(), 0);
    assert_eq!(parse(" ;; -- nothing\n").unwrap().len(), 0);
}
