//! Every field of SageMaker's API has a place in our types, and every field of ours arrives where it belongs.

mod flavour;
mod model;
mod object;
mod subject;
mod value;

use std::collections::BTreeSet;

pub(crate) use model::{Leaf, Model, Sort};
pub(crate) use object::{Pair, at, whole_answer};
pub(crate) use subject::{JOBS, Subject, subjects};

#[test]
fn the_model_has_as_many_leaves_as_the_documentation() {
    for subject in subjects() {
        assert_eq!(subject.all().len(), subject.leaves, "{}", subject.kind);
    }
}

#[test]
fn every_leaf_is_a_field_of_the_type_and_keeps_its_value() {
    for subject in subjects() {
        let pairs = subject.every_leaf().map(|(leaf, pair)| (leaf.spec_path(), pair));
        let together = subject.all_leaves_together().into_iter();
        let together = together.map(|(flavour, _, pair)| (flavour.name.to_owned(), pair));
        for (about, Pair { spec, .. }) in pairs.chain(together) {
            let typed = (subject.retyped)(spec.clone());
            let typed = typed.unwrap_or_else(|error| panic!("{} {about}: {error}", subject.kind));
            assert_eq!(typed, spec, "{} {about}", subject.kind);
        }
    }
}

#[test]
fn the_flavours_hold_every_leaf_once() {
    for subject in subjects() {
        let together = subject.all_leaves_together();
        let held: Vec<_> = together.iter().flat_map(|(_, leaves, _)| leaves.iter().map(Leaf::wire_path)).collect();
        let different: BTreeSet<_> = held.iter().collect();
        assert_eq!((held.len(), different.len()), (subject.leaves, subject.leaves), "{}", subject.kind);
        for (flavour, leaves, pair) in &together {
            for leaf in leaves {
                assert_eq!(at(&pair.wire, leaf).len(), 1, "{}: {} is not set", flavour.name, leaf.wire_path());
            }
        }
    }
}
