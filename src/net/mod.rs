//! What the operator and the plugins share about the way to a server.

mod proxy;

pub(crate) use proxy::is_direct;
