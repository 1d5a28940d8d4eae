//! Chance that is decided by a seed: the same inputs give the same number, in any order of asking.

/// One step of `SplitMix64`: a number that looks random, decided by `seed`.
/// Source: <https://prng.di.unimi.it/splitmix64.c>
pub(super) const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number decided by a seed and what it is wanted for.
pub(super) const fn pick(seed: u64, purpose: u64, index: u64) -> u64 {
    mix(mix(seed ^ purpose.rotate_left(48)) ^ index)
}

/// A text as a seed (FNV-1a). std's hasher would do, but promises no particular numbers.
pub(super) fn seed_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
