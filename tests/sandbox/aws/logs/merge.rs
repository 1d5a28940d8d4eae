//! Many streams as one run of events, from either end.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::event::Key;
use super::stream::{Stream, Track};
use super::written::Stamp;

/// Which events of some streams are wanted, and in what order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// The earliest time.
    pub(super) from_ms: u64,
    /// The latest time, itself included.
    pub(super) to_ms: u64,
    pub(super) order: Order,
    /// Where an earlier page stopped: events up to it, itself included, are left out.
    pub(super) after: Option<Key>,
    /// Only what is visible at this moment; `None` takes all that is written by `to_ms`.
    pub(super) seen_at: Option<u64>,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The events of a range, one after the other.
pub(super) struct Merge<'a> {
    range: Range,
    cursors: Vec<Cursor<'a>>,
    /// The next event of each cursor; the one whose turn it is lies on top.
    heads: BinaryHeap<(Key, usize)>,
}

struct Cursor<'a> {
    stream: &'a Stream,
    track: Track<'a>,
    /// The numbers still to come: from the front or, newest first, from the back.
    next: u64,
    end: u64,
    head: Stamp,
    head_number: u64,
}

/// One event met on the way.
pub(super) struct Sighting<'a> {
    pub(super) stream: &'a Stream,
    pub(super) stamp: Stamp,
    track: Track<'a>,
    number: u64,
}

impl<'a> Sighting<'a> {
    /// The event's text.
    pub(super) fn message(&self) -> Cow<'a, str> {
        self.track.message(self.number)
    }

    /// Whether the text is sure to hold nothing that JSON would escape.
    pub(super) fn is_plain(&self) -> bool {
        self.track.is_plain(self.number)
    }
}

impl Order {
    /// A key whose natural order is the reverse of this one, as a heap with its greatest on top wants it.
    const fn rank(self, key: Key) -> Key {
        match self {
            Self::OldestFirst => key.flipped(),
            Self::NewestFirst => key,
        }
    }
}

impl<'a> Merge<'a> {
    pub(super) fn new(streams: impl IntoIterator<Item = &'a Arc<Stream>>, range: Range) -> Self {
        let Range { mut from_ms, mut to_ms, order, after, seen_at } = range;
        match (order, after) {
            (_, None) => {}
            (Order::OldestFirst, Some(key)) => from_ms = from_ms.max(key.timestamp),
            (Order::NewestFirst, Some(key)) => to_ms = to_ms.min(key.timestamp),
        }
        let mut merge = Self { range, cursors: Vec::new(), heads: BinaryHeap::new() };
        for stream in streams {
            for track in stream.tracks() {
                let to_ms = seen_at.map_or(to_ms, |now| to_ms.min(track.latest_ms(now)));
                let (next, end) = (track.first_from(from_ms), track.first_from(to_ms.saturating_add(1)));
                if next < end {
                    let head = Stamp { key: Key::before(0), visible_ms: 0 };
                    merge.cursors.push(Cursor { stream, track, next, end, head, head_number: 0 });
                    merge.advance(merge.cursors.len() - 1);
                }
            }
        }
        merge
    }

    /// Puts the cursor's next wanted event into the heap.
    fn advance(&mut self, index: usize) {
        let Range { from_ms: _, to_ms: _, order, after, seen_at } = self.range;
        let cursor = &mut self.cursors[index];
        while cursor.next < cursor.end {
            let number = match order {
                Order::OldestFirst => cursor.next,
                Order::NewestFirst => cursor.end - 1,
            };
            let stamp = cursor.track.stamp(number);
            let seen = seen_at.is_none_or(|now| stamp.visible_ms <= now);
            // What was sent with an event that cannot be seen yet cannot be seen either.
            let done = if seen { number..number + 1 } else { cursor.track.send(number) };
            match order {
                Order::OldestFirst => cursor.next = done.end,
                Order::NewestFirst => cursor.end = done.start,
            }
            let rank = order.rank(stamp.key);
            if seen && after.is_none_or(|after| rank < order.rank(after)) {
                (cursor.head, cursor.head_number) = (stamp, number);
                self.heads.push((rank, index));
                return;
            }
        }
    }
}

impl<'a> Iterator for Merge<'a> {
    type Item = Sighting<'a>;

    fn next(&mut self) -> Option<Sighting<'a>> {
        let (_, index) = self.heads.pop()?;
        let Cursor { stream, track, next: _, end: _, head, head_number } = self.cursors[index];
        self.advance(index);
        Some(Sighting { stream, stamp: head, track, number: head_number })
    }
}
