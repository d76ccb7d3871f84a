//! `HTTPS_PROXY` and `NO_PROXY`: which requests go through a tunnel, and through which proxy.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use crate::config::Environment;
use crate::exception::{self, Exception};

/// The proxy of an environment and the hosts it is not for.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    proxy: Option<Proxy>,
    /// Hosts of `NO_PROXY`, as written, without white space.
    direct: Vec<String>,
}

/// A proxy that tunnels with CONNECT.
#[derive(Clone)]
pub(super) struct Proxy {
    /// Its name or address.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    /// The value of `Proxy-Authorization`, where the URL names a user.
    pub(super) authorization: Option<String>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({}:{})", self.host, self.port)
    }
}

impl Rules {
    /// Reads the variables; the lower-case spelling wins. A proxy without a scheme is an `http` one.
    pub(super) fn of(environment: &Environment) -> Result<Self, Exception> {
        let either = |lower: &str, upper: &str| environment.nonempty(lower).or(environment.nonempty(upper));
        let direct = either("no_proxy", "NO_PROXY").unwrap_or_default();
        let direct = direct.split(',').map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect();
        let proxy = either("https_proxy", "HTTPS_PROXY").map(Proxy::parse).transpose()?;
        Ok(Self { proxy, direct })
    }

    /// The proxy for a host that is reached over TLS.
    pub(super) fn proxy_for(&self, host: &str) -> Option<&Proxy> {
        if self.direct.iter().any(|entry| covers(entry, host)) { None } else { self.proxy.as_ref() }
    }
}

impl Proxy {
    fn parse(text: &str) -> Result<Self, Exception> {
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&whole).ok().filter(Url::has_host);
        // The value may hold a password, so it is not repeated.
        let url = url.ok_or_else(|| Exception::new(exception::VALUE, "HTTPS_PROXY is not the URL of a proxy"))?;
        if url.scheme() != "http" {
            let message = format!("HTTPS_PROXY: Unknown scheme for proxy URL '{}://'", url.scheme());
            return Err(Exception::new(exception::VALUE, message));
        }
        let authorization = (!url.username().is_empty()).then(|| {
            let credentials = format!("{}:{}", url.username(), url.password().unwrap_or_default());
            format!("Basic {}", BASE64_STANDARD.encode(credentials))
        });
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port: url.port().unwrap_or(80), authorization })
    }
}

/// `*` covers all, `example.org` itself and what is below it, `.example.org` only what is below it.
fn covers(entry: &str, host: &str) -> bool {
    let entry = entry.to_ascii_lowercase();
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
    match entry.strip_prefix('.') {
        Some(domain) => below(domain),
        None => entry == "*" || entry == host || (entry.parse::<std::net::IpAddr>().is_err() && below(&entry)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(variables: &[(&str, &str)]) -> Result<Rules, Exception> {
        Rules::of(&variables.iter().copied().collect())
    }

    #[test]
    fn a_proxy_may_leave_out_scheme_and_port_and_name_a_user() {
        for (value, expected) in [
            ("http://127.0.0.1:3128", ("127.0.0.1", 3128, None)),
            ("proxy.example:8080", ("proxy.example", 8080, None)),
            ("http://[::1]:1/", ("::1", 1, None)),
            ("http://me:secret@proxy.example", ("proxy.example", 80, Some("Basic bWU6c2VjcmV0"))),
        ] {
            let rules = rules(&[("HTTPS_PROXY", value)]).unwrap();
            let proxy = rules.proxy_for("api.fastmail.com").unwrap();
            assert_eq!((proxy.host.as_str(), proxy.port, proxy.authorization.as_deref()), expected);
        }
        assert!(rules(&[("HTTPS_PROXY", "")]).unwrap().proxy_for("a").is_none());
        let refused = rules(&[("HTTPS_PROXY", "socks5://me:secret@x")]).unwrap_err();
        assert!(!refused.to_string().contains("secret"));
    }

    #[test]
    fn hosts_of_no_proxy_are_reached_directly() {
        for (value, host, direct) in [
            ("*", "api.fastmail.com", true),
            ("fastmail.com", "api.fastmail.com", true),
            ("fastmail.com", "fastmail.com", true),
            ("fastmail.com", "notfastmail.com", false),
            (".fastmail.com", "fastmail.com", false),
            (".FastMail.com", "api.fastmail.com", true),
            ("a.example, api.fastmail.com", "api.fastmail.com", true),
            ("10.0.0.1", "x.10.0.0.1", false),
            ("", "api.fastmail.com", false),
        ] {
            let rules = rules(&[("https_proxy", "p:1"), ("NO_PROXY", value)]).unwrap();
            assert_eq!(rules.proxy_for(host).is_none(), direct, "{value} {host}");
        }
    }
}
