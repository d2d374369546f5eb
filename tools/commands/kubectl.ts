import { ensureTools } from "../install";
import { clusterLayout } from "../local-cluster/layout";
import { clusterDirectory, runCommand } from "./context";
import { passOn } from "./pass-on";

/** `npm run kubectl -- <arguments>`: kubectl as it is, on the local cluster as its administrator. */
runCommand(async () => {
  const tools = await ensureTools(["kubectl"]);
  const kubeconfig = clusterLayout(clusterDirectory()).adminKubeconfig;
  await passOn(tools.path("kubectl"), process.argv.slice(2), { ...process.env, KUBECONFIG: kubeconfig });
});
