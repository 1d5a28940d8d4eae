//! Why AWS did not do what was asked, in the few classes that decisions need.

/// The class of a refusal. Every error of every operation is put into one of these by the one table in `aws`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// AWS itself said that this very resource does not exist. Nothing else may be taken for it.
    NotFound,
    /// The name is taken: by ourselves after a lost answer, or by somebody else.
    AlreadyExists,
    /// The resource has ended already, so that it cannot be stopped or changed.
    AlreadyEnded,
    /// The resource is between two states and takes no changes until it has settled.
    Busy,
    /// Too many requests for now.
    Throttled,
    /// The service or the way to it failed: 5xx, a time-out, a cut connection. The effect is unknown.
    Transient,
    /// The credentials are missing, expired or not known to AWS.
    Credentials,
    /// The caller may not do this.
    Denied {
        /// The IAM action, such as `sagemaker:CreateTrainingJob` or `iam:PassRole`, where the message names it.
        action: Option<String>,
        /// The resource or role named by the message.
        resource: Option<String>,
    },
    /// The request is wrong and will stay wrong until the object is edited.
    Invalid,
    /// An account quota above zero is used up for now.
    QuotaInUse,
    /// An account quota is zero: nothing but a quota increase helps.
    QuotaZero,
    /// The write was withheld before it left, because this process may no longer write (it lost the Lease).
    NotLeader,
}

impl Cause {
    /// Whether the same request may succeed later without anybody changing the object, a right or a quota.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Busy | Self::Throttled | Self::Transient | Self::Credentials | Self::QuotaInUse | Self::NotLeader => {
                true
            }
            Self::NotFound
            | Self::AlreadyExists
            | Self::AlreadyEnded
            | Self::Denied { .. }
            | Self::Invalid
            | Self::QuotaZero => false,
        }
    }
}

/// What came back instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {}", if self.code.is_empty() { self.message.clone() } else { format!("{}: {}", self.code, self.message) })]
pub struct Refusal {
    /// The operation, such as `CreateTrainingJob`.
    pub operation: &'static str,
    /// The class that decides what happens next.
    pub cause: Cause,
    /// The error code as AWS gave it; empty where no answer came.
    pub code: String,
    /// The message as AWS gave it, or what went wrong on the way.
    pub message: String,
    /// The request id, for AWS support.
    pub request_id: Option<String>,
}
