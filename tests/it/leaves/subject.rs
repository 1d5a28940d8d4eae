//! The kinds whose fields are followed, and what is particular to each.

use sagemaker_operator::api::{
    self, BatchTransformJob, EndpointConfig, HyperparameterTuningJob, ProcessingJob, TrainingJob, crd, processing_job,
    training_job, transform_job, tuning_job,
};
use sagemaker_operator::aws::{to_request, to_spec};
use sagemaker_operator::lifecycle::{Kind, Place, Sort};
use serde_json::{Value, json};

use super::flavour::{self, Flavour, Source};
use super::model::{Leaf, Model};
use super::object::Pair;

/// A kind whose fields are followed from its type to SageMaker and back.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    /// The kind as the API names it in its operations and members: `TrainingJob`.
    pub(crate) word: &'static str,
    /// As AWS's documentation of the Create operation has it.
    pub(super) leaves: usize,
    pub(crate) flavours: &'static [Flavour],
    pub(super) sources: &'static [Source],
    /// What a leaf needs beside it.
    pub(super) companions: &'static [(&'static str, &'static str)],
    /// What may be changed in an existing object.
    pub(crate) mutable: &'static [&'static str],
    /// A spec, read into its type and written again.
    pub(crate) retyped: fn(Value) -> Result<Value, String>,
    /// The status that is made of an answer of Describe.
    pub(crate) reported: fn(Value) -> Value,
    sort: Sort,
}

/// The kinds of jobs.
pub(crate) const JOBS: [Subject; 4] = [
    Subject {
        kind: TrainingJob::KIND,
        plural: "trainingjobs",
        word: "TrainingJob",
        leaves: 110,
        flavours: flavour::OF_TRAINING,
        sources: flavour::SOURCES_OF_TRAINING,
        companions: &[
            ("EnableManagedSpotTraining", "StoppingCondition.MaxWaitTimeInSeconds"),
            ("StoppingCondition.MaxWaitTimeInSeconds", "EnableManagedSpotTraining"),
            ("StoppingCondition.MaxWaitTimeInSeconds", "StoppingCondition.MaxRuntimeInSeconds"),
        ],
        mutable: &training_job::MUTABLE,
        retyped: retyped::<TrainingJob>,
        reported: reported::<TrainingJob>,
        sort: TrainingJob::SORT,
    },
    Subject {
        kind: ProcessingJob::KIND,
        plural: "processingjobs",
        word: "ProcessingJob",
        leaves: 60,
        flavours: flavour::OF_PROCESSING,
        sources: flavour::SOURCES_OF_PROCESSING,
        companions: &[],
        mutable: &processing_job::MUTABLE,
        retyped: retyped::<ProcessingJob>,
        reported: reported::<ProcessingJob>,
        sort: ProcessingJob::SORT,
    },
    Subject {
        kind: BatchTransformJob::KIND,
        plural: "batchtransformjobs",
        word: "TransformJob",
        leaves: 33,
        flavours: flavour::OF_TRANSFORM,
        sources: &[],
        companions: &[],
        mutable: &transform_job::MUTABLE,
        retyped: retyped::<BatchTransformJob>,
        reported: reported::<BatchTransformJob>,
        sort: BatchTransformJob::SORT,
    },
    Subject {
        kind: HyperparameterTuningJob::KIND,
        plural: "hyperparametertuningjobs",
        word: "HyperParameterTuningJob",
        leaves: 191,
        flavours: flavour::OF_TUNING,
        sources: flavour::SOURCES_OF_TUNING,
        companions: &[
            (
                "WarmStartConfig.WarmStartType",
                "WarmStartConfig.ParentHyperParameterTuningJobs[].HyperParameterTuningJobName",
            ),
            (
                "TrainingJobDefinition.EnableManagedSpotTraining",
                "TrainingJobDefinition.StoppingCondition.MaxWaitTimeInSeconds",
            ),
            (
                "TrainingJobDefinitions[].EnableManagedSpotTraining",
                "TrainingJobDefinitions[].StoppingCondition.MaxWaitTimeInSeconds",
            ),
        ],
        mutable: &tuning_job::MUTABLE,
        retyped: retyped::<HyperparameterTuningJob>,
        reported: reported::<HyperparameterTuningJob>,
        sort: HyperparameterTuningJob::SORT,
    },
];

/// The kinds that last and are made by one Create.
const LASTING: [Subject; 2] = [
    Subject {
        kind: api::Model::KIND,
        plural: "models",
        word: "Model",
        leaves: 65,
        flavours: flavour::OF_MODEL,
        sources: &[],
        companions: &[],
        mutable: &[],
        retyped: retyped::<api::Model>,
        reported: reported::<api::Model>,
        sort: api::Model::SORT,
    },
    Subject {
        kind: EndpointConfig::KIND,
        plural: "endpointconfigs",
        word: "EndpointConfig",
        leaves: 110,
        flavours: flavour::OF_CONFIG,
        sources: flavour::SOURCES_OF_CONFIG,
        companions: &[],
        mutable: &[],
        retyped: retyped::<EndpointConfig>,
        reported: reported::<EndpointConfig>,
        sort: EndpointConfig::SORT,
    },
];

/// All of them.
pub(crate) fn subjects() -> impl Iterator<Item = &'static Subject> {
    JOBS.iter().chain(&LASTING)
}

impl Subject {
    /// The one of that kind.
    pub(crate) fn of(kind: &str) -> &'static Self {
        subjects().find(|subject| subject.kind == kind).expect("it is one of the subjects")
    }

    /// The Create operation.
    pub(crate) fn create(&self) -> String {
        format!("Create{}", self.word)
    }

    /// The Describe operation.
    pub(crate) fn describe(&self) -> String {
        format!("Describe{}", self.word)
    }

    /// The member that names the resource.
    pub(crate) fn name_member(&self) -> String {
        format!("{}Name", self.word)
    }

    /// The spec's field that names the resource.
    pub(crate) fn name_field(&self) -> String {
        let member = self.name_member();
        member[..1].to_lowercase() + &member[1..]
    }

    /// Whether the spec can name the resource. What lasts gets a name made from its object's.
    pub(super) fn is_named(&self) -> bool {
        self.sort == Sort::Job
    }

    /// The spec with that name, where a spec can have one: resources share an account.
    pub(crate) fn spec_named(&self, pair: &Pair, name: &str) -> Value {
        let mut spec = pair.spec.clone();
        if self.is_named() {
            spec[self.name_field()] = json!(name);
        }
        spec
    }

    /// The request with that name.
    pub(crate) fn wire_named(&self, pair: &Pair, name: &str) -> Value {
        let mut wire = pair.wire.clone();
        wire[self.name_member()] = json!(name);
        wire
    }

    /// Each leaf of the Create operation that a spec may have.
    pub(crate) fn all(&self) -> Vec<Leaf> {
        let mut leaves = Model::sagemaker().leaves(&self.create());
        leaves.retain(|leaf| self.is_named() || leaf.wire_path() != self.name_member());
        leaves
    }

    /// Each leaf with a job in which it is set.
    pub(crate) fn every_leaf(&self) -> impl Iterator<Item = (Leaf, Pair)> {
        self.all().into_iter().map(|leaf| {
            let pair = self.with(self.flavour_of(&leaf), &[&leaf]);
            (leaf, pair)
        })
    }

    /// A job of each flavour with all leaves that go together, and these leaves.
    pub(crate) fn all_leaves_together(&self) -> Vec<(&'static Flavour, Vec<Leaf>, Pair)> {
        let leaves = self.all();
        let together = self.flavours.iter().map(|flavour| {
            let own: Vec<_> = leaves.iter().filter(|leaf| self.flavour_of(leaf).name == flavour.name).collect();
            let pair = self.with(flavour, &own);
            (flavour, own.into_iter().cloned().collect(), pair)
        });
        together.collect()
    }

    /// The flavour that the leaf belongs to.
    pub(crate) fn flavour_of(&self, leaf: &Leaf) -> &'static Flavour {
        let path = leaf.wire_path();
        let owner = self.flavours.iter().find(|flavour| flavour.own.iter().any(|own| path.starts_with(own)));
        owner.unwrap_or(&self.flavours[self.flavours.len() - 1])
    }

    /// The schema of the kind's definition.
    pub(crate) fn schema(&self) -> Value {
        let version = self.definition()["spec"]["versions"][0].take();
        version["schema"]["openAPIV3Schema"].clone()
    }

    /// The kind's definition.
    pub(crate) fn definition(&self) -> Value {
        let definitions = crd::all();
        let definition = definitions.iter().find(|definition| definition.spec.names.kind == self.kind);
        serde_json::to_value(definition).expect("a definition can be written")
    }

    /// The request that comes of a spec.
    pub(crate) fn to_request(&self, spec: &Value) -> Value {
        to_request(self.kind, spec)
    }

    /// The spec that an answer speaks of.
    pub(crate) fn to_spec(&self, answer: &Value) -> Value {
        to_spec(self.kind, answer)
    }
}

fn retyped<K: Kind>(spec: Value) -> Result<Value, String> {
    let typed: K::Spec = serde_json::from_value(spec).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

fn reported<K: Kind>(answer: Value) -> Value {
    let seen = serde_json::from_value(answer).expect("an answer as the model has it can be read");
    let place = Place { region: "us-west-2".parse().expect("a region"), endpoint: None, role: None };
    let mut status = K::Status::default();
    K::report(&mut status, &place, "job", &seen);
    serde_json::to_value(&status).expect("a status can be written")
}
