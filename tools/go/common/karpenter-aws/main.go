// Command karpenter-aws-judge lets Karpenter for AWS judge its own objects: a JSON list of NodePools, NodeOverlays and
// EC2NodeClasses on standard input, one fault per line on standard output, and exit code 1 if there is any. It reads
// them into the types of the projects, so that an unknown field is a fault, and calls the checks that Karpenter makes
// when it runs, which go beyond its definitions: labels and requirements that it keeps for itself.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	aws "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"go.uber.org/multierr"
	karpenter "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/apis/v1alpha1"
)

type list struct {
	Items []json.RawMessage `json:"items"`
}

type identity struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
}

func main() {
	faults, err := judge(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "karpenter-aws-judge:", err)
		os.Exit(2)
	}
	if faults > 0 {
		os.Exit(1)
	}
}

func judge(input io.Reader, output io.Writer) (faults int, err error) {
	var objects list
	if err := json.NewDecoder(input).Decode(&objects); err != nil {
		return 0, fmt.Errorf("standard input is no list: %w", err)
	}
	for _, object := range objects.Items {
		var who identity
		if err := json.Unmarshal(object, &who); err != nil {
			return 0, err
		}
		for _, fault := range multierr.Errors(check(who.Kind, object)) {
			faults++
			fmt.Fprintf(output, "%s/%s: %v\n", who.Kind, who.Metadata.Name, fault)
		}
	}
	return faults, nil
}

func check(kind string, object []byte) error {
	switch kind {
	case "NodePool":
		var pool karpenter.NodePool
		if err := read(object, &pool); err != nil {
			return err
		}
		return pool.RuntimeValidate(context.Background())
	case "NodeOverlay":
		var overlay v1alpha1.NodeOverlay
		if err := read(object, &overlay); err != nil {
			return err
		}
		return overlay.RuntimeValidate(context.Background())
	case "EC2NodeClass":
		var class aws.EC2NodeClass
		if err := read(object, &class); err != nil {
			return err
		}
		return checkImages(class)
	}
	return fmt.Errorf("is of a kind that Karpenter for AWS does not have")
}

func read(object []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// checkImages reads the alias as Karpenter does when it looks for images, which ends the program with a message when
// it cannot be read.
func checkImages(class aws.EC2NodeClass) error {
	if class.AMIFamily() == aws.AMIFamilyCustom {
		return fmt.Errorf("its images are of no family that Karpenter knows")
	}
	return nil
}
