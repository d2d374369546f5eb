// Command cyclonus-matcher lets the NetworkPolicy matcher of cyclonus, and Kubernetes' own matcher of label selectors,
// judge many cases in one process: one JSON question per line on standard input, one JSON answer per line on standard
// output.
package main

import (
	"fmt"
	"strings"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"ollama-platform.io/tools/common/questions"
)

// question holds the policies of a cluster, as the API server would accept them, and what to judge: every connection
// from every end to every end on every probe, in this order of nesting.
type question struct {
	Policies []*networkingv1.NetworkPolicy `json:"policies"`
	Ends     []end                         `json:"ends"`
	Probes   []probe                       `json:"probes"`
	// Selections are for Kubernetes' matcher of label selectors, whatever the policies are.
	Selections []selection `json:"selections"`
}

type selection struct {
	Selector *metav1.LabelSelector `json:"selector"`
	Labels   labels.Set            `json:"labels"`
}

// end is a pod, or an address outside the cluster when Internal is absent.
type end struct {
	IP       string                `json:"ip"`
	Internal *matcher.InternalPeer `json:"internal"`
	// Ports are the pod's named ports.
	Ports []namedPort `json:"ports"`
}

type namedPort struct {
	Name string `json:"name"`
	probe
}

type probe struct {
	Port     int         `json:"port"`
	Protocol v1.Protocol `json:"protocol"`
}

// answer has one digit per connection: 1 if the destination's ingress allows it, plus 2 if the source's egress does.
// The simplified verdicts come from the rules as cyclonus rewrites them first; the two differ only if it does so wrongly.
type answer struct {
	Verdicts   string `json:"verdicts,omitempty"`
	Simplified string `json:"simplified,omitempty"`
	// Selected has one digit per selection: 1 if the selector matches the labels.
	Selected string `json:"selected,omitempty"`
	Error    string `json:"error,omitempty"`
}

func main() { questions.Serve("cyclonus-matcher", judge) }

// judge turns the matcher's panics on invalid policies into an error of this question alone.
func judge(asked *question) (result answer) {
	defer func() {
		if cause := recover(); cause != nil {
			result = answer{Error: fmt.Sprint(cause)}
		}
	}()
	for _, policy := range asked.Policies {
		setDefaultTypes(&policy.Spec)
	}
	return answer{
		Verdicts:   verdicts(matcher.BuildNetworkPolicies(false, asked.Policies), asked),
		Simplified: verdicts(matcher.BuildNetworkPolicies(true, asked.Policies), asked),
		Selected:   selected(asked.Selections),
	}
}

func selected(selections []selection) string {
	var digits strings.Builder
	for _, asked := range selections {
		selector, err := metav1.LabelSelectorAsSelector(asked.Selector)
		if err != nil {
			panic(err)
		}
		if selector.Matches(asked.Labels) {
			digits.WriteByte('1')
		} else {
			digits.WriteByte('0')
		}
	}
	return digits.String()
}

func verdicts(policies *matcher.Policy, asked *question) string {
	var digits strings.Builder
	for _, source := range asked.Ends {
		for _, destination := range asked.Ends {
			for _, probed := range asked.Probes {
				allowed := policies.IsTrafficAllowed(&matcher.Traffic{
					Source:           source.peer(),
					Destination:      destination.peer(),
					ResolvedPort:     probed.Port,
					ResolvedPortName: destination.portName(probed),
					Protocol:         probed.Protocol,
				})
				digit := byte('0')
				if allowed.Ingress.IsAllowed() {
					digit++
				}
				if allowed.Egress.IsAllowed() {
					digit += 2
				}
				digits.WriteByte(digit)
			}
		}
	}
	return digits.String()
}

func (e end) peer() *matcher.TrafficPeer {
	return &matcher.TrafficPeer{IP: e.IP, Internal: e.Internal}
}

func (e end) portName(probed probe) string {
	for _, port := range e.Ports {
		if port.probe == probed {
			return port.Name
		}
	}
	return ""
}

// setDefaultTypes does what the API server does before anybody sees a policy; the matcher relies on it.
func setDefaultTypes(spec *networkingv1.NetworkPolicySpec) {
	if len(spec.PolicyTypes) > 0 {
		return
	}
	spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
	if len(spec.Egress) > 0 {
		spec.PolicyTypes = append(spec.PolicyTypes, networkingv1.PolicyTypeEgress)
	}
}
