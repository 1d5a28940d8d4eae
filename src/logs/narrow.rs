//! A log narrowed down to the streams that are wanted, whoever reads it.

use std::sync::OnceLock;

use super::{LogError, LogSource, Millis, Page, Request, Selection, Stream};

/// A source of which nothing comes but lines of a selection. Readers ask by the selection's prefix, which may let in
/// streams of somebody else: here they are left out.
#[derive(Debug)]
pub struct Narrowed<S> {
    source: S,
    selection: Selection,
    is_exact: bool,
    began: OnceLock<Millis>,
}

impl<S> Narrowed<S> {
    /// The part of `source` that is wanted.
    pub fn new(source: S, selection: Selection) -> Self {
        Self { source, is_exact: selection.is_exact(), selection, began: OnceLock::new() }
    }

    /// The service's time when the first lines were answered.
    pub fn began(&self) -> Option<Millis> {
        self.began.get().copied()
    }
}

impl<S: LogSource> Narrowed<S> {
    async fn wanted(&self, request: &Request) -> Result<Page, LogError> {
        if self.is_exact {
            return self.source.events(request).await;
        }
        let mut page = match request {
            // Of a page of the wanted size, others may take most: a full page costs the same call.
            Request::Filter(filter) if filter.limit.is_some() => {
                let whole = Request::Filter(super::Filter { limit: None, ..filter.clone() });
                self.source.events(&whole).await?
            }
            Request::Filter(_) | Request::Stream(_) => self.source.events(request).await?,
        };
        page.events.retain(|event| self.selection.wants(event.stream));
        Ok(page)
    }
}

impl<S: LogSource> LogSource for Narrowed<S> {
    async fn events(&self, request: &Request) -> Result<Page, LogError> {
        let page = self.wanted(request).await?;
        if let Some(served) = page.served {
            self.began.get_or_init(|| served);
        }
        Ok(page)
    }

    async fn streams(&self, group: &str, prefix: &str) -> Result<Vec<Stream>, LogError> {
        let mut streams = self.source.streams(group, prefix).await?;
        streams.retain(|stream| self.selection.wants(&stream.name));
        Ok(streams)
    }
}
