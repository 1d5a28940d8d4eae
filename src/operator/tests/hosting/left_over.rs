//! What edits leave over goes also while something is waited for that does not come: no more and no less.

use chrono::TimeDelta;

use super::stage::Stage;
use crate::api::{EndpointConfig, Model};
use crate::lifecycle::{Cause, Kind as _};

fn is_stalled(stage: &Stage) -> bool {
    stage.says("Stalled").is_some_and(|(reason, _)| reason == "ChildStalled")
}

#[test]
fn models_that_were_refused_go_with_the_edits_that_asked_for_them() {
    let stage = Stage::serving();
    let serving = (stage.names(Model::KIND), stage.names(EndpointConfig::KIND));
    for image in ["refused:2", "refused:3", "refused:4"] {
        stage.put_image(image);
        stage.until("nothing but what serves and what is wanted", Stage::waits_tidily);
        (0..10).for_each(|_| stage.round());
        assert!(stage.waits_tidily());
        assert!(serving.0.iter().all(|model| stage.names(Model::KIND).contains(model)), "{serving:?}");
        assert_eq!(stage.names(EndpointConfig::KIND), serving.1);
    }
    assert_eq!(stage.applied("DeleteModel") + stage.applied("DeleteEndpointConfig"), 0);
    stage.put(5);
    stage.until("rolled out", |stage| stage.serves(5) && stage.is_tidy());
}

#[test]
fn what_a_roll_out_replaces_goes_although_the_next_edit_is_refused() {
    let stage = Stage::serving();
    let (models, configs) = (stage.names(Model::KIND), stage.names(EndpointConfig::KIND));
    stage.put(2);
    stage.until("under way", |stage| stage.applied("UpdateEndpoint") == 1);
    stage.put_image("refused:3");
    stage.until("nothing but what serves and what is wanted", Stage::waits_tidily);
    assert_ne!(stage.names(EndpointConfig::KIND), configs);
    let left = models.iter().filter(|model| stage.names(Model::KIND).contains(model)).count();
    assert_eq!(left, 1, "the model that no edit has changed");
    assert_eq!((stage.applied("DeleteModel"), stage.applied("DeleteEndpointConfig")), (1, 1));
    stage.put(2);
    stage.until("as wanted", |stage| stage.serves(2) && stage.is_tidy());
    assert_eq!(stage.applied("UpdateEndpoint"), 1);
}

#[test]
fn nothing_goes_while_it_is_not_to_be_seen_what_the_endpoint_serves_by() {
    let stage = Stage::serving();
    stage.state().aws.set_lag(TimeDelta::seconds(45));
    stage.put(2);
    stage.until("accepted", |stage| stage.applied("UpdateEndpoint") == 1);
    stage.put_image("refused:3");
    stage.until("stalled", is_stalled);
    assert_eq!(stage.applied("delete"), 0);
    stage.until("nothing but what serves and what is wanted", Stage::waits_tidily);

    // Nor while machines of two configurations serve side by side.
    let stage = Stage::serving();
    stage.put_image("stuck:2");
    stage.until("stuck", |stage| stage.says("Stalled").is_some_and(|(reason, _)| reason == "UpdateRollbackFailed"));
    stage.put_image("refused:3");
    stage.until("stalled", is_stalled);
    (0..10).for_each(|_| stage.round());
    assert_eq!(stage.applied("delete"), 0);
}

#[test]
fn what_is_wanted_stays_while_there_is_trouble_with_it() {
    let stage = Stage::serving();
    stage.state().refused.insert("CreateEndpointConfig", Cause::Invalid);
    stage.put(2);
    stage.until("stalled", is_stalled);
    let (made, deleted) = (stage.applied("create"), stage.applied("delete"));
    let wanted = (stage.names(Model::KIND), stage.names(EndpointConfig::KIND));
    // The models cannot even be looked at for a while.
    stage.state().refused.insert("DescribeModel", Cause::Denied { action: None, resource: None });
    stage.look_at_all();
    stage.until("a model in trouble", |stage| {
        stage.says("Stalled").is_some_and(|(_, message)| message.contains("waiting for Model "))
    });
    (0..10).for_each(|_| stage.round());
    assert_eq!((stage.names(Model::KIND), stage.names(EndpointConfig::KIND)), wanted);
    stage.state().refused.clear();
    stage.look_at_all();
    stage.until("rolled out", |stage| stage.serves(2));
    assert_eq!((stage.applied("create"), deleted), (made, 0));
    stage.until("tidy", Stage::is_tidy);
}

#[test]
fn what_was_refused_goes_also_where_there_was_never_an_endpoint() {
    let stage = Stage::new(TimeDelta::zero(), &[]);
    for image in ["refused:1", "refused:2", "refused:3"] {
        stage.put_image(image);
        stage.until("stalled, with but the models of this edit", |stage| {
            is_stalled(stage) && stage.names(Model::KIND).len() == 2
        });
    }
    assert_eq!(stage.names(EndpointConfig::KIND), Vec::<String>::new());
    stage.put(4);
    stage.until("in service", |stage| stage.serves(4) && stage.is_tidy());
    assert_eq!((stage.applied("CreateModel"), stage.applied("CreateEndpoint")), (2, 1));
}
