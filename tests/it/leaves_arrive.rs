//! Every leaf of a spec finds its place in the request to SageMaker, and back.

use sagemaker_operator::api::TrainingJob;
use sagemaker_operator::aws::{to_request, to_spec};
use sagemaker_operator::lifecycle::Kind;

use crate::leaves::{at, every_leaf};

#[test]
fn every_leaf_finds_its_place_in_the_request_and_back() {
    for (leaf, pair) in every_leaf() {
        let request = to_request(TrainingJob::KIND, &pair.spec);
        let path = leaf.wire_path();
        if path != "TrainingJobName" {
            assert_eq!(at(&request, &leaf), at(&pair.wire, &leaf), "{path} in {request:#}");
        }
        let mut back = to_spec(TrainingJob::KIND, &pair.wire);
        back["region"] = pair.spec["region"].clone();
        assert_eq!(back, pair.spec, "{path}");
    }
}
