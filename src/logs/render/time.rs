//! The time of a line. Neighbours mostly share their second, so its text is kept.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};

use super::super::Millis;
use super::{Look, Times};

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Go's `time.Time.String()`, as v1 had it.
    GoUtc,
    /// The same in local time.
    GoLocal,
    ShortUtc,
    ShortLocal,
    IsoUtc,
    IsoLocal,
    Nothing,
}

/// Writes times.
#[derive(Debug, Clone)]
pub(super) struct Clock<Z> {
    style: Style,
    zone: Z,
    today: NaiveDate,
    /// A second and its text.
    last: Option<(i64, String)>,
}

impl<Z: TimeZone<Offset: std::fmt::Display>> Clock<Z> {
    pub(super) fn new(look: Look, times: Option<Times>, zone: Z, today: NaiveDate) -> Self {
        let style = match (look, times) {
            (_, Some(Times::None)) | (Look::Raw, None) | (Look::Json, _) => Style::Nothing,
            (_, Some(Times::Iso)) | (Look::Raw, Some(Times::Utc)) => Style::IsoUtc,
            (Look::Raw, Some(Times::Local)) => Style::IsoLocal,
            (Look::V1, None | Some(Times::Utc)) => Style::GoUtc,
            (Look::V1, Some(Times::Local)) => Style::GoLocal,
            (Look::Short, None | Some(Times::Local)) => Style::ShortLocal,
            (Look::Short, Some(Times::Utc)) => Style::ShortUtc,
        };
        Self { style, zone, today, last: None }
    }

    /// Appends the time and a blank.
    pub(super) fn write(&mut self, timestamp: Millis, to: &mut String) {
        if self.style == Style::Nothing {
            return;
        }
        let Some(time) = DateTime::from_timestamp_millis(timestamp.0) else {
            // No year that a calendar knows.
            let _ = write!(to, "{} ", timestamp.0);
            return;
        };
        let second = time.timestamp();
        if self.last.as_ref().is_none_or(|(last, _)| *last != second) {
            self.last = Some((second, self.text(time)));
        }
        if let Some((_, text)) = &self.last {
            to.push_str(text);
        }
        let millis = time.timestamp_subsec_millis();
        match self.style {
            Style::GoUtc | Style::GoLocal => {
                // The trailing zeros of the fraction are cut, and the fraction itself if it is zero.
                if millis != 0 {
                    let digits = [millis / 100, millis / 10 % 10, millis % 10];
                    let kept = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
                    to.push('.');
                    to.extend(digits[..kept].iter().filter_map(|digit| char::from_digit(*digit, 10)));
                }
                if self.style == Style::GoUtc {
                    to.push_str(" +0000 UTC");
                } else {
                    let _ = write!(to, " {}", time.with_timezone(&self.zone).format("%z"));
                }
            }
            Style::IsoUtc => {
                let _ = write!(to, ".{millis:03}Z");
            }
            Style::IsoLocal => {
                let _ = write!(to, ".{millis:03}{}", time.with_timezone(&self.zone).format("%:z"));
            }
            Style::ShortUtc | Style::ShortLocal | Style::Nothing => {}
        }
        to.push(' ');
    }

    /// The part of the time that does not change within a second.
    fn text(&self, time: DateTime<Utc>) -> String {
        let local = time.with_timezone(&self.zone);
        match self.style {
            Style::GoUtc => time.format("%Y-%m-%d %H:%M:%S").to_string(),
            Style::GoLocal => local.format("%Y-%m-%d %H:%M:%S").to_string(),
            // A bare time of another day would be misread.
            Style::ShortUtc if time.date_naive() != self.today => time.format("%Y-%m-%d %H:%M:%S").to_string(),
            Style::ShortLocal if local.date_naive() != self.today => local.format("%Y-%m-%d %H:%M:%S").to_string(),
            Style::ShortUtc => time.format("%H:%M:%S").to_string(),
            Style::ShortLocal => local.format("%H:%M:%S").to_string(),
            Style::IsoUtc => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Style::IsoLocal => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Style::Nothing => String::new(),
        }
    }
}

/// `2026-11-23T16:27:16.714Z`.
pub(super) fn iso(timestamp: Millis) -> Option<String> {
    DateTime::from_timestamp_millis(timestamp.0).map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}
