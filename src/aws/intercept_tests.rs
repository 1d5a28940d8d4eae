//! What leaves, seen from the wire.

use std::io;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::aws::may_log;

/// What stands for a hyperparameter that nobody may see.
const SECRET: &str = "hunter2";

/// Answers `{"seen": true}` to everything and keeps what came.
#[derive(Debug, Clone, Default)]
struct Wiretap(Arc<Mutex<Vec<Packet>>>);

#[derive(Debug)]
struct Packet {
    body: Bytes,
    length: String,
    agent: String,
    target: String,
}

impl HttpConnector for Wiretap {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let body = Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
        let packet = Packet {
            body,
            length: header("content-length"),
            agent: header("user-agent"),
            target: header("x-amz-target"),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(packet);
        let answer = HttpResponse::new(200.try_into().expect("a status"), SdkBody::from(r#"{"seen": true}"#));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

#[derive(Debug)]
struct Always(bool);

impl Permit for Always {
    fn may_write(&self) -> bool {
        self.0
    }
}

/// Sends one operation with a body and tells what left, and what came back.
async fn sent(operation: &'static str, may_write: bool) -> (Vec<Packet>, Arc<Seen>) {
    let tap = Wiretap::default();
    let connector = SharedHttpConnector::new(tap.clone());
    let config = aws_sdk_sagemaker::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-west-2"))
        .credentials_provider(Credentials::new("AKIAEXAMPLE", "secret", None, None, "test"))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    let body = Bytes::from(format!(r#"{{"HyperParameters":{{"password":"{SECRET}"}}}}"#));
    let (wire, seen) = Wire::new(Operation(operation), body, Arc::new(Always(may_write)));
    let client = Client::from_conf(config);
    match operation {
        "CreateTrainingJob" => drop(client.create_training_job().customize().interceptor(wire).send().await),
        _ => drop(client.describe_training_job().customize().interceptor(wire).send().await),
    }
    let packets = std::mem::take(&mut *tap.0.lock().unwrap_or_else(PoisonError::into_inner));
    (packets, seen)
}

#[test]
fn the_signature_tells_whose_it_is() {
    let header = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261123/us-west-2/sagemaker/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=00";
    assert_eq!(access_key(header), Some("AKIAEXAMPLE"));
    assert_eq!(access_key("Bearer token"), None);
}

#[tokio::test]
async fn our_body_leaves_with_its_own_length_and_the_answer_is_kept() {
    let (packets, seen) = sent("CreateTrainingJob", true).await;
    let [packet] = &packets[..] else { panic!("{packets:?}") };
    assert_eq!(packet.body, format!(r#"{{"HyperParameters":{{"password":"{SECRET}"}}}}"#));
    assert_eq!(packet.length, packet.body.len().to_string());
    assert_eq!(seen.answer().as_deref(), Some(br#"{"seen": true}"#.as_slice()));
    assert_eq!(seen.signature().map(|(key, _)| key).as_deref(), Some("AKIAEXAMPLE"));
}

#[tokio::test]
async fn what_is_asked_for_is_the_operation_whichever_carries_it() {
    let (packets, _) = sent("DescribeProcessingJob", true).await;
    assert_eq!(packets[0].target, "SageMaker.DescribeProcessingJob");
}

#[tokio::test]
async fn only_a_create_carries_the_operators_mark() {
    for (operation, marked) in [("CreateTrainingJob", true), ("DescribeTrainingJob", false)] {
        let (packets, _) = sent(operation, true).await;
        assert_eq!(packets[0].agent.ends_with(" sagemaker-on-kubernetes"), marked, "{}", packets[0].agent);
    }
}

#[tokio::test]
async fn without_a_permit_a_write_stays_here() {
    assert!(sent("CreateTrainingJob", false).await.0.is_empty());
    assert_eq!(sent("DescribeTrainingJob", false).await.0.len(), 1);
}

/// All that is logged, at the finest level, while a job is created.
fn log_of_a_create(filter: impl Fn(&tracing::Metadata<'_>) -> bool + Send + Sync + 'static) -> String {
    let text = Text::default();
    let writer = text.clone();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_filter(tracing_subscriber::filter::filter_fn(filter));
    let subscriber = tracing_subscriber::registry().with(lines);
    // While there is one subscriber alone, tracing asks the thread that reaches a statement first whether it is wanted,
    // for good and for all; that may be another test's thread, which has none. With two it asks them both.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(sent("CreateTrainingJob", true));
    });
    let bytes = std::mem::take(&mut *text.0.lock().unwrap_or_else(PoisonError::into_inner));
    String::from_utf8(bytes).expect("a log is text")
}

#[derive(Debug, Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_log_holds_a_request_even_at_the_finest_level() {
    assert!(log_of_a_create(|_| true).contains(SECRET), "the SDK logs bodies no more: the filter has lost its use");
    let log = log_of_a_create(may_log);
    assert!(log.contains("CreateTrainingJob") && !log.contains(SECRET), "{log}");
}
