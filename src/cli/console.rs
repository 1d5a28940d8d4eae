//! Everything a person reads goes through here: data to stdout, talk to stderr.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use textwrap::{Options, WordSplitter};

use super::{Failure, Outcome};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    fn applies(self, is_terminal: bool, no_color: bool) -> bool {
        match self {
            Self::Auto => is_terminal && !no_color,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Where output goes and what it may look like.
pub struct Console {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    out_look: Look,
    err_is_terminal: bool,
    in_is_terminal: bool,
    width: u16,
    has_status: bool,
}

/// What stdout is.
#[derive(Debug, Clone, Copy)]
struct Look {
    is_terminal: bool,
    colour: bool,
}

impl Console {
    /// The process's own streams.
    pub fn standard(colour: Colour) -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_is_terminal, err_is_terminal) = (out.is_terminal(), err.is_terminal());
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let seen = terminal_size::terminal_size().map(|(width, _)| width.0);
        Self {
            // Lines of a log come in thousands; whoever shows them as they come calls `flush`.
            out: Box::new(io::BufWriter::with_capacity(64 * 1024, out)),
            err: Box::new(err),
            out_look: Look { is_terminal: out_is_terminal, colour: colour.applies(out_is_terminal, no_color) },
            err_is_terminal,
            in_is_terminal: io::stdin().is_terminal(),
            width: columns.or(seen).unwrap_or(80).max(20),
            has_status: false,
        }
    }

    /// Whether stdout is a terminal.
    pub fn out_is_terminal(&self) -> bool {
        self.out_look.is_terminal
    }

    /// Whether stderr is a terminal.
    pub fn err_is_terminal(&self) -> bool {
        self.err_is_terminal
    }

    /// Whether stdout takes colours.
    pub fn colour(&self) -> bool {
        self.out_look.colour
    }

    /// The width in columns.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// The height in lines, at this moment.
    pub fn height(&self) -> u16 {
        terminal_size::terminal_size().map_or(24, |(_, height)| height.0)
    }

    /// Data.
    ///
    /// # Errors
    /// If stdout takes no more.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        self.clear_status();
        self.out.write_all(text.as_bytes())
    }

    /// Data in sentences: on a terminal their lines are broken where it ends.
    ///
    /// # Errors
    /// If stdout takes no more.
    pub fn prose(&mut self, text: &str) -> io::Result<()> {
        if self.out_look.is_terminal {
            let width = usize::from(self.width);
            let broken: Vec<String> = text.split('\n').map(|line| fitting(line, width)).collect();
            return self.print(&broken.join("\n"));
        }
        self.print(text)
    }

    /// Shows what has been printed so far.
    ///
    /// # Errors
    /// If stdout takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// A line of talk. What stderr does not take is nobody's loss.
    pub fn say(&mut self, line: &str) {
        self.clear_status();
        // Hints are on lines of their own.
        let lines: Vec<String> = line.split('\n').map(defused).collect();
        let _ = writeln!(self.err, "{}", lines.join("\n"));
    }

    /// Says what one of several objects has come to, so that the others have their turn; only a closed output ends it all.
    ///
    /// # Errors
    /// If stdout takes no more.
    pub fn told(&mut self, ended: Result<Outcome, Failure>) -> Result<Outcome, Failure> {
        match ended {
            Err(Failure::Complaint(complaint)) => {
                self.say(&complaint.to_string());
                Ok(complaint.outcome())
            }
            ended => ended,
        }
    }

    /// The one live line, on a terminal; nothing elsewhere.
    pub fn status(&mut self, line: &str) {
        if self.err_is_terminal {
            // A line that wraps cannot be cleared.
            let fitting: String = defused(line).chars().take(usize::from(self.width) - 1).collect();
            let _ = write!(self.err, "\r\x1b[K{fitting}");
            let _ = self.err.flush();
            self.has_status = true;
        }
    }

    /// Whether there is somebody to ask: both ends of a question are a terminal.
    pub fn can_ask(&self) -> bool {
        self.in_is_terminal && self.err_is_terminal
    }

    /// Asks a person, and waits for a line of answer; `None` at the end of the input.
    ///
    /// # Errors
    /// If the terminal cannot be read.
    pub async fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        self.flush()?;
        self.clear_status();
        write!(self.err, "{} ", defused(question))?;
        self.err.flush()?;
        // On a thread of its own: Ctrl-C is heard meanwhile.
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|length| (length > 0).then(|| line.trim().to_owned()))
        });
        read.await.map_err(io::Error::other)?
    }

    /// Takes the live line away.
    pub fn clear_status(&mut self) {
        if std::mem::take(&mut self.has_status) {
            let _ = write!(self.err, "\r\x1b[K");
            let _ = self.err.flush();
        }
    }
}

/// A text from outside, on one line and without the control characters that make a terminal do things.
pub fn defused(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '\n' | '\t' => safe.push(' '),
            control if control.is_control() => safe.extend(control.escape_default()),
            other => safe.push(other),
        }
    }
    safe
}

/// A line, broken at blanks where it does not fit; the rest stands a little further in. A command stays in one piece, to
/// be copied, and so do names.
fn fitting(line: &str, width: usize) -> String {
    const COMMANDS: [&str; 3] = ["kubectl ", "aws ", "helm "];
    let words = line.trim_start_matches(' ');
    if COMMANDS.iter().any(|command| words.starts_with(command)) {
        return line.to_owned();
    }
    let indent = &line[..line.len() - words.len()];
    let rest = format!("{indent}  ");
    let options = Options::new(width).initial_indent(indent).subsequent_indent(&rest).break_words(false);
    textwrap::fill(words, options.word_splitter(WordSplitter::NoHyphenation))
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("width", &self.width).field("out", &self.out_look).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What a terminal was sent.
    #[derive(Debug, Clone, Default)]
    struct Sent(Arc<Mutex<Vec<u8>>>);

    impl Write for Sent {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("one thread").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn talk_from_outside_does_nothing_to_the_terminal() {
        let sent = Sent::default();
        let mut console = Console {
            out: Box::new(io::sink()),
            err: Box::new(sent.clone()),
            out_look: Look { is_terminal: true, colour: true },
            err_is_terminal: true,
            in_is_terminal: false,
            width: 80,
            has_status: false,
        };
        console.say("error: \x1b]0;title\x07 no\r such\nhint: look");
        console.status("one\ntwo\x1b[2J");
        let sent = String::from_utf8(sent.0.lock().unwrap().clone()).unwrap();
        assert_eq!(sent, "error: \\u{1b}]0;title\\u{7} no\\r such\nhint: look\n\r\x1b[Kone two\\u{1b}[2J",);
    }

    #[test]
    fn a_line_is_broken_where_the_terminal_ends_but_no_command_and_no_name() {
        for (line, expected) in [
            ("", ""),
            ("It would be stopped.", "It would be stopped."),
            ("It would be stopped, and kept.", "It would be stopped,\n  and kept."),
            ("  child  model/a is there", "  child  model/a is\n    there"),
            ("  model/with-a-long-name is there", "  model/with-a-long-name\n    is there"),
            ("  kubectl delete trainingjob/mnist", "  kubectl delete trainingjob/mnist"),
            ("aws sagemaker delete-endpoint --name x", "aws sagemaker delete-endpoint --name x"),
        ] {
            assert_eq!(fitting(line, 20), expected);
        }
    }

    #[test]
    fn no_color_is_heeded_unless_colour_is_asked_for() {
        assert!(Colour::Auto.applies(true, false));
        assert!(!Colour::Auto.applies(true, true));
        assert!(!Colour::Auto.applies(false, false));
        assert!(Colour::Always.applies(false, true));
        assert!(!Colour::Never.applies(true, false));
    }
}
