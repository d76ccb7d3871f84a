package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// judgeManifest writes a line for each pod that the policy refuses, and fails if there is one.
func judgeManifest(asked, file string, out io.Writer) error {
	level, version, _ := strings.Cut(asked, ":")
	parsedLevel, levelErr := api.ParseLevel(level)
	parsedVersion, versionErr := api.ParseVersion(version)
	evaluator, evaluatorErr := policy.NewEvaluator(policy.DefaultChecks(), nil)
	manifest, fileErr := os.Open(file)
	if err := errors.Join(levelErr, versionErr, evaluatorErr, fileErr); err != nil {
		return err
	}
	defer manifest.Close()

	documents := yaml.NewYAMLReader(bufio.NewReader(manifest))
	for judged, refused := 0, 0; ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			if refused > 0 {
				return fmt.Errorf("%s refuses %d of %d pods", asked, refused, judged)
			}
			fmt.Fprintf(out, "%s allows %d pods\n", asked, judged)
			return nil
		}
		if err != nil {
			return err
		}
		pods, err := podsOf(document)
		if err != nil {
			return err
		}
		for _, pod := range pods {
			judged++
			if verdict := judge(evaluator, parsedLevel, parsedVersion, pod); !verdict.Allowed {
				refused++
				fmt.Fprintf(out, "%s: %s\n", pod.owner, verdict.Detail)
			}
		}
	}
}
