package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// newestMinor is the newest minor that is asked for; the one after it and "latest" have to mean the same.
const newestMinor = 37

// answer is what the library says of one document.
type answer struct {
	Pods  []verdicts `json:"pods"`
	Error string     `json:"error,omitempty"`
}

// verdicts are those on one pod; each holds from its minor until the next one's.
type verdicts struct {
	Baseline   []verdict `json:"baseline"`
	Restricted []verdict `json:"restricted"`
}

type verdict struct {
	Minor   int    `json:"from"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// judgeCases answers line by line, in order; several lines are judged side by side.
func judgeCases(in io.Reader, out io.Writer) error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	pending := make(chan chan answer, 4*runtime.NumCPU())
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, 64<<20)
	go func() {
		defer close(pending)
		for scanner.Scan() {
			line, result := append([]byte(nil), scanner.Bytes()...), make(chan answer, 1)
			pending <- result
			go func() { result <- judgeDocument(evaluator, line) }()
		}
	}()
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for result := range pending {
		if err := encoder.Encode(<-result); err != nil {
			return err
		}
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	return buffered.Flush()
}

func judgeDocument(evaluator policy.Evaluator, document []byte) answer {
	pods, err := podsOf(document)
	if err != nil {
		return answer{Pods: []verdicts{}, Error: err.Error()}
	}
	result := answer{Pods: make([]verdicts, 0, len(pods))}
	for _, pod := range pods {
		result.Pods = append(result.Pods, verdicts{
			Baseline:   judgeAtEveryVersion(evaluator, api.LevelBaseline, pod),
			Restricted: judgeAtEveryVersion(evaluator, api.LevelRestricted, pod),
		})
	}
	return result
}

func judgeAtEveryVersion(evaluator policy.Evaluator, level api.Level, pod pod) []verdict {
	var spans []verdict
	for minor := 0; minor <= newestMinor; minor++ {
		next := judge(evaluator, level, api.MajorMinorVersion(1, minor), pod)
		next.Minor = minor
		if last := len(spans) - 1; last < 0 || !spans[last].equals(next) {
			spans = append(spans, next)
		}
	}
	for _, newer := range []api.Version{api.MajorMinorVersion(1, newestMinor+1), api.LatestVersion()} {
		if !spans[len(spans)-1].equals(judge(evaluator, level, newer, pod)) {
			panic(fmt.Sprintf("%s differs from v1.%d: raise newestMinor", newer.String(), newestMinor))
		}
	}
	return spans
}

func (v verdict) equals(other verdict) bool {
	return v.Allowed == other.Allowed && v.Reason == other.Reason && v.Detail == other.Detail
}

func judge(evaluator policy.Evaluator, level api.Level, version api.Version, pod pod) verdict {
	results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, pod.metadata, pod.spec)
	result := policy.AggregateCheckResults(results)
	return verdict{Allowed: result.Allowed, Reason: result.ForbiddenReason(), Detail: result.ForbiddenDetail()}
}
