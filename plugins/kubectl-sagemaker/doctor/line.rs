//! What a check has found, for people and for programs.

use std::fmt::Write as _;

use sagemaker_operator::cli::{Unread, defused};
use serde_json::{Value, json};
use textwrap::{Options, WordSplitter};

/// The width of `PASS  ` before the check's name.
const TAG: usize = 6;
/// The width of the longest name of a check, and the blanks after it.
const NAME: usize = 16;

/// How a check has ended, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// All right.
    Pass,
    /// It could not be made.
    Skip,
    /// Something works less well than it might.
    Warn,
    /// Something does not work.
    Fail,
}

impl Verdict {
    fn tag(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Skip => "SKIP",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Pass => "\x1b[32m",
            Self::Skip => "\x1b[2m",
            Self::Warn => "\x1b[33m",
            Self::Fail => "\x1b[31m",
        }
    }
}

/// Something that a check came upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    /// What to do next.
    pub(super) next: Vec<String>,
}

impl Finding {
    pub(super) fn fail(detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, detail: detail.into(), next: Vec::new() }
    }

    pub(super) fn warn(detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, ..Self::fail(detail) }
    }

    pub(super) fn skip(why: impl AsRef<str>) -> Self {
        Self { verdict: Verdict::Skip, ..Self::fail(format!("not checked: {}", why.as_ref())) }
    }

    /// What could not be read.
    pub(super) fn unread(what: &str, why: &Unread) -> Self {
        match why {
            Unread::Denied(message) => Self::skip(format!("you may not read {what}: {message}")),
            Unread::Silent(message) => Self::skip(format!("{what} cannot be read: {message}")),
        }
    }

    /// With what to do next.
    pub(super) fn next(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }

    /// With several such steps.
    pub(super) fn nexts<'a>(self, steps: impl Iterator<Item = &'a str>) -> Self {
        steps.fold(self, Self::next)
    }
}

/// A check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) check: &'static str,
    pub(super) verdict: Verdict,
    detail: String,
    next: Vec<String>,
}

impl Line {
    /// A check that came upon nothing.
    pub(super) fn pass(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Pass, detail: detail.into(), next: Vec::new() }
    }

    /// A check that could not be made.
    pub(super) fn skip(check: &'static str, why: impl AsRef<str>) -> Self {
        Self::of(check, String::new(), vec![Finding::skip(why)])
    }

    /// A check with all that it came upon; `passed` is said if that is nothing.
    pub(super) fn of(check: &'static str, passed: impl Into<String>, findings: Vec<Finding>) -> Self {
        let Some(verdict) = findings.iter().map(|finding| finding.verdict).max() else {
            return Self::pass(check, passed);
        };
        let (mut details, mut next) = (Vec::new(), Vec::<String>::new());
        for Finding { verdict: _, detail, next: steps } in findings {
            details.push(detail);
            for step in steps {
                if !next.contains(&step) {
                    next.push(step);
                }
            }
        }
        Self { check, verdict, detail: details.join("; "), next }
    }

    /// As it is printed; `width` is that of the terminal, if it is one.
    pub(super) fn text(&self, width: Option<u16>, colour: bool) -> String {
        let Self { check, verdict, detail, next } = self;
        let tag =
            if colour { format!("{}{}\x1b[0m", verdict.colour(), verdict.tag()) } else { verdict.tag().to_owned() };
        let indent = TAG + NAME;
        let mut text = format!("{tag}  {check:<NAME$}");
        let hang = " ".repeat(indent);
        for (index, line) in fitting(&defused(detail), width, indent).into_iter().enumerate() {
            let _ = writeln!(text, "{}{line}", if index == 0 { "" } else { &hang });
        }
        // A command stays in one piece, to be copied.
        for step in next {
            let _ = writeln!(text, "{hang}→ {}", defused(step));
        }
        text
    }

    /// The same for programs.
    pub(super) fn document(&self) -> Value {
        let Self { check, verdict, detail, next } = self;
        let word = match verdict {
            Verdict::Pass => "passed",
            Verdict::Skip => "notChecked",
            Verdict::Warn => "warning",
            Verdict::Fail => "failed",
        };
        json!({ "check": check, "verdict": word, "detail": detail, "next": next })
    }
}

fn fitting(text: &str, width: Option<u16>, indent: usize) -> Vec<String> {
    let Some(width) = width.map(usize::from).filter(|width| *width > indent + 20) else { return vec![text.to_owned()] };
    let options = Options::new(width - indent).break_words(false).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// How many checks have ended how.
pub(super) fn counts(lines: &[Line]) -> [(Verdict, usize); 4] {
    [Verdict::Fail, Verdict::Warn, Verdict::Pass, Verdict::Skip]
        .map(|verdict| (verdict, lines.iter().filter(|line| line.verdict == verdict).count()))
}

/// The last line: `1 failed, 1 warning, 13 passed`.
pub(super) fn summary(lines: &[Line]) -> String {
    let told = counts(lines).into_iter().filter(|(verdict, count)| *count > 0 || *verdict == Verdict::Pass);
    let told: Vec<String> = told
        .map(|(verdict, count)| match verdict {
            Verdict::Fail => format!("{count} failed"),
            Verdict::Warn if count == 1 => "1 warning".to_owned(),
            Verdict::Warn => format!("{count} warnings"),
            Verdict::Pass => format!("{count} passed"),
            Verdict::Skip => format!("{count} not checked"),
        })
        .collect();
    told.join(", ")
}

/// Names in a sentence, the first few of many.
pub(super) fn some(names: &[String]) -> String {
    const SHOWN: usize = 5;
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_it_ended_what_was_found_and_what_to_do() {
        let findings = vec![
            Finding::warn("one thing works less well than it might").next("kubectl get things -A"),
            Finding::fail("another does not work at all").next("kubectl get things -A").next("kubectl get others"),
        ];
        let line = Line::of("operator", "fine", findings);
        insta::assert_snapshot!(line.text(Some(60), false), @r"
        FAIL  operator        one thing works less well than it
                              might; another does not work at all
                              → kubectl get things -A
                              → kubectl get others
        ");
        insta::assert_snapshot!(line.text(None, true), @r"
        [31mFAIL[0m  operator        one thing works less well than it might; another does not work at all
                              → kubectl get things -A
                              → kubectl get others
        ");
        assert_eq!(Line::of("operator", "fine", Vec::new()).text(None, false), "PASS  operator        fine\n");
        assert_eq!(line.document()["verdict"], "failed");
        assert_eq!(line.document()["next"], json!(["kubectl get things -A", "kubectl get others"]));
    }

    #[test]
    fn the_last_line_counts_apart_what_was_not_checked() {
        let line = |verdict| Line::of("x", "", vec![Finding { verdict, ..Finding::fail("y") }]);
        let pass = || Line::pass("x", "fine");
        assert_eq!(summary(&[pass(), pass()]), "2 passed");
        assert_eq!(summary(&[line(Verdict::Warn), line(Verdict::Fail)]), "1 failed, 1 warning, 0 passed");
        let all = [line(Verdict::Warn), line(Verdict::Warn), pass(), line(Verdict::Skip)];
        assert_eq!(summary(&all), "2 warnings, 1 passed, 1 not checked");
    }

    #[test]
    fn of_many_names_some_are_told() {
        let names = |count: usize| (1..=count).map(|number| format!("a{number}")).collect::<Vec<_>>();
        assert_eq!(some(&names(5)), "a1, a2, a3, a4, a5");
        assert_eq!(some(&names(7)), "a1, a2, a3, a4, a5 and 2 more");
    }

    #[test]
    fn what_comes_from_elsewhere_does_nothing_to_the_terminal() {
        let line = Line::of("x", "", vec![Finding::fail("a\x1b[2J\nb").next("c\x1b[2J")]);
        assert!(!line.text(None, false).contains('\x1b'));
        assert_eq!(line.text(None, false).lines().count(), 2);
    }
}
