use chrono::{FixedOffset, Utc};
use insta::assert_snapshot;

use super::super::{EventId, Millis};
use super::*;

const PLAIN: Manner = Manner { look: Look::V1, times: None, hide_stream: false, colour: false, to_terminal: false };

fn event(timestamp: i64, message: &str) -> Event {
    Event {
        stream: "job/algo-1-1700000000".into(),
        timestamp: Millis(timestamp),
        ingested: Millis(timestamp + 5000),
        message: message.to_owned(),
        id: None,
    }
}

fn origin(selection: Selection) -> Origin {
    Origin { label: None, kind: "TrainingJob", object: None, selection }
}

fn job() -> Origin {
    origin(Selection::job("group", "job"))
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("it is a date")
}

fn rendered(manner: Manner, timestamp: i64, message: &str) -> String {
    let mut text = String::new();
    Renderer::new(manner, Utc, today()).line(&job(), &event(timestamp, message), &mut text);
    text
}

#[test]
fn v1_lines_cut_the_zeros_of_the_fraction_only() {
    let times = [1_795_451_236_714, 1_795_451_236_700, 1_795_451_236_010, 1_795_451_230_000, 1_795_449_600_000];
    let mut renderer = Renderer::new(PLAIN, Utc, today());
    let mut lines = String::new();
    for time in times {
        renderer.line(&job(), &event(time, "message"), &mut lines);
    }
    assert_snapshot!(lines, @r"
    job/algo-1-1700000000 2026-11-23 16:27:16.714 +0000 UTC message
    job/algo-1-1700000000 2026-11-23 16:27:16.7 +0000 UTC message
    job/algo-1-1700000000 2026-11-23 16:27:16.01 +0000 UTC message
    job/algo-1-1700000000 2026-11-23 16:27:10 +0000 UTC message
    job/algo-1-1700000000 2026-11-23 16:00:00 +0000 UTC message
    ");
}

#[test]
fn v1_lines_without_stream_begin_with_the_time() {
    let manner = Manner { hide_stream: true, ..PLAIN };
    assert_snapshot!(rendered(manner, 1_795_451_236_714, "message\n"), @"2026-11-23 16:27:16.714 +0000 UTC message");
}

#[test]
fn lines_that_do_not_go_to_a_terminal_are_verbatim() {
    for look in [Look::V1, Look::Short, Look::Raw] {
        let line = rendered(Manner { look, ..PLAIN }, 0, "\x1b[1m10%\r20%#011\u{202e}\r");
        assert!(line.ends_with("\x1b[1m10%\r20%#011\u{202e}\r\n"), "{line:?}");
    }
}

#[test]
fn every_look_takes_every_kind_of_time() {
    let zone = FixedOffset::east_opt(3600).expect("it is an offset");
    let mut lines = String::new();
    for look in [Look::V1, Look::Short, Look::Raw] {
        for times in [None, Some(Times::Utc), Some(Times::Local), Some(Times::Iso), Some(Times::None)] {
            let mut renderer = Renderer::new(Manner { look, times, ..PLAIN }, zone, today());
            renderer.line(&job(), &event(1_795_451_236_710, "message"), &mut lines);
        }
    }
    assert_snapshot!(lines, @r"
    job/algo-1-1700000000 2026-11-23 16:27:16.71 +0000 UTC message
    job/algo-1-1700000000 2026-11-23 16:27:16.71 +0000 UTC message
    job/algo-1-1700000000 2026-11-23 17:27:16.71 +0100 message
    job/algo-1-1700000000 2026-11-23T16:27:16.710Z message
    job/algo-1-1700000000 message
    algo-1 17:27:16 message
    algo-1 16:27:16 message
    algo-1 17:27:16 message
    algo-1 2026-11-23T16:27:16.710Z message
    algo-1 message
    message
    2026-11-23T16:27:16.710Z message
    2026-11-23T17:27:16.710+01:00 message
    2026-11-23T16:27:16.710Z message
    message
    ");
}

#[test]
fn a_short_line_of_another_day_tells_the_day() {
    let short = Manner { look: Look::Short, ..PLAIN };
    assert_snapshot!(rendered(short, 1_795_451_236_714 - 86_400_000, "yesterday"), @"algo-1 2026-11-22 16:27:16 yesterday");
    assert_snapshot!(rendered(short, 1_795_451_236_714, "today"), @"algo-1 16:27:16 today");
}

#[test]
fn on_a_terminal_the_name_of_a_stream_is_harmless_too() {
    for look in [Look::V1, Look::Short] {
        let manner = Manner { look, to_terminal: true, times: Some(Times::None), ..PLAIN };
        let mut text = String::new();
        let event = Event { stream: "job/algo\x1b]0;x".into(), ..event(0, "a") };
        Renderer::new(manner, Utc, today()).line(&job(), &event, &mut text);
        assert!(text.ends_with("algo\\u{1b}]0;x a\n"), "{text:?}");
    }
}

#[test]
fn short_lines_say_which_job_trial_or_variant_where_there_are_several() {
    let mut text = String::new();
    let short = Manner { look: Look::Short, times: Some(Times::None), ..PLAIN };
    let mut renderer = Renderer::new(short, Utc, today());
    let trials = Whose::Trials { tuning: "hpo".into(), number: None };
    for (whose, label, stream) in [
        (Whose::Job("job".into()), None, "job/algo-1-1700000000"),
        (Whose::Job("job".into()), Some("mnist"), "job/algo-1-1700000000"),
        (trials, None, "hpo-001-0a1b2c3d/algo-2-1700000000"),
        (Whose::Endpoint { variant: None }, None, "AllTraffic/i-0abc/data-log"),
    ] {
        let origin = Origin { label: label.map(Into::into), ..origin(Selection::new("group", whose)) };
        renderer.line(&origin, &Event { stream: stream.into(), ..event(0, "message") }, &mut text);
    }
    assert_snapshot!(text, @r"
    algo-1 message
    mnist algo-1 message
    001-0a1b2c3d algo-2 message
    AllTraffic/i-0abc/data-log message
    ");
}

#[test]
fn json_has_every_field() {
    let json = Manner { look: Look::Json, ..PLAIN };
    let mut text = String::new();
    let mut renderer = Renderer::new(json, Utc, today());
    let id = "36784982374982374982374982374982374982374982374982374982";
    let event = Event { id: Some(EventId::new(id)), ..event(1_795_451_236_714, "a \"b\"\u{9b}\tc\n") };
    let origin = Origin { object: Some("default/mnist".into()), ..job() };
    renderer.line(&origin, &event, &mut text);
    assert_snapshot!(text, @r#"{"timestamp":"2026-11-23T16:27:16.714Z","ingestionTime":"2026-11-23T16:27:21.714Z","kind":"TrainingJob","object":"default/mnist","job":"job","stream":"job/algo-1-1700000000","rank":0,"eventId":"36784982374982374982374982374982374982374982374982374982","message":"a \"b\"\tc"}"#);
    let read: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!((&read["eventId"], &read["rank"]), (&id.into(), &0.into()));
    assert_eq!(read["message"], "a \"b\"\u{9b}\tc");

    let terminal = rendered(Manner { to_terminal: true, ..json }, 0, "\u{9b}31m");
    assert!(terminal.contains("\\u009b31m"), "{terminal}");
}

#[test]
fn neighbouring_hosts_have_different_colours() {
    assert_ne!(colour_of("algo-1"), colour_of("algo-2"));
    assert_eq!(colour_of("algo-1"), 36);
    let line = rendered(Manner { look: Look::Short, colour: true, times: Some(Times::None), ..PLAIN }, 0, "a");
    assert_eq!(line, "\x1b[36malgo-1\x1b[0m a\n");
}
