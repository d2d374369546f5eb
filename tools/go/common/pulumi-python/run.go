package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Exit code by which run.py says that the error has been shown already.
const alreadyReported = 32

//go:embed run.py
var runner string

// Run runs the program once, for a preview or an update, and answers when it has ended.
func (host *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	settings, err := json.Marshal(map[string]any{
		"monitor": request.MonitorAddress, "engine": host.engine, "project": request.Project, "stack": request.Stack,
		"organization": request.Organization, "parallel": request.Parallel, "dry_run": request.DryRun,
		"root_directory": request.Info.RootDirectory, "program": request.Info.EntryPoint,
		"config": request.Config, "secret_keys": request.ConfigSecretKeys,
	})
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, interpreter(request.Info), append([]string{"-u", "-c", runner}, request.Args...)...)
	command.Dir = request.Info.ProgramDirectory
	command.Env = append(os.Environ(), "OLLAMA_PLATFORM_PYTHON_RUN="+string(settings))
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the Python program ended: %v", err)}, nil
	}
}

// interpreter is that of the project's virtual environment (the option `virtualenv`), else python3 on PATH.
func interpreter(info *pulumirpc.ProgramInfo) string {
	folder := info.Options.GetFields()["virtualenv"].GetStringValue()
	if folder == "" {
		return "python3"
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(info.RootDirectory, folder)
	}
	return filepath.Join(folder, "bin", "python")
}
