//! Calling cargo from a program that cargo runs: the sandbox builds the products, and the tests build the sandbox.

use std::env;
use std::path::Path;
use std::process::Command;

/// Makes `command`, which is cargo, build what belongs beside the programs in `folder`, such as `target/debug`.
pub(crate) fn build(command: &mut Command, folder: &Path) {
    // The variables that cargo sets for us would make build scripts believe that something has changed.
    let set_for_a_run = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_", "OUT_DIR"];
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| set_for_a_run.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    command.args(["build", "--profile", profile]);
}
