// Command netpol-analyzer-judge lets netpol-analyzer, which computes with sets of connections, judge many networks in one
// process: one JSON question per line on standard input, one JSON answer per line on standard output.
package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/np-guard/netpol-analyzer/pkg/netpol/eval"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"ollama-platform.io/tools/common/questions"
)

// question holds the objects of a cluster, as the API server would give them, and what to judge: every connection from
// every end to every end on every probe, in this order of nesting.
type question struct {
	Namespaces []*v1.Namespace               `json:"namespaces"`
	Pods       []*v1.Pod                     `json:"pods"`
	Policies   []*networkingv1.NetworkPolicy `json:"policies"`
	// Outside are addresses outside the cluster; they come after the pods in the order of ends.
	Outside []netip.Addr `json:"outside"`
	Probes  []probe      `json:"probes"`
}

type probe struct {
	Port     int         `json:"port"`
	Protocol v1.Protocol `json:"protocol"`
}

// answer has one digit per connection: 1 if both ends allow it. An end to itself, and one address outside to another, are
// not judged: 0.
type answer struct {
	Verdicts string `json:"verdicts,omitempty"`
	Error    string `json:"error,omitempty"`
}

func main() { questions.Serve("netpol-analyzer-judge", judge) }

func judge(asked *question) answer {
	digits, err := verdicts(asked)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Verdicts: digits}
}

func verdicts(asked *question) (string, error) {
	engine := eval.NewPolicyEngine()
	for _, object := range objects(asked) {
		if err := engine.InsertObject(object); err != nil {
			return "", err
		}
	}
	ends, err := endsOf(asked, engine)
	if err != nil {
		return "", err
	}
	var digits strings.Builder
	for _, source := range ends {
		for _, destination := range ends {
			if source == destination || source.IsPeerIPType() && destination.IsPeerIPType() {
				digits.WriteString(strings.Repeat("0", len(asked.Probes)))
				continue
			}
			allowed, err := engine.AllAllowedConnectionsBetweenWorkloadPeers(source, destination)
			if err != nil {
				return "", fmt.Errorf("%s to %s: %w", source, destination, err)
			}
			for _, probed := range asked.Probes {
				if allowed.Contains(strconv.Itoa(probed.Port), string(probed.Protocol)) {
					digits.WriteByte('1')
				} else {
					digits.WriteByte('0')
				}
			}
		}
	}
	return digits.String(), nil
}

func objects(asked *question) []runtime.Object {
	var all []runtime.Object
	for _, namespace := range asked.Namespaces {
		all = append(all, namespace)
	}
	for _, policy := range asked.Policies {
		all = append(all, policy)
	}
	for _, pod := range asked.Pods {
		all = append(all, pod)
	}
	return all
}

// endsOf finds the library's own ends: pods by their names, addresses by the range that the policies leave whole around them.
func endsOf(asked *question, engine *eval.PolicyEngine) ([]eval.Peer, error) {
	workloads, err := engine.GetWorkloadPeersList()
	if err != nil {
		return nil, err
	}
	byName := map[string]eval.Peer{}
	for _, workload := range workloads {
		byName[workload.Namespace()+"/"+workload.Name()] = workload
	}
	_, _, ranges, err := engine.GetIPBlockPeersLists()
	if err != nil {
		return nil, err
	}
	var ends []eval.Peer
	for _, pod := range asked.Pods {
		end, ok := byName[pod.Namespace+"/"+pod.Name]
		if !ok {
			return nil, fmt.Errorf("the library does not know pod %s/%s", pod.Namespace, pod.Name)
		}
		ends = append(ends, end)
	}
	for _, address := range asked.Outside {
		end, err := rangeWith(address, ranges)
		if err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	return ends, nil
}

func rangeWith(address netip.Addr, ranges []eval.Peer) (eval.Peer, error) {
	for _, end := range ranges {
		for _, written := range strings.Split(end.IP(), ", ") {
			first, last, found := strings.Cut(written, "-")
			if !found {
				last = first
			}
			from, err := netip.ParseAddr(first)
			if err != nil {
				return nil, err
			}
			to, err := netip.ParseAddr(last)
			if err != nil {
				return nil, err
			}
			if from.Compare(address) <= 0 && address.Compare(to) <= 0 {
				return end, nil
			}
		}
	}
	return nil, fmt.Errorf("no range has the address %s", address)
}
