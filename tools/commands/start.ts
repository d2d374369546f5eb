import { describePlatform } from "../local/describe";
import { askQuestions } from "../local/questions";
import { openLocalContext, runCommand, updateDevStack } from "./context";

/** The main job: local cluster, dev stack with the policy pack, a table of what runs, and with a real node a model's answer. */
runCommand(async () => {
  const begin = Date.now();
  const context = await openLocalContext();
  console.log(`local cluster ready: ${context.cluster.server}`);
  await updateDevStack(context);
  console.log(await describePlatform(context.cluster.kubeconfig));
  if (context.hasRealNode) console.log(`\n${await askQuestions(context.cluster.kubeconfig)}`);
  console.log(`\nDone in ${((Date.now() - begin) / 1000).toFixed(0)} s. Look around with:`);
  console.log(`  export KUBECONFIG=${context.cluster.kubeconfig}`);
  console.log("  npm run kubectl -- get all,networkpolicy,resourcequota --namespace tenant-finance");
  console.log("`npm run preview` shows what a change would do, `npm run down` removes everything.");
});
