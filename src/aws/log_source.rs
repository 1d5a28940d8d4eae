//! CloudWatch Logs as the port [`LogSource`]. One call is one request; repeating it is the reader's business.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatchlogs::types::{FilteredLogEvent, OutputLogEvent};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use chrono::DateTime;

use super::Clients;
use super::errors::refusal;
use crate::lifecycle::{Cause, Place};
use crate::logs::{Event, EventId, Filter, LogError, LogSource, Millis, Page, Request, Stream, StreamRead, Trouble};

/// The code of "the group or stream does not exist".
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const ABSENT: &str = "ResourceNotFoundException";

/// CloudWatch Logs at one place.
#[derive(Debug)]
pub struct CloudWatchLogs<'a> {
    clients: &'a Clients,
    place: Place,
    client: Mutex<Option<Client>>,
}

impl<'a> CloudWatchLogs<'a> {
    /// The logs at this place. Asks nothing yet.
    pub fn new(clients: &'a Clients, place: Place) -> Self {
        Self { clients, place, client: Mutex::default() }
    }

    async fn client(&self) -> Client {
        let held = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(client) = held {
            return client;
        }
        let client = Client::new(&self.clients.sdk_config(&self.place).await);
        self.client.lock().unwrap_or_else(PoisonError::into_inner).insert(client).clone()
    }

    async fn filter(&self, filter: &Filter) -> Result<Page, LogError> {
        let Filter { group, prefix, pattern, from, to, newest_first, limit, token } = filter.clone();
        let date = Date::default();
        let answer = self
            .client()
            .await
            .filter_log_events()
            .log_group_name(&*group)
            .set_log_stream_name_prefix((!prefix.is_empty()).then(|| prefix.to_string()))
            .set_filter_pattern(pattern.map(|pattern| pattern.to_string()))
            .start_time(from.0.max(0))
            .set_end_time(to.map(|to| to.0))
            .set_start_from_head(newest_first.then_some(false))
            .set_limit(limit.and_then(|limit| i32::try_from(limit).ok()))
            .set_next_token(token)
            .customize()
            .interceptor(date.clone())
            .send()
            .await
            .map_err(|error| self.trouble("FilterLogEvents", &error))?;
        let mut events = Vec::with_capacity(answer.events().len());
        let mut stream: Arc<str> = "".into();
        for FilteredLogEvent { log_stream_name, timestamp, message, ingestion_time, event_id, .. } in
            answer.events.unwrap_or_default()
        {
            // Neighbours on a page mostly share their stream: share its name too.
            let name = log_stream_name.unwrap_or_default();
            if *name != *stream {
                stream = name.into();
            }
            events.push(Event {
                stream: Arc::clone(&stream),
                timestamp: Millis(timestamp.unwrap_or_default()),
                ingested: Millis(ingestion_time.or(timestamp).unwrap_or_default()),
                message: message.unwrap_or_default(),
                id: event_id.map(|id| EventId::new(&id)),
            });
        }
        Ok(Page { events, next: answer.next_token, served: date.get() })
    }

    async fn stream(&self, read: &StreamRead) -> Result<Page, LogError> {
        let StreamRead { group, stream, from, token } = read.clone();
        let date = Date::default();
        let answer = self
            .client()
            .await
            .get_log_events()
            .log_group_name(&*group)
            .log_stream_name(&*stream)
            .start_time(from.0.max(0))
            .start_from_head(true)
            .set_next_token(token)
            .customize()
            .interceptor(date.clone())
            .send()
            .await
            .map_err(|error| self.trouble("GetLogEvents", &error))?;
        let event = |OutputLogEvent { timestamp, message, ingestion_time, .. }| Event {
            stream: Arc::clone(&stream),
            timestamp: Millis(timestamp.unwrap_or_default()),
            ingested: Millis(ingestion_time.or(timestamp).unwrap_or_default()),
            message: message.unwrap_or_default(),
            id: None,
        };
        let events = answer.events.unwrap_or_default().into_iter().map(event).collect();
        Ok(Page { events, next: answer.next_forward_token, served: date.get() })
    }

    fn trouble<E>(&self, operation: &'static str, error: &SdkError<E, HttpResponse>) -> LogError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if error.as_service_error().and_then(ProvideErrorMetadata::code) == Some(ABSENT) {
            let message = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or(ABSENT);
            return LogError { operation, trouble: Trouble::Absent, message: message.to_owned() };
        }
        let refusal = refusal(operation, error);
        let trouble = match refusal.cause {
            Cause::NotFound => Trouble::Absent,
            Cause::Throttled => Trouble::Throttled,
            Cause::Credentials => {
                // They may have been renewed since: the next call reads them again.
                self.clients.distrust(&self.place, Instant::now());
                self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
                Trouble::Credentials
            }
            Cause::Denied { action, resource: _ } => Trouble::Denied { action },
            Cause::Transient | Cause::Busy | Cause::QuotaInUse | Cause::NotLeader => Trouble::Transient,
            Cause::AlreadyExists | Cause::AlreadyEnded | Cause::Invalid | Cause::QuotaZero => Trouble::Invalid,
        };
        let message =
            if refusal.code.is_empty() { refusal.message } else { format!("{}: {}", refusal.code, refusal.message) };
        LogError { operation, trouble, message }
    }
}

impl LogSource for CloudWatchLogs<'_> {
    async fn events(&self, request: &Request) -> Result<Page, LogError> {
        match request {
            Request::Filter(filter) => self.filter(filter).await,
            Request::Stream(read) => self.stream(read).await,
        }
    }

    async fn streams(&self, group: &str, prefix: &str) -> Result<Vec<Stream>, LogError> {
        let answer = self
            .client()
            .await
            .describe_log_streams()
            .log_group_name(group)
            .set_log_stream_name_prefix((!prefix.is_empty()).then(|| prefix.to_owned()))
            .send()
            .await
            .map_err(|error| self.trouble("DescribeLogStreams", &error))?;
        let streams = answer.log_streams.unwrap_or_default().into_iter().map(|stream| Stream {
            name: stream.log_stream_name.unwrap_or_default().into(),
            first_event: stream.first_event_timestamp.map(Millis),
            created: stream.creation_time.map(Millis),
        });
        Ok(streams.collect())
    }
}

/// Keeps the Date header of an answer; zero until there was one.
#[derive(Debug, Clone, Default)]
struct Date(Arc<AtomicI64>);

impl Date {
    fn get(&self) -> Option<Millis> {
        let millis = self.0.load(Ordering::Relaxed);
        (millis != 0).then_some(Millis(millis))
    }
}

#[dyn_dispatch_hint]
impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(date) = date {
            self.0.store(date.timestamp_millis(), Ordering::Relaxed);
        }
        Ok(())
    }
}
