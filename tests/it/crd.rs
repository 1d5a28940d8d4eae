//! The committed CustomResourceDefinitions are what the types say.

use std::path::Path;
use std::{env, fs};

use sagemaker_operator::api::crd;

/// Plain `kubectl apply` keeps the whole file in an annotation, which may hold this many bytes.
const LARGEST_ANNOTATION: usize = 262_144;

#[test]
fn committed_definitions_are_what_the_types_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/crds");
    for definition in crd::all() {
        let file = folder.join(crd::file_name(&definition));
        let text = crd::to_yaml(&definition).unwrap();
        assert!(text.len() < LARGEST_ANNOTATION, "{} is {} bytes long", file.display(), text.len());
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert!(committed == text, "{} is stale: run UPDATE=1 cargo test --test it crd", file.display());
    }
}
