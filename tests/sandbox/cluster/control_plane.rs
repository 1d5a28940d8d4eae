//! Starting the servers in order, and knowing when they answer.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use kube::config::{KubeConfigOptions, Kubeconfig};

use super::access::Access;
use super::binaries::{self, Binaries};
use super::start::{self, Server};
use crate::scratch::Scratch;

/// How long a start may take. Three seconds are usual; a machine that compiles meanwhile needs more.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running control plane. Dropping it stops the servers and removes every trace.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    binaries: Binaries,
    access: Access,
    servers: Vec<Server>,
    /// Dropped last: the servers write into it.
    folder: Scratch,
}

impl ControlPlane {
    /// Starts one and returns when it answers.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let binaries = binaries::find_or_build().await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut starting = Self::launch(binaries.clone())?;
            match starting.until_ready(deadline).await {
                Ok(()) => return Ok(starting),
                Err(_) if starting.lost_a_port() && Instant::now() < deadline => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn launch(binaries: Binaries) -> anyhow::Result<Self> {
        let scratch = Scratch::new().context("failed to create a temporary folder")?;
        let folder = scratch.path();
        let (etcd_port, port) = (start::free_port()?, start::free_port()?);
        let ca = start::certificates(folder).join("apiserver.crt");
        let access = Access::write(folder, format!("https://127.0.0.1:{port}"), ca)?;
        let servers = vec![
            start::etcd(&binaries, folder, etcd_port)?,
            start::kube_apiserver(&binaries, folder, &access, etcd_port, port)?,
        ];
        Ok(Self { binaries, access, servers, folder: scratch })
    }

    async fn until_ready(&mut self, deadline: Instant) -> anyhow::Result<()> {
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        while !self.is_ready().await {
            self.check()?;
            if Instant::now() > deadline {
                let words: Vec<_> = self.servers.iter().map(last_words).collect();
                bail!("the control plane did not become ready within {PATIENCE:?}:\n{}", words.join("\n"));
            }
            tick.tick().await;
        }
        if let Some(program) = &self.binaries.kube_controller_manager {
            let manager = start::kube_controller_manager(program, self.folder.path(), &self.access)?;
            self.servers.push(manager);
        }
        Ok(())
    }

    /// An error if one of the servers has ended.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        for server in &mut self.servers {
            if let Some(status) = server.process.ended()? {
                bail!("{} ended, {status}; its last words:\n{}", server.name, last_words(server));
            }
        }
        Ok(())
    }

    async fn is_ready(&self) -> bool {
        // The certificate appears once the server has made it.
        if !self.access.ca.exists() {
            return false;
        }
        let Ok(client) = self.client().await else { return false };
        let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else { return false };
        client.request_text(request).await.is_ok()
    }

    /// A client with all rights.
    pub(crate) async fn client(&self) -> anyhow::Result<kube::Client> {
        let kubeconfig = Kubeconfig::read_from(&self.access.kubeconfig)?;
        let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        // HTTPS_PROXY is for other servers than the one on loopback.
        config.proxy_url = None;
        Ok(kube::Client::try_from(config)?)
    }

    fn lost_a_port(&self) -> bool {
        self.servers.iter().any(|server| last_words(server).contains("address already in use"))
    }

    /// How to reach it.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// What it runs on.
    pub(crate) fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// The servers' process ids by name.
    pub(crate) fn pids(&self) -> BTreeMap<&'static str, u32> {
        self.servers.iter().map(|server| (server.name, server.process.id())).collect()
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        // The last one started goes first, so that none complains about another.
        while let Some(server) = self.servers.pop() {
            drop(server);
        }
    }
}

fn last_words(server: &Server) -> String {
    let log = fs::read_to_string(&server.log).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
