//! The query protocol, which only STS speaks here: form fields in, XML out.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::clock;
use super::model::{Service, ShapeKind};
use super::refusal::Refusal;

/// Decodes `a=b&c=d`.
pub(super) fn fields(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: Vec<_> = rest.by_ref().take(2).collect();
                let code = std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                bytes.extend(code);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The request that the fields stand for, by the operation's shape.
pub(super) fn request(service: &'static Service, shape: &str, fields: &[(String, String)]) -> Value {
    let parameters: Vec<_> = fields.iter().filter(|(key, _)| key != "Action" && key != "Version").collect();
    let pairs: Vec<_> = parameters.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    value(service, shape, &pairs)
}

fn value(service: &'static Service, shape: &str, pairs: &[(&str, &str)]) -> Value {
    let shape = service.shape(shape);
    let text = || pairs.first().map_or("", |(_, value)| value);
    match shape.kind {
        ShapeKind::Structure => {
            let known = |name: &str| shape.members.get(name);
            let members = heads(pairs).into_iter().map(|head| {
                let inner = below(pairs, head);
                let value = known(head).map_or_else(|| Value::from(text()), |shape| value(service, shape, &inner));
                (head.to_owned(), value)
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        ShapeKind::List => {
            let member = shape.member.as_deref().expect("a list has a member");
            let items = below(pairs, "member");
            Value::Array(heads(&items).into_iter().map(|index| value(service, member, &below(&items, index))).collect())
        }
        ShapeKind::Integer | ShapeKind::Long => text().parse::<i64>().map_or_else(|_| Value::from(text()), Value::from),
        ShapeKind::Boolean => Value::Bool(text() == "true"),
        ShapeKind::Map | ShapeKind::String | ShapeKind::Float | ShapeKind::Double | ShapeKind::Timestamp => {
            Value::from(text())
        }
    }
}

/// The first parts of the names, each once, in order.
fn heads<'a>(pairs: &[(&'a str, &str)]) -> Vec<&'a str> {
    let mut heads: Vec<&str> = Vec::new();
    for (key, _) in pairs {
        let head = key.split('.').next().unwrap_or(key);
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    heads
}

/// The pairs below a name, with the name cut off.
fn below<'a>(pairs: &[(&'a str, &'a str)], head: &str) -> Vec<(&'a str, &'a str)> {
    let cut = |key: &'a str| if key == head { Some("") } else { key.strip_prefix(head)?.strip_prefix('.') };
    pairs.iter().filter_map(|(key, value)| Some((cut(key)?, *value))).collect()
}

/// An answer in XML.
pub(super) fn answer(service: &'static Service, operation: &str, body: &Value, request_id: &str) -> String {
    let namespace = service.xml_namespace.as_deref().unwrap_or_default();
    let shape = service.operations[operation].output.as_deref().expect("every action of the query protocol answers");
    let mut inner = String::new();
    element(service, shape, body, &mut inner);
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{inner}</{operation}Result><ResponseMetadata>\
         <RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

fn element(service: &'static Service, shape: &str, value: &Value, out: &mut String) {
    let shape = service.shape(shape);
    match (shape.kind, value) {
        (ShapeKind::Timestamp, value) => out.push_str(&clock::iso(clock::from_seconds(value).unwrap_or_default())),
        (_, Value::Object(members)) => {
            for (name, member) in members {
                let _ = write!(out, "<{name}>");
                element(service, &shape.members[name], member, out);
                let _ = write!(out, "</{name}>");
            }
        }
        (_, Value::String(text)) => out.push_str(&escape(text)),
        (_, other) => out.push_str(&other.to_string()),
    }
}

/// An error in XML.
pub(super) fn error(service: &'static Service, refusal: &Refusal, request_id: &str) -> String {
    let namespace = service.xml_namespace.as_deref().unwrap_or_default();
    let side = if refusal.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>",
        refusal.code,
        escape(&refusal.message)
    )
}

/// The codes that STS has for what the JSON services call otherwise.
pub(super) fn translate(refusal: Refusal) -> Refusal {
    let code = match refusal.code.as_str() {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "ExpiredTokenException" => "ExpiredToken",
        "AccessDeniedException" => "AccessDenied",
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        "ThrottlingException" => "Throttling",
        _ => return refusal,
    };
    let status = if matches!(code, "Throttling" | "IncompleteSignature") { 400 } else { 403 };
    Refusal { status, code: code.to_owned(), message: refusal.message }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_become_the_request_that_they_stand_for() {
        let text = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&DurationSeconds=900\
                    &Tags.member.1.Key=team&Tags.member.1.Value=a+b&Tags.member.2.Key=x&Tags.member.2.Value=";
        let service = Service::by_action("AssumeRole").expect("an action of STS");
        let expected = json!({ "RoleArn": "arn:aws:iam::1:role/r", "DurationSeconds": 900,
            "Tags": [{ "Key": "team", "Value": "a b" }, { "Key": "x", "Value": "" }] });
        assert_eq!(request(service, "AssumeRoleRequest", &fields(text)), expected);
    }
}
