//! `kubectl sagemaker describe`: the whole chain behind an object, and why it is where it is. What cannot be read says so
//! in its place, and the rest comes all the same.

mod cost;
mod family;
mod links;
mod live;
mod log;
mod section;
mod state;
mod timeline;
mod told;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use sagemaker_operator::aws::Api;
use sagemaker_operator::cli::{AwsFlags, Cluster, Console, Failure, KubeFlags, Outcome, age, operator_sign, worst};
use serde_json::{Map, Value, json};

use crate::find::{self, children_of};
use crate::held::Held;
use crate::resource::{aws, resource_of};
use crate::wanted::Wanted;
pub(crate) use family::tree;
use section::Section;
pub(crate) use told::line;

/// The flags of `describe`.
#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// Names, alone or with their types: mnist, trainingjob/mnist, trainingjob mnist.
    #[arg(value_name = "TYPE|NAME", required = true)]
    words: Vec<String>,
    /// How it comes out.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    #[command(flatten)]
    aws: AwsFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// All sections, as JSON
    Json,
}

impl Describe {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let (found, outcomes) = find::named(&cluster, &Wanted::of(&self.words)?, "describe").await?.told(console);
        let (api, namespace) = (aws(&self.aws), kube.in_namespace());
        for (at, held) in found.iter().enumerate() {
            let described = Box::pin(Described::of(&cluster, &api, held, &namespace)).await;
            match self.output {
                Some(Output::Json) => console.print(&described.json(held))?,
                None => {
                    if at > 0 {
                        console.print("\n")?;
                    }
                    console.print(&described.text(held, console))?;
                }
            }
            console.flush()?;
        }
        Ok(worst(outcomes))
    }
}

/// All that is told of an object.
struct Described {
    sections: Vec<Section>,
    now: DateTime<Utc>,
}

impl Described {
    async fn of(cluster: &Cluster, api: &Api, held: &Held, namespace: &str) -> Self {
        let object = &held.object;
        let stored = &held.stored.data["status"];
        let asked = async {
            let resource = resource_of(held)?;
            let (answer, log) = tokio::join!(resource.look(api), log::section(api.clients(), object, resource.place()));
            let live = live::section(object, &*resource, &answer, stored);
            Ok((live, log, answer.ok().and_then(|seen| seen.status)))
        };
        let belongings = async {
            let children = children_of(cluster, held).await;
            let told = told::of(cluster, held, children.as_deref().unwrap_or_default()).await;
            (children, told)
        };
        let (asked, (children, told), sign) =
            tokio::join!(asked, belongings, operator_sign(cluster, &object.namespace));
        let now = Utc::now();
        let (live, log, said) = asked
            .unwrap_or_else(|why: String| (Section::unread("sagemaker", "In SageMaker", &why), log::nothing(), None));
        // SageMaker's own word, where there is one, is newer than the object's.
        let newest = said.as_ref().unwrap_or(stored);
        let trials: Vec<_> = children.iter().flatten().map(|child| &child.object).collect();
        let operator = Section::new("operator", "Operator", &sign.told());
        // An operator that is there and has said something need not be told of.
        let is_silent = object.conditions().is_empty() || !sign.may_be_alive();
        let operator = if is_silent { operator.prose(0, sign.told()) } else { operator };
        let sections = vec![
            state::wrong(object),
            state::conditions(object, now),
            operator,
            timeline::section(held, newest, now),
            live,
            family::section(held, &children, newest, now),
            told::section(held, &told, now),
            log,
            cost::section(object, &trials, now),
            links::section(object, newest, namespace),
        ];
        Self { sections, now }
    }

    fn text(&self, held: &Held, console: &Console) -> String {
        let width = console.out_is_terminal().then(|| console.width());
        let object = &held.object;
        let since = object.created.and_then(|created| (self.now - created).to_std().ok());
        let aged = since.map(|since| format!("   age {}", age(since))).unwrap_or_default();
        let mut text = format!("{} {}/{}{aged}\n", object.type_.kind(), object.namespace, object.name);
        for section in self.sections.iter().filter(|section| !section.is_empty()) {
            text.push('\n');
            text.push_str(&section.text(width, console.colour()));
        }
        text
    }

    fn json(&self, held: &Held) -> String {
        let object = &held.object;
        let mut all = Map::new();
        let about = json!({ "kind": object.type_.kind(), "namespace": object.namespace, "name": object.name });
        all.insert("object".to_owned(), about);
        all.extend(self.sections.iter().map(|section| (section.key.to_owned(), section.data.clone())));
        format!("{:#}\n", Value::Object(all))
    }
}
