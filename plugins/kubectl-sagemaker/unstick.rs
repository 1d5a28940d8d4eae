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
use sagemaker_operator::cli::{AwsFlags, Cluster, Complaint, Console, Failure, KubeFlags, Outcome, worst};

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
        let (found, missed) = if self.all_stuck {
            find::stuck(&cluster, self.all_namespaces).await?
        } else {
            find::named(&cluster, &Wanted::of(&self.words)?, "unstick").await?
        };
        let mut outcomes: Vec<Outcome> = missed.iter().map(Complaint::outcome).collect();
        for complaint in missed {
            console.say(&complaint.to_string());
        }
        if self.all_stuck && found.is_empty() && outcomes.is_empty() {
            console.say("Nothing hangs.");
        }
        let aws = aws(&self.aws);
        for (at, held) in found.into_iter().enumerate() {
            if at > 0 {
                console.print("\n")?;
            }
            outcomes.push(self.unstick(&cluster, &aws, held, kube, console).await?);
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
        kube: &KubeFlags,
        console: &mut Console,
    ) -> Result<Outcome, Failure> {
        let family = match Family::look(cluster, aws, held, self.allowed()).await {
            Ok(family) => family,
            Err(complaint) => {
                console.say(&complaint.to_string());
                return Ok(complaint.outcome());
            }
        };
        console.print(&explain::situation(&family, Utc::now()))?;
        let namespace = kube.namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
        let command = format!("kubectl sagemaker unstick {}{namespace}", family.parent().held.object.title());
        if let Some(why) = family.refused() {
            console.print(&explain::refusal(why, &family, &command, &namespace))?;
            return Ok(Outcome::Refused);
        }
        let plan = plan::of(&family);
        console.print(&explain::actions(&plan, &family))?;
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
        if !console.can_ask() {
            let yes = if is_dangerous { format!("--confirm {name}") } else { "--yes".to_owned() };
            let complaint = Complaint::refused("nothing was changed: there is no terminal to ask on");
            console.say(&complaint.hint(format_args!("{command}{flags} {yes}")).to_string());
            return Ok(false);
        }
        let answer = if is_dangerous {
            console.ask(&format!("To go on, type the name {name}:")).await?
        } else {
            console.ask("Go on? [y/N]").await?
        };
        let yes = match answer.as_deref() {
            Some(answer) if is_dangerous => answer == name,
            Some(answer) => matches!(answer.to_lowercase().as_str(), "y" | "yes"),
            None => false,
        };
        if !yes {
            console.say("Nothing was changed.");
        }
        Ok(yes)
    }
}
