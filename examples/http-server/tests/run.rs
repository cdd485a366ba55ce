//! The example as it is run: a server on a free port, and requests to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// Ends the server with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Status and body.
fn get(address: &str, path: &str, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let auth = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{auth}\r\n").expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers");
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status line");
    (status, text.split_once("\r\n\r\n").expect("a body").1.to_string())
}

#[test]
fn plugins_answer_change_and_fail() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_example-http-server"))
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let _server = Server(child);
    let lines: Vec<String> = out.lines().map_while(Result::ok).take(3).collect();
    assert_eq!(lines[..2], ["loaded auth", "loaded a plug-in without a name"]);
    let address = lines[2].strip_prefix("listening on ").expect("an address");
    assert_eq!(get(address, "/", ""), (200, "Hello\n".into()));
    assert_eq!(get(address, "/private", ""), (401, "who are you?\n".into()));
    for _ in 0..3 {
        assert_eq!(get(address, "/private", "ann"), (200, "Secrets\n".into()));
    }
    assert_eq!(get(address, "/private", "ann"), (429, "ann, that is enough\n".into()));
    assert_eq!(get(address, "/private", "bob"), (200, "Secrets\n".into()));
    assert_eq!(get(address, "/panic", ""), (502, "panic: the plug-in is broken\n".into()));
    assert_eq!(get(address, "/", ""), (200, "Hello\n".into()));
}
