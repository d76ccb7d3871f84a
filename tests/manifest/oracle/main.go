// Command oracle reads manifests with Kubernetes' own libraries, for the comparison with ours.
//
// It takes a JSON string a line, a text each, and answers with a line: what a client (kubectl, Helm) makes of the text and
// what the API server's strict decoding says to each object.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// An answer is the verdict on a text.
type answer struct {
	// Refused says why the client refuses the text; the objects before that place are listed all the same.
	Refused string   `json:"refused,omitempty"`
	Objects []object `json:"objects"`
}

// An object is what reaches the API server.
type object struct {
	// JSON is its text: as a string, so that a deep one does not stop the reader of the answer.
	JSON string `json:"json"`
	// Refused says why the server refuses it.
	Refused string `json:"refused,omitempty"`
	// Unknown says that it is no built-in kind.
	Unknown bool `json:"unknown,omitempty"`
}

func main() {
	log.SetFlags(0)
	for _, add := range []func(*runtime.Scheme) error{apiextensions.AddToScheme, apiregistration.AddToScheme} {
		if err := add(scheme.Scheme); err != nil {
			log.Fatal(err)
		}
	}
	in := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for {
		var text string
		if err := in.Decode(&text); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		if err := encoder.Encode(read(text)); err != nil {
			log.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// read does as cli-runtime's StreamVisitor and FlattenListVisitor do.
func read(text string) answer {
	result := answer{Objects: []object{}}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), 4096)
	for {
		raw := runtime.RawExtension{}
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return result
		} else if err != nil {
			result.Refused = err.Error()
			return result
		}
		raw.Raw = bytes.TrimSpace(raw.Raw)
		if len(raw.Raw) == 0 || bytes.Equal(raw.Raw, []byte("null")) {
			continue
		}
		decoded, _, err := unstructured.UnstructuredJSONScheme.Decode(raw.Raw, nil, nil)
		if err != nil {
			result.Refused = err.Error()
			return result
		}
		if err := flatten(decoded, &result.Objects); err != nil {
			result.Refused = err.Error()
			return result
		}
	}
}

// flatten lists an object, or the items of a list of objects.
func flatten(decoded runtime.Object, objects *[]object) error {
	if list, ok := decoded.(*unstructured.UnstructuredList); ok {
		for i := range list.Items {
			data, err := json.Marshal(list.Items[i].Object)
			if err != nil {
				return err
			}
			item, _, err := unstructured.UnstructuredJSONScheme.Decode(data, nil, nil)
			if err != nil {
				return err
			}
			if err := flatten(item, objects); err != nil {
				return err
			}
		}
		return nil
	}
	data, err := json.Marshal(decoded.(*unstructured.Unstructured).Object)
	if err != nil {
		return err
	}
	*objects = append(*objects, judge(data))
	return nil
}

var strict = serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, serializer.SerializerOptions{Strict: true})

// judge decodes an object as the API server does under strict field validation.
func judge(data []byte) object {
	_, _, err := strict.Decode(data, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return object{JSON: string(data), Unknown: true}
	}
	if err != nil {
		return object{JSON: string(data), Refused: err.Error()}
	}
	return object{JSON: string(data)}
}
