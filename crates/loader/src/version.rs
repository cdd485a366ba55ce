//! Language versions.

use std::fmt;

/// A version of the Go language, `go1.N`, as the number N.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct GoVersion(pub u16);

impl GoVersion {
    /// The version this engine implements.
    pub const CURRENT: GoVersion = GoVersion(27);
    /// What a go.mod without a go line means.
    pub const UNSTATED: GoVersion = GoVersion(16);
    /// The lowest version that a `//go:build` line can set for its file.
    pub const FILE_MINIMUM: GoVersion = GoVersion(21);

    /// Reads `1.27`, `go1.27`, `1.27.3`, `1.27rc1`.
    pub fn parse(text: &str) -> Option<GoVersion> {
        let rest = text.strip_prefix("go").unwrap_or(text).strip_prefix('1')?;
        let Some(rest) = rest.strip_prefix('.') else {
            return rest.is_empty().then_some(GoVersion(0));
        };
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok().map(GoVersion)
    }
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "go1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(GoVersion::parse("go1.27.3"), Some(GoVersion(27)));
        assert_eq!(GoVersion::parse("1.21rc2"), Some(GoVersion(21)));
        assert_eq!(GoVersion::parse("2.0"), None);
        assert_eq!(GoVersion::parse("1.x"), None);
    }
}
