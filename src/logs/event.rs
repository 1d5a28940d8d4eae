//! A line of a log, and the two ways to know it again.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

/// Milliseconds since 1970 on the service's clock, which is the only clock that log reading goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Millis(pub i64);

impl Millis {
    /// How much later this is than `earlier`; zero if it is not later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn as_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Millis {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(as_millis(later)))
    }
}

impl Sub<Duration> for Millis {
    type Output = Self;

    fn sub(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(as_millis(earlier)))
    }
}

/// The id that `FilterLogEvents` gives an event. Numeric order is the service's own order among equal timestamps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventId {
    /// A decimal number of up to 192 bits, the most significant word first: all ids seen so far.
    Number([u64; 3]),
    /// Anything else the service may come up with.
    Text(Box<str>),
}

impl EventId {
    /// Reads an id as the service writes it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::number(text).map_or_else(|| Self::Text(text.into()), Self::Number)
    }

    fn number(text: &str) -> Option<[u64; 3]> {
        /// So many digits fit a word.
        const DIGITS: usize = 19;
        let mut words = [0_u64; 3];
        if text.is_empty() {
            return None;
        }
        for digits in text.as_bytes().chunks(DIGITS) {
            let (mut carry, mut scale) = (0_u64, 1_u64);
            for digit in digits {
                carry = carry * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
                scale *= 10;
            }
            for word in words.iter_mut().rev() {
                let product = u128::from(*word) * u128::from(scale) + u128::from(carry);
                // The low half stays in this word, the high half goes into the next.
                *word = u64::try_from(product & u128::from(u64::MAX)).ok()?;
                carry = u64::try_from(product >> 64).ok()?;
            }
            if carry != 0 {
                return None;
            }
        }
        Some(words)
    }
}

impl fmt::Display for EventId {
    /// As the service writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // So many digits fit a word.
        const CHUNK: u128 = 10_000_000_000_000_000_000;
        let mut words = match self {
            Self::Number(words) => *words,
            Self::Text(text) => return f.write_str(text),
        };
        let mut chunks = Vec::new();
        while words != [0; 3] {
            let mut rest = 0;
            for word in &mut words {
                let value = (rest << 64) | u128::from(*word);
                // The rest is below the divisor, so that the quotient fits a word.
                *word = u64::try_from(value / CHUNK).unwrap_or(u64::MAX);
                rest = value % CHUNK;
            }
            chunks.push(rest);
        }
        let mut chunks = chunks.into_iter().rev();
        write!(f, "{}", chunks.next().unwrap_or(0))?;
        chunks.try_for_each(|chunk| write!(f, "{chunk:019}"))
    }
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The whole name of its stream, such as `job/algo-1-1700000000`.
    pub stream: Arc<str>,
    /// When the line was written, by the clock of its host.
    pub timestamp: Millis,
    /// When the service took it in.
    pub ingested: Millis,
    /// The text as it was written.
    pub message: String,
    /// The id; `GetLogEvents` gives none.
    pub id: Option<EventId>,
}

impl Event {
    /// How long the line was on its way.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.ingested.since(self.timestamp)
    }

    /// What the line takes of a page of 1 MiB, as the service counts.
    #[must_use]
    pub fn weight(&self) -> usize {
        Self::weight_of(self.message.len())
    }

    /// What a line of so many bytes takes of a page.
    pub(super) fn weight_of(bytes: usize) -> usize {
        bytes + 26
    }

    /// The order that a log is printed in.
    #[must_use]
    pub fn cmp_in_time(&self, other: &Self) -> std::cmp::Ordering {
        (self.timestamp, &self.id, self.ingested, &self.stream).cmp(&(
            other.timestamp,
            &other.id,
            other.ingested,
            &other.stream,
        ))
    }
}

/// What can be known of an event by any call: stream, both times and text, as 64 bits. Identical lines are
/// legitimate, so fingerprints are counted, never just remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(u64);

/// Makes fingerprints. Its key is drawn by chance, so that no log line can be made to hide another; a resume file holds
/// it, so that the next process knows the lines again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprinter {
    key: [u8; 16],
}

impl Default for Fingerprinter {
    fn default() -> Self {
        // Each state of the standard library is seeded by the operating system.
        let halves = [(); 2].map(|()| RandomState::new().hash_one(()).to_le_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(halves.as_flattened());
        Self { key }
    }
}

impl Fingerprinter {
    /// The fingerprint of an event.
    #[must_use]
    pub fn of(&self, event: &Event) -> Fingerprint {
        let Event { stream, timestamp, ingested, message, id: _ } = event;
        let mut hasher = SipHasher13::new_with_key(&self.key);
        // The length keeps the end of the stream's name apart from the beginning of the message.
        hasher.write(&stream.len().to_le_bytes());
        hasher.write(&timestamp.0.to_le_bytes());
        hasher.write(&ingested.0.to_le_bytes());
        hasher.write(stream.as_bytes());
        hasher.write(message.as_bytes());
        Fingerprint(hasher.finish())
    }
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprinter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_order_as_numbers_not_as_texts() {
        let small = EventId::new("9");
        let large = EventId::new("36784982374982374982374982374982374982374982374982374982");
        assert!(matches!(large, EventId::Number(_)));
        assert!(small < large);
        assert_eq!(EventId::new("18446744073709551616"), EventId::Number([0, 1, 0]));
    }

    #[test]
    fn ids_are_written_as_they_were_read() {
        let longest = "6277101735386680763835789423207666416102355444464034512895";
        for text in ["0", "9", "18446744073709551616", "10000000000000000000000000000000000000001", longest, "abc"] {
            assert_eq!(EventId::new(text).to_string(), text);
        }
    }

    #[test]
    fn an_id_that_is_no_number_of_192_bits_is_kept_as_text() {
        let too_long = "9".repeat(59);
        assert_eq!(EventId::new(&too_long), EventId::Text(too_long.as_str().into()));
        assert_eq!(EventId::new("abc"), EventId::Text("abc".into()));
        assert_eq!(EventId::new(""), EventId::Text("".into()));
    }
}
