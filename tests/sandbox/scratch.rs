//! Temporary folders that leave nothing behind, not even after SIGKILL: all lie below one root, named by the process
//! that owns them, and whoever comes next removes those whose process has gone.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, getuid, test_kill_process};
use tempfile::TempDir;

/// etcd allocates its write-ahead log in pieces of 64 MB, and a container's /dev/shm is often no larger.
const ROOM_NEEDED: u64 = 1 << 30;

/// A folder of this process, removed when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: PathBuf,
    folder: Option<TempDir>,
}

impl Scratch {
    /// Makes a new folder, in memory where there is room, after removing those of processes that have gone.
    pub(crate) fn new() -> io::Result<Self> {
        let user = getuid().as_raw();
        Self::below(&spacious_base().join(format!("sagemaker-operator-sandbox-{user}")))
    }

    fn below(root: &Path) -> io::Result<Self> {
        loop {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(root)?;
            sweep(root)?;
            match tempfile::Builder::new().prefix(&format!("{}-", std::process::id())).tempdir_in(root) {
                Ok(folder) => return Ok(Self { root: root.to_owned(), folder: Some(folder) }),
                // Another process has just removed the empty root.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where to put things.
    pub(crate) fn path(&self) -> &Path {
        self.folder.as_ref().map_or(&self.root, TempDir::path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.folder.take());
        // Succeeds for the last one only, which is the intent.
        let _ = fs::remove_dir(&self.root);
    }
}

fn spacious_base() -> PathBuf {
    let memory = Path::new("/dev/shm");
    match rustix::fs::statvfs(memory) {
        Ok(space) if space.f_bavail.saturating_mul(space.f_frsize) >= ROOM_NEEDED => memory.to_owned(),
        Ok(_) | Err(_) => std::env::temp_dir(),
    }
}

fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split_once('-')).and_then(|(pid, _)| pid.parse().ok());
        if owner.and_then(Pid::from_raw).is_some_and(has_gone) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

fn has_gone(process: Pid) -> bool {
    test_kill_process(process) == Err(rustix::io::Errno::SRCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_processes_that_have_gone_are_swept_and_others_stay() {
        let base = tempfile::tempdir().unwrap();
        let root = base.path().join("root");
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let (dead, alive) = (root.join(format!("{}-x", child.id())), root.join("1-x"));
        fs::create_dir_all(dead.join("etcd")).unwrap();
        fs::create_dir_all(&alive).unwrap();

        let scratch = Scratch::below(&root).unwrap();
        assert!(!dead.exists(), "the folder of a dead process is still there");
        assert!(alive.exists() && scratch.path().exists());

        let mine = scratch.path().to_owned();
        drop(scratch);
        assert!(!mine.exists() && alive.exists());
    }

    #[test]
    fn the_last_one_takes_the_root_along() {
        let base = tempfile::tempdir().unwrap();
        let root = base.path().join("root");
        drop(Scratch::below(&root).unwrap());
        assert!(!root.exists());
    }
}
