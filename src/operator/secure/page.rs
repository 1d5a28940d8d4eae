//! The one page over HTTPS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum_server::Server;
use axum_server::tls_rustls::RustlsAcceptor;
use kube::Client;
use prometheus_client::registry::Registry;

use super::certificate::Certificate;
use super::guard::Guard;
use super::reviews::KubeReviews;
use super::verdict::{PATH, Refusal, nameless, refusal};
use crate::operator::probes;

/// The longest that a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it stays open for the next scrape.
const IDLE: Duration = Duration::from_mins(2);

struct Page {
    registry: Registry,
    guard: Guard<KubeReviews>,
}

/// Answers `/metrics` to those who may read it.
pub(in crate::operator) async fn serve(
    address: SocketAddr,
    certificate: Certificate,
    registry: Registry,
    client: Client,
) -> std::io::Result<()> {
    let page = Arc::new(Page { registry, guard: Guard::new(KubeReviews::new(client)) });
    let router = Router::new().route(PATH, get(metrics)).with_state(page);
    let listener = probes::listen(address).await?;
    let mut server =
        Server::<SocketAddr>::from_listener(listener).acceptor(RustlsAcceptor::new(certificate.in_use())).http1_only();
    server.http_builder().http1().header_read_timeout(IDLE);
    tokio::select! {
        ended = server.first_request_timeout(PATIENCE).serve(router.into_make_service()) => ended,
        () = certificate.keep_up_to_date() => Ok(()),
    }
}

async fn metrics(State(page): State<Arc<Page>>, headers: HeaderMap) -> Response {
    let refused = match bearer(&headers) {
        None => Some(nameless()),
        Some(token) => refusal(&page.guard.verdict(token).await),
    };
    refused.map_or_else(|| probes::exposition(&page.registry), refuse)
}

fn refuse((code, text): Refusal) -> Response {
    let mut response = (code, text).into_response();
    if code == StatusCode::UNAUTHORIZED {
        // Source: <https://www.rfc-editor.org/rfc/rfc6750#section-3>
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_follows_bearer() {
        for (value, token) in [
            ("Bearer abc.def", Some("abc.def")),
            ("bearer  abc ", Some("abc")),
            ("BEARER abc", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("abc", None),
            ("Basic YTpi", None),
            ("Bearers abc", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(bearer(&headers), token, "{value:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
