//! What the API server has said of tokens, kept for a short while: a scrape every few seconds is no load for it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::verdict::Verdict;

/// How long it holds that somebody may read.
const YES: Duration = Duration::from_mins(1);
/// How long it holds that somebody may not: who has just been allowed does not want to wait.
const NO: Duration = Duration::from_secs(10);
/// How many answers are kept.
const MOST: usize = 256;

/// What stands for a token, which itself is kept nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// The answers.
#[derive(Default)]
pub(super) struct Answers(HashMap<Fingerprint, Answer>);

struct Answer {
    verdict: Verdict,
    until: Instant,
}

impl Answers {
    /// What was said of the token, if that still holds.
    pub(super) fn of(&self, token: &Fingerprint, now: Instant) -> Option<Verdict> {
        self.0.get(token).filter(|answer| now < answer.until).map(|answer| answer.verdict.clone())
    }

    /// Keeps what was said at that time. If there are too many, the one goes that holds the shortest: whoever sends
    /// nonsense does not drive out who may read.
    pub(super) fn keep(&mut self, token: Fingerprint, verdict: Verdict, said: Instant) {
        self.0.retain(|_, answer| said < answer.until);
        if self.0.len() >= MOST
            && !self.0.contains_key(&token)
            && let Some(first) = self.0.iter().min_by_key(|(_, answer)| answer.until).map(|(token, _)| *token)
        {
            self.0.remove(&first);
        }
        let holds = match verdict {
            Verdict::Allowed => YES,
            Verdict::Unknown | Verdict::Forbidden { .. } => NO,
        };
        self.0.insert(token, Answer { verdict, until: said + holds });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden() -> Verdict {
        Verdict::Forbidden { user: "somebody".to_owned() }
    }

    #[test]
    fn a_yes_holds_for_a_minute_and_a_no_for_ten_seconds() {
        let start = Instant::now();
        for (verdict, seconds) in [(Verdict::Allowed, 60), (Verdict::Unknown, 10), (forbidden(), 10)] {
            let mut answers = Answers::default();
            let token = Fingerprint::of("token");
            answers.keep(token, verdict.clone(), start);
            let after = |seconds| answers.of(&token, start + Duration::from_secs(seconds));
            assert_eq!((after(0), after(seconds - 1)), (Some(verdict.clone()), Some(verdict.clone())));
            assert_eq!(after(seconds), None, "{verdict:?}");
        }
    }

    #[test]
    fn what_was_said_of_one_token_says_nothing_of_another() {
        let (start, mut answers) = (Instant::now(), Answers::default());
        answers.keep(Fingerprint::of("token"), Verdict::Allowed, start);
        for other in ["", "toke", "token ", "Token"] {
            assert_eq!(answers.of(&Fingerprint::of(other), start), None, "{other:?}");
        }
    }

    #[test]
    fn a_later_answer_takes_the_place_of_an_earlier_one() {
        let (start, mut answers, token) = (Instant::now(), Answers::default(), Fingerprint::of("token"));
        answers.keep(token, Verdict::Allowed, start);
        answers.keep(token, forbidden(), start);
        assert_eq!(answers.of(&token, start), Some(forbidden()));
    }

    #[test]
    fn a_flood_of_nonsense_is_bounded_and_does_not_drive_out_who_may_read() {
        let (start, mut answers, reader) = (Instant::now(), Answers::default(), Fingerprint::of("reader"));
        answers.keep(reader, Verdict::Allowed, start);
        for number in 0..4 * MOST {
            answers.keep(Fingerprint::of(&number.to_string()), Verdict::Unknown, start);
        }
        assert_eq!(answers.0.len(), MOST);
        assert_eq!(answers.of(&reader, start), Some(Verdict::Allowed));
        // What no longer holds is not kept either.
        answers.keep(reader, Verdict::Allowed, start + NO);
        assert_eq!(answers.0.len(), 1);
    }
}
