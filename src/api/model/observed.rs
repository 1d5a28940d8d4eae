//! What `DescribeModel` answers, and how it is compared with what is wanted.
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html>

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::spec::ModelSpec;
use crate::api::compare::{Content, FieldDefault};
use crate::api::shared::epoch;
use crate::lifecycle::{Arn, InvalidIdent, Observation, Phase};

/// A model as SageMaker describes it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModelObserved {
    /// The ARN.
    pub model_arn: String,
    /// When it was created.
    #[serde(with = "epoch")]
    pub creation_time: Option<DateTime<Utc>>,
    /// What it is, in the words of its object.
    pub spec: ModelSpec,
}

impl Observation for ModelObserved {
    fn phase(&self) -> Phase {
        Phase::Active
    }

    fn arn(&self) -> Result<Arn, InvalidIdent> {
        self.model_arn.parse()
    }

    fn failure_reason(&self) -> Option<&str> {
        None
    }

    fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.creation_time
    }
}

impl Content for ModelSpec {
    const DEFAULTS: &'static [FieldDefault] = &[
        ("primaryContainer.mode", || json!("SingleModel")),
        ("containers.mode", || json!("SingleModel")),
        ("primaryContainer.imageConfig.repositoryAccessMode", || json!("Platform")),
        ("containers.imageConfig.repositoryAccessMode", || json!("Platform")),
        ("primaryContainer.multiModelConfig.modelCacheSetting", || json!("Enabled")),
        ("containers.multiModelConfig.modelCacheSetting", || json!("Enabled")),
        ("inferenceExecutionConfig.mode", || json!("Serial")),
    ];
}

impl ModelObserved {
    /// The content of the model, without what SageMaker says beside what was asked for.
    pub(super) fn content_beside(&self, wanted: &ModelSpec) -> Value {
        let mut seen = self.spec.clone();
        let wanted = wanted.primary_container.iter().chain(&wanted.containers);
        for (seen, wanted) in seen.primary_container.iter_mut().chain(&mut seen.containers).zip(wanted) {
            // The same place in two forms: one was asked for, and SageMaker tells both.
            if wanted.model_data_source.is_none() && wanted.model_data_url.is_some() {
                seen.model_data_source = None;
            }
            if wanted.model_data_url.is_none() && wanted.model_data_source.is_some() {
                seen.model_data_url = None;
            }
            // A package brings its own image, data and environment, and may be told by its ARN.
            if let Some(package) = wanted.model_package_name.as_deref().filter(|name| !name.is_empty()) {
                let told = seen.model_package_name.as_deref().unwrap_or_default();
                if told.rsplit_once("model-package/").is_some_and(|(_, name)| name == package) {
                    seen.model_package_name = Some(package.to_owned());
                }
                seen.image = wanted.image.clone();
                seen.model_data_url.clone_from(&wanted.model_data_url);
                seen.model_data_source.clone_from(&wanted.model_data_source);
                seen.environment.clone_from(&wanted.environment);
            }
        }
        seen.content()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::compare;

    fn spec(value: &Value) -> ModelSpec {
        let mut whole = json!({ "region": "us-west-2", "executionRoleArn": "arn:aws:iam::123456789012:role/model" });
        json_patch::merge(&mut whole, value);
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn what_sagemaker_adds_is_no_difference_and_what_was_edited_is() {
        let image = json!({ "primaryContainer": { "image": "i", "modelDataUrl": "s3://b/m.tar.gz" } });
        let package = json!({ "primaryContainer": { "modelPackageName": "digits/1" } });
        let arn = "arn:aws:sagemaker:us-west-2:123456789012:model-package/digits/1";
        let source = json!({ "s3DataSource": { "s3Uri": "s3://b/m.tar.gz", "s3DataType": "S3Object", "compressionType": "Gzip" } });
        for (wanted, seen, differs) in [
            (
                &image,
                json!({ "primaryContainer": {
                    "image": "i", "modelDataUrl": "s3://b/m.tar.gz", "mode": "SingleModel", "modelDataSource": source,
                }, "enableNetworkIsolation": false }),
                vec![],
            ),
            (
                &package,
                json!({ "primaryContainer": { "modelPackageName": arn, "image": "i", "modelDataUrl": "s3://b/m" } }),
                vec![],
            ),
            (
                &image,
                json!({ "primaryContainer": { "image": "j", "modelDataUrl": "s3://b/m.tar.gz" } }),
                vec!["primaryContainer.image"],
            ),
            (
                &image,
                json!({ "primaryContainer": { "image": "i", "modelDataUrl": "s3://b/m.tar.gz", "mode": "MultiModel" } }),
                vec!["primaryContainer.mode"],
            ),
        ] {
            let wanted = spec(wanted);
            let seen = ModelObserved { spec: spec(&seen), ..ModelObserved::default() };
            assert_eq!(compare::drift(&wanted.content(), &seen.content_beside(&wanted)).fields, differs);
        }
    }
}
