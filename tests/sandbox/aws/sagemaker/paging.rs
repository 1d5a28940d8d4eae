//! Listings: filters by time and name, order, and pages.

use std::borrow::Cow;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::super::clock::{self, Millis};
use super::super::refusal::Refusal;
use super::super::signature::hex;

const DEFAULT_PAGE: usize = 10;

/// One resource as a listing sees it. Its summary is written only if the page shows it: an account may have thousands.
#[derive(Debug)]
pub(super) struct Row<'a, T> {
    pub(super) name: &'a str,
    /// What the listing is sorted by if that is neither name nor creation.
    pub(super) status: Cow<'static, str>,
    pub(super) created: Millis,
    pub(super) modified: Millis,
    pub(super) item: &'a T,
}

/// A listing's defaults, which differ from kind to kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    pub(super) sort_by: &'static str,
    pub(super) descending: bool,
}

/// The place of a row in the order asked for.
type SortKey = (String, Millis, String);

/// Filters, sorts and cuts out one page: `{LIST: […], "NextToken": …}`.
pub(super) fn page<'a, T: 'a>(
    request: &Value,
    list: &str,
    defaults: Defaults,
    rows: impl Iterator<Item = Row<'a, T>>,
    summary: impl Fn(&'a T) -> Value,
) -> Result<Value, Refusal> {
    let descending = request["SortOrder"].as_str().map_or(defaults.descending, |order| order == "Descending");
    let sort_by = request["SortBy"].as_str().unwrap_or(defaults.sort_by);
    let rows = rows.filter(|row| admits(request, row));
    let mut rows: Vec<(SortKey, &T)> = rows.map(|row| (sort_key(sort_by, &row), row.item)).collect();
    rows.sort_by(|(one, _), (other, _)| if descending { other.cmp(one) } else { one.cmp(other) });

    let fingerprint = fingerprint(request);
    if let Some(token) = request["NextToken"].as_str() {
        let reached = read_token(token, &fingerprint)?;
        rows.retain(|(key, _)| if descending { *key < reached } else { *key > reached });
    }
    let limit = request["MaxResults"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_PAGE);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut answer = Map::new();
    if let Some((key, _)) = rows.last().filter(|_| more) {
        answer.insert("NextToken".to_owned(), Value::from(write_token(key, &fingerprint)));
    }
    answer.insert(list.to_owned(), rows.into_iter().map(|(_, item)| summary(item)).collect());
    Ok(Value::Object(answer))
}

fn admits<T>(request: &Value, row: &Row<'_, T>) -> bool {
    let bound = |name: &str| clock::from_seconds(&request[name]);
    let modified_after = bound("LastModifiedTimeAfter").is_none_or(|bound| row.modified > bound);
    let modified_before = bound("LastModifiedTimeBefore").is_none_or(|bound| row.modified < bound);
    let created_after = bound("CreationTimeAfter").is_none_or(|bound| row.created > bound);
    let created_before = bound("CreationTimeBefore").is_none_or(|bound| row.created < bound);
    modified_after
        && modified_before
        && created_after
        && created_before
        && request["NameContains"].as_str().is_none_or(|part| row.name.contains(part))
        && request["StatusEquals"].as_str().is_none_or(|status| row.status == status)
}

fn sort_key<T>(sort_by: &str, row: &Row<'_, T>) -> SortKey {
    match sort_by {
        "Name" => (String::new(), 0, row.name.to_owned()),
        "Status" => (row.status.to_string(), row.created, row.name.to_owned()),
        _ => (String::new(), row.created, row.name.to_owned()),
    }
}

/// A token goes with its own listing only; the size of the pages may change.
fn fingerprint(request: &Value) -> String {
    let mut request = request.clone();
    if let Some(members) = request.as_object_mut() {
        members.remove("NextToken");
        members.remove("MaxResults");
    }
    hex(&Sha256::digest(request.to_string())[..8])
}

fn write_token((word, time, name): &SortKey, fingerprint: &str) -> String {
    hex(format!("{fingerprint}|{word}|{time}|{name}").as_bytes())
}

fn read_token(token: &str, fingerprint: &str) -> Result<SortKey, Refusal> {
    let invalid = || Refusal::validation("Invalid pagination token. Token is expired or belongs to another request.");
    let digits = token.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    let text =
        digits.collect::<Option<Vec<_>>>().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    match text.split('|').collect::<Vec<_>>()[..] {
        [of, word, time, name] if of == fingerprint => {
            Ok((word.to_owned(), time.parse().map_err(|_| invalid())?, name.to_owned()))
        }
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BY_CREATION: Defaults = Defaults { sort_by: "CreationTime", descending: false };

    /// One page of 25 jobs that are made in another order than their names'.
    fn list(request: &Value) -> Result<Value, Refusal> {
        let numbers: Vec<i64> = (0..25).map(|index| (index * 7) % 25).collect();
        let names: Vec<String> = numbers.iter().map(|number| format!("job-{number:02}")).collect();
        let rows = (0..).zip(names.iter().zip(&numbers)).map(|(index, (name, number))| Row {
            name,
            status: Cow::Borrowed(if index % 3 == 0 { "Failed" } else { "Completed" }),
            created: index * 1000 / 2,
            modified: index * 2000,
            item: number,
        });
        page(request, "Items", BY_CREATION, rows, |number| json!(number))
    }

    /// All summaries, page by page.
    fn walk(request: &Value) -> Vec<Vec<Value>> {
        let mut request = request.clone();
        let mut pages = Vec::new();
        loop {
            let page = list(&request).expect("the request is fine");
            pages.push(page["Items"].as_array().expect("a list").clone());
            let Some(token) = page.get("NextToken") else { return pages };
            request["NextToken"] = token.clone();
        }
    }

    #[test]
    fn pages_hold_everything_once_in_every_order() {
        for sort_by in ["Name", "CreationTime", "Status"] {
            for order in ["Ascending", "Descending"] {
                let pages = walk(&json!({ "SortBy": sort_by, "SortOrder": order }));
                assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
                let mut names: Vec<_> = pages.concat().iter().filter_map(Value::as_i64).collect();
                if sort_by == "Name" {
                    assert_eq!(names.is_sorted(), order == "Ascending");
                }
                names.sort_unstable();
                assert_eq!(names, (0..25).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn filters_narrow_and_bounds_are_exclusive() {
        let count = |request: Value| walk(&request).concat().len();
        assert_eq!(count(json!({ "MaxResults": 100, "LastModifiedTimeAfter": 40.0 })), 4);
        assert_eq!(count(json!({ "MaxResults": 100, "CreationTimeBefore": 1.0 })), 2);
        assert_eq!(count(json!({ "MaxResults": 3, "StatusEquals": "Failed" })), 9);
        assert_eq!(count(json!({ "NameContains": "job-1" })), 10);
    }

    #[test]
    fn a_token_of_another_listing_is_refused() {
        let first = list(&json!({})).expect("the request is fine");
        let token = &first["NextToken"];
        for request in [json!({ "NextToken": token, "SortBy": "Name" }), json!({ "NextToken": "beef" })] {
            let refusal = list(&request).expect_err("the token is wrong");
            assert_eq!(refusal.code, "ValidationException");
        }
    }
}
