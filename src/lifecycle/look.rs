//! One look at an object's resource: is it there, whose is it, and does "not found" mean gone?

use super::gateway::Place;
use super::{
    AccountId, Arn, Cause, Evidence, Gateway, Handle, Kind, Legacy, Mark, Observation as _, Owner, Refusal, Sighting,
    Sort, owner_at_sight, owner_by_tags, recorded_arn, speaks_of,
};

/// What is known of an object before AWS is asked.
#[derive(Debug)]
pub struct Known<'a, K: Kind> {
    /// What its resource is known by.
    pub handle: Handle<'a, K>,
    /// The object's uid.
    pub uid: &'a str,
    /// Whether a tuning job started it.
    pub is_trial: bool,
    /// What the original operator did for it.
    pub legacy: Option<Legacy>,
    /// The account in which the original worked, if anybody has said so.
    pub v1_account: Option<&'a AccountId>,
    /// Whether a resource of that name may be taken over whoever made it.
    pub may_adopt: bool,
}

/// Asks AWS what there is, and whose it is: one Describe, and where that leaves a doubt, the tags or the account.
///
/// # Errors
/// Why that cannot be said. Nothing may be taken for gone then.
pub async fn look<K: Kind, G: Gateway<K>>(
    gateway: &G,
    place: &Place,
    known: &Known<'_, K>,
) -> Result<(Option<K::Observed>, Sighting), Refusal> {
    let described = gateway.describe(place, &known.handle).await;
    match described.and_then(|seen| seen.own_part(known.uid).ok_or_else(nothing_of_it)) {
        Ok(seen) => {
            let owner = known.owner(gateway, place, &seen).await?;
            let sighting = Sighting::Present {
                owner,
                phase: seen.phase(),
                drifted: owner == Owner::Ours && K::drift(known.handle.spec, &seen).update.is_some(),
                loose_ends: seen.has_loose_ends(),
            };
            Ok((Some(seen), sighting))
        }
        Err(refusal) if refusal.cause == Cause::NotFound => {
            let elsewhere = known.is_elsewhere(gateway, place).await?;
            Ok((None, if elsewhere { Sighting::AbsentElsewhere } else { Sighting::Absent }))
        }
        Err(refusal) => Err(refusal),
    }
}

impl<K: Kind> Known<'_, K> {
    async fn owner<G: Gateway<K>>(&self, gateway: &G, place: &Place, seen: &K::Observed) -> Result<Owner, Refusal> {
        let arn = seen.arn().map_err(|error| Refusal {
            operation: "Describe",
            cause: Cause::Transient,
            code: String::new(),
            message: error.to_string(),
            request_id: None,
        })?;
        let mark = seen.mark(self.uid);
        let named_by_record = self.is_trial || self.legacy.is_some();
        let recorded: Option<Arn> = recorded_arn::<K>(self.handle.status);
        let evidence = Evidence {
            uid: self.uid,
            name: self.handle.name,
            seen: &arn,
            recorded: recorded.as_ref(),
            mark,
            may_adopt: self.may_adopt || (named_by_record && !matches!(mark, Mark::Others(_))),
        };
        match owner_at_sight(evidence) {
            Some(owner) => Ok(owner),
            None => Ok(owner_by_tags(self.uid, &gateway.tags(place, &arn).await?)),
        }
    }

    /// Whether another account or region was asked than the one that the resource lies in, or may lie in.
    async fn is_elsewhere<G: Gateway<K>>(&self, gateway: &G, place: &Place) -> Result<bool, Refusal> {
        let status = self.handle.status;
        let request = K::common(status).create_request.as_ref();
        let asked = request.and_then(|request| request.account.as_deref());
        Ok(match (recorded_arn::<K>(status), asked) {
            (Some(arn), _) => !speaks_of(&arn, place, gateway.account(place).await?.as_str()),
            (None, Some(asked)) => gateway.account(place).await?.as_str() != asked,
            (None, None) => match (self.legacy, self.v1_account) {
                (Some(Legacy::Refused) | None, _) => false,
                (Some(Legacy::Started | Legacy::Uncertain), _) if K::SORT == Sort::Job && K::is_ended(status) => false,
                (Some(Legacy::Started | Legacy::Uncertain), Some(v1)) => gateway.account(place).await? != *v1,
                // The original recorded no account: what is still to run cannot be said to be gone.
                (Some(Legacy::Started | Legacy::Uncertain), None) => true,
            },
        })
    }
}

/// What there is turned out to be nothing to the object.
fn nothing_of_it() -> Refusal {
    let message = "what there is has nothing to do with this object".to_owned();
    Refusal { operation: "Describe", cause: Cause::NotFound, code: String::new(), message, request_id: None }
}
