//! The shell on the small session.

use crate::fake::{FakeEngine, FakeSession};
use pglitedb_server::engine::{ConnectRequest, Engine};
use pglitedb_server::shell::{Ended, LocalHost, Piped, Shell, ShellOptions};
use std::io::Cursor;
use std::sync::Arc;

fn session() -> FakeSession {
    let request = ConnectRequest {
        user: "alice".into(),
        database: "db".into(),
        parameters: Vec::new(),
        peer: None,
        server: None,
        system_user: None,
        host: Arc::new(LocalHost),
    };
    FakeEngine::default().connect(request).unwrap()
}

fn run(script: &str, options: ShellOptions) -> (String, String, Ended) {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let mut shell = Shell::new(session(), options, &mut out, &mut errors);
    let ended = shell.script(&mut Piped(Cursor::new(script)), "<stdin>").unwrap();
    (String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap(), ended)
}

#[test]
fn a_script() {
    let script =
        "-- a script\nselect 1;\nbegin;\nfail;\nselect\n2;\nrollback;\nset a b;\nnotice hm;\nselect 3";
    let (out, errors, ended) = run(script, ShellOptions::default());
    let value = |n: u32| format!(" value \n-------\n{n:>6}\n(1 row)\n\n");
    assert_eq!(out, format!("{}BEGIN\nROLLBACK\nSET\nNOTICE\n{}", value(1), value(3)));
    let expected = "pglitedb:<stdin>:4: ERROR:  syntax error at or near \"fail\"\nLINE 1: fail;\n        ^\n\
                    pglitedb:<stdin>:5: ERROR:  current transaction is aborted, commands ignored until end of \
                    transaction block\npglitedb:<stdin>:9: NOTICE:  hm\n";
    assert_eq!(errors, expected);
    assert_eq!(ended, Ended::Normally);
    let (out, _, ended) = run("fail; select 1;", ShellOptions { stop_on_error: true, ..Default::default() });
    assert_eq!((out.as_str(), ended), ("", Ended::AtError));
}

#[test]
fn copying() {
    let script = "copy in;\n123\n456\n\\.\ncopy out 2;\nselect 1 \\gx\n\\q\nselect 2;";
    let (out, errors, _) = run(script, ShellOptions::default());
    assert_eq!(out, "COPY 8\nrow 0\nrow 1\n-[ RECORD 1 ]\nvalue | 1\n\n");
    assert_eq!(errors, "");
    let (out, errors, _) =
        run("copy in;\nbad\n\\.\nselect 1;", ShellOptions { quiet: true, ..Default::default() });
    assert!(errors.contains("ERROR:  bad data"), "{errors}");
    assert!(out.contains("(1 row)"), "{out}");
}

#[test]
fn commands_and_large_results() {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let options = ShellOptions { quiet: true, ..Default::default() };
    let mut shell = Shell::new(session(), options, &mut out, &mut errors);
    assert_eq!(shell.command("\\t on").unwrap(), Ended::Normally);
    assert_eq!(shell.command("rows 50000").unwrap(), Ended::Normally);
    assert_eq!(shell.command("select 1; fail").unwrap(), Ended::AtError);
    assert_eq!(shell.command("\\nonsense").unwrap(), Ended::Normally);
    drop(shell);
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 50_001 + 2);
    assert!(String::from_utf8(errors).unwrap().contains("invalid command \\nonsense"));
}
