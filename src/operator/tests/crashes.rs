//! Whatever call the operator dies in, and again in the one after: never two jobs, never one left behind, always an end.

use chrono::TimeDelta;
use serde_json::json;

use super::fate::{ACCIDENTS, Fate};
use super::world::World;
use crate::operator::Next;

/// What the user does with the object.
#[derive(Debug, Clone, Copy)]
enum Story {
    /// Lets it run to its end, then deletes it.
    LetRun,
    /// Deletes it after that many passes.
    DeleteAfter(usize),
}

/// Plays the story with those accidents; returns how many calls were made.
fn play(story: Story, appears_after: i64, accidents: &[(usize, Fate)]) -> usize {
    let case = || format!("{story:?}, seen after {appears_after} s, {accidents:?}");
    let world = World::new(&json!({ "region": "us-west-2" }));
    {
        let mut state = world.state();
        state.appears_after = TimeDelta::seconds(appears_after);
        state.fate_at.extend(accidents.iter().cloned());
    }
    for pass in 0..60 {
        let next = world.pass();
        // Time passes between the passes, and the job with it.
        world.state().now += TimeDelta::seconds(10);
        let age = pass;
        for job in world.state().resources.values_mut() {
            job.status = match job.status {
                "Stopping" => "Stopped",
                "InProgress" if age > 8 => "Completed",
                status => status,
            };
        }
        let delete = match story {
            Story::LetRun => world.has_object() && world.says("Complete"),
            Story::DeleteAfter(passes) => pass == passes,
        };
        let running =
            world.state().resources.values().any(|job| job.status == "InProgress" || job.status == "Stopping");
        if !world.has_object() {
            assert!(!running, "a job was left behind: {}\n{:#?}", case(), world.state().calls);
            assert!(world.creates() <= 1, "two jobs: {}", case());
            let calls = world.state().calls.len();
            return calls;
        }
        if matches!(next, Some(Ok(Next::Gone))) {
            panic!("said to be gone, but there: {}", case());
        }
        if delete {
            world.delete_object();
        }
    }
    let status = world.status();
    panic!("it never ended: {}\n{:#?}\n{status:#?}", case(), world.state().calls);
}

#[test]
fn no_accident_starts_two_jobs_or_leaves_one_behind() {
    let mut played = 0;
    for appears_after in [0, 25] {
        for story in
            [Story::LetRun, Story::DeleteAfter(0), Story::DeleteAfter(1), Story::DeleteAfter(2), Story::DeleteAfter(6)]
        {
            let calls = play(story, appears_after, &[]);
            for first in 0..calls.min(16) {
                for fate in ACCIDENTS {
                    played += 1;
                    play(story, appears_after, &[(first, fate.clone())]);
                    for second in first + 1..(first + 5) {
                        for other in ACCIDENTS {
                            played += 1;
                            play(story, appears_after, &[(first, fate.clone()), (second, other)]);
                        }
                    }
                }
            }
        }
    }
    assert!(played > 3_000, "{played}");
}
