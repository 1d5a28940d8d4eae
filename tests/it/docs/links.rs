//! Links lead somewhere.

use std::path::{Component, Path, PathBuf};

use super::page::Page;
use crate::support::built;

/// The path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leads out of the project", path.display()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// What is wrong with a link, if anything is.
fn fault(page: &Page, link: &str) -> Option<String> {
    if link.contains("://") {
        // Nothing outside is asked by a test.
        return (!link.starts_with("https://")).then(|| "no https".to_owned());
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let target = if file.is_empty() { page.path.clone() } else { plain(&folder.join(file)) };
    if !built::root().join(&target).exists() {
        return Some(format!("there is no {}", target.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    if target.extension().is_none_or(|extension| extension != "md") {
        return Some("an anchor of what is no page".to_owned());
    }
    let anchors = Page::at(&target).anchors();
    (!anchors.contains(anchor)).then(|| format!("{} has no #{anchor}, but {anchors:?}", target.display()))
}

#[test]
fn every_link_and_anchor_leads_somewhere() {
    let (mut faults, mut links) = (Vec::new(), 0);
    for page in Page::all() {
        for link in page.links() {
            links += 1;
            faults.extend(fault(&page, &link).map(|fault| format!("{}: {link}: {fault}", page.path.display())));
        }
    }
    assert!(links > 100, "only {links} links were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_of_the_documentation_is_in_a_list() {
    let (index, kinds) = (Page::at("dist/docs/README.md").links(), Page::at("dist/docs/kinds.md").links());
    for page in Page::all() {
        let Ok(name) = page.path.strip_prefix("dist/docs") else { continue };
        let name = name.to_str().expect("names are text");
        let listed = index.iter().chain(&kinds).any(|link| link.split('#').next() == Some(name));
        assert!(name == "README.md" || listed, "no list leads to {name}");
    }
}
