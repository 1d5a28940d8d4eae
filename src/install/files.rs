//! The files, and what stands in each.

use serde::Serialize;

use super::{Install, Partition, Scope, rights};
use crate::api::crd;
use crate::lifecycle::{PLACEHOLDER_NAMESPACE, PLACEHOLDER_ROLE};

/// A file to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies below `dist`.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Those below `dist/rolebased`, with the paths of version 1.
///
/// # Errors
/// If one cannot be written as YAML, which would be a defect of ours.
pub fn files() -> Result<Vec<File>, serde_yaml::Error> {
    use Partition::{Aws, China};
    let both = |partition, installer, kinds, operator| -> Result<[File; 3], serde_yaml::Error> {
        let of = |scope| Install { scope, partition };
        let file = |name, text| File { path: format!("rolebased/{name}"), text };
        Ok([
            file(installer, of(Scope::Cluster).installer()?),
            file(kinds, kinds_alone()?),
            file(operator, of(Scope::Namespace).operator()?),
        ])
    };
    let aws = both(Aws, "installer.yaml", "namespaced/crd.yaml", "namespaced/operator.yaml")?;
    let china =
        both(China, "china/installer_china.yaml", "namespaced/china/crd.yaml", "namespaced/china/operator_china.yaml")?;
    Ok(aws.into_iter().chain(china).collect())
}

/// A file being written.
struct Draft(String);

impl Draft {
    fn new(about: &[String]) -> Self {
        let mut text = "# Generated from src/install by `UPDATE=1 cargo test`.\n".to_owned();
        for line in about {
            text.push_str("# ");
            text.push_str(line);
            text.push('\n');
        }
        Self(text)
    }

    fn add(&mut self, object: &impl Serialize) -> Result<(), serde_yaml::Error> {
        self.0.push_str("---\n");
        self.0.push_str(&serde_yaml::to_string(object)?);
        Ok(())
    }

    fn add_kinds(&mut self) -> Result<(), serde_yaml::Error> {
        crd::all().iter().try_for_each(|kind| self.add(kind))?;
        rights::user_roles().iter().try_for_each(|role| self.add(role))
    }
}

/// The same in both partitions.
fn kinds_alone() -> Result<String, serde_yaml::Error> {
    let about = "The kinds, and roles for people: once in a cluster, whatever operators it has.";
    let mut file = Draft::new(&[about.to_owned()]);
    file.add_kinds()?;
    Ok(file.0)
}

impl Install {
    fn installer(self) -> Result<String, serde_yaml::Error> {
        let mut file = Draft::new(&[
            "The operator for all namespaces: kinds, rights, and the operator itself.".to_owned(),
            format!(
                "Put the name of your role in AWS where {PLACEHOLDER_ROLE} stands, and the number of your account beside it."
            ),
        ]);
        file.add(&self.own_namespace())?;
        file.add_kinds()?;
        let (role, binding) = self.cluster_role();
        file.add(&role)?;
        file.add(&binding)?;
        self.add_operator(file)
    }

    fn operator(self) -> Result<String, serde_yaml::Error> {
        let mut file = Draft::new(&[
            "The operator for one namespace, in which it runs. Apply crd.yaml first.".to_owned(),
            format!(
                "Put the namespace where {PLACEHOLDER_NAMESPACE} stands, the name of your role in AWS where {PLACEHOLDER_ROLE}"
            ),
            "stands, and the number of your account beside it. To delete the operator and keep the namespace:"
                .to_owned(),
            "kubectl delete -f operator.yaml -l app.kubernetes.io/name=sagemaker-operator".to_owned(),
        ]);
        file.add(&self.own_namespace())?;
        let (role, binding) = self.namespaced_role();
        file.add(&role)?;
        file.add(&binding)?;
        self.add_operator(file)
    }

    fn add_operator(self, mut file: Draft) -> Result<String, serde_yaml::Error> {
        file.add(&self.service_account())?;
        let (role, binding) = self.leader_role();
        file.add(&role)?;
        file.add(&binding)?;
        file.add(&self.metrics_service())?;
        file.add(&self.network_policy())?;
        file.add(&self.deployment())?;
        Ok(file.0)
    }
}
