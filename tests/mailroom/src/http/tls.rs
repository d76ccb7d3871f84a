//! Which certificates are trusted, and how a failed handshake is worded.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};

use crate::config::Environment;
use crate::exception::{self, Exception};

/// `SSL_CERT_FILE` alone if set, else `SSL_CERT_DIR` alone if set, else the public authorities that are built in.
pub(super) fn configuration(environment: &Environment) -> Result<Arc<ClientConfig>, Exception> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = environment.nonempty("SSL_CERT_FILE") {
        add_file(&mut roots, Path::new(file))?;
        if roots.is_empty() {
            let message = "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4154)";
            return Err(Exception::new(exception::SSL, message));
        }
    } else if let Some(folder) = environment.nonempty("SSL_CERT_DIR") {
        // A folder that does not exist, or holds nothing, trusts nobody: not an error before the first handshake.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let _ = add_file(&mut roots, &entry.path());
        }
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Exception::new(exception::SSL, error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn add_file(roots: &mut RootCertStore, file: &Path) -> Result<(), Exception> {
    let pem = std::fs::read(file).map_err(|error| Exception::os(&error, ""))?;
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    Ok(())
}

/// The error of a handshake with `host`, in OpenSSL's words where it has some.
pub(super) fn handshake_error(error: &std::io::Error, host: &str) -> Exception {
    use std::io::ErrorKind;
    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
        return Exception::new(exception::CONNECT_TIMEOUT, "_ssl.c:989: The handshake operation timed out");
    }
    if error.kind() == ErrorKind::UnexpectedEof {
        let message = "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1000)";
        return Exception::new(exception::CONNECT, message);
    }
    let tls_error = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let message = match tls_error {
        Some(rustls::Error::InvalidCertificate(problem)) => {
            let problem = certificate_problem(problem, host);
            format!("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {problem} (_ssl.c:1000)")
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)".into()
        }
        Some(other) => format!("[SSL] {other} (_ssl.c:1000)"),
        None => exception::errno_text(error),
    };
    Exception::new(exception::CONNECT, message)
}

fn certificate_problem(problem: &CertificateError, host: &str) -> String {
    match problem {
        CertificateError::BadSignature => "certificate signature failure".into(),
        CertificateError::UnknownIssuer => "unable to get local issuer certificate".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "certificate has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "certificate is not yet valid".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("Hostname mismatch, certificate is not valid for '{host}'.")
        }
        other => other.to_string(),
    }
}
