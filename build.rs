//! How `kubectl-smlogs` is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    // Its code at a fixed address, as kubectl's own: 0.7 MB and half a millisecond of each start are relocations.
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bin=kubectl-smlogs=-no-pie");
    }
}
