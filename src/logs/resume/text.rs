//! The form of a resume file: a line that says what it is, then lines of JSON, each behind its checksum.

use std::hash::Hasher as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use siphasher::sip::SipHasher13;

/// What a resume file begins with; the version follows.
const WORD: &str = "smlogs-resume ";
/// The version that is written, and the only one that is read.
const VERSION: &str = "1";

/// Why a file cannot be resumed from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// It is something else.
    #[error("it is not a resume file of smlogs")]
    Foreign,
    /// It was written by another version.
    #[error("it has version {0}, and this smlogs reads version {VERSION} only")]
    Version(String),
    /// It is damaged.
    #[error("it is damaged in line {line}")]
    Corrupt {
        /// The line, counted from 1.
        line: usize,
    },
    /// It is about another log.
    #[error("it is about {theirs}, not about {ours}")]
    OtherLog {
        /// What it is about.
        theirs: String,
        /// What is wanted.
        ours: String,
    },
    /// It was written with other options.
    #[error("it was written {theirs}, but now lines are wanted {ours}: what was left out then cannot be made up for")]
    OtherLines {
        /// What was selected then.
        theirs: String,
        /// What is selected now.
        ours: String,
    },
}

/// The first line.
pub(super) fn head() -> String {
    format!("{WORD}{VERSION}\n")
}

/// A line.
pub(super) fn line(value: &impl Serialize) -> String {
    // Our own types serialise: they have neither maps with odd keys nor anything that can fail.
    let json = serde_json::to_string(value).unwrap_or_default();
    let sum = checksum(&json);
    format!("{sum} {json}\n")
}

/// The complete lines behind the first one. A last line without its end was being written when the process ended: it
/// counts as not written.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<&str>, ResumeError> {
    let begins_well = bytes.starts_with(WORD.as_bytes()) || WORD.as_bytes().starts_with(bytes);
    if !begins_well {
        return Err(ResumeError::Foreign);
    }
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let mut found = Vec::new();
    for (index, line) in bytes[..end].split_inclusive(|byte| *byte == b'\n').enumerate() {
        let text = std::str::from_utf8(line).map_err(|_| ResumeError::Corrupt { line: index + 1 })?;
        found.push(text.trim_end_matches('\n'));
    }
    let Some(first) = found.first() else { return Err(ResumeError::Corrupt { line: 1 }) };
    match first.strip_prefix(WORD) {
        Some(VERSION) => Ok(found.split_off(1)),
        Some(other) => Err(ResumeError::Version(other.chars().take(20).collect())),
        None => Err(ResumeError::Foreign),
    }
}

/// What the line with that index behind the first one holds.
pub(super) fn value<T: DeserializeOwned>(index: usize, line: &str) -> Result<T, ResumeError> {
    let corrupt = || ResumeError::Corrupt { line: index + 2 };
    let (sum, json) = line.split_once(' ').ok_or_else(corrupt)?;
    if sum != checksum(json) {
        return Err(corrupt());
    }
    serde_json::from_str(json).map_err(|_| corrupt())
}

fn checksum(json: &str) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(json.as_bytes());
    format!("{:016x}", hasher.finish())
}
