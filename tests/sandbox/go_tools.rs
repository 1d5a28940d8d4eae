//! Programs built from a Go module below `tests`, once, into the user's cache.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use crate::place;
use crate::progress::{self, Step};
use crate::{program, tied};

/// What a module's `tool` directives name.
pub(crate) struct GoTools {
    /// The module's folder below `tests`, and that of its programs in the cache.
    pub(crate) folder: &'static str,
    /// What it is called.
    pub(crate) what: &'static str,
    /// The programs, as a person reads them.
    pub(crate) programs: &'static str,
    /// What to do on a machine that has neither them nor Go.
    pub(crate) ways_out: &'static str,
    /// What the linker writes into the programs, by the text of go.mod.
    pub(crate) stamp: fn(&str) -> String,
    /// Puts right the names of what was built in that folder.
    pub(crate) finish: fn(&Path) -> io::Result<()>,
    /// Whether all programs are in that folder.
    pub(crate) complete: fn(&Path) -> bool,
}

impl GoTools {
    /// The folder with the programs of this go.mod and go.sum.
    pub(crate) async fn cached_or_built(&self) -> anyhow::Result<PathBuf> {
        let Self { folder, what, programs: _, ways_out: _, stamp: _, finish, complete } = self;
        let source = place::root().join("tests").join(folder);
        let key = key(&source)?;
        let cache = place::user_folder("XDG_CACHE_HOME", ".cache")
            .with_context(|| format!("neither XDG_CACHE_HOME nor HOME says where to keep {what}"))?
            .join("sagemaker-operator")
            .join(folder);
        let folder = cache.join(&key);
        if complete(&folder) {
            return Ok(folder);
        }
        fs::create_dir_all(&cache).with_context(|| format!("failed to create {}", cache.display()))?;
        // Held until the build is in its place. The kernel lets go of it if we die.
        let _lock = lock(&cache.join(format!("{key}.lock")), what).await?;
        if !complete(&folder) {
            let unfinished = cache.join(format!("{key}.unfinished"));
            let _ = fs::remove_dir_all(&unfinished);
            self.build(&source, &unfinished).await?;
            finish(&unfinished).with_context(|| format!("go did not build all of {what}"))?;
            let _ = fs::remove_dir_all(&folder);
            fs::rename(&unfinished, &folder)?;
        }
        Ok(folder)
    }

    async fn build(&self, source: &Path, into: &Path) -> anyhow::Result<()> {
        if Command::new("go").arg("version").stdout(Stdio::null()).status().is_err() {
            bail!(self.ways_out);
        }
        let mut step = Step::start("build");
        step.update(format_args!("looking for what is to be built: {}, once; a few minutes", self.programs));
        let stamp = format!("-s -w {}", (self.stamp)(&fs::read_to_string(source.join("go.mod"))?));
        let go = |verb: &str, last: &[&OsStr]| -> anyhow::Result<Command> {
            let mut go = tied::command("go")?;
            go.args([verb, "-trimpath", "-ldflags", &stamp]).args(last).current_dir(source);
            go.env("CGO_ENABLED", "0").env("GOWORK", "off").env_remove("GOFLAGS");
            Ok(go)
        };

        // A package in Go's own build cache will not be built again.
        let stale =
            r#"{{if .Stale}}{{if ne .StaleReason "not installed but available in build cache"}}+{{end}}{{end}}"#;
        let list = go("list", &["-deps", "-f", stale, "tool"].map(OsStr::new))?;
        let total = program::to_end(list, "go list", |line| step.update(line)).await?.matches('+').count();

        let mut built = 0;
        let into = into.join("");
        let command = go("build", &["-v".as_ref(), "-o".as_ref(), into.as_os_str(), "tool".as_ref()])?;
        program::to_end(command, &format!("building {}", self.what), |package| {
            built += 1;
            match total.saturating_sub(built) {
                0 => step.update("linking"),
                left => step.update(format_args!("{package}, {left} of {total} packages to go")),
            }
        })
        .await?;
        step.done(self.programs);
        Ok(())
    }
}

/// What the programs come from: go.mod, go.sum, and the module's own programs, each in a folder. As .ci/run has it.
fn key(source: &Path) -> anyhow::Result<String> {
    let mut programs: Vec<PathBuf> = fs::read_dir(source)?
        .map(|entry| Ok(entry?.path().join("main.go")))
        .filter(|path| path.as_ref().map_or(true, |path: &PathBuf| path.is_file()))
        .collect::<io::Result<_>>()?;
    programs.sort();
    let mut hash = Sha256::new();
    for path in [source.join("go.mod"), source.join("go.sum")].iter().chain(&programs) {
        hash.update(fs::read(path).with_context(|| format!("failed to read {}", path.display()))?);
    }
    Ok(format!("{:x}", hash.finalize())[..16].to_owned())
}

async fn lock(path: &Path, what: &str) -> anyhow::Result<File> {
    let file = File::create(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(error.into()),
        Err(TryLockError::WouldBlock) => {
            progress::note(format_args!("another process is building {what}; waiting for it"));
            let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
            Ok(locked.await??)
        }
    }
}

/// The version of a module, in the text of a go.mod.
pub(crate) fn version_of<'a>(go_mod: &'a str, module: &str) -> Option<&'a str> {
    let after = |line: &'a str| line.trim().strip_prefix(module)?.strip_prefix(" v")?.split_whitespace().next();
    go_mod.lines().find_map(after)
}
