//! Lines put into a log by hand, where a job of the simulator would not write such ones.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

use crate::support::simulator::{Keys, REGION, Simulator};

/// Creates group and stream if need be, and puts lines with their times, in milliseconds since 1970, into them.
pub(super) fn put(aws: &Simulator, group: &str, stream: &str, lines: &[(i64, &str)]) {
    let keys = Keys::default();
    let config = aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(aws.endpoint())
        .credentials_provider(Credentials::new(keys.id(), keys.secret(), None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = Client::from_conf(config);
    let events = lines.iter().map(|(timestamp, message)| {
        InputLogEvent::builder().timestamp(*timestamp).message(*message).build().expect("it has both")
    });
    let events: Vec<InputLogEvent> = events.collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        // Either may be there already.
        let _ = client.create_log_group().log_group_name(group).send().await;
        let _ = client.create_log_stream().log_group_name(group).log_stream_name(stream).send().await;
        let put = client.put_log_events().log_group_name(group).log_stream_name(stream).set_log_events(Some(events));
        put.send().await.expect("the simulator takes lines");
    });
}
