//! `kubectl sagemaker orphans`: what is in AWS without an object, and objects that have nothing there any more.

mod gone;
mod stock;
mod told;
mod whose;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use futures::future::join_all;
use sagemaker_operator::api::HostingAutoscalingPolicySpec;
use sagemaker_operator::aws::Api;
use sagemaker_operator::cli::{
    AwsFlags, Cluster, Complaint, Console, Failure, KubeFlags, Outcome, Type, cluster_uid, missing_types, worst,
};
use sagemaker_operator::lifecycle::{AccountId, Gateway, Place, Region};

use crate::find;
use crate::held::Held;
use crate::resource::{aws, resource_of};
use gone::bereft;
use stock::Resource;
use told::Told;
use whose::{Lost, Objects, Whose, whose};

/// The flags of `orphans`.
#[derive(Debug, Args)]
pub(crate) struct Orphans {
    /// Only these regions; without any, those of the objects and the one of the AWS configuration.
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<Region>,
    /// How it comes out.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    #[command(flatten)]
    aws: AwsFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// All that is known of them, as JSON
    Json,
    /// The ARNs in AWS, one a line
    Name,
}

/// A resource that has lost its object.
#[derive(Debug)]
struct Orphan {
    resource: Resource,
    lost: Lost,
}

/// What AWS has.
#[derive(Debug, Default)]
struct Sorted {
    orphans: Vec<Orphan>,
    /// How many are other clusters'.
    others: usize,
}

impl Orphans {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let aws = aws(&self.aws);
        let namespace = kube.namespace.as_deref();
        let (before, uid) = tokio::join!(objects(&cluster, namespace), cluster_uid(&cluster));
        let before = before?;
        let places = self.places(&aws, &before).await?;
        console.status(&format!("looking at {}", told::regions(&places)));
        let account = account(&aws, &places[0]).await?;
        let ((stock, mut trouble), (bereft, unsaid)) = tokio::join!(stock(&aws, &places), bereft(&aws, &before));
        // What came to be in the meantime has its object.
        let after = objects(&cluster, namespace).await?;
        let sorted = sort(stock, &known(before.iter().chain(&after)), uid.as_deref().ok(), namespace);
        trouble.extend(unsaid.into_iter().map(Complaint::new));
        let told = Told { sorted: &sorted, bereft: &bereft, account: &account, places: &places };
        match self.output {
            Some(Output::Json) => console.print(&told.json())?,
            Some(Output::Name) => console.print(&told.names())?,
            None => {
                console.prose(&told.blocks())?;
                console.flush()?;
                console.say(&told.summary());
            }
        }
        if let Err(why) = uid {
            console.say(&format!("warning: what other clusters made cannot be told apart: {why}"));
        }
        for complaint in &trouble {
            console.say(&complaint.to_string());
        }
        Ok(worst(trouble.iter().map(Complaint::outcome).chain([Outcome::Done])))
    }

    /// Where it is looked.
    async fn places(&self, aws: &Api, objects: &[Held]) -> Result<Vec<Place>, Complaint> {
        let mut regions: BTreeSet<Region> = self.regions.iter().cloned().collect();
        if regions.is_empty() {
            regions.extend(objects.iter().filter_map(|held| held.object.region()));
            regions.extend(aws.clients().default_region().await);
        }
        if regions.is_empty() {
            return Err(Complaint::usage("no object names a region, and neither does the AWS configuration")
                .hint("kubectl sagemaker orphans --region us-west-2"));
        }
        Ok(regions.into_iter().map(|region| Place { region, endpoint: None, role: None }).collect())
    }
}

/// All objects, of the kinds that are installed.
async fn objects(cluster: &Cluster, namespace: Option<&str>) -> Result<Vec<Held>, Complaint> {
    let missing = missing_types(cluster).await.unwrap_or_default();
    let types: Vec<Type> = Type::ALL.into_iter().filter(|type_| !missing.contains(type_)).collect();
    find::all(cluster, &types, namespace).await.map_err(|complaint| match namespace {
        Some(_) => complaint,
        None => {
            complaint.hint("to look for the lost ones of one namespace alone: kubectl sagemaker orphans -n NAMESPACE")
        }
    })
}

fn known<'a>(all: impl Iterator<Item = &'a Held>) -> Objects {
    let mut objects = Objects::default();
    for held in all {
        let object = &held.object;
        let recorded = object.sagemaker_name().map(str::to_owned);
        let wanted = resource_of(held).ok().map(|resource| resource.name().to_owned());
        let names = recorded.into_iter().chain(wanted).chain(scaled(held));
        objects.add(&object.uid, object.type_, object.region().as_ref(), names);
    }
    objects
}

/// The resource ids of what a policy scales.
fn scaled(held: &Held) -> Vec<String> {
    let spec = (held.object.type_ == Type::HostingAutoscalingPolicy).then(|| held.stored.data["spec"].clone());
    let spec = spec.and_then(|spec| serde_json::from_value::<HostingAutoscalingPolicySpec>(spec).ok());
    spec.map(|spec| spec.resource_ids()).unwrap_or_default()
}

async fn account(aws: &Api, place: &Place) -> Result<AccountId, Complaint> {
    let account = Gateway::<sagemaker_operator::api::Model>::account(aws, place).await;
    account.map_err(|refusal| {
        Complaint::new(format!("AWS does not say whose account it is: {refusal}")).hint("aws sts get-caller-identity")
    })
}

/// What there is in all regions, and what could not be seen of it.
async fn stock(aws: &Api, places: &[Place]) -> (Vec<Resource>, Vec<Complaint>) {
    let asked = places.iter().flat_map(|place| Type::ALL.map(|type_| (place, type_)));
    let answers = join_all(asked.map(async |(place, type_)| (place, type_, stock::of_type(aws, place, type_).await)));
    let (mut resources, mut trouble, mut untagged) = (Vec::new(), Vec::new(), None);
    for (place, type_, answer) in answers.await {
        match answer {
            Ok(found) => {
                resources.extend(found.resources);
                untagged = untagged.or(found.untagged);
            }
            Err(refusal) => {
                let what = format!("{} in {} cannot be listed: {refusal}", type_.plural(), place.region);
                trouble.push(Complaint::new(what));
            }
        }
    }
    trouble.extend(untagged.map(|refusal| {
        Complaint::new(format!("some tags cannot be read, so that only names tell whose a resource is: {refusal}"))
    }));
    (resources, trouble)
}

fn sort(stock: Vec<Resource>, objects: &Objects, cluster: Option<&str>, namespace: Option<&str>) -> Sorted {
    let mut sorted = Sorted::default();
    for resource in stock {
        let Resource { type_, region, item, tags } = &resource;
        match whose(*type_, region, &item.name, tags, objects, cluster) {
            Whose::Orphan(lost) if namespace.is_none_or(|namespace| lost.was_in(namespace)) => {
                sorted.orphans.push(Orphan { resource, lost });
            }
            Whose::OtherClusters => sorted.others += 1,
            Whose::Orphan(_) | Whose::Kept | Whose::Strangers => {}
        }
    }
    // What costs most comes first, and what is ours for sure; a configuration before the models that it names.
    sorted.orphans.sort_by_key(|Orphan { resource, lost }| (!resource.bills(), !lost.certain, resource.title()));
    sorted
}
