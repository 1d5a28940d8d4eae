//! Who waits for room for another Create, in the order of their coming.

use std::collections::{HashSet, VecDeque};

use super::object::Key;

/// The line of those who wait. A member that leaves it stays in the row until its turn, and is passed over then.
#[derive(Debug, Default)]
pub(super) struct Turns {
    row: VecDeque<Key>,
    waiting: HashSet<Key>,
    /// Who has been called up and has not come back yet: each of them has a place in mind.
    called_up: HashSet<Key>,
}

impl Turns {
    /// Has the object wait at the end of the row, unless it does so already.
    pub(super) fn wait(&mut self, key: &Key) {
        if self.waiting.insert(key.clone()) {
            self.row.push_back(key.clone());
        }
    }

    /// The object has been looked at, whether it used a place or not.
    pub(super) fn came_back(&mut self, key: &Key) {
        self.called_up.remove(key);
    }

    /// The object waits no longer.
    pub(super) fn forget(&mut self, key: &Key) {
        self.waiting.remove(key);
        self.called_up.remove(key);
    }

    /// Calls up the next, if one of the `places` is not meant for somebody who was called up before.
    pub(super) fn call_up(&mut self, places: usize) -> Option<Key> {
        if self.called_up.len() >= places {
            return None;
        }
        while let Some(key) = self.row.pop_front() {
            if self.waiting.remove(&key) {
                self.called_up.insert(key.clone());
                return Some(key);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new("ns", name)
    }

    #[test]
    fn they_come_up_in_order_and_no_more_than_there_are_places() {
        let mut turns = Turns::default();
        for name in ["a", "b", "a", "c"] {
            turns.wait(&key(name));
        }
        assert_eq!(turns.call_up(0), None);
        assert_eq!((turns.call_up(2), turns.call_up(2), turns.call_up(2)), (Some(key("a")), Some(key("b")), None));
        // It found no place after all.
        turns.came_back(&key("a"));
        turns.wait(&key("a"));
        assert_eq!((turns.call_up(2), turns.call_up(3)), (Some(key("c")), Some(key("a"))));
        assert_eq!(turns.call_up(9), None);
    }

    #[test]
    fn who_leaves_is_passed_over_and_takes_no_place() {
        let mut turns = Turns::default();
        for name in ["a", "b", "c"] {
            turns.wait(&key(name));
        }
        assert_eq!(turns.call_up(1), Some(key("a")));
        turns.forget(&key("a"));
        turns.forget(&key("b"));
        assert_eq!((turns.call_up(1), turns.call_up(1)), (Some(key("c")), None));
    }
}
