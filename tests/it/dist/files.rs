//! The committed installers and charts are what the code says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sagemaker_operator::install;

use crate::support::built;

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("it is a folder").map(|entry| entry.expect("it can be read").path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn committed_installers_and_charts_are_what_the_code_says() {
    let dist = built::root().join("dist");
    let files =
        [install::files(), install::charts(), install::argocd(), Ok(install::kustomize()), install::monitoring()];
    let files = files.map(Result::unwrap).concat();
    let mut wanted = BTreeSet::new();
    for file in files {
        let path = dist.join(&file.path);
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &file.text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == file.text, "{} is stale: run UPDATE=1 cargo test --test it dist::", path.display());
        wanted.insert(path);
    }
    let there = ["rolebased", "charts", "argocd", "kustomize", "prometheus", "grafana"]
        .iter()
        .flat_map(|folder| below(&dist.join(folder)));
    let strays: Vec<_> = there.filter(|path| !path.ends_with("README.md") && !wanted.contains(path)).collect();
    assert!(strays.is_empty(), "delete {strays:?}: the code does not write them any more");
}
