//! HTTP/1.1 on loopback, with the power to break an answer where a rule says so.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::progress;

use super::reply::{Body, Delivery, Reply};
use super::signature::Signed;
use super::state::Sandbox;
use super::{admin, calls};

type Outgoing = UnsyncBoxBody<Bytes, io::Error>;

/// How long the first half of a broken answer has to leave before the connection goes.
const HALF: Duration = Duration::from_millis(30);

/// Serves connections for ever.
pub(super) async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&sandbox)));
            }
            // Out of descriptors, most likely: they come back.
            Err(error) => {
                progress::note(format_args!("warning: failed to accept a connection: {error}"));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, sandbox: Arc<Sandbox>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: Arc::clone(&reset) };
    let service = service_fn(move |request| respond(Arc::clone(&sandbox), request, Arc::clone(&reset)));
    // A client that goes away, or that was thrown out, is no event.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

async fn respond(
    sandbox: Arc<Sandbox>,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Outgoing>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<_> = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let request = Signed {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    let reply = if request.path.starts_with(admin::PREFIX) {
        admin::answer(&sandbox, &request)
    } else {
        calls::answer(&sandbox, &request).await
    };
    match reply.delivery {
        Delivery::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(io::ErrorKind::ConnectionReset.into())
        }
        Delivery::Never => std::future::pending().await,
        Delivery::After(hold) => {
            tokio::time::sleep(hold).await;
            respond_with(reply)
        }
        Delivery::Whole | Delivery::Half => respond_with(reply),
    }
}

fn respond_with(reply: Reply) -> Result<Response<Outgoing>, io::Error> {
    let Reply { status, headers, body, delivery } = reply;
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = match body {
        Body::Stream(chunks) => {
            let frames = stream::iter(chunks.map(|chunk| Ok(Frame::data(Bytes::from(chunk)))));
            StreamBody::new(frames).boxed_unsync()
        }
        Body::Whole(bytes) if delivery == Delivery::Half => {
            response = response.header("content-length", bytes.len());
            let half = Bytes::from(bytes[..bytes.len() / 2].to_vec());
            let first = stream::once(async { Ok(Frame::data(half)) });
            let then = stream::once(async {
                tokio::time::sleep(HALF).await;
                Err(io::ErrorKind::ConnectionAborted.into())
            });
            StreamBody::new(first.chain(then)).boxed_unsync()
        }
        Body::Whole(bytes) => Full::from(bytes).map_err(|never| match never {}).boxed_unsync(),
    };
    response.body(body).map_err(io::Error::other)
}

/// A connection that can be reset: when it is dropped with the flag set, the peer gets RST instead of a clean end.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
