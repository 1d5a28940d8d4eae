//! `cargo demo`, as a newcomer runs it.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::built;
use crate::support::process::Program;

#[test]
fn the_demonstration_trains_a_model_and_leaves_nothing_running() {
    let shown = Program::tied(built::sandbox()).args(["demo", "--speed", "60"]).start().finish(Duration::from_mins(3));
    assert_eq!(shown.code(), 0, "{shown:?}");

    let table: Vec<_> = shown.stdout.lines().rev().take(2).collect();
    assert!(table[1].starts_with("NAME"), "{}", shown.stdout);
    assert!(table[0].starts_with("mnist-demo") && table[0].contains("Completed"), "{}", shown.stdout);
    for host in ["algo-1", "algo-2"] {
        assert!(
            shown.stdout.lines().any(|line| line.contains(host) && line.contains("train-error")),
            "{host} is silent"
        );
    }

    let addresses = addresses_in(&shown.stderr);
    assert_eq!(addresses.len(), 2, "API server and simulator tell their addresses: {}", shown.stderr);
    for address in addresses {
        assert!(TcpStream::connect(address).is_err(), "{address} still answers");
    }
}

fn addresses_in(text: &str) -> Vec<SocketAddr> {
    let urls = text.split("://").skip(1).map(|rest| rest.split([' ', ',', '\n']).next().unwrap_or_default());
    urls.filter_map(|address| address.parse().ok()).collect()
}
