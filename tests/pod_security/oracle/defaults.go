package main

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/utils/ptr"
)

// What the API server fills in before admission, as far as a verdict or its text depends on it. The code of Kubernetes
// 1.37.2 is not made for being imported; this follows SetDefaults_Volume, SetDefaults_PodSpec and SetDefaults_Pod of
// pkg/apis/core/v1/defaults.go and applyAppArmorVersionSkew of pkg/registry/core/pod/strategy.go.

// defaultPodSpec is done to pods and to templates.
func defaultPodSpec(spec *corev1.PodSpec) {
	for i := range spec.Volumes {
		if source := &spec.Volumes[i].VolumeSource; ptr.AllPtrFieldsNil(source) {
			source.EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	if spec.SecurityContext == nil {
		spec.SecurityContext = &corev1.PodSecurityContext{}
	}
}

// defaultPod is done to objects of kind Pod alone.
func defaultPod(pod *corev1.Pod) {
	defaultPodSpec(&pod.Spec)
	if pod.Spec.HostNetwork {
		defaultHostPorts(pod.Spec.Containers)
		defaultHostPorts(pod.Spec.InitContainers)
	}
	if pod.Spec.OS == nil || pod.Spec.OS.Name != corev1.Windows {
		copyAppArmorAnnotations(pod)
	}
}

func defaultHostPorts(containers []corev1.Container) {
	for i := range containers {
		for j := range containers[i].Ports {
			if port := &containers[i].Ports[j]; port.HostPort == 0 {
				port.HostPort = port.ContainerPort
			}
		}
	}
}

func copyAppArmorAnnotations(pod *corev1.Pod) {
	for i := range pod.Spec.InitContainers {
		copyAppArmorAnnotation(pod, &pod.Spec.InitContainers[i])
	}
	for i := range pod.Spec.Containers {
		copyAppArmorAnnotation(pod, &pod.Spec.Containers[i])
	}
	for i := range pod.Spec.EphemeralContainers {
		copyAppArmorAnnotation(pod, (*corev1.Container)(&pod.Spec.EphemeralContainers[i].EphemeralContainerCommon))
	}
}

func copyAppArmorAnnotation(pod *corev1.Pod, container *corev1.Container) {
	annotation, found := pod.Annotations[corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix+container.Name]
	if !found || container.SecurityContext != nil && container.SecurityContext.AppArmorProfile != nil {
		return
	}
	profile := appArmorProfile(annotation)
	if profile == nil || apiequality.Semantic.DeepEqual(profile, pod.Spec.SecurityContext.AppArmorProfile) {
		return
	}
	if container.SecurityContext == nil {
		container.SecurityContext = &corev1.SecurityContext{}
	}
	container.SecurityContext.AppArmorProfile = profile
}

// appArmorProfile is the field that says what the annotation says; nil where API validation would refuse the field.
func appArmorProfile(annotation string) *corev1.AppArmorProfile {
	const longestPath = 4095
	localhost, isLocalhost := strings.CutPrefix(annotation, corev1.DeprecatedAppArmorBetaProfileNamePrefix)
	switch {
	case annotation == corev1.DeprecatedAppArmorBetaProfileNameUnconfined:
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
	case annotation == corev1.DeprecatedAppArmorBetaProfileRuntimeDefault:
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeRuntimeDefault}
	case isLocalhost && localhost != "" && localhost == strings.TrimSpace(localhost) && len(localhost) <= longestPath:
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeLocalhost, LocalhostProfile: &localhost}
	}
	return nil
}
