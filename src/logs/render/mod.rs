//! How a line looks: as v1 wrote it, for scripts; short, for people; bare; or as JSON.

mod json;
mod terminal;
mod time;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{NaiveDate, TimeZone};

use super::selection::without_epoch;
use super::{Event, Selection, Whose, rank_of};
use time::Clock;

/// The look of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// `STREAM 2026-11-23 16:27:16.714 +0000 UTC MESSAGE`, byte for byte.
    V1,
    /// `algo-1 16:27:16 MESSAGE`.
    Short,
    /// `MESSAGE`.
    Raw,
    /// An object with all that is known of the line.
    Json,
}

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// As the look has it, in UTC.
    Utc,
    /// As the look has it, in local time.
    Local,
    /// `2026-11-23T16:27:16.714Z`.
    Iso,
    /// Not at all.
    None,
}

/// All that can be chosen about how lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// The look.
    pub look: Look,
    /// How times are written; `None` for what is usual for the look.
    pub times: Option<Times>,
    /// Whether the names of streams and hosts are left out.
    pub hide_stream: bool,
    /// Whether colours tell hosts apart.
    pub colour: bool,
    /// Whether lines go to a terminal: what would control it is made harmless, and progress bars, which it would
    /// overwrite, are shown in their last state. Everybody else gets every byte.
    pub to_terminal: bool,
}

/// Where lines come from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What is told of it on each line, where lines of several origins are mixed.
    pub label: Option<Arc<str>>,
    /// The kind of what has logged.
    pub kind: &'static str,
    /// The object of that kind, as NAMESPACE/NAME; `None` if there is none.
    pub object: Option<Arc<str>>,
    /// What of it was asked for.
    pub selection: Selection,
}

/// What the name of a stream tells.
struct Place<'a> {
    /// The job, or the endpoint.
    job: &'a str,
    /// Of a tuning job's trial, what tells it from the others.
    trial: Option<&'a str>,
    /// `algo-1`; of an endpoint with the variant.
    host: Cow<'a, str>,
    rank: Option<u32>,
}

impl Origin {
    fn place<'a>(&'a self, stream: &'a str) -> Place<'a> {
        let (job, own) = self.selection.split(stream).unwrap_or(("", stream));
        let (job, trial) = match &self.selection.whose {
            Whose::Trials { tuning, .. } => (job, job.strip_prefix(&**tuning).and_then(|rest| rest.strip_prefix('-'))),
            Whose::Job(_) => (job, None),
            Whose::Endpoint { .. } => (self.selection.group.rsplit('/').next().unwrap_or_default(), None),
        };
        Place { job, trial, host: short(own), rank: rank_of(own) }
    }
}

/// `algo-1` of `algo-1-1700000000`, and `i-0abc/data-log` of `i-0abc-1700000000/data-log`.
fn short(own: &str) -> Cow<'_, str> {
    match own.split_once('/').map(|(host, below)| (host, without_epoch(host), below)) {
        Some((host, short, below)) if short != host => Cow::Owned(format!("{short}/{below}")),
        Some(_) | None => Cow::Borrowed(without_epoch(own)),
    }
}

/// Writes lines.
#[derive(Debug, Clone)]
pub struct Renderer<Z> {
    manner: Manner,
    clock: Clock<Z>,
}

impl<Z: TimeZone<Offset: std::fmt::Display>> Renderer<Z> {
    /// A renderer; `zone` is the local one, and `today` the date there, which short lines leave out.
    pub fn new(manner: Manner, zone: Z, today: NaiveDate) -> Self {
        let Manner { look, times, .. } = manner;
        Self { manner, clock: Clock::new(look, times, zone, today) }
    }

    /// The look of the lines.
    pub fn look(&self) -> Look {
        self.manner.look
    }

    /// Appends the line and its line feed.
    pub fn line(&mut self, origin: &Origin, event: &Event, to: &mut String) {
        let Manner { look, times: _, hide_stream, colour, to_terminal } = self.manner;
        // Some agents hand the line feed in as a part of the message.
        let message = event.message.strip_suffix('\n').unwrap_or(&event.message);
        if look == Look::Json {
            json::line(origin, event, message, to_terminal, to);
            to.push('\n');
            return;
        }
        if !hide_stream {
            match look {
                Look::V1 if !to_terminal => {
                    to.push_str(&event.stream);
                    to.push(' ');
                }
                Look::V1 => {
                    terminal::word(&event.stream, None, to);
                }
                Look::Short => {
                    let Place { job: _, trial, host, rank: _ } = origin.place(&event.stream);
                    for part in origin.label.as_deref().into_iter().chain(trial).chain([&*host]) {
                        // Anybody who may write logs may name a stream.
                        if to_terminal || colour {
                            terminal::word(part, colour.then(|| colour_of(part)), to);
                        } else {
                            to.push_str(part);
                            to.push(' ');
                        }
                    }
                }
                Look::Raw | Look::Json => {}
            }
        }
        self.clock.write(event.timestamp, to);
        match (to_terminal, look) {
            (true, Look::Raw) => terminal::verbatim(message, colour, to),
            (true, _) => terminal::message(message, colour, to),
            (false, _) => to.push_str(message),
        }
        to.push('\n');
    }
}

/// The same host gets the same colour in every session.
fn colour_of(host: &str) -> u8 {
    const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];
    let sum = match rank_of(host) {
        // Neighbours differ.
        Some(rank) => rank as usize,
        None => host.bytes().map(usize::from).sum(),
    };
    COLOURS[sum % COLOURS.len()]
}

#[cfg(test)]
mod tests;
