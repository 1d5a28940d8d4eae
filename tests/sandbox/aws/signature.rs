//! Signature Version 4 from the service's side: the canonical request is rebuilt from what arrived and signed again.
//!
//! Written from the description in the IAM user guide ("Create a signed AWS API request"), not from any client's code.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::clock::{self, Millis};
use super::refusal::Refusal;

/// How far a signature's time may be from ours.
const SKEW: Millis = 5 * 60 * 1000;
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What of a request a signature covers.
#[derive(Debug, Clone)]
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// As sent, percent-encoded.
    pub(super) path: &'a str,
    /// As sent, without the question mark.
    pub(super) query: &'a str,
    /// Names in lower case.
    pub(super) headers: &'a [(String, String)],
    pub(super) body: &'a [u8],
}

/// The parts of an `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authorization {
    pub(super) access_key: String,
    date: String,
    pub(super) region: String,
    pub(super) service: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Signed<'_> {
    /// A header's value, if it was sent.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Reads the `Authorization` header; `None` if there is none.
    pub(super) fn authorization(&self) -> Option<Result<Authorization, Refusal>> {
        self.header("authorization").map(Authorization::parse)
    }
}

impl Authorization {
    fn parse(header: &str) -> Result<Self, Refusal> {
        let incomplete = |what: &str| {
            let text = format!("Authorization header requires '{what}' parameter. Authorization={ALGORITHM}");
            Refusal::new("IncompleteSignatureException", text)
        };
        let Some(parameters) = header.strip_prefix(ALGORITHM) else {
            return Err(Refusal::new("IncompleteSignatureException", format!("Unsupported algorithm: '{header}'.")));
        };
        let parameter = |name: &str| {
            let found = parameters.split(',').find_map(|it| it.trim().strip_prefix(name)?.strip_prefix('='));
            found.ok_or_else(|| incomplete(name))
        };
        let credential = parameter("Credential")?;
        let [access_key, date, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
            let text = format!("Credential must have exactly 5 slash-delimited elements, got '{credential}'.");
            return Err(Refusal::new("IncompleteSignatureException", text));
        };
        Ok(Self {
            access_key: access_key.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: parameter("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: parameter("Signature")?.to_owned(),
        })
    }

    /// A client's side of it, for the tests of the frame.
    #[cfg(test)]
    pub(super) fn header(request: &Signed<'_>, access_key: &str, secret: &str, region: &str, service: &str) -> String {
        let stamp = request.header("x-amz-date").expect("the request is dated");
        let mut authorization = Self {
            access_key: access_key.to_owned(),
            date: stamp[..8].to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: request.headers.iter().map(|(name, _)| name.clone()).collect(),
            signature: String::new(),
        };
        let payload = hex(&Sha256::digest(request.body));
        authorization.signature = authorization.sign(&authorization.canonical(request, &payload), stamp, secret);
        let Self { access_key, date, region, service, signed_headers, signature } = authorization;
        format!(
            "{ALGORITHM} Credential={access_key}/{date}/{region}/{service}/aws4_request, SignedHeaders={}, \
             Signature={signature}",
            signed_headers.join(";")
        )
    }

    /// Checks scope, time and signature.
    pub(super) fn verify(&self, request: &Signed<'_>, secret: &str, service: &str, now: Millis) -> Result<(), Refusal> {
        if self.service != service {
            let text = format!("Credential should be scoped to correct service: '{service}'. ");
            return Err(invalid(text));
        }
        if !is_region(&self.region) {
            return Err(invalid("Credential should be scoped to a valid region. "));
        }
        let stamp = request.header("x-amz-date").unwrap_or_default();
        let Some(at) = clock::parse_amz_date(stamp) else {
            let text = format!("Date must be in ISO-8601 'basic format'. Got '{stamp}'.");
            return Err(Refusal::new("IncompleteSignatureException", text));
        };
        if !stamp.starts_with(&self.date) {
            return Err(invalid(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{}' != '{}', from '{stamp}'.",
                self.date,
                &stamp[..8]
            )));
        }
        check_skew(at, now)?;
        self.check_covered(request)?;
        let payload = hex(&Sha256::digest(request.body));
        if request.header("x-amz-content-sha256").is_some_and(|sent| sent != payload)
            || self.signature != self.sign(&self.canonical(request, &payload), stamp, secret)
        {
            return Err(invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ));
        }
        Ok(())
    }

    /// The host and every `x-amz-` header that was sent must be under the signature.
    fn check_covered(&self, request: &Signed<'_>) -> Result<(), Refusal> {
        let must = request.headers.iter().map(|(name, _)| name.as_str());
        let missing: Vec<_> = must
            .filter(|name| *name == "host" || name.starts_with("x-amz-"))
            .filter(|name| !self.signed_headers.iter().any(|signed| signed == name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(invalid(format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", missing.join("', '"))))
    }

    fn canonical(&self, request: &Signed<'_>, payload: &str) -> String {
        let mut query: Vec<_> = request
            .query
            .split('&')
            .filter(|it| !it.is_empty())
            .map(|it| it.split_once('=').unwrap_or((it, "")))
            .collect();
        query.sort_unstable();
        let query: Vec<_> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut text = format!("{}\n{}\n{}\n", request.method, encode_path(request.path), query.join("&"));
        for name in &self.signed_headers {
            let values = request.headers.iter().filter(|(it, _)| it == name);
            let values: Vec<_> =
                values.map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
            let _ = writeln!(text, "{name}:{}", values.join(","));
        }
        let _ = write!(text, "\n{}\n{payload}", self.signed_headers.join(";"));
        text
    }

    fn sign(&self, canonical: &str, stamp: &str, secret: &str) -> String {
        let Self { date, region, service, .. } = self;
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let to_sign = format!("{ALGORITHM}\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let steps = [date.as_str(), region, service, "aws4_request"];
        let key = steps.iter().fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
        hex(&mac(&key, &to_sign))
    }
}

fn check_skew(at: Millis, now: Millis) -> Result<(), Refusal> {
    let [stamp, server] = [at, now].map(clock::amz_date);
    if at < now - SKEW {
        let limit = clock::amz_date(now - SKEW);
        return Err(invalid(format!("Signature expired: {stamp} is now earlier than {limit} ({server} - 5 min.)")));
    }
    if at > now + SKEW {
        let limit = clock::amz_date(now + SKEW);
        return Err(invalid(format!(
            "Signature not yet current: {stamp} is still later than {limit} ({server} + 5 min.)"
        )));
    }
    Ok(())
}

/// Every service but S3 encodes the path once more.
fn encode_path(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

/// `us-west-2`, `us-gov-east-1`, `us-iso-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [.., last] = parts[..] else { return false };
    let words = &parts[..parts.len() - 1];
    (2..=3).contains(&words.len())
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase()))
        && !last.is_empty()
        && last.bytes().all(|it| it.is_ascii_digit())
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidSignatureException", message)
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that AWS publishes with each step of its result: `ListUsers` of IAM on 30 August 2015.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

    fn headers() -> Vec<(String, String)> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature={SIGNATURE}"
        );
        [
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("host", "iam.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", &authorization),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    fn verify(headers: &[(String, String)], body: &[u8], secret: &str, service: &str, at: &str) -> Result<(), Refusal> {
        let query = "Action=ListUsers&Version=2010-05-08";
        let request = Signed { method: "GET", path: "/", query, headers, body };
        let authorization = request.authorization().expect("the header is there").expect("it is well formed");
        authorization.verify(&request, secret, service, clock::parse_amz_date(at).expect("a time"))
    }

    #[test]
    fn the_published_example_verifies_and_nothing_near_it_does() {
        let headers = headers();
        let now = "20150830T123959Z";
        assert_eq!(verify(&headers, b"", SECRET, "iam", now), Ok(()));
        let refused = |result: Result<(), Refusal>| result.expect_err("it must be refused").message;
        let mismatch = "The request signature we calculated does not match";
        assert!(refused(verify(&headers, b"x", SECRET, "iam", now)).starts_with(mismatch));
        assert!(refused(verify(&headers, b"", "other", "iam", now)).starts_with(mismatch));
        insta::assert_snapshot!(refused(verify(&headers, b"", SECRET, "sts", now)), @"Credential should be scoped to correct service: 'sts'. ");
        insta::assert_snapshot!(refused(verify(&headers, b"", SECRET, "iam", "20150830T124600Z")), @"Signature expired: 20150830T123600Z is now earlier than 20150830T124100Z (20150830T124600Z - 5 min.)");
        insta::assert_snapshot!(refused(verify(&headers, b"", SECRET, "iam", "20150830T122600Z")), @"Signature not yet current: 20150830T123600Z is still later than 20150830T123100Z (20150830T122600Z + 5 min.)");
        let with_token = [headers, vec![("x-amz-security-token".to_owned(), "t".to_owned())]].concat();
        insta::assert_snapshot!(refused(verify(&with_token, b"", SECRET, "iam", now)), @"'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.");
    }

    #[test]
    fn regions_look_like_regions() {
        for (text, expected) in
            [("us-west-2", true), ("us-gov-west-1", true), ("us-iso-east-1", true), ("moon", false), ("us-west", false)]
        {
            assert_eq!(is_region(text), expected, "{text}");
        }
    }
}
