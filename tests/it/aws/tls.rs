//! The way to AWS as it is in the world: with TLS, and certificates from `AWS_CA_BUNDLE`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use sagemaker_operator::aws::{Clients, CloudWatchLogs, Options};
use sagemaker_operator::lifecycle::{Cause, Place};
use sagemaker_operator::logs::{LogSource as _, Trouble};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::bench::Bench;
use super::cause;
use crate::support::Simulator;
use crate::support::built;
use crate::support::simulator::{Keys, REGION};

fn fixture(name: &str) -> PathBuf {
    built::root().join("tests/fixtures/tls").join(name)
}

/// A way with TLS to the simulator, for as long as the test lasts.
struct Front {
    endpoint: String,
    /// How many connections have come.
    connections: Arc<AtomicUsize>,
}

/// Speaks TLS before the simulator.
async fn with_tls(aws: &Simulator) -> Front {
    let plain: SocketAddr = aws.endpoint().trim_start_matches("http://").parse().expect("an address");
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("the two belong together")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut outer = acceptor.accept(stream).await?;
                let mut inner = TcpStream::connect(plain).await?;
                copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    Front { endpoint: format!("https://{address}"), connections }
}

async fn describe_with(endpoint: &str, bundle: Option<&Path>) -> (Cause, String) {
    let bench = Bench::trusting(endpoint, bundle);
    let refusal = bench.describe("mnist").await.expect_err("there is no such job");
    (refusal.cause, refusal.message)
}

#[tokio::test]
async fn a_server_is_trusted_by_the_bundle_and_by_nothing_else() {
    let aws = Simulator::at_speed(10.0);
    let Front { endpoint, .. } = with_tls(&aws).await;

    let (seen, message) = describe_with(&endpoint, Some(&fixture("ca.pem"))).await;
    assert_eq!(seen, Cause::NotFound, "{message}");

    let (seen, message) = describe_with(&endpoint, None).await;
    assert_eq!(seen, Cause::Transient);
    assert!(message.contains("UnknownIssuer"), "{message}");

    let (_, message) = describe_with(&endpoint, Some(&fixture("README.md"))).await;
    assert!(message.contains("find certificates in PEM form in AWS_CA_BUNDLE"), "{message}");
    assert_eq!(aws.calls("DescribeTrainingJob").len(), 1);
}

#[tokio::test]
async fn a_job_is_created_over_tls() {
    let aws = Simulator::at_speed(10.0);
    let bench = Bench::trusting(&with_tls(&aws).await.endpoint, Some(&fixture("ca.pem")));
    bench.create("mnist").await.expect("created");
    assert_eq!(cause(bench.create("mnist").await), Cause::AlreadyExists);
}

#[tokio::test]
async fn a_connection_that_was_opened_ahead_serves_the_first_call() {
    let aws = Simulator::at_speed(10.0);
    let Front { endpoint, connections } = with_tls(&aws).await;
    let keys = Credentials::new(Keys::Ours.id(), Keys::Ours.secret(), None, None, "test");
    let to = |endpoint: &str| {
        Clients::new(Options {
            endpoint_url: Some(endpoint.parse().expect("an address")),
            credentials: Some(SharedCredentialsProvider::new(keys.clone())),
            ca_bundle: Some(fixture("ca.pem")),
            ..Options::default()
        })
    };
    let place = Place { region: REGION.parse().expect("a region"), endpoint: None, role: None };

    let clients = to(&endpoint);
    clients.connect_to_logs(&place).await;
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    let error = CloudWatchLogs::new(&clients, place.clone()).streams("/aws/sagemaker/TrainingJobs", "").await;
    assert_eq!(error.expect_err("nothing has logged yet").trouble, Trouble::Absent);
    assert_eq!(connections.load(Ordering::Relaxed), 1, "the same connection");

    to(aws.endpoint()).connect_to_logs(&place).await;
    let operations: Vec<String> = aws.journal().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["", "DescribeLogStreams"], "no operation was asked for but the one that was wanted");
}
