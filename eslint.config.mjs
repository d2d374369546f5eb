import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const nodeGlobals = [
  "process",
  "console",
  "require",
  "module",
  "__dirname",
  "fetch",
  "Buffer",
  "URL",
  "setTimeout",
  "clearTimeout",
  "AbortSignal",
];

export default tseslint.config(
  { ignores: ["**/node_modules/**", "**/bin/**", ".local/**", "docs/site/dist/**"] },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ["**/*.js", "**/*.cjs", "**/*.mjs"],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, "readonly"])) },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    rules: {
      // A resource is registered by its constructor: `new` for its effect is how Pulumi programs read.
      "no-new": "off",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
    },
  },
  {
    files: ["components/**/*.ts", "policy-pack/**/*.ts"],
    rules: { "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ["**/*.ts"],
    // Examples are programs of their own, with types of their own.
    ignores: ["examples/**"],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
);
