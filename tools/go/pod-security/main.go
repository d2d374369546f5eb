// Command pod-security-judge lets the checks of Pod Security, as the API server runs them, judge many pods in one process:
// one JSON question per line on standard input, one JSON answer per line on standard output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// question is a pod and the minor version of the restricted standard to judge it by.
type question struct {
	Minor int     `json:"minor"`
	Pod   *v1.Pod `json:"pod"`
}

// answer says whether the standard allows the pod, and if not why.
type answer struct {
	Allowed bool     `json:"allowed"`
	Reasons []string `json:"reasons"`
}

func main() {
	if err := judge(); err != nil {
		fmt.Fprintln(os.Stderr, "pod-security-judge:", err)
		os.Exit(1)
	}
}

func judge() error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		version := api.LevelVersion{Level: api.LevelRestricted, Version: api.MajorMinorVersion(1, asked.Minor)}
		result := answer{Allowed: true, Reasons: []string{}}
		for _, check := range evaluator.EvaluatePod(version, &asked.Pod.ObjectMeta, &asked.Pod.Spec) {
			if !check.Allowed {
				result.Allowed = false
				result.Reasons = append(result.Reasons, strings.TrimSpace(check.ForbiddenReason+" "+check.ForbiddenDetail))
			}
		}
		if err := answers.Encode(result); err != nil {
			return err
		}
	}
	return lines.Err()
}
