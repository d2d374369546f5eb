package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// languageHost answers the engine; what it does not define, the engine is told to be unimplemented.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	// Address of the engine.
	engine string
}

func (host *languageHost) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if request.EngineAddress != "" {
		host.engine = request.EngineAddress
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

func (host *languageHost) RuntimeOptionsPrompts(
	context.Context, *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}

// GetRequiredPackages names none: the engine finds the package of a folder by the project file, and others as they are used.
func (host *languageHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (host *languageHost) GetProgramDependencies(
	context.Context, *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	return &pulumirpc.GetProgramDependenciesResponse{}, nil
}

// Link adds SDKs to requirements.txt, as the official host does for a program that uses pip.
func (host *languageHost) Link(_ context.Context, request *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	file := filepath.Join(request.Info.ProgramDirectory, "requirements.txt")
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	imports := []string{}
	for _, linked := range request.Packages {
		if !contains(lines, linked.Path) {
			lines = append(lines, linked.Path)
		}
		imports = append(imports, "import pulumi_"+strings.ReplaceAll(linked.Package.Name, "-", "_"))
	}
	content := strings.TrimSpace(strings.Join(lines, "\n")) + "\n"
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		return nil, err
	}
	return &pulumirpc.LinkResponse{ImportInstructions: strings.Join(imports, "\n")}, nil
}

// InstallDependencies leaves the installation to the user, and says so.
func (host *languageHost) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest,
	answer grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	text := fmt.Sprintf("Install what %s names.\n", filepath.Join(request.GetInfo().GetProgramDirectory(), "requirements.txt"))
	return answer.Send(&pulumirpc.InstallDependenciesResponse{Stdout: []byte(text)})
}

func contains(lines []string, wanted string) bool {
	for _, line := range lines {
		if strings.TrimSpace(line) == wanted {
			return true
		}
	}
	return false
}
