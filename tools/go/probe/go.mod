module ollama-platform.io/tools/probe

go 1.26.0
