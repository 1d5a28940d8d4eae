//! What to do next with an object and its resource in AWS: pure decisions, and the ports to the outside.

mod backoff;
mod common;
mod conditions;
mod deletion;
mod gateway;
mod ident;
mod installed;
mod kind;
mod legacy;
mod look;
mod names;
mod ownership;
mod record;
mod refusal;
mod replacement;
mod step;
mod trouble;
mod wording;

pub use backoff::{Backoff, jittered};
pub use common::{Common, Condition, CreateRequest};
pub use conditions::{Standing, Verdict, conditions, is_true, leading};
pub use deletion::{ANNOTATION_DELETION, DeletionPolicy};
pub use gateway::{Assume, Created, Gateway, Handle, Page, Part, Parts, Permit, Place, Summary, Tag, Trials};
pub use ident::{AccountId, Arn, Endpoint, InvalidIdent, Region};
pub use installed::{
    ANNOTATION_EKS_ROLE, OPERATOR_ACCOUNT, OPERATOR_DEPLOYMENT, OPERATOR_LABEL, OPERATOR_METRICS_SERVICE,
    OPERATOR_NAMESPACE, OPERATOR_SELECTOR, PLACEHOLDER_NAMESPACE, PLACEHOLDER_ROLE, PRODUCT_LABEL, PRODUCT_SELECTOR,
    is_operator, is_operators_image,
};
pub use kind::{Drift, Kind, Observation, OnDrift, Phase, Sort};
pub use look::{Known, look};
pub use names::{embeds_uid, generated, is_trial_of, resource_name};
pub use ownership::{
    ANNOTATION_ADOPT, ANNOTATION_DRIFT, ANNOTATION_ROLE, ANNOTATION_V1_ACCOUNT, Claim, Evidence, Mark, Owner,
    TAG_CLUSTER, TAG_OBJECT, TAG_UID, TagChanges, TagPlan, is_ours, owner_at_sight, owner_by_tags, speaks_of,
    tag_changes,
};
pub use record::{FINALIZER, LABEL_TUNING_JOB, LEASE, Legacy, TRIAL_FINALIZER, legacy, past, recorded_arn, was_seen};
pub use refusal::{Cause, Refusal};
pub use replacement::{Again, Replacement};
pub use step::{Intent, Obstacle, Past, Sighting, Step, next_step};
pub use trouble::{Home, verdict_of, verdict_of_obstacle};
