//! What it has cost so far, in machine time: prices are nobody's but AWS's to tell.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sagemaker_operator::cli::{Machines, Object, Type, span};
use serde_json::{Value, json};

use super::section::Section;

/// The section; empty for what costs nothing by itself, or has not begun. `children` are the trials of a tuning job.
pub(super) fn section(object: &Object, children: &[&Object], now: DateTime<Utc>) -> Section {
    let told = match object.type_ {
        Type::TrainingJob | Type::ProcessingJob | Type::BatchTransformJob => of_job(object, now),
        Type::HyperparameterTuningJob => of_trials(object, children, now),
        Type::HostingDeployment => of_endpoint(object),
        Type::Model | Type::EndpointConfig | Type::HostingAutoscalingPolicy => None,
    };
    let (data, text) = told.unzip();
    let section = Section::new("cost", "Cost", &data);
    text.into_iter().fold(section, |section, text| section.prose(2, text))
}

/// The machine time that is billed, in seconds of all its machines, and whether that is told or reckoned.
fn billed(object: &Object, now: DateTime<Utc>) -> Option<(u64, bool)> {
    let count = object.machines()?.count;
    if let Some((_, billable)) = object.billed() {
        return Some((billable * count, true));
    }
    let (begun, ended) = object.ran();
    let seconds = (ended.unwrap_or(now) - begun?).num_seconds();
    Some((u64::try_from(seconds).unwrap_or_default() * count, false))
}

/// What it costs, for programs and for people.
type Cost = (Value, String);

fn of_job(object: &Object, now: DateTime<Utc>) -> Option<Cost> {
    let (seconds, is_told) = billed(object, now)?;
    let Machines { count, type_, spot } = object.machines()?;
    let saved = object.billed().filter(|(trained, billable)| spot && trained > billable);
    let saved = saved.map(|(trained, billable)| (trained - billable) * 100 / trained);
    let data = json!({
        "machineSeconds": seconds, "billed": is_told, "instanceType": type_, "instanceCount": count,
        "spot": spot, "spotSavedPercent": saved,
    });
    let of_each = span(Duration::from_secs(seconds / count.max(1)));
    let many = if count == 1 {
        String::new()
    } else {
        format!(" on each of {count}, {} in all", span(Duration::from_secs(seconds)))
    };
    let verb = if is_told {
        "billed"
    } else if object.ending().is_some() {
        "ran"
    } else {
        "running for"
    };
    let saved = saved.map(|percent| format!("; spot saved {percent} %")).unwrap_or_default();
    Some((data, format!("{verb} {of_each}{many} ({type_}){saved}")))
}

fn of_trials(object: &Object, trials: &[&Object], now: DateTime<Utc>) -> Option<Cost> {
    let told: Vec<u64> = trials.iter().filter_map(|trial| billed(trial, now)).map(|(seconds, _)| seconds).collect();
    if told.is_empty() {
        return None;
    }
    let seconds: u64 = told.iter().sum();
    let data = json!({ "machineSeconds": seconds, "trials": told.len() });
    let type_ = object.machines().map(|machines| format!(" ({})", machines.type_)).unwrap_or_default();
    let text = format!("{} of machine time for {} trials{type_}", span(Duration::from_secs(seconds)), told.len());
    Some((data, text))
}

fn of_endpoint(object: &Object) -> Option<Cost> {
    let instances = object.instances().filter(|_| object.is_accepted())?;
    let hosts = object.hosts().map(|(now, _)| now);
    let text = match hosts {
        Some(1) => format!("1 host bills until it is deleted (began with {instances})"),
        Some(hosts) => format!("{hosts} hosts bill until it is deleted (began with {instances})"),
        None => format!("bills until it is deleted ({instances})"),
    };
    Some((json!({ "hosts": hosts, "instances": instances }), text))
}
