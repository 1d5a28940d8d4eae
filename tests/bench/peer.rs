//! The plain reader, `plain-reader fetch|follow JOB REGION`: one chain of tokens; when following, a poll each half second from the newest time stamp, and only
//! the last event's id to know what has been printed.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use chrono::DateTime;
use sagemaker_operator::aws::{Clients, Options, Retries};
use sagemaker_operator::lifecycle::Place;

const GROUP: &str = "/aws/sagemaker/TrainingJobs";
const POLL: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [mode, job, region] = &args[..] else { return ExitCode::from(2) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    let place = Place { region: region.parse().expect("a region"), endpoint: None, role: None };
    let clients = Clients::new(Options { retries: Retries::Sdk, ..Options::default() });
    runtime.block_on(async {
        let client = Client::new(&clients.sdk_config(&place).await);
        let mut newest = Newest::default();
        loop {
            let read = pass(&client, &format!("{job}/"), &mut newest).await;
            match (mode.as_str(), read) {
                ("fetch", Ok(())) => return ExitCode::SUCCESS,
                ("fetch", Err(error)) => {
                    let _ = writeln!(io::stderr(), "{error}");
                    return ExitCode::FAILURE;
                }
                (_, _) => tokio::time::sleep(POLL).await,
            }
        }
    })
}

/// The last event printed.
#[derive(Debug, Default)]
struct Newest {
    timestamp: i64,
    id: String,
}

/// All pages from the newest time stamp on.
async fn pass(client: &Client, prefix: &str, newest: &mut Newest) -> Result<(), String> {
    let from = newest.timestamp;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut token = None;
    loop {
        let call = client.filter_log_events().log_group_name(GROUP).log_stream_name_prefix(prefix).start_time(from);
        let page = call.set_next_token(token).send().await.map_err(|error| format!("{error:?}"))?;
        for event in page.events.unwrap_or_default() {
            let FilteredLogEvent { log_stream_name, timestamp, message, event_id, .. } = event;
            let (timestamp, id) = (timestamp.unwrap_or_default(), event_id.unwrap_or_default());
            if id == newest.id {
                continue;
            }
            let time = DateTime::from_timestamp_millis(timestamp).unwrap_or_default().format("%Y-%m-%d %H:%M:%S%.3f");
            let (stream, message) = (log_stream_name.unwrap_or_default(), message.unwrap_or_default());
            // Nobody reads on: that is the end of the benchmark.
            let _ = writeln!(out, "{stream} {time} +0000 UTC {message}");
            *newest = Newest { timestamp, id };
        }
        token = page.next_token;
        if token.is_none() {
            let _ = out.flush();
            return Ok(());
        }
    }
}
