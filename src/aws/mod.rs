//! The only home of the AWS SDK: clients, error table, wire mapping, gateways and the log source.

mod api;
mod clients;
mod endpoint;
mod errors;
mod gateway;
mod http;
mod intercept;
mod limiter;
mod operation;
mod wire;

pub use api::{Api, Observer, Sent};
pub use clients::{Clients, Options, Retries};
pub use wire::{to_request, to_spec};
