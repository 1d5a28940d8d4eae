//! The HTTP side: is it alive, is it ready, what has it counted.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where the metrics are.
pub(super) enum Metrics {
    /// Here.
    Here(Registry),
    /// At another address, over HTTPS.
    At(SocketAddr),
}

struct Pages {
    metrics: Metrics,
    ready: Arc<AtomicBool>,
}

/// Answers `/healthz`, `/readyz` and `/metrics`. Readiness does not need the lead: a second replica is ready to take over.
pub(super) async fn serve(address: SocketAddr, metrics: Metrics, ready: Arc<AtomicBool>) -> std::io::Result<()> {
    let pages = Arc::new(Pages { metrics, ready });
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_page))
        .with_state(pages);
    let listener = listen(address).await?;
    axum::serve(listener, router).await
}

/// "Every address" means IPv6 and IPv4 together, or IPv4 alone where there is no IPv6.
pub(super) async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(_) if address.ip() == Ipv6Addr::UNSPECIFIED => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        bound => bound,
    }
}

async fn readyz(State(pages): State<Arc<Pages>>) -> impl IntoResponse {
    if pages.ready.load(Ordering::Relaxed) {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the API server has not answered yet\n")
    }
}

async fn metrics_page(State(pages): State<Arc<Pages>>) -> Response {
    match &pages.metrics {
        Metrics::Here(registry) => exposition(registry),
        Metrics::At(address) => {
            let port = address.port();
            let text = format!("the metrics are at https://…:{port}/metrics, for those who may read them\n");
            (StatusCode::NOT_FOUND, text).into_response()
        }
    }
}

/// All that was counted.
pub(super) fn exposition(registry: &Registry) -> Response {
    let mut text = String::new();
    match encode(&mut text, registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
