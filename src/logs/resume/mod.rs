//! Going on after the last printed line in another process: what a resume file holds, and how it is read again.
//!
//! The file is a journal: a snapshot of what was printed, and behind it one record for each batch of lines since. Each
//! record says where in the output its batch stands, so that an output which is a file can be brought into line with
//! the journal after any end of the process, also in the middle of a line.

mod journal;
mod printed;
mod sifted;
#[cfg(test)]
mod tests;
mod text;

pub use journal::{Identity, Journal, Opened, Output, Reconciled};
pub use printed::{Advance, Printed};
pub use sifted::Sifted;
pub use text::ResumeError;
