//! What each part of the product has to be allowed, in tables: nothing here asks anybody anything.

pub mod iam;
pub mod rbac;
