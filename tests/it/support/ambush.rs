//! A way to the API server on which no write is answered the first time: it takes effect, and whoever sent it waits for
//! ever. Sent once more, as by the one who takes over, it is answered.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use regex::Regex;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::cluster::Cluster;

/// What it strikes: writes of our own objects. Leases and Events go through.
const OURS: &str = "/apis/sagemaker.aws.amazon.com/";

/// The writes that were struck: method, path, and body without what is another one each time.
#[derive(Debug, Clone, Default)]
struct Struck(Arc<Mutex<HashSet<String>>>);

impl Struck {
    fn all(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lies in wait for the writes of one operator after another. Dropping it closes the way.
#[derive(Debug)]
pub(crate) struct Ambush {
    kubeconfig: PathBuf,
    struck: Struck,
    _folder: tempfile::TempDir,
    _runtime: Runtime,
}

impl Ambush {
    /// On the way to the shared control plane.
    pub(crate) fn lay() -> Self {
        let client = Cluster::shared().client();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let struck = Struck::default();
        runtime.spawn(serve(listener, client, struck.clone()));

        let folder = tempfile::tempdir().expect("a folder can be made");
        let kubeconfig = folder.path().join("kubeconfig");
        let config = format!(
            "{{apiVersion: v1, kind: Config, current-context: c, contexts: [{{name: c, context: {{cluster: c}}}}], \
             clusters: [{{name: c, cluster: {{server: \"http://{address}\"}}}}]}}"
        );
        std::fs::write(&kubeconfig, config).expect("it can be written");
        Self { kubeconfig, struck, _folder: folder, _runtime: runtime }
    }

    /// The kubeconfig that leads into it.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// How many writes it has struck.
    pub(crate) fn struck(&self) -> usize {
        self.struck.all().len()
    }
}

async fn serve(listener: TcpListener, client: kube::Client, struck: Struck) {
    while let Ok((stream, _)) = listener.accept().await {
        let (client, struck) = (client.clone(), struck.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| pass(client.clone(), struck.clone(), request));
            // A client that is killed is what all this is about.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn pass(client: kube::Client, struck: Struck, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    match forward(client, request).await {
        Ok((answer, write)) => match write.filter(|write| struck.all().insert(write.clone())) {
            Some(_) => std::future::pending().await,
            None => Ok(answer),
        },
        Err(error) => {
            let mut answer = Response::new(Body::from(error.to_string().into_bytes()));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            Ok(answer)
        }
    }
}

/// The API server's answer, and what is known of the request if it writes one of our objects.
async fn forward(
    client: kube::Client,
    request: Request<Incoming>,
) -> Result<(Response<Body>, Option<String>), io::Error> {
    let (mut head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let is_write = head.method != Method::GET && head.uri.path().starts_with(OURS);
    let write = is_write.then(|| format!("{} {} {}", head.method, head.uri, without_moments(&body)));
    // The client writes its own.
    for own in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH] {
        head.headers.remove(own);
    }
    let answer = client.send(Request::from_parts(head, Body::from(body))).await.map_err(io::Error::other)?;
    Ok((answer, write))
}

/// The body without the moment and the version that it was written for.
fn without_moments(body: &[u8]) -> String {
    let moments = Regex::new(r#"\d{4}-\d\d-\d\dT[\d:.]+Z|"resourceVersion":"\d+""#).expect("a valid expression");
    moments.replace_all(&String::from_utf8_lossy(body), "").into_owned()
}
