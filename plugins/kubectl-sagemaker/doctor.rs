//! `kubectl sagemaker doctor`: is this installation all right?

mod cloud;
mod installed;
mod kinds;
mod line;
mod objects;
mod quotas;
mod refused;
mod rights;
mod usage;

use std::time::Duration;

use chrono::Utc;
use clap::{Args, ValueEnum};
use sagemaker_operator::aws::Retries;
use sagemaker_operator::cli::{AwsFlags, Cluster, Complaint, Console, Failure, KubeFlags, Outcome, kubernetes_version};
use sagemaker_operator::lifecycle::{Place, Region};
use serde_json::json;

use crate::resource::{aws, clients};
use installed::Installed;
use line::{Finding, Line, Verdict, counts, summary};

/// How long the API server may take for one answer, unless `--request-timeout` says otherwise.
const REQUEST: Duration = Duration::from_secs(8);

/// The flags of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// How it comes out.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    /// The region in which AWS is asked, instead of that of the environment or the profile.
    #[arg(long, value_name = "NAME")]
    region: Option<Region>,
    /// Asks the cluster alone.
    #[arg(long)]
    no_aws: bool,
    #[command(flatten)]
    aws: AwsFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// As JSON
    Json,
}

impl Doctor {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let mut kube = kube.clone();
        kube.request_timeout = kube.request_timeout.or(Some(REQUEST));
        console.status("asking the cluster and AWS");
        let (cluster, cloud) = tokio::join!(Box::pin(ask_cluster(&kube)), Box::pin(self.ask_aws()));
        let lines = [cluster, cloud].concat();
        match self.output {
            Some(Output::Json) => {
                let checks: Vec<_> = lines.iter().map(Line::document).collect();
                let [failed, warnings, passed, skipped] = counts(&lines).map(|(_, count)| count);
                let summary =
                    json!({ "failed": failed, "warnings": warnings, "passed": passed, "notChecked": skipped });
                console.print(&format!("{:#}\n", json!({ "checks": checks, "summary": summary })))?;
            }
            None => {
                let (width, colour) = (console.out_is_terminal().then(|| console.width()), console.colour());
                for line in &lines {
                    console.print(&line.text(width, colour))?;
                }
                console.print(&format!("{}\n", summary(&lines)))?;
            }
        }
        let has_failed = lines.iter().any(|line| line.verdict == Verdict::Fail);
        Ok(if has_failed { Outcome::CouldNot } else { Outcome::Done })
    }

    async fn ask_aws(&self) -> Vec<Line> {
        if self.no_aws {
            return Vec::new();
        }
        // What is out of reach is to be told at once.
        let clients = clients(&self.aws, Retries::Caller);
        let region = match &self.region {
            Some(region) => Some(region.clone()),
            None => clients.default_region().await,
        };
        let Some(region) = region else {
            return cloud::unasked(
                &Finding::skip("no region is set")
                    .next("kubectl sagemaker doctor --region us-west-2, or set AWS_REGION"),
            );
        };
        // Thousands of quotas and everything that runs are many questions, of which AWS may throttle some.
        let patient = aws(&self.aws);
        cloud::lines(&cloud::look(&clients, &patient, &Place { region, endpoint: None, role: None }).await)
    }
}

/// The checks of the cluster, in the order in which one stands on the other.
async fn ask_cluster(kube: &KubeFlags) -> Vec<Line> {
    let (cluster, version) = match reach(kube).await {
        Ok(reached) => reached,
        Err(complaint) => return unreached(&complaint),
    };
    // Without a namespace that is meant, an installation is all of the cluster.
    let namespace = kube.namespace.as_deref();
    let installed = async {
        let installed = Installed::look(&cluster, namespace).await;
        let rights = rights::look_at_operators(&cluster, &installed).await;
        (installed, rights)
    };
    let (known, (installed, operators), yours, objects, namespaces) = tokio::join!(
        kinds::look(&cluster),
        installed,
        rights::look_at_yours(&cluster, namespace),
        objects::look(&cluster, namespace),
        objects::look_at_namespaces(&cluster, namespace),
    );
    let left = [installed.left_by_version_1(), kinds::left_by_version_1(&known), objects::left_by_version_1(&objects)];
    vec![
        kinds::cluster(&version, cluster.server()),
        kinds::crds(&known),
        installed.operator(),
        installed.version_1(),
        installed.lease(),
        installed.role(),
        objects::namespaces(&namespaces),
        rights::check_yours(&yours),
        rights::check_operators(&operators, &installed),
        objects::objects(&objects, installed.sign.may_be_alive(), Utc::now()),
        Line::of(objects::LEFTOVERS, "nothing of version 1", left.concat()),
    ]
}

/// Finds the cluster and its version.
///
/// # Errors
/// What keeps everything else from being asked.
async fn reach(kube: &KubeFlags) -> Result<(Cluster, Result<String, String>), Complaint> {
    let cluster = Cluster::from_flags(kube).await?;
    let version = kubernetes_version(&cluster).await?;
    Ok((cluster, version))
}

fn unreached(complaint: &Complaint) -> Vec<Line> {
    let first = Line::of(kinds::CLUSTER, "", vec![Finding::fail(complaint.message()).nexts(complaint.hints())]);
    let rest = [
        kinds::CRDS,
        installed::OPERATOR,
        installed::VERSION_1,
        installed::LEASE,
        installed::ROLE,
        objects::NAMESPACES,
        rights::YOURS,
        rights::OPERATORS,
        objects::OBJECTS,
        objects::LEFTOVERS,
    ];
    [first].into_iter().chain(rest.map(|check| Line::skip(check, "the cluster cannot be reached"))).collect()
}
