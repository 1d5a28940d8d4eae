//! A log stream: what a container writes, what was put into it, or both.

use std::borrow::Cow;
use std::ops::Range;

use super::body::json_text;
use super::event::Key;
use super::written::{Stamp, Written};

/// One log stream of a group.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) name: String,
    /// The same in quotes, as answers have it.
    pub(super) name_as_json: String,
    /// When `CreateLogStream` made it.
    pub(super) created_ms: Option<u64>,
    pub(super) written: Option<Written>,
    /// What `PutLogEvents` brought, in order.
    pub(super) put: Vec<PutEvent>,
}

/// An event that came by `PutLogEvents`.
#[derive(Debug, Clone)]
pub(super) struct PutEvent {
    pub(super) stamp: Stamp,
    pub(super) message: String,
}

/// A numbered run of events in the order of their keys.
#[derive(Debug, Clone, Copy)]
pub(super) enum Track<'a> {
    Written(&'a Written),
    Put(&'a [PutEvent]),
}

impl Stream {
    /// A stream without an event.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), name_as_json: json_text(name), created_ms: None, written: None, put: Vec::new() }
    }

    /// Its events; each track is ordered, one does not end where the other begins.
    pub(super) fn tracks(&self) -> impl Iterator<Item = Track<'_>> {
        self.written.as_ref().map(Track::Written).into_iter().chain(Some(Track::Put(&self.put)))
    }

    /// From when on the service knows it. A container's stream is made by the agent's first send.
    pub(super) fn appears_ms(&self) -> Option<u64> {
        let first = self.written.as_ref().and_then(Written::first_stamp).map(|stamp| stamp.visible_ms);
        [self.created_ms, first].into_iter().flatten().min()
    }
}

impl<'a> Track<'a> {
    /// The number of the first event at that time or later.
    pub(super) fn first_from(self, ms: u64) -> u64 {
        match self {
            Self::Written(written) => written.first_from(ms),
            Self::Put(events) => events.partition_point(|event| event.stamp.key < Key::before(ms)) as u64,
        }
    }

    /// The latest time of any event that may be seen at `now_ms`. A container writes nothing ahead of time; a client may.
    pub(super) fn latest_ms(self, now_ms: u64) -> u64 {
        match self {
            Self::Written(_) => now_ms,
            Self::Put(_) => now_ms + super::put::AHEAD_MS,
        }
    }

    /// The events that are seen from the same moment on as that one.
    pub(super) fn send(self, number: u64) -> Range<u64> {
        match self {
            Self::Written(written) => written.send(number),
            Self::Put(_) => number..number + 1,
        }
    }

    pub(super) fn stamp(self, number: u64) -> Stamp {
        match self {
            Self::Written(written) => written.stamp(number),
            Self::Put(events) => events[place(number)].stamp,
        }
    }

    /// Whether the text is sure to hold nothing that JSON would escape.
    pub(super) fn is_plain(self, number: u64) -> bool {
        match self {
            Self::Written(written) => written.is_training(number),
            Self::Put(_) => false,
        }
    }

    pub(super) fn message(self, number: u64) -> Cow<'a, str> {
        match self {
            Self::Written(written) => Cow::Owned(written.message(number)),
            Self::Put(events) => Cow::Borrowed(&events[place(number)].message),
        }
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).expect("a number of an event that is held in memory")
}
