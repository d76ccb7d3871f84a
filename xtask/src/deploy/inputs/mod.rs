//! What is to be deployed: the request, its values, the credentials, and what the chart makes of them.

pub(crate) mod documents;
pub(crate) mod render;
pub(crate) mod request;
pub(crate) mod secrets_file;
pub(crate) mod values;
