//! Keeping to AWS's request rates, which an account and region share: one bucket for each family of operations.

mod bucket;
mod shared;

pub(super) use bucket::Family;
pub(super) use shared::{Limits, Turn};
