//! The installers for Kustomize: bases that are the installers themselves, and examples of what is put on top of them.

use super::files::File;
use super::{IMAGE, Partition, VERSION};
use crate::lifecycle::{ANNOTATION_EKS_ROLE, OPERATOR_ACCOUNT};

/// Kustomize reads files beside and below a kustomization, and other kustomizations wherever they are: so each installer
/// has one beside it.
const BASES: [(&str, &str); 4] = [
    ("rolebased/kustomization.yaml", include_str!("kustomize/rolebased.yaml")),
    ("rolebased/namespaced/kustomization.yaml", include_str!("kustomize/rolebased_namespaced.yaml")),
    ("kustomize/base/kustomization.yaml", include_str!("kustomize/base.yaml")),
    ("kustomize/namespaced/kustomization.yaml", include_str!("kustomize/namespaced.yaml")),
];
const EXAMPLE: &str = include_str!("kustomize/example.yaml");
/// The examples: where each lies, on which base, and in which namespace.
const EXAMPLES: [(&str, &str, &str); 2] = [
    ("kustomize/overlays/example/kustomization.yaml", "base", "ml-platform"),
    ("kustomize/overlays/namespaced/kustomization.yaml", "namespaced", "ml-team"),
];

/// The files below `dist/kustomize`, and those beside the installers.
pub fn kustomize() -> Vec<File> {
    let image = format!("{}/{IMAGE}", Partition::Aws.registry());
    let example = EXAMPLE
        .replace("IMAGE", &image)
        .replace("VERSION", VERSION)
        .replace("ACCOUNT", OPERATOR_ACCOUNT)
        .replace("ANNOTATION", ANNOTATION_EKS_ROLE);
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: format!("# Generated from src/install by `UPDATE=1 cargo test`.\n{text}"),
    };
    let bases = BASES.map(|(path, text)| file(path, text));
    let examples = EXAMPLES.map(|(path, base, team)| file(path, &example.replace("BASE", base).replace("TEAM", team)));
    bases.into_iter().chain(examples).collect()
}
