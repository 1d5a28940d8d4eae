//! The public API model of each service, read once: operations, and the shapes that requests and answers must have.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// One service of the model.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    /// The name in the credential scope of a signature.
    pub(super) signing_name: String,
    /// What stands before the dot in `X-Amz-Target`; absent in the query protocol.
    pub(super) target_prefix: Option<String>,
    /// The namespace of XML answers.
    pub(super) xml_namespace: Option<String>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: BTreeMap<String, Shape>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    /// The codes of the errors it declares.
    pub(super) errors: Vec<String>,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
}

/// A shape: a type and what restricts it.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: ShapeKind,
    /// Of a structure: member name to shape name.
    #[serde(default)]
    pub(super) members: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    /// Of a list: the shape of its items.
    pub(super) member: Option<String>,
    /// Of a map.
    pub(super) key: Option<String>,
    /// Of a map.
    pub(super) value: Option<String>,
    #[serde(rename = "enum")]
    pub(super) words: Option<Vec<String>>,
    pub(super) pattern: Option<String>,
    /// The least length or value.
    pub(super) min: Option<f64>,
    /// The greatest length or value.
    pub(super) max: Option<f64>,
}

/// The types that the services use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ShapeKind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
}

/// The services, in the order in which an unsigned query is matched.
pub(super) static SERVICES: LazyLock<[Service; 5]> = LazyLock::new(|| {
    [
        include_str!("model/sagemaker.json"),
        include_str!("model/logs.json"),
        include_str!("model/sts.json"),
        include_str!("model/application-autoscaling.json"),
        include_str!("model/servicequotas.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("the model is part of the program"))
});

impl Service {
    /// The service of an `X-Amz-Target` prefix.
    pub(super) fn by_target(prefix: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.target_prefix.as_deref() == Some(prefix))
    }

    /// The service of the query protocol that has this action.
    pub(super) fn by_action(action: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.xml_namespace.is_some() && service.operations.contains_key(action))
    }

    /// A shape that the model itself refers to.
    pub(super) fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).expect("the model defines each shape it refers to")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_referred_to_is_defined() {
        for service in SERVICES.iter() {
            for operation in service.operations.values() {
                for name in operation.input.iter().chain(&operation.output) {
                    assert_eq!(service.shape(name).kind, ShapeKind::Structure);
                }
            }
            for shape in service.shapes.values() {
                let inner = [&shape.member, &shape.key, &shape.value];
                for name in shape.members.values().chain(inner.into_iter().flatten()) {
                    service.shape(name);
                }
            }
        }
    }
}
