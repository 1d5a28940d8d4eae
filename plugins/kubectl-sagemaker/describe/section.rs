//! A part of what is described: the same for people and for programs.

use sagemaker_operator::cli::defused;
use serde::Serialize;
use serde_json::{Value, json};
use textwrap::Options;

use crate::status::table;

/// A part of what is described.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// What programs call it.
    pub(crate) key: &'static str,
    title: String,
    lines: Vec<Line>,
    /// The same for programs.
    pub(crate) data: Value,
}

#[derive(Debug, Clone)]
struct Line {
    text: String,
    /// Where what does not fit goes on; `None` for what is not to be broken, such as a command or a drawing.
    hang: Option<usize>,
}

impl Section {
    pub(crate) fn new(key: &'static str, title: impl Into<String>, data: &impl Serialize) -> Self {
        Self { key, title: title.into(), lines: Vec::new(), data: json!(data) }
    }

    /// One that could not be read.
    pub(crate) fn unread(key: &'static str, title: impl Into<String>, why: &str) -> Self {
        Self::new(key, title, &json!({ "error": why })).prose(0, format!("cannot be read: {why}"))
    }

    /// With a line that is broken where it does not fit, and goes on so many columns in.
    pub(crate) fn prose(mut self, hang: usize, text: impl AsRef<str>) -> Self {
        self.lines.push(Line { text: defused(text.as_ref()), hang: Some(hang) });
        self
    }

    /// With a line that stays as it is.
    pub(crate) fn whole(mut self, text: impl AsRef<str>) -> Self {
        self.lines.push(Line { text: defused(text.as_ref()), hang: None });
        self
    }

    /// With such lines.
    pub(crate) fn wholes(self, lines: impl IntoIterator<Item = String>) -> Self {
        lines.into_iter().fold(self, Self::whole)
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// As it is printed; `width` is that of the terminal, if it is one.
    pub(crate) fn text(&self, width: Option<u16>, colour: bool) -> String {
        let mut text = if colour { format!("\x1b[1m{}\x1b[0m\n", self.title) } else { format!("{}\n", self.title) };
        for line in &self.lines {
            for line in line.fitting(width) {
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        text
    }
}

impl Line {
    fn fitting(&self, width: Option<u16>) -> Vec<String> {
        let Self { text, hang } = self;
        let (Some(width), Some(hang)) = (width, hang) else { return vec![format!("  {text}")] };
        let rest = " ".repeat(hang + 2);
        let options = Options::new(usize::from(width)).initial_indent("  ").subsequent_indent(&rest).break_words(false);
        textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
    }
}

/// Rows with their columns below each other, so many blanks apart.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]], gap: u16) -> Vec<String> {
    table::plain(rows.iter().cloned(), gap).lines().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_broken_where_the_terminal_ends_and_a_command_is_not() {
        let section = Section::new("x", "What is wrong", &json!(null))
            .prose(2, "→ allow iam:PassRole to the operator's role")
            .whole("kubectl sagemaker describe trainingjob/bert-large -n vision");
        insta::assert_snapshot!(section.text(Some(24), false), @r"
        What is wrong
          → allow iam:PassRole
            to the operator's
            role
          kubectl sagemaker describe trainingjob/bert-large -n vision
        ");
        assert_eq!(section.text(None, false).lines().count(), 3);
    }
}
