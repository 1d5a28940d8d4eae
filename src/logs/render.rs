//! How a line looks: as v1 wrote it, for scripts, and short, for people.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, TimeZone, Timelike as _, Utc};

use super::selection::without_epoch;
use super::{Event, Millis, Selection, Whose};

/// Where lines come from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What is told of it on each line, where lines of several origins are mixed.
    pub label: Option<Arc<str>>,
    /// The kind of what has logged.
    pub kind: &'static str,
    /// What of it was asked for.
    pub selection: Selection,
}

impl Origin {
    /// The host as people call it: `algo-1`, of a trial with the trial before it, of an endpoint with the variant.
    fn host<'a>(&self, stream: &'a str) -> (Option<&'a str>, &'a str) {
        let Some((job, own)) = self.selection.split(stream) else { return (None, stream) };
        let trial = match &self.selection.whose {
            Whose::Trials { tuning, .. } => job.strip_prefix(&**tuning).and_then(|rest| rest.strip_prefix('-')),
            Whose::Job(_) | Whose::Endpoint { .. } => None,
        };
        (trial, without_epoch(own))
    }
}

/// The look of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// `STREAM 2026-11-23 16:27:16.714 +0000 UTC MESSAGE`, byte for byte.
    V1,
    /// `algo-1 16:27:16 MESSAGE`, for terminals: in local time, and with control characters made visible.
    Short {
        /// Whether hosts are told apart by colour too.
        colour: bool,
    },
}

/// Writes lines.
#[derive(Debug, Clone, Copy)]
pub struct Renderer<Z> {
    look: Look,
    hide_stream: bool,
    zone: Z,
}

impl<Z: TimeZone<Offset: std::fmt::Display>> Renderer<Z> {
    /// A renderer; the time zone is that of the short look.
    pub fn new(look: Look, hide_stream: bool, zone: Z) -> Self {
        Self { look, hide_stream, zone }
    }

    /// The look of the lines.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Appends the line and its line feed.
    pub fn line(&self, origin: &Origin, event: &Event, to: &mut String) {
        // Some agents hand the line feed in as a part of the message.
        let message = event.message.strip_suffix('\n').unwrap_or(&event.message);
        match self.look {
            Look::V1 => {
                if !self.hide_stream {
                    to.push_str(&event.stream);
                    to.push(' ');
                }
                go_time(event.timestamp, to);
                to.push(' ');
                to.push_str(message);
            }
            Look::Short { colour } => {
                if !self.hide_stream {
                    let (trial, host) = origin.host(&event.stream);
                    for part in origin.label.as_deref().into_iter().chain(trial).chain([host]) {
                        if colour {
                            let _ = write!(to, "\x1b[{}m", colour_of(part));
                        }
                        // Anybody who may write logs may name a stream.
                        without_controls(part, to);
                        to.push_str(if colour { "\x1b[0m " } else { " " });
                    }
                }
                match time_of(event.timestamp) {
                    Some(time) => {
                        let _ = write!(to, "{} ", time.with_timezone(&self.zone).format("%H:%M:%S"));
                    }
                    None => to.push_str("??:??:?? "),
                }
                without_controls(message, to);
            }
        }
        to.push('\n');
    }
}

fn time_of(timestamp: Millis) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(timestamp.0)
}

/// Go's `time.Time.String()`, which cuts the trailing zeros of the fraction, and the fraction itself if it is zero.
fn go_time(timestamp: Millis, to: &mut String) {
    let Some(time) = time_of(timestamp) else {
        let _ = write!(to, "{}", timestamp.0);
        return;
    };
    // A formatter of formats takes longer than all else that is done for a line.
    match u32::try_from(time.year()) {
        Ok(year) if year < 10_000 => {
            two_digits(year / 100, to);
            two_digits(year % 100, to);
        }
        Ok(_) | Err(_) => {
            let _ = write!(to, "{:+05}", time.year());
        }
    }
    let parts =
        [('-', time.month()), ('-', time.day()), (' ', time.hour()), (':', time.minute()), (':', time.second())];
    for (separator, part) in parts {
        to.push(separator);
        two_digits(part, to);
    }
    let millis = time.timestamp_subsec_millis();
    if millis != 0 {
        to.push('.');
        to.push(digit(millis / 100));
        if !millis.is_multiple_of(100) {
            to.push(digit(millis / 10));
        }
        if !millis.is_multiple_of(10) {
            to.push(digit(millis));
        }
    }
    to.push_str(" +0000 UTC");
}

fn two_digits(number: u32, to: &mut String) {
    to.push(digit(number / 10));
    to.push(digit(number));
}

/// The last digit of a number.
fn digit(number: u32) -> char {
    char::from_digit(number % 10, 10).unwrap_or('0')
}

/// A log may hold escapes that retitle a terminal or worse.
fn without_controls(message: &str, to: &mut String) {
    for symbol in message.chars() {
        match symbol {
            '\t' => to.push('\t'),
            '\n' => to.push_str("\n  "),
            control if control.is_control() => {
                let _ = write!(to, "{}", control.escape_default());
            }
            other => to.push(other),
        }
    }
}

/// The same host gets the same colour in every session.
fn colour_of(host: &str) -> u8 {
    const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];
    let digits = host
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_usize, |sum, digit| sum.wrapping_mul(10).wrapping_add(usize::from(digit - b'0')));
    let sum = if host.starts_with("algo-") { digits } else { host.bytes().map(usize::from).sum() };
    COLOURS[sum.wrapping_sub(1) % COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    fn origin() -> Origin {
        Origin { label: None, kind: "TrainingJob", selection: Selection::job("group", "job") }
    }

    fn rendered(look: Look, hide_stream: bool, timestamp: i64, message: &str) -> String {
        let event = Event {
            stream: "job/algo-1-1700000000".into(),
            timestamp: Millis(timestamp),
            ingested: Millis(timestamp),
            message: message.to_owned(),
            id: None,
        };
        let mut text = String::new();
        Renderer::new(look, hide_stream, Utc).line(&origin(), &event, &mut text);
        text
    }

    #[test]
    fn v1_lines_cut_the_zeros_of_the_fraction_only() {
        let times = [1_795_451_236_714, 1_795_451_236_700, 1_795_451_236_010, 1_795_451_230_000, 1_795_449_600_000];
        let lines: String = times.into_iter().map(|time| rendered(Look::V1, false, time, "message")).collect();
        assert_snapshot!(lines, @r"
        job/algo-1-1700000000 2026-11-23 16:27:16.714 +0000 UTC message
        job/algo-1-1700000000 2026-11-23 16:27:16.7 +0000 UTC message
        job/algo-1-1700000000 2026-11-23 16:27:16.01 +0000 UTC message
        job/algo-1-1700000000 2026-11-23 16:27:10 +0000 UTC message
        job/algo-1-1700000000 2026-11-23 16:00:00 +0000 UTC message
        ");
    }

    #[test]
    fn v1_lines_without_stream_begin_with_the_time() {
        assert_snapshot!(rendered(Look::V1, true, 1_795_451_236_714, "message\n"), @"2026-11-23 16:27:16.714 +0000 UTC message");
    }

    #[test]
    fn short_lines_name_the_host_and_defuse_escapes() {
        let look = Look::Short { colour: false };
        assert_snapshot!(rendered(look, false, 1_795_451_236_714, "a\x1b]0;title\x07 b\tc"), @r"algo-1 16:27:16 a\u{1b}]0;title\u{7} b	c");
    }

    #[test]
    fn the_name_of_a_host_is_defused_too() {
        let event = Event {
            stream: "job/algo\x1b[2J".into(),
            timestamp: Millis(0),
            ingested: Millis(0),
            message: "a".to_owned(),
            id: None,
        };
        let mut text = String::new();
        Renderer::new(Look::Short { colour: false }, false, Utc).line(&origin(), &event, &mut text);
        assert_eq!(text, "algo\\u{1b}[2J 00:00:00 a\n");
    }

    proptest! {
        #[test]
        fn a_time_of_v1_is_that_of_any_formatter(millis in -70_000_000_000_000_i64..260_000_000_000_000) {
            let mut text = String::new();
            go_time(Millis(millis), &mut text);
            let time = DateTime::from_timestamp_millis(millis).unwrap();
            let fraction = time.format("%.3f").to_string();
            let wanted = format!("{}{}", time.format("%Y-%m-%d %H:%M:%S"), fraction.trim_end_matches('0').trim_end_matches('.'));
            prop_assert_eq!(text, format!("{wanted} +0000 UTC"));
        }
    }

    #[test]
    fn v1_lines_are_verbatim() {
        assert!(rendered(Look::V1, true, 0, "\x1b[1mbold\r").ends_with(" \x1b[1mbold\r\n"));
    }

    #[test]
    fn neighbouring_hosts_have_different_colours() {
        assert_ne!(colour_of("algo-1"), colour_of("algo-2"));
        assert_eq!(colour_of("algo-1"), 36);
    }
}
