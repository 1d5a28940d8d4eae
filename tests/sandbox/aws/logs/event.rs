//! The place of an event in the order of CloudWatch Logs, and its id.

/// Where an event stands: by its time, then by when it was ingested, then by its place in what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// Event time, in milliseconds since 1970.
    pub(super) timestamp: u64,
    /// When CloudWatch took it in, in milliseconds since 1970.
    pub(super) ingestion: u64,
    /// The put that brought it; below 2^64.
    pub(super) batch: u64,
    /// Its place within that put.
    pub(super) index: u16,
}

/// Decimal digits of an event id.
const ID_DIGITS: usize = 56;

/// The largest power of ten in a u64, and its exponent: ids are written in groups of that many digits.
const GROUP: u128 = 10_000_000_000_000_000_000;
const GROUP_DIGITS: usize = 19;

impl Key {
    /// Before every event of that time and later.
    pub(super) const fn before(timestamp: u64) -> Self {
        Self { timestamp, ingestion: 0, batch: 0, index: 0 }
    }

    /// Turns the order around: the greatest key becomes the least.
    pub(super) const fn flipped(self) -> Self {
        Self { timestamp: !self.timestamp, ingestion: !self.ingestion, batch: !self.batch, index: !self.index }
    }

    /// `timestamp << 144 | ingestion << 80 | batch << 16 | index`, as 56 decimal digits.
    pub(super) fn id(self) -> String {
        let mut limbs = self.limbs();
        let mut groups = [0_u64; 3];
        for group in groups.iter_mut().rev() {
            *group = divide(&mut limbs);
        }
        format!("{:018}{:019}{:019}", groups[0], groups[1], groups[2])
    }

    /// Reads an id back; `None` if it is none.
    pub(super) fn from_id(id: &str) -> Option<Self> {
        if id.len() != ID_DIGITS || !id.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (head, tail) = id.split_at(ID_DIGITS - 2 * GROUP_DIGITS);
        let (middle, low) = tail.split_at(GROUP_DIGITS);
        let mut limbs = [0_u64; 3];
        for digits in [head, middle, low] {
            multiply_add(&mut limbs, digits.parse().ok()?)?;
        }
        let [high, middle, low] = limbs;
        Some(Self {
            timestamp: high >> 16,
            ingestion: (high & 0xffff) << 48 | middle >> 16,
            batch: (middle & 0xffff) << 48 | low >> 16,
            index: u16::try_from(low & 0xffff).ok()?,
        })
    }

    /// The 192 bits of the id, most significant first.
    const fn limbs(self) -> [u64; 3] {
        [
            self.timestamp << 16 | self.ingestion >> 48,
            self.ingestion << 16 | self.batch >> 48,
            self.batch << 16 | self.index as u64,
        ]
    }
}

/// Divides by [`GROUP`] in place; gives the remainder.
fn divide(limbs: &mut [u64; 3]) -> u64 {
    let mut rest = 0_u128;
    for limb in limbs {
        let value = rest << 64 | u128::from(*limb);
        *limb = low_half(value / GROUP);
        rest = value % GROUP;
    }
    low_half(rest)
}

/// Multiplies by [`GROUP`] and adds, in place; `None` when it no longer fits.
fn multiply_add(limbs: &mut [u64; 3], add: u64) -> Option<()> {
    let mut carry = u128::from(add);
    for limb in limbs.iter_mut().rev() {
        let value = u128::from(*limb) * GROUP + carry;
        *limb = low_half(value);
        carry = value >> 64;
    }
    (carry == 0).then_some(())
}

/// The lower 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "this is where numbers are cut into limbs")]
const fn low_half(value: u128) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn any_key()(timestamp in 0..1_u64 << 41, ingestion in 0..1_u64 << 41, batch: u64, index: u16) -> Key {
            Key { timestamp, ingestion, batch, index }
        }
    }

    #[test]
    fn an_id_is_the_documented_shift_in_decimal() {
        // 1_600_000_000_000 << 144 | 1_600_000_001_000 << 80 | 7 << 16 | 3, by a calculator.
        let key = Key { timestamp: 1_600_000_000_000, ingestion: 1_600_000_001_000, batch: 7, index: 3 };
        assert_eq!(key.id(), ID_BY_CALCULATOR);
        assert_eq!(key.id().len(), ID_DIGITS);
    }

    const ID_BY_CALCULATOR: &str = "35681192317648997028391430548829710908713176374706634755";

    proptest! {
        #[test]
        fn ids_sort_like_keys_and_read_back(a in any_key(), b in any_key()) {
            prop_assert_eq!(a.cmp(&b), a.id().cmp(&b.id()));
            prop_assert_eq!(Key::from_id(&a.id()), Some(a));
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "12", "x".repeat(56).as_str(), "9".repeat(57).as_str()] {
            assert_eq!(Key::from_id(text), None, "{text:?}");
        }
    }
}
