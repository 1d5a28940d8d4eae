//! What a person is told when something could not be done: one line, and what to do next on its own.

use std::fmt;
use std::io;

use super::Outcome;

/// One line that names the thing, and hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    message: String,
    hints: Vec<String>,
    outcome: Outcome,
}

impl Complaint {
    /// Something could not be done.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), outcome: Outcome::CouldNot }
    }

    /// It was not clear what was wanted.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Usage, ..Self::new(message) }
    }

    /// It would not be safe.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Refused, ..Self::new(message) }
    }

    /// It took longer than `--timeout` allows.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::TimedOut, ..Self::new(message) }
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(self, hint: impl fmt::Display) -> Self {
        self.line(format!("hint: {hint}"))
    }

    /// With names that are close to what was typed, if there are any.
    #[must_use]
    pub fn did_you_mean(self, names: &[String]) -> Self {
        if names.is_empty() { self } else { self.line(format!("did you mean: {}", names.join(", "))) }
    }

    fn line(mut self, line: String) -> Self {
        self.hints.push(line);
        self
    }

    /// What could not be done, without hints.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next, line by line.
    pub fn hints(&self) -> impl Iterator<Item = &str> {
        self.hints.iter().map(|hint| hint.strip_prefix("hint: ").unwrap_or(hint))
    }

    /// The exit code that goes with it.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A message from elsewhere may have line feeds; scripts read lines.
        let words: Vec<&str> = self.message.split_whitespace().collect();
        write!(f, "error: {}", words.join(" "))?;
        self.hints.iter().try_for_each(|hint| write!(f, "\n{hint}"))
    }
}

impl std::error::Error for Complaint {}

/// Why a command did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something to tell.
    #[error(transparent)]
    Complaint(#[from] Complaint),
    /// Nobody reads the output any more, or the disk is full.
    #[error("write the output")]
    Output(#[from] io::Error),
}

impl Failure {
    /// The exit code. Whoever closes the pipe has read enough.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Complaint(complaint) => complaint.outcome(),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Done,
            Self::Output(_) => Outcome::CouldNot,
        }
    }

    /// What to tell; nothing about a closed pipe.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Complaint(complaint) => Some(complaint.to_string()),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Output(error) => Some(format!("error: failed to write the output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_one_line_and_its_hints() {
        let complaint = Complaint::new("trainingjob \"xgbost\" not found\nin namespace \"default\"")
            .did_you_mean(&["xgboost".to_owned()])
            .hint("kubectl get trainingjob -A");
        insta::assert_snapshot!(complaint, @r#"
        error: trainingjob "xgbost" not found in namespace "default"
        did you mean: xgboost
        hint: kubectl get trainingjob -A
        "#);
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((closed.outcome(), closed.message()), (Outcome::Done, None));
        let full = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.outcome(), Outcome::CouldNot);
        assert!(full.message().is_some());
    }
}
