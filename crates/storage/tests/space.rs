//! How much space the base file takes.

mod common;

use std::path::Path;

use common::*;
use pglitedb_platform::SimFs;
use pglitedb_storage::*;

#[test]
fn checkpoints_that_replace_everything_need_twice_the_space() {
    let config = Config { page_cache_size: 16 << 20, ..config(SyncMode::Off) };
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    let size = || fs.content(&Path::new(DIR).join("base")).unwrap().len();
    let mut once = 0;
    for round in 0..8u8 {
        let txn = engine.begin(BeginOptions::default());
        for n in 0..30_000u32 {
            txn.put(STORAGES[0], &n.to_be_bytes(), &[round; 100]).unwrap();
        }
        txn.commit(CommitMode::Engine).unwrap();
        engine.checkpoint().unwrap();
        if round == 0 {
            once = size();
        }
    }
    println!("after one checkpoint {once} bytes, after eight {}", size());
    // The file grows by doubling.
    assert!(size() <= 2 * once + once / 10, "{} bytes, {once} after the first checkpoint", size());
}
