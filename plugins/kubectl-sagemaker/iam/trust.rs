//! `kubectl sagemaker iam trust`: who may take a role on.

use clap::Args;
use sagemaker_operator::access::trust::{by_issuer, by_operator, by_pod_identity};
use sagemaker_operator::cli::{
    AwsFlags, Cluster, Complaint, Console, Failure, ISSUER_PATH, KubeFlags, Outcome, Unread,
};
use sagemaker_operator::lifecycle::{Arn, OPERATOR_NAMESPACE};

use super::account::{Account, AccountFlags, role};

/// The flags of `iam trust`. Without -n it is the operator of the whole cluster.
#[derive(Debug, Args)]
pub(super) struct Trust {
    /// Trusts the operator by EKS Pod Identity, instead of by the issuer of the cluster's tokens.
    #[arg(long, conflicts_with = "issuer")]
    pod_identity: bool,
    /// The issuer of the cluster's tokens (OIDC), instead of asking the API server.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The operator's own role: prints the trust of the role that the Namespace of -n names for its objects.
    #[arg(long, value_name = "ARN", value_parser = role,
        conflicts_with_all = ["pod_identity", "issuer", "account", "partition"])]
    operator_role: Option<Arn>,
    #[command(flatten)]
    account: AccountFlags,
}

impl Trust {
    pub(super) async fn run(self, aws: &AwsFlags, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let namespace = kube.namespace.as_deref();
        if let Some(role) = &self.operator_role {
            let namespace = namespace.ok_or_else(|| {
                Complaint::usage("--operator-role is for the role of one namespace, and none is named")
                    .hint("kubectl sagemaker iam trust --operator-role ARN -n NAMESPACE")
            })?;
            console.print(&by_operator(&role.to_string(), namespace).to_string())?;
            return Ok(Outcome::Done);
        }
        let namespace = namespace.unwrap_or(OPERATOR_NAMESPACE);
        let document = if self.pod_identity {
            by_pod_identity(namespace)
        } else {
            let issuer = match self.issuer {
                Some(issuer) => issuer,
                None => ask(kube, console).await?,
            };
            let Account { number, partition } = self.account.find(aws, console).await?;
            by_issuer(partition, &number, &issuer, namespace)
        };
        console.print(&document.to_string())?;
        Ok(Outcome::Done)
    }
}

/// The issuer that the API server names. AWS has to reach it, too.
async fn ask(kube: &KubeFlags, console: &mut Console) -> Result<String, Complaint> {
    console.status("asking the cluster for its issuer");
    let issuer = Cluster::from_flags(kube).await?.issuer().await.map_err(|unread| {
        let why = match &unread {
            Unread::Denied(why) => format!("you may not get {ISSUER_PATH}: {why}"),
            Unread::Silent(why) => format!("cannot get {ISSUER_PATH}: {why}"),
        };
        Complaint::new(why).hint(
            "give it with --issuer URL; EKS tells it: aws eks describe-cluster --name CLUSTER --query \
             cluster.identity.oidc.issuer --output text",
        )
    })?;
    if is_inside(&issuer) {
        console.say(&format!(
            "warning: the issuer {issuer} is known inside of the cluster only, so that AWS cannot trust it\n\
             hint: use --pod-identity, or start the API server with a public --service-account-issuer"
        ));
    }
    Ok(issuer)
}

/// Whether nobody outside can look the issuer up.
fn is_inside(issuer: &str) -> bool {
    let host = issuer.trim_start_matches("https://").split(['/', ':']).next().unwrap_or_default();
    let inside = [".svc", ".local", ".internal", "localhost"];
    !host.contains('.') || inside.iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_inside_of_the_cluster_is_told_from_a_public_one() {
        for (issuer, inside) in [
            ("https://kubernetes.default.svc", true),
            ("https://kubernetes.default.svc.cluster.local", true),
            ("https://localhost:6443", true),
            ("https://oidc.eks.us-west-2.amazonaws.com/id/D48675832CA65BD10A532F597OIDCID", false),
            ("https://my-bucket.s3.us-west-2.amazonaws.com", false),
        ] {
            assert_eq!(is_inside(issuer), inside, "{issuer}");
        }
    }
}
