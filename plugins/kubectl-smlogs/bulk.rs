//! Driving a [`Fetch`]: its calls are made, its failures told, its lines handed on in order.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sagemaker_operator::logs::{
    Event, Fetch, LogError, LogSource, Millis, NEWEST_FIRST_SINCE, Next, Page, Progress, Quota, Selection, Share,
    Stream, Ticket,
};

use crate::ask;

/// A reading is mentioned if it takes longer than this, and then that often.
const TICK: Duration = Duration::from_millis(250);

type Answer<'a> = Pin<Box<dyn Future<Output = (Ticket, Result<Page, LogError>)> + Send + 'a>>;
type Described<'a> = Pin<Box<dyn Future<Output = Result<Option<Vec<Stream>>, LogError>> + Send + 'a>>;

/// What the readings of a region share, and the moment from which they count time.
#[derive(Debug, Clone)]
pub(crate) struct Together {
    share: Share,
    begun: Instant,
}

impl Together {
    pub(crate) fn in_region(region: &str) -> Self {
        Self { share: Share::of(Quota::of(region)), begun: Instant::now() }
    }
}

/// All lines of a job up to now, in order, as fast as the quotas allow.
pub(crate) struct Bulk<'a, S> {
    source: Arc<S>,
    fetch: Fetch,
    begun: Instant,
    /// When the job's object was made.
    created: Millis,
    answers: FuturesUnordered<Answer<'a>>,
    /// The question which streams there are, until it has been answered.
    described: Option<Described<'a>>,
}

impl<'a, S: LogSource + 'a> Bulk<'a, S> {
    /// Asks nothing before the first lines are wanted.
    pub(crate) fn new(source: &Arc<S>, selection: &Selection, created: Millis, together: &Together) -> Self {
        let (asked, own) = (Arc::clone(source), selection.clone());
        let described: Described<'a> = Box::pin(async move { ask::streams(&*asked, &own).await });
        let from = Selection::earliest(created, &[]);
        Self { created, described: Some(described), ..Self::since(source, selection, from, together) }
    }

    /// All lines from a moment on that is known to be early enough.
    pub(crate) fn since(source: &Arc<S>, selection: &Selection, from: Millis, together: &Together) -> Self {
        Self {
            source: Arc::clone(source),
            fetch: Fetch::new(selection, from, &together.share),
            begun: together.begun,
            created: from,
            answers: FuturesUnordered::new(),
            described: None,
        }
    }

    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// If a call cannot be answered, or not within a minute.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Event>>, LogError> {
        loop {
            // The log may begin earlier than the first call knew: lines have to wait for that.
            if self.described.is_none()
                && let Some(events) = self.fetch.ready()
            {
                return Ok(Some(events));
            }
            let pause = match self.fetch.next(self.begun.elapsed()) {
                Next::Ask(ticket, request) => {
                    let source = Arc::clone(&self.source);
                    self.answers.push(Box::pin(async move { (ticket, source.events(&request).await) }));
                    continue;
                }
                Next::Wait(pause) => pause,
                Next::Done => return Ok(None),
            };
            let described = async {
                match &mut self.described {
                    Some(described) => described.await,
                    None => std::future::pending().await,
                }
            };
            let pause = async {
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some((ticket, answer)) = self.answers.next() => {
                    let now = self.begun.elapsed();
                    match answer {
                        Ok(page) => self.fetch.took(ticket, page, now),
                        Err(error) => self.fetch.failed(ticket, error, fastrand::f64(), now)?,
                    }
                }
                streams = described => {
                    let streams = streams?;
                    self.described = None;
                    let earliest = beginning(self.created, streams.as_deref());
                    self.fetch.described(streams.as_deref().unwrap_or_default(), earliest);
                }
                () = pause => {}
            }
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.fetch.progress()
    }
}

/// Where a log begins, by what is known of its streams. Without an answer it is read from 2024 on: a close bound is a
/// courtesy to the service, which is faster with one.
pub(crate) fn beginning(created: Millis, streams: Option<&[Stream]>) -> Millis {
    match streams {
        Some(streams) => Selection::earliest(created, streams),
        None => Selection::earliest(created, &[]).min(NEWEST_FIRST_SINCE),
    }
}

/// The live line about a reading: `reading 412,000 of ~1,000,000 lines  41 %  198,000 lines/s  eta 3 s`.
#[derive(Debug)]
pub(crate) struct Meter {
    begun: Instant,
    shown: Instant,
}

impl Meter {
    pub(crate) fn new(now: Instant) -> Self {
        Self { begun: now, shown: now }
    }

    /// The line, if it is time for a new one.
    pub(crate) fn line(&mut self, progress: Progress, now: Instant) -> Option<String> {
        (now.duration_since(self.shown) >= TICK).then(|| {
            self.shown = now;
            describe(progress, now.duration_since(self.begun))
        })
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
fn describe(progress: Progress, elapsed: Duration) -> String {
    let Progress { lines, of } = progress;
    let speed = lines as f64 / elapsed.as_secs_f64().max(1e-3);
    match of.filter(|of| *of > 0 && lines > 0) {
        Some(of) => {
            let share = 100 * lines / of;
            let eta = ((of - lines.min(of)) as f64 / speed).ceil();
            // What is estimated is not known to the last digit.
            let about = grouped(of.div_ceil(1000) * 1000);
            let (lines, speed) = (grouped(lines), grouped((speed as u64).div_ceil(1000) * 1000));
            format!("reading {lines} of ~{about} lines  {share} %  {speed} lines/s  eta {eta} s")
        }
        None => format!("reading {} lines", grouped(lines)),
    }
}

/// A number with a comma between each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reading_tells_how_far_it_has_got() {
        let begun = Instant::now();
        let mut meter = Meter::new(begun);
        let progress = Progress { lines: 412_000, of: Some(1_000_000) };
        assert_eq!(meter.line(progress, begun + TICK / 2), None);
        let line = meter.line(progress, begun + Duration::from_secs(2)).unwrap();
        assert_eq!(line, "reading 412,000 of ~1,000,000 lines  41 %  206,000 lines/s  eta 3 s");
        assert_eq!(meter.line(progress, begun + Duration::from_secs(2)), None);
        let unknown = meter.line(Progress { lines: 999, of: None }, begun + Duration::from_secs(3)).unwrap();
        assert_eq!(unknown, "reading 999 lines");
    }
}
