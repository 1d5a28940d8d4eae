//! Which object is due when: each at most once, and never in two hands at a time.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

use super::object::Key;

/// The objects that wait for their turn, and those that have it.
#[derive(Debug, Default)]
pub(super) struct Queue {
    due: BTreeSet<(Instant, Key)>,
    at: HashMap<Key, Instant>,
    in_hand: HashSet<Key>,
}

impl Queue {
    /// Has the object looked at by `at` at the latest.
    pub(super) fn add(&mut self, key: &Key, at: Instant) {
        match self.at.get(key) {
            Some(before) if *before <= at => return,
            Some(before) => {
                self.due.remove(&(*before, key.clone()));
            }
            None => {}
        }
        self.at.insert(key.clone(), at);
        self.due.insert((at, key.clone()));
    }

    /// Forgets the object, if nobody has it in hand.
    pub(super) fn forget(&mut self, key: &Key) {
        if let Some(at) = self.at.remove(key) {
            self.due.remove(&(at, key.clone()));
        }
    }

    /// Takes the first object that is due into hand.
    pub(super) fn take(&mut self, now: Instant) -> Option<Key> {
        let (at, key) =
            self.due.iter().take_while(|(at, _)| *at <= now).find(|(_, key)| !self.in_hand.contains(key))?.clone();
        self.due.remove(&(at, key.clone()));
        self.at.remove(&key);
        self.in_hand.insert(key.clone());
        Some(key)
    }

    /// Puts the object back out of hand.
    pub(super) fn done(&mut self, key: &Key) {
        self.in_hand.remove(key);
    }

    /// When there will be something to take.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.due.iter().find(|(_, key)| !self.in_hand.contains(key)).map(|(at, _)| *at)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(name: &str) -> Key {
        Key::new("ns", name)
    }

    #[test]
    fn the_earliest_wish_wins() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.add(&key("a"), now + Duration::from_secs(9));
        queue.add(&key("a"), now + Duration::from_secs(3));
        queue.add(&key("a"), now + Duration::from_secs(6));
        assert_eq!((queue.len(), queue.next_at()), (1, Some(now + Duration::from_secs(3))));
        assert_eq!(queue.take(now + Duration::from_secs(2)), None);
        assert_eq!(queue.take(now + Duration::from_secs(3)), Some(key("a")));
        assert_eq!(queue.take(now + Duration::from_secs(9)), None);
    }

    #[test]
    fn an_object_in_hand_waits_and_does_not_hold_up_others() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.add(&key("a"), now);
        assert_eq!(queue.take(now), Some(key("a")));
        queue.add(&key("a"), now);
        queue.add(&key("b"), now + Duration::from_secs(1));
        assert_eq!(queue.next_at(), Some(now + Duration::from_secs(1)));
        assert_eq!(queue.take(now + Duration::from_secs(1)), Some(key("b")));
        queue.done(&key("a"));
        assert_eq!(queue.take(now + Duration::from_secs(1)), Some(key("a")), "what happened meanwhile is not lost");
    }

    #[test]
    fn what_is_forgotten_does_not_come() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.add(&key("a"), now);
        queue.forget(&key("a"));
        assert_eq!((queue.take(now), queue.len()), (None, 0));
    }
}
