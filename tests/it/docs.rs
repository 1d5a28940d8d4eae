//! The pages of `dist/docs`: their links lead somewhere, their examples run, and their commands are those that there are.

mod commands;
mod links;
pub(crate) mod page;
mod reference;
mod session;
