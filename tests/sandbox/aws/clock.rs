//! The one clock of the simulator. It is never scaled: only durations are.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use serde_json::Value;

/// Milliseconds since 1970.
pub(super) type Millis = i64;

/// The present.
pub(super) fn now() -> Millis {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(elapsed.as_millis()).unwrap_or(Millis::MAX)
}

/// A time as JSON answers carry it: seconds, with milliseconds as decimals.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit a double")]
pub(super) fn seconds(at: Millis) -> Value {
    Value::from(at as f64 / 1000.0)
}

/// A time of a request: seconds, perhaps with decimals.
#[expect(clippy::cast_possible_truncation, reason = "a float to integer cast saturates")]
pub(super) fn from_seconds(value: &Value) -> Option<Millis> {
    value.as_f64().map(|seconds| (seconds * 1000.0).round() as Millis)
}

/// `2026-11-23T19:30:00Z`, as XML answers and texts carry a time.
pub(super) fn iso(at: Millis) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `20261123T193000Z`, the time of a signature.
pub(super) fn amz_date(at: Millis) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().format("%Y%m%dT%H%M%SZ").to_string()
}

/// The reverse of [`amz_date`].
pub(super) fn parse_amz_date(text: &str) -> Option<Millis> {
    let parsed = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(parsed.and_utc().timestamp_millis())
}
