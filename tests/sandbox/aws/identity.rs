//! Who calls: the sandbox's long-lived keys, and the sessions that STS hands out.

use std::collections::HashMap;

use super::clock::Millis;
use super::refusal::Refusal;
use super::signature::hex;

/// Who is behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) access_key: String,
    pub(super) account: String,
    /// The user, or the assumed role with its session's name.
    pub(super) arn: String,
    pub(super) user_id: String,
    /// The role behind a session.
    pub(super) role: Option<String>,
}

/// What a key is worth.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) caller: Caller,
    pub(super) secret: String,
    /// Of a session: the token that must come along, and its end.
    pub(super) session: Option<(String, Millis)>,
}

/// All keys that are known.
#[derive(Debug)]
pub(super) struct Keys {
    keys: HashMap<String, Key>,
    sessions: u64,
}

/// What a new session is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) role_arn: &'a str,
    pub(super) name: &'a str,
    pub(super) expires: Millis,
}

impl Keys {
    /// The two accounts of the sandbox.
    pub(super) fn of_the_sandbox() -> Self {
        let user = |number: u8, account: &str| {
            let access_key = format!("AKIASANDBOX00000000{number}");
            let caller = Caller {
                access_key: access_key.clone(),
                account: account.to_owned(),
                arn: format!("arn:aws:iam::{account}:user/sandbox"),
                user_id: format!("AIDASANDBOX00000000{number}"),
                role: None,
            };
            (access_key, Key { caller, secret: format!("sandbox-secret-{number}"), session: None })
        };
        Self { keys: [user(1, "123456789012"), user(2, "210987654321")].into(), sessions: 0 }
    }

    /// The key of that id with the token that came along, if the two are good.
    pub(super) fn find(&self, access_key: &str, token: Option<&str>, now: Millis) -> Result<&Key, Refusal> {
        let unknown =
            || Refusal::new("UnrecognizedClientException", "The security token included in the request is invalid.");
        let key = self.keys.get(access_key).ok_or_else(unknown)?;
        match (&key.session, token) {
            (Some((expected, _)), Some(token)) if expected != token => Err(unknown()),
            (Some((_, expires)), Some(_)) if *expires <= now => {
                Err(Refusal::new("ExpiredTokenException", "The security token included in the request is expired"))
            }
            (Some(_), Some(_)) | (None, None) => Ok(key),
            (None, Some(_)) | (Some(_), None) => Err(unknown()),
        }
    }

    /// Starts a session of a role. The account is the role's.
    pub(super) fn assume(&mut self, session: Session<'_>) -> Option<&Key> {
        let Session { role_arn, name, expires } = session;
        let mut parts = role_arn.splitn(6, ':');
        let (partition, account) = (parts.nth(1)?, parts.nth(2)?);
        let role = parts.next()?.strip_prefix("role/")?;
        // The path of a role is not part of a session's ARN.
        let role = role.rsplit('/').next()?;
        self.sessions += 1;
        let access_key = format!("ASIASANDBOX{:09}", self.sessions);
        let chance = || hex(&fastrand::u128(..).to_be_bytes());
        let caller = Caller {
            access_key: access_key.clone(),
            account: account.to_owned(),
            arn: format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}"),
            user_id: format!("AROASANDBOX{account}:{name}"),
            role: Some(role_arn.to_owned()),
        };
        let token = format!("sandbox-session-{}{}", chance(), chance());
        let key = Key { caller, secret: chance(), session: Some((token, expires)) };
        Some(self.keys.entry(access_key).or_insert(key))
    }

    /// Ends all sessions now; their tokens count as expired from here on.
    pub(super) fn expire_sessions(&mut self, now: Millis) {
        for (_, expires) in self.keys.values_mut().filter_map(|key| key.session.as_mut()) {
            *expires = now.min(*expires);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_needs_its_token_and_ends() {
        let mut keys = Keys::of_the_sandbox();
        let role_arn = "arn:aws:iam::210987654321:role/team/data-science";
        let key =
            keys.assume(Session { role_arn, name: "operator", expires: 1000 }).expect("the ARN is a role's").clone();
        assert_eq!(key.caller.arn, "arn:aws:sts::210987654321:assumed-role/data-science/operator");
        let (token, _) = key.session.expect("it is a session");
        let find = |token: Option<&str>, now| {
            let found = keys.find(&key.caller.access_key, token, now);
            found.map(|key| key.caller.account.clone()).map_err(|refusal| refusal.code)
        };
        assert_eq!(find(Some(&token), 999), Ok("210987654321".to_owned()));
        assert_eq!(find(Some(&token), 1000), Err("ExpiredTokenException".to_owned()));
        assert_eq!(find(None, 0), Err("UnrecognizedClientException".to_owned()));
        assert_eq!(find(Some("other"), 0), Err("UnrecognizedClientException".to_owned()));
    }
}
