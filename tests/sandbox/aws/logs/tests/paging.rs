//! However pages are cut, each event comes once and in order.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_pages_of_a_search_are_the_truth(
        seed: u64,
        hosts in 1..6_u64,
        rate in prop_oneof![0.1..2.0, 20.0..50.0],
        bytes in prop::option::of(1..5000_usize),
        limit in prop_oneof![Just(10_000_usize), 1..400_usize],
        oldest_first: bool,
    ) {
        let service = LogService::new();
        let workload = Workload { seed, lines_per_second: rate, line_bytes: bytes, ..Workload::default() };
        begin(&service, "job", hosts, workload);
        end(&service, "job", START + 15_000);
        let now = START + 120_000;
        let members = json!({
            "logStreamNamePrefix": "job/", "limit": limit, "startFromHead": oldest_first, "startTime": START - 3_600_000,
        });
        let pages = filter(&service, now, &members);

        let ids = events(&pages).map(|event| event["eventId"].as_str().unwrap()).collect::<Vec<_>>();
        let in_order = if oldest_first { ids.is_sorted_by(|a, b| a < b) } else { ids.is_sorted_by(|a, b| a > b) };
        prop_assert!(in_order);
        prop_assert!(pages.iter().all(|page| page["events"].as_array().unwrap().len() <= limit));
        prop_assert_eq!(counted(lines(&pages)), counted(truth(&service, now, "job/")));
    }

    #[test]
    fn the_pages_of_a_stream_are_the_truth_from_both_ends(seed: u64, rate in 0.1..40.0, limit in 1..400_usize) {
        let (service, now) = ended_job(seed, rate);
        let name = stream("job", 3);
        let want = truth(&service, now, &name);
        for (token, from_head) in [("nextForwardToken", true), ("nextBackwardToken", false)] {
            let members = json!({"logStreamName": name, "startFromHead": from_head, "limit": limit});
            let mut pages = get(&service, now, token, &members);
            if !from_head {
                pages.reverse();
            }
            let got = events(&pages).map(|event| line(event, &name)).collect::<Vec<_>>();
            prop_assert_eq!(&got, &want);
        }
    }

    #[test]
    fn shards_meet_without_a_gap_or_an_overlap(seed: u64, cut in START..START + 62_000) {
        let (service, now) = ended_job(seed, 6.0);
        // FilterLogEvents includes its end, GetLogEvents does not.
        let head = filter(&service, now, &json!({"endTime": cut - 1}));
        let tail = filter(&service, now, &json!({"startTime": cut}));
        let got = lines(&head).into_iter().chain(lines(&tail));
        prop_assert_eq!(counted(got), counted(truth(&service, now, "")));

        let name = stream("job", 1);
        let shard = |members: Value| {
            let mut all = json!({"logStreamName": name, "startFromHead": true});
            all.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
            let pages = get(&service, now, "nextForwardToken", &all);
            events(&pages).map(|event| line(event, &name)).collect::<Vec<_>>()
        };
        let got = [shard(json!({"endTime": cut})), shard(json!({"startTime": cut}))].concat();
        prop_assert_eq!(got, truth(&service, now, &name));
    }

    #[test]
    fn a_pattern_finds_what_matches_and_no_more(seed: u64, limit in 1..200_usize) {
        let (service, now) = ended_job(seed, 10.0);
        let pages = filter(&service, now, &json!({"filterPattern": "\"[7]\" -INFO", "limit": limit}));
        let want = truth(&service, now, "").into_iter().filter(|(_, _, text)| text.contains("[7]"));
        prop_assert_eq!(counted(lines(&pages)), counted(want));
    }
}

#[test]
fn ends_are_inclusive_for_a_search_and_exclusive_for_a_stream() {
    let (service, now) = ended_job(1, 5.0);
    let name = stream("job", 2);
    let (time, ..) = truth(&service, now, &name).swap_remove(20);
    let one = filter(&service, now, &json!({"logStreamNames": [name], "startTime": time, "endTime": time}));
    assert!(events(&one).count() > 0);
    let members = json!({"logStreamName": name, "startTime": time, "endTime": time, "startFromHead": true});
    let none = get(&service, now, "nextForwardToken", &members);
    assert_eq!(events(&none).count(), 0);
    let members = json!({"logStreamName": name, "startTime": time, "endTime": time + 1, "startFromHead": true});
    let same = get(&service, now, "nextForwardToken", &members);
    assert_eq!(events(&same).count(), events(&one).count());
}

#[test]
fn pages_are_partial_or_empty_and_tokens_come_twice() {
    let (mut partial, mut empty, mut twice) = (0, 0, 0);
    for seed in 0..40 {
        let (service, now) = ended_job(seed, 20.0);
        let limit = 100;
        let pages = filter(&service, now, &json!({"logStreamNamePrefix": "job/", "limit": limit}));
        for pair in pages.windows(2) {
            let count = pair[0]["events"].as_array().unwrap().len();
            partial += usize::from(count > 0 && count < limit);
            empty += usize::from(count == 0);
            twice += usize::from(pair[0]["nextToken"] == pair[1]["nextToken"]);
        }
    }
    assert!(partial > 20 && empty > 10 && twice > 5, "{partial} partial, {empty} empty, {twice} twice");
}

#[test]
fn a_stretch_without_events_gives_empty_pages() {
    let mut empty = 0;
    for seed in 0..20 {
        let (service, now) = ended_job(seed, 1.0);
        let first = &filter(&service, now, &json!({"startTime": 0, "endTime": now + seed}))[0];
        empty += usize::from(first["events"].as_array().unwrap().is_empty() && first["nextToken"].is_string());
    }
    assert!((1..20).contains(&empty), "{empty} of 20");
}

#[test]
fn a_rare_match_gives_pages_without_any() {
    let service = LogService::new();
    begin(&service, "job", 1, Workload { lines_per_second: 20_000.0, ..Workload::default() });
    end(&service, "job", START + 11_000);
    let pages = filter(&service, START + 60_000, &json!({"filterPattern": "\"[150000]\""}));
    assert_eq!(events(&pages).count(), 1);
    assert!(pages.len() >= 4, "{} pages for 200,000 lines", pages.len());
}

#[test]
fn a_tail_is_one_request_from_the_newest_end() {
    let (service, now) = ended_job(3, 20.0);
    let members = json!({"startFromHead": false, "startTime": START, "limit": 20});
    let pages = filter(&service, now, &members);
    let mut newest = lines(&pages).into_iter().take(20).collect::<Vec<_>>();
    newest.sort();
    let mut want = truth(&service, now, "job/");
    let want = want.split_off(want.len() - 20);
    assert_eq!(counted(newest), counted(want));
}

#[test]
fn the_admin_counts_what_the_text_shows() {
    let (service, now) = ended_job(5, 13.0);
    let count = service.truth(&at(now), GROUP, "job/");
    let text = truth(&service, now, "job/");
    assert_eq!(count["events"], text.len());
    assert!(text.is_sorted_by_key(|(time, stream, _)| (*time, stream.clone())));
    for entry in count["streams"].as_array().unwrap() {
        let own = text.iter().filter(|(_, stream, _)| entry["name"] == **stream).collect::<Vec<_>>();
        assert_eq!(entry["events"], own.len());
        assert_eq!(entry["first"], own[0].0);
        assert_eq!(entry["last"], own[own.len() - 1].0);
    }
}
