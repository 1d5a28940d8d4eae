//! `kubectl sagemaker events`: what was told of our objects, and of no others.

use chrono::Utc;
use clap::Args;
use sagemaker_operator::cli::{Cluster, Complaint, Console, Failure, KubeFlags, Outcome, defused};

use crate::describe::line;
use crate::wanted::Wanted;

/// The flags of `events`.
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Types and names, such as: trainingjob, trainingjob/mnist, or just a name. Without any: all objects.
    #[arg(value_name = "TYPE|NAME")]
    words: Vec<String>,
    /// In all namespaces.
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Only warnings.
    #[arg(long)]
    warnings: bool,
    /// The events as a JSON list.
    #[arg(short, long, value_name = "FORMAT", value_parser = ["json"])]
    output: Option<String>,
}

impl Events {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let wanted = Wanted::of(&self.words)?;
        let cluster = Cluster::from_flags(kube).await?;
        let namespace = (!self.all_namespaces).then(|| cluster.namespace().to_owned());
        let mut told = cluster.events(namespace.as_deref(), None).await?;
        told.retain(|told| {
            let named = told
                .object
                .split_once('/')
                .and_then(|(type_, name)| Some(wanted.means(sagemaker_operator::cli::Type::parse(type_)?, name)));
            named == Some(true) && (!self.warnings || told.type_ == "Warning")
        });
        if self.output.is_some() {
            let text = serde_json::to_string_pretty(&told)
                .map_err(|error| Complaint::new(format!("cannot write the events as JSON: {error}")))?;
            console.print(&(text + "\n"))?;
            return Ok(Outcome::Done);
        }
        if told.is_empty() {
            let place = namespace.map_or_else(|| "any namespace".to_owned(), |name| format!("namespace {name}"));
            console.say(&format!("No events of {} in {place}: the API server keeps them for an hour.", wanted.name()));
        }
        let now = Utc::now();
        for told in &told {
            let of =
                if self.all_namespaces { format!("{}  {}", told.namespace, told.object) } else { told.object.clone() };
            let (head, text) = line(told, now, Some(&of));
            console.prose(&(defused(&format!("{head}{text}")) + "\n"))?;
        }
        Ok(Outcome::Done)
    }
}
