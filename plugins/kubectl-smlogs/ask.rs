//! Asking CloudWatch Logs for what is there already, until it answers or patience ends.

use std::time::{Duration, Instant};

use sagemaker_operator::logs::{
    Backoff, Filter, LogError, LogSource, Millis, NEWEST_FIRST_SINCE, Page, Request, Selection, Trouble,
};

/// How long a call is repeated.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

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
    match source.streams(&selection.group, &selection.prefix()).await {
        Ok(streams) => Ok(Selection::earliest(created, &streams)),
        Err(LogError { trouble: Trouble::Absent, .. }) => Ok(Selection::earliest(created, &[])),
        Err(error @ LogError { trouble: Trouble::Credentials, .. }) => Err(error),
        Err(_) => Ok(created.min(NEWEST_FIRST_SINCE)),
    }
}
