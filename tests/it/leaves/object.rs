//! Jobs with chosen leaves set, as a spec and as the request that must come of it.

use serde_json::{Map, Value, json};

use super::flavour::Flavour;
use super::model::{Leaf, Model, Segment, Sort};
use super::subject::Subject;
use super::value;

/// A spec, and the request that SageMaker must get for it.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) spec: Value,
    pub(crate) wire: Value,
}

impl Subject {
    /// A valid job of this flavour with these leaves.
    pub(crate) fn with(&self, flavour: &Flavour, leaves: &[&Leaf]) -> Pair {
        let model = Model::sagemaker();
        let all = self.all();
        let named = |path: &str| {
            all.iter().find(|leaf| leaf.wire_path() == path).unwrap_or_else(|| panic!("{path} is no leaf")).clone()
        };
        let mut pair = Pair { spec: json!({ "region": "us-west-2" }), wire: json!({}) };
        let mut wanted: Vec<Leaf> = leaves.iter().map(|leaf| (*leaf).clone()).collect();
        wanted.extend(flavour.base.iter().map(|path| named(path)));
        for (path, companion) in self.companions {
            if wanted.iter().any(|leaf| leaf.wire_path() == *path) {
                wanted.push(named(companion));
            }
        }
        for leaf in &wanted {
            pair.set(model, leaf);
        }
        let input = self.create();
        pair.complete(model, model.input(&input));
        // The model does not say that a source needs one of its places.
        let is_there = |pair: &Pair, start: &str| {
            all.iter().any(|leaf| leaf.wire_path().starts_with(start) && !at(&pair.wire, leaf).is_empty())
        };
        for source in self.sources {
            if is_there(&pair, source.items) && !source.places.iter().any(|place| is_there(&pair, place)) {
                pair.set(model, &named(source.default));
            }
        }
        pair.complete(model, model.input(&input));
        if !self.is_named() {
            pair.wire.as_object_mut().and_then(|wire| wire.remove(&self.name_member()));
            pair.spec.as_object_mut().and_then(|spec| spec.remove(&self.name_field()));
        }
        pair
    }
}

impl Pair {
    fn set(&mut self, model: &Model, leaf: &Leaf) {
        put(&mut self.wire, &leaf.path, &|segment| segment.member.clone(), value::on_the_wire(model, leaf));
        put(&mut self.spec, &leaf.path, &Segment::spec_name, value::in_the_spec(model, leaf));
    }

    /// Adds what the API requires of each structure that is there.
    fn complete(&mut self, model: &Model, input: &str) {
        let mut missing = Vec::new();
        find_missing(model, input, &self.wire, &[], &mut missing);
        for leaf in &missing {
            self.set(model, leaf);
        }
    }
}

fn find_missing(model: &Model, shape: &str, value: &Value, at: &[Segment], missing: &mut Vec<Leaf>) {
    let Some(present) = value.as_object() else { return };
    for leaf in model.required_leaves(shape, at) {
        if !present.contains_key(&leaf.path[at.len()].member) {
            missing.push(leaf);
        }
    }
    for (member, value) in present {
        let shape = &model.shape(shape).members[member];
        let (inner, value, is_list) = match &model.shape(shape).member {
            Some(items) => (items, &value[0], true),
            None => (shape, value, false),
        };
        if model.shape(inner).sort == Sort::Structure {
            let mut path = at.to_vec();
            path.push(Segment { member: member.clone(), is_list });
            find_missing(model, inner, value, &path, missing);
        }
    }
}

/// Puts a value at its place; lists on the way have one item.
fn put(root: &mut Value, path: &[Segment], name: &dyn Fn(&Segment) -> String, value: Value) {
    let (segment, rest) = path.split_first().expect("a path leads somewhere");
    let place = root.as_object_mut().expect("structures all the way").entry(name(segment));
    if rest.is_empty() {
        place.or_insert(value);
        return;
    }
    let empty = Value::Object(Map::new());
    let inner = place.or_insert_with(|| if segment.is_list { json!([empty]) } else { empty });
    put(if segment.is_list { &mut inner[0] } else { inner }, rest, name, value);
}

/// An answer of an operation with everything in it that it may hold.
pub(crate) fn whole_answer(model: &Model, operation: &str) -> Value {
    let mut answer = json!({});
    for leaf in model.answers(operation) {
        put(&mut answer, &leaf.path, &|segment| segment.member.clone(), value::on_the_wire(model, &leaf));
    }
    answer
}

/// The values at a leaf's place in a request: one for each item of the lists on the way.
pub(crate) fn at<'a>(request: &'a Value, leaf: &Leaf) -> Vec<&'a Value> {
    let (last, way) = leaf.path.split_last().expect("a path leads somewhere");
    let mut places = vec![request];
    for segment in way {
        let inner = places.into_iter().filter_map(|place| place.get(&segment.member));
        places = if segment.is_list { inner.filter_map(Value::as_array).flatten().collect() } else { inner.collect() };
    }
    places.into_iter().filter_map(|place| place.get(&last.member)).collect()
}
