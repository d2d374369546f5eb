import type { Tool } from "./types";

/** Language hosts of programs in YAML and in Python, which use the component package from its folder. */
export const languageTools = {
  "pulumi-language-yaml": {
    description: "Language host for programs in YAML.",
    source: {
      kind: "go",
      module: "common",
      package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
      minutes: 0.5,
    },
    onPath: "any",
  },
  "pulumi-language-python": {
    description: "Language host for Python programs; stands in for the official one where that is not installed.",
    source: { kind: "go", module: "common", package: "./pulumi-python", minutes: 0.5 },
    onPath: "any",
  },
} satisfies Record<string, Tool>;
