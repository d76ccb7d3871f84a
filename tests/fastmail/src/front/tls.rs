//! TLS for the two host names: a certificate authority, made or given by files, and a leaf it signs at every start.
//!
//! Python from 3.13 verifies strictly (`VERIFY_X509_STRICT`): the authority needs critical basicConstraints and
//! keyUsage and a subject key identifier, the leaf an authority key identifier; the leaf also gets its own subject key
//! identifier, keyUsage and extendedKeyUsage, as public authorities do.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::service::Service;

/// How long certificates are valid: long enough for any test, short enough that no client calls it a mistake.
const VALID: Duration = Duration::days(365);
/// How far before now they begin, for clocks that differ.
const LEEWAY: Duration = Duration::days(1);

/// A certificate authority.
#[derive(Debug)]
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes a new one.
    pub fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate().context("cannot make a key")?;
        let mut params = params("mailroom throw-away test CA", Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).context("cannot sign the CA")?.pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// The two files of an authority in `folder`: certificate and private key, both PEM.
    pub fn paths(folder: &Path) -> (PathBuf, PathBuf) {
        (folder.join("ca.crt"), folder.join("ca.key"))
    }

    /// Reads the one in `folder`.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let (certificate_path, key_path) = Self::paths(folder);
        let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        let (certificate, key) = (read(&certificate_path)?, read(&key_path)?);
        let key = KeyPair::from_pem(&key).with_context(|| format!("no usable key in {}", key_path.display()))?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key)
            .with_context(|| format!("no usable CA in {}", certificate_path.display()))?;
        Ok(Self { certificate, issuer })
    }

    /// Writes it to `folder`, the key readable by its owner only; fails where there is one already.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let (certificate_path, key_path) = Self::paths(folder);
        if certificate_path.exists() || key_path.exists() {
            bail!("{} has a CA already: remove it or choose another folder", folder.display());
        }
        create(&key_path, 0o600, &self.issuer.key().serialize_pem())?;
        create(&certificate_path, 0o644, &self.certificate)
    }

    /// Its certificate, PEM: what a client must trust.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Signs a new leaf for both host names; gives what the TLS port needs.
    pub fn acceptor(&self) -> anyhow::Result<TlsAcceptor> {
        let key = KeyPair::generate().context("cannot make a key")?;
        let leaf = self.leaf(&key)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn leaf(&self, key: &KeyPair) -> anyhow::Result<Certificate> {
        let mut params = params("fastmail.com", Service::ALL.map(|service| service.host().to_owned()).to_vec())?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.signed_by(key, &self.issuer).context("cannot sign the server's certificate")
    }
}

fn params(name: &str, hosts: Vec<String>) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::from(SystemTime::now());
    params.not_before = now - LEEWAY;
    params.not_after = now + VALID;
    Ok(params)
}

fn create(path: &Path, mode: u32, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use x509_parser::extensions::ParsedExtension;
    use x509_parser::oid_registry::Oid;
    use x509_parser::pem::parse_x509_pem;
    use x509_parser::prelude::{FromDer as _, X509Certificate};

    use super::*;

    /// What an extension says, and whether it is critical, where the certificate has it.
    fn extension<'a>(certificate: &'a X509Certificate, oid: &[u64]) -> Option<(bool, &'a ParsedExtension<'a>)> {
        let found = certificate.get_extension_unique(&Oid::from(oid).unwrap()).unwrap()?;
        Some((found.critical, found.parsed_extension()))
    }

    const SUBJECT_KEY: [u64; 4] = [2, 5, 29, 14];
    const AUTHORITY_KEY: [u64; 4] = [2, 5, 29, 35];

    /// RFC 5280, section 4.2.1, as OpenSSL's strict check reads it.
    #[test]
    fn both_certificates_pass_a_strict_verifier() {
        let authority = Authority::new().unwrap();
        let (_, pem) = parse_x509_pem(authority.certificate().as_bytes()).unwrap();
        let ca = pem.parse_x509().unwrap();
        let constraints = ca.basic_constraints().unwrap().unwrap();
        assert!(constraints.critical && constraints.value.ca);
        let usage = ca.key_usage().unwrap().unwrap();
        assert!(usage.critical && usage.value.key_cert_sign());
        let Some((false, ParsedExtension::SubjectKeyIdentifier(ca_key))) = extension(&ca, &SUBJECT_KEY) else {
            panic!("the CA has no subject key identifier")
        };

        let leaf = authority.leaf(&KeyPair::generate().unwrap()).unwrap();
        let (_, leaf) = X509Certificate::from_der(leaf.der()).unwrap();
        leaf.verify_signature(Some(ca.public_key())).unwrap();
        let names = format!("{:?}", leaf.subject_alternative_name().unwrap().unwrap().value.general_names);
        assert_eq!(names, r#"[DNSName("api.fastmail.com"), DNSName("carddav.fastmail.com")]"#);
        assert!(leaf.key_usage().unwrap().unwrap().value.digital_signature());
        assert!(leaf.extended_key_usage().unwrap().unwrap().value.server_auth);
        assert!(extension(&leaf, &SUBJECT_KEY).is_some());
        let Some((false, ParsedExtension::AuthorityKeyIdentifier(issuer))) = extension(&leaf, &AUTHORITY_KEY) else {
            panic!("the leaf has no authority key identifier")
        };
        assert_eq!(issuer.key_identifier.as_ref(), Some(ca_key));
    }

    #[test]
    fn a_written_authority_reads_back_and_signs() {
        let folder = tempfile::tempdir().unwrap();
        let made = Authority::new().unwrap();
        made.write(folder.path()).unwrap();
        let read = Authority::read(folder.path()).unwrap();
        assert_eq!(made.certificate(), read.certificate());
        read.acceptor().unwrap();
    }

    #[test]
    fn an_authority_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        Authority::new().unwrap().write(folder.path()).unwrap();
        let error = Authority::new().unwrap().write(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("remove it or choose another folder"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Authority::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("ca.crt"), "{error}");
    }
}
