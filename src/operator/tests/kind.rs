//! A kind that knows as little as a kind can: what the core does with it, it does with every job.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::lifecycle::{Arn, Common, Drift, InvalidIdent, Kind, Observation, OnDrift, Phase, Place, Sort, Tag};

#[derive(Debug, Clone)]
pub(in crate::operator) struct Job;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::operator) struct JobSpec {
    pub(super) region: String,
    #[serde(default)]
    pub(super) job_name: Option<String>,
    #[serde(default)]
    pub(super) keep_alive: u32,
    #[serde(default)]
    pub(super) tags: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::operator) struct JobStatus {
    #[serde(flatten)]
    pub(super) common: Common,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) phase: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) additional: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(in crate::operator) struct JobSeen {
    pub(super) status: String,
    pub(super) arn: String,
    pub(super) keep_alive: u32,
}

impl Observation for JobSeen {
    fn phase(&self) -> Phase {
        match self.status.as_str() {
            "InProgress" => Phase::Active,
            "Stopping" => Phase::Stopping,
            "Completed" => Phase::Completed,
            "Failed" => Phase::Failed { reason: "Failed" },
            "Stopped" => Phase::Failed { reason: "Stopped" },
            _ => Phase::Changing,
        }
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        None
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        None
    }
}

impl Kind for Job {
    type Spec = JobSpec;
    type Status = JobStatus;
    type Observed = JobSeen;

    const KIND: &'static str = "Job";
    const NAME_FIELD: Option<&'static str> = Some("jobName");
    const NAME_LIMIT: usize = 63;
    const SORT: Sort = Sort::Job;
    const ON_DRIFT: OnDrift = OnDrift::Update;
    const FIRST_STATUS: &'static str = "Synchronizing";
    const ERROR_STATUS: &'static str = "ReconcilingJob";

    fn place(spec: &JobSpec) -> Result<Place, InvalidIdent> {
        Ok(Place { region: spec.region.parse()?, endpoint: None, role: None })
    }

    fn given_name(spec: &JobSpec) -> Option<&str> {
        spec.job_name.as_deref().filter(|name| !name.is_empty())
    }

    fn set_name(spec: &mut JobSpec, name: &str) {
        spec.job_name = Some(name.to_owned());
    }

    fn recorded_name(status: &JobStatus) -> Option<&str> {
        status.name.as_deref()
    }

    fn status_word(status: &JobStatus) -> Option<&str> {
        status.phase.as_deref()
    }

    fn is_ended(status: &JobStatus) -> bool {
        matches!(status.phase.as_deref(), Some("Completed" | "Failed" | "Stopped"))
    }

    fn report(status: &mut JobStatus, _place: &Place, name: &str, seen: &JobSeen) {
        status.phase = Some(seen.status.clone());
        status.name = Some(name.to_owned());
        status.additional = None;
    }

    fn report_without(status: &mut JobStatus, _place: &Place, name: &str, word: &str, additional: Option<&str>) {
        status.phase = Some(word.to_owned());
        status.name = Some(name.to_owned());
        status.additional = additional.map(str::to_owned);
    }

    fn checked(_status: &mut JobStatus, _now: DateTime<Utc>) {}

    fn common(status: &JobStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut JobStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &JobSpec) -> Vec<Tag> {
        spec.tags.iter().map(|key| Tag { key: key.clone(), value: String::new() }).collect()
    }

    fn drift(spec: &JobSpec, seen: &JobSeen) -> Drift {
        if spec.keep_alive == seen.keep_alive {
            return Drift::default();
        }
        Drift {
            update: Some(serde_json::json!({ "KeepAlive": spec.keep_alive })),
            fields: vec!["keepAlive".to_owned()],
        }
    }
}
