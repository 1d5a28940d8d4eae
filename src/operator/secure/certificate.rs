//! The certificate that the metrics are served with: that of a folder, read again when it changes, or one made at the start.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tracing::{info, warn};

use crate::lifecycle::OPERATOR_METRICS_SERVICE;

/// As in a Secret of type `kubernetes.io/tls`.
const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";
/// How often a folder is looked at. Kubelet itself takes about a minute to bring it up to date.
const LOOK: Duration = Duration::from_secs(3);

/// Why the metrics cannot be served with a certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error(
        "{} cannot be read: {why}; hint: mount a Secret of type kubernetes.io/tls there, or leave out --metrics-cert-dir, \
         so that a certificate is made at the start",
        file.display()
    )]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A file holds something else.
    #[error("{} holds no {what} in PEM form{why}; hint: it has to be as in a Secret of type kubernetes.io/tls", file.display())]
    NotPem {
        /// Which.
        file: PathBuf,
        /// What it was to hold.
        what: &'static str,
        /// What is known of that.
        why: String,
    },
    /// What the files hold cannot be used.
    #[error(
        "{CERTIFICATE} and {KEY} in {} cannot be used: {why}; hint: {CERTIFICATE} has to begin with the server's certificate, \
         and {KEY} to hold the key of that one",
        folder.display()
    )]
    Unusable {
        /// Where they are.
        folder: PathBuf,
        /// Why.
        why: rustls::Error,
    },
    /// None could be made.
    #[error("none can be made: {0}; hint: give one by --metrics-cert-dir")]
    NotMade(String),
}

/// The certificate in use.
pub(in crate::operator) struct Certificate {
    in_use: RustlsConfig,
    /// Where it is from, and what was last read there.
    from: Option<(PathBuf, Pem)>,
}

/// What the two files hold.
#[derive(Clone, PartialEq, Eq)]
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// The one in that folder or, without, a new one that is signed by itself. `namespace` is the operator's own.
    pub(in crate::operator) fn new(folder: Option<&Path>, namespace: &str) -> Result<Self, CertificateError> {
        let Some(folder) = folder else {
            return Ok(Self { in_use: RustlsConfig::from_config(Arc::new(self_signed(namespace)?)), from: None });
        };
        let pem = Pem::read(folder)?;
        let in_use = RustlsConfig::from_config(Arc::new(pem.config(folder)?));
        Ok(Self { in_use, from: Some((folder.to_owned(), pem)) })
    }

    /// What a server goes by.
    pub(super) fn in_use(&self) -> RustlsConfig {
        self.in_use.clone()
    }

    /// Puts in what is new in the folder, for ever. What cannot be used is told once, and the one before stays.
    pub(super) async fn keep_up_to_date(self) {
        let Self { in_use, from } = self;
        let Some((folder, mut seen)) = from else { return std::future::pending().await };
        let mut told = String::new();
        loop {
            tokio::time::sleep(LOOK).await;
            let new = Pem::read(&folder).and_then(|pem| {
                let config = if pem == seen { None } else { Some(pem.config(&folder)?) };
                Ok(config.map(|config| (pem, config)))
            });
            match new {
                Ok(None) => told.clear(),
                Ok(Some((pem, config))) => {
                    in_use.reload_from_config(Arc::new(config));
                    info!(folder = %folder.display(), "the metrics are served with a new certificate");
                    (seen, told) = (pem, String::new());
                }
                Err(error) => {
                    let line = format!("the metrics are still served with the certificate before: {error}");
                    if line != told {
                        warn!("{line}");
                        told = line;
                    }
                }
            }
        }
    }
}

impl Pem {
    fn read(folder: &Path) -> Result<Self, CertificateError> {
        let read = |name| {
            let file = folder.join(name);
            std::fs::read(&file).map_err(|why| CertificateError::Unreadable { file, why })
        };
        Ok(Self { certificate: read(CERTIFICATE)?, key: read(KEY)? })
    }

    fn config(&self, folder: &Path) -> Result<ServerConfig, CertificateError> {
        let not_pem = |name, what, why| CertificateError::NotPem { file: folder.join(name), what, why };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| not_pem(CERTIFICATE, "certificate", format!(": {error}")))?;
        if chain.is_empty() {
            return Err(not_pem(CERTIFICATE, "certificate", String::new()));
        }
        // The words of its error could have a part of the file in them.
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| not_pem(KEY, "private key", String::new()))?;
        config(chain, key).map_err(|why| CertificateError::Unusable { folder: folder.to_owned(), why })
    }
}

/// Nobody vouches for it; it keeps tokens from being read on their way.
fn self_signed(namespace: &str) -> Result<ServerConfig, CertificateError> {
    let service = format!("{OPERATOR_METRICS_SERVICE}.{namespace}.svc");
    let names = [format!("{service}.cluster.local"), service, "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names);
    let rcgen::CertifiedKey { cert, signing_key } =
        made.map_err(|error| CertificateError::NotMade(error.to_string()))?;
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    config(vec![cert.der().clone()], key).map_err(|error| CertificateError::NotMade(error.to_string()))
}

/// With ring, whatever else the process has.
fn config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
