// Command oracle judges pods with the API server's own library, k8s.io/pod-security-admission.
//
//	oracle cases                     reads JSON documents, one a line; writes the verdicts of each, one line a document
//	oracle manifest LEVEL:VERSION F  reads a YAML file; writes the refusals, one line a pod; ends with 1 if there is one
package main

import (
	"fmt"
	"os"
)

const usage = "usage: oracle cases < CASES | oracle manifest LEVEL:VERSION FILE"

func main() {
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 1 && arguments[0] == "cases":
		err = judgeCases(os.Stdin, os.Stdout)
	case len(arguments) == 3 && arguments[0] == "manifest":
		err = judgeManifest(arguments[1], arguments[2], os.Stdout)
	default:
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
