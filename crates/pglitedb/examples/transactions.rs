//! Transactions: commit, roll back, savepoints, isolation levels, retries.
//!
//! `cargo run -p pglitedb --example transactions`

use pglitedb::{Connection, Database, IsolationLevel, Result};

fn balance(connection: &mut Connection, owner: &str) -> Result<i64> {
    connection.query_one("SELECT balance FROM account WHERE owner = $1", &[&owner])?.try_get(0)
}

fn transfer(connection: &mut Connection, from: &str, to: &str, amount: i64) -> Result<()> {
    let mut transaction = connection.transaction()?;
    transaction.execute("UPDATE account SET balance = balance - $1 WHERE owner = $2", &[&amount, &from])?;
    transaction.execute("UPDATE account SET balance = balance + $1 WHERE owner = $2", &[&amount, &to])?;
    // Without this, for example because of a `?` above, everything is rolled back.
    transaction.commit()
}

fn main() -> Result<()> {
    let database = Database::in_memory()?;
    let mut connection = database.connect()?;
    connection.batch_execute(
        "CREATE TABLE account (owner text PRIMARY KEY, balance bigint CHECK (balance >= 0));
         INSERT INTO account VALUES ('Ada', 100), ('Bob', 0);",
    )?;

    transfer(&mut connection, "Ada", "Bob", 30)?;
    let error = transfer(&mut connection, "Ada", "Bob", 1000).unwrap_err();
    println!("{error}");
    assert_eq!(error.sqlstate(), "23514");
    assert_eq!((balance(&mut connection, "Ada")?, balance(&mut connection, "Bob")?), (70, 30));

    // A savepoint keeps the transaction usable after an error.
    let mut transaction = connection.transaction()?;
    transaction.execute("INSERT INTO account VALUES ('Cyd', 1)", &[])?;
    let mut savepoint = transaction.transaction()?;
    assert!(
        savepoint.execute("INSERT INTO account VALUES ('Ada', 1)", &[]).unwrap_err().is_unique_violation()
    );
    savepoint.rollback()?;
    transaction.commit()?;
    assert_eq!(balance(&mut connection, "Cyd")?, 1);

    // A report sees one state of the database, whatever others commit meanwhile.
    let mut other = database.connect()?;
    let mut report = connection
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()?;
    let before = balance(&mut report, "Ada")?;
    transfer(&mut other, "Ada", "Bob", 10)?;
    assert_eq!(balance(&mut report, "Ada")?, before);
    report.commit()?;

    // As if alone, and again if that was not so.
    let total = connection.with_retries(IsolationLevel::Serializable, 10, |transaction| {
        let total: i64 =
            transaction.query_one("SELECT sum(balance)::bigint FROM account", &[])?.try_get(0)?;
        transaction.execute("INSERT INTO account VALUES ('total', $1)", &[&total])?;
        Ok(total)
    })?;
    println!("total: {total}");
    assert_eq!(total, 101);
    Ok(())
}
