//! Many events in little memory: their texts in a few blocks, the rest in forty bytes each.
//!
//! Reading a long log in time order takes some twenty pages of thousands of lines at a time. As separate objects each
//! line would cost its text twice. Blocks are of one size, so that the allocator can use each again for the next page,
//! and leave as soon as their lines have.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Event, EventId, Millis};

/// How much text a block has room for, in bytes. A longer line has a block of its own.
const TEXT: usize = 64 * 1024;
/// How many lines a block has room for.
const LINES: usize = 640;

/// Events in the order they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    blocks: VecDeque<Block>,
    count: usize,
}

/// Some events in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Block {
    text: String,
    lines: Vec<Line>,
    streams: Vec<Arc<str>>,
    odd: Vec<Odd>,
}

/// All of an event but its text and the name of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    timestamp: Millis,
    /// What an id has beside the two times, or the place of what is odd.
    batch: u64,
    /// Where its text ends.
    end: usize,
    /// From when it was written until the service took it in, in milliseconds.
    delay: i32,
    index: u16,
    stream: u16,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// No id.
    Bare,
    /// An id of the usual make: both times, a batch, an index.
    Usual,
    /// What does not fit is among the odd ones.
    Odd,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Odd {
    ingested: Millis,
    id: Option<EventId>,
}

/// What can be seen of an event without taking it out.
#[derive(Debug, Clone, Copy)]
pub struct Glimpse<'a> {
    /// The whole name of its stream.
    pub stream: &'a Arc<str>,
    /// When the line was written.
    pub timestamp: Millis,
    /// When the service took it in.
    pub ingested: Millis,
    /// What it takes of a page, in bytes as the service counts.
    pub weight: usize,
}

/// The id of the usual make: `timestamp << 144 | ingested << 80 | batch << 16 | index`, as ids have been seen to be.
fn usual_id(timestamp: Millis, ingested: Millis, batch: u64, index: u16) -> Option<[u64; 3]> {
    let (timestamp, ingested) = (u64::try_from(timestamp.0).ok()?, u64::try_from(ingested.0).ok()?);
    (timestamp < 1 << 48).then_some([
        timestamp << 16 | ingested >> 48,
        ingested << 16 | batch >> 48,
        batch << 16 | u64::from(index),
    ])
}

impl Block {
    fn new() -> Self {
        Self { text: String::with_capacity(TEXT), lines: Vec::with_capacity(LINES), ..Self::default() }
    }

    fn has_room_for(&self, text: &str) -> bool {
        self.lines.is_empty() || (self.lines.len() < LINES && self.text.len() + text.len() <= TEXT)
    }

    fn add(&mut self, stream: &Arc<str>, (timestamp, ingested): (Millis, Millis), text: &str, id: Option<EventId>) {
        let delay = ingested.0.checked_sub(timestamp.0).and_then(|delay| i32::try_from(delay).ok());
        let usual = match (&id, delay) {
            (None, Some(delay)) => Some((Form::Bare, 0, 0, delay)),
            (Some(EventId::Number(words)), Some(delay)) => {
                let [_, middle, last] = *words;
                #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are meant")]
                let (batch, index) = (middle << 48 | last >> 16, last as u16);
                let is_usual = usual_id(timestamp, ingested, batch, index) == Some(*words);
                is_usual.then_some((Form::Usual, batch, index, delay))
            }
            (Some(EventId::Text(_)), _) | (_, None) => None,
        };
        let (form, batch, index, delay) = usual.unwrap_or_else(|| {
            self.odd.push(Odd { ingested, id });
            (Form::Odd, self.odd.len() as u64 - 1, 0, 0)
        });
        let stream = self.number(stream);
        self.text.push_str(text);
        self.lines.push(Line { timestamp, batch, end: self.text.len(), delay, index, stream, form });
    }

    fn has_room_for_all(&self, more: &Self) -> bool {
        self.lines.len() + more.lines.len() <= LINES && self.text.len() + more.text.len() <= TEXT
    }

    fn add_all(&mut self, more: &Self) {
        for (at, line) in more.lines.iter().enumerate() {
            let stream = &more.streams[usize::from(line.stream)];
            self.add(stream, (line.timestamp, more.ingested(line)), more.text(at), more.id(line));
        }
    }

    /// The number of a stream, of which a block has no more than lines. Neighbours mostly share theirs.
    fn number(&mut self, stream: &Arc<str>) -> u16 {
        let last = self.lines.last().map(|line| line.stream);
        if let Some(last) = last.filter(|last| self.streams[usize::from(*last)] == *stream) {
            return last;
        }
        let known = self.streams.iter().position(|known| known == stream);
        let number = known.unwrap_or_else(|| {
            self.streams.push(Arc::clone(stream));
            self.streams.len() - 1
        });
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    fn glimpses(&self) -> impl Iterator<Item = Glimpse<'_>> {
        (0..self.lines.len()).map(|at| self.glimpse(at))
    }

    fn glimpse(&self, at: usize) -> Glimpse<'_> {
        let line = &self.lines[at];
        let stream = &self.streams[usize::from(line.stream)];
        let weight = Event::weight_of(self.text(at).len());
        Glimpse { stream, timestamp: line.timestamp, ingested: self.ingested(line), weight }
    }

    fn ingested(&self, line: &Line) -> Millis {
        match line.form {
            Form::Bare | Form::Usual => Millis(line.timestamp.0 + i64::from(line.delay)),
            Form::Odd => self.odd(line).ingested,
        }
    }

    fn odd(&self, line: &Line) -> &Odd {
        &self.odd[usize::try_from(line.batch).unwrap_or(usize::MAX)]
    }

    fn id(&self, line: &Line) -> Option<EventId> {
        match line.form {
            Form::Bare => None,
            Form::Usual => usual_id(line.timestamp, self.ingested(line), line.batch, line.index).map(EventId::Number),
            Form::Odd => self.odd(line).id.clone(),
        }
    }

    fn text(&self, at: usize) -> &str {
        let begin = at.checked_sub(1).map_or(0, |before| self.lines[before].end);
        &self.text[begin..self.lines[at].end]
    }

    fn event(&self, at: usize) -> Event {
        let line = &self.lines[at];
        Event {
            stream: Arc::clone(&self.streams[usize::from(line.stream)]),
            timestamp: line.timestamp,
            ingested: self.ingested(line),
            message: self.text(at).to_owned(),
            id: self.id(line),
        }
    }
}

impl Events {
    /// Adds an event with its timestamp and the time when the service took it in.
    pub fn add(&mut self, stream: &Arc<str>, times: (Millis, Millis), text: &str, id: Option<EventId>) {
        if !self.blocks.back().is_some_and(|block| block.has_room_for(text)) {
            self.blocks.push_back(Block::new());
        }
        if let Some(block) = self.blocks.back_mut() {
            block.add(stream, times, text, id);
            self.count += 1;
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them without their texts.
    pub fn glimpses(&self) -> impl Iterator<Item = Glimpse<'_>> {
        self.blocks.iter().flat_map(Block::glimpses)
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, wanted: impl Fn(Glimpse<'_>) -> bool) {
        for block in std::mem::take(self).blocks {
            if block.glimpses().all(&wanted) {
                self.count += block.lines.len();
                self.blocks.push_back(block);
                continue;
            }
            for at in (0..block.lines.len()).filter(|at| wanted(block.glimpse(*at))) {
                let Glimpse { stream, timestamp, ingested, weight: _ } = block.glimpse(at);
                self.add(stream, (timestamp, ingested), block.text(at), block.id(&block.lines[at]));
            }
        }
    }

    /// Adds those of another page. A search brings page after page of a line or two: they fill blocks together.
    pub fn append(&mut self, more: Self) {
        for block in more.blocks {
            self.count += block.lines.len();
            match self.blocks.back_mut().filter(|last| last.has_room_for_all(&block)) {
                Some(last) => last.add_all(&block),
                None => self.blocks.push_back(block),
            }
        }
    }

    /// Puts a listing into the order of time, in which it comes as a rule, and drops what came twice.
    pub(super) fn sort(&mut self) {
        if self.is_sorted() {
            return;
        }
        let mut events: Vec<Event> = std::mem::take(self).into_iter().collect();
        events.sort_by(Event::cmp_in_time);
        events.dedup_by(|a, b| a.id.is_some() && a.id == b.id && a.stream == b.stream);
        *self = events.into();
    }

    /// Whether each is later than the one before, by [`Event::cmp_in_time`].
    fn is_sorted(&self) -> bool {
        let lines = self.blocks.iter().flat_map(|block| block.lines.iter().map(move |line| (block, line)));
        lines.is_sorted_by(|(a_block, a), (b_block, b)| {
            let rest = |block: &Block, line: &Line| {
                (block.id(line), block.ingested(line), Arc::clone(&block.streams[usize::from(line.stream)]))
            };
            let order = a.timestamp.cmp(&b.timestamp);
            order.then_with(|| rest(a_block, a).cmp(&rest(b_block, b))).is_lt()
        })
    }
}

impl FromIterator<Event> for Events {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        let mut all = Self::default();
        for Event { stream, timestamp, ingested, message, id } in events {
            all.add(&stream, (timestamp, ingested), &message, id);
        }
        all
    }
}

impl From<Vec<Event>> for Events {
    fn from(events: Vec<Event>) -> Self {
        events.into_iter().collect()
    }
}

impl IntoIterator for Events {
    type Item = Event;
    type IntoIter = IntoEvents;

    fn into_iter(self) -> IntoEvents {
        IntoEvents { blocks: self.blocks, next: 0 }
    }
}

/// Events taken out one by one.
#[derive(Debug, Default)]
pub struct IntoEvents {
    blocks: VecDeque<Block>,
    /// The next one of the first block.
    next: usize,
}

impl IntoEvents {
    /// Timestamp and ingestion time of the next one.
    pub(super) fn peek(&self) -> Option<(Millis, Millis)> {
        let block = self.blocks.front()?;
        let line = block.lines.get(self.next)?;
        Some((line.timestamp, block.ingested(line)))
    }
}

impl Iterator for IntoEvents {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let block = self.blocks.front()?;
        let event = block.event(self.next);
        self.next += 1;
        if self.next == block.lines.len() {
            self.blocks.pop_front();
            self.next = 0;
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ids of the usual make, numbers that look alike, others, and none.
    fn event() -> impl Strategy<Value = Event> {
        let id = prop_oneof![
            (any::<u64>(), any::<u16>()).prop_map(|usual| (Some(usual), None)),
            any::<[u64; 3]>().prop_map(|words| (None, Some(EventId::Number(words)))),
            "[a-z]{0,5}".prop_map(|text| (None, Some(EventId::Text(text.into())))),
            Just((None, None)),
        ];
        let delay = prop_oneof![-100_i64..100_000, any::<i32>().prop_map(|delay| i64::from(delay) * 3)];
        (0_usize..4, 0_i64..20, delay, ".{0,12}", id).prop_map(|(stream, at, delay, message, (usual, id))| {
            let (timestamp, ingested) = (Millis(1_795_435_200_000 + at), Millis(1_795_435_200_000 + at + delay));
            let usual = usual.and_then(|(batch, index)| usual_id(timestamp, ingested, batch, index));
            let stream = format!("job/algo-{stream}").into();
            Event { stream, timestamp, ingested, message, id: id.or(usual.map(EventId::Number)) }
        })
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(events in proptest::collection::vec(event(), 0..30), cut in 0_usize..30) {
            let (first, rest) = events.split_at(cut.min(events.len()));
            let mut packed = Events::from(first.to_vec());
            packed.append(rest.to_vec().into());
            prop_assert_eq!(packed.len(), events.len());
            let glimpses: Vec<_> = packed.glimpses().map(|it| (it.timestamp, it.ingested, it.weight)).collect();
            let expected: Vec<_> = events.iter().map(|it| (it.timestamp, it.ingested, it.weight())).collect();
            prop_assert_eq!(glimpses, expected);
            prop_assert_eq!(packed.into_iter().collect::<Vec<_>>(), events);
        }

        #[test]
        fn small_pages_share_blocks(pages in proptest::collection::vec(0_usize..200, 0..60)) {
            let event = |at: usize| Event {
                stream: format!("job/algo-{}", at % 3).into(),
                timestamp: Millis(i64::try_from(at).unwrap()),
                ingested: Millis(5),
                message: "y".repeat(at % 50),
                id: None,
            };
            let (mut packed, mut events) = (Events::default(), Vec::new());
            for lines in pages {
                let page: Vec<Event> = (events.len()..events.len() + lines).map(event).collect();
                packed.append(page.clone().into());
                events.extend(page);
            }
            prop_assert!(packed.blocks.len() <= 2 * events.len().div_ceil(LINES), "{} blocks", packed.blocks.len());
            prop_assert_eq!(packed.into_iter().collect::<Vec<_>>(), events);
        }

        #[test]
        fn blocks_do_not_show(count in 0_usize..1500, long in 0_usize..1500) {
            let text = |at: usize| if at == long { "x".repeat(2 * TEXT) } else { format!("line {at} {}", "y".repeat(at)) };
            let event = |at: usize| Event {
                stream: format!("job/algo-{}", at % 700).into(),
                timestamp: Millis(i64::try_from(at).unwrap()),
                ingested: Millis(5),
                message: text(at),
                id: None,
            };
            let events: Vec<Event> = (0..count).map(event).collect();
            let packed = Events::from(events.clone());
            prop_assert!(packed.is_sorted());
            prop_assert_eq!(packed.into_iter().collect::<Vec<_>>(), events);
        }

        #[test]
        fn they_are_kept_and_sorted_as_separate_ones_would_be(mut events in proptest::collection::vec(event(), 0..30)) {
            events.extend(events.first().cloned());
            let mut packed = Events::from(events.clone());
            let is_wanted = |timestamp: Millis| timestamp.0 % 3 != 0;
            packed.retain(|event| is_wanted(event.timestamp));
            packed.sort();
            events.retain(|event| is_wanted(event.timestamp));
            if !events.is_sorted_by(|a, b| a.cmp_in_time(b).is_lt()) {
                events.sort_by(Event::cmp_in_time);
                events.dedup_by(|a, b| a.id.is_some() && a.id == b.id && a.stream == b.stream);
            }
            prop_assert_eq!(packed.into_iter().collect::<Vec<_>>(), events);
        }
    }
}
