//! Where in a pod the checks look, and who breaks a rule.

use super::check::Forbidden;
use super::pod::{Container, SecurityContext, Spec};
use super::text::{plural, quoted};

impl Spec {
    /// Every container of every type, in upstream's order: init (sidecars among them), regular, ephemeral; each with the
    /// path from the pod to it.
    pub(super) fn every_container(&self) -> impl Iterator<Item = (Place, &Container)> {
        let lists = [
            ("initContainers", &self.init_containers),
            ("containers", &self.containers),
            ("ephemeralContainers", &self.ephemeral_containers),
        ];
        lists.into_iter().flat_map(|(list, containers)| {
            containers.iter().enumerate().map(move |(index, container)| (Place { list, index }, container))
        })
    }

    /// Whether the pod says that it runs on Windows.
    pub(super) fn is_windows(&self) -> bool {
        self.os.name == "windows"
    }

    /// Whether the pod asks for a user namespace of its own, by an explicit `hostUsers: false`.
    pub(super) fn has_user_namespace(&self) -> bool {
        self.host_users == Some(false)
    }
}

/// Where a container stands in its pod.
#[derive(Clone, Copy)]
pub(super) struct Place {
    list: &'static str,
    index: usize,
}

impl Place {
    /// The path of a field of the container: `spec.initContainers[0].FIELD`.
    fn path(self, field: &str) -> String {
        format!("spec.{}[{}].{field}", self.list, self.index)
    }
}

/// Those who break a rule, in upstream's order, and the fields by which they do.
#[derive(Default)]
pub(super) struct Offenders<'a> {
    pod: bool,
    pub(super) containers: Vec<&'a str>,
    pub(super) paths: Vec<String>,
}

impl<'a> Offenders<'a> {
    /// The containers that break a rule: `bad_fields` names the fields by which one does, from the container on.
    pub(super) fn of_containers<F: IntoIterator<Item: AsRef<str>>>(
        spec: &'a Spec,
        mut bad_fields: impl FnMut(&'a Container) -> F,
    ) -> Self {
        let mut offenders = Self::default();
        for (place, container) in spec.every_container() {
            let known = offenders.paths.len();
            offenders.paths.extend(bad_fields(container).into_iter().map(|field| place.path(field.as_ref())));
            if offenders.paths.len() > known {
                offenders.containers.push(&container.name);
            }
        }
        offenders
    }

    /// The pod and the containers whose security context breaks a rule: `bad_fields` names the fields, from the context on.
    pub(super) fn of_contexts<F: IntoIterator<Item: AsRef<str>>>(
        spec: &'a Spec,
        mut bad_fields: impl FnMut(&'a SecurityContext) -> F,
    ) -> Self {
        let of_pod = in_context("spec.", bad_fields(&spec.security_context));
        let mut offenders =
            Self::of_containers(spec, |container| in_context("", bad_fields(&container.security_context)));
        offenders.pod = !of_pod.is_empty();
        offenders.paths.splice(0..0, of_pod);
        offenders
    }

    /// `container "a"` or `containers "a", "b"`.
    pub(super) fn container_names(&self) -> String {
        format!(
            "{} {}",
            plural(self.containers.len(), "container", "containers"),
            quoted(self.containers.iter().copied())
        )
    }

    /// `pod`, `container "a"`, or both.
    pub(super) fn setters(&self) -> Vec<String> {
        let pod = self.pod.then(|| "pod".to_owned());
        let containers = (!self.containers.is_empty()).then(|| self.container_names());
        pod.into_iter().chain(containers).collect()
    }

    /// The answer of a check: the detail is written for `pod and container "a"`; without offenders nothing is forbidden.
    pub(super) fn forbid(self, reason: &'static str, detail: impl FnOnce(&str) -> String) -> Option<Forbidden> {
        let setters = self.setters();
        let forbidden = || Forbidden { reason, detail: detail(&setters.join(" and ")), paths: self.paths };
        (!setters.is_empty()).then(forbidden)
    }
}

fn in_context(owner: &str, fields: impl IntoIterator<Item: AsRef<str>>) -> Vec<String> {
    fields.into_iter().map(|field| format!("{owner}securityContext.{}", field.as_ref())).collect()
}
