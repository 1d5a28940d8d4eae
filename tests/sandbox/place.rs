//! Where this checkout lies.

use std::env;
use std::path::PathBuf;

/// The folder of Cargo.toml: as cargo says while it runs us, else where we were built.
pub(crate) fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}
