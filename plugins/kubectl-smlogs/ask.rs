//! Asking CloudWatch Logs for what is there already, until it answers or patience ends.

use std::time::{Duration, Instant};

use sagemaker_operator::logs::{
    Backoff, Filter, LogError, LogSource, Millis, NEWEST_FIRST_SINCE, Page, Request, Selection, Trouble,
};

/// How long a call is repeated.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How long a call is repeated that is not needed.
const COURTESY: Duration = Duration::from_secs(10);

/// One page; what may pass is tried again for a minute.
pub(crate) async fn page(source: &impl LogSource, filter: &Filter) -> Result<Page, LogError> {
    let request = Request::Filter(filter.clone());
    let (mut backoff, begun) = (Backoff::default(), Instant::now());
    loop {
        match source.events(&request).await {
            Err(LogError { trouble: Trouble::Throttled | Trouble::Transient, .. }) if begun.elapsed() < PATIENCE => {
                tokio::time::sleep(backoff.after_failure(fastrand::f64())).await;
            }
            answer => return answer,
        }
    }
}

/// Finds out where a job's log begins. The call is a courtesy to the service, which is faster with a close bound:
/// without an answer the log is read from 2024 on.
///
/// # Errors
/// If there are no credentials: no other call would get further.
pub(crate) async fn beginning(
    source: &impl LogSource,
    selection: &Selection,
    created: Millis,
) -> Result<Millis, LogError> {
    let (mut backoff, begun) = (Backoff::default(), Instant::now());
    let answer = loop {
        match source.streams(&selection.group, &selection.prefix()).await {
            Err(LogError { trouble: Trouble::Throttled | Trouble::Transient, .. }) if begun.elapsed() < COURTESY => {
                tokio::time::sleep(backoff.after_failure(fastrand::f64())).await;
            }
            answer => break answer,
        }
    };
    match answer {
        Ok(streams) => Ok(Selection::earliest(created, &streams)),
        Err(LogError { trouble: Trouble::Absent, .. }) => Ok(Selection::earliest(created, &[])),
        Err(error @ LogError { trouble: Trouble::Credentials, .. }) => Err(error),
        Err(_) => Ok(Selection::earliest(created, &[]).min(NEWEST_FIRST_SINCE)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use sagemaker_operator::logs::Stream;

    use super::*;

    /// Throttles the first calls.
    struct Busy(AtomicU32);

    impl LogSource for Busy {
        async fn events(&self, _: &Request) -> Result<Page, LogError> {
            Ok(Page::default())
        }

        async fn streams(&self, _: &str, _: &str) -> Result<Vec<Stream>, LogError> {
            if self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let message = "Rate exceeded".to_owned();
                return Err(LogError { operation: "DescribeLogStreams", trouble: Trouble::Throttled, message });
            }
            Ok(Vec::new())
        }
    }

    #[tokio::test]
    async fn a_throttled_question_does_not_make_the_log_be_read_from_long_ago() {
        let selection = Selection::job("group", "job");
        let created = Millis(1_795_000_000_000);
        let from = beginning(&Busy(AtomicU32::new(2)), &selection, created).await;
        assert_eq!(from, Ok(Selection::earliest(created, &[])));
    }
}
