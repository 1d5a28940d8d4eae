//! Every field of SageMaker's API has a place in our types, and every field of ours arrives where it belongs.

mod model;
mod object;
mod value;

use std::collections::BTreeSet;

use sagemaker_operator::api::TrainingJobSpec;

pub(crate) use model::{Leaf, Model, Sort};
pub(crate) use object::{FLAVOURS, Flavour, Pair, at, whole_answer};

/// As AWS's documentation of `CreateTrainingJob` has it.
const LEAVES_OF_TRAINING_JOB: usize = 110;

/// Each leaf of `CreateTrainingJob` with a training job in which it is set.
pub(crate) fn every_leaf() -> impl Iterator<Item = (Leaf, Pair)> {
    let model = Model::sagemaker();
    model.leaves("CreateTrainingJob").into_iter().map(|leaf| {
        let pair = Flavour::of(&leaf).with(model, &[&leaf]);
        (leaf, pair)
    })
}

/// A training job of each flavour with all leaves that go together, and these leaves.
pub(crate) fn all_leaves_together() -> Vec<(&'static Flavour, Vec<Leaf>, Pair)> {
    let model = Model::sagemaker();
    let leaves = model.leaves("CreateTrainingJob");
    let together = FLAVOURS.iter().map(|flavour| {
        let own: Vec<_> = leaves.iter().filter(|leaf| Flavour::of(leaf).name == flavour.name).collect();
        let pair = flavour.with(model, &own);
        (flavour, own.into_iter().cloned().collect(), pair)
    });
    together.collect()
}

#[test]
fn the_model_has_as_many_leaves_as_the_documentation() {
    assert_eq!(every_leaf().count(), LEAVES_OF_TRAINING_JOB);
}

#[test]
fn every_leaf_is_a_field_of_the_type_and_keeps_its_value() {
    let pairs = every_leaf().map(|(leaf, pair)| (leaf.spec_path(), pair));
    let together = all_leaves_together().into_iter().map(|(flavour, _, pair)| (flavour.name.to_owned(), pair));
    for (about, Pair { spec, .. }) in pairs.chain(together) {
        let typed: TrainingJobSpec =
            serde_json::from_value(spec.clone()).unwrap_or_else(|error| panic!("{about}: {error}"));
        assert_eq!(serde_json::to_value(typed).unwrap(), spec, "{about}");
    }
}

#[test]
fn the_flavours_hold_every_leaf_once() {
    let together = all_leaves_together();
    let held: Vec<_> = together.iter().flat_map(|(_, leaves, _)| leaves.iter().map(Leaf::wire_path)).collect();
    let different: BTreeSet<_> = held.iter().collect();
    assert_eq!((held.len(), different.len()), (LEAVES_OF_TRAINING_JOB, LEAVES_OF_TRAINING_JOB));
    for (flavour, leaves, pair) in &together {
        for leaf in leaves {
            assert_eq!(at(&pair.wire, leaf).len(), 1, "{}: {} is not set", flavour.name, leaf.wire_path());
        }
    }
}
