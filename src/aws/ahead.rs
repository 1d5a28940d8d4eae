//! Credentials that were asked for before somebody needs them: a token exchange or a sign-on takes as long as the question
//! to the API server that goes on beside it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

/// How long they are waited for. Whoever needs them asks again, and is told what is wrong.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the answer is good: credentials expire, and somebody may sign in meanwhile.
const FRESH: Duration = Duration::from_secs(30);

/// A provider whose first answer may have been fetched ahead.
#[derive(Debug)]
pub(super) struct Ahead {
    provider: SharedCredentialsProvider,
    fetched: Mutex<Option<(Instant, Result<Credentials, CredentialsError>)>>,
}

impl Ahead {
    pub(super) fn of(provider: SharedCredentialsProvider) -> Self {
        Self { provider, fetched: Mutex::default() }
    }

    /// Asks now. Why there are none is told to whoever needs them: some providers say it only once.
    pub(super) async fn fetch(&self) {
        if let Ok(fetched) = tokio::time::timeout(PATIENCE, self.provider.provide_credentials()).await {
            *self.fetched.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), fetched));
        }
    }
}

impl ProvideCredentials for Ahead {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        // Later questions are about credentials that have expired or were refused.
        match self.fetched.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some((at, answer)) if at.elapsed() < FRESH => future::ProvideCredentials::ready(answer),
            Some(_) | None => self.provider.provide_credentials(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Gives other keys each time.
    #[derive(Debug, Clone, Default)]
    struct Counted(Arc<AtomicU32>);

    impl ProvideCredentials for Counted {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let nth = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            future::ProvideCredentials::ready(Ok(Credentials::new(format!("KEY{nth}"), "secret", None, None, "test")))
        }
    }

    #[tokio::test]
    async fn what_was_fetched_ahead_answers_the_first_question_only() {
        let ahead = Ahead::of(SharedCredentialsProvider::new(Counted::default()));
        let key = async || ahead.provide_credentials().await.unwrap().access_key_id().to_owned();
        assert_eq!(key().await, "KEY1", "nothing was fetched ahead");
        ahead.fetch().await;
        assert_eq!((key().await, key().await), ("KEY2".to_owned(), "KEY3".to_owned()));
    }
}
