//! Go's names for Rust's: `get_all` is `GetAll`, `user_id` is `UserID`.

/// Words that Go writes in capitals.
const INITIALISMS: &[&str] = &[
    "acl", "api", "ascii", "cpu", "css", "dns", "eof", "guid", "html", "http", "https", "id", "ip", "json", "qps",
    "ram", "rpc", "sla", "smtp", "sql", "ssh", "tcp", "tls", "ttl", "udp", "ui", "uid", "uri", "url", "utf8", "uuid",
    "vm", "xml", "xmpp", "xsrf", "xss",
];

/// Names that a parameter does not have: Go's keywords, and what the body of a stub calls.
const NOT_PARAMETERS: &[&str] = &[
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "panic",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// A word in the middle of a Go name.
fn capital(word: &str) -> String {
    let loud = !word.contains(char::is_lowercase);
    let word = if loud { word.to_lowercase() } else { word.into() };
    if INITIALISMS.contains(&&*word) {
        return word.to_uppercase();
    }
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn words(rust: &str) -> impl Iterator<Item = &str> {
    rust.trim_start_matches("r#").split('_').filter(|w| !w.is_empty())
}

/// The name of what other packages see: of a function, method, field or constant.
pub(crate) fn exported(rust: &str) -> String {
    words(rust).map(capital).collect()
}

/// The name of a parameter.
pub(crate) fn local(rust: &str) -> String {
    let mut words = words(rust);
    let first = words.next().map(str::to_lowercase).unwrap_or_default();
    let name = words.map(capital).fold(first, |name, word| name + &word);
    if NOT_PARAMETERS.contains(&&*name) { name + "_" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_go_has_them() {
        let seen = ["get_all", "user_id", "MAX_HTTP_SIZE", "r#type", "_private", "x", "utf8_len", "ids", "GetAll"]
            .map(exported);
        assert_eq!(seen, ["GetAll", "UserID", "MaxHTTPSize", "Type", "Private", "X", "UTF8Len", "Ids", "GetAll"]);
        let seen = ["user_id", "id", "url_path", "r#type", "map", "panic"].map(local);
        assert_eq!(seen, ["userID", "id", "urlPath", "type_", "map_", "panic_"]);
    }
}
