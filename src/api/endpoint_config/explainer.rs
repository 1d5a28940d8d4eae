//! Explanations beside the answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::Whole;

/// Explanations beside the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainerConfig {
    /// SageMaker Clarify, which says how much each feature has to do with an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clarify_explainer_config: Option<ClarifyExplainerConfig>,
}

/// SageMaker Clarify, which says how much each feature has to do with an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClarifyExplainerConfig {
    /// A JMESPath expression: which records are explained. All, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub enable_explanations: Option<String>,
    /// The form of the model's requests and answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inference_config: Option<ClarifyInferenceConfig>,
    /// How SHAP values are reckoned.
    pub shap_config: ClarifyShapConfig,
}

/// The form of a model's requests and answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClarifyInferenceConfig {
    /// A template of the request for JSON Lines, such as `{"myfeatures":$features}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub content_template: Option<String>,
    /// The names of the features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 64)))]
    pub feature_headers: Vec<String>,
    /// The sort of each feature: `numerical`, `categorical` or `text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(length(max = 64)))]
    pub feature_types: Vec<String>,
    /// A JMESPath expression that finds the features in a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub features_attribute: Option<String>,
    /// A JMESPath expression that finds the labels in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub label_attribute: Option<String>,
    /// The names of the labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 64)))]
    pub label_headers: Vec<String>,
    /// The column of the label in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub label_index: Option<Whole>,
    /// The largest request that the model takes, in MB.
    #[serde(default, rename = "maxPayloadInMB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_payload_in_mb: Option<Whole>,
    /// The most records that the model takes in a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_record_count: Option<Whole>,
    /// A JMESPath expression that finds the probabilities in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub probability_attribute: Option<String>,
    /// The column of the probability in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub probability_index: Option<Whole>,
}

/// How SHAP values are reckoned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClarifyShapConfig {
    /// How many samples are drawn for a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub number_of_samples: Option<Whole>,
    /// Where the drawing starts from: the same number gives the same samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Whole>,
    /// The record that others are compared with.
    pub shap_baseline_config: ClarifyShapBaselineConfig,
    /// How text features are taken apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_config: Option<ClarifyTextConfig>,
    /// Whether values are in log-odds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_logit: Option<bool>,
}

/// The record that others are compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClarifyShapBaselineConfig {
    /// The form of the baseline, such as `text/csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub mime_type: Option<String>,
    /// The baseline itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub shap_baseline: Option<String>,
    /// Where the baseline is in S3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub shap_baseline_uri: Option<String>,
}

/// How text features are taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClarifyTextConfig {
    /// `token`, `sentence` or `paragraph`.
    #[schemars(length(max = 64))]
    pub granularity: String,
    /// The language of the texts, such as `en`.
    #[schemars(length(max = 64))]
    pub language: String,
}
