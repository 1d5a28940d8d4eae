//! Pure log reading: which streams, windows and cursors; merging, deduplication, rendering.

mod cursors;
mod event;
mod events;
#[cfg(test)]
mod fake;
mod fetch;
mod follow;
#[cfg(test)]
mod follow_tests;
mod grep;
mod ledger;
mod merge;
mod narrow;
mod quota;
mod read;
mod render;
mod resume;
mod retry;
mod selection;
mod settings;
mod source;
mod which;

pub use event::{Event, EventId, Fingerprint, Fingerprinter, Millis};
pub use events::{Events, Glimpse, IntoEvents};
pub use fetch::{Fetch, Next, Progress, Share, Ticket};
pub use follow::{Follow, Step, Verdict};
pub use grep::Grep;
pub use merge::Merge;
pub use narrow::Narrowed;
pub use quota::Quota;
pub use read::{Tail, Tailed};
pub use render::{Look, Manner, Origin, Renderer, Times};
pub use resume::{Advance, Identity, Journal, Opened, Output, Printed, Reconciled, ResumeError, Sifted};
pub use retry::Backoff;
pub use selection::{Selection, Whose, host_of, ordinal_of, tuning_of};
pub use settings::{LeftOut, Settings, Start};
pub use source::{Filter, LogError, LogSource, NEWEST_FIRST_SINCE, Page, Request, Stream, StreamRead, Trouble};
pub use which::{Glob, InvalidPrefix, InvalidRanks, Ranks, StreamPrefix, Which, rank_of};
