//! The control plane that is built from `tests/controlplane`.

use std::fs;

use super::binaries::Binaries;
use crate::go_tools::{GoTools, version_of};

/// Its programs.
pub(super) const CONTROL_PLANE: GoTools = GoTools {
    folder: "controlplane",
    what: "the control plane",
    programs: "kube-apiserver, etcd, kube-controller-manager, kubectl",
    ways_out: "\
no control plane found on this machine, and Go is missing to build one. Any of these helps:
  install Go 1.26 or newer (https://go.dev/dl/); the build takes a few minutes, once
  setup-envtest use             keeps one under ~/.local/share/kubebuilder-envtest
  export KUBEBUILDER_ASSETS=…   a folder with kube-apiserver, etcd and kubectl",
    stamp: version_flags,
    finish: |folder| fs::rename(folder.join("server"), folder.join("etcd")),
    complete: |folder| Binaries::in_folder(folder).is_ok(),
};

/// Without these the server calls itself v0.0.0, and kubectl refuses some things.
fn version_flags(go_mod: &str) -> String {
    let version = version_of(go_mod, "k8s.io/kubernetes").unwrap_or("0.0.0");
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let package = "k8s.io/component-base/version";
    format!("-X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}")
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
