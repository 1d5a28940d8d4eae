//! Filter patterns of plain terms: `term`, `"a phrase"`, `-term`, `?term`.
//!
//! Patterns over JSON, over fields and regular expressions are refused; nothing here needs them.
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use super::LogError;

/// What a message must contain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    none: Vec<String>,
    /// One of these suffices; they count only where they stand alone.
    any: Vec<String>,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, LogError> {
        let mut pattern = Self::default();
        let mut rest = text.trim_start();
        if rest.starts_with(['{', '[', '%']) {
            return Err(LogError::invalid("Invalid filter pattern"));
        }
        while !rest.is_empty() {
            let (list, tail) = match rest.as_bytes() {
                [b'-', ..] => (&mut pattern.none, &rest[1..]),
                [b'?', ..] => (&mut pattern.any, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, tail) = term(tail)?;
            list.push(term);
            rest = tail.trim_start();
        }
        if !(pattern.all.is_empty() && pattern.none.is_empty()) {
            pattern.any.clear();
        }
        Ok(pattern)
    }

    /// Whether the pattern asks for anything.
    pub(super) fn is_empty(&self) -> bool {
        let Self { all, none, any } = self;
        all.is_empty() && none.is_empty() && any.is_empty()
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let contains = |term: &String| message.contains(term.as_str());
        self.all.iter().all(contains)
            && !self.none.iter().any(contains)
            && (self.any.is_empty() || self.any.iter().any(contains))
    }
}

/// The term a text begins with, and what follows it.
fn term(text: &str) -> Result<(String, &str), LogError> {
    if let Some(phrase) = text.strip_prefix('"') {
        let (phrase, rest) = phrase.split_once('"').ok_or_else(|| LogError::invalid("Invalid filter pattern"))?;
        return Ok((phrase.to_owned(), rest));
    }
    let (term, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    if term.is_empty() || !term.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(LogError::invalid(&format!("Invalid character(s) in term '{term}'")));
    }
    Ok((term.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_found_as_documented() {
        let table = [
            ("", "anything", true),
            ("ERROR", "[ERROR 400] BAD", true),
            ("ERROR", "[error 400] BAD", false),
            ("ERROR 400", "[400 ERROR]", true),
            ("ERROR 500", "[400 ERROR]", false),
            ("\"train-error:0.1\"", "[0]#011train-error:0.12", true),
            ("\"BAD REQUEST\"", "BAD old REQUEST", false),
            ("ERROR -400", "[ERROR 400]", false),
            ("ERROR -400", "[ERROR 500]", true),
            ("-\"Train Epoch\"", "Train Epoch: 1", false),
            ("?ERROR ?WARN", "WARN: slow", true),
            ("?ERROR ?WARN", "INFO: fine", false),
            ("?ERROR INFO", "INFO: fine", true),
        ];
        for (pattern, message, found) in table {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(message), found, "{pattern:?} in {message:?}");
        }
    }

    #[test]
    fn what_is_not_a_plain_term_is_refused() {
        for pattern in ["{ $.level = \"ERROR\" }", "[ip, user]", "%re%", "train-error", "\"open", "- x", "?"] {
            assert_eq!(Pattern::parse(pattern).unwrap_err().code, "InvalidParameterException", "{pattern:?}");
        }
    }
}
