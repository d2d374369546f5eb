/** `npm run stacks`: which stack of an environment holds which tenants, and how they are moved. */
import { parseArgs } from "node:util";
import { openStackWithoutCluster, runCommand, takeLocalTurn } from "../commands/context";
import { LOCAL_STACK } from "../commands/stack-argument";
import { ownStack } from "./existing";
import { openEnvironment } from "./open";
import { placeTenants } from "./move";

const usage = `usage: npm run stacks -- [--stack <stack>] [--move]

Tells which stack of an environment holds which tenants, and which of them belong in another one since
\`ollama-platform:tenantStacks\` has changed. With --move they are moved there by \`pulumi state move\`: nothing is recreated in
the cluster. It can be broken off at any time and goes on the next time. No update may run meanwhile.

  --stack   the environment's own stack; default: ${LOCAL_STACK}, the local cluster's. Any other one is found with the Pulumi on PATH
            and its login
  --move    move the tenants`;

runCommand(async () => {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", short: "s", default: LOCAL_STACK },
      move: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  if (values.move && values.stack === LOCAL_STACK) await takeLocalTurn();
  const base = values.stack === LOCAL_STACK ? await openStackWithoutCluster() : ownStack(values.stack);
  await placeTenants(openEnvironment(base), values.move);
});
