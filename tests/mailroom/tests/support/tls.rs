//! A certificate authority for one test, and the service's two names under it.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

/// Writes the authority's certificate to `file`, and returns what a server with a leaf of it needs.
pub(super) fn configuration(file: &Path) -> Arc<ServerConfig> {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Authorities of two tests must not pass for one another: the folder's name is unique.
    let name = file.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
    authority.distinguished_name.push(DnType::CommonName, name);
    std::fs::write(file, authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let names = ["api.fastmail.com", "carddav.fastmail.com"].map(str::to_owned);
    let leaf_key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&leaf_key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(leaf_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap())
}
