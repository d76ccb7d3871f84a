//! `deploy` up to its plan, with stub helm and kubectl that write down every call.

mod bench;
mod cluster;
mod files;
mod hygiene;
mod refused;
mod terminal;
mod told;
