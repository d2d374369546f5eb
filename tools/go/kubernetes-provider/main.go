// Package main serves the Kubernetes resource provider from its Go module.
//
// The module's own main package cannot be installed from the module proxy: it embeds a schema whose version is
// filled in by its release build. The tool builder does that step here: it copies schema.json (version set) and
// terraform-mapping.json from the module beside this file before it compiles.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() { provider.Serve("kubernetes", version.Version, schema, terraformMapping) }
