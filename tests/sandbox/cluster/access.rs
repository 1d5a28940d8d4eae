//! Who may enter the control plane: a static token each, and a kubeconfig with a context each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The context's name, the user's name and its groups. RBAC is real: but for the first, nobody may do anything until a
/// test or an installer grants it.
const USERS: [(&str, &str, &[&str]); 3] = [
    ("admin", "admin", &["system:masters"]),
    ("log-reader", "log-reader", &["people"]),
    (
        "operator",
        "system:serviceaccount:sagemaker-k8s-operator-system:sagemaker-k8s-operator-default",
        &["system:serviceaccounts", "system:serviceaccounts:sagemaker-k8s-operator-system"],
    ),
];

/// How to reach the API server, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) server: String,
    pub(crate) ca: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) token_file: PathBuf,
    users: Vec<(&'static str, String)>,
}

impl Access {
    /// Draws new tokens and writes token file and kubeconfig into `folder`.
    pub(crate) fn write(folder: &Path, server: String, ca: PathBuf) -> io::Result<Self> {
        let users = USERS.iter().map(|(context, ..)| Ok((*context, draw_token()?))).collect::<io::Result<Vec<_>>>()?;
        let access =
            Self { server, ca, kubeconfig: folder.join("kubeconfig"), token_file: folder.join("tokens.csv"), users };
        fs::write(&access.token_file, access.token_lines())?;
        fs::write(&access.kubeconfig, access.document("admin"))?;
        for (context, ..) in USERS {
            fs::write(access.kubeconfig_of(context), access.document(context))?;
        }
        Ok(access)
    }

    /// A kubeconfig whose current context is that of another user than `admin`.
    pub(crate) fn kubeconfig_of(&self, context: &str) -> PathBuf {
        self.kubeconfig.with_file_name(format!("kubeconfig-{context}"))
    }

    /// The token of each context.
    pub(crate) fn tokens(&self) -> BTreeMap<&str, &str> {
        self.users.iter().map(|(context, token)| (*context, token.as_str())).collect()
    }

    fn token_lines(&self) -> String {
        let mut lines = String::new();
        for ((context, name, groups), (_, token)) in USERS.iter().zip(&self.users) {
            let _ = writeln!(lines, "{token},{name},{context},\"{}\"", groups.join(","));
        }
        lines
    }

    /// JSON is YAML, and kubectl takes it as such.
    fn document(&self, current: &str) -> String {
        let users: Vec<Value> =
            self.users.iter().map(|(context, token)| json!({"name": context, "user": {"token": token}})).collect();
        let contexts: Vec<Value> = self
            .users
            .iter()
            .map(|(context, _)| json!({"name": context, "context": {"cluster": "sandbox", "user": context}}))
            .collect();
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": current,
            "clusters": [{
                "name": "sandbox",
                "cluster": {"server": self.server, "certificate-authority": self.ca},
            }],
            "users": users,
            "contexts": contexts,
        });
        format!("{document:#}\n")
    }
}

fn draw_token() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_file_names_each_user_with_its_groups() {
        let folder = tempfile::tempdir().unwrap();
        let access = Access::write(folder.path(), "https://127.0.0.1:1".into(), "/ca".into()).unwrap();
        let mut lines = fs::read_to_string(&access.token_file).unwrap();
        for (context, token) in access.tokens() {
            lines = lines.replace(token, &format!("TOKEN-OF-{context}"));
        }
        insta::assert_snapshot!(lines, @r#"
        TOKEN-OF-admin,admin,admin,"system:masters"
        TOKEN-OF-log-reader,log-reader,log-reader,"people"
        TOKEN-OF-operator,system:serviceaccount:sagemaker-k8s-operator-system:sagemaker-k8s-operator-default,operator,"system:serviceaccounts,system:serviceaccounts:sagemaker-k8s-operator-system"
        "#);
    }

    #[test]
    fn no_two_tokens_are_alike() {
        assert_ne!(draw_token().unwrap(), draw_token().unwrap());
    }
}
