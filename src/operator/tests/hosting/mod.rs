//! A hosting deployment with its models and its configuration, followed through accidents at every call: an endpoint that
//! serves is never taken what it serves by, nothing is made twice, and nothing is left behind.

mod cluster;
mod drift;
mod left_over;
mod rollout;
mod sagemaker;
mod stage;

use std::ops::Range;

use chrono::TimeDelta;

use super::fate::{ACCIDENTS, Fate};
use stage::Stage;

/// What the user does.
#[derive(Debug, Clone, Copy)]
enum Story {
    /// Edits the deployment once it serves, and deletes it when the edit is rolled out and cleaned up after.
    Edit,
    /// The same, after edits that ask for models that SageMaker refuses.
    EditInVain,
    /// Deletes it after that many rounds.
    DeleteAfter(usize),
    /// Edits it once it serves, and deletes it that many rounds later.
    EditAndDeleteAfter(usize),
}

impl Story {
    /// The images of its edits, one after the other.
    fn edits(self) -> &'static [&'static str] {
        match self {
            Self::Edit | Self::EditAndDeleteAfter(_) => &["image:2"],
            Self::EditInVain => &["refused:2", "refused:3", "image:2"],
            Self::DeleteAfter(_) => &[],
        }
    }

    /// Those of its calls that no other story makes.
    fn own(self, calls: &[String]) -> Range<usize> {
        let first = |name: &str| calls.iter().position(|call| call.contains(name)).unwrap_or(calls.len());
        match self {
            Self::EditInVain => first("create digits-2-")..first("DeleteEndpoint "),
            Self::Edit | Self::DeleteAfter(_) | Self::EditAndDeleteAfter(_) => 0..calls.len(),
        }
    }
}

/// Plays the story with those accidents; returns the calls that were made.
fn play(story: Story, appears_after: TimeDelta, accidents: &[(usize, Fate)]) -> Vec<String> {
    let case = || format!("{story:?}, seen after {appears_after}, {accidents:?}");
    let stage = Stage::new(appears_after, accidents);
    stage.put(1);
    let mut edits = story.edits().iter();
    let (mut edited_at, mut is_deleted) = (None, false);
    for round in 0..160 {
        stage.round();
        if let Some(offence) = stage.offence() {
            panic!("{offence}: {}\n{:#?}", case(), stage.calls());
        }
        if is_deleted && stage.is_empty() {
            // Two models and one that an edit replaces, each with one success.
            let edits = usize::from(edited_at.is_some());
            for (operation, most) in [
                ("CreateModel", 2 + edits),
                ("CreateEndpointConfig", 1 + edits),
                ("CreateEndpoint", 1),
                ("UpdateEndpoint", edits),
            ] {
                let times = stage.applied(operation);
                assert!(times <= most, "{operation} {times} times: {}\n{:#?}", case(), stage.calls());
            }
            return stage.calls();
        }
        let is_time_to_delete = match story {
            Story::Edit | Story::EditInVain => edits.len() == 0 && stage.serves(2) && stage.is_tidy(),
            Story::DeleteAfter(rounds) => round == rounds,
            Story::EditAndDeleteAfter(rounds) => edited_at.is_some_and(|at| round >= at + rounds),
        };
        let may_go_on = edited_at.map_or_else(|| stage.serves(1), |_| stage.waits_tidily());
        if is_time_to_delete && !is_deleted {
            stage.delete();
            is_deleted = true;
        } else if may_go_on && let Some(image) = edits.next() {
            stage.put_image(image);
            edited_at = Some(round);
        }
    }
    panic!("it never ended: {}\n{:#?}\n{stage:#?}", case(), stage.calls());
}

/// An accident at each of the story's own calls in turn: of each sort at a call that writes, of one sort at one that reads, which
/// changes nothing whether it is answered or not. After every other accident a second one follows soon.
fn play_all(story: Story, appears_after: TimeDelta) -> usize {
    let mut played = 0;
    let calls = play(story, appears_after, &[]);
    for first in story.own(&calls) {
        let fates = match (is_read(&calls[first]), first % 2) {
            (false, _) => &ACCIDENTS[..],
            (true, 0) => &[Fate::DieBefore],
            (true, _) => &[Fate::Lost],
        };
        for fate in fates {
            let mut accidents = vec![(first, fate.clone())];
            if played % 2 == 1 {
                accidents.push((first + 1 + first % 3, ACCIDENTS[played / 2 % 4].clone()));
            }
            play(story, appears_after, &accidents);
            played += 1;
        }
    }
    played
}

fn is_read(call: &str) -> bool {
    let name = call.split(' ').nth(1).unwrap_or_default();
    ["get", "list", "List", "GetCallerIdentity"].contains(&name) || name.starts_with("Describe")
}

#[test]
fn no_accident_disturbs_an_endpoint_from_its_making_over_an_edit_to_its_end() {
    let played = play_all(Story::Edit, TimeDelta::zero());
    assert!(played > 250, "{played}");
}

#[test]
fn no_accident_disturbs_an_endpoint_whose_edits_are_refused_one_after_the_other() {
    let played = play_all(Story::EditInVain, TimeDelta::zero());
    assert!(played > 250, "{played}");
}

#[test]
fn no_accident_leaves_anything_of_a_deployment_that_is_deleted_before_it_serves() {
    let stories = (0..6).map(Story::DeleteAfter);
    // What is made is to be seen at once, or not until it is deleted.
    let played: usize =
        stories.zip([0, 25].into_iter().cycle()).map(|(story, after)| play_all(story, TimeDelta::seconds(after))).sum();
    assert!(played > 250, "{played}");
}

#[test]
fn no_accident_leaves_anything_of_a_deployment_that_is_deleted_while_an_edit_is_rolled_out() {
    let played = play_all(Story::EditAndDeleteAfter(2), TimeDelta::zero());
    assert!(played > 250, "{played}");
}
