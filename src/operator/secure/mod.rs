//! Metrics over HTTPS, for those alone whom Kubernetes lets read them.
//!
//! ```text
//!  request ── token ──► Guard ──► answers of a short while ago
//!                         └─────► TokenReview, SubjectAccessReview (API server)
//! ```

mod answers;
mod certificate;
mod guard;
mod page;
mod reviews;
mod verdict;

pub(super) use certificate::Certificate;
pub use certificate::CertificateError;
pub(super) use page::serve;
