//! The HTTP client: nothing that could repeat, redirect or remember a call.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use rustls::RootCertStore;
use secrecy::{ExposeSecret, SecretString};

use crate::dial::Dials;
use crate::route::Base;
use crate::settings::VendorError;

/// Below the minute or more after which servers and middle boxes usually drop a silent connection.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// The client for this address: no redirects (A3), no cookies (A2), no proxy, no repeats, no decompression.
///
/// A request is put on another connection only when hyper found its pooled one closed before it took the
/// request: then nothing has left.
pub(crate) fn build(
    base: &Base,
    access_token: &SecretString,
    timeout: Duration,
    dials: Dials,
) -> Result<reqwest::Client, VendorError> {
    trusting(roots(base)?, access_token, timeout, dials)
}

fn trusting(
    roots: RootCertStore,
    access_token: &SecretString,
    timeout: Duration,
    dials: Dials,
) -> Result<reqwest::Client, VendorError> {
    reqwest::Client::builder()
        .default_headers(headers(access_token)?)
        .user_agent(concat!("parceld/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls(roots)?)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .tcp_nodelay(true)
        .pool_idle_timeout(POOL_IDLE)
        .connector_layer(dials)
        // A connection that does not come about within half the deadline is given up while it is still certain
        // that nothing was sent; after the whole deadline that could no longer be told.
        .connect_timeout(timeout / 2)
        .build()
        .map_err(|error| VendorError::Client(error.to_string()))
}

fn headers(access_token: &SecretString) -> Result<HeaderMap, VendorError> {
    let token = access_token.expose_secret().trim();
    if token.is_empty() {
        return Err(VendorError::AccessToken(
            "empty; set it, or vendor.access_token_file",
        ));
    }
    let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| VendorError::AccessToken("holds a character that no header may hold"))?;
    bearer.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
}

/// The system's certificates for `https://`, none for `http://`: a machine without any still calls that.
fn roots(base: &Base) -> Result<RootCertStore, VendorError> {
    let mut roots = RootCertStore::empty();
    if base.is_https() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(VendorError::Roots(base.to_string()));
        }
    }
    Ok(roots)
}

/// The provider is named here rather than installed for the whole process, which is not ours alone.
fn tls(roots: RootCertStore) -> Result<rustls::ClientConfig, VendorError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| VendorError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use parceld_domain::verdict::{Refusal, Verdict};
    use rustls::ServerConfig;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::exchange::{Answer, exchange};

    /// A certificate of `localhost` that nothing but these tests trusts.
    fn certificate() -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(include_bytes!("../tests/tls/localhost.crt")).unwrap()
    }

    const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

    fn server_config() -> Arc<ServerConfig> {
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("../tests/tls/localhost.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = config.with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate()], key).unwrap())
    }

    /// The port of a server that shows this certificate after a pause and answers one request; and what it read.
    async fn tls_server_after(pause: Duration) -> (u16, tokio::task::JoinHandle<usize>) {
        let config = server_config();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::time::sleep(pause).await;
            let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else {
                return 0;
            };
            let Ok(read @ 1..) = stream.read(&mut [0; 4096]).await else {
                return 0;
            };
            stream.write_all(REPLY).await.unwrap();
            read
        });
        (port, served)
    }

    async fn tls_server() -> u16 {
        tls_server_after(Duration::ZERO).await.0
    }

    async fn called(roots: RootCertStore, port: u16) -> Result<Answer, Refusal> {
        let timeout = Duration::from_secs(10);
        let client = trusting(roots, &"token".into(), timeout, Dials::default()).unwrap();
        let request = client.post(format!("https://localhost:{port}/")).build().unwrap();
        exchange(&client, request, timeout, 1024).await
    }

    #[tokio::test]
    async fn https_works_with_a_certificate_that_is_trusted() {
        let mut roots = RootCertStore::empty();
        roots.add(certificate()).unwrap();
        let answer = called(roots, tls_server().await).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_trusted_proves_that_nothing_was_sent() {
        let refusal = called(RootCertStore::empty(), tls_server().await)
            .await
            .unwrap_err();
        assert_eq!(refusal.verdict, Verdict::NotSent, "{refusal:?}");
        assert!(refusal.msg.contains("certificate"), "{}", refusal.msg);
    }

    #[tokio::test]
    async fn a_call_whose_connection_came_too_late_for_its_slot_is_not_sent() {
        const PAUSE: Duration = Duration::from_millis(60);
        let mut roots = RootCertStore::empty();
        roots.add(certificate()).unwrap();
        for (wait, in_time) in [(PAUSE / 4, false), (Duration::from_secs(5), true)] {
            let (port, served) = tls_server_after(PAUSE).await;
            let leave_by = std::time::Instant::now() + wait;
            let answer = crate::leave::leaving_by(leave_by, called(roots.clone(), port)).await;
            assert_eq!(answer.is_ok(), in_time, "{answer:?}");
            assert!(answer.is_err() || answer.unwrap().is_ok(), "an answer that came");
            assert_eq!(served.await.unwrap() > 0, in_time, "what the vendor read");
        }
    }

    /// What a server has seen.
    #[derive(Default)]
    struct Counts {
        handshakes: AtomicUsize,
        requests: AtomicUsize,
    }

    /// A server of two connections: the first answers each request after a pause, the handshake of the second takes long.
    async fn busy_server(reply_after: Duration, second_after: Duration) -> (u16, Arc<Counts>) {
        let (config, listener) = (server_config(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let port = listener.local_addr().unwrap().port();
        let counts = Arc::new(Counts::default());
        let seen = Arc::clone(&counts);
        tokio::spawn(async move {
            for handshake_after in [Duration::ZERO, second_after] {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, seen) = (TlsAcceptor::from(Arc::clone(&config)), Arc::clone(&seen));
                tokio::spawn(async move {
                    tokio::time::sleep(handshake_after).await;
                    let mut stream = acceptor.accept(stream).await.unwrap();
                    seen.handshakes.fetch_add(1, Ordering::SeqCst);
                    while matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {
                        seen.requests.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(reply_after).await;
                        let _ = stream.write_all(REPLY).await;
                    }
                });
            }
        });
        (port, counts)
    }

    async fn until(count: &AtomicUsize, least: usize) {
        while count.load(Ordering::SeqCst) < least {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_call_that_gets_another_ones_connection_too_late_is_not_sent_and_its_own_serves_the_next() {
        const REPLY_AFTER: Duration = Duration::from_millis(80);
        let (port, seen) = busy_server(REPLY_AFTER, 3 * REPLY_AFTER).await;
        let mut roots = RootCertStore::empty();
        roots.add(certificate()).unwrap();
        let timeout = Duration::from_secs(10);
        let client = trusting(roots, &"token".into(), timeout, Dials::default()).unwrap();
        let call = || {
            let url = format!("https://localhost:{port}/");
            let request = client.post(url).body("a=b").build().unwrap();
            let client = client.clone();
            async move {
                let request =
                    crate::leave::checked(request, &Dials::default()).map_err(crate::exchange::not_sent)?;
                exchange(&client, request, timeout, 1024).await
            }
        };
        let first = tokio::spawn(call());
        until(&seen.requests, 1).await;
        let leave_by = std::time::Instant::now() + REPLY_AFTER / 4;
        let late = crate::leave::leaving_by(leave_by, call()).await;
        assert_eq!(late.unwrap_err(), crate::TooLate);
        assert!(first.await.unwrap().is_ok());
        assert_eq!(seen.requests.load(Ordering::SeqCst), 1, "nothing of it arrived");
        until(&seen.handshakes, 2).await;
        // No third connection is accepted: this one goes over what was dialled for the late call.
        call().await.unwrap();
        assert_eq!(seen.requests.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn plain_http_needs_no_certificates_of_the_system() {
        let base = Base::parse("http://api.vv-tool.com").unwrap();
        assert!(roots(&base).unwrap().is_empty());
    }
}
