//! The arrows of the house (`src/lib.rs`): which folder may name which module and which crate.

mod paths;

use std::fs;
use std::path::Path;

use crate::support::built::root;

/// What a folder may not name, and which of our modules it may.
struct Rule {
    folder: &'static str,
    /// Modules of the library; all others are refused.
    modules: &'static [&'static str],
    /// Crates and items; a name that ends in `*` stands for all that start so.
    refused: &'static [&'static [&'static str]],
}

const SDK: &[&str] = &["aws_config", "aws_credential_types", "aws_runtime", "aws_sdk_*", "aws_smithy_*", "aws_types"];
const CONTROLLERS: &[&str] = &["kube::runtime"];
const KUBERNETES_CLIENTS: &[&str] = &["kube::runtime", "kube::client", "kube::config", "kube::Client", "kube::Api"];
const KUBERNETES: &[&str] = &["kube", "k8s_openapi"];
/// Time and chance are arguments of a pure function, and it asks nobody anything.
const IMPURE: &[&str] = &[
    "tokio",
    "hyper*",
    "http_body_util",
    "fastrand::f*", // the functions of the thread's own generator; a seeded one is an argument
    "fastrand::u*",
    "Rng::new",
    "Utc::now",
    "Local::now",
    "chrono::Local",
    "Instant::now",
    "SystemTime::now",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
];

const RULES: &[Rule] = &[
    Rule { folder: "src/lifecycle", modules: &["lifecycle"], refused: &[SDK, KUBERNETES, IMPURE] },
    Rule { folder: "src/logs", modules: &["logs", "lifecycle"], refused: &[SDK, KUBERNETES, IMPURE] },
    Rule { folder: "src/api", modules: &["api", "lifecycle"], refused: &[SDK, KUBERNETES_CLIENTS, IMPURE] },
    Rule { folder: "src/aws", modules: &["aws", "access", "logs", "api", "lifecycle"], refused: &[KUBERNETES_CLIENTS] },
    Rule {
        folder: "src/access",
        modules: &["access", "api", "lifecycle"],
        refused: &[SDK, KUBERNETES_CLIENTS, IMPURE],
    },
    Rule {
        folder: "src/install",
        modules: &["install", "access", "api", "lifecycle"],
        refused: &[SDK, KUBERNETES_CLIENTS, IMPURE],
    },
    Rule { folder: "src/net", modules: &["net"], refused: &[SDK, KUBERNETES] },
    Rule { folder: "src/operator", modules: &["operator", "net", "api", "lifecycle"], refused: &[SDK] },
    Rule { folder: "src/cli", modules: &["cli", "net", "logs", "api", "lifecycle"], refused: &[SDK, CONTROLLERS] },
    Rule { folder: "src/main.rs", modules: &["operator", "aws", "api", "lifecycle"], refused: &[SDK, CONTROLLERS] },
    Rule {
        folder: "plugins",
        modules: &["access", "cli", "aws", "logs", "api", "lifecycle"],
        refused: &[SDK, CONTROLLERS],
    },
];

impl Rule {
    fn allows(&self, path: &str) -> bool {
        let mut parts = path.split("::");
        let own = parts.next() == Some("crate") && parts.next().is_some_and(|module| !self.knows(module));
        !own && !self.refused.iter().copied().flatten().any(|refused| is_within(path, refused))
    }

    /// Whether what follows `crate::` is allowed: one of the modules, or a module of the binary's own.
    fn knows(&self, module: &str) -> bool {
        const ALL: [&str; 9] = ["access", "api", "aws", "cli", "install", "lifecycle", "logs", "net", "operator"];
        self.modules.contains(&module) || !ALL.contains(&module)
    }
}

/// Whether the path is `item`, lies within it, or ends in it where `item` starts with a type's name.
fn is_within(path: &str, item: &str) -> bool {
    if let Some(start) = item.strip_suffix('*') {
        return path.starts_with(start);
    }
    let is_type = item.starts_with(char::is_uppercase);
    path == item || path.starts_with(&format!("{item}::")) || (is_type && path.ends_with(&format!("::{item}")))
}

/// The offences of one file: `path` from the root, `source` its text.
fn offences(path: &str, source: &str) -> Vec<String> {
    let Some(rule) = RULES.iter().find(|rule| Path::new(path).starts_with(rule.folder)) else { return Vec::new() };
    let module = module_of(path);
    let named = paths::named_in(source, &module);
    named.into_iter().filter(|named| !rule.allows(named)).map(|named| format!("{path} names {named}")).collect()
}

/// The place of a file's module below `crate`.
fn module_of(path: &str) -> Vec<&str> {
    let below = path.strip_prefix("src/").unwrap_or("").trim_end_matches(".rs");
    below.split('/').filter(|part| !["mod", "main", "lib", ""].contains(part)).collect()
}

/// The Rust files below these folders, as paths from the root, with their text.
fn rust_files(folders: &[&str]) -> Vec<(String, String)> {
    fn collect(path: &Path, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                collect(&entry?.path(), files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
            files.push((name, fs::read_to_string(path)?));
        }
        Ok(())
    }
    let mut files = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut files).expect("the sources can be read");
    }
    files.sort();
    files
}

#[test]
fn every_folder_names_only_what_it_may() {
    let files = rust_files(&["src", "plugins"]);
    assert!(files.len() > 10, "the house has more files than {}", files.len());
    let found: Vec<_> = files.iter().flat_map(|(path, source)| offences(path, source)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_folder_has_a_rule() {
    let without: Vec<_> = rust_files(&["src", "plugins"])
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path != "src/lib.rs" && !RULES.iter().any(|rule| Path::new(path).starts_with(rule.folder)))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn a_wrong_import_is_found_however_it_is_written() {
    for (path, source, offence) in [
        ("src/lifecycle/step.rs", "use kube::Client;", "kube::Client"),
        ("src/lifecycle/step.rs", "fn f() { let now = chrono::Utc::now(); }", "chrono::Utc::now"),
        ("src/lifecycle/step.rs", "fn f() { let now = Utc::now(); }", "Utc::now"),
        ("src/logs/follow.rs", "use super::super::aws::clients;", "crate::aws::clients"),
        ("src/api/tag.rs", "use kube::{CustomResource, runtime::watcher};", "kube::runtime::watcher"),
        ("src/operator/mod.rs", "fn f(c: aws_sdk_sagemaker::Client) {}", "aws_sdk_sagemaker::Client"),
        ("src/operator/mod.rs", "use crate::{lifecycle::Kind, aws::clients};", "crate::aws::clients"),
        ("src/cli/mod.rs", "use aws_smithy_types::DateTime;", "aws_smithy_types::DateTime"),
        ("plugins/kubectl-smlogs/main.rs", "use sagemaker_operator::operator;", "crate::operator"),
    ] {
        assert_eq!(offences(path, source), [format!("{path} names {offence}")], "{source}");
    }
}

#[test]
fn a_right_import_is_left_alone() {
    for (path, source) in [
        ("src/api/tag.rs", "use kube::{CustomResource, KubeSchema}; use crate::lifecycle::Kind;"),
        (
            "src/aws/clients.rs",
            "use aws_config::BehaviorVersion; use crate::lifecycle::Place; fn f() { Instant::now(); }",
        ),
        ("src/operator/mod.rs", "use kube::runtime::watcher; use super::lifecycle::Kind;"),
        ("src/lifecycle/step.rs", "//! No `kube::Client` here.\nconst X: &str = \"aws_sdk::Client\"; use chrono::Utc;"),
        ("plugins/kubectl-smlogs/main.rs", "mod args; use crate::args::Args; use sagemaker_operator::cli::Console;"),
    ] {
        assert_eq!(offences(path, source), Vec::<String>::new());
    }
}

#[test]
fn the_test_bed_knows_nothing_of_what_it_tests() {
    for (path, source) in rust_files(&["tests/sandbox"]) {
        let named = paths::named_in(&source, &[]);
        let shared: Vec<_> = named.iter().filter(|name| SDK.iter().any(|sdk| is_within(name, sdk))).collect();
        assert!(shared.is_empty(), "{path} names {shared:?}");
        assert!(!source.contains("sagemaker_operator"), "{path} names the library");
    }
}

#[test]
fn there_is_one_tls_provider() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"ring\""));
    assert!(!lock.contains("name = \"aws-lc-sys\""), "aws-lc costs every process 42 ms; see Cargo.toml");
}

#[test]
fn no_file_is_too_long_to_be_read_at_a_sitting() {
    let long: Vec<_> = rust_files(&["src", "plugins", "tests"])
        .into_iter()
        .map(|(path, source)| (path, source.lines().count()))
        .filter(|(_, lines)| *lines > 450)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}
