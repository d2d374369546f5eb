import { createRequire } from "node:module";
import { missingTools } from "../install";
import { clusterStatus } from "../local-cluster/cluster";
import { realNodeAvailable, realNodeTools } from "../local-cluster/node/node";
import { describePlatform } from "../local/describe";
import type * as loopback from "../local/loopback";
import { askQuestions, UnexpectedReplies } from "../local/questions";
import { stackFileOf } from "../../verifier/kubeconfig";
import { clusterDirectory, openTarget, runCommand, updateLocal, type LocalContext } from "./context";
import { LOCAL_STACK } from "./stack-argument";

/** Whether a first start has to build the real node's programs, which take as long again as what the platform itself needs. */
async function buildsNodeLater(): Promise<boolean> {
  const directory = clusterDirectory();
  if ((await clusterStatus({ directory })).state !== "absent") return false;
  return (await realNodeAvailable(directory)).available && (await missingTools(realNodeTools)).length > 0;
}

/** Brings the platform up on simulated nodes: what it is can be seen before the programs of a real node are built. */
async function showFirstResult(begin: number): Promise<void> {
  const target = await openTarget([], false);
  const { context } = target;
  if (context === undefined) throw new Error("the local cluster's stack has no local cluster");
  await updateLocal(context, target);
  console.log(await describePlatform(context.cluster.kubeconfig));
  console.log(
    `\nFirst result after ${((Date.now() - begin) / 1000).toFixed(0)} s, on simulated nodes. ` +
      "The programs of a real node are built now; then a model answers.\n",
  );
}

/** What a tenant's server replies to whom: in the cluster, or on the loopback address where its nodes are simulated. */
async function answersOf({ cluster: { kubeconfig }, hasRealNode }: LocalContext): Promise<string> {
  if (hasRealNode) return askQuestions(kubeconfig);
  // It plans the whole environment, which takes a second to load.
  const { askOnLoopback } = createRequire(__filename)("../local/loopback") as typeof loopback;
  try {
    const table = await askOnLoopback(kubeconfig, stackFileOf(LOCAL_STACK));
    return `${table}\n\nhr's gateway and an Ollama server answered as plain processes on the loopback address: pods of simulated nodes run nothing.`;
  } catch (error) {
    if (error instanceof UnexpectedReplies) throw error;
    return `No model was asked: ${(error as Error).message}`;
  }
}

/** The main job: local cluster, dev stack with the policy pack, a table of what runs, and with a real node a model's answer. */
runCommand(async () => {
  const begin = Date.now();
  if (await buildsNodeLater()) await showFirstResult(begin);
  const target = await openTarget([]);
  const { context } = target;
  if (context === undefined) throw new Error("the local cluster's stack has no local cluster");
  console.log(`local cluster ready: ${context.cluster.server}`);
  await updateLocal(context, target);
  console.log(await describePlatform(context.cluster.kubeconfig));
  console.log(`\n${await answersOf(context)}`);
  console.log(`\nDone in ${((Date.now() - begin) / 1000).toFixed(0)} s. Look around with:`);
  console.log(`  export KUBECONFIG=${context.cluster.kubeconfig}`);
  console.log("  npm run kubectl -- get all,networkpolicy,resourcequota --namespace tenant-finance");
  console.log("`npm run preview` shows what a change would do, `npm run down` removes everything.");
});
