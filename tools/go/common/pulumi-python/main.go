// Package main is a language host for Python programs on the `pulumi` package of PyPI. It stands in for the official
// pulumi-language-python, whose Go module no module proxy need have. It runs programs and generates SDKs with Pulumi's
// own generator; it installs no Python packages, and serves no components written in Python.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// main serves until standard input or the process ends; the engine reads the port from the first line of the output.
func main() {
	host := &languageHost{}
	if len(os.Args) > 1 {
		host.engine = os.Args[len(os.Args)-1]
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Init: func(server *grpc.Server) error {
		pulumirpc.RegisterLanguageRuntimeServer(server, host)
		return nil
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(handle.Port)
	if err := <-handle.Done; err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
