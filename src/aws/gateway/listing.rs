//! What changed since: List requests and their pages, whose members each kind calls by its own names.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::lifecycle::{Page, Summary};

/// The largest page that a List gives.
const PAGE: u32 = 100;
/// `LastModifiedTimeAfter` leaves out its own instant; we ask from a moment before.
const BEFORE: TimeDelta = TimeDelta::milliseconds(1);

/// What a kind's List answer calls things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listing {
    /// The list of summaries.
    pub(super) summaries: &'static str,
    /// The name in a summary.
    pub(super) name: &'static str,
    /// The status in a summary.
    pub(super) status: &'static str,
    /// The secondary status in a summary, where it has one.
    pub(super) secondary_status: Option<&'static str>,
}

/// A summary that has no name or status.
#[derive(Debug, thiserror::Error)]
#[error("a summary of the list has no {member}")]
pub(super) struct Incomplete {
    member: &'static str,
}

impl Listing {
    /// A page of the answer, newest change last.
    pub(super) fn page(self, answer: &Value) -> Result<Page<Summary>, Incomplete> {
        let summaries = answer[self.summaries].as_array().into_iter().flatten();
        let mut items = summaries.map(|summary| self.summary(summary)).collect::<Result<Vec<_>, _>>()?;
        items.sort_by_key(|item| item.last_modified);
        Ok(Page { items, next: answer["NextToken"].as_str().map(str::to_owned) })
    }

    fn summary(self, summary: &Value) -> Result<Summary, Incomplete> {
        let text = |member: &'static str| summary[member].as_str().map(str::to_owned).ok_or(Incomplete { member });
        Ok(Summary {
            name: text(self.name)?,
            status: text(self.status)?,
            secondary_status: self.secondary_status.and_then(|member| text(member).ok()),
            last_modified: summary["LastModifiedTime"].as_f64().and_then(time),
        })
    }
}

/// A request for what changed at or after `since`.
///
/// No List sorts by the time of change. Sorted by the time of creation, a resource that comes to be while pages are
/// read is on a later page, so that none is missed.
pub(super) fn request(since: DateTime<Utc>, next: Option<&str>) -> Value {
    let mut body = json!({
        "LastModifiedTimeAfter": seconds((since - BEFORE).max(DateTime::UNIX_EPOCH)),
        "MaxResults": PAGE,
        "SortBy": "CreationTime",
        "SortOrder": "Ascending",
    });
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    body
}

/// AWS JSON writes times as seconds since 1970, with milliseconds as their fraction.
fn seconds(time: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^52")]
    let millis = time.timestamp_millis() as f64;
    millis / 1000.0
}

pub(super) fn time(seconds: f64) -> Option<DateTime<Utc>> {
    #[expect(clippy::cast_possible_truncation, reason = "a time beyond i64 milliseconds is cut and then refused")]
    let millis = (seconds * 1000.0).round() as i64;
    DateTime::from_timestamp_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: Listing = Listing {
        summaries: "TrainingJobSummaries",
        name: "TrainingJobName",
        status: "TrainingJobStatus",
        secondary_status: Some("SecondaryStatus"),
    };

    #[test]
    fn a_request_asks_from_a_moment_before() {
        let since = "2026-11-23T12:00:00.250Z".parse().unwrap();
        assert_eq!(
            request(since, Some("token")),
            json!({
                "LastModifiedTimeAfter": 1_795_435_200.249,
                "MaxResults": 100,
                "SortBy": "CreationTime",
                "SortOrder": "Ascending",
                "NextToken": "token",
            })
        );
    }

    #[test]
    fn no_request_asks_from_before_all_time() {
        assert_eq!(request(DateTime::UNIX_EPOCH, None)["LastModifiedTimeAfter"], 0.0);
    }

    #[test]
    fn a_page_is_in_the_order_of_change() {
        let answer = json!({
            "TrainingJobSummaries": [
                {"TrainingJobName": "b", "TrainingJobStatus": "Completed", "LastModifiedTime": 1_795_435_201.5},
                {
                    "TrainingJobName": "a",
                    "TrainingJobStatus": "InProgress",
                    "SecondaryStatus": "Training",
                    "LastModifiedTime": 1_795_435_200.249
                },
            ],
            "NextToken": "more",
        });
        let page = LISTING.page(&answer).unwrap();
        let seen: Vec<_> =
            page.items.iter().map(|item| (item.name.as_str(), item.secondary_status.as_deref())).collect();
        assert_eq!(seen, [("a", Some("Training")), ("b", None)]);
        assert_eq!(page.items[0].last_modified, Some("2026-11-23T12:00:00.249Z".parse().unwrap()));
        assert_eq!(page.next.as_deref(), Some("more"));
        assert_eq!(LISTING.page(&json!({})).unwrap(), Page { items: Vec::new(), next: None });
    }

    #[test]
    fn a_summary_without_a_name_is_an_error() {
        let answer = json!({"TrainingJobSummaries": [{"TrainingJobStatus": "Completed"}]});
        assert_eq!(LISTING.page(&answer).unwrap_err().to_string(), "a summary of the list has no TrainingJobName");
    }
}
