//! Which servers are reached without the proxy that the environment names.

use std::net::IpAddr;

use http::Uri;

/// Whether the environment, by `NO_PROXY`, has that server reached directly. kube 5 asks `NO_PROXY` about the proxy
/// instead of the server.
pub(crate) fn is_direct(server: &Uri) -> bool {
    is_bypassed(server, &exceptions())
}

/// The list in `NO_PROXY` or, as curl has it, `no_proxy`.
fn exceptions() -> String {
    let read = |name| std::env::var(name).ok().filter(|list| !list.is_empty());
    read("NO_PROXY").or_else(|| read("no_proxy")).unwrap_or_default()
}

/// Whether a server is reached directly: on this machine, or named in the list by `*`, its address, a network, its
/// name or a domain above it, each with or without a port. This is how kubectl reads it.
/// Source: <https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>
fn is_bypassed(server: &Uri, exceptions: &str) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("http") { 80 } else { 443 });
    let mut exceptions = exceptions.split(',').map(|entry| entry.trim().to_ascii_lowercase());
    exceptions.any(|entry| names(&entry, &host, address, port))
}

fn names(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Some((network, bits)), Some(address)) = (entry.split_once('/'), address) {
        return contains(network, bits, address).unwrap_or(false);
    }
    let is_address = |text: &str| text.trim_matches(['[', ']']).parse().ok() == address && address.is_some();
    if is_address(entry) {
        return true;
    }
    let entry = match entry.rsplit_once(':') {
        Some((name, wanted)) if wanted.parse() == Ok(port) => name,
        Some(_) => return false,
        None => entry,
    };
    if address.is_some() {
        return is_address(entry);
    }
    let entry = entry.strip_prefix('*').unwrap_or(entry);
    match entry.strip_prefix('.') {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None if entry.is_empty() => false,
        None => host.strip_suffix(entry).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
    }
}

/// Whether a network such as 10.0.0.0/8 has that address; `None` if it is not one of the same family.
fn contains(network: &str, bits: &str, address: IpAddr) -> Option<bool> {
    let bits: u32 = bits.parse().ok()?;
    // Both as the highest bits of 128.
    let (network, address, width) = match (network.parse().ok()?, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u128::from(network.to_bits()) << 96, u128::from(address.to_bits()) << 96, 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return None,
    };
    (bits <= width).then(|| (network ^ address).leading_zeros() >= bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_servers_as_kubectl_reads_it() {
        for (server, list, is_direct) in [
            ("https://127.0.0.1:6443", "", true),
            ("https://localhost:6443", "", true),
            ("https://[::1]:6443", "", true),
            ("https://kube.example.com", "", false),
            ("https://kube.example.com", "*", true),
            ("https://kube.example.com", "other.com, example.com", true),
            ("https://kube.example.com", ".example.com", true),
            ("https://kube.example.com", "*.example.com", true),
            ("https://kube.example.com", "KUBE.example.com", true),
            ("https://example.com", ".example.com", false),
            ("https://notexample.com", "example.com", false),
            ("https://kube.example.com:6443", "kube.example.com:6443", true),
            ("https://kube.example.com:6443", "kube.example.com:443", false),
            ("https://kube.example.com", "kube.example.com:443", true),
            ("https://10.1.2.3:6443", "10.0.0.0/8", true),
            ("https://11.1.2.3:6443", "10.0.0.0/8", false),
            ("https://10.1.2.3:6443", "10.1.2.3", true),
            ("https://10.1.2.3:6443", "2.3", false),
            ("https://[fd00::1]:6443", "fd00::/8", true),
            ("https://[fd00::1]:6443", "fd00::1", true),
            ("https://10.1.2.3:6443", "fd00::/8,10.0.0.0/99", false),
        ] {
            assert_eq!(is_bypassed(&server.parse().unwrap(), list), is_direct, "{server} {list:?}");
        }
    }
}
