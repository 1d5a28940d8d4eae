//! What somebody makes of an endpoint, its models and its configuration behind their objects.

use super::sagemaker::Forged;
use super::stage::Stage;

#[test]
fn a_model_or_a_configuration_that_was_changed_under_its_endpoint_is_replaced_by_a_roll_out() {
    for forged in [Forged::Model, Forged::Config] {
        let stage = Stage::serving();
        stage.state().aws.forge(forged);
        // However often each of them is looked at.
        stage.look_at_all();
        stage.until("rolled out", |stage| {
            stage.look_at_all();
            stage.applied("UpdateEndpoint") == 1
        });
        stage.until("as wanted, and tidy", |stage| {
            stage.look_at_all();
            stage.serves(1) && stage.is_tidy()
        });
        (0..10).for_each(|_| stage.round());
        assert_eq!((stage.applied("UpdateEndpoint"), stage.applied("DeleteEndpoint")), (1, 0), "{forged:?}");
    }
}

#[test]
fn an_endpoint_that_somebody_deleted_is_made_again() {
    let stage = Stage::serving();
    stage.state().aws.lose_endpoints();
    stage.until("made again", |stage| stage.applied("CreateEndpoint") == 2 && stage.serves(1));
    assert!(stage.is_tidy());
    assert_eq!((stage.applied("CreateModel"), stage.applied("CreateEndpointConfig")), (2, 1));
}

#[test]
fn an_endpoint_that_somebody_updated_is_brought_back_whatever_becomes_of_the_first_attempt() {
    for is_lost in [false, true] {
        let stage = Stage::serving();
        stage.put(2);
        stage.until("rolled out", |stage| stage.serves(2) && stage.is_tidy());
        stage.state().aws.point_to("by-hand");
        if is_lost {
            stage.lose_request("UpdateEndpoint");
        }
        stage.until("brought back", |stage| stage.applied("UpdateEndpoint") == 2 && stage.serves(2));
        (0..10).for_each(|_| stage.round());
        assert!(stage.is_tidy() && stage.applied("UpdateEndpoint") == 2, "{:#?}", stage.calls());
    }
}

#[test]
fn a_kind_that_is_not_installed_is_no_kind_without_objects_to_wait_for() {
    for kind in ["Model", "EndpointConfig"] {
        let stage = Stage::new(chrono::TimeDelta::zero(), &[]);
        stage.state().not_installed.insert(kind);
        stage.put(1);
        stage.until("said", |stage| stage.says("Reconciling").is_some_and(|(reason, _)| reason == "KindNotInstalled"));
        stage.state().not_installed.clear();
        stage.until("in service", |stage| stage.serves(1));
    }
}

#[test]
fn what_an_endpoint_uses_is_held_even_if_nobody_knows_of_its_deployment() {
    let stage = Stage::serving();
    stage.state().not_installed.insert("HostingDeployment");
    stage.delete_children();
    (0..10).for_each(|_| stage.round());
    assert_eq!(stage.offence(), None);
    stage.state().not_installed.clear();
    stage.until("as wanted, and tidy", |stage| stage.serves(1) && stage.is_tidy());
}
