//! CloudWatch Logs as the port [`LogSource`]. One call is one request; repeating it is the reader's business.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use chrono::DateTime;
use tokio::sync::Semaphore;

use super::Clients;
use super::clients::ATTEMPT;
use super::errors::refusal;
use super::log_page::PageReader;
use crate::lifecycle::{Cause, Place};
use crate::logs::{Filter, LogError, LogSource, Millis, Page, Request, Stream, StreamRead, Trouble};

/// The code of "the group or stream does not exist".
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const ABSENT: &str = "ResourceNotFoundException";

/// How many answers are read at the same time: enough for a far network, few enough for a small memory.
const BODIES: usize = 4;
const FILTER: &str = "FilterLogEvents";
const STREAM: &str = "GetLogEvents";

/// CloudWatch Logs at one place.
#[derive(Debug)]
pub struct CloudWatchLogs<'a> {
    clients: &'a Clients,
    place: Place,
    client: Mutex<Option<Client>>,
    /// Turns to read the body of an answer. The others wait where they do not take our memory, in the order they came.
    bodies: Semaphore,
}

impl<'a> CloudWatchLogs<'a> {
    /// The logs at this place. Asks nothing yet.
    pub fn new(clients: &'a Clients, place: Place) -> Self {
        Self { clients, place, client: Mutex::default(), bodies: Semaphore::new(BODIES) }
    }

    async fn client(&self) -> Client {
        let held = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(client) = held {
            return client;
        }
        let client = Client::new(&self.clients.sdk_config(&self.place).await);
        self.client.lock().unwrap_or_else(PoisonError::into_inner).insert(client).clone()
    }

    /// The names of some log groups that begin like this.
    ///
    /// # Errors
    /// Why they are not told.
    pub async fn groups(&self, prefix: &str) -> Result<Vec<String>, LogError> {
        let client = self.client().await;
        let answer = client.describe_log_groups().log_group_name_prefix(prefix).send().await;
        let answer = answer.map_err(|error| self.trouble("DescribeLogGroups", &error))?;
        Ok(answer.log_groups.unwrap_or_default().into_iter().filter_map(|group| group.log_group_name).collect())
    }

    async fn filter(&self, filter: &Filter) -> Result<Page, LogError> {
        let Filter { group, prefix, pattern, from, to, newest_first, limit, token } = filter.clone();
        let answer = Answer::default();
        self.client()
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
            .interceptor(answer.clone())
            .send()
            .await
            .map_err(|error| self.trouble(FILTER, &error))?;
        answer.page(FILTER, PageReader::of_many(), &self.bodies).await
    }

    async fn stream(&self, read: &StreamRead) -> Result<Page, LogError> {
        let StreamRead { group, stream, from, to, token } = read.clone();
        let answer = Answer::default();
        self.client()
            .await
            .get_log_events()
            .log_group_name(&*group)
            .log_stream_name(&*stream)
            .start_time(from.0.max(0))
            .start_from_head(true)
            .set_next_token(token)
            .customize()
            .interceptor(answer.clone())
            .send()
            .await
            .map_err(|error| self.trouble(STREAM, &error))?;
        answer.page(STREAM, PageReader::of_one(stream, to), &self.bodies).await
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
        if refusal.cause == Cause::Credentials {
            // They may have been renewed since: the next call reads them again.
            self.clients.distrust(&self.place, Instant::now());
            self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        refusal.into()
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

/// Takes the body of a good answer out of the SDK's hands, so that it is neither held whole nor read twice, and the time
/// of the answer with it. What is left to the SDK is an empty object.
#[derive(Debug, Clone, Default)]
struct Answer(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    body: Option<SdkBody>,
    served: Option<Millis>,
}

impl Answer {
    fn taken(&self) -> Taken {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the body to its end.
    async fn page(self, operation: &'static str, mut reader: PageReader, turns: &Semaphore) -> Result<Page, LogError> {
        let broken = |message: String| LogError { operation, trouble: Trouble::Transient, message };
        let Taken { body, served } = self.taken();
        let _turn = turns.acquire().await.map_err(|error| broken(error.to_string()))?;
        let mut body = ByteStream::new(body.ok_or_else(|| broken("no answer".to_owned()))?);
        let arriving = async {
            while let Some(piece) = body.next().await {
                let piece = piece.map_err(|error| broken(format!("the answer breaks off: {error}")))?;
                reader.take(&piece).map_err(|error| broken(format!("the answer is garbled: {error}")))?;
            }
            reader.finish().map_err(|error| broken(format!("the answer is cut or garbled: {error}")))
        };
        let page = tokio::time::timeout(ATTEMPT, arriving).await;
        let page = page.map_err(|_| broken(format!("the answer is not complete after {ATTEMPT:?}")))??;
        Ok(Page { served, ..page })
    }
}

#[dyn_dispatch_hint]
impl Intercept for Answer {
    fn name(&self) -> &'static str {
        "Answer"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        let date = response.headers().get("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let served = date.map(|date| Millis(date.timestamp_millis()));
        // A refusal is for the SDK to read.
        let body = response.status().is_success().then(|| std::mem::replace(response.body_mut(), SdkBody::from("{}")));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Taken { body, served };
        Ok(())
    }
}
