//! Which addresses an isolate may connect to and listen on.
//!
//! A pattern is `host:port`. The host is an address, a network (`10.0.0.0/8`), a name or `*`, the port a number or `*`. What
//! counts is the address that a system call really gets. So names are resolved here, by the host's resolver, and Go code
//! gets the same answers: to an isolate that may connect to names, `/etc/hosts` is a list of these names and their
//! addresses, which package net reads before it asks a server.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How long an address of a name holds.
const FRESH: Duration = Duration::from_secs(30);

/// Which addresses are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    host: Host,
    /// None: any.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// An address and how many of its bits count.
    Net(IpAddr, u8),
    Name(String),
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<HostPattern, String> {
        let wrong = |why: &str| format!("{text}: {why}; a pattern is host:port, either of which may be *");
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("it has no port"))?;
        let port = match port {
            "*" => None,
            number => Some(number.parse().map_err(|_| wrong("the port is not a number up to 65535"))?),
        };
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let (address, bits) = bare.split_once('/').map_or((bare, None), |(a, b)| (a, Some(b)));
        let host = match (address.parse::<IpAddr>(), bits) {
            (Ok(ip), bits) => {
                let most = if ip.is_ipv4() { 32 } else { 128 };
                let bits = bits.map_or(Ok(most), |b| b.parse().map_err(|_| wrong("the network has no size")))?;
                if bits > most {
                    return Err(wrong("the network has too many bits"));
                }
                Host::Net(ip, bits)
            }
            (Err(_), None) if bare == "*" => Host::Any,
            (Err(_), None) if is_name(bare) => Host::Name(bare.to_ascii_lowercase()),
            _ => return Err(wrong("the host is neither an address nor a name")),
        };
        Ok(HostPattern { host, port })
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

impl HostPattern {
    fn fits(&self, to: SocketAddr, names: &Names) -> bool {
        let ip = canonical(to.ip());
        self.port.is_none_or(|port| port == to.port())
            && match &self.host {
                Host::Any => true,
                Host::Net(net, bits) => in_net(ip, canonical(*net), *bits),
                Host::Name(name) => names.addresses(name).contains(&ip),
            }
    }

    fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) => Some(name),
            Host::Any | Host::Net(..) => None,
        }
    }
}

/// One form for each address: IPv4 within IPv6 is IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

fn in_net(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    let same = |a: u128, b: u128, all: u32| {
        let rest = all - u32::from(bits).min(all);
        rest >= 128 || a >> rest == b >> rest
    };
    match (ip, net) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

/// Where a call to `to` ends up: nowhere in particular is this machine.
fn destination(to: SocketAddr) -> SocketAddr {
    let ip = match canonical(to.ip()) {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, to.port())
}

/// Whether one of the patterns allows a connection or datagram to go there.
pub fn may_connect(patterns: &[HostPattern], names: &Names, to: SocketAddr) -> bool {
    let to = destination(to);
    patterns.iter().any(|p| p.fits(to, names))
}

/// Whether one of the patterns allows listening there. All addresses of the machine have to be named as such.
pub fn may_listen(patterns: &[HostPattern], names: &Names, at: SocketAddr) -> bool {
    patterns.iter().any(|p| p.fits(at, names))
}

/// The names in patterns, and what the host's resolver said of them.
#[derive(Debug, Default)]
pub struct Names {
    known: Vec<(String, Vec<IpAddr>)>,
    asked: Option<Instant>,
}

impl Names {
    fn addresses(&self, name: &str) -> &[IpAddr] {
        self.known.iter().find(|(n, _)| n == name).map_or(&[], |(_, all)| all)
    }

    /// The names that have to be asked for now; none if what is known still holds.
    pub fn to_ask(&self, patterns: &[HostPattern]) -> Vec<String> {
        if self.asked.is_some_and(|at| at.elapsed() < FRESH) {
            return vec![];
        }
        patterns.iter().filter_map(HostPattern::name).map(str::to_owned).collect()
    }

    /// Keeps answers. An address that was given out before stays allowed as long as the name has an address at all.
    pub fn learn(&mut self, answers: Vec<(String, Vec<IpAddr>)>) {
        for (name, found) in answers {
            match self.known.iter_mut().find(|(n, _)| *n == name) {
                Some((_, known)) if !found.is_empty() => *known = found,
                Some(_) => {}
                None => self.known.push((name, found)),
            }
        }
        self.asked = Some(Instant::now());
    }

    /// `/etc/hosts`.
    pub fn hosts_file(&self) -> String {
        let mut text = String::from("127.0.0.1 localhost\n::1 localhost\n");
        for (name, ips) in &self.known {
            for ip in ips {
                writeln!(text, "{ip} {name}").expect("a string takes all");
            }
        }
        text
    }
}

/// Asks the host's resolver; for any thread.
pub fn resolve(names: Vec<String>) -> Vec<(String, Vec<IpAddr>)> {
    let ask = |name: String| {
        let found = (name.as_str(), 0).to_socket_addrs();
        let mut all: Vec<IpAddr> = found.map_or_else(|_| vec![], |a| a.map(|s| canonical(s.ip())).collect());
        all.dedup();
        (name, all)
    };
    names.into_iter().map(ask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(pattern: &str, to: &str) -> bool {
        let mut names = Names::default();
        names.learn(vec![("api.example".into(), vec!["192.0.2.1".parse().unwrap()])]);
        may_connect(&[pattern.parse().unwrap()], &names, to.parse().unwrap())
    }

    #[test]
    fn patterns_fit_addresses() {
        for (pattern, to, fits) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:*", "127.0.0.2:81", false),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80", true),
            ("127.0.0.1:80", "0.0.0.0:80", true),
            ("127.0.0.2:80", "0.0.0.0:80", false),
            ("[::1]:80", "[::]:80", true),
            ("0.0.0.0:80", "0.0.0.0:80", false),
            ("10.0.0.0/8:*", "10.255.0.1:5", true),
            ("10.0.0.0/8:*", "11.0.0.1:5", false),
            ("0.0.0.0/0:53", "8.8.8.8:53", true),
            ("0.0.0.0/0:53", "[2001::8]:53", false),
            ("[2001:db8::/32]:1", "[2001:db8:1::2]:1", true),
            ("*:443", "8.8.8.8:443", true),
            ("API.example:443", "192.0.2.1:443", true),
            ("api.example:443", "192.0.2.2:443", false),
            ("other.example:443", "192.0.2.1:443", false),
        ] {
            assert_eq!(connect(pattern, to), fits, "{pattern} {to}");
        }
    }

    #[test]
    fn wrong_patterns_say_what_is_wrong() {
        for (pattern, why) in [
            ("host", "no port"),
            ("host:http", "not a number"),
            ("host:70000", "not a number"),
            ("ho st:1", "neither"),
            ("10.0.0.0/33:1", "too many bits"),
            ("10.0.0.0/x:1", "no size"),
            (":80", "neither"),
            ("api.*:80", "neither"),
            ("[2001:db8::]/32:1", "neither"),
        ] {
            let error = pattern.parse::<HostPattern>().unwrap_err();
            assert!(error.contains(why), "{pattern}: {error}");
        }
    }

    #[test]
    fn listening_everywhere_has_to_be_granted_as_such() {
        let at =
            |pattern: &str, at: &str| may_listen(&[pattern.parse().unwrap()], &Names::default(), at.parse().unwrap());
        assert!(at("127.0.0.1:0", "127.0.0.1:0"));
        assert!(!at("127.0.0.1:80", "0.0.0.0:80"));
        assert!(at("0.0.0.0:80", "0.0.0.0:80"));
        assert!(at("*:80", "[::]:80"));
    }
}
