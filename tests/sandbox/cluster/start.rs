//! The command lines of the three servers.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::access::Access;
use super::binaries::Binaries;
use crate::tied::{self, Tied};

/// A server of the control plane, its output in a file.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) log: PathBuf,
    pub(super) process: Tied,
}

impl Server {
    fn start(name: &'static str, program: &Path, folder: &Path, args: &[String]) -> io::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log)?;
        let mut command = tied::command(program)?;
        command.args(args).current_dir(folder);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        Ok(Self { name, log, process: Tied::spawn(command)? })
    }
}

/// A port that was free a moment ago. Somebody may take it before the server does; then the start is repeated.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

pub(super) fn etcd(binaries: &Binaries, folder: &Path, client: u16) -> io::Result<Server> {
    let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{}", free_port()?));
    let args = [
        format!("--data-dir={}", folder.join("etcd").display()),
        // The data live as long as the process: nothing is gained by waiting for a disk.
        "--unsafe-no-fsync".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
    ];
    Server::start("etcd", &binaries.etcd, folder, &args)
}

pub(super) fn kube_apiserver(
    binaries: &Binaries,
    folder: &Path,
    access: &Access,
    etcd: u16,
    port: u16,
) -> io::Result<Server> {
    let certificates = certificates(folder);
    // The server makes a key and a certificate for itself before it looks for this one, so the same key serves both.
    let key = certificates.join("apiserver.key");
    let args = [
        format!("--etcd-servers=http://127.0.0.1:{etcd}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={port}"),
        // A machine without any other interface is as good.
        "--advertise-address=127.0.0.1".to_owned(),
        "--endpoint-reconciler-type=none".to_owned(),
        format!("--cert-dir={}", certificates.display()),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", key.display()),
        format!("--service-account-signing-key-file={}", key.display()),
        format!("--token-auth-file={}", access.token_file.display()),
        "--authorization-mode=RBAC".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
        "--disable-admission-plugins=ServiceAccount".to_owned(),
        // As on OpenShift: who makes a child that blocks its owner must be allowed to hold the owner.
        "--enable-admission-plugins=OwnerReferencesPermissionEnforcement".to_owned(),
    ];
    Server::start("kube-apiserver", &binaries.kube_apiserver, folder, &args)
}

pub(super) fn kube_controller_manager(program: &Path, folder: &Path, access: &Access) -> io::Result<Server> {
    let args = [
        format!("--kubeconfig={}", access.kubeconfig.display()),
        "--leader-elect=false".to_owned(),
        "--controllers=garbage-collector-controller,namespace-controller,clusterrole-aggregation-controller".to_owned(),
        "--secure-port=0".to_owned(),
    ];
    Server::start("kube-controller-manager", program, folder, &args)
}

pub(super) fn certificates(folder: &Path) -> PathBuf {
    folder.join("certificates")
}
