//! What a release consists of, used as people use it. Its programs are stand-ins that start those under test: packing is
//! what is looked at.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::process::{Finished, Program};
use crate::support::{Cluster, built, judges};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const PLUGINS: [&str; 2] = ["smlogs", "sagemaker"];

/// The files of a release.
struct Release {
    scratch: TempDir,
}

impl Release {
    /// One for these machines, packed one after the other as a workflow does it.
    fn of(machines: &[(&str, &str)]) -> Self {
        let release = Self { scratch: tempfile::tempdir().expect("there is room") };
        let programs = release.place("programs");
        fs::create_dir(&programs).expect("a folder can be made");
        for name in ["kubectl-smlogs", "kubectl-sagemaker", "sagemaker-operator"] {
            let path = programs.join(name);
            let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", built::binaries().join(name).display());
            fs::write(&path, script).expect("it can be written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        }
        for (os, arch) in machines {
            let pack = Program::tied(&built::root().join("dist/pack")).arg(&programs).args([os, arch, VERSION]);
            // Any certificates do: which they are is the machine's business.
            pack.arg(release.folder()).env("SSL_CERT_FILE", built::root().join("LICENSE")).run().ok();
        }
        release
    }

    fn place(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn folder(&self) -> PathBuf {
        self.place("release")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Runs commands in an empty folder beside the release; `kubectl` is known there, and no plugin of ours.
    #[track_caller]
    fn shell(&self, script: &str) -> String {
        let home = self.place("home");
        fs::create_dir_all(&home).expect("a folder can be made");
        let script = format!("cd '{}'\n{script}", home.display());
        let kubectl = Cluster::shared().kubectl_path().parent().expect("it lies in a folder");
        let path = format!("{}:{}", kubectl.display(), std::env::var("PATH").expect("there is a PATH"));
        Program::tied("/bin/sh".as_ref()).args(["-euc", &script]).env("PATH", path).env("HOME", home).run().ok()
    }

    fn krew_install(&self, manifest: &Path, archive: &str) -> Finished {
        let install = judges::krew(&self.place("krew"), "linux", "amd64").args(["install", "--manifest"]).arg(manifest);
        install.arg("--archive").arg(self.file(archive)).run()
    }
}

#[test]
fn a_plugin_is_untarred_and_used_as_the_guide_says() {
    let release = Release::of(&[("linux", "amd64")]);
    let said = release.shell(
        "(cd ../release && sha256sum --check --quiet --strict SHA256SUMS)
        export os=linux
        tar xzf ../release/kubectl-smlogs.${os}.amd64.tar.gz
        mkdir ~/sagemaker-k8s-bin
        cp ./kubectl-smlogs.${os}.amd64/kubectl-smlogs ~/sagemaker-k8s-bin/.
        export PATH=$PATH:~/sagemaker-k8s-bin
        kubectl plugin list
        kubectl smlogs --version
        head -n 2 kubectl-smlogs.${os}.amd64/LICENSE",
    );
    assert!(said.contains("/sagemaker-k8s-bin/kubectl-smlogs\n"), "{said}");
    assert!(said.contains(VERSION) && said.contains("Apache License"), "{said}");

    // The same again is the same to the byte.
    let again = Release::of(&[("linux", "amd64")]);
    let sums = |release: &Release| fs::read_to_string(release.file("SHA256SUMS")).expect("it is made");
    assert_eq!(sums(&release), sums(&again));
    assert_eq!(sums(&release).lines().count(), 7, "{}", sums(&release));
}

#[test]
fn the_manifests_are_all_that_the_pages_name() {
    let release = Release::of(&[("linux", "amd64")]);
    let names = release.shell("tar tzf ../release/manifests.tar.gz");
    for name in [
        "LICENSE",
        "dist/crds/sagemaker.aws.amazon.com_trainingjobs.yaml",
        "dist/rolebased/namespaced/operator.yaml",
        "dist/charts/installer/rolebased/Chart.yaml",
        "dist/kustomize/base/kustomization.yaml",
        "dist/iam/policy-all.json",
        "dist/docs/install.md",
    ] {
        assert!(names.lines().any(|line| line == name), "{name} is not in it:\n{names}");
    }
}

#[test]
fn krew_takes_the_manifests_and_installs_both_plugins() {
    let release = Release::of(&[("darwin", "arm64"), ("linux", "amd64")]);
    for plugin in PLUGINS {
        let manifest = release.file(&format!("{plugin}.yaml"));
        judges::krew_manifest(&manifest).run().ok();
        let text = fs::read_to_string(&manifest).expect("it is made");
        let written: Value = serde_yaml::from_str(&text).expect("YAML");
        assert_eq!(written["spec"]["platforms"].as_array().map(Vec::len), Some(2), "{text}");

        release.krew_install(&manifest, &format!("kubectl-{plugin}.linux.amd64.tar.gz")).ok();
        let installed = Program::tied(&release.place("krew").join(format!("bin/kubectl-{plugin}")));
        assert!(installed.arg("--version").run().ok().contains(VERSION));
        let store = release.place("krew").join(format!("store/{plugin}/v{VERSION}"));
        assert!(store.join("LICENSE").is_file(), "krew has no licence at {}", store.display());
    }

    // Another file than the one that was summed up is not installed, and a manifest with a fault is not taken.
    let other = release.place("other.yaml");
    let text = fs::read_to_string(release.file("smlogs.yaml")).expect("it is made");
    fs::write(&other, text.replace("\"smlogs\"", "\"other\"")).expect("it can be written");
    judges::krew_manifest(&other).run().ok();
    let refused = release.krew_install(&other, "kubectl-sagemaker.linux.amd64.tar.gz");
    assert!(refused.code() == 1 && refused.stderr.contains("checksum does not match"), "{}", refused.stderr);
    fs::write(&other, text.replace("\"smlogs\"", "\"other\"").replace("\"arch\"", "\"cpu\""))
        .expect("it can be written");
    assert_ne!(judges::krew_manifest(&other).run().code(), 0);
}
