//! Reading a long log as fast as the quotas allow, in the strict order of time and in bounded memory.
//!
//! One chain of tokens waits for the network most of the time. So time is cut into slices of about a page each, as many
//! of them are asked for at once as it takes to use the quota up, and they are handed out in order. `FilterLogEvents`
//! and `GetLogEvents` have a quota of their own each: a slice is read by whichever is free sooner, the one with a call
//! for all streams, the other with a call for each.

mod pace;
mod plan;
mod run;
mod share;
mod size;
mod slice;
#[cfg(test)]
mod tests;

pub use plan::{Fetch, Next, Progress, Ticket};
pub use share::Share;
