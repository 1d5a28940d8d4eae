//! `kubectl smlogs` against a real API server and the AWS simulator, mostly without an operator: the test plays its
//! part.

mod bad_input;
mod connection;
mod follow;
mod gate;
mod kinds;
mod many;
mod matrix;
mod odd;
mod options;
mod put;
mod read;
mod resume;
pub(crate) mod story;
mod terminal;
mod wait;
