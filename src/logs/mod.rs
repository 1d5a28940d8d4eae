//! Pure log reading: which streams, windows and cursors; merging, deduplication, rendering.

mod cursors;
mod event;
#[cfg(test)]
mod fake;
mod follow;
#[cfg(test)]
mod follow_tests;
mod ledger;
mod quota;
mod read;
mod render;
mod retry;
mod selection;
mod settings;
mod source;

pub use event::{Event, EventId, Fingerprint, Fingerprinter, Millis};
pub use follow::{Follow, Step, Verdict};
pub use quota::Quota;
pub use read::{ReadAll, Tail, Tailed};
pub use render::{Look, Renderer};
pub use retry::Backoff;
pub use selection::{InvalidPrefix, Selection, StreamPrefix, Which, host_of};
pub use settings::{LeftOut, Settings, Start};
pub use source::{Filter, LogError, LogSource, NEWEST_FIRST_SINCE, Page, Request, Stream, StreamRead, Trouble};
