import { STRIPPED } from "./go-flags";
import type { GoModule, Tool } from "./types";

/** Go modules of the language hosts that only the tests of the component package need. */
export const languageModules = { "pulumi-yaml": { ldflags: STRIPPED } } satisfies Record<string, GoModule>;

/** Language hosts of programs in YAML and in Python, which use the component package from its folder. */
export const languageTools = {
  "pulumi-language-yaml": {
    description: "Language host for programs in YAML.",
    source: {
      kind: "go",
      module: "pulumi-yaml",
      package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
      minutes: 2,
    },
    onPath: "any",
  },
  "pulumi-language-python": {
    description: "Language host for Python programs; stands in for the official one where that is not installed.",
    source: { kind: "go", module: "common", package: "./pulumi-python", minutes: 0.5 },
    onPath: "any",
  },
} satisfies Record<string, Tool>;
