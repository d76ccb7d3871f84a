//! The listening ports of the front: TLS, and TLS after CONNECT. One task a connection, HTTP/1.1 on it, and the
//! breaks that a fault asks for: they need the bare connection, below HTTP.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::message::{Body, Exchange};
use super::{Front, handle, proxy};

/// The pause after a failed accept, which means that the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is answered.
    Answer(Response<Body>),
    /// It is never answered; the connection stays open until the client closes it.
    Silence,
    /// Its connection is broken.
    Break(Break),
}

/// How a connection is broken.
#[derive(Debug)]
pub(crate) enum Break {
    /// A TCP reset.
    Reset,
    /// These bytes in place of an answer, then the end.
    Bytes(Vec<u8>),
}

impl From<Response<Body>> for Outcome {
    fn from(response: Response<Body>) -> Self {
        Self::Answer(response)
    }
}

/// What a listener does before TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Port {
    /// Nothing.
    Tls,
    /// It answers a CONNECT.
    Proxy,
}

/// Serves `listener` for ever.
pub(crate) async fn serve(listener: TcpListener, port: Port, acceptor: TlsAcceptor, front: Arc<Front>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (acceptor, front) = (acceptor.clone(), Arc::clone(&front));
        tokio::spawn(async move {
            // A connection that fails is the client's to report: it has seen the same failure.
            let _ = connection(stream, port, acceptor, front).await;
        });
    }
}

async fn connection(mut stream: TcpStream, port: Port, acceptor: TlsAcceptor, front: Arc<Front>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    if matches!(port, Port::Proxy) {
        proxy::connect(&mut stream).await?;
    }
    let stream = acceptor.accept(stream).await?;
    let (breaker, mut breaks) = mpsc::channel(1);
    let service = service_fn(move |request| respond(Arc::clone(&front), request, breaker.clone()));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        result = &mut connection => result?,
        Some(how) = breaks.recv() => break_off(connection.into_parts().io.into_inner(), how).await?,
    }
    Ok(())
}

/// A request is handled in a task of its own, so that a client that hangs up cannot stop it halfway: what Cyrus has
/// done must reach the record and the push streams.
async fn respond(
    front: Arc<Front>,
    request: Request<Incoming>,
    breaker: mpsc::Sender<Break>,
) -> anyhow::Result<Response<Body>> {
    let request = Exchange::read(request).await?;
    match tokio::spawn(async move { handle(&front, request).await }).await? {
        Outcome::Answer(response) => return Ok(response),
        Outcome::Silence => {}
        Outcome::Break(how) => breaker.send(how).await?,
    }
    pending().await
}

async fn break_off(mut stream: TlsStream<TcpStream>, how: Break) -> std::io::Result<()> {
    match how {
        Break::Reset => stream.get_ref().0.set_zero_linger(),
        Break::Bytes(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
    }
}
