//! What to do next with an object and its resource in AWS: pure decisions, and the ports to the outside.

mod common;
mod gateway;
mod ident;
mod kind;
mod refusal;

pub use common::{Common, Condition};
pub use gateway::{Assume, Created, Gateway, Page, Permit, Place, Summary, Tag};
pub use ident::{AccountId, Arn, Endpoint, InvalidIdent, Region};
pub use kind::{Drift, Kind, Observation, OnDrift, Phase, Sort};
pub use refusal::{Cause, Refusal};
