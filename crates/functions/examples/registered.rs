//! Prints the names of all registered functions, one a line: what coverage is counted from.

fn main() {
    let start = std::time::Instant::now();
    let registry = pglitedb_functions::builtins();
    eprintln!("registry built in {:?}", start.elapsed());
    let mut names: Vec<_> = registry.names().collect();
    names.sort_unstable();
    for name in names {
        println!("{name}");
    }
}
