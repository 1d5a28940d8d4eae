//! Candidates, as cobra writes them for the shells.

use std::fmt;

use crate::cli::defused;

/// What a word may become.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) word: String,
    /// What it stands for; empty if that goes without saying.
    pub(super) about: String,
}

impl Candidate {
    pub(super) fn new(word: impl Into<String>, about: impl Into<String>) -> Self {
        Self { word: word.into(), about: about.into() }
    }
}

/// All that is answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    candidates: Vec<Candidate>,
    /// Whether the shell is to complete the name of a file.
    files: bool,
}

impl Answer {
    pub(super) fn of(candidates: Vec<Candidate>) -> Self {
        Self { candidates, files: false }
    }

    pub(super) fn files() -> Self {
        Self { candidates: Vec::new(), files: true }
    }

    /// Without what the word cannot become any more.
    pub(super) fn beginning_with(mut self, typed: &str) -> Self {
        self.candidates.retain(|candidate| candidate.word.starts_with(typed));
        self
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Candidate { word, about } in &self.candidates {
            // A candidate with a control character would be typed for the person.
            let (word, about) = (defused(word), defused(about));
            if about.is_empty() { writeln!(f, "{word}")? } else { writeln!(f, "{word}\t{about}")? }
        }
        // cobra's ShellCompDirectiveDefault and ShellCompDirectiveNoFileComp.
        writeln!(f, "{}", if self.files { ":0" } else { ":4" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_a_line_and_the_directive_is_the_last_one() {
        let all = vec![Candidate::new("mnist", "Completed"), Candidate::new("mnist-2", ""), Candidate::new("bert", "")];
        assert_eq!(Answer::of(all).beginning_with("m").to_string(), "mnist\tCompleted\nmnist-2\n:4\n");
        assert_eq!(Answer::default().to_string(), ":4\n");
        assert_eq!(Answer::files().to_string(), ":0\n");
    }

    #[test]
    fn a_name_from_outside_types_nothing_for_the_person() {
        let odd = Answer::of(vec![Candidate::new("a\r\nb", "c\td\u{1b}[2J")]);
        assert_eq!(odd.to_string(), "a\\r b\tc d\\u{1b}[2J\n:4\n");
    }
}
