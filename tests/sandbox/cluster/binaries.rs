//! Where the control plane's binaries come from: what the machine has, else what we built once, else a build now.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::build::CONTROL_PLANE;
use crate::place::user_folder;

/// The programs of a control plane.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    pub(crate) etcd: PathBuf,
    pub(crate) kube_apiserver: PathBuf,
    /// Collects garbage and empties deleted namespaces. Archives made for envtest do not have it.
    pub(crate) kube_controller_manager: Option<PathBuf>,
    pub(crate) kubectl: PathBuf,
}

/// Finds the binaries, in this order: `KUBEBUILDER_ASSETS`, the newest folder of setup-envtest, our own cache. Builds
/// into the cache if there are none.
pub(crate) async fn find_or_build() -> anyhow::Result<Binaries> {
    if let Some(folder) = env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from) {
        return match Binaries::in_folder(&folder) {
            Ok(binaries) => Ok(binaries),
            Err(missing) => bail!("KUBEBUILDER_ASSETS is {}, which has no {missing}", folder.display()),
        };
    }
    if let Some(binaries) = setup_envtest_folders().iter().find_map(|folder| Binaries::in_folder(folder).ok()) {
        return Ok(binaries);
    }
    let folder = CONTROL_PLANE.cached_or_built().await?;
    Binaries::in_folder(&folder)
        .map_err(|missing| anyhow::anyhow!("{} has no {missing}", folder.display()))
        .with_context(|| format!("the cache is damaged; remove {}", folder.display()))
}

impl Binaries {
    /// The binaries in `folder`, or the name of one that is missing there.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, &'static str> {
        // The servers run in folders of their own.
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let optional = |name| Some(folder.join(name)).filter(|path| path.is_file());
        let needed = |name| optional(name).ok_or(name);
        Ok(Self {
            etcd: needed("etcd")?,
            kube_apiserver: needed("kube-apiserver")?,
            kube_controller_manager: optional("kube-controller-manager"),
            kubectl: needed("kubectl")?,
        })
    }
}

/// What setup-envtest has downloaded, newest first.
fn setup_envtest_folders() -> Vec<PathBuf> {
    let Some(store) = user_folder("XDG_DATA_HOME", ".local/share") else { return Vec::new() };
    let Ok(entries) = fs::read_dir(store.join("kubebuilder-envtest/k8s")) else { return Vec::new() };
    let mut folders: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((version_of(path.file_name()?.to_str()?)?, path))
        })
        .collect();
    folders.sort();
    folders.into_iter().rev().map(|(_, path)| path).collect()
}

/// The version in a name such as `1.36.3-linux-amd64`, if it is for this machine.
fn version_of(name: &str) -> Option<Vec<u32>> {
    let arch = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let os = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
    let version = name.strip_suffix(&format!("-{os}-{arch}"))?;
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_needed_binary_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["etcd", "kubectl"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(Binaries::in_folder(folder.path()).unwrap_err(), "kube-apiserver");
        fs::write(folder.path().join("kube-apiserver"), "").unwrap();
        assert!(Binaries::in_folder(folder.path()).unwrap().kube_controller_manager.is_none());
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    #[test]
    fn versions_are_compared_as_numbers_and_other_machines_are_left_out() {
        assert!(version_of("1.36.3-linux-amd64") > version_of("1.9.12-linux-amd64"));
        assert_eq!(version_of("1.36.3-linux-arm64"), None);
        assert_eq!(version_of("latest-linux-amd64"), None);
    }
}
