//! One mapping between specs and SageMaker's requests, for every field of every kind.
//!
//! A spec's names are the API's with a small first letter, so a rule does most of it; what v1 did otherwise is in one
//! table. New fields of the API need no line here unless they are maps, which Kubernetes manifests write as lists.

mod request;
mod spec;
mod table;

pub use request::to_request;
pub use spec::to_spec;
