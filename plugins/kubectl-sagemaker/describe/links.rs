//! Where to look further.

use sagemaker_operator::api::page;
use sagemaker_operator::cli::Object;
use serde_json::{Map, Value, json};

use super::section::{Section, columns};

/// The section. `namespace` is what a command needs to find the object again.
pub(super) fn section(object: &Object, status: &Value, namespace: &str) -> Section {
    let place = object.sagemaker_name().filter(|_| object.is_accepted()).zip(object.region());
    let console = place.and_then(|(name, region)| page(&region, object.type_.kind(), name));
    let logs = object.type_.logged().filter(|_| object.is_accepted());
    let logs = logs.map(|_| format!("kubectl smlogs {}{namespace}", object.title()));
    let model = status["modelPath"].as_str().or(object.model_path()).map(str::to_owned);
    let links = [
        ("console", console),
        ("logs", logs),
        ("log page", object.log_url().map(str::to_owned)),
        ("model", model),
        ("endpoint", status["endpointUrl"].as_str().map(str::to_owned)),
    ];
    let there: Vec<[String; 2]> = links.into_iter().filter_map(|(name, link)| Some([name.to_owned(), link?])).collect();
    let data: Map<String, Value> = there.iter().map(|[name, link]| (name.clone(), json!(link))).collect();
    Section::new("links", "Links", &data).wholes(columns(&there, 2))
}
