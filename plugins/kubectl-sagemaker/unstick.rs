//! `kubectl sagemaker unstick`: lets an object go whose deletion hangs, and leaves nothing behind that bills without
//! saying so.

mod act;
mod decide;
mod explain;
mod family;
mod plan;

use std::time::Duration;

use chrono::Utc;
use clap::Args;
use sagemaker_operator::aws::Api;
use sagemaker_operator::cli::{AwsFlags, Cluster, Console, Failure, KubeFlags, Outcome, worst};

use crate::agree::{asked, is_yes};
use crate::find;
use crate::held::Held;
use crate::resource::aws;
use crate::wanted::Wanted;
use act::Clock;
use decide::{Allowed, Verdict};
use family::Family;

/// The flags of `unstick`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags are")]
pub(crate) struct Unstick {
    /// Names, alone or with their types: mnist, trainingjob/mnist, trainingjob mnist.
    #[arg(value_name = "TYPE|NAME", required_unless_present = "all_stuck", conflicts_with = "all_stuck")]
    words: Vec<String>,
    /// All objects whose deletion hangs.
    #[arg(long)]
    all_stuck: bool,
    /// With --all-stuck: in all namespaces.
    #[arg(short = 'A', long, requires = "all_stuck")]
    all_namespaces: bool,
    /// Stops the job or deletes the resource in AWS, waits until that is over, and lets go then.
    #[arg(long)]
    stop_aws: bool,
    /// Lets go and leaves what there is in AWS behind, running or not.
    #[arg(long, conflicts_with = "stop_aws")]
    abandon_aws_resource: bool,
    /// Even if nobody has deleted it, or the operator works on it.
    #[arg(long)]
    force: bool,
    /// Does not ask. What is dangerous needs --confirm instead.
    #[arg(short, long)]
    yes: bool,
    /// The object's name once more, for what is dangerous; may be repeated.
    #[arg(long, value_name = "NAME")]
    confirm: Vec<String>,
    /// Says what would be done, and does nothing.
    #[arg(long)]
    dry_run: bool,
    /// With --stop-aws: how long to wait at most, such as 10m; exit code 5.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    #[command(flatten)]
    aws: AwsFlags,
}

impl Unstick {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let found = if self.all_stuck {
            find::stuck(&cluster, self.all_namespaces).await?
        } else {
            find::named(&cluster, &Wanted::of(&self.words)?, "unstick").await?
        };
        let (found, mut outcomes) = found.told(console);
        if self.all_stuck && found.is_empty() && outcomes.is_empty() {
            console.say("Nothing hangs.");
        }
        let (aws, namespace) = (aws(&self.aws), kube.in_namespace());
        for (at, held) in found.into_iter().enumerate() {
            if at > 0 {
                console.print("\n")?;
            }
            let ended = self.unstick(&cluster, &aws, held, &namespace, console).await;
            outcomes.push(console.told(ended)?);
        }
        Ok(worst(outcomes))
    }

    fn allowed(&self) -> Allowed {
        Allowed { stop: self.stop_aws, abandon: self.abandon_aws_resource, force: self.force }
    }

    /// One object, with its children.
    async fn unstick(
        &self,
        cluster: &Cluster,
        aws: &Api,
        held: Held,
        namespace: &str,
        console: &mut Console,
    ) -> Result<Outcome, Failure> {
        let family = Family::look(cluster, aws, held, self.allowed()).await?;
        console.prose(&explain::situation(&family, Utc::now()))?;
        let command = format!("kubectl sagemaker unstick {}{namespace}", family.parent().held.object.title());
        if let Some(why) = family.refused() {
            console.prose(&explain::refusal(why, &family, &command, namespace))?;
            return Ok(Outcome::Refused);
        }
        let plan = plan::of(&family);
        console.prose(&explain::actions(&plan, &family))?;
        if self.dry_run {
            return Ok(Outcome::Done);
        }
        if !self.agreed(&family, &command, console).await? {
            return Ok(Outcome::Refused);
        }
        let clock = Clock { force: self.force, timeout: self.timeout };
        act::carry_out(cluster, aws, &family, &plan, clock, console).await
    }

    /// Whether somebody has said yes to it: by a flag, or asked now.
    async fn agreed(&self, family: &Family, command: &str, console: &mut Console) -> Result<bool, Failure> {
        let name = &family.parent().held.object.name;
        let is_dangerous = self.force || family.members.iter().any(|member| member.verdict == Verdict::Abandon);
        if self.confirm.contains(name) || (self.yes && !is_dangerous) {
            return Ok(true);
        }
        let mut flags = String::new();
        for (is_set, flag) in [
            (self.stop_aws, " --stop-aws"),
            (self.abandon_aws_resource, " --abandon-aws-resource"),
            (self.force, " --force"),
        ] {
            flags.push_str(if is_set { flag } else { "" });
        }
        let (question, yes) = if is_dangerous {
            (format!("To go on, type the name {name}:"), format!("--confirm {name}"))
        } else {
            ("Go on? [y/N]".to_owned(), "--yes".to_owned())
        };
        let answer = asked(console, &question, &format!("{command}{flags} {yes}")).await?;
        let yes = if is_dangerous { answer == *name } else { is_yes(&answer) };
        if !yes {
            console.say("Nothing was changed.");
        }
        Ok(yes)
    }
}
