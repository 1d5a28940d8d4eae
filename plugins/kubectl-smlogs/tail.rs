//! The last lines of a log, whatever their age.

use std::collections::VecDeque;
use std::sync::Arc;

use sagemaker_operator::logs::{Event, LogError, LogSource, Millis, NEWEST_FIRST_SINCE, Selection, Tail, Tailed};

use crate::ask;
use crate::bulk::{self, Bulk, Together};

/// The last lines of a job: one call where they fit a page.
pub(crate) async fn last<S: LogSource>(
    source: &Arc<S>,
    selection: &Selection,
    created: Millis,
    wanted: usize,
    together: &Together,
) -> Result<Tailed, LogError> {
    let from = Selection::earliest(created, &[]);
    let (tailed, streams) =
        tokio::join!(pages(&**source, Tail::new(selection, from, wanted)), ask::streams(&**source, selection));
    let (mut tailed, streams) = (tailed?, streams?);
    let earliest = bulk::beginning(created, streams.as_deref()).min(from);
    let before = |moment: Millis| {
        let until = Millis(selection.until.map_or(i64::MAX, |until| until.0).min(moment.0 - 1));
        Selection { until: Some(until), ..selection.clone() }
    };
    let is_before = |moment: Millis| selection.until.is_none_or(|until| until >= moment);
    // The job may be older than its object.
    if !tailed.more && earliest < from && from > NEWEST_FIRST_SINCE && is_before(NEWEST_FIRST_SINCE) {
        let older = Tail::new(&before(from), earliest, wanted - tailed.events.len());
        tailed = joined(pages(&**source, older).await?, tailed);
    }
    // Newest first, the service goes back to 2024 only.
    if !tailed.more && earliest < NEWEST_FIRST_SINCE {
        let old = Bulk::since(source, &before(NEWEST_FIRST_SINCE), earliest, together);
        tailed = joined(ring(old, wanted - tailed.events.len()).await?, tailed);
    }
    Ok(tailed)
}

/// The last lines from a moment on.
pub(crate) async fn since<S: LogSource>(
    source: &Arc<S>,
    selection: &Selection,
    from: Millis,
    wanted: usize,
    together: &Together,
) -> Result<Tailed, LogError> {
    if from >= NEWEST_FIRST_SINCE {
        pages(&**source, Tail::new(selection, from, wanted)).await
    } else {
        ring(Bulk::since(source, selection, from, together), wanted).await
    }
}

/// Newest pages first until there is enough.
pub(crate) async fn pages(source: &impl LogSource, mut tail: Tail) -> Result<Tailed, LogError> {
    while let Some(filter) = tail.next() {
        tail.took(ask::page(source, filter).await?);
    }
    Ok(tail.finish())
}

/// All lines of a span of time, of which the last ones are kept.
async fn ring<'a, S: LogSource + 'a>(mut bulk: Bulk<'a, S>, wanted: usize) -> Result<Tailed, LogError> {
    let (mut kept, mut more) = (VecDeque::<Event>::new(), false);
    while let Some(events) = bulk.next().await? {
        kept.extend(events);
        let surplus = kept.len().saturating_sub(wanted);
        more |= surplus > 0;
        kept.drain(..surplus);
    }
    Ok(Tailed { events: kept.into(), more })
}

fn joined(mut older: Tailed, newer: Tailed) -> Tailed {
    older.events.extend(newer.events);
    older
}

#[cfg(test)]
mod tests {
    use sagemaker_operator::logs::{Page, Request, Stream};

    use super::*;

    /// A line a second from a moment on.
    struct Old {
        first: i64,
        lines: i64,
    }

    impl LogSource for Old {
        async fn events(&self, request: &Request) -> Result<Page, LogError> {
            let Request::Filter(filter) = request else { return Ok(Page::default()) };
            assert!(!filter.newest_first || filter.from >= NEWEST_FIRST_SINCE, "the service refuses that");
            let line = |number: i64| Event {
                stream: "job/algo-1".into(),
                timestamp: Millis(self.first + number * 1000),
                ingested: Millis(self.first + number * 1000),
                message: number.to_string(),
                id: None,
            };
            let wanted =
                |event: &Event| event.timestamp >= filter.from && filter.to.is_none_or(|to| event.timestamp <= to);
            let mut events: Vec<Event> = (0..self.lines).map(line).filter(wanted).collect();
            if filter.newest_first {
                events.reverse();
            }
            events.truncate(filter.limit.map_or(usize::MAX, |limit| limit as usize));
            Ok(Page { events: events.into(), ..Page::default() })
        }

        async fn streams(&self, _: &str, _: &str) -> Result<Vec<Stream>, LogError> {
            let name = "job/algo-1".into();
            Ok(vec![Stream { name, first_event: Some(Millis(self.first)), created: None }])
        }
    }

    async fn messages(source: Old, wanted: usize) -> (Vec<String>, bool) {
        let selection = Selection::job("group", "job");
        // The object was made long after the job.
        let created = Millis(1_795_000_000_000);
        let together = Together::in_region("us-east-1");
        let tailed = last(&Arc::new(source), &selection, created, wanted, &together).await.unwrap();
        (tailed.events.into_iter().map(|event| event.message).collect(), tailed.more)
    }

    #[tokio::test]
    async fn the_last_lines_are_found_whatever_their_age() {
        let recent = NEWEST_FIRST_SINCE.0 + 1_000_000_000;
        let across = NEWEST_FIRST_SINCE.0 - 3000;
        let long_ago = NEWEST_FIRST_SINCE.0 - 1_000_000_000;
        for first in [recent, across, long_ago, 1_795_000_000_000] {
            let (found, more) = messages(Old { first, lines: 10 }, 4).await;
            assert_eq!((found, more), (["6", "7", "8", "9"].map(str::to_owned).to_vec(), true), "{first}");
            let (found, more) = messages(Old { first, lines: 3 }, 4).await;
            assert_eq!((found, more), (["0", "1", "2"].map(str::to_owned).to_vec(), false), "{first}");
        }
        let (found, _) = messages(Old { first: across, lines: 10 }, 8).await;
        assert_eq!(found.len(), 8, "on both sides of the boundary");
    }
}
