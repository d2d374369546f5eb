import { createRequire } from "node:module";
import { missingTools } from "../install";
import { clusterStatus } from "../local-cluster/cluster";
import { realNodeAvailable, realNodeTools } from "../local-cluster/node/node";
import { describePlatform } from "../local/describe";
import type * as loopback from "../local/loopback";
import { askQuestions, UnexpectedReplies } from "../local/questions";
import { stackFileOf } from "../../verifier/kubeconfig";
import {
  clusterDirectory,
  type CommandTarget,
  type LocalContext,
  openTarget,
  runCommand,
  updateLocal,
} from "./context";
import { LOCAL_STACK } from "./stack-argument";

/** Whether a first start has to build the real node's programs: what the platform is can be seen before that, on simulated nodes. */
async function buildsNodeLater(): Promise<boolean> {
  const directory = clusterDirectory();
  if ((await clusterStatus({ directory })).state !== "absent") return false;
  return (await realNodeAvailable(directory)).available && (await missingTools(realNodeTools)).length > 0;
}

type LocalTarget = CommandTarget & { context: LocalContext };

async function openLocal(wantsRealNode: boolean): Promise<LocalTarget> {
  const { context, ...target } = await openTarget([], wantsRealNode);
  if (context === undefined) throw new Error("the local cluster's stack has no local cluster");
  return { ...target, context };
}

/** Brings the platform up, and shows what runs. */
async function bringUp(target: LocalTarget): Promise<void> {
  await updateLocal(target.context, target);
  console.log(await describePlatform(target.context.cluster.kubeconfig));
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
  const seconds = () => ((Date.now() - begin) / 1000).toFixed(0);
  if (await buildsNodeLater()) {
    await bringUp(await openLocal(false));
    console.log(
      `\nFirst result after ${seconds()} s, on simulated nodes. ` +
        "The programs of a real node are built now; then a model answers.\n",
    );
  }
  const target = await openLocal(true);
  const { context } = target;
  console.log(`local cluster ready: ${context.cluster.server}`);
  await bringUp(target);
  console.log(`\n${await answersOf(context)}`);
  console.log(`\nDone in ${seconds()} s. Look around with:`);
  console.log(`  export KUBECONFIG=${context.cluster.kubeconfig}`);
  console.log("  npm run kubectl -- get all,networkpolicy,resourcequota --namespace tenant-finance");
  console.log("`npm run preview` shows what a change would do, `npm run down` removes everything.");
});
