//! How much memory there is.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of memory that this process could have: the machine's, or less if its control groups allow less. `None` where that is not known
/// (other systems than Linux).
pub fn memory_limit() -> Option<u64> {
    memory_limit_at(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
}

fn memory_limit_at(proc: &Path, groups: &Path) -> Option<u64> {
    let machine = machine_memory(&fs::read_to_string(proc.join("meminfo")).ok()?)?;
    let of_groups = fs::read_to_string(proc.join("self/cgroup")).unwrap_or_default();
    let limits = limit_files(&of_groups, groups);
    let limits = limits.iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
    Some(limits.fold(machine, u64::min))
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn machine_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// The files with the limits of the groups in `/proc/self/cgroup` and of those above them. ("max" in one is no limit.)
fn limit_files(of_groups: &str, root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in of_groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (root, name) = match controllers {
            "" => (root.to_path_buf(), "memory.max"),
            "memory" => (root.join("memory"), "memory.limit_in_bytes"),
            _ => continue,
        };
        let group = root.join(path.trim_start_matches('/'));
        files.extend(group.ancestors().take_while(|at| at.starts_with(&root)).map(|at| at.join(name)));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_limit_counts() {
        let dir = std::env::temp_dir().join(format!("pglitedb-memory-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/meminfo", "MemTotal:       16384 kB\nMemFree:  12 kB\n");
        let limit = || memory_limit_at(&dir.join("proc"), &dir.join("cgroup"));
        assert_eq!(limit(), Some(16 << 20));
        write("proc/self/cgroup", "5:cpu:/\n4:memory:/a\n0::/b/c\n");
        write("cgroup/b/c/memory.max", "max\n");
        assert_eq!(limit(), Some(16 << 20));
        write("cgroup/b/memory.max", "8388608\n");
        assert_eq!(limit(), Some(8 << 20));
        write("cgroup/memory/a/memory.limit_in_bytes", "4194304\n");
        write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(limit(), Some(4 << 20));
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn this_machine_has_memory() {
        if cfg!(target_os = "linux") {
            assert!(memory_limit().is_some_and(|bytes| bytes > 1 << 20));
        }
    }
}
