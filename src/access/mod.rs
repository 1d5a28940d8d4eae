//! What each part of the product has to be allowed, in tables, and IAM's documents made of them: nothing here asks
//! anybody anything.

pub mod document;
pub mod iam;
pub mod policy;
pub mod rbac;
pub mod trust;
pub mod uses;
