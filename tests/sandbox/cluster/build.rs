//! Building the control plane from `tests/controlplane`, once, into the user's cache.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use super::binaries::{Binaries, user_folder};
use crate::place;
use crate::progress::{self, Step};
use crate::{program, tied};

/// Shown where there is neither a control plane nor a way to build one.
const WAYS_OUT: &str = "\
no control plane found on this machine, and Go is missing to build one. Any of these helps:
  install Go 1.26 or newer (https://go.dev/dl/); the build takes a few minutes, once
  setup-envtest use             keeps one under ~/.local/share/kubebuilder-envtest
  export KUBEBUILDER_ASSETS=…   a folder with kube-apiserver, etcd and kubectl";

/// The folder with the binaries of this go.mod and go.sum.
pub(super) async fn cached_or_built() -> anyhow::Result<PathBuf> {
    let source = place::root().join("tests/controlplane");
    let key = key(&source)?;
    let cache = user_folder("XDG_CACHE_HOME", ".cache")
        .context("neither XDG_CACHE_HOME nor HOME says where to keep the control plane")?
        .join("sagemaker-operator/controlplane");
    let folder = cache.join(&key);
    if Binaries::in_folder(&folder).is_ok() {
        return Ok(folder);
    }
    fs::create_dir_all(&cache).with_context(|| format!("failed to create {}", cache.display()))?;
    // Held until the build is in its place. The kernel lets go of it if we die.
    let _lock = lock(&cache.join(format!("{key}.lock"))).await?;
    if Binaries::in_folder(&folder).is_err() {
        let unfinished = cache.join(format!("{key}.unfinished"));
        let _ = fs::remove_dir_all(&unfinished);
        build(&source, &unfinished).await?;
        fs::rename(unfinished.join("server"), unfinished.join("etcd")).context("go built no etcd")?;
        let _ = fs::remove_dir_all(&folder);
        fs::rename(&unfinished, &folder)?;
    }
    Ok(folder)
}

fn key(source: &Path) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    for name in ["go.mod", "go.sum"] {
        let path = source.join(name);
        hash.update(fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?);
    }
    Ok(format!("{:x}", hash.finalize())[..16].to_owned())
}

async fn lock(path: &Path) -> anyhow::Result<File> {
    let file = File::create(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(error.into()),
        Err(TryLockError::WouldBlock) => {
            progress::note("another process is building the control plane; waiting for it");
            let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
            Ok(locked.await??)
        }
    }
}

async fn build(source: &Path, into: &Path) -> anyhow::Result<()> {
    if Command::new("go").arg("version").stdout(Stdio::null()).status().is_err() {
        bail!(WAYS_OUT);
    }
    let mut step = Step::start("build");
    step.update("looking for what is to be built: kube-apiserver, etcd and kubectl, once; a few minutes");
    let version = version_flags(&fs::read_to_string(source.join("go.mod"))?);
    let go = |verb: &str, last: &[&OsStr]| -> anyhow::Result<Command> {
        let mut go = tied::command("go")?;
        go.args([verb, "-trimpath", "-ldflags", &version]).args(last).current_dir(source);
        go.env("CGO_ENABLED", "0").env("GOWORK", "off").env_remove("GOFLAGS");
        Ok(go)
    };

    // A package in Go's own build cache will not be built again.
    let stale = r#"{{if .Stale}}{{if ne .StaleReason "not installed but available in build cache"}}+{{end}}{{end}}"#;
    let list = go("list", &["-deps", "-f", stale, "tool"].map(OsStr::new))?;
    let total = program::to_end(list, "go list", |line| step.update(line)).await?.matches('+').count();

    let mut built = 0;
    let command = go("build", &["-v".as_ref(), "-o".as_ref(), into.join("").as_os_str(), "tool".as_ref()])?;
    program::to_end(command, "building the control plane", |package| {
        built += 1;
        match total.saturating_sub(built) {
            0 => step.update("linking"),
            left => step.update(format_args!("{package}, {left} of {total} packages to go")),
        }
    })
    .await?;
    step.done("kube-apiserver, etcd, kube-controller-manager, kubectl");
    Ok(())
}

/// Without these the server calls itself v0.0.0, and kubectl refuses some things.
fn version_flags(go_mod: &str) -> String {
    let version =
        go_mod.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v")?.split_whitespace().next());
    let version = version.unwrap_or("0.0.0");
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let package = "k8s.io/component-base/version";
    format!("-s -w -X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_version_is_that_of_the_module() {
        let flags = version_flags("require (\n\tk8s.io/kubernetes v1.36.3 // indirect\n)");
        assert!(flags.contains("version.gitVersion=v1.36.3 ") && flags.ends_with("version.gitMinor=36"), "{flags}");
    }
}
