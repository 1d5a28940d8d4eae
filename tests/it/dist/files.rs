//! The committed installers are what the code says.

use std::{env, fs};

use sagemaker_operator::install;

use crate::support::installed;

#[test]
fn committed_installers_are_what_the_code_says() {
    for file in install::files().unwrap() {
        let path = installed::path(file.path);
        if env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &file.text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == file.text, "{} is stale: run UPDATE=1 cargo test --test it dist::", path.display());
    }
}
