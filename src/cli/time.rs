//! Times and how long things took, as people say it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// A moment as it is typed: so long ago, or a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    text: String,
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Ago(TimeDelta),
    At(DateTime<Utc>),
}

impl Moment {
    /// The time.
    pub fn at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self.when {
            When::Ago(ago) => now.checked_sub_signed(ago).unwrap_or(DateTime::UNIX_EPOCH),
            When::At(time) => time,
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ago = || Some(TimeDelta::from_std(humantime::parse_duration(text).ok()?).unwrap_or(TimeDelta::MAX));
        let time = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc));
        let date = || Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc());
        let when = ago().map(When::Ago).or_else(|| time().or_else(date).map(When::At));
        match when {
            Some(when) => Ok(Self { text: text.to_owned(), when }),
            None => Err("neither a duration such as 10m or 2h30m, nor a time such as 2026-11-23T16:00:00Z"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `8s`, `6m02s`, `3h05m`, `12d`: exact enough to compare jobs by.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        172_800.. => format!("{}d", seconds / 86_400),
    }
}

/// `0:12`, `3:10`, `1:02:03`: for a clock that runs on the screen.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

/// The column AGE of kubectl: `45s`, `6m`, `3h`, `12d`.
pub fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        172_800.. => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_so_long_ago_or_a_time() {
        let now: DateTime<Utc> = "2026-11-23T16:30:00Z".parse().unwrap();
        for (text, at) in [
            ("10m", "2026-11-23T16:20:00Z"),
            ("2h30m", "2026-11-23T14:00:00Z"),
            ("90s", "2026-11-23T16:28:30Z"),
            ("3d", "2026-11-20T16:30:00Z"),
            ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
            ("2026-11-23T12:00:00.5+01:00", "2026-11-23T11:00:00.5Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("1000000000y", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(text.parse().map(|moment: Moment| moment.at(now)), Ok(at.parse().unwrap()), "{text}");
        }
        for text in ["", "10", "-10m", "yesterday", "2026-11-23 12:00"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_read_well() {
        let seconds = [8, 100, 362, 11_100, 1_036_800].map(Duration::from_secs);
        assert_eq!(seconds.map(span), ["8s", "1m40s", "6m02s", "3h05m", "12d"]);
        assert_eq!(seconds.map(clock), ["0:08", "1:40", "6:02", "3:05:00", "288:00:00"]);
        assert_eq!(seconds.map(age), ["8s", "100s", "6m", "3h", "12d"]);
    }
}
