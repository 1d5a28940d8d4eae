//! What is said once and not again until it has been over, however many logs it concerns.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What is worth a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mention {
    /// The object has been deleted.
    Deleted,
    /// SageMaker refuses to tell of the job.
    Refused,
    /// Whoever tells of the jobs does not answer.
    Teller,
    /// CloudWatch Logs refuses or fails.
    Logs,
    /// CloudWatch Logs does not answer.
    Silent,
}

impl Mention {
    /// Whether it is about one job, not about a service that all of them use.
    fn is_own(self) -> bool {
        match self {
            Self::Deleted | Self::Refused => true,
            Self::Teller | Self::Logs | Self::Silent => false,
        }
    }
}

/// What holds at this moment, and for which logs.
#[derive(Debug, Default)]
pub(crate) struct Mentions(RefCell<BTreeMap<Mention, BTreeSet<usize>>>);

impl Mentions {
    /// The voice of the log with this number.
    pub(crate) fn of(&self, log: usize) -> Voice<'_> {
        Voice { mentions: self, log }
    }
}

/// Who may mention things on behalf of a log.
#[derive(Debug)]
pub(crate) struct Voice<'a> {
    mentions: &'a Mentions,
    log: usize,
}

impl Voice<'_> {
    /// That it holds for this log. True if it is to be said.
    pub(crate) fn begins(&self, mention: Mention) -> bool {
        let mut mentions = self.mentions.0.borrow_mut();
        let logs = mentions.entry(mention).or_default();
        let is_first = logs.is_empty();
        let is_news = logs.insert(self.log);
        is_news && (is_first || mention.is_own())
    }

    /// That it does not hold for this log any more.
    pub(crate) fn is_over(&self, mention: Mention) {
        if let Some(logs) = self.mentions.0.borrow_mut().get_mut(&mention) {
            logs.remove(&self.log);
        }
    }
}

impl Drop for Voice<'_> {
    fn drop(&mut self) {
        for logs in self.mentions.0.borrow_mut().values_mut() {
            logs.remove(&self.log);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_fails_all_logs_is_mentioned_once_until_it_serves_all_of_them() {
        let mentions = Mentions::default();
        let (one, two) = (mentions.of(0), mentions.of(1));
        assert_eq!(
            [one.begins(Mention::Logs), one.begins(Mention::Logs), two.begins(Mention::Logs)],
            [true, false, false]
        );
        one.is_over(Mention::Logs);
        assert!(!one.begins(Mention::Logs), "the other still fails");
        one.is_over(Mention::Logs);
        drop(two);
        assert!(one.begins(Mention::Logs));
    }

    #[test]
    fn what_is_about_one_job_is_said_for_each() {
        let mentions = Mentions::default();
        let (one, two) = (mentions.of(0), mentions.of(1));
        let said = [one.begins(Mention::Deleted), one.begins(Mention::Deleted), two.begins(Mention::Deleted)];
        assert_eq!(said, [true, false, true]);
    }
}
