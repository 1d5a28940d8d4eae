//! Following, driven through virtual time against the service at its most inconvenient.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::fake::{BEGIN, Fake, Planned};
use super::*;

/// What a run of following brought.
#[derive(Debug)]
struct Run {
    printed: Vec<Event>,
    /// When following was over, since its start.
    took: Duration,
    calls: usize,
    stream_calls: usize,
}

fn selection() -> Selection {
    Selection::job("/aws/sagemaker/TrainingJobs", "job")
}

fn follow(fake: &mut Fake, settings: Settings, start: Start, begun: Duration, ended: Duration) -> Run {
    drive(fake, Follow::new(selection(), start, settings), begun, ended)
}

fn drive(fake: &mut Fake, mut follow: Follow, begun: Duration, ended: Duration) -> Run {
    let mut chance = fastrand::Rng::with_seed(7);
    let mut now = Duration::ZERO;
    let mut run = Run { printed: Vec::new(), took: Duration::ZERO, calls: 0, stream_calls: 0 };
    loop {
        if begun + now >= ended {
            follow.job_ended(Some(BEGIN + ended), now);
        }
        assert!(now < Duration::from_mins(10), "following never ends: {follow:?}");
        match follow.next(now) {
            Step::Done => {
                run.took = now;
                run.calls = fake.calls;
                return run;
            }
            Step::Wait(pause) => now += pause.min(Duration::from_secs(1)),
            Step::Call(request) => {
                run.stream_calls += usize::from(matches!(request, Request::Stream(_)));
                now += Duration::from_millis(40);
                match fake.ask(&request, BEGIN + begun + now) {
                    Ok(page) => {
                        let new = follow.took(page, now);
                        assert!(new.is_sorted_by(|a, b| a.cmp_in_time(b).is_le()), "a harvest is in order");
                        run.printed.extend(new);
                    }
                    Err(error) => assert_eq!(follow.failed(&error, now, chance.f64()), Verdict::GoOn),
                }
            }
        }
    }
}

/// What was not printed, and what was printed too often, by what both calls tell of a line.
fn difference(printed: &[Event], written: &[Event]) -> (Vec<String>, Vec<String>) {
    let mut balance: BTreeMap<String, i32> = BTreeMap::new();
    let line = |event: &Event| {
        let Event { stream, timestamp, ingested, message, id: _ } = event;
        format!("{stream} {} +{:?} {message}", timestamp.0 - BEGIN.0, ingested.since(*timestamp))
    };
    for event in written {
        *balance.entry(line(event)).or_default() += 1;
    }
    for event in printed {
        *balance.entry(line(event)).or_default() -= 1;
    }
    let with = |wanted: fn(i32) -> bool| {
        balance.iter().filter(|(_, count)| wanted(**count)).map(|(line, count)| format!("{line} ({count})")).collect()
    };
    (with(|count| count > 0), with(|count| count < 0))
}

fn nothing() -> (Vec<String>, Vec<String>) {
    (Vec::new(), Vec::new())
}

fn from_begin() -> Start {
    Start::at(BEGIN - Duration::from_hours(1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_is_followed_exactly_once(
        seed: u64,
        hosts in 1_u64..6,
        page in 3_usize..400,
        failures in 0.0..0.3_f64,
        small_pages: bool,
        forgetful: bool,
        joined in 0_u64..90,
    ) {
        let mut fake = Fake::job(seed, hosts, 60, page);
        fake.failures = failures;
        let page_lines = if small_pages { 20 } else { 10_000 };
        let memory = if forgetful { 0 } else { 1000 };
        let settings = Settings { page_lines, memory, ..Settings::default() };
        let joined = Duration::from_secs(joined);
        let run = follow(&mut fake, settings, from_begin(), joined, Duration::from_mins(1));
        prop_assert_eq!(difference(&run.printed, &fake.events()), nothing());
    }

    #[test]
    fn what_comes_after_a_tail_is_followed_however_old_it_is(
        seed: u64,
        hosts in 1_u64..6,
        page in 3_usize..400,
        wanted in 1_usize..60,
        joined in 1_u64..90,
    ) {
        let mut fake = Fake::job(seed, hosts, 60, page);
        let joined = Duration::from_secs(joined);
        let mut tail = Tail::new(&selection(), BEGIN, wanted);
        while let Some(filter) = tail.next() {
            tail.took(fake.ask(&Request::Filter(filter.clone()), BEGIN + joined).expect("no failures"));
        }
        let tailed = tail.finish();
        let first = tailed.events.first().cloned();
        let start = if tailed.more { Start::after(&tailed.events, BEGIN) } else { Start::at(BEGIN) };
        let mut follow = Follow::new(selection(), start, Settings::default());
        follow.printed_before(&tailed.events);
        let run = drive(&mut fake, follow, joined, Duration::from_mins(1));
        let mut printed = tailed.events.clone();
        printed.extend(run.printed);

        // Only what was there already, and older than the tail, may be missing.
        let newest = tailed.events.iter().map(|event| event.ingested).max();
        let is_due = |event: &&Event| {
            !tailed.more || Some(event.ingested) > newest || first.as_ref().is_none_or(|first| event.cmp_in_time(first).is_ge())
        };
        let due: Vec<Event> = fake.events().iter().filter(is_due).cloned().collect();
        prop_assert_eq!(difference(&printed, &due), nothing());
    }

    #[test]
    fn the_tail_is_the_end_of_the_whole(seed: u64, page in 1_usize..400, wanted in 0_usize..500) {
        let mut fake = Fake::job(seed, 3, 60, page);
        let mut tail = Tail::new(&selection(), BEGIN, wanted);
        while let Some(filter) = tail.next() {
            let request = Request::Filter(filter.clone());
            tail.took(fake.ask(&request, BEGIN + Duration::from_hours(1)).expect("no failures"));
        }
        let all = fake.events();
        let expected = all[all.len().saturating_sub(wanted)..].to_vec();
        prop_assert_eq!(tail.finish(), Tailed { more: wanted < all.len(), events: expected });
    }
}

#[test]
fn one_call_a_second_follows_any_number_of_hosts() {
    let mut fake = Fake::job(1, 16, 60, 10_000);
    fake.whole_pages = true;
    let run = follow(&mut fake, Settings::default(), from_begin(), Duration::ZERO, Duration::from_mins(1));
    assert_eq!(difference(&run.printed, &fake.events()), nothing());
    let seconds = usize::try_from(run.took.as_secs()).unwrap();
    assert!(run.calls <= seconds + 10, "{} calls in {seconds} s", run.calls);
    assert_eq!(run.stream_calls, 0);
}

#[test]
fn cursors_take_over_when_a_window_outgrows_a_page() {
    let mut fake = Fake::job(2, 4, 60, 50);
    let settings = Settings { page_lines: 50, ..Settings::default() };
    let run = follow(&mut fake, settings, from_begin(), Duration::ZERO, Duration::from_mins(1));
    assert_eq!(difference(&run.printed, &fake.events()), nothing());
    assert!(run.stream_calls > 0);
}

#[test]
fn denied_cursors_are_done_without() {
    let mut follow = Follow::new(selection(), from_begin(), Settings { page_lines: 1, ..Settings::default() });
    let fake = Fake::job(3, 2, 60, 1);
    let mut now = Duration::ZERO;
    for _ in 0..60 {
        match follow.next(now) {
            Step::Call(Request::Filter(_)) => {
                drop(follow.took(Page { events: fake.events().into(), ..Page::default() }, now));
            }
            Step::Call(Request::Stream(_)) => {
                let denied = LogError {
                    operation: "GetLogEvents",
                    trouble: Trouble::Denied { action: Some("logs:GetLogEvents".to_owned()) },
                    message: "User: arn is not authorized to perform: logs:GetLogEvents".to_owned(),
                };
                assert_eq!(follow.failed(&denied, now, 0.5), Verdict::GoOn);
                assert!(matches!(follow.next(now), Step::Call(Request::Filter(_)) | Step::Wait(_)));
                return;
            }
            Step::Wait(pause) => now += pause,
            Step::Done => break,
        }
    }
    panic!("no cursor was tried");
}

#[test]
fn a_log_of_long_ago_is_read_once_without_waiting() {
    let mut fake = Fake::job(4, 4, 60, 10_000);
    let joined = Duration::from_hours(1);
    let run = follow(&mut fake, Settings::default(), from_begin(), joined, Duration::from_mins(1));
    assert_eq!(difference(&run.printed, &fake.events()), nothing());
    assert!(run.took < Duration::from_secs(2), "took {:?}", run.took);
}

#[test]
fn after_the_end_it_waits_for_quiet_and_not_much_longer() {
    let mut fake = Fake::job(5, 4, 60, 10_000);
    let last = fake.planned.iter().map(|planned| planned.visible).max().unwrap();
    let settings = Settings { quiet: Duration::from_secs(6), ..Settings::default() };
    let run = follow(&mut fake, settings, from_begin(), Duration::ZERO, Duration::from_mins(1));
    let quiet = (BEGIN + run.took).since(last);
    assert!(quiet > Duration::from_secs(3) && quiet < Duration::from_secs(9), "quiet for {quiet:?}");
}

#[test]
fn a_job_that_never_logged_ends_too() {
    let mut follow = Follow::new(selection(), from_begin(), Settings::default());
    follow.job_ended(None, Duration::ZERO);
    let absent = LogError {
        operation: "FilterLogEvents",
        trouble: Trouble::Absent,
        message: "The specified log group does not exist.".to_owned(),
    };
    let mut now = Duration::ZERO;
    while now < Duration::from_mins(1) {
        match follow.next(now) {
            Step::Done => return,
            Step::Wait(pause) => now += pause,
            Step::Call(_) => assert_eq!(follow.failed(&absent, now, 0.5), Verdict::GoOn),
        }
    }
    panic!("still following after {now:?}");
}

#[test]
fn a_line_too_late_for_every_window_is_found_by_the_last_sweep() {
    let mut fake = Fake::job(6, 2, 120, 10_000);
    let id = Some(EventId::new("1"));
    let straggler = Event { message: "straggler".to_owned(), id, ..fake.planned[3].event.clone() };
    let visible = BEGIN + Duration::from_secs(119);
    fake.planned.insert(4, Planned { event: straggler, visible });
    let run = follow(&mut fake, Settings::default(), from_begin(), Duration::ZERO, Duration::from_mins(2));
    assert_eq!(run.printed.iter().filter(|event| event.message == "straggler").count(), 1);
}

#[test]
fn following_after_a_tail_brings_nothing_that_the_tail_has_left_out() {
    let mut fake = Fake::job(8, 2, 60, 10_000);
    let all = fake.events();
    let tail = all[all.len() - 5..].to_vec();
    let start = Start::after(&tail, BEGIN);
    let mut follow = Follow::new(selection(), start, Settings::default());
    follow.printed_before(&tail);
    let now = Duration::from_secs(1);
    let Step::Call(request) = follow.next(now) else { panic!("nothing to ask") };
    let page = fake.ask(&request, BEGIN + Duration::from_mins(10)).unwrap();
    let newest = tail.iter().map(|event| event.ingested).max();
    let new = follow.took(page, now);
    assert!(new.iter().all(|event| Some(event.ingested) > newest), "{new:?}");
}

fn error(trouble: Trouble) -> LogError {
    LogError { operation: "FilterLogEvents", trouble, message: "refused".to_owned() }
}

#[test]
fn a_token_refused_again_and_again_is_given_up() {
    let mut follow = Follow::new(selection(), from_begin(), Settings::default());
    let (mut now, mut calls) = (Duration::ZERO, 0);
    loop {
        match follow.next(now) {
            Step::Wait(pause) => now += pause,
            Step::Done => panic!("a refusal is no end"),
            Step::Call(Request::Filter(Filter { token: None, .. })) => {
                let next = Some("token".to_owned());
                assert_eq!(follow.took(Page { next, ..Page::default() }, now), []);
            }
            Step::Call(_) => {
                calls += 1;
                if follow.failed(&error(Trouble::Invalid), now, 1.0) == Verdict::GiveUp {
                    break;
                }
            }
        }
    }
    assert_eq!(calls, 6);
    assert!(now > Duration::from_secs(1), "only {now:?} between {calls} calls");
}

#[test]
fn an_end_without_answers_becomes_hopeless() {
    let mut follow = Follow::new(selection(), from_begin(), Settings::default());
    let at = Duration::from_secs;
    assert!(matches!(follow.next(at(0)), Step::Call(_)));
    follow.took(Page::default(), at(0));
    assert!(!follow.is_hopeless(at(600)), "a job that runs may wait for new credentials");
    follow.job_ended(None, at(600));
    assert_eq!(follow.failed(&error(Trouble::Credentials), at(601), 0.5), Verdict::GoOn);
    assert!(!follow.is_hopeless(at(720)));
    assert!(follow.is_hopeless(at(721)));
}

#[test]
fn catching_up_packs_what_lies_behind() {
    let mut follow = Follow::new(selection(), from_begin(), Settings::default());
    let now = Duration::ZERO;
    for page in 0..20 {
        assert!(matches!(follow.next(now), Step::Call(_)));
        let line = |index: i64| {
            let timestamp = BEGIN + Duration::from_mins(1) * page;
            Event {
                stream: "job/algo-1-1795000000".into(),
                timestamp,
                ingested: timestamp,
                message: format!("step {page}.{index}"),
                id: Some(EventId::new(&format!("{page}{index:06}"))),
            }
        };
        let events = (0..100).map(line).collect();
        let served = Some(BEGIN + Duration::from_hours(2));
        assert_eq!(follow.took(Page { events, next: Some(format!("{page}")), served }, now).len(), 100);
    }
    assert_eq!(follow.unpacked(), 100, "only the newest page is at hand unpacked");
}
