//! What Events say of our objects.

use chrono::{DateTime, Utc};
use k8s_openapi::api::core::v1::Event;
use kube::api::{Api, ListParams};
use serde::Serialize;

use super::connect::Unanswered;
use super::{Cluster, Complaint, Type};
use crate::api::GROUP;

/// Something that an Event tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// When it happened last.
    pub at: Option<DateTime<Utc>>,
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub type_: String,
    /// A word for programs.
    pub reason: String,
    /// The text for people.
    pub note: String,
    /// How often it happened.
    pub count: i32,
    /// Of which object: `trainingjob/NAME`.
    pub object: String,
    /// In which namespace.
    pub namespace: String,
    /// The object's uid.
    pub uid: String,
}

impl Cluster {
    /// The Events of one of our objects, or of all of them, oldest first; in all namespaces if none is given.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub async fn events(&self, namespace: Option<&str>, uid: Option<&str>) -> Result<Vec<Told>, Complaint> {
        let api: Api<Event> = match namespace {
            Some(namespace) => Api::namespaced(self.client(), namespace),
            None => Api::all(self.client()),
        };
        let mut params = ListParams::default();
        if let Some(uid) = uid {
            params = params.fields(&format!("involvedObject.uid={uid}"));
        }
        let listed = self.ask(|| api.list(&params)).await.map_err(|unanswered| match unanswered {
            Unanswered::Status(status) if status.is_forbidden() => {
                Complaint::new(format!("the cluster denies it: {}", status.message))
                    .hint("kubectl auth can-i list events")
            }
            other => Complaint::new(format!("the Events cannot be listed: {other}")),
        })?;
        let mut told: Vec<Told> = listed.items.into_iter().filter_map(told).collect();
        told.sort_by_key(|told| told.at);
        Ok(told)
    }
}

/// What an Event tells, if it is about one of our objects.
fn told(event: Event) -> Option<Told> {
    let about = event.involved_object;
    let type_ = about.kind.as_deref().and_then(Type::parse)?;
    if about.api_version?.split_once('/')?.0 != GROUP {
        return None;
    }
    let series = event.series.as_ref();
    let last =
        series.and_then(|series| series.last_observed_time.as_ref()).or(event.event_time.as_ref()).map(|time| time.0);
    let at = event.last_timestamp.as_ref().map(|time| time.0).or(last);
    let at = at.or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0));
    Some(Told {
        at: at.and_then(|at| DateTime::from_timestamp(at.as_second(), at.subsec_nanosecond().try_into().ok()?)),
        type_: event.type_.unwrap_or_default(),
        reason: event.reason.unwrap_or_default(),
        note: event.message.unwrap_or_default(),
        count: series.and_then(|series| series.count).or(event.count).unwrap_or(1),
        object: format!("{}/{}", type_.singular(), about.name?),
        namespace: about.namespace.unwrap_or_default(),
        uid: about.uid.unwrap_or_default(),
    })
}
