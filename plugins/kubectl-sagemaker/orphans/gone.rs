//! Objects that have nothing in AWS any more.

use futures::stream::{self, StreamExt as _};
use sagemaker_operator::aws::Api;
use sagemaker_operator::lifecycle::{Past, Region, Sighting};

use crate::held::Held;
use crate::resource::resource_of;

/// How many are looked at at a time.
const AT_ONCE: usize = 8;

/// An object whose resource was made and is not there.
#[derive(Debug)]
pub(super) struct Bereft<'a> {
    pub(super) held: &'a Held,
    /// What its resource was called.
    pub(super) name: String,
    pub(super) region: Region,
}

/// Looks at the resource of each object that has not ended. What cannot be said of some is told in the second list.
pub(super) async fn bereft<'a>(aws: &Api, all: &'a [Held]) -> (Vec<Bereft<'a>>, Vec<String>) {
    let lasting = all.iter().filter(|held| held.object.ending().is_none());
    let looked = stream::iter(lasting).map(async |held| (held, look(aws, held).await));
    let looked: Vec<_> = looked.buffered(AT_ONCE).collect().await;
    let (mut bereft, mut unsaid) = (Vec::new(), Vec::new());
    for (held, answer) in looked {
        match answer {
            Ok(Some((name, region))) => bereft.push(Bereft { held, name, region }),
            Ok(None) => {}
            Err(why) => unsaid.push(format!("{} in {}: {why}", held.object.title(), held.object.namespace)),
        }
    }
    (bereft, unsaid)
}

async fn look(aws: &Api, held: &Held) -> Result<Option<(String, Region)>, String> {
    // What cannot be read was never made.
    let Ok(resource) = resource_of(held) else { return Ok(None) };
    let seen = resource.look(aws).await.map_err(|refusal| refusal.to_string())?;
    let was_made = matches!(seen.past, Past::Accepted { settled: true });
    let is_gone = was_made && seen.sighting == Sighting::Absent;
    Ok(is_gone.then(|| (resource.name().to_owned(), resource.place().region.clone())))
}
