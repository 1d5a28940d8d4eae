//! EndpointConfig as the generic core sees it.

use chrono::{DateTime, Utc};

use super::observed::EndpointConfigObserved;
use super::spec::{EndpointConfig, EndpointConfigSpec};
use super::status::EndpointConfigStatus;
use crate::api::compare::{self, Content as _};
use crate::api::shared::{place, whole_second};
use crate::lifecycle::{Common, Drift, InvalidIdent, Kind, OnDrift, Place, Sort, Tag};

/// The one word of the first release for a resource that is there.
const CREATED: &str = "Created";
/// Its word for one that was there, written right before the object went.
const DELETED: &str = "Deleted";

impl Kind for EndpointConfig {
    type Spec = EndpointConfigSpec;
    type Status = EndpointConfigStatus;
    type Observed = EndpointConfigObserved;

    const KIND: &'static str = "EndpointConfig";
    const NAME_FIELD: Option<&'static str> = None;
    const NAME_LIMIT: usize = 63;
    const SORT: Sort = Sort::Lasting;
    const ON_DRIFT: OnDrift = OnDrift::Replace;
    const FIRST_STATUS: &'static str = "SynchronizingK8sJobWithSageMaker";
    const ERROR_STATUS: &'static str = "Error";

    fn place(spec: &EndpointConfigSpec) -> Result<Place, InvalidIdent> {
        place(&spec.region, spec.sage_maker_endpoint.as_deref())
    }

    fn given_name(_spec: &EndpointConfigSpec) -> Option<&str> {
        None
    }

    fn set_name(_spec: &mut EndpointConfigSpec, _name: &str) {}

    fn recorded_name(status: &EndpointConfigStatus) -> Option<&str> {
        status.sage_maker_endpoint_config_name.as_deref().filter(|name| !name.is_empty())
    }

    fn recorded_arn(status: &EndpointConfigStatus) -> Option<&str> {
        status.common.arn.as_deref().or(status.endpoint_config_arn.as_deref()).filter(|arn| !arn.is_empty())
    }

    fn status_word(status: &EndpointConfigStatus) -> Option<&str> {
        // What was deleted is neither there nor in trouble: it is made again, or let go.
        status.status.as_deref().filter(|word| !word.is_empty() && *word != DELETED)
    }

    fn is_ended(_status: &EndpointConfigStatus) -> bool {
        false
    }

    fn report(status: &mut EndpointConfigStatus, _place: &Place, name: &str, seen: &EndpointConfigObserved) {
        status.status = Some(CREATED.to_owned());
        status.additional = None;
        status.sage_maker_endpoint_config_name = Some(name.to_owned());
        status.endpoint_config_arn = Some(seen.endpoint_config_arn.clone());
    }

    fn report_without(
        status: &mut EndpointConfigStatus,
        _place: &Place,
        _name: &str,
        word: &str,
        additional: Option<&str>,
    ) {
        status.status = Some(word.to_owned());
        status.additional = additional.map(str::to_owned);
    }

    fn checked(status: &mut EndpointConfigStatus, now: DateTime<Utc>) {
        status.last_update_time = Some(whole_second(now));
    }

    fn common(status: &EndpointConfigStatus) -> &Common {
        &status.common
    }

    fn common_mut(status: &mut EndpointConfigStatus) -> &mut Common {
        &mut status.common
    }

    fn tags(spec: &EndpointConfigSpec) -> Vec<Tag> {
        spec.tags.iter().map(Tag::from).collect()
    }

    fn drift(spec: &EndpointConfigSpec, seen: &EndpointConfigObserved) -> Drift {
        compare::drift(&spec.content(), &seen.content_beside(spec))
    }
}
