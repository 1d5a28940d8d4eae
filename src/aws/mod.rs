//! The only home of the AWS SDK: clients, error table, wire mapping, gateways and the log source.

mod clients;
mod endpoint;
mod http;

pub use clients::{Clients, Options, Retries};
