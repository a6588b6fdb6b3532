//! The first steps: open, create, insert, ask.
//!
//! `cargo run -p pglitedb --example quickstart`

use pglitedb::{Database, Result};

fn main() -> Result<()> {
    let directory = std::env::temp_dir().join(format!("pglitedb-quickstart-{}", std::process::id()));
    let database = Database::open(&directory)?;
    let mut connection = database.connect()?;

    connection.batch_execute(
        "CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL);
         CREATE TABLE book (title text PRIMARY KEY, year int, author int REFERENCES author);",
    )?;
    connection.execute("INSERT INTO author VALUES (1, 'Ursula K. Le Guin'), (2, 'Octavia Butler')", &[])?;
    let insert = connection.prepare("INSERT INTO book (title, year, author) VALUES ($1, $2, $3)")?;
    for (title, year, author) in
        [("The Dispossessed", Some(1974), 1), ("Kindred", Some(1979), 2), ("The Lathe of Heaven", None, 1)]
    {
        connection.execute(&insert, &[&title, &year, &author])?;
    }

    let rows = connection.query(
        "SELECT a.name, count(*) AS books, max(b.year) AS latest
         FROM author a JOIN book b ON b.author = a.id GROUP BY a.name ORDER BY a.name",
        &[],
    )?;
    for row in &rows {
        let (name, books, latest): (&str, i64, Option<i32>) =
            (row.get("name"), row.get("books"), row.get("latest"));
        println!("{name}: {books} books, the latest of {latest:?}");
    }
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].get::<_, &str>("name"), "Ursula K. Le Guin");
    assert_eq!(rows[1].get::<_, i64>("books"), 2);

    // What went wrong is said as PostgreSQL says it.
    let error = connection.execute(&insert, &[&"Kindred", &1979, &2]).unwrap_err();
    println!("{error}");
    assert_eq!((error.sqlstate(), error.constraint()), ("23505", Some("book_pkey")));

    // Opened again, everything is there.
    drop((connection, database));
    let database = Database::open(&directory)?;
    let books: i64 = database.connect()?.query_one("SELECT count(*) FROM book", &[])?.get(0);
    assert_eq!(books, 3);
    drop(database);
    let _ = std::fs::remove_dir_all(&directory);
    Ok(())
}
