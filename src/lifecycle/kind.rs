//! What the core needs to know of a kind. Implemented in `api`, one kind a file.

use chrono::{DateTime, Utc};

use super::{Arn, InvalidIdent, Mark, Parts, Place, Refusal, resource_name};

/// Whether a kind runs to an end or lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Runs once and ends: training, processing, tuning and transform jobs.
    Job,
    /// Stays until it is deleted: models, endpoint configurations, endpoints, scaling policies.
    Lasting,
}

/// What to do when the resource in AWS is not what the spec says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDrift {
    /// Nothing: the resource cannot be changed once it exists.
    Ignore,
    /// Change it in place.
    Update,
    /// Delete it and create it again under the same name.
    Replace,
}

/// Where the resource is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// On its way, or in a state this version does not know: wait and look again.
    Changing,
    /// A job that AWS has accepted and runs, or a lasting resource in service.
    Active,
    /// On its way to an end that somebody asked for.
    Stopping,
    /// Ended as wanted.
    Completed,
    /// Ended otherwise; the reason is a `CamelCase` word for the condition (`Failed`, `Stopped`, `MaxRuntimeExceeded`, …).
    Failed {
        /// The reason of the `Failed` condition.
        reason: &'static str,
    },
}

impl Phase {
    /// Whether AWS has said that nothing will happen to the resource any more by itself.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Completed | Self::Failed { .. } => true,
            Self::Changing | Self::Active | Self::Stopping => false,
        }
    }
}

/// A typed Describe answer of a kind.
pub trait Observation: serde::de::DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// Where the resource is in its life.
    fn phase(&self) -> Phase;

    /// The resource's ARN.
    ///
    /// # Errors
    /// If AWS answered with a text that is no ARN.
    fn arn(&self) -> Result<Arn, InvalidIdent>;

    /// Why it failed, in AWS's own words.
    fn failure_reason(&self) -> Option<&str>;

    /// When AWS last changed it.
    fn last_modified(&self) -> Option<DateTime<Utc>>;

    /// Whether something beside the resource still moves after its end, such as a debug rule's evaluation.
    fn has_loose_ends(&self) -> bool {
        false
    }

    /// The answer without what is nothing to the object of that uid; `None` if nothing is left.
    #[must_use]
    fn own_part(self, _uid: &str) -> Option<Self> {
        Some(self)
    }

    /// Whose it is, where the answer itself tells. `uid` is the object's.
    fn mark(&self, _uid: &str) -> Mark<'_> {
        Mark::Silent
    }
}

/// How an existing resource differs from what its object says, in the parts that may change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drift {
    /// The request for the kind's Update operation in wire form (`UpperCamel` keys), without the name; `None` if it is
    /// as wanted.
    pub update: Option<serde_json::Value>,
    /// The spec's paths that differ, for the event and the condition.
    pub fields: Vec<String>,
}

/// A kind of the API as the generic core sees it.
pub trait Kind: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The desired state.
    type Spec: serde::Serialize + serde::de::DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static;
    /// The reported state.
    type Status: serde::Serialize
        + serde::de::DeserializeOwned
        + Clone
        + Default
        + PartialEq
        + std::fmt::Debug
        + Send
        + Sync
        + 'static;
    /// The Describe answer.
    type Observed: Observation;

    /// The kind's name, such as `TrainingJob`.
    const KIND: &'static str;
    /// The name's place in the spec (`trainingJobName`), where the name in use is written back; `None` if it is not.
    const NAME_FIELD: Option<&'static str>;
    /// The longest name AWS takes, in bytes.
    const NAME_LIMIT: usize;
    /// Whether it ends or lasts.
    const SORT: Sort;
    /// What to do about drift.
    const ON_DRIFT: OnDrift;
    /// The status word before SageMaker has been asked for the first time.
    const FIRST_STATUS: &'static str;
    /// The status word while an error is being retried, as v1 has it.
    const ERROR_STATUS: &'static str;

    /// Whether a running resource changes in ways that no listing shows, such as a tuning job that starts a trial: it is
    /// looked at every few polls.
    const CHANGES_UNSEEN: bool = false;

    /// The region and endpoint that the spec asks for.
    ///
    /// # Errors
    /// If the region or the address cannot be one.
    fn place(spec: &Self::Spec) -> Result<Place, InvalidIdent>;

    /// The name that the spec gives, if any; an empty one counts as none.
    fn given_name(spec: &Self::Spec) -> Option<&str>;

    /// The name of an object whose spec gives none.
    fn made_name(uid: &str, object_name: &str) -> String {
        resource_name(uid, object_name, Self::NAME_LIMIT)
    }

    /// The name in use: the one that the spec gives, else one made for the object.
    fn name_in_use(spec: &Self::Spec, uid: &str, object_name: &str) -> String {
        Self::given_name(spec).map_or_else(|| Self::made_name(uid, object_name), str::to_owned)
    }

    /// The spec with the name in use.
    fn set_name(spec: &mut Self::Spec, name: &str);

    /// The name in SageMaker that the status records.
    fn recorded_name(status: &Self::Status) -> Option<&str>;

    /// The ARN that the status records: ours, or in a field of version 1.
    fn recorded_arn(status: &Self::Status) -> Option<&str> {
        Self::common(status).arn.as_deref()
    }

    /// The v1 status word (`trainingJobStatus` and its like).
    fn status_word(status: &Self::Status) -> Option<&str>;

    /// Whether the status word is one of ours, or of the original operator, and not SageMaker's.
    fn is_own_word(word: &str) -> bool {
        word == Self::FIRST_STATUS || word == Self::ERROR_STATUS
    }

    /// Whether the status says that the job has ended: such a job is never started again.
    fn is_ended(status: &Self::Status) -> bool;

    /// Whether something beside the ended job still moves, as far as the status knows: such an object is looked at again.
    fn has_loose_ends(_status: &Self::Status) -> bool {
        false
    }

    /// Writes the v1 fields from what AWS said.
    fn report(status: &mut Self::Status, place: &Place, name: &str, seen: &Self::Observed);

    /// Writes the v1 fields while there is nothing to say from AWS: `word` as the status word, `additional` as why.
    fn report_without(status: &mut Self::Status, place: &Place, name: &str, word: &str, additional: Option<&str>);

    /// Writes down what version 1 may have made for the object without doing so itself.
    fn inherit(_status: &mut Self::Status, _spec: &Self::Spec) {}

    /// Takes note that AWS has nothing of it, as a Create is about to leave.
    fn nothing_there(_status: &mut Self::Status) {}

    /// Writes down what a Create or Update that is about to leave may bring about, where the name alone does not tell: what
    /// is not written down is not found again. `untagged` if it leaves without our tags.
    fn foresee(_status: &mut Self::Status, _spec: &Self::Spec, _name: &str, _untagged: bool) {}

    /// Writes down what became of the parts that were foreseen.
    fn settle(_status: &mut Self::Status, _parts: &Parts) {}

    /// Has `into` remember what `from` does of what there is and may be in AWS, and nothing else.
    fn carry_over(_from: &Self::Status, _into: &mut Self::Status) {}

    /// Writes the v1 fields after AWS has taken the deletion of a lasting resource.
    fn report_deleted(_status: &mut Self::Status) {}

    /// The status word while a call is refused, `passing` if the same call may succeed later; `None` where the word that is
    /// there stays: SageMaker's own is true until SageMaker says otherwise.
    fn word_in_trouble(status: &Self::Status, _passing: bool) -> Option<&'static str> {
        Self::status_word(status).is_none_or(Self::is_own_word).then_some(Self::ERROR_STATUS)
    }

    /// Writes when AWS was last asked (`lastCheckTime`). Done only along with another change: a time stamp alone is no
    /// reason to write.
    fn checked(status: &mut Self::Status, now: DateTime<Utc>);

    /// The shared part of the status.
    fn common(status: &Self::Status) -> &crate::lifecycle::Common;

    /// The shared part of the status, to be written.
    fn common_mut(status: &mut Self::Status) -> &mut crate::lifecycle::Common;

    /// The tags that the spec asks for.
    fn tags(spec: &Self::Spec) -> Vec<super::Tag>;

    /// All that carries these tags, as the status records it.
    fn tagged(status: &Self::Status) -> Vec<Arn> {
        Self::recorded_arn(status).and_then(|text| text.parse().ok()).into_iter().collect()
    }

    /// What differs between the spec and the resource, in the parts that AWS would change in the resource's present
    /// state: what cannot be changed now, or any more, is no drift.
    fn drift(spec: &Self::Spec, seen: &Self::Observed) -> Drift;

    /// What to do about drift of a resource in that state.
    fn on_drift(_seen: &Self::Observed) -> OnDrift {
        Self::ON_DRIFT
    }

    /// Whether a resource in that state is replaced if SageMaker says that none in that state is updated. Such a one serves
    /// nobody.
    fn replaced_if_refused(_seen: &Self::Observed) -> bool {
        false
    }

    /// Takes note of an update that was accepted at that moment; `update` is what [`Kind::drift`] found.
    fn updated(_status: &mut Self::Status, _update: &serde_json::Value, _now: DateTime<Utc>) {}

    /// A hint for a person whose object was refused, where the kind knows better than the error class.
    fn hint(_refusal: &Refusal) -> Option<String> {
        None
    }
}
