//! The only home of the AWS SDK: clients, error table, wire mapping, gateways and the log source.

mod ahead;
mod api;
mod clients;
mod connect;
mod describe;
mod endpoint;
mod errors;
mod gateway;
mod http;
mod intercept;
mod keys;
mod limiter;
mod log_page;
mod log_source;
mod operation;
mod probe;
mod quiet;
mod quotas;
mod wire;

pub use api::{Api, Observer, Sent};
pub use clients::{Clients, Options, Retries};
pub use describe::{Subject, describe};
pub use gateway::{Item, Stock};
pub use log_source::CloudWatchLogs;
pub use probe::{Identity, Introduced, introduce, try_out};
pub use quiet::may_log;
pub use quotas::{AccountQuota, sagemaker_quotas};
pub use wire::{to_request, to_spec};
