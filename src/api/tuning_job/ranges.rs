//! Between which values a search looks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parameters to search, by their sort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParameterRanges {
    /// Parameters whose ranges SageMaker chooses; needs `autotune`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub auto_parameters: Vec<AutoParameter>,
    /// Parameters with a choice of words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30))]
    pub categorical_parameter_ranges: Vec<CategoricalParameterRange>,
    /// Parameters with any number between two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30))]
    pub continuous_parameter_ranges: Vec<ScaledParameterRange>,
    /// Parameters with a whole number between two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30))]
    pub integer_parameter_ranges: Vec<ScaledParameterRange>,
}

/// A parameter whose range SageMaker chooses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AutoParameter {
    /// The hyperparameter.
    #[schemars(length(max = 256))]
    pub name: String,
    /// A value near which to look.
    #[schemars(length(max = 256))]
    pub value_hint: String,
}

/// A parameter with a choice of words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoricalParameterRange {
    /// The hyperparameter.
    #[schemars(length(max = 256))]
    pub name: String,
    /// The words.
    #[schemars(length(min = 1, max = 30), inner(length(max = 256)))]
    pub values: Vec<String>,
}

/// A parameter with a number between two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScaledParameterRange {
    /// The largest number, in quotes.
    #[schemars(length(max = 256))]
    pub max_value: String,
    /// The smallest number, in quotes.
    #[schemars(length(max = 256))]
    pub min_value: String,
    /// The hyperparameter.
    #[schemars(length(max = 256))]
    pub name: String,
    /// Where between the two to look most: `Auto` (default), `Linear`, `Logarithmic` or `ReverseLogarithmic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub scaling_type: Option<String>,
}
