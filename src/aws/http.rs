//! The one HTTP stack of every AWS client: built on first use, so that a process pays for TLS only if it speaks TLS.
//!
//! The SDK's own client loads the system's root certificates when it is built, which costs a plugin up to 20 ms even
//! if all it ever talks to is a plain `http` endpoint. This one builds a connector when the first request of its sort
//! leaves, and knows two things that the SDK's does not: `AWS_CA_BUNDLE` and the proxy variables.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// AWS closes idle connections. Without retries of the SDK, a request on a closed one would be an error, so ours are
/// given up well before.
const IDLE: Duration = Duration::from_secs(20);

/// A file of root certificates could not be used.
#[derive(Debug, thiserror::Error)]
enum BundleError {
    #[error("read the certificates of AWS_CA_BUNDLE, {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("find certificates in PEM form in AWS_CA_BUNDLE, {}", path.display())]
    NoCertificates { path: PathBuf },
}

/// An HTTP client that loads nothing until it is needed. `ca_bundle` takes the place of the system's roots.
pub(super) fn lazy_client(ca_bundle: Option<PathBuf>) -> SharedHttpClient {
    let connectors = Arc::new(Connectors { ca_bundle, built: Mutex::default() });
    http_client_fn(move |settings, _components| {
        let pace = Pace { connect: settings.connect_timeout(), read: settings.read_timeout() };
        SharedHttpConnector::new(LazyConnector { connectors: Arc::clone(&connectors), pace })
    })
}

/// The time-outs a connector is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Pace {
    connect: Option<Duration>,
    read: Option<Duration>,
}

/// Which way a request leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// Without TLS and past any proxy: this machine, and the metadata services of EC2, ECS and EKS.
    Near,
    /// Without TLS.
    Plain,
    /// With TLS.
    Tls,
}

impl Way {
    fn of(uri: &http::Uri) -> Self {
        let tls = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        match uri.host() {
            _ if tls => Self::Tls,
            Some(host) if is_near(host) => Self::Near,
            Some(_) | None => Self::Plain,
        }
    }
}

/// Loopback and link-local addresses, which no proxy can reach on our behalf.
fn is_near(host: &str) -> bool {
    // The metadata service of EC2 by IPv6 has an address of its own: fd00:ec2::254, and fd00:ec2::23 for EKS.
    const METADATA_V6: [u16; 2] = [0xfd00, 0x0ec2];
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.segments().starts_with(&METADATA_V6),
        Err(_) => host == "localhost",
    }
}

#[derive(Debug)]
struct Connectors {
    ca_bundle: Option<PathBuf>,
    built: Mutex<HashMap<(Way, Pace), SharedHttpConnector>>,
}

impl Connectors {
    /// The connector for this way, with its pool of connections; built once.
    fn get(&self, way: Way, pace: Pace) -> Result<SharedHttpConnector, BundleError> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connector) = built.get(&(way, pace)) {
            return Ok(connector.clone());
        }
        let connector = SharedHttpConnector::new(self.build(way, pace)?);
        built.insert((way, pace), connector.clone());
        Ok(connector)
    }

    fn build(&self, way: Way, pace: Pace) -> Result<Connector, BundleError> {
        let mut settings = HttpConnectorSettings::builder();
        settings.set_connect_timeout(pace.connect).set_read_timeout(pace.read);
        let settings = settings.build();
        Ok(match way {
            Way::Near => base(settings).build_http(),
            Way::Plain => base(settings).proxy_config(ProxyConfig::from_env()).build_http(),
            Way::Tls => {
                let context = TlsContext::builder()
                    .with_trust_store(self.trust_store()?)
                    .build()
                    .expect("a context of a trust store alone cannot be refused");
                base(settings)
                    .proxy_config(ProxyConfig::from_env())
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .tls_context(context)
                    .build()
            }
        })
    }

    /// The bundle instead of the system's roots, as the AWS CLI has it; else the system's roots.
    fn trust_store(&self) -> Result<TrustStore, BundleError> {
        match &self.ca_bundle {
            Some(path) => match std::fs::read(path) {
                Ok(pem) if holds_certificates(&pem) => Ok(TrustStore::empty().with_pem_certificate(pem)),
                Ok(_) => Err(BundleError::NoCertificates { path: path.clone() }),
                Err(source) => Err(BundleError::Unreadable { path: path.clone(), source }),
            },
            None => Ok(TrustStore::default()),
        }
    }
}

/// Whether the text is a list of PEM blocks that begin as a certificate does. The TLS stack panics on others.
fn holds_certificates(pem: &[u8]) -> bool {
    /// The first bytes of every certificate of a realistic length, in base64.
    const START: &[u8] = b"MII";
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    let lines: Vec<&[u8]> = pem.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).collect();
    let mut begins = lines.windows(2).filter(|pair| pair[0] == BEGIN).peekable();
    begins.peek().is_some() && begins.all(|pair| pair[1].starts_with(START))
}

fn base(settings: HttpConnectorSettings) -> ConnectorBuilder {
    Connector::builder().connector_settings(settings).pool_idle_timeout(IDLE)
}

/// Chooses the real connector when a request comes.
#[derive(Debug)]
struct LazyConnector {
    connectors: Arc<Connectors>,
    pace: Pace,
}

impl HttpConnector for LazyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = match request.uri().parse::<http::Uri>() {
            Ok(uri) => uri,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        match self.connectors.get(Way::of(&uri), self.pace) {
            Ok(connector) => connector.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_takes_the_way_its_address_asks_for() {
        for (uri, way) in [
            ("https://api.sagemaker.us-west-2.amazonaws.com/", Way::Tls),
            ("https://127.0.0.1:8443/", Way::Tls),
            ("http://127.0.0.1:4566/", Way::Near),
            ("http://localhost:4566/", Way::Near),
            ("http://[::1]:4566/", Way::Near),
            ("http://169.254.169.254/latest/api/token", Way::Near),
            ("http://169.254.170.2/v2/credentials", Way::Near),
            ("http://[fd00:ec2::23]/v1/credentials", Way::Near),
            ("http://10.0.0.1/", Way::Plain),
            ("http://localstack.ci:4566/", Way::Plain),
        ] {
            assert_eq!(Way::of(&uri.parse().unwrap()), way, "{uri}");
        }
    }

    #[test]
    fn roots_are_not_touched_before_the_first_tls_request() {
        let connectors = Connectors { ca_bundle: Some("/no/such/bundle.pem".into()), built: Mutex::default() };
        let pace = Pace { connect: None, read: None };
        connectors.get(Way::Near, pace).unwrap();
        connectors.get(Way::Plain, pace).unwrap();
        let refused = connectors.get(Way::Tls, pace).unwrap_err();
        assert_eq!(refused.to_string(), "read the certificates of AWS_CA_BUNDLE, /no/such/bundle.pem");
    }

    #[test]
    fn a_bundle_must_hold_certificates() {
        for (pem, good) in [
            ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", true),
            ("# a comment\r\n-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n", true),
            ("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", false),
            ("-----BEGIN CERTIFICATE-----\n<html>\n-----END CERTIFICATE-----\n", false),
            ("", false),
        ] {
            assert_eq!(holds_certificates(pem.as_bytes()), good, "{pem}");
        }
    }

    #[test]
    fn equal_time_outs_share_a_connector() {
        let connectors = Connectors { ca_bundle: None, built: Mutex::default() };
        for connect in [1, 1, 2] {
            connectors.get(Way::Near, Pace { connect: Some(Duration::from_secs(connect)), read: None }).unwrap();
        }
        assert_eq!(connectors.built.lock().unwrap().len(), 2);
    }
}
