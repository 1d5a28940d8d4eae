//! What the service refuses, lists and takes.

use super::*;

#[test]
fn a_slash_keeps_the_neighbours_out() {
    let (service, now) = ended_job(1, 1.0);
    begin(&service, "job-2", 1, Workload::default());
    let streams = |prefix| {
        let pages = filter(&service, now, &json!({"logStreamNamePrefix": prefix}));
        counted(lines(&pages).into_iter().map(|(_, stream, _)| (0, stream, String::new()))).len()
    };
    assert_eq!((streams("job/"), streams("job"), streams("nobody/")), (4, 5, 0));
}

#[test]
fn a_stream_named_twice_is_searched_once() {
    let (service, now) = ended_job(1, 1.0);
    let name = stream("job", 1);
    let pages = filter(&service, now, &json!({"logStreamNames": [name, name]}));
    assert_eq!(counted(lines(&pages)), counted(truth(&service, now, &name)));
}

#[test]
fn a_stream_read_from_a_time_ahead_goes_on_when_the_time_has_come() {
    let service = LogService::new();
    begin(&service, "job", 1, Workload::default());
    let now = START + 20_000;
    let members = json!({"logStreamName": stream("job", 1), "startFromHead": true, "startTime": now + 30_000});
    let first = call(&service, now, "GetLogEvents", &members).unwrap();
    assert_eq!(first["events"], json!([]));
    let mut on = members;
    on["nextToken"] = first["nextForwardToken"].clone();
    let pages = get(&service, now + 120_000, "nextForwardToken", &on);
    let times = events(&pages).map(|event| event["timestamp"].as_u64().unwrap()).collect::<Vec<_>>();
    assert!(times.len() > 50 && times.iter().all(|time| *time >= now + 30_000), "{times:?}");
}

#[test]
fn accounts_and_regions_do_not_see_each_other() {
    let (service, now) = ended_job(1, 1.0);
    for scope in
        [Scope { region: "eu-west-1".to_owned(), ..at(now) }, Scope { account: "210987654321".to_owned(), ..at(now) }]
    {
        let answer = service.handle(&scope, "FilterLogEvents", &json!({"logGroupName": GROUP}));
        assert_eq!(answer.unwrap_err().code, "ResourceNotFoundException");
    }
}

#[test]
fn requests_that_cannot_be_are_refused() {
    let (service, now) = ended_job(1, 1.0);
    let name = stream("job", 1);
    let table = [
        ("FilterLogEvents", json!({"logStreamNames": [name], "logStreamNamePrefix": "job/"})),
        ("FilterLogEvents", json!({"logGroupIdentifier": GROUP})),
        ("FilterLogEvents", json!({"startTime": 2, "endTime": 1})),
        ("FilterLogEvents", json!({"startFromHead": false})),
        ("FilterLogEvents", json!({"startFromHead": false, "startTime": 1_704_067_199_999_u64})),
        ("FilterLogEvents", json!({"nextToken": "x"})),
        ("FilterLogEvents", json!({"filterPattern": "{ $.x = 1 }"})),
        ("GetLogEvents", json!({"logStreamName": name, "nextToken": "f/1/s"})),
        ("GetLogEvents", json!({"logStreamName": name, "startTime": 2, "endTime": 1})),
        ("DescribeLogStreams", json!({"orderBy": "LastEventTime", "logStreamNamePrefix": "job/"})),
        ("DescribeLogStreams", json!({"nextToken": "x"})),
    ];
    for (operation, members) in table {
        let error = call(&service, now, operation, &members).unwrap_err();
        assert_eq!((error.code, error.status), ("InvalidParameterException", 400), "{operation} {members}");
    }
    for (operation, members) in [
        ("FilterLogEvents", json!({"logStreamNames": [name, "job/none"]})),
        ("GetLogEvents", json!({"logStreamName": "job/none"})),
    ] {
        let error = call(&service, now, operation, &members).unwrap_err();
        assert_eq!(error.to_string(), "ResourceNotFoundException: The specified log stream does not exist.");
    }
}

#[test]
fn a_token_belongs_to_the_request_it_came_from() {
    let (service, now) = ended_job(1, 20.0);
    let first = &filter(&service, now, &json!({"limit": 7}))[0];
    let token = &first["nextToken"];
    let with = |members: Value| {
        let mut members = members;
        members["nextToken"] = token.clone();
        call(&service, now + 1000, "FilterLogEvents", &members).map_err(|error| error.message)
    };
    assert!(with(json!({"limit": 9})).is_ok(), "the page size may change");
    assert_eq!(with(json!({"startTime": 1})), Err("The specified nextToken is invalid.".to_owned()));
    let day = 24 * 60 * 60 * 1000;
    let late = call(&service, now + day + 1, "FilterLogEvents", &json!({"nextToken": token}));
    assert_eq!(late.unwrap_err().message, "The specified nextToken has expired.");
}

#[test]
fn streams_are_listed_fifty_a_page_by_name_or_time() {
    let service = LogService::new();
    begin(&service, "job", 120, Workload::default());
    let now = START + 300_000;
    let list = |members: Value| {
        let mut members = members;
        let (mut names, mut pages) = (Vec::new(), 0);
        loop {
            let page = call(&service, now, "DescribeLogStreams", &members).unwrap();
            names.extend(page["logStreams"].as_array().unwrap().iter().map(|entry| entry["logStreamName"].clone()));
            members["nextToken"] = page["nextToken"].clone();
            pages += 1;
            if members["nextToken"].is_null() {
                let names = names.into_iter().map(|name| name.as_str().unwrap().to_owned());
                return (names.collect::<Vec<_>>(), pages);
            }
        }
    };
    let (by_name, pages) = list(json!({"logStreamNamePrefix": "job/"}));
    assert_eq!((by_name.len(), pages), (120, 3));
    assert!(by_name.is_sorted());
    let (by_time, _) = list(json!({"orderBy": "LastEventTime", "descending": true}));
    assert_eq!(by_time.len(), 120);
    assert_ne!(by_time, by_name);
}

#[test]
fn groups_are_listed_by_prefix_or_pattern() {
    let (service, now) = ended_job(1, 1.0);
    service.handle(&at(now), "CreateLogGroup", &json!({"logGroupName": "/mine"})).unwrap();
    let names = |members: Value| {
        let answer = answered(service.handle(&at(now), "DescribeLogGroups", &members)).unwrap();
        let groups = answer["logGroups"].as_array().unwrap().clone();
        groups.into_iter().map(|group| group["logGroupName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(json!({})), [GROUP, "/mine"]);
    assert_eq!(names(json!({"logGroupNamePrefix": "/aws/sagemaker/"})), [GROUP]);
    assert_eq!(names(json!({"logGroupNamePattern": "INE"})), ["/mine"]);
}

#[test]
fn what_was_put_is_read_back_in_order() {
    let service = LogService::new();
    let now = START;
    let put = |now, events: Value| {
        call(&service, now, "PutLogEvents", &json!({"logStreamName": "job/algo-1", "logEvents": events}))
    };
    assert_eq!(put(now, json!([{"timestamp": now, "message": "x"}])).unwrap_err().code, "ResourceNotFoundException");
    call(&service, now, "CreateLogGroup", &json!({})).unwrap();
    assert_eq!(call(&service, now, "CreateLogGroup", &json!({})).unwrap_err().code, "ResourceAlreadyExistsException");
    call(&service, now, "CreateLogStream", &json!({"logStreamName": "job/algo-1"})).unwrap();
    let again = call(&service, now, "CreateLogStream", &json!({"logStreamName": "job/algo-1"})).unwrap_err();
    assert_eq!(again.code, "ResourceAlreadyExistsException");

    put(now, json!([{"timestamp": now, "message": "second"}, {"timestamp": now, "message": "third\n"}])).unwrap();
    put(now + 10, json!([{"timestamp": now - 5, "message": "first"}])).unwrap();
    let pages = filter(&service, now + 1000, &json!({}));
    let texts = lines(&pages).into_iter().map(|(_, _, text)| text).collect::<Vec<_>>();
    assert_eq!(texts, ["first", "second", "third\n"]);
    let told = truth(&service, now + 1000, "job/").into_iter().map(|(_, _, text)| text).collect::<Vec<_>>();
    assert_eq!(told, ["first", "second", "third\\n"]);
}

#[test]
fn a_put_keeps_to_the_limits() {
    let service = LogService::new();
    call(&service, START, "CreateLogGroup", &json!({})).unwrap();
    call(&service, START, "CreateLogStream", &json!({"logStreamName": "s"})).unwrap();
    let hour = 60 * 60 * 1000;
    let put = |events: &[(u64, usize)]| {
        let event =
            |(timestamp, length): &(u64, usize)| json!({"timestamp": timestamp, "message": "x".repeat(*length)});
        let events = events.iter().map(event).collect::<Vec<_>>();
        call(&service, START, "PutLogEvents", &json!({"logStreamName": "s", "logEvents": events}))
    };
    let mib = 1024 * 1024;
    assert!(put(&[(START, mib - 26)]).is_ok());
    for (events, why) in [
        (vec![(START, mib - 25)], "Log event too large: 1048577 bytes exceeds limit of 1048576"),
        (vec![(START, mib / 2); 2], "Upload too large: 1048628 bytes exceeds limit of 1048576"),
        (
            vec![(START, 1), (START - 1, 1)],
            "Log events in a single PutLogEvents request must be in chronological order.",
        ),
        (
            vec![(START - 25 * hour, 1), (START, 1)],
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ),
    ] {
        assert_eq!(put(&events).unwrap_err().message, why);
    }
    let old = put(&[(START - 14 * 24 * hour - 1, 1), (START - 14 * 24 * hour, 1)]).unwrap();
    assert_eq!(old["rejectedLogEventsInfo"], json!({"tooOldLogEventEndIndex": 1}));
    let new = put(&[(START + 2 * hour, 1), (START + 2 * hour + 1, 1)]).unwrap();
    assert_eq!(new["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 1}));
}
