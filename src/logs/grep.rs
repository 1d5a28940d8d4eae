//! Searching lines as grep does: those that match, those that do not, and lines around them.

use std::collections::VecDeque;

use regex::Regex;

/// What is searched for, and where the search is.
#[derive(Debug, Default)]
pub struct Grep {
    wanted: Option<Regex>,
    unwanted: Option<Regex>,
    before: usize,
    after: usize,
    /// The lines before the next match, if there will be one.
    held: VecDeque<String>,
    /// How many lines after the last match are still to be shown.
    left: usize,
    has_shown: bool,
    has_left_out: bool,
}

impl Grep {
    /// Lines that match `wanted` but not `unwanted`, with so many lines before and after each.
    pub fn new(wanted: Option<Regex>, unwanted: Option<Regex>, before: usize, after: usize) -> Self {
        Self { wanted, unwanted, before, after, ..Self::default() }
    }

    /// Whether every line is shown.
    pub fn takes_all(&self) -> bool {
        self.wanted.is_none() && self.unwanted.is_none()
    }

    /// Whether any line was shown.
    pub fn has_shown(&self) -> bool {
        self.has_shown
    }

    /// Takes the next line: its message, and how it is written. Appends what can be shown by now; `gap` goes between
    /// groups of lines that do not follow each other.
    pub fn take(&mut self, message: &str, write: impl FnOnce(&mut String), gap: &str, to: &mut String) {
        let is_match = self.wanted.as_ref().is_none_or(|wanted| wanted.is_match(message))
            && !self.unwanted.as_ref().is_some_and(|unwanted| unwanted.is_match(message));
        if is_match {
            if self.has_shown && self.has_left_out && self.before + self.after > 0 {
                to.push_str(gap);
            }
            self.held.drain(..).for_each(|line| to.push_str(&line));
            write(to);
            (self.has_shown, self.has_left_out, self.left) = (true, false, self.after);
        } else if self.left > 0 {
            self.left -= 1;
            write(to);
        } else if self.before > 0 {
            if self.held.len() == self.before {
                self.held.pop_front();
                self.has_left_out = true;
            }
            let mut line = String::new();
            write(&mut line);
            self.held.push_back(line);
        } else {
            self.has_left_out = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &str, unwanted: &str, before: usize, after: usize) -> String {
        let regex = |text: &str| (!text.is_empty()).then(|| Regex::new(text).unwrap());
        let mut grep = Grep::new(regex(wanted), regex(unwanted), before, after);
        let mut shown = String::new();
        for line in ["a1", "b2", "a3", "c4", "c5", "c6", "a7"] {
            grep.take(line, |to| to.push_str(line), "-", &mut shown);
        }
        shown
    }

    #[test]
    fn lines_are_found_with_what_is_around_them() {
        for (wanted, unwanted, before, after, shown) in [
            ("", "", 0, 0, "a1b2a3c4c5c6a7"),
            ("a", "", 0, 0, "a1a3a7"),
            ("", "[ac]", 0, 0, "b2"),
            ("a", "3", 0, 0, "a1a7"),
            ("a", "", 1, 0, "a1b2a3-c6a7"),
            ("a", "", 0, 1, "a1b2a3c4-a7"),
            ("a", "", 1, 1, "a1b2a3c4-c6a7"),
            ("a", "", 2, 1, "a1b2a3c4c5c6a7"),
            ("5", "", 1, 1, "c4c5c6"),
            ("x", "", 3, 3, ""),
        ] {
            assert_eq!(found(wanted, unwanted, before, after), shown, "{wanted} {unwanted} {before} {after}");
        }
    }
}
