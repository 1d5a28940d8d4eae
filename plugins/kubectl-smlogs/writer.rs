//! Lines on their way out: searched, rendered, printed.

use chrono::Local;
use sagemaker_operator::cli::{Console, Failure};
use sagemaker_operator::logs::{Event, Grep, Look, Manner, Origin, Renderer};

/// How much is printed at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// The way out of all lines.
#[derive(Debug)]
pub(crate) struct LineWriter {
    renderer: Renderer<Local>,
    grep: Grep,
}

impl LineWriter {
    pub(crate) fn new(manner: Manner, grep: Grep) -> Self {
        Self { renderer: Renderer::new(manner, Local, Local::now().date_naive()), grep }
    }

    /// The look of the lines.
    pub(crate) fn look(&self) -> Look {
        self.renderer.look()
    }

    /// Whether lines came, but none that was searched for.
    pub(crate) fn has_found_nothing(&self) -> bool {
        !self.grep.takes_all() && !self.grep.has_shown()
    }

    /// Prints lines, each with where it comes from.
    pub(crate) fn print<'e>(
        &mut self,
        lines: impl IntoIterator<Item = (&'e Origin, &'e Event)>,
        console: &mut Console,
    ) -> Result<(), Failure> {
        let mut text = String::new();
        for (origin, event) in lines {
            self.write(origin, event, &mut text);
            // A slice of a long log has megabytes.
            if text.len() >= PIECE {
                console.print(&text)?;
                text.clear();
            }
        }
        if !text.is_empty() {
            console.print(&text)?;
        }
        Ok(())
    }

    /// Lines as text, each with where it comes from.
    pub(crate) fn text<'e>(&mut self, lines: impl IntoIterator<Item = (&'e Origin, &'e Event)>) -> String {
        let mut text = String::new();
        for (origin, event) in lines {
            self.write(origin, event, &mut text);
        }
        text
    }

    fn write(&mut self, origin: &Origin, event: &Event, to: &mut String) {
        let Self { renderer, grep } = self;
        if grep.takes_all() {
            renderer.line(origin, event, to);
            return;
        }
        // JSON has no place for what is no line.
        let gap = if renderer.look() == Look::Json { "" } else { "--\n" };
        grep.take(&event.message, |to| renderer.line(origin, event, to), gap, to);
    }
}
