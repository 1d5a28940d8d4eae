//! `kubectl sagemaker version`: what is here, what is there, and whether it fits.

use clap::{Args, ValueEnum};
use sagemaker_operator::cli::{
    Cluster, Complaint, Console, Deployed, Failure, KubeFlags, Outcome, Type, deployed, kubernetes_version,
    missing_types,
};
use sagemaker_operator::lifecycle::OPERATOR_NAMESPACE;
use serde_json::{Value, json};

/// The version of this program.
const CLIENT: &str = env!("CARGO_PKG_VERSION");
/// What to do if parts do not fit.
pub(crate) const VERSION_HINT: &str = "use those of one release";

/// The flags of `version`.
#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Only that of this plugin; the cluster is not asked.
    #[arg(long)]
    client: bool,
    /// How it comes out.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// As JSON
    Json,
    /// As YAML
    Yaml,
}

/// What the cluster says, each part for itself.
struct Told {
    /// That of the flags.
    namespace: String,
    operator: Result<Option<Deployed>, String>,
    missing: Result<Vec<Type>, String>,
    kubernetes: Result<String, String>,
}

impl Version {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let told = if self.client { None } else { Some(ask(kube).await) };
        let (told, silence) = match told {
            None => (None, None),
            Some(Ok(told)) => (Some(told), None),
            Some(Err(complaint)) => (None, Some(complaint)),
        };
        match self.output {
            None => console.print(&lines(told.as_ref()))?,
            Some(Output::Json) => console.print(&format!("{:#}\n", document(told.as_ref())))?,
            Some(Output::Yaml) => {
                let text = serde_yaml::to_string(&document(told.as_ref()))
                    .map_err(|error| Complaint::new(format!("cannot write the versions as YAML: {error}")))?;
                console.print(&text)?;
            }
        }
        console.flush()?;
        if let Some(warning) = told.as_ref().and_then(gap) {
            console.say(&warning);
        }
        // The client's part has been told in any case.
        silence.map_or(Ok(Outcome::Done), |complaint| Err(complaint.into()))
    }
}

/// # Errors
/// If there is no cluster to ask.
async fn ask(kube: &KubeFlags) -> Result<Told, Complaint> {
    let cluster = Cluster::from_flags(kube).await?;
    let (kubernetes, operator, missing) =
        tokio::join!(kubernetes_version(&cluster), deployed(&cluster), missing_types(&cluster));
    Ok(Told { namespace: cluster.namespace().to_owned(), operator, missing, kubernetes: kubernetes? })
}

fn lines(told: Option<&Told>) -> String {
    let client = format!("client      v{CLIENT}\n");
    let Some(Told { namespace: here, operator, missing, kubernetes }) = told else { return client };
    let operator = match operator {
        Ok(Some(deployed)) => {
            let Deployed { namespace, name, image, version: _, ready, wanted } = deployed;
            let version = version(deployed).unwrap_or_else(|| "of a version that its image does not name".to_owned());
            format!("{version}, {ready} of {wanted} ready, {namespace}/{name}\nimage       {image}")
        }
        Ok(None) if here == OPERATOR_NAMESPACE => format!("no Deployment in {here}"),
        Ok(None) => format!("no Deployment in {here} or {OPERATOR_NAMESPACE}"),
        Err(why) => format!("unknown: {why}"),
    };
    let crds = match missing.as_deref() {
        Ok([]) => format!("{0} of {0}", Type::ALL.len()),
        Ok(missing) if missing.len() == Type::ALL.len() => format!("none of {}", Type::ALL.len()),
        Ok(missing) => {
            let names: Vec<&str> = missing.iter().map(|type_| type_.kind()).collect();
            format!("{} of {}, without {}", Type::ALL.len() - missing.len(), Type::ALL.len(), names.join(", "))
        }
        Err(why) => format!("unknown: {why}"),
    };
    let kubernetes = match kubernetes {
        Ok(version) => version.clone(),
        Err(why) => format!("unknown: {why}"),
    };
    let rest = [("operator", operator), ("CRDs", crds), ("Kubernetes", kubernetes)];
    let rest: Vec<String> = rest.iter().map(|(label, text)| format!("{label:<12}{text}\n")).collect();
    client + &rest.concat()
}

fn document(told: Option<&Told>) -> Value {
    let mut document = json!({ "client": { "version": format!("v{CLIENT}") } });
    let Some(Told { namespace: _, operator, missing, kubernetes }) = told else { return document };
    document["operator"] = match operator {
        Ok(Some(deployed)) => {
            let Deployed { namespace, name, image, version: _, ready, wanted } = deployed;
            json!({
                "version": version(deployed), "image": image, "namespace": namespace, "deployment": name,
                "readyReplicas": ready, "replicas": wanted,
            })
        }
        Ok(None) => Value::Null,
        Err(why) => json!({ "error": why }),
    };
    document["crds"] = match missing {
        Ok(missing) => {
            let (installed, missing): (Vec<Type>, Vec<Type>) =
                Type::ALL.into_iter().partition(|type_| !missing.contains(type_));
            let kinds = |types: Vec<Type>| types.into_iter().map(Type::kind).collect::<Vec<_>>();
            json!({ "installed": kinds(installed), "missing": kinds(missing) })
        }
        Err(why) => json!({ "error": why }),
    };
    document["kubernetes"] = match kubernetes {
        Ok(version) => json!({ "version": version }),
        Err(why) => json!({ "error": why }),
    };
    document
}

/// The operator's version, written as the client's is.
fn version(deployed: &Deployed) -> Option<String> {
    let version = deployed.version.as_ref()?;
    Some(if version.starts_with(|first: char| first.is_ascii_digit()) {
        format!("v{version}")
    } else {
        version.clone()
    })
}

/// What is said if client and operator are further apart than a minor version.
fn gap(told: &Told) -> Option<String> {
    let Ok(Some(deployed)) = &told.operator else { return None };
    let operator = version(deployed)?;
    is_far(CLIENT, &operator).then(|| {
        format!(
            "warning: plugin v{CLIENT} and operator {operator} are more than a minor version apart\n\
             hint: {VERSION_HINT}"
        )
    })
}

/// Whether two versions are more than a minor version apart.
pub(crate) fn is_far(client: &str, operator: &str) -> bool {
    let parts = |version: &str| {
        let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().ok());
        Some((parts.next()??, parts.next()??))
    };
    match (parts(client), parts(operator)) {
        (Some((major, minor)), Some((other_major, other_minor))) => {
            major != other_major || minor.abs_diff(other_minor) > 1
        }
        // A tag such as `latest` tells nothing.
        _ => false,
    }
}
