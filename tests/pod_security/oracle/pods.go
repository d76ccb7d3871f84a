package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// pod is what the library gets to see: of a workload, its template.
type pod struct {
	owner    string
	metadata *metav1.ObjectMeta
	spec     *corev1.PodSpec
}

// decoder is the API server's: JSON, and YAML by way of it, into the served types.
var decoder = func() runtime.Decoder {
	scheme := runtime.NewScheme()
	utilruntime.Must(corev1.AddToScheme(scheme))
	utilruntime.Must(appsv1.AddToScheme(scheme))
	utilruntime.Must(batchv1.AddToScheme(scheme))
	return serializer.NewCodecFactory(scheme).UniversalDeserializer()
}()

// podsOf decodes a document and gives its pods, defaulted; those of every item if it is a list.
func podsOf(document []byte) ([]pod, error) {
	object, _, err := decoder.Decode(document, nil, nil)
	if err != nil {
		return nil, err
	}
	return podsOfObject(object)
}

func podsOfObject(object runtime.Object) ([]pod, error) {
	if unknown, ok := object.(*runtime.Unknown); ok {
		return podsOf(unknown.Raw)
	}
	if !meta.IsListType(object) {
		return podOf(object)
	}
	items, err := meta.ExtractList(object)
	if err != nil {
		return nil, err
	}
	var pods []pod
	for _, item := range items {
		more, err := podsOfObject(item)
		if err != nil {
			return nil, err
		}
		pods = append(pods, more...)
	}
	return pods, nil
}

// podOf gives the pod, or the pod of the template, of the nine kinds that the admission plugin knows; of others, none.
func podOf(object runtime.Object) ([]pod, error) {
	var template *corev1.PodTemplateSpec
	switch workload := object.(type) {
	case *corev1.Pod:
		defaultPod(workload)
		return []pod{{owner: owner(object), metadata: &workload.ObjectMeta, spec: &workload.Spec}}, nil
	case *corev1.PodTemplate:
		template = &workload.Template
	case *corev1.ReplicationController:
		template = workload.Spec.Template
	case *appsv1.ReplicaSet:
		template = &workload.Spec.Template
	case *appsv1.Deployment:
		template = &workload.Spec.Template
	case *appsv1.DaemonSet:
		template = &workload.Spec.Template
	case *appsv1.StatefulSet:
		template = &workload.Spec.Template
	case *batchv1.Job:
		template = &workload.Spec.Template
	case *batchv1.CronJob:
		template = &workload.Spec.JobTemplate.Spec.Template
	}
	if template == nil {
		return nil, nil
	}
	defaultPodSpec(&template.Spec)
	return []pod{{owner: owner(object), metadata: &template.ObjectMeta, spec: &template.Spec}}, nil
}

func owner(object runtime.Object) string {
	kind := object.GetObjectKind().GroupVersionKind().Kind
	accessor, err := meta.Accessor(object)
	if err != nil {
		return kind
	}
	return fmt.Sprintf("%s/%s", kind, accessor.GetName())
}
