//! The patterns of the API model are Java's: always matched against the whole value, some with look-around. They are
//! rewritten here into what a linear-time engine takes.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use regex::{Regex, RegexBuilder};

/// Java's `.` stops at more characters than a line feed.
const DOT: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";

/// The patterns with look-around, each with an equal one without.
const REWRITTEN: [(&str, &str); 9] = [
    (r"(?!\s*$).+", r"[^\n]*[^\s][^\n]*"),
    (r"([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)", r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"),
    // Two dots in a row are what the look-ahead forbids: every dot is followed by something else, or by the end.
    (r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+", r"/([a-zA-Z0-9/_\-]|\.[a-zA-Z0-9/_\-])*\.?"),
    // Supplementary characters are pairs of escapes in Java's sources.
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}"),
    (r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}"),
    (r"\p{Print}", r"[\x20-\x7E]"),
    (r"\p{Alnum}", r"[A-Za-z0-9]"),
    (r"[\S\s]", r"(?s:.)"),
    // A hyphen after a range is itself in Java; here it must be escaped.
    (r"0-9-\.", r"0-9\-\."),
];

/// Whether the whole value matches.
pub(super) fn matches(pattern: &'static str, value: &str) -> bool {
    // Compiled at first use and kept for good: the model has 72 of them.
    static COMPILED: LazyLock<Mutex<HashMap<&'static str, &'static Regex>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().expect("no thread panics while it compiles a pattern");
    let regex = *compiled.entry(pattern).or_insert_with(|| Box::leak(Box::new(compile(pattern))));
    drop(compiled);
    regex.is_match(value)
}

fn compile(pattern: &str) -> Regex {
    let mut text = pattern.to_owned();
    for (java, ours) in REWRITTEN {
        text = text.replace(java, ours);
    }
    RegexBuilder::new(&format!("^(?:{})$", translate(&text)))
        .size_limit(64 << 20)
        .build()
        .unwrap_or_else(|error| panic!("pattern {pattern} of the model does not compile: {error}"))
}

/// Spells out the classes that are ASCII in Java, and Java's dot.
fn translate(pattern: &str) -> String {
    let mut out = String::new();
    let mut in_class = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('w') => out.push_str("[A-Za-z0-9_]"),
                Some('s') => out.push_str(r"[ \t\n\x0B\f\r]"),
                Some('S') => out.push_str(r"[^ \t\n\x0B\f\r]"),
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            '.' if !in_class && !out.ends_with("(?s:") => out.push_str(DOT),
            '[' => {
                in_class = true;
                out.push('[');
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::model::SERVICES;
    use super::*;

    #[test]
    fn every_pattern_of_the_model_compiles() {
        for shape in SERVICES.iter().flat_map(|service| service.shapes.values()) {
            if let Some(pattern) = &shape.pattern {
                matches(pattern, "");
            }
        }
    }

    #[test]
    fn patterns_hold_for_the_whole_value_as_in_java() {
        let name = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}";
        let reference =
            r"(arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z\-]*\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)";
        let text = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*";
        for (pattern, value, expected) in [
            (name, "xgboost-mnist", true),
            (name, "xgboost--mnist", true),
            (name, "xgboost-mnist-", false),
            (name, "xgboost_mnist", false),
            (name, "a\n", false),
            (reference, "model-1", true),
            (reference, "model-1-", false),
            (reference, "arn:aws:sagemaker:us-west-2:123456789012:model/m", true),
            (r"(?!\s*$).+", "  x", true),
            (r"(?!\s*$).+", "   ", false),
            (r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+", "/a.b/c.", true),
            (r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+", "/a/../b", false),
            (".*", "one\ntwo", false),
            (r"[\S\s]*", "one\ntwo", true),
            (text, "tab\tsmile 😀", true),
            (text, "bell\u{7}", false),
            (r"[\d]*", "१", false),
            (r"(arn:[a-z0-9-\.]{1,63}:x)", "arn:aws-cn.b:x", true),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern} on {value:?}");
        }
    }
}
