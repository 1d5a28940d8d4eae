//! Asking CloudWatch Logs for what is there already, until it answers or patience ends.

use std::time::{Duration, Instant};

use sagemaker_operator::logs::{
    Backoff, Filter, LogError, LogSource, Millis, Page, Request, Selection, Stream, Trouble,
};

use crate::bulk;

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

/// Which streams a job has. The call is a courtesy to the service and a gain in speed: `None` without an answer.
///
/// # Errors
/// If there are no credentials: no other call would get further.
pub(crate) async fn streams(source: &impl LogSource, selection: &Selection) -> Result<Option<Vec<Stream>>, LogError> {
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
        Ok(streams) => Ok(Some(streams)),
        Err(LogError { trouble: Trouble::Absent, .. }) => Ok(Some(Vec::new())),
        Err(error @ LogError { trouble: Trouble::Credentials, .. }) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Finds out where a job's log begins.
///
/// # Errors
/// If there are no credentials: no other call would get further.
pub(crate) async fn beginning(
    source: &impl LogSource,
    selection: &Selection,
    created: Millis,
) -> Result<Millis, LogError> {
    Ok(bulk::beginning(created, streams(source, selection).await?.as_deref()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

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
