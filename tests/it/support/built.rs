//! Where the programs under test are.

#[path = "../../sandbox/cargo.rs"]
pub(crate) mod cargo;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, OnceLock};

use serde_json::Value;

/// The folder of Cargo.toml.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the product's binaries.
pub(crate) fn binaries() -> &'static Path {
    OPTIMISED.get().map_or_else(
        || Path::new(env!("CARGO_BIN_EXE_sagemaker-operator")).parent().expect("a file lies in a folder"),
        PathBuf::as_path,
    )
}

/// The binaries to use in their stead: those of a benchmark.
pub(crate) static OPTIMISED: OnceLock<PathBuf> = OnceLock::new();

/// The sandbox. `cargo test` builds the example's tests but not the example itself, so it is built here.
pub(crate) fn sandbox() -> &'static Path {
    static SANDBOX: LazyLock<PathBuf> = LazyLock::new(|| match env::var_os("CARGO") {
        Some(cargo) => build_sandbox(Command::new(cargo)),
        None => binaries().join("examples/sandbox"),
    });
    &SANDBOX
}

fn build_sandbox(mut command: Command) -> PathBuf {
    cargo::build(&mut command, binaries());
    command.args(["--quiet", "--example", "sandbox", "--message-format=json-render-diagnostics"]);
    let output = command.current_dir(root()).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the sandbox does not build");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "sandbox")
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .expect("cargo tells where it put the sandbox")
}

/// Makes sure that there is a control plane to be started. Building one takes minutes, once, so its progress goes to
/// our own stderr and nobody loses patience.
pub(super) fn control_plane() {
    static PREPARED: OnceLock<()> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let mut prepare = Command::new(sandbox());
        prepare.args(["cluster", "--prepare"]).stdin(Stdio::null());
        assert!(prepare.status().is_ok_and(|status| status.success()), "there is no control plane to test on");
    });
}

/// Helm. Building it takes two minutes, once, so its progress goes to our own stderr too.
pub(super) fn helm() -> &'static Path {
    static HELM: LazyLock<PathBuf> = LazyLock::new(|| from_go("helm"));
    &HELM
}

/// The folder with the programs that judge what is ours as other people's tools do.
pub(super) fn judges() -> &'static Path {
    static JUDGES: LazyLock<PathBuf> = LazyLock::new(|| from_go("judges"));
    &JUDGES
}

fn from_go(what: &str) -> PathBuf {
    let mut sandbox = Command::new(sandbox());
    sandbox.arg(what).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = sandbox.output().expect("the sandbox starts");
    assert!(output.status.success(), "there is no {what} to test with");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path of plain letters").trim())
}
