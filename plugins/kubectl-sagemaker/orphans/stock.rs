//! What there is in one region, with the tags that tell whose it is.

use futures::stream::{self, StreamExt as _};
use sagemaker_operator::api::{
    BatchTransformJob, EndpointConfig, HostingAutoscalingPolicy, HostingDeployment, HyperparameterTuningJob, Model,
    ProcessingJob, TrainingJob,
};
use sagemaker_operator::aws::{Api, Item, Stock};
use sagemaker_operator::cli::Type;
use sagemaker_operator::lifecycle::{Gateway, Kind, Place, Refusal, Region, Tag};

use super::whose::uid_in;

/// How many tags are asked for at a time.
const AT_ONCE: usize = 8;

/// A resource in AWS.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) type_: Type,
    pub(super) region: Region,
    pub(super) item: Item,
    pub(super) tags: Vec<Tag>,
}

impl Resource {
    /// As its ARN names it: `training-job/mnist`. That of a scalable target tells nothing: its endpoint does.
    pub(super) fn title(&self) -> String {
        match self.type_ {
            Type::HostingAutoscalingPolicy => format!("scalable-target/{}", self.item.name),
            _ => self.item.arn.resource().to_owned(),
        }
    }

    /// Whether it is on its way out already.
    fn is_going(&self) -> bool {
        self.item.status.as_deref() == Some("Deleting")
    }

    /// Whether machines stand behind it.
    pub(super) fn bills(&self) -> bool {
        match self.type_ {
            Type::HostingDeployment => self.item.status.as_deref() != Some("Failed"),
            Type::Model | Type::EndpointConfig | Type::HostingAutoscalingPolicy => false,
            Type::TrainingJob | Type::ProcessingJob | Type::BatchTransformJob | Type::HyperparameterTuningJob => true,
        }
    }

    /// What it does to the bill.
    pub(super) fn cost(&self) -> &'static str {
        match self.type_ {
            Type::HostingAutoscalingPolicy => "scales on",
            _ if self.bills() => "bills",
            _ => "costs nothing",
        }
    }

    /// The AWS CLI's command that ends it.
    pub(super) fn command(&self) -> String {
        let (command, flag) = match self.type_ {
            Type::TrainingJob => ("stop-training-job", "training-job-name"),
            Type::ProcessingJob => ("stop-processing-job", "processing-job-name"),
            Type::BatchTransformJob => ("stop-transform-job", "transform-job-name"),
            Type::HyperparameterTuningJob => ("stop-hyper-parameter-tuning-job", "hyper-parameter-tuning-job-name"),
            Type::HostingDeployment => ("delete-endpoint", "endpoint-name"),
            Type::EndpointConfig => ("delete-endpoint-config", "endpoint-config-name"),
            Type::Model => ("delete-model", "model-name"),
            Type::HostingAutoscalingPolicy => return self.deregister(),
        };
        format!("aws sagemaker {command} --{flag} {} --region {}", self.item.name, self.region)
    }

    /// Its policies go with it.
    fn deregister(&self) -> String {
        let Self { item, region, .. } = self;
        let dimension = match item.name.split_once('/') {
            Some(("inference-component", _)) => "inference-component:DesiredCopyCount",
            _ => "variant:DesiredInstanceCount",
        };
        format!(
            "aws application-autoscaling deregister-scalable-target --service-namespace sagemaker \
             --scalable-dimension sagemaker:{dimension} --resource-id {} --region {region}",
            item.name
        )
    }
}

/// All resources of a type that may be an operator's.
///
/// # Errors
/// What AWS did not answer. Whose tags alone may not be read has none here: its name has to tell.
pub(super) async fn of_type(aws: &Api, place: &Place, type_: Type) -> Result<Found, Refusal> {
    match type_ {
        Type::TrainingJob => of::<TrainingJob>(aws, place, type_).await,
        Type::ProcessingJob => of::<ProcessingJob>(aws, place, type_).await,
        Type::BatchTransformJob => of::<BatchTransformJob>(aws, place, type_).await,
        Type::HyperparameterTuningJob => of::<HyperparameterTuningJob>(aws, place, type_).await,
        Type::HostingDeployment => of::<HostingDeployment>(aws, place, type_).await,
        Type::Model => of::<Model>(aws, place, type_).await,
        Type::EndpointConfig => of::<EndpointConfig>(aws, place, type_).await,
        Type::HostingAutoscalingPolicy => of::<HostingAutoscalingPolicy>(aws, place, type_).await,
    }
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) resources: Vec<Resource>,
    /// Why some have no tags here.
    pub(super) untagged: Option<Refusal>,
}

async fn of<K: Kind>(aws: &Api, place: &Place, type_: Type) -> Result<Found, Refusal>
where
    Api: Stock<K> + Gateway<K>,
{
    let (mut items, mut next) = (Vec::new(), None);
    loop {
        let page = Stock::<K>::stock(aws, place, next.as_deref()).await?;
        items.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    if matches!(type_, Type::Model | Type::EndpointConfig) {
        // An account may have thousands of them, and the operator's never have another name.
        items.retain(|item| uid_in(&item.name).is_some());
    }
    let tagged = stream::iter(items).map(async |item| {
        let tags = Gateway::<K>::tags(aws, place, &item.arn).await;
        (item, tags)
    });
    let tagged: Vec<_> = tagged.buffered(AT_ONCE).collect().await;
    let mut found = Found::default();
    for (item, tags) in tagged {
        let tags = tags.unwrap_or_else(|refusal| {
            found.untagged.get_or_insert(refusal);
            Vec::new()
        });
        let resource = Resource { type_, region: place.region.clone(), item, tags };
        if !resource.is_going() {
            found.resources.push(resource);
        }
    }
    Ok(found)
}
