//! What is going on, on stderr: one line a step, ticked when it is done.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();

/// A step that takes a while. Dropped unfinished, it leaves its last line for the error to follow.
#[derive(Debug)]
pub(crate) struct Step {
    what: &'static str,
    started: Instant,
    live: bool,
    last_said: Instant,
}

impl Step {
    /// Announces the step.
    pub(crate) fn start(what: &'static str) -> Self {
        let live = io::stderr().is_terminal();
        if live {
            say(format_args!("{DIM}· {what:<14}{DIM:#}"), false);
        }
        Self { what, started: Instant::now(), live, last_said: Instant::now() }
    }

    /// Says how far it is: at once on a terminal, every ten seconds into a file.
    pub(crate) fn update(&mut self, detail: impl Display) {
        let what = self.what;
        if self.live {
            let room = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
            let detail: String = detail.to_string().chars().take(room.saturating_sub(17)).collect();
            say(format_args!("\r\x1b[2K{DIM}· {what:<14}{detail}{DIM:#}"), false);
        } else if self.last_said.elapsed() >= Duration::from_secs(10) {
            self.last_said = Instant::now();
            say(format_args!("· {what:<14}{detail}"), true);
        }
    }

    /// Ticks it off.
    pub(crate) fn done(self, detail: impl Display) {
        let (what, seconds) = (self.what, self.started.elapsed().as_secs_f32());
        let back = if self.live { "\r\x1b[2K" } else { "" };
        say(format_args!("{back}{GOOD}✓{GOOD:#} {what:<14}{detail}  {DIM}{seconds:.1} s{DIM:#}"), true);
    }
}

/// Says something beside the steps.
pub(crate) fn note(line: impl Display) {
    say(format_args!("{line}"), true);
}

/// Shows a command that is about to be run.
pub(crate) fn prompt(command: impl Display) {
    say(format_args!("\n{BOLD}$ {command}{BOLD:#}"), true);
}

fn say(line: std::fmt::Arguments<'_>, ends: bool) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_fmt(line);
    let _ = if ends { stderr.write_all(b"\n") } else { stderr.flush() };
}
