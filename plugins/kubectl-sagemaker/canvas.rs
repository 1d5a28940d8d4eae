//! A part of the terminal that is drawn anew in its place.

use sagemaker_operator::cli::{Console, Failure};

/// What is drawn, below what was there before.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    /// How many lines the last drawing took.
    lines: usize,
}

impl Canvas {
    /// Draws these lines in the place of those before, each cut to the terminal's width. `lines` may not be more than the
    /// terminal has: what has scrolled away cannot be drawn anew.
    ///
    /// # Errors
    /// If stdout takes no more.
    pub(crate) fn draw<'a>(
        &mut self,
        lines: impl IntoIterator<Item = &'a str>,
        console: &mut Console,
    ) -> Result<(), Failure> {
        let width = usize::from(console.width());
        let drawn: Vec<String> = lines.into_iter().map(|line| line.chars().take(width).collect()).collect();
        let back = if self.lines == 0 { String::new() } else { format!("\x1b[{}A\r\x1b[J", self.lines) };
        console.print(&format!("{back}{}\n", drawn.join("\n")))?;
        console.flush()?;
        self.lines = drawn.len();
        Ok(())
    }
}
