//! The programs under test, built if they are not as new as their sources.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cluster::ControlPlane;
use crate::progress::Step;
use crate::{cargo, place, program, tied};

const PROGRAMS: [&str; 3] = ["sagemaker-operator", "kubectl-smlogs", "kubectl-sagemaker"];

/// Makes a folder with our programs and kubectl and nothing else, to stand first on a PATH: cargo's own folder holds
/// more, and kubectl complains about each file that looks like a plugin.
pub(super) fn link(built: &Path, control_plane: &ControlPlane) -> anyhow::Result<PathBuf> {
    let folder = control_plane.access().kubeconfig.with_file_name("bin");
    fs::create_dir(&folder)?;
    symlink(&control_plane.binaries().kubectl, folder.join("kubectl"))?;
    for program in PROGRAMS {
        symlink(built.join(program), folder.join(program))?;
    }
    Ok(folder)
}

/// The folder with the operator and both plugins. Cargo tells us where it is itself, and looks whether they are fresh.
pub(super) async fn build() -> anyhow::Result<PathBuf> {
    let this = tied::itself()?;
    let binaries = this.ancestors().nth(2).context("the sandbox lies in target/PROFILE/examples")?.to_owned();
    let Some(itself) = env::var_os("CARGO") else { return Ok(binaries) };

    let mut step = Step::start("programs");
    let mut command = tied::command(itself)?;
    cargo::build(&mut command, &binaries);
    // The example is fresh: we are it. With it in the list, the dependencies have the same features as they have for
    // it and for the tests, and none is built twice.
    command.args(["--bins", "--example", "sandbox"]).current_dir(place::root());
    program::to_end(command, "cargo build", |line| step.update(line.trim())).await?;
    step.done(PROGRAMS.join(", "));
    Ok(binaries)
}
