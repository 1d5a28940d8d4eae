//! An answer, and how it is delivered: whole, in part, late, or never.

use std::fmt;
use std::time::Duration;

/// What goes back to the client.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
    pub(super) delivery: Delivery,
}

/// The bytes of an answer.
pub(super) enum Body {
    Whole(Vec<u8>),
    /// Made while it is sent.
    Stream(Box<dyn Iterator<Item = String> + Send>),
}

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    Whole,
    /// The connection closes in the middle of the body.
    Half,
    /// The connection is reset instead.
    Reset,
    /// Nothing is sent; the connection stays.
    Never,
    /// Held back so long.
    After(Duration),
}

impl Reply {
    /// A JSON document of an AWS service.
    pub(super) fn json(status: u16, body: Vec<u8>) -> Self {
        Self::of(status, "application/x-amz-json-1.1", body)
    }

    /// An XML document.
    pub(super) fn xml(status: u16, body: String) -> Self {
        Self::of(status, "text/xml", body.into_bytes())
    }

    /// Text that is made while it is sent.
    pub(super) fn text(lines: impl Iterator<Item = String> + Send + 'static) -> Self {
        let body = Body::Stream(Box::new(lines));
        Self { body, ..Self::of(200, "text/plain; charset=utf-8", Vec::new()) }
    }

    /// Any document.
    pub(super) fn of(status: u16, kind: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status, headers, body: Body::Whole(body), delivery: Delivery::Whole }
    }

    /// The same with another header.
    pub(super) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("status", &self.status)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}
