//! `target/sandbox/env`: what a shell needs to use the running stack.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::place;
use crate::stack::Stack;

/// The right to write the file. Only one process has it at a time: two stacks cannot be behind one file.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    _lock: File,
}

/// The file, removed when dropped: it leads to a stack that has gone by then.
#[derive(Debug)]
pub(crate) struct EnvFile {
    claim: Claim,
}

impl Claim {
    /// Takes it, or says who has it.
    pub(crate) fn take() -> anyhow::Result<Self> {
        let folder = place::output_folder("")?;
        let lock = File::create(folder.join("up.lock"))?;
        if lock.try_lock().is_err() {
            bail!("another `cargo sandbox up` runs in this checkout; stop it first");
        }
        Ok(Self { path: folder.join("env"), _lock: lock })
    }
}

impl EnvFile {
    /// Writes it.
    pub(crate) fn write(claim: Claim, stack: &Stack) -> anyhow::Result<Self> {
        let path = &claim.path;
        fs::write(path, script(&stack.env(), &stack.programs().display().to_string()))
            .with_context(|| format!("failed to write {}", path.display()))?;
        Ok(Self { claim })
    }

    /// The path to be sourced.
    pub(crate) fn short(&self) -> String {
        place::short(&self.claim.path)
    }
}

impl Drop for EnvFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.claim.path);
    }
}

/// What a person may have set for the real AWS and that would lead elsewhere. Everything here is on loopback, so the
/// proxies go as well.
pub(crate) const MISLEADING: [&str; 15] = [
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_DEFAULT_SAGEMAKER_ENDPOINT",
    "AWS_ENDPOINT_URL_SAGEMAKER",
    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    "AWS_ENDPOINT_URL_STS",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
];

fn script(variables: &[(&str, String)], programs: &str) -> String {
    let mut script = "# Leads to the running `cargo sandbox up`; it goes with it.\n".to_owned();
    let _ = writeln!(script, "unset {}", MISLEADING.join(" "));
    for (name, value) in variables {
        let _ = writeln!(script, "export {name}={}", quoted(value));
    }
    let _ = writeln!(script, "export PATH={}:\"$PATH\"", quoted(programs));
    script
}

/// Quoted for any POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let script = script(&[("NAME", "it's a $HOME".to_owned())], "/a b");
        let shown = std::process::Command::new("sh")
            .args(["-c", &format!("PATH=/bin\n{script}\nprintf '%s|%s' \"$NAME\" \"$PATH\"")])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(shown.stdout).unwrap(), "it's a $HOME|/a b:/bin");
    }
}
