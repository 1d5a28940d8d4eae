//! Where a listing goes on. Opaque to the caller, bound to the request, good for a day.

use super::LogError;
use super::chance::mix;
use super::event::Key;

/// How long a token is good.
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const GOOD_FOR_MS: u64 = 24 * 60 * 60 * 1000;

/// Where `FilterLogEvents` goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// What was asked for.
    pub(super) request: u64,
    pub(super) issued_ms: u64,
    /// The last event that was looked at.
    pub(super) after: Option<Key>,
    /// The page before was cut short on a whim: this one is not.
    pub(super) after_whim: bool,
}

impl Token {
    /// The token as text.
    pub(super) fn write(self) -> String {
        let after = self.after.unwrap_or(Key::before(0));
        let flags = u64::from(after.index) << 2 | u64::from(self.after.is_some()) << 1 | u64::from(self.after_whim);
        let words = [self.request, self.issued_ms, after.timestamp, after.ingestion, after.batch, flags];
        let [request, issued, timestamp, ingestion, batch, flags] = words;
        let sum = check(words);
        format!("{request:016x}{issued:016x}{timestamp:016x}{ingestion:016x}{batch:016x}{flags:016x}{sum:016x}")
    }

    /// Reads a token of the same request.
    pub(super) fn read(text: &str, request: u64, now_ms: u64) -> Result<Self, LogError> {
        let token = Self::parse(text).filter(|token| token.request == request);
        let token = token.ok_or_else(|| LogError::invalid("The specified nextToken is invalid."))?;
        if now_ms > token.issued_ms.saturating_add(GOOD_FOR_MS) {
            return Err(LogError::invalid("The specified nextToken has expired."));
        }
        Ok(token)
    }

    fn parse(text: &str) -> Option<Self> {
        let words = words::<7>(text)?;
        let [request, issued_ms, timestamp, ingestion, batch, flags, sum] = words;
        if sum != check([request, issued_ms, timestamp, ingestion, batch, flags]) {
            return None;
        }
        let key = Key { timestamp, ingestion, batch, index: u16::try_from(flags >> 2).ok()? };
        let after = (flags & 2 != 0).then_some(key);
        Some(Self { request, issued_ms, after, after_whim: flags & 1 != 0 })
    }
}

/// A text of words of 16 hexadecimal digits.
fn words<const N: usize>(text: &str) -> Option<[u64; N]> {
    if text.len() != N * 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut words = [0; N];
    for (word, at) in words.iter_mut().zip((0..).step_by(16)) {
        *word = u64::from_str_radix(&text[at..at + 16], 16).ok()?;
    }
    Some(words)
}

fn check(words: [u64; 6]) -> u64 {
    words.iter().fold(0x5eed, |sum, word| mix(sum ^ word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Token = Token {
        request: 5,
        issued_ms: 1_000,
        after: Some(Key { timestamp: 1, ingestion: 2, batch: u64::MAX, index: u16::MAX }),
        after_whim: true,
    };

    #[test]
    fn a_token_reads_back() {
        assert_eq!(Token::read(&TOKEN.write(), 5, 2_000), Ok(TOKEN));
        let first = Token { after: None, after_whim: false, ..TOKEN };
        assert_eq!(Token::read(&first.write(), 5, 2_000), Ok(first));
    }

    #[test]
    fn a_token_is_bound_to_its_request_and_its_day() {
        let text = TOKEN.write();
        let refused = |text: &str, request, now| Token::read(text, request, now).unwrap_err().message;
        assert_eq!(refused(&text, 6, 2_000), "The specified nextToken is invalid.");
        assert_eq!(refused(&text.replace('f', "e"), 5, 2_000), "The specified nextToken is invalid.");
        assert_eq!(refused("f/1/s", 5, 2_000), "The specified nextToken is invalid.");
        assert_eq!(refused(&text, 5, 1_001 + GOOD_FOR_MS), "The specified nextToken has expired.");
    }
}
