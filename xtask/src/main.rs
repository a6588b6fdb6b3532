//! Chores of the workspace: `cargo xtask help` lists them.

fn main() {
    println!("no chores yet");
}
