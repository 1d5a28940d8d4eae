//! The paths that a piece of Rust names, read from its text: comments and literals are left out, `use` groups are
//! spelt out, and `self`, `super` and the library's own name are turned into `crate::…`.

/// All paths in `source`, the text of the file that holds `module` (its place below `crate`).
pub(super) fn named_in(source: &str, module: &[&str]) -> Vec<String> {
    let tokens = tokens(source);
    let mut reader = Reader { tokens: &tokens, at: 0, paths: Vec::new() };
    while reader.at < tokens.len() {
        reader.path(&[]);
        reader.at += 1;
    }
    let mut paths: Vec<String> = reader.paths.into_iter().map(|path| absolute(&path, module).join("::")).collect();
    paths.sort();
    paths.dedup();
    paths
}

struct Reader<'a> {
    tokens: &'a [String],
    at: usize,
    paths: Vec<Vec<&'a str>>,
}

impl<'a> Reader<'a> {
    /// Reads a path from here on, with its groups, and stays at its last token.
    fn path(&mut self, before: &[&'a str]) {
        let mut path = before.to_vec();
        while let Some(name) = self.tokens.get(self.at).filter(|token| is_name(token)) {
            path.push(name);
            if self.tokens.get(self.at + 1).is_none_or(|token| token != "::") {
                break;
            }
            self.at += 2;
        }
        if path.len() > before.len() && self.tokens.get(self.at).is_some_and(|token| token == "{") {
            let mut depth = 0;
            while let Some(token) = self.tokens.get(self.at) {
                match token.as_str() {
                    "{" if depth == 0 => depth = 1,
                    "}" => break,
                    "as" => self.at += 1,
                    _ => self.path(&path),
                }
                self.at += 1;
            }
        } else if path.len() > before.len().max(1) {
            self.paths.push(path);
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn absolute<'a>(path: &[&'a str], module: &[&'a str]) -> Vec<&'a str> {
    let mut base = match path[0] {
        "sagemaker_operator" => return [&["crate"], &path[1..]].concat(),
        "self" | "super" => [&["crate"], module].concat(),
        _ => return path.to_vec(),
    };
    let mut rest = path;
    while let Some((first, tail)) = rest.split_first() {
        match *first {
            "self" => {}
            "super" if base.len() > 1 => drop(base.pop()),
            _ => break,
        }
        rest = tail;
    }
    base.extend(rest);
    base
}

/// Names, `::` and other single characters; no spaces, comments or literals.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                tokens.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a raw string that starts here.
fn raw_string(text: &str) -> Option<usize> {
    let body = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let opened = body[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - opened.len();
    Some(opened.find(&close).map_or(text.len(), |end| start + end + close.len()))
}

fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal, or the tick of a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => quoted(text, '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 1,
    }
}

#[test]
fn groups_are_spelt_out_and_places_made_absolute() {
    let source = r##"
        use std::{fmt, io::{self, Read as _}};
        use super::super::operator::{Lease};
        use sagemaker_operator::api;
        // use hidden::in_a::comment;
        fn f<'a>(x: &'a str) -> aws_sdk_sts :: Client { g("hidden::text", '"', r#"hidden::raw"#, b'\''); self::h() }
    "##;
    let paths = named_in(source, &["logs", "window"]);
    assert_eq!(
        paths,
        [
            "aws_sdk_sts::Client",
            "crate::api",
            "crate::logs::window::h",
            "crate::operator::Lease",
            "std::fmt",
            "std::io::Read",
            "std::io::self",
        ]
    );
}
