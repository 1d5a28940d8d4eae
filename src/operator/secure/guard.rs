//! Who may read: answered from memory for a short while, else by the API server.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::answers::{Answers, Fingerprint};
use super::reviews::Reviews;
use super::verdict::{Unanswered, Verdict};

/// The longest that somebody waits for an answer: less than the ten seconds that Prometheus waits for its metrics.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many tokens the API server is asked about at a time. Anybody in the pod network can send any.
const AT_ONCE: usize = 4;
/// Longer ones are no tokens. Those of service accounts have about a thousand bytes.
const LONGEST: usize = 16 * 1024;

/// Decides who may read.
pub(super) struct Guard<R> {
    reviews: R,
    answers: Mutex<Answers>,
    turns: Semaphore,
    /// What was last logged, until it is over.
    trouble: Mutex<Option<String>>,
}

impl<R: Reviews> Guard<R> {
    pub(super) fn new(reviews: R) -> Self {
        Self { reviews, answers: Mutex::default(), turns: Semaphore::new(AT_ONCE), trouble: Mutex::default() }
    }

    /// What is to be said to whoever has this token.
    pub(super) async fn verdict(&self, token: &str) -> Result<Verdict, Unanswered> {
        if token.is_empty() || token.len() > LONGEST {
            return Ok(Verdict::Unknown);
        }
        let (fingerprint, now) = (Fingerprint::of(token), Instant::now());
        if let Some(verdict) = self.answers().of(&fingerprint, now) {
            return Ok(verdict);
        }
        let verdict = tokio::time::timeout(PATIENCE, self.ask(token))
            .await
            .unwrap_or_else(|_| Err(Unanswered::NoAnswer(format!("no answer within {PATIENCE:?}"))));
        self.tell(verdict.as_ref().err());
        let verdict = verdict?;
        self.answers().keep(fingerprint, verdict.clone(), now);
        Ok(verdict)
    }

    async fn ask(&self, token: &str) -> Result<Verdict, Unanswered> {
        // It is never closed.
        let _turn = self.turns.acquire().await;
        let Some(user) = self.reviews.user(token).await? else { return Ok(Verdict::Unknown) };
        let name = user.username.clone().unwrap_or_default();
        let may_read = self.reviews.may_read(user).await?;
        Ok(if may_read { Verdict::Allowed } else { Verdict::Forbidden { user: name } })
    }

    /// Logs a trouble once, however often somebody asks, and that it is over.
    fn tell(&self, trouble: Option<&Unanswered>) {
        let line = trouble.map(Unanswered::line);
        let mut told = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if *told == line {
            return;
        }
        if let Some(line) = &line {
            warn!("{line}");
        } else {
            info!("who may read the metrics can be told again");
        }
        *told = line;
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use k8s_openapi::api::authentication::v1::UserInfo;

    use super::*;

    /// Knows each token as a user of that name, but for `nonsense`; lets `reader` read; cannot be asked about `lost`.
    #[derive(Default)]
    struct Known {
        asked: AtomicUsize,
    }

    impl Reviews for Known {
        async fn user(&self, token: &str) -> Result<Option<UserInfo>, Unanswered> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match token {
                "silent" => std::future::pending().await,
                "lost" => Err(Unanswered::NoAnswer("connection refused".to_owned())),
                "nonsense" => Ok(None),
                name => Ok(Some(UserInfo { username: Some(name.to_owned()), ..UserInfo::default() })),
            }
        }

        async fn may_read(&self, user: UserInfo) -> Result<bool, Unanswered> {
            Ok(user.username.as_deref() == Some("reader"))
        }
    }

    #[tokio::test]
    async fn each_answer_is_asked_for_once_and_none_is_made_up_where_there_was_none() {
        let long = "x".repeat(LONGEST + 1);
        for (token, said, asked) in [
            ("reader", Ok(Verdict::Allowed), 1),
            ("other", Ok(Verdict::Forbidden { user: "other".to_owned() }), 1),
            ("nonsense", Ok(Verdict::Unknown), 1),
            ("lost", Err(Unanswered::NoAnswer("connection refused".to_owned())), 3),
            ("", Ok(Verdict::Unknown), 0),
            (&long, Ok(Verdict::Unknown), 0),
        ] {
            let guard = Guard::new(Known::default());
            for _ in 0..3 {
                assert_eq!(guard.verdict(token).await, said, "{token:.20}");
            }
            assert_eq!(guard.reviews.asked.load(Ordering::Relaxed), asked, "{token:.20}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_asked_about_at_a_time_and_silence_is_no_answer() {
        let guard = Guard::new(Known::default());
        let mut all = futures::future::join_all((0..3 * AT_ONCE).map(|_| guard.verdict("silent")));
        assert!(tokio::time::timeout(PATIENCE / 2, &mut all).await.is_err());
        assert_eq!(guard.reviews.asked.load(Ordering::Relaxed), AT_ONCE);
        let all = all.await;
        assert!(all.iter().all(|said| matches!(said, Err(Unanswered::NoAnswer(_)))), "{all:?}");
        assert_eq!(guard.verdict("reader").await, Ok(Verdict::Allowed));
    }
}
