//! Many events in little memory: their texts in one block, the rest in forty bytes each.
//!
//! Reading a long log in time order takes some twenty pages of thousands of lines at a time. As separate objects each
//! line would cost its text twice.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Event, EventId, Millis};

/// Events in the order they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
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
    from: usize,
    length: u32,
    stream: u32,
    /// From when it was written until the service took it in, in milliseconds.
    delay: i32,
    index: u16,
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

impl Events {
    /// Adds an event.
    pub fn add(&mut self, stream: &Arc<str>, (timestamp, ingested): (Millis, Millis), text: &str, id: Option<EventId>) {
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
        let (from, stream) = (self.text.len(), self.number(stream));
        // A line of the service has at most a megabyte.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.text.push_str(&text[..length as usize]);
        self.lines.push(Line { timestamp, batch, from, length, stream, delay, index, form });
    }

    /// The number of a stream. Neighbours mostly share theirs.
    fn number(&mut self, stream: &Arc<str>) -> u32 {
        let last = self.lines.last().map(|line| line.stream).filter(|last| self.streams[*last as usize] == *stream);
        let known = || self.streams.iter().position(|known| known == stream);
        let number = last.map(|last| last as usize).or_else(known).unwrap_or_else(|| {
            self.streams.push(Arc::clone(stream));
            self.streams.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All of them without their texts.
    pub fn glimpses(&self) -> impl Iterator<Item = Glimpse<'_>> {
        self.lines.iter().map(|line| self.glimpse(line))
    }

    fn glimpse(&self, line: &Line) -> Glimpse<'_> {
        let stream = &self.streams[line.stream as usize];
        let weight = Event::weight_of(line.length as usize);
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

    fn text(&self, line: &Line) -> &str {
        &self.text[line.from..line.from + line.length as usize]
    }

    fn event(&self, line: &Line) -> Event {
        Event {
            stream: Arc::clone(&self.streams[line.stream as usize]),
            timestamp: line.timestamp,
            ingested: self.ingested(line),
            message: self.text(line).to_owned(),
            id: self.id(line),
        }
    }

    /// Keeps those that are wanted, and gives back the room of the others.
    pub fn retain(&mut self, wanted: impl Fn(Glimpse<'_>) -> bool) {
        if self.glimpses().all(&wanted) {
            return;
        }
        let mut kept = Self { streams: self.streams.clone(), odd: self.odd.clone(), ..Self::default() };
        for line in &self.lines {
            if wanted(self.glimpse(line)) {
                kept.lines.push(Line { from: kept.text.len(), ..*line });
                kept.text.push_str(self.text(line));
            }
        }
        *self = kept;
        self.shrink();
    }

    /// Adds those of another page.
    pub fn append(&mut self, more: Self) {
        if self.is_empty() {
            *self = more;
            return;
        }
        for line in &more.lines {
            let stream = &more.streams[line.stream as usize];
            self.add(stream, (line.timestamp, more.ingested(line)), more.text(line), more.id(line));
        }
    }

    /// Gives back room that is not needed.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.lines.shrink_to_fit();
    }

    /// Puts a listing into the order of time, in which it comes as a rule, and drops what came twice.
    pub(super) fn sort(&mut self) {
        let mut lines = std::mem::take(&mut self.lines);
        if !lines.is_sorted_by(|a, b| self.cmp_in_time(a, b).is_lt()) {
            lines.sort_by(|a, b| self.cmp_in_time(a, b));
            lines.dedup_by(|a, b| a.stream == b.stream && self.id(a).is_some() && self.id(a) == self.id(b));
        }
        self.lines = lines;
    }

    /// [`Event::cmp_in_time`].
    fn cmp_in_time(&self, a: &Line, b: &Line) -> Ordering {
        let rest = |line: &Line| (self.id(line), self.ingested(line), &self.streams[line.stream as usize]);
        a.timestamp.cmp(&b.timestamp).then_with(|| rest(a).cmp(&rest(b)))
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
        IntoEvents { events: self, next: 0 }
    }
}

/// Events taken out one by one.
#[derive(Debug, Default)]
pub struct IntoEvents {
    events: Events,
    next: usize,
}

impl IntoEvents {
    /// Timestamp and ingestion time of the next one.
    pub(super) fn peek(&self) -> Option<(Millis, Millis)> {
        let line = self.events.lines.get(self.next)?;
        Some((line.timestamp, self.events.ingested(line)))
    }
}

impl Iterator for IntoEvents {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let event = self.events.event(self.events.lines.get(self.next)?);
        self.next += 1;
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
