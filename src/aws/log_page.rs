//! An answer of CloudWatch Logs, read as it arrives.
//!
//! The SDK holds an answer as bytes, then as typed events, then both beside the events that we make of them: for pages
//! of a megabyte, sixteen at a time, that is most of the time and memory of a reader. Here each event is made as soon
//! as its bytes are there, and they are forgotten.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny, Visitor};
use serde_json::{Deserializer, Error};

use crate::logs::{EventId, Millis, Page};

/// How much of a piece is looked at at a time, in bytes.
const BITE: usize = 32 * 1024;

/// Reads `{"events":[…],"nextToken":…}`, in pieces of any size.
#[derive(Debug)]
pub(super) struct PageReader {
    /// What has arrived and was not complete yet.
    rest: Vec<u8>,
    place: Place,
    page: Page,
    /// The stream of the event before: neighbours mostly share it, so they share its name.
    stream: Arc<str>,
    /// The latest timestamp wanted. The first event beyond is kept as the proof that none was left out before it.
    to: Option<Millis>,
    is_past: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the opening brace.
    Start,
    /// Between the members of the answer.
    Members,
    /// Between events.
    Events,
    /// Behind the closing brace.
    End,
}

/// One event as the service writes it; what it does not say stays empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Written<'a> {
    #[serde(borrow)]
    log_stream_name: Option<Text<'a>>,
    timestamp: Option<i64>,
    ingestion_time: Option<i64>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow)]
    event_id: Option<Text<'a>>,
}

/// A string whatever its bytes are: what is not UTF-8, as half a surrogate pair, becomes U+FFFD instead of the end of
/// the page.
#[derive(Debug)]
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Text(String::from_utf8_lossy(bytes)))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

impl PageReader {
    /// A reader of events of many streams, each with its name.
    pub(super) fn of_many() -> Self {
        Self::new("".into(), None)
    }

    /// A reader of events of this stream up to a timestamp.
    pub(super) fn of_one(stream: Arc<str>, to: Option<Millis>) -> Self {
        Self::new(stream, to)
    }

    fn new(stream: Arc<str>, to: Option<Millis>) -> Self {
        Self { rest: Vec::new(), place: Place::Start, page: Page::default(), stream, to, is_past: false }
    }

    /// Takes the next piece.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        // Pieces may have half a megabyte; a copy of all of that is not wanted beside it.
        piece.chunks(BITE).try_for_each(|bite| self.bite(bite))
    }

    fn bite(&mut self, bite: &[u8]) -> Result<(), Error> {
        self.rest.extend_from_slice(bite);
        let rest = std::mem::take(&mut self.rest);
        let mut at = 0;
        while let Some(read) = self.step(&rest[at..])? {
            at += read;
        }
        self.rest = rest;
        self.rest.drain(..at);
        Ok(())
    }

    /// The page, if all of it has arrived.
    pub(super) fn finish(self) -> Result<Page, Error> {
        if self.place == Place::End { Ok(self.page) } else { Err(Error::custom("the answer breaks off")) }
    }

    /// Reads one thing and tells how long it was; `None` if it is not there yet.
    fn step(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let skipped = bytes.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b',').count();
        let Some(first) = bytes.get(skipped) else { return Ok(None) };
        let bytes = &bytes[skipped..];
        let read = match (self.place, first) {
            (Place::Start, b'{') | (Place::Events, b']') => {
                self.place = Place::Members;
                Some(1)
            }
            (Place::Members, b'}') => {
                self.place = Place::End;
                Some(1)
            }
            (Place::Members, _) => self.member(bytes)?,
            (Place::Events, _) => match value::<Written<'_>>(bytes)? {
                Some((event, read)) => {
                    self.keep(event);
                    Some(read)
                }
                None => None,
            },
            (Place::Start | Place::End, _) => return Err(Error::custom("the answer is not a JSON object")),
        };
        Ok(read.map(|read| skipped + read))
    }

    fn member(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let Some((name, read)) = value::<Text<'_>>(bytes)? else { return Ok(None) };
        let after = &bytes[read..];
        let Some(colon) = after.iter().position(|byte| !byte.is_ascii_whitespace()) else { return Ok(None) };
        if after[colon] != b':' {
            return Err(Error::custom("a member of the answer has no value"));
        }
        let after = &after[colon + 1..];
        let Some(spaces) = after.iter().position(|byte| !byte.is_ascii_whitespace()) else { return Ok(None) };
        let (read, after) = (read + colon + 1 + spaces, &after[spaces..]);
        let value_read = match &*name.0 {
            "events" if after[0] == b'[' => {
                self.place = Place::Events;
                Some(1)
            }
            "nextToken" | "nextForwardToken" => match value::<Option<String>>(after)? {
                Some((token, read)) => {
                    self.page.next = token;
                    Some(read)
                }
                None => None,
            },
            _ => value::<IgnoredAny>(after)?.map(|(_, read)| read),
        };
        Ok(value_read.map(|value| read + value))
    }

    fn keep(&mut self, event: Written<'_>) {
        let Written { log_stream_name, timestamp, ingestion_time, message, event_id } = event;
        let timestamp = Millis(timestamp.unwrap_or_default());
        if self.is_past {
            return;
        }
        self.is_past = self.to.is_some_and(|to| timestamp > to);
        if let Some(name) = log_stream_name
            && *name.0 != *self.stream
        {
            self.stream = name.0.into();
        }
        let times = (timestamp, ingestion_time.map_or(timestamp, Millis));
        let message = message.as_ref().map_or("", |text| &*text.0);
        self.page.events.add(&self.stream, times, message, event_id.map(|id| EventId::new(&id.0)));
    }
}

/// The first value of these bytes and its length; `None` if its end is not there yet.
fn value<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<Option<(T, usize)>, Error> {
    let mut values = Deserializer::from_slice(bytes).into_iter();
    match values.next() {
        Some(Ok(value)) => {
            let read = values.byte_offset();
            // A number may go on with the next piece.
            let is_open = read == bytes.len() && bytes.last().is_some_and(u8::is_ascii_digit);
            Ok((!is_open).then_some((value, read)))
        }
        Some(Err(error)) if error.is_eof() => Ok(None),
        Some(Err(error)) => Err(error),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::logs::Event;

    const ANSWER: &str = concat!(
        r#" {"searchedLogStreams" : [ ], "count":12, "events":[{"logStreamName":"job/algo-1","timestamp":5,"#,
        r#""message":"a \"quoted\" é \u0000","ingestionTime":7,"eventId":"36","more":{"x":[1]}}, "#,
        r#"{"message":"half \ud83d","timestamp":6,"logStreamName":"job/algo-2"}],"nextToken":"t/1"}"#,
    );

    fn read(pieces: &[&[u8]], mut reader: PageReader) -> Result<Page, Error> {
        for piece in pieces {
            reader.take(piece)?;
        }
        reader.finish()
    }

    #[test]
    fn a_page_is_read_with_all_its_oddities() {
        let page = read(&[ANSWER.as_bytes()], PageReader::of_many()).unwrap();
        assert_eq!(page.next.as_deref(), Some("t/1"));
        let events: Vec<Event> = page.events.clone().into_iter().collect();
        let [first, second] = &events[..] else { panic!("{page:?}") };
        assert_eq!((&*first.stream, first.timestamp, first.ingested), ("job/algo-1", Millis(5), Millis(7)));
        assert_eq!((first.message.as_str(), &first.id), ("a \"quoted\" é \0", &Some(EventId::new("36"))));
        assert_eq!((&*second.stream, second.ingested, &second.id), ("job/algo-2", Millis(6), &None));
        assert!(second.message.starts_with("half \u{fffd}"), "{:?}", second.message);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_lose_the_page() {
        let answer = [br#"{"events":[{"timestamp":1,"message":"a"#, &[0xff, 0xfe][..], br#"b"}]}"#].concat();
        let page = read(&[&answer], PageReader::of_many()).unwrap();
        assert_eq!(page.events.into_iter().next().unwrap().message, "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn of_one_stream_only_the_first_line_beyond_is_kept() {
        let answer =
            r#"{"events":[{"timestamp":1},{"timestamp":2},{"timestamp":3},{"timestamp":4}],"nextForwardToken":"f"}"#;
        let page = read(&[answer.as_bytes()], PageReader::of_one("s".into(), Some(Millis(2)))).unwrap();
        assert_eq!(page.events.glimpses().map(|event| event.timestamp.0).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((page.next.as_deref(), &**page.events.glimpses().next().unwrap().stream), (Some("f"), "s"));
    }

    #[test]
    fn what_breaks_off_is_no_page() {
        for end in [0, 1, 20, ANSWER.len() - 1] {
            assert!(read(&[&ANSWER.as_bytes()[..end]], PageReader::of_many()).is_err(), "{end}");
        }
        for garbage in ["<html>", "[]", "{\"events\":{}", "{} {}", "{\"events\":[7]}"] {
            assert!(read(&[garbage.as_bytes()], PageReader::of_many()).is_err(), "{garbage}");
        }
    }

    proptest! {
        /// Wherever the network cuts an answer, it is the same page.
        #[test]
        fn any_cutting_gives_the_same_page(mut cuts in proptest::collection::vec(0..=ANSWER.len(), 0..40)) {
            cuts.extend([0, ANSWER.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &ANSWER.as_bytes()[cut[0]..cut[1]]).collect();
            let whole = read(&[ANSWER.as_bytes()], PageReader::of_many()).unwrap();
            prop_assert_eq!(read(&pieces, PageReader::of_many()).unwrap(), whole);
        }
    }
}
