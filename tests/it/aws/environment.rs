//! Where credentials and addresses come from. A process has one environment, so each case is a process of its own: this
//! test binary again, which runs nothing but [`probe`].

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

use sagemaker_operator::api::TrainingJob;
use sagemaker_operator::aws::{Api, Clients, Options};
use sagemaker_operator::lifecycle::{Gateway, Handle, Intent, Kind, Permit, Place};

use crate::support::Simulator;
use crate::support::simulator::{Keys, REGION};

/// Tells the probe that it is one.
const IS_PROBE: &str = "PROBE";
/// What the probe takes for `spec.sageMakerEndpoint` and `--endpoint-url`.
const SPEC: &str = "PROBE_SPEC";
const FLAG: &str = "PROBE_FLAG";
/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:1";

#[derive(Debug)]
struct Reader;

impl Permit for Reader {
    fn may_write(&self) -> bool {
        false
    }
}

/// Not a test by itself: describes a job and asks for the account with what the environment gives, and tells.
#[tokio::test]
async fn probe() {
    if env::var_os(IS_PROBE).is_none() {
        return;
    }
    let given = |name: &str| env::var(name).ok().map(|address| address.parse().unwrap());
    let options = Options { endpoint_url: given(FLAG), ..Options::default() };
    let api = Api::new(Clients::new(options), Arc::new(Reader), Arc::new(|_| ()));
    let place = Place { region: REGION.parse().unwrap(), endpoint: given(SPEC), role: None };
    let (spec, status) = (super::bench::spec(), <TrainingJob as Kind>::Status::default());
    let handle = Handle { name: "mnist", spec: &spec, status: &status, intent: Intent::Keep };
    let refusal = Gateway::<TrainingJob>::describe(&api, &place, &handle).await.unwrap_err();
    let account = Gateway::<TrainingJob>::account(&api, &place).await;
    let account = account.map_or_else(|refusal| format!("{:?}", refusal.cause), |account| account.to_string());
    let told = format!("{:?} {account}", refusal.cause);
    std::fs::write(env::var_os(IS_PROBE).unwrap(), told).unwrap();
}

/// What a process with these variables, and no others, is told: the class of "no such job", and its account.
fn probed(home: &Path, variables: &[(&str, &str)]) -> String {
    let told = home.join("told");
    let output = Command::new(env::current_exe().expect("this binary"))
        .args(["--exact", "aws::environment::probe"])
        .env_clear()
        .envs([("AWS_EC2_METADATA_DISABLED", "true")])
        .env("HOME", home)
        .env(IS_PROBE, &told)
        .envs(variables.iter().copied())
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(told).expect("the probe has told")
}

fn keys() -> [(&'static str, &'static str); 2] {
    [("AWS_ACCESS_KEY_ID", Keys::Ours.id()), ("AWS_SECRET_ACCESS_KEY", Keys::Ours.secret())]
}

#[test]
fn an_address_comes_from_the_first_place_that_has_one() {
    let aws = Simulator::at_speed(10.0);
    let home = tempfile::tempdir().unwrap();
    let places = [SPEC, "AWS_DEFAULT_SAGEMAKER_ENDPOINT", FLAG, "AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL"];
    for first in 0..places.len() {
        let mut variables = keys().to_vec();
        variables.push((places[first], aws.endpoint()));
        variables.extend(places[first + 1..].iter().map(|later| (*later, NOWHERE)));
        let told = probed(home.path(), &variables);
        assert!(told.starts_with("NotFound "), "{}: {told}", places[first]);
    }
    assert_eq!(aws.calls("DescribeTrainingJob").len(), places.len());
}

#[test]
fn the_addresses_of_sagemaker_are_not_those_of_other_services() {
    let aws = Simulator::at_speed(10.0);
    let home = tempfile::tempdir().unwrap();
    for of_sagemaker in [SPEC, "AWS_DEFAULT_SAGEMAKER_ENDPOINT", "AWS_ENDPOINT_URL_SAGEMAKER"] {
        let mut variables = keys().to_vec();
        variables.extend([(of_sagemaker, NOWHERE), ("AWS_ENDPOINT_URL", aws.endpoint())]);
        assert_eq!(probed(home.path(), &variables), "Transient 123456789012", "{of_sagemaker}");
    }
}

#[test]
fn a_pod_with_a_role_takes_it_on_by_its_token() {
    let aws = Simulator::at_speed(10.0);
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("token");
    std::fs::write(&token, "eyJhbGciOiJub25lIn0.e30.").unwrap();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::210987654321:role/irsa"),
        ("AWS_ENDPOINT_URL", aws.endpoint()),
    ];
    assert_eq!(probed(home.path(), &variables), "NotFound 210987654321");
    assert_eq!(aws.calls("AssumeRoleWithWebIdentity").len(), 1, "one session serves all calls");
}

#[test]
fn a_profile_may_take_on_a_role_with_the_keys_of_another() {
    let aws = Simulator::at_speed(10.0);
    let home = tempfile::tempdir().unwrap();
    let [(_, id), (_, secret)] = keys();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let profiles = format!(
        "[profile base]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\
         [profile team]\nrole_arn = arn:aws:iam::210987654321:role/team\nsource_profile = base\n\
         endpoint_url = {}\n",
        aws.endpoint()
    );
    std::fs::write(home.path().join(".aws/config"), profiles).unwrap();
    assert_eq!(probed(home.path(), &[("AWS_PROFILE", "team")]), "NotFound 210987654321");
}

#[test]
fn without_credentials_nothing_is_sent() {
    let aws = Simulator::at_speed(10.0);
    let home = tempfile::tempdir().unwrap();
    assert_eq!(probed(home.path(), &[("AWS_ENDPOINT_URL", aws.endpoint())]), "Credentials Credentials");
    assert!(aws.journal().is_empty());
}

/// A proxy that lets nobody through, and remembers where they wanted to go.
fn closed_proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let (wanted, all) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream?;
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line)?;
            if wanted.send(line.trim_end().to_owned()).is_err() {
                break;
            }
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
        }
        Ok::<(), std::io::Error>(())
    });
    (format!("http://{address}"), all)
}

/// The variables are those that the charts set.
#[test]
fn aws_is_reached_through_a_proxy_at_its_endpoints_for_fips_and_for_both_protocols() {
    let home = tempfile::tempdir().unwrap();
    for (fips, dual_stack, hosts) in [
        ("false", "false", ["api.sagemaker.us-west-2.amazonaws.com", "sts.us-west-2.amazonaws.com"]),
        ("true", "false", ["api-fips.sagemaker.us-west-2.amazonaws.com", "sts-fips.us-west-2.amazonaws.com"]),
        ("false", "true", ["api.sagemaker.us-west-2.api.aws", "sts.us-west-2.api.aws"]),
        ("true", "true", ["api.sagemaker-fips.us-west-2.api.aws", "sts-fips.us-west-2.api.aws"]),
    ] {
        let (proxy, wanted) = closed_proxy();
        let mut variables = keys().to_vec();
        variables.extend([("AWS_USE_FIPS_ENDPOINT", fips), ("AWS_USE_DUALSTACK_ENDPOINT", dual_stack)]);
        variables.push(("HTTPS_PROXY", &proxy));
        assert_eq!(probed(home.path(), &variables), "Transient Transient", "a proxy's refusal is not AWS's");
        let asked: Vec<String> = wanted.try_iter().collect();
        assert_eq!(asked, hosts.map(|host| format!("CONNECT {host}:443 HTTP/1.1")), "{fips} {dual_stack}");
    }
}
