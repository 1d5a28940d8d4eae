//! How long things took, as people say it.

use std::time::Duration;

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
    fn durations_read_well() {
        let seconds = [8, 100, 362, 11_100, 1_036_800].map(Duration::from_secs);
        assert_eq!(seconds.map(span), ["8s", "1m40s", "6m02s", "3h05m", "12d"]);
        assert_eq!(seconds.map(clock), ["0:08", "1:40", "6:02", "3:05:00", "288:00:00"]);
        assert_eq!(seconds.map(age), ["8s", "100s", "6m", "3h", "12d"]);
    }
}
