//! Reading what is not ours, as JSON, and asking who may do what.

use futures::StreamExt as _;
use kube::api::{Api, DynamicObject, ListParams, PostParams};
use kube::core::ApiResource;
use serde_json::{Value, json};

use super::Cluster;
use super::connect::Unanswered;

/// Where an API server tells whose tokens a `ServiceAccount` has.
/// Source: <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>
pub const ISSUER_PATH: &str = "/.well-known/openid-configuration";
/// How many reviews are asked for at the same time.
const REVIEWS: usize = 16;

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Whoever asks may not know it.
    #[error("{0}")]
    Denied(String),
    /// The API server did not answer, or not as expected.
    #[error("{0}")]
    Silent(String),
}

impl From<Unanswered> for Unread {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Status(status) if status.is_forbidden() => Self::Denied(status.message.clone()),
            other => Self::Silent(other.to_string()),
        }
    }
}

/// Something that somebody may want to do in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Such as `list`.
    pub verb: String,
    /// The API group; empty for the core's.
    pub group: String,
    /// The resource, with its subresource if one is meant: `models/status`.
    pub resource: String,
    /// The one object of it that is meant; any if none is named.
    pub name: Option<String>,
    /// Where; everywhere if none is named.
    pub namespace: Option<String>,
}

impl Deed {
    fn attributes(&self) -> Value {
        let (resource, subresource) = self.resource.split_once('/').unwrap_or((&self.resource, ""));
        json!({
            "verb": self.verb, "group": self.group, "resource": resource, "subresource": subresource,
            "name": self.name.as_deref().unwrap_or_default(),
            "namespace": self.namespace.as_deref().unwrap_or_default(),
        })
    }
}

impl Cluster {
    /// An object as it is stored; `None` if there is none of that name, or no such kind.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub async fn stored(
        &self,
        resource: &ApiResource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Value>, Unread> {
        let api = self.any(resource, namespace);
        match self.ask(|| api.get(name)).await {
            Ok(object) => Ok(Some(json!(object))),
            Err(Unanswered::Status(status)) if status.code == 404 => Ok(None),
            Err(unanswered) => Err(unanswered.into()),
        }
    }

    /// All objects with these labels, in all namespaces if none is named; none of a kind that is not installed.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub async fn all_stored(
        &self,
        resource: &ApiResource,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<Vec<Value>, Unread> {
        let params = ListParams { label_selector: labels.map(str::to_owned), ..ListParams::default().limit(500) };
        match self.list_any(resource, namespace, &params).await {
            Ok(objects) => Ok(objects.into_iter().map(|object| json!(object)).collect()),
            Err(Unanswered::Status(status)) if status.code == 404 => Ok(Vec::new()),
            Err(unanswered) => Err(unanswered.into()),
        }
    }

    /// The issuer of the tokens of `ServiceAccount`s, which AWS has to know to trust them.
    ///
    /// # Errors
    /// Why that cannot be said. Only those in `system:service-account-issuer-discovery` may ask.
    pub async fn issuer(&self) -> Result<String, Unread> {
        let client = self.client();
        let ask = async || {
            let request = http::Request::get(ISSUER_PATH).body(Vec::new()).map_err(kube::Error::HttpError)?;
            client.request::<Value>(request).await
        };
        match self.ask(ask).await?["issuer"].as_str() {
            Some(issuer) => Ok(issuer.to_owned()),
            None => Err(Unread::Silent(format!("{ISSUER_PATH} names no issuer"))),
        }
    }

    /// Which of these whoever asks may not do.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub async fn denied_to_me(&self, deeds: Vec<Deed>) -> Result<Vec<Deed>, Unread> {
        self.denied(deeds, "SelfSubjectAccessReview", &json!({})).await
    }

    /// Which of these a `ServiceAccount` may not do.
    ///
    /// # Errors
    /// Why that cannot be said: not everybody may ask about others.
    pub async fn denied_to_account(
        &self,
        deeds: Vec<Deed>,
        namespace: &str,
        account: &str,
    ) -> Result<Vec<Deed>, Unread> {
        let subject = json!({
            "user": format!("system:serviceaccount:{namespace}:{account}"),
            "groups": [
                "system:serviceaccounts", format!("system:serviceaccounts:{namespace}"), "system:authenticated",
            ],
        });
        self.denied(deeds, "SubjectAccessReview", &subject).await
    }

    async fn denied(&self, deeds: Vec<Deed>, kind: &'static str, subject: &Value) -> Result<Vec<Deed>, Unread> {
        let review = |deed: Deed| async move {
            let is_allowed = self.review(kind, subject, &deed).await?;
            Ok::<_, Unread>((!is_allowed).then_some(deed))
        };
        let answers: Vec<_> = futures::stream::iter(deeds).map(review).buffered(REVIEWS).collect().await;
        Ok(answers.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    async fn review(&self, kind: &str, subject: &Value, deed: &Deed) -> Result<bool, Unread> {
        let resource = ApiResource {
            group: "authorization.k8s.io".to_owned(),
            version: "v1".to_owned(),
            api_version: "authorization.k8s.io/v1".to_owned(),
            kind: kind.to_owned(),
            plural: format!("{}s", kind.to_ascii_lowercase()),
        };
        let mut spec = subject.clone();
        spec["resourceAttributes"] = deed.attributes();
        let question = DynamicObject::new("", &resource).data(json!({ "spec": spec }));
        let api = self.any(&resource, None);
        let params = PostParams::default();
        let answer = self.ask(|| api.create(&params, &question)).await?;
        Ok(answer.data["status"]["allowed"] == true)
    }

    pub(super) fn any(&self, resource: &ApiResource, namespace: Option<&str>) -> Api<DynamicObject> {
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client(), namespace, resource),
            None => Api::all_with(self.client(), resource),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subresource_is_told_apart() {
        let deed = |resource: &str, name: Option<&str>, namespace: Option<&str>| {
            let deed = Deed {
                verb: "patch".to_owned(),
                group: "g".to_owned(),
                resource: resource.to_owned(),
                name: name.map(str::to_owned),
                namespace: namespace.map(str::to_owned),
            };
            deed.attributes()
        };
        assert_eq!(
            deed("models/status", Some("digits"), Some("ml")),
            json!({
                "verb": "patch", "group": "g", "resource": "models", "subresource": "status", "name": "digits",
                "namespace": "ml",
            })
        );
        assert_eq!(
            deed("models", None, None),
            json!({ "verb": "patch", "group": "g", "resource": "models", "subresource": "", "name": "", "namespace": "" })
        );
    }
}
