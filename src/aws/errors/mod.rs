//! What went wrong, in the classes that decisions need.

mod denial;
mod quota;
mod table;
mod transport;

use table::classify;
pub(super) use transport::{Withheld, refusal};
