//! COPY: many rows in and out, as CSV and as text.
//!
//! `cargo run -p pglitedb --example copy`

use pglitedb::Database;
use std::io::{BufRead, Read, Write};

const ROWS: u32 = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::in_memory()?;
    let mut connection = database.connect()?;
    connection.batch_execute("CREATE TABLE reading (at int, sensor text, value float8)")?;

    // Whatever writes to a `Write` can fill a table.
    let mut writer = connection.copy_in("COPY reading FROM STDIN (FORMAT csv)")?;
    for at in 0..ROWS {
        writeln!(writer, "{at},\"sensor, {}\",{}", at % 10, f64::from(at) / 4.0)?;
    }
    let copied = writer.finish()?;
    assert_eq!(copied, u64::from(ROWS));

    // Wrong data: nothing is copied.
    let mut writer = connection.copy_in("COPY reading FROM STDIN")?;
    writer.write_all(b"1\ta\t0.5\nnot a number\tb\t1.5\n")?;
    let error = writer.finish().unwrap_err();
    println!("{error}");
    assert_eq!(error.sqlstate(), "22P02");

    // A table or a query out, read as it comes.
    let reader = connection.copy_out("COPY reading TO STDOUT")?;
    assert_eq!(reader.lines().count(), ROWS as usize);
    let mut csv = String::new();
    connection
        .copy_out("COPY (SELECT sensor, count(*) FROM reading GROUP BY sensor ORDER BY sensor LIMIT 1) TO STDOUT CSV HEADER")?
        .read_to_string(&mut csv)?;
    print!("{csv}");
    assert_eq!(csv, "sensor,count\n\"sensor, 0\",2000\n");
    Ok(())
}
