// Command admission-judge decides admission requests by ValidatingAdmissionPolicies as an API server does, with the API
// server's own code for matching, compiling and evaluating: one JSON question per line on standard input, one JSON answer
// per line on standard output.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
)

// question holds policies, all of them bound to deny in the whole cluster, and the requests that they are to judge.
type question struct {
	Policies []*admissionregistrationv1.ValidatingAdmissionPolicy `json:"policies"`
	Requests []request                                            `json:"requests"`
}

// request is what the API server knows of a request when it asks its policies.
type request struct {
	User        authenticationv1.UserInfo   `json:"user"`
	Operation   admission.Operation         `json:"operation"`
	Kind        schema.GroupVersionKind     `json:"kind"`
	Resource    schema.GroupVersionResource `json:"resource"`
	Subresource string                      `json:"subresource"`
	Namespace   string                      `json:"namespace"`
	Name        string                      `json:"name"`
	Object      map[string]any              `json:"object"`
	OldObject   map[string]any              `json:"oldObject"`
}

// denial is one policy's no.
type denial struct {
	Policy  string `json:"policy"`
	Message string `json:"message"`
	// Error tells that an expression could not be evaluated, which denies too.
	Error bool `json:"error,omitempty"`
}

// answer has the denials of each request in the order of the requests; none means that it passes.
type answer struct {
	Denials [][]denial `json:"denials,omitempty"`
	Error   string     `json:"error,omitempty"`
}

type judge struct {
	// validators by the policy as JSON: compiling takes longer than judging, and most questions repeat most policies.
	validators map[string]validating.Validator
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	decoder := json.NewDecoder(input)
	encoder := json.NewEncoder(os.Stdout)
	j := &judge{validators: map[string]validating.Validator{}}
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			fmt.Fprintln(os.Stderr, "the question cannot be read:", err)
			os.Exit(1)
		}
		if err := encoder.Encode(j.answer(asked)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func (j *judge) answer(asked question) answer {
	result := answer{Denials: make([][]denial, len(asked.Requests))}
	for index, one := range asked.Requests {
		result.Denials[index] = []denial{}
		for _, policy := range asked.Policies {
			denials, err := j.judge(policy, one)
			if err != nil {
				return answer{Error: fmt.Sprintf("policy %s, request %d: %v", policy.Name, index, err)}
			}
			result.Denials[index] = append(result.Denials[index], denials...)
		}
	}
	return result
}

func (j *judge) judge(policy *admissionregistrationv1.ValidatingAdmissionPolicy, asked request) ([]denial, error) {
	attributes := attributesOf(asked)
	if !matches(policy, attributes) {
		return nil, nil
	}
	validator, err := j.validator(policy)
	if err != nil {
		return nil, err
	}
	versioned := &admission.VersionedAttributes{
		Attributes:         attributes,
		VersionedKind:      asked.Kind,
		VersionedObject:    attributes.GetObject(),
		VersionedOldObject: attributes.GetOldObject(),
	}
	verdict := validator.Validate(
		context.Background(), asked.Resource, versioned, nil, nil, celconfig.RuntimeCELCostBudget, nil)
	var denials []denial
	for _, decision := range verdict.Decisions {
		if decision.Action == validating.ActionDeny {
			failed := decision.Evaluation == validating.EvalError
			denials = append(denials, denial{Policy: policy.Name, Message: decision.Message, Error: failed})
		}
	}
	for _, annotation := range verdict.AuditAnnotations {
		if annotation.Action == validating.AuditAnnotationActionError {
			denials = append(denials, denial{Policy: policy.Name, Message: annotation.Error, Error: true})
		}
	}
	return denials, nil
}

func attributesOf(asked request) admission.Attributes {
	extra := map[string][]string{}
	for key, values := range asked.User.Extra {
		extra[key] = values
	}
	who := &user.DefaultInfo{Name: asked.User.Username, UID: asked.User.UID, Groups: asked.User.Groups, Extra: extra}
	return admission.NewAttributesRecord(
		objectOf(asked.Object), objectOf(asked.OldObject), asked.Kind, asked.Namespace, asked.Name,
		asked.Resource, asked.Subresource, asked.Operation, nil, false, who)
}

// objectOf keeps an absent object a nil interface, which is what the API server passes on.
func objectOf(content map[string]any) runtime.Object {
	if content == nil {
		return nil
	}
	return &unstructured.Unstructured{Object: wholeNumbers(content).(map[string]any)}
}

// wholeNumbers gives numbers the types that the API server gives them: JSON alone has floating-point numbers only.
func wholeNumbers(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, inner := range typed {
			typed[key] = wholeNumbers(inner)
		}
	case []any:
		for index, inner := range typed {
			typed[index] = wholeNumbers(inner)
		}
	case float64:
		if whole := int64(typed); float64(whole) == typed {
			return whole
		}
	}
	return value
}

// matches tells whether a rule of the policy has the request; selectors of labels are refused by the validator.
func matches(policy *admissionregistrationv1.ValidatingAdmissionPolicy, attributes admission.Attributes) bool {
	if policy.Spec.MatchConstraints == nil {
		return false
	}
	for _, rule := range policy.Spec.MatchConstraints.ResourceRules {
		matcher := rules.Matcher{Rule: rule.RuleWithOperations, Attr: attributes}
		if matcher.Matches() && hasName(rule.ResourceNames, attributes.GetName()) {
			return true
		}
	}
	return false
}

func hasName(names []string, name string) bool {
	for _, one := range names {
		if one == name {
			return true
		}
	}
	return len(names) == 0
}
