//! A tuning job and its trials: which objects come to be, which are left alone, and how they go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::fate::ACCIDENTS;
use super::world::{UID, World};
use crate::lifecycle::{Cause, Page, Place, Refusal, Trials};
use crate::operator::trials::Keeper;
use crate::operator::{Next, TRIAL_FINALIZER};

const TRIAL: &str = "TrainingJob";
const LABEL: &str = "sagemaker.aws.amazon.com/tuning-job";
const PAGE: usize = 2;

/// The trials that SageMaker has started, oldest first, and what it refuses.
#[derive(Debug, Default)]
struct Search {
    trials: Mutex<Vec<String>>,
    /// By trial; the listing has no name.
    refused: Mutex<BTreeMap<String, Cause>>,
    asked: Mutex<Vec<String>>,
}

impl Search {
    fn of(trials: &[&str]) -> Arc<Self> {
        let search = Self::default();
        search.start(trials);
        Arc::new(search)
    }

    fn start(&self, trials: &[&str]) {
        self.trials.lock().unwrap().extend(trials.iter().map(|&trial| trial.to_owned()));
    }

    fn refuse(&self, what: &str, cause: Option<Cause>) {
        let mut refused = self.refused.lock().unwrap();
        match cause {
            Some(cause) => refused.insert(what.to_owned(), cause),
            None => refused.remove(what),
        };
    }

    fn answer(&self, what: &str) -> Result<(), Refusal> {
        self.asked.lock().unwrap().push(what.to_owned());
        let cause = self.refused.lock().unwrap().get(what).cloned();
        cause.map_or(Ok(()), |cause| {
            let (code, message) = ("Code".to_owned(), "told so".to_owned());
            Err(Refusal { operation: "Ask", cause, code, message, request_id: None })
        })
    }

    fn listings(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|what| what.is_empty()).count()
    }
}

impl Trials for Search {
    async fn trials(&self, _: &Place, _: &str, next: Option<&str>) -> Result<Page<String>, Refusal> {
        self.answer("")?;
        let start: usize = next.map_or(0, |token| token.parse().expect("our own token"));
        let newest_first: Vec<_> = self.trials.lock().unwrap().iter().rev().cloned().collect();
        let items: Vec<_> = newest_first.iter().skip(start).take(PAGE).cloned().collect();
        let next = (start + PAGE < newest_first.len()).then(|| (start + PAGE).to_string());
        Ok(Page { items, next })
    }

    async fn trial(&self, _: &Place, name: &str) -> Result<Value, Refusal> {
        self.answer(name)?;
        Ok(json!({ "trainingJobName": name, "region": "us-west-2" }))
    }
}

struct Tuning {
    world: World,
    search: Arc<Search>,
    keeper: Arc<Keeper<Search>>,
}

impl Tuning {
    fn with(trials: &[&str]) -> Self {
        let search = Search::of(trials);
        let tuning = Self {
            world: World::new(&json!({ "region": "us-west-2", "jobName": "search" })),
            keeper: Arc::new(Keeper::new(Arc::clone(&search))),
            search,
        };
        tuning.pass();
        tuning
    }

    fn pass(&self) -> Next {
        self.world.pass_keeping(0, false, Arc::clone(&self.keeper) as _).expect("it lives").expect("it answers")
    }

    /// Passes until the parent is at rest or gone, also if the process dies in one of them.
    fn outlive(&mut self) {
        for _ in 0..20 {
            match self.world.pass_keeping(0, false, Arc::clone(&self.keeper) as _) {
                None => self.restart(),
                Some(Ok(Next::Rest | Next::Gone)) => return,
                Some(_) => {}
            }
        }
        panic!("it does not settle: {:#?}", self.world.state().calls);
    }

    /// Another process takes over.
    fn restart(&mut self) {
        self.keeper = Arc::new(Keeper::new(Arc::clone(&self.search)));
    }

    fn trial(&self, name: &str) -> Value {
        self.world.state().others.get(&(TRIAL, name.to_owned())).cloned().unwrap_or_default()
    }

    fn put(&self, name: &str, object: Value) {
        self.world.state().others.insert((TRIAL, name.to_owned()), object);
    }

    fn trials(&self) -> Vec<String> {
        self.world.state().others.keys().map(|(_, name)| name.clone()).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.world.state().notes.iter().filter(|note| note.warning).map(|note| note.reason.clone()).collect()
    }
}

#[test]
fn each_trial_appears_once_with_its_marks() {
    let mut tuning = Tuning::with(&["search-001-1a2b3c4d", "search-002-1a2b3c4d", "Search-003-1a2b3c4d"]);
    assert!(matches!(tuning.pass(), Next::Watch(_)));
    assert_eq!(
        tuning.trials(),
        ["search-001-1a2b3c4d", "search-002-1a2b3c4d", "search-003-1a2b3c4d-680349f8"],
        "a name that Kubernetes does not take is made one"
    );
    let trial = tuning.trial("search-001-1a2b3c4d");
    assert_eq!(trial["metadata"]["finalizers"], json!([TRIAL_FINALIZER]));
    assert_eq!(trial["metadata"]["labels"], json!({ LABEL: UID }));
    let owner = &trial["metadata"]["ownerReferences"][0];
    assert_eq!((&owner["kind"], &owner["name"], &owner["uid"]), (&json!("Job"), &json!("job"), &json!(UID)));
    assert_eq!(trial["spec"], json!({ "trainingJobName": "search-001-1a2b3c4d", "region": "us-west-2" }));

    tuning.search.start(&["search-004-1a2b3c4d"]);
    let listings = tuning.search.listings();
    tuning.pass();
    assert_eq!((tuning.trials().len(), tuning.search.listings()), (4, listings + 1), "the newest page says enough");
    tuning.restart();
    tuning.pass();
    assert_eq!(tuning.world.calls("create other"), 4);
    assert_eq!(tuning.search.asked.lock().unwrap().iter().filter(|what| !what.is_empty()).count(), 4);
}

#[test]
fn an_object_of_somebody_else_is_told_once_and_left_alone() {
    let tuning = Tuning::with(&["search-001-1a2b3c4d", "search-002-1a2b3c4d"]);
    let foreign = json!({ "metadata": { "name": "search-001-1a2b3c4d" }, "spec": { "region": "us-west-2" } });
    tuning.put("search-001-1a2b3c4d", foreign.clone());
    tuning.pass();
    tuning.pass();
    assert_eq!((tuning.trial("search-001-1a2b3c4d"), tuning.notes()), (foreign, vec!["TrialNameTaken".to_owned()]));
    assert!(tuning.trials().contains(&"search-002-1a2b3c4d".to_owned()));

    tuning.world.state().others.remove(&(TRIAL, "search-001-1a2b3c4d".to_owned()));
    tuning.pass();
    assert_eq!(tuning.trial("search-001-1a2b3c4d")["metadata"]["labels"], json!({ LABEL: UID }));
}

#[test]
fn what_version_1_made_is_taken_over_and_not_made_again() {
    let tuning = Tuning::with(&["search-001-1a2b3c4d"]);
    let metadata = json!({ "namespace": "ns", "name": "search-001-1a2b3c4d", "finalizers": [TRIAL_FINALIZER] });
    let spec = json!({ "trainingJobName": "search-001-1a2b3c4d" });
    tuning.put("search-001-1a2b3c4d", json!({ "metadata": metadata, "spec": spec }));
    tuning.pass();
    assert_eq!((tuning.world.calls("create other"), tuning.notes().len()), (0, 0));
    let trial = tuning.trial("search-001-1a2b3c4d");
    assert_eq!(trial["metadata"]["labels"], json!({ LABEL: UID }));
    assert_eq!(trial["metadata"]["ownerReferences"][0]["uid"], UID);
}

#[test]
fn trouble_with_one_trial_keeps_neither_the_others_nor_the_parent() {
    let tuning = Tuning::with(&["search-001-1a2b3c4d", "search-002-1a2b3c4d"]);
    tuning.search.refuse("search-001-1a2b3c4d", Some(Cause::Throttled));
    assert!(matches!(tuning.pass(), Next::Watch(_)));
    assert_eq!(
        (tuning.trials(), tuning.world.reason()),
        (vec!["search-002-1a2b3c4d".to_owned()], "InProgress".to_owned())
    );

    // It has ended before its last trial appeared: it says so, and is looked at again.
    tuning.world.set_status_of_job("search", "Completed");
    assert!(matches!(tuning.pass(), Next::Watch(_)));
    assert!(tuning.world.says("Complete"));
    tuning.search.refuse("search-001-1a2b3c4d", None);
    assert_eq!((tuning.pass(), tuning.trials().len()), (Next::Rest, 2));
}

#[test]
fn who_may_not_list_trials_is_told_once_and_the_search_goes_on() {
    let tuning = Tuning::with(&["search-001-1a2b3c4d"]);
    tuning.search.refuse("", Some(Cause::Denied { action: None, resource: None }));
    tuning.pass();
    tuning.pass();
    assert_eq!((tuning.notes(), tuning.world.reason()), (vec!["TrialsUnseen".to_owned()], "InProgress".to_owned()));
}

#[test]
fn a_trial_that_could_not_appear_at_the_end_appears_later_also_after_a_restart() {
    for (what, cause) in
        [("search-002", Cause::Throttled), ("", Cause::Throttled), ("", Cause::Denied { action: None, resource: None })]
    {
        let mut tuning = Tuning::with(&["search-001"]);
        tuning.pass();
        tuning.search.start(&["search-002"]);
        tuning.search.refuse(what, Some(cause.clone()));
        tuning.world.set_status_of_job("search", "Completed");
        let next = tuning.pass();
        assert!(tuning.world.says("Complete"), "{cause:?}");
        assert_ne!(next, Next::Rest, "it is looked at again: {cause:?}");
        assert!(tuning.world.status().common.unfinished, "and who takes over knows it: {cause:?}");
        tuning.restart();
        tuning.search.refuse(what, None);
        assert_eq!(tuning.pass(), Next::Rest, "{cause:?}");
        assert_eq!(tuning.trials(), ["search-001", "search-002"]);
        assert!(!tuning.world.status().common.unfinished);
    }
}

#[test]
fn a_search_that_is_left_running_leaves_its_trials_running() {
    let tuning = Tuning::with(&["search-001-1a2b3c4d"]);
    tuning.pass();
    {
        let mut state = tuning.world.state();
        let object = state.object.as_mut().expect("it is there");
        object["metadata"]["annotations"] = json!({ "sagemaker.aws.amazon.com/deletion-policy": "retain" });
        state.kept_others = true;
    }
    tuning.world.delete_object();
    assert_eq!(tuning.pass(), Next::Gone);
    let metadata = &tuning.trial("search-001-1a2b3c4d")["metadata"];
    assert_eq!(metadata["annotations"]["sagemaker.aws.amazon.com/deletion-policy"], "retain");
    assert_eq!((&metadata["finalizers"], &metadata["deletionTimestamp"]), (&json!([]), &json!("2026-11-23T12:00:00Z")));
    assert_eq!((tuning.world.calls("stop"), tuning.world.has_object()), (0, false));
}

#[test]
fn the_parent_sends_its_trials_off_and_waits_for_none() {
    let tuning = Tuning::with(&["search-001-1a2b3c4d", "search-002-1a2b3c4d"]);
    tuning.pass();
    let mine = json!({ "metadata": { "name": "mine" }, "spec": { "trainingJobName": "search-009-mine" } });
    tuning.put("mine", mine);
    // Version 1 left this one, of which SageMaker no longer knows.
    let left = json!({ "name": "search-000-1a2b3c4d", "finalizers": [TRIAL_FINALIZER] });
    tuning.put(
        "search-000-1a2b3c4d",
        json!({
            "metadata": left, "spec": { "trainingJobName": "search-000-1a2b3c4d" },
        }),
    );
    tuning.world.delete_object();
    tuning.pass();
    assert_eq!((tuning.world.calls("stop"), tuning.trials().len()), (1, 4), "they go when the search has ended");
    tuning.world.set_status_of_job("search", "Stopped");
    assert_eq!(tuning.pass(), Next::Gone);
    assert!(!tuning.world.has_object());
    assert_eq!((tuning.trials(), tuning.world.calls("patch other")), (vec!["mine".to_owned()], 3));
}

/// One accident at each call in turn, in the making of the trials and in their going.
#[test]
fn no_accident_makes_a_trial_twice_or_leaves_one_behind() {
    let names = ["search-001-1a2b3c4d", "search-002-1a2b3c4d", "search-003-1a2b3c4d"];
    for fate in ACCIDENTS {
        let mut accidents = 0;
        for offset in 0..24 {
            let mut tuning = Tuning::with(&names);
            tuning.world.set_status_of_job("search", "Completed");
            let strike = |tuning: &Tuning| {
                let mut state = tuning.world.state();
                let at = state.calls.len() + offset;
                state.fate_at.clear();
                state.fate_at.insert(at, fate.clone());
            };
            strike(&tuning);
            tuning.outlive();
            let struck_while_made = tuning.world.state().fate_at.is_empty();
            assert_eq!(tuning.trials(), names, "{fate:?} at {offset}");
            assert!(tuning.notes().is_empty(), "{fate:?} at {offset}: {:?}", tuning.notes());

            strike(&tuning);
            tuning.world.delete_object();
            tuning.outlive();
            assert!(!tuning.world.has_object(), "{fate:?} at {offset}");
            assert_eq!(tuning.trials(), Vec::<String>::new(), "{fate:?} at {offset}");
            accidents += u32::from(struck_while_made) + u32::from(tuning.world.state().fate_at.is_empty());
        }
        assert!(accidents > 12, "only {accidents} accidents happened");
    }
}
