//! The installer for Kustomize: a base that is the installer itself, and an example of what is put on top of it.

use super::files::File;
use super::{IMAGE, Partition, VERSION};
use crate::lifecycle::{ANNOTATION_EKS_ROLE, OPERATOR_ACCOUNT};

/// Kustomize reads files beside and below a kustomization, and other kustomizations wherever they are: so the installer
/// has one beside it.
const FILES: [(&str, &str); 3] = [
    ("rolebased/kustomization.yaml", include_str!("kustomize/rolebased.yaml")),
    ("kustomize/base/kustomization.yaml", include_str!("kustomize/base.yaml")),
    ("kustomize/overlays/example/kustomization.yaml", include_str!("kustomize/example.yaml")),
];

/// The files below `dist/kustomize`, and that beside the installer.
pub fn kustomize() -> Vec<File> {
    let image = format!("{}/{IMAGE}", Partition::Aws.registry());
    let put_in = |text: &str| {
        text.replace("IMAGE", &image)
            .replace("VERSION", VERSION)
            .replace("ACCOUNT", OPERATOR_ACCOUNT)
            .replace("ANNOTATION", ANNOTATION_EKS_ROLE)
    };
    let written = "# Generated from src/install by `UPDATE=1 cargo test`.\n";
    let file = |(path, text): (&str, &str)| File { path: path.to_owned(), text: format!("{written}{}", put_in(text)) };
    FILES.map(file).to_vec()
}
