//! Chores of the workspace: `cargo xtask help` lists them.

mod layers;
mod ratchet;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask layers             fail on a crate dependency in the wrong direction (reads `cargo metadata`)
cargo xtask tidy               house rules: file lengths, module docs, stray white space
cargo xtask ratchet FILE       compare the regression score's JSON in FILE with docs/regress-ratchet.txt
cargo xtask ratchet FILE --update   write the ratchet file from FILE (numbers may only go up)
";

/// The workspace's root.
fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or(own.clone(), std::path::Path::to_path_buf)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["layers"] => layers::check(&root()),
        ["tidy"] => tidy::check(&root()),
        ["ratchet", file] => ratchet::check(&root(), file, false),
        ["ratchet", file, "--update"] => ratchet::check(&root(), file, true),
        _ => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
    };
    match result {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    /// The crates' dependencies point one way.
    #[test]
    fn dependencies_point_down() {
        if let Err(message) = crate::layers::check(&crate::root()) {
            panic!("{message}");
        }
    }

    /// House rules hold.
    #[test]
    fn sources_are_tidy() {
        if let Err(message) = crate::tidy::check(&crate::root()) {
            panic!("{message}");
        }
    }
}
