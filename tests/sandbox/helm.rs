//! Where helm comes from: what the machine has, else what we built once, else a build now.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::go_tools::{GoTools, version_of};

/// The oldest that does all that the charts are tested with. What comes after 3 has other words for some of it.
const OLDEST: (u32, u32) = (3, 17);

const HELM: GoTools = GoTools {
    folder: "helm",
    what: "helm",
    programs: "helm",
    ways_out: "\
no helm found on this machine, and Go is missing to build one. Any of these helps:
  install Go 1.26 or newer (https://go.dev/dl/); the build takes two minutes, once
  install Helm 3.17 or newer of version 3 (https://helm.sh/docs/intro/install/)
  export HELM=…   the program",
    stamp: version_flags,
    finish: |_| Ok(()),
    complete: |folder| folder.join("helm").is_file(),
};

/// Prints where helm is; builds it into the cache if there is none.
pub(crate) async fn run() -> anyhow::Result<()> {
    let helm = find_or_build().await?;
    writeln!(std::io::stdout(), "{}", helm.display())?;
    Ok(())
}

async fn find_or_build() -> anyhow::Result<PathBuf> {
    if let Some(given) = env::var_os("HELM").map(PathBuf::from) {
        return match version_said(&given).filter(|version| will_do(*version)) {
            Some(_) => Ok(given),
            None => bail!("HELM is {}, which is no Helm 3.17 or newer of version 3", given.display()),
        };
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut programs = env::split_paths(&folders).map(|folder| folder.join("helm")).filter(|path| path.is_file());
    if let Some(found) = programs.find(|path| version_said(path).is_some_and(will_do)) {
        return Ok(found);
    }
    let folder = HELM.cached_or_built().await?;
    Ok(folder.join("helm"))
}

fn will_do(version: (u32, u32)) -> bool {
    version >= OLDEST && version.0 == OLDEST.0
}

/// What the program says of itself.
fn version_said(helm: &Path) -> Option<(u32, u32)> {
    let mut command = Command::new(helm);
    command.args(["version", "--template", "{{.Version}}"]).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().context("helm does not start").ok()?;
    parsed(std::str::from_utf8(&output.stdout).ok()?)
}

fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Its own version, and that of Kubernetes which `helm template` and `helm lint` take a cluster to have.
fn version_flags(go_mod: &str) -> String {
    let version = version_of(go_mod, "helm.sh/helm/v3").unwrap_or("3.0.0");
    let client = version_of(go_mod, "k8s.io/client-go").unwrap_or("0.30.0");
    let minor = client.split('.').nth(1).unwrap_or_default();
    let of_kubernetes = ["chartutil", "lint/rules"]
        .map(|package| format!(" -X helm.sh/helm/v3/pkg/{package}.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/{package}.k8sVersionMinor={minor}"));
    format!("-X helm.sh/helm/v3/internal/version.version=v{version}{}", of_kubernetes.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helm_that_is_too_old_or_too_new_is_left_out() {
        for (said, wanted) in
            [("v3.16.4", false), ("v3.17.0", true), ("v3.21.4+g1234567\n", true), ("v4.0.1", false), ("v2.17.0", false)]
        {
            assert_eq!(parsed(said).is_some_and(will_do), wanted, "{said}");
        }
        assert_eq!(parsed("helm"), None);
    }

    #[test]
    fn its_versions_are_those_of_the_modules() {
        let flags = version_flags("\thelm.sh/helm/v3 v3.21.4 // indirect\n\tk8s.io/client-go v0.36.2 // indirect\n");
        assert!(
            flags.contains("version.version=v3.21.4 ") && flags.contains("chartutil.k8sVersionMinor=36"),
            "{flags}"
        );
    }
}
