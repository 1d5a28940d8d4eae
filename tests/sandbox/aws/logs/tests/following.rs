//! What is seen while a job runs: late, interleaved, and never before it was sent.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn ids(pages: &[Value]) -> BTreeSet<String> {
    events(pages).map(|event| event["eventId"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_seen_before_it_was_sent(seed: u64, flush in 0.1..8.0, after in 0..70_000_u64) {
        let service = LogService::new();
        begin(&service, "job", 4, Workload { seed, lines_per_second: 5.0, flush_seconds: flush, ..Workload::default() });
        end(&service, "job", START + 40_000);
        let now = START + after;
        if call(&service, now, "FilterLogEvents", &json!({})).is_err() {
            return Ok(());
        }
        let pages = filter(&service, now, &json!({}));
        for event in events(&pages) {
            prop_assert!(event["timestamp"].as_u64() <= event["ingestionTime"].as_u64());
            prop_assert!(event["ingestionTime"].as_u64() < Some(now));
        }
        let later = ids(&filter(&service, now + 500, &json!({})));
        prop_assert!(ids(&pages).is_subset(&later), "what was seen stays");
        let long_after = START + 40_000 + 60_000;
        prop_assert_eq!(ids(&filter(&service, long_after, &json!({}))).len(), truth(&service, long_after, "").len());
    }
}

#[test]
fn a_group_is_absent_before_the_first_send_of_its_first_job() {
    let service = LogService::new();
    let absent = |now| call(&service, now, "FilterLogEvents", &json!({})).unwrap_err();
    assert_eq!(absent(START).to_string(), "ResourceNotFoundException: The specified log group does not exist.");
    begin(&service, "job", 1, Workload::default());
    assert_eq!(absent(START + 1000).code, "ResourceNotFoundException");
    assert!(call(&service, START + 10_000, "FilterLogEvents", &json!({})).is_ok());
}

#[test]
fn each_host_is_seen_from_its_own_first_send_on() {
    let service = LogService::new();
    begin(&service, "job", 8, Workload::default());
    let seen = |now| {
        let answer = call(&service, now, "DescribeLogStreams", &json!({"logStreamNamePrefix": "job/"}));
        answer.map_or(0, |answer| answer["logStreams"].as_array().unwrap().len())
    };
    let counts = (0..20).map(|second| seen(START + second * 1000)).collect::<Vec<_>>();
    assert_eq!((counts[0], counts[19]), (0, 8));
    assert!(counts.is_sorted());
    assert!(counts.iter().collect::<BTreeSet<_>>().len() > 4, "they come one by one: {counts:?}");
}

#[test]
fn hosts_send_at_moments_of_their_own() {
    let (service, now) = ended_job(9, 5.0);
    let pages = filter(&service, now, &json!({}));
    let sends = |host| {
        let name = stream("job", host);
        let own = events(&pages).filter(|event| event["logStreamName"] == *name);
        own.map(|event| event["ingestionTime"].as_u64().unwrap()).collect::<BTreeSet<_>>()
    };
    for host in 1..4 {
        assert!(sends(host).is_disjoint(&sends(host + 1)));
    }
    // Five seconds between two sends, so that a minute has about twelve.
    assert!((11..=14).contains(&sends(1).len()), "{:?}", sends(1));
}

#[test]
fn a_poll_from_the_newest_time_seen_loses_lines_and_an_overlap_does_not() {
    let (service, _) = ended_job(11, 10.0);
    let follow = |overlap_ms: u64| {
        let mut seen = BTreeSet::new();
        let mut newest = START;
        for second in 1..90 {
            let members = json!({"startTime": newest.saturating_sub(overlap_ms)});
            if call(&service, START + second * 1000, "FilterLogEvents", &members).is_err() {
                continue;
            }
            let pages = filter(&service, START + second * 1000, &members);
            newest = lines(&pages).iter().map(|(time, ..)| *time).fold(newest, u64::max);
            seen.extend(ids(&pages));
        }
        seen.len()
    };
    let all = truth(&service, START + 90_000, "").len();
    assert!(follow(0) < all * 9 / 10, "{} of {all}", follow(0));
    assert_eq!(follow(30_000), all);
}

#[test]
fn a_bare_token_goes_past_what_arrives_late_inside_a_stream() {
    let lost = (0..10).filter(|seed| {
        let (service, now) = ended_job(*seed, 10.0);
        let name = stream("job", 1);
        let mut members = json!({"logStreamName": name, "startFromHead": true});
        let mut seen = 0;
        for tick in 0..now - START {
            if tick % 500 != 0 {
                continue;
            }
            let Ok(page) = call(&service, START + tick, "GetLogEvents", &members) else { continue };
            seen += page["events"].as_array().unwrap().len();
            members["nextToken"] = page["nextForwardToken"].clone();
        }
        seen < truth(&service, now, &name).len()
    });
    assert!((1..10).contains(&lost.count()), "some sends are late, most are not");
}

#[test]
fn a_token_at_the_end_of_a_stream_comes_back_until_there_is_more() {
    let service = LogService::new();
    begin(&service, "job", 1, Workload::default());
    let now = START + 20_000;
    let members = json!({"logStreamName": stream("job", 1), "startFromHead": true});
    let pages = get(&service, now, "nextForwardToken", &members);
    let token = &pages.last().unwrap()["nextForwardToken"];
    let on = json!({"logStreamName": stream("job", 1), "startFromHead": true, "nextToken": token});
    let again = call(&service, now, "GetLogEvents", &on).unwrap();
    assert_eq!((&again["events"], &again["nextForwardToken"]), (&json!([]), token));
    let later = call(&service, now + 20_000, "GetLogEvents", &on).unwrap();
    assert!(!later["events"].as_array().unwrap().is_empty());
    assert_ne!(&later["nextForwardToken"], token);
}

#[test]
fn what_is_told_of_a_streams_end_is_behind_the_truth() {
    let (service, _) = ended_job(2, 5.0);
    let entry = |now| call(&service, now, "DescribeLogStreams", &json!({})).unwrap()["logStreams"][0].clone();
    let last = |now| entry(now)["lastEventTimestamp"].as_u64().unwrap();
    let end = truth(&service, START + 90_000, &stream("job", 1)).pop().unwrap().0;
    assert!(last(START + 60_000) < end - 5_000);
    assert_eq!(last(START + 300_000), end);
    assert_eq!(entry(START + 60_000)["firstEventTimestamp"], START + 1000);
}

#[test]
fn a_restarted_job_goes_on_in_streams_of_its_own() {
    let service = LogService::new();
    begin(&service, "job", 2, Workload::default());
    service.end(ACCOUNT, REGION, GROUP, "job", START + 20_000, &Ending::Terminated);
    let before = truth(&service, START + 60_000, "job/").len();
    service.begin(Run {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        group: GROUP.to_owned(),
        job: "job".to_owned(),
        hosts: vec![Host { stream: "job/algo-1-1763926830".to_owned(), starts_ms: START + 30_000 }],
        workload: Workload { flavour: Flavour::Pytorch, ..Workload::default() },
    });
    end(&service, "job", START + 50_000);
    let streams = service.truth(&at(START + 60_000), GROUP, "job/");
    assert_eq!(streams["streams"].as_array().unwrap().len(), 3);
    let own = service.truth(&at(START + 60_000), GROUP, "job/algo-1-1763926830");
    assert_eq!(streams["events"].as_u64(), Some(before as u64 + own["events"].as_u64().unwrap()));
}

#[test]
fn a_job_stopped_before_an_announced_restart_ends_then_and_never_restarts() {
    let service = LogService::new();
    begin(&service, "job", 1, Workload::default());
    end(&service, "job", START + 30_000);
    let restarted = Host { stream: "job/algo-1-1763926840".to_owned(), starts_ms: START + 40_000 };
    service.begin(Run {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        group: GROUP.to_owned(),
        job: "job".to_owned(),
        hosts: vec![restarted],
        workload: Workload::default(),
    });
    end(&service, "job", START + 60_000);
    end(&service, "job", START + 20_000);
    let streams = service.truth(&at(START + 100_000), GROUP, "job/")["streams"].clone();
    assert_eq!(streams.as_array().unwrap().len(), 1, "{streams}");
    assert_eq!(streams[0]["last"], START + 20_000);
}

#[test]
fn a_poll_of_a_fast_job_looks_neither_ahead_nor_at_each_line_on_its_way() {
    let service = LogService::new();
    begin(&service, "job", 4, Workload { lines_per_second: 1_000_000.0, flush_seconds: 60.0, ..Workload::default() });
    let now = START + 200_000;
    for oldest_first in [true, false] {
        let members = json!({"startTime": now - 1000, "startFromHead": oldest_first, "limit": 10});
        assert!(call(&service, now, "FilterLogEvents", &members).is_ok());
    }
    assert!(call(&service, now, "DescribeLogStreams", &json!({})).is_ok());
}
