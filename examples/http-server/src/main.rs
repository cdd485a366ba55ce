//! An HTTP server whose middleware are Go plug-ins. Each implements what it wants to: `Before`, `After`, `Name`.
//!
//! `cargo run -p example-http-server`, then `curl -i localhost:3000/private -H 'Authorization: Bearer ann'`.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use itab::{Go, Plugin};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What a plug-in sees of a request.
#[derive(Go)]
struct Asked {
    method: String,
    path: String,
    headers: HashMap<String, String>,
}

/// A plug-in's own answer.
#[derive(Go)]
struct Answer {
    status: i64,
    body: String,
}

/// A plug-in has the methods that it needs: all are optional.
#[itab::interface]
trait Middleware: Send {
    fn name(&self) -> itab::Result<String> {
        Ok("a plug-in without a name".into())
    }
    /// Some answer ends the request.
    fn before(&self, _request: Asked) -> itab::Result<Option<Answer>> {
        Ok(None)
    }
    fn after(&self, _path: &str, body: &str) -> itab::Result<String> {
        Ok(body.into())
    }
}

/// Plug-ins in their order. One request at a time is in a plug-in.
type Plugins = Arc<Vec<Mutex<Plugin<dyn Middleware>>>>;

fn load(names: &[&str]) -> itab::Result<Plugins> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/plugins");
    let one = |name: &&str| Ok(Mutex::new(itab::load(&format!("{folder}/{name}.go"))?.plugin("New")?));
    names.iter().map(one).collect::<itab::Result<_>>().map(Arc::new)
}

/// Runs a plug-in beside the server's own threads. What goes wrong in one is an answer, and the server goes on.
async fn in_plugin<R: Send + 'static>(
    plugins: &Plugins,
    i: usize,
    f: impl FnOnce(&Plugin<dyn Middleware>) -> itab::Result<R> + Send + 'static,
) -> Result<R, Response> {
    let plugins = plugins.clone();
    let run = move || f(&plugins[i].lock().unwrap_or_else(|e| e.into_inner()));
    let done = tokio::task::spawn_blocking(run).await.map_err(|e| e.to_string());
    done.and_then(|r| r.map_err(|e| e.to_string()))
        .map_err(|e| (StatusCode::BAD_GATEWAY, format!("{e}\n")).into_response())
}

async fn middleware(State(plugins): State<Plugins>, request: Request, next: Next) -> Result<Response, Response> {
    let path = request.uri().path().to_string();
    let text = |v: &axum::http::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
    let headers: HashMap<_, _> = request.headers().iter().map(|(k, v)| (k.to_string(), text(v))).collect();
    for i in 0..plugins.len() {
        let asked = Asked { method: request.method().to_string(), path: path.clone(), headers: headers.clone() };
        if let Some(answer) = in_plugin(&plugins, i, |p| p.before(asked)).await? {
            let status = u16::try_from(answer.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
            return Ok((status.unwrap_or(StatusCode::BAD_GATEWAY), answer.body).into_response());
        }
    }
    let (parts, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let mut body = String::from_utf8_lossy(&body).into_owned();
    for i in 0..plugins.len() {
        let (path, old) = (path.clone(), body);
        body = in_plugin(&plugins, i, move |p| p.after(&path, &old)).await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)).into_response())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plugins = load(&["auth", "banner"])?;
    for plugin in plugins.iter() {
        println!("loaded {}", plugin.lock().unwrap_or_else(|e| e.into_inner()).name()?);
    }
    let app = Router::new()
        .route("/", get(async || "hello\n"))
        .route("/private", get(async || "secrets\n"))
        .route("/panic", get(async || "unseen\n"))
        .layer(from_fn_with_state(plugins.clone(), middleware));
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(&address).await?;
        println!("listening on {}", listener.local_addr()?);
        axum::serve(listener, app).await?;
        Ok(())
    })
}
