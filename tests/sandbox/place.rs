//! Where things lie in this checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The folder of Cargo.toml: as cargo says while it runs us, else where we were built.
pub(crate) fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// A folder for what a run leaves for people, below `target/sandbox`.
pub(crate) fn output_folder(name: &str) -> anyhow::Result<PathBuf> {
    let folder = root().join("target/sandbox").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("failed to create {}", folder.display()))?;
    Ok(folder)
}

/// The path as somebody writes it who stands in the checkout.
pub(crate) fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// A folder of the user's, by the rules of the XDG base directory specification.
pub(crate) fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let given = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.or_else(|| env::home_dir().map(|home| home.join(below_home)))
}
