/** Which test runs a command that a page shows. */
export interface RunCommand {
  /** The command, without its comment. */
  command: RegExp;
  /** Pages that show it; default: every page. */
  page?: string;
  /** File that runs it. */
  by: string;
  /** Text by which that file does so. */
  with: string;
}

const TUTORIAL = { by: "test/node/tutorial.test.ts", with: "fencesOf" };

/** Commands of blocks of the language `sh` that are not marked with `not-run: <reason>`. */
export const RUN_COMMANDS: RunCommand[] = [
  { command: /./, page: "docs/tutorial.md", ...TUTORIAL },
  { command: /^npm start$/, ...TUTORIAL },
  { command: /^npm run (preview|up|down)$/, ...TUTORIAL },
  {
    command: /^npm run cluster -- (start|stop|status|reset)$/,
    by: "test/node/tutorial.test.ts",
    with: "cluster -- start",
  },
  { command: /^npm run (cancel|drift|drift -- --mend)$/, by: "test/node/tutorial.test.ts", with: "run cancel" },
  { command: /^npm run pulumi -- /, by: "test/node/tutorial.test.ts", with: "pulumi -- stack" },
  { command: /^npm run verify -- --stack dev$/, ...TUTORIAL },
  { command: /^npm test( [a-z]+)*$/, by: ".ci/run", with: "npm test" },
  { command: /^npm run check$/, by: ".github/workflows/check.yml", with: "npm run check" },
  { command: /^npm run generate$/, by: "test/unit/tools/generate.test.ts", with: "generated" },
  {
    command: /^npm run --silent (audit-policy|guard-manifests) /,
    by: "test/unit/docs/fences.test.ts",
    with: "audit-policy",
  },
  {
    command: /^pulumi package add /,
    page: "components/README.md",
    by: "test/engine/package.test.ts",
    with: "addCommand",
  },
  {
    command: /^kubectl get --raw \//,
    page: "docs/clients.md",
    by: "test/cluster/tokens.test.ts",
    with: "/openid/v1/jwks",
  },
  {
    command: /^kubectl /,
    page: "docs/troubleshooting.md",
    by: "test/verifier/monitor.test.ts",
    with: "troubleshooting.md",
  },
];
