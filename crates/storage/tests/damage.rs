//! Damaged, foreign, missing and newer files.

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::*;
use pglitedb_platform::{CrashMode, SeededRandom, SimFs};
use pglitedb_storage::*;

/// A database that was not stopped cleanly: some of it in the base, some in the log.
fn database() -> (SimFs, Config, State) {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    for n in 0..60u8 {
        let txn = engine.begin(BeginOptions::default());
        txn.put(STORAGES[0], &[n], &[n; 200]).unwrap();
        engine.wait_durable(txn.commit(CommitMode::Engine).unwrap().wait).unwrap();
        if n == 20 {
            engine.checkpoint().unwrap();
        }
    }
    let state = content(&engine);
    fs.crash(CrashMode::LoseUnsynced, 0);
    drop(engine);
    (fs, config, state)
}

fn logs(fs: &SimFs) -> Vec<PathBuf> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut logs = fs.paths();
    logs.retain(|path| name(path).is_some_and(|name| name.starts_with("log-")));
    logs
}

fn base() -> PathBuf {
    Path::new(DIR).join("base")
}

fn change(fs: &SimFs, path: &Path, f: impl FnOnce(&mut Vec<u8>)) {
    let mut content = fs.content(path).unwrap();
    f(&mut content);
    fs.set_content(path, content);
}

fn opened(fs: &SimFs, config: &Config) -> Result<State> {
    open(fs, config).map(|engine| content(&engine))
}

fn failure(fs: &SimFs, config: &Config) -> Error {
    match open(fs, config) {
        Ok(_) => panic!("a damaged database was opened"),
        Err(error) => error,
    }
}

#[test]
fn a_flipped_bit_in_the_synced_log_is_noticed() {
    let (whole, config, state) = database();
    assert_eq!(opened(&whole.fork(), &config).unwrap(), state);
    let log = logs(&whole).into_iter().next_back().unwrap();
    let len = whole.content(&log).unwrap().len();
    let (mut noticed, mut harmless) = (0, 0);
    for at in (64..len).step_by(37) {
        let fs = whole.fork();
        change(&fs, &log, |content| content[at] ^= 4);
        match opened(&fs, &config) {
            Err(Error::Corrupt { .. }) => noticed += 1,
            Err(other) => panic!("byte {at}: {other}"),
            // After the end, before the base's position, or in the very last record, which nothing proves to have been synced.
            Ok(found) if found == state => harmless += 1,
            Ok(found) => assert_eq!(found.len() + 1, state.len(), "byte {at}"),
        }
    }
    assert!(noticed > 50, "{noticed} {harmless}");
}

#[test]
fn a_missing_segment_is_noticed() {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    for n in 0..200u8 {
        let txn = engine.begin(BeginOptions::default());
        txn.put(STORAGES[0], &[n], &[n; 400]).unwrap();
        engine.wait_durable(txn.commit(CommitMode::Engine).unwrap().wait).unwrap();
    }
    fs.crash(CrashMode::LoseUnsynced, 0);
    drop(engine);
    let all = logs(&fs);
    assert!(all.len() >= 4, "{all:?}");
    for path in &all[..all.len() - 1] {
        let fs = fs.fork();
        pglitedb_platform::Fs::remove(&fs, path).unwrap();
        assert!(matches!(failure(&fs, &config), Error::Corrupt { .. }), "{path:?}");
    }
    for (index, path) in all.iter().enumerate() {
        let fs = fs.fork();
        change(&fs, path, |content| content[30] ^= 1);
        assert!(matches!(failure(&fs, &config), Error::Corrupt { .. }), "header of {index}");
        let cut = fs.fork();
        change(&cut, path, |content| content.truncate(40));
        assert!(matches!(failure(&cut, &config), Error::ForeignFile { .. }), "header of {index}");
    }
}

#[test]
fn headers_are_checked() {
    let (whole, config, _) = database();
    let fs = whole.fork();
    change(&fs, &base(), |content| content[0] = b'X');
    assert!(matches!(failure(&fs, &config), Error::ForeignFile { .. }));
    let fs = whole.fork();
    change(&fs, &base(), |content| content[16] = 200);
    assert!(matches!(failure(&fs, &config), Error::VersionTooNew { found: 200, .. }));
    let fs = whole.fork();
    change(&fs, &base(), |content| content[25] ^= 1);
    assert!(matches!(failure(&fs, &config), Error::Corrupt { .. }));
    let fs = whole.fork();
    change(&fs, &base(), |content| content.truncate(4096));
    assert!(matches!(failure(&fs, &config), Error::Corrupt { .. }));
    let fs = whole.fork();
    pglitedb_platform::Fs::remove(&fs, &base()).unwrap();
    assert!(matches!(failure(&fs, &config), Error::Corrupt { .. }));
    // The log of another database.
    let (other, ..) = database();
    let fs = whole.fork();
    let log = logs(&whole).into_iter().next_back().unwrap();
    fs.set_content(&log, other.content(&log).unwrap());
    assert!(matches!(failure(&fs, &config), Error::ForeignFile { .. }));
}

#[test]
fn foreign_directories_are_left_alone() {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    fs.set_content(&Path::new(DIR).join("letter.txt"), b"dear".to_vec());
    assert!(matches!(failure(&fs, &config), Error::ForeignFile { .. }));
    assert_eq!(fs.paths().len(), 1);
    let absent = SimFs::new();
    let error = failure(&absent, &Config { create: false, ..config });
    assert!(matches!(error, Error::NotFound { .. }));
}

#[test]
fn a_second_opening_is_refused() {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    assert!(matches!(failure(&fs, &config), Error::LockedByOther { pid: Some(_), .. }));
    engine.close().unwrap();
    assert!(open(&fs, &config).is_ok());

    let dir = std::env::temp_dir().join(format!("pglitedb-lock-{}", std::process::id()));
    let engine = Engine::open(&dir, Config::production()).unwrap();
    let second = Engine::open(&dir, Config::production());
    assert!(
        matches!(second.err(), Some(Error::LockedByOther { pid: Some(pid), .. }) if pid == std::process::id())
    );
    drop(engine);
    drop(Engine::open(&dir, Config::production()).unwrap());
    std::fs::remove_dir_all(&dir).unwrap();
}

/// Whatever is in the base file, there is an error or an answer, but no panic and no endless loop.
#[test]
fn random_damage_to_the_base_does_no_more_than_fail() {
    let config = config(SyncMode::Full);
    let whole = SimFs::new();
    let engine = open(&whole, &config).unwrap();
    for storage in STORAGES {
        let txn = engine.begin(BeginOptions::default());
        for n in 0..500u32 {
            txn.put(storage, &n.to_be_bytes(), &[n as u8; 60]).unwrap();
        }
        txn.commit(CommitMode::Engine).unwrap();
    }
    engine.close().unwrap();
    let random = SeededRandom::new(11);
    let len = whole.content(&base()).unwrap().len() as u64;
    let mut failures = 0;
    for _ in 0..150 {
        let fs = whole.fork();
        change(&fs, &base(), |content| {
            for _ in 0..20 {
                // Mostly where there is something.
                let at = 4096 + random.below((len - 4096).min(300_000));
                content[at as usize] = random.next() as u8;
            }
        });
        failures += usize::from(read_all(&fs, &config).is_err());
    }
    assert!(failures > 0);
}

fn read_all(fs: &SimFs, config: &Config) -> Result<usize> {
    let engine = open(fs, config)?;
    let txn = engine.begin(BeginOptions::default());
    let snapshot = txn.snapshot();
    let mut entries = 0;
    for storage in STORAGES {
        let mut cursor = txn.scan(storage, KeyRange::all(), Direction::Backward, &snapshot);
        while cursor.next()?.is_some() {
            entries += 1;
            assert!(entries < 100_000);
        }
        txn.get(storage, &7u32.to_be_bytes(), &snapshot)?;
        engine.storage_stats(storage)?;
    }
    txn.put(STORAGES[0], b"new", b"new")?;
    txn.commit(CommitMode::Engine)?;
    engine.checkpoint()?;
    Ok(entries)
}

#[test]
fn verify_finds_damage() {
    let (whole, ..) = database();
    let verify = |fs: &SimFs| Engine::verify(Arc::new(fs.clone()), Path::new(DIR)).unwrap();
    assert_eq!(verify(&whole.fork()), Vec::<String>::new());
    let fs = whole.fork();
    let log = logs(&whole).into_iter().next_back().unwrap();
    let len = whole.content(&log).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    change(&fs, &log, |content| content[len / 2] ^= 1);
    assert_eq!(verify(&fs).len(), 1);
}

#[test]
fn compacting_keeps_everything() {
    let (fs, config, state) = database();
    assert_eq!(opened(&fs, &Config { compact: true, ..config }).unwrap(), state);
}
