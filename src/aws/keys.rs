//! Whose credentials are in use: what "not found" is worth depends on who asked.
//!
//! Credentials may be exchanged while the process runs. An answer given to the old ones must not be judged by the
//! account of the new ones, so for a while after an exchange between accounts nothing is said.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::lifecycle::{AccountId, Place};

/// Sessions of roles bring a new key every hour. Forgetting them all now and then costs one question each.
const KEPT: usize = 256;
/// Longer than a request of the old credentials may still be under way, and what follows from its answer.
const SETTLING: Duration = Duration::from_mins(1);

/// The access keys in use at each place, and the accounts of all keys that have been asked for.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    in_use: HashMap<Place, InUse>,
    accounts: HashMap<String, AccountId>,
}

#[derive(Debug)]
struct InUse {
    key: String,
    signed: Instant,
    /// The key before this one, and when it was exchanged.
    before: Option<(String, Instant)>,
}

/// What is known of the account at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Nobody has asked for this key yet, or there is none yet.
    Unknown,
    /// The account.
    Account(AccountId),
    /// The key was exchanged a moment ago for one of another account.
    Settling,
}

impl Keys {
    /// A request signed with this key at this time has left. Requests may tell of themselves out of order.
    pub(super) fn used(&self, place: &Place, key: String, signed: Instant) {
        let mut book = self.book();
        match book.in_use.get_mut(place) {
            Some(current) if current.signed > signed => {}
            Some(current) if current.key == key => current.signed = signed,
            Some(current) => {
                let before = std::mem::replace(&mut current.key, key);
                (current.signed, current.before) = (signed, Some((before, signed)));
            }
            None => {
                book.in_use.insert(place.clone(), InUse { key, signed, before: None });
            }
        }
    }

    /// AWS has told whose key this is.
    pub(super) fn belongs(&self, key: String, account: AccountId) {
        let mut book = self.book();
        if book.accounts.len() >= KEPT {
            book.accounts.clear();
        }
        book.accounts.insert(key, account);
    }

    /// The account of the key in use.
    pub(super) fn account(&self, place: &Place, now: Instant) -> Known {
        let book = self.book();
        let Some(current) = book.in_use.get(place) else { return Known::Unknown };
        let Some(account) = book.accounts.get(&current.key) else { return Known::Unknown };
        // A session that follows another of the same account changes nothing.
        let exchanged = current.before.as_ref().filter(|(before, _)| book.accounts.get(before) != Some(account));
        match exchanged {
            Some((_, at)) if now.saturating_duration_since(*at) < SETTLING => Known::Settling,
            Some(_) | None => Known::Account(account.clone()),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { region: "us-west-2".parse().unwrap(), endpoint: None, role: None }
    }

    fn account(digit: char) -> AccountId {
        digit.to_string().repeat(12).parse().unwrap()
    }

    /// Keys A and B of account 1, key C of account 2.
    fn keys() -> Keys {
        let keys = Keys::default();
        for (key, digit) in [("A", '1'), ("B", '1'), ("C", '2')] {
            keys.belongs(key.to_owned(), account(digit));
        }
        keys
    }

    #[test]
    fn a_key_of_the_same_account_takes_over_at_once() {
        let (keys, start) = (keys(), Instant::now());
        assert_eq!(keys.account(&place(), start), Known::Unknown);
        for key in ["A", "B"] {
            keys.used(&place(), key.to_owned(), start);
            assert_eq!(keys.account(&place(), start), Known::Account(account('1')), "{key}");
        }
    }

    #[test]
    fn between_accounts_nothing_is_said_until_all_old_requests_have_ended() {
        let (keys, start) = (keys(), Instant::now());
        keys.used(&place(), "A".to_owned(), start);
        keys.used(&place(), "C".to_owned(), start + Duration::from_secs(1));
        assert_eq!(keys.account(&place(), start + Duration::from_secs(2)), Known::Settling);
        assert_eq!(keys.account(&place(), start + Duration::from_secs(1) + SETTLING), Known::Account(account('2')));
    }

    #[test]
    fn a_late_request_of_the_old_key_does_not_bring_it_back() {
        let (keys, start) = (keys(), Instant::now());
        keys.used(&place(), "C".to_owned(), start + Duration::from_secs(1));
        keys.used(&place(), "A".to_owned(), start);
        assert_eq!(keys.account(&place(), start + Duration::from_secs(2)), Known::Account(account('2')));
    }

    #[test]
    fn a_key_that_nobody_asked_for_is_unknown_and_so_is_what_came_before() {
        let (keys, start) = (keys(), Instant::now());
        keys.used(&place(), "D".to_owned(), start);
        assert_eq!(keys.account(&place(), start), Known::Unknown);
        keys.used(&place(), "A".to_owned(), start);
        assert_eq!(keys.account(&place(), start), Known::Settling);
        assert_eq!(keys.account(&place(), start + SETTLING), Known::Account(account('1')));
    }
}
