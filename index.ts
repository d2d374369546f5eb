import { OllamaPlatform } from "./components/index";
import { clusterProvider, lastOutputs, refuseRenames, refuseStrangers, stackSpec, targetCluster } from "./program";

/** The stack's outputs. */
export = async () => {
  const spec = stackSpec();
  const last = await lastOutputs();
  refuseRenames(spec, last);
  const cluster = await targetCluster(last);
  await refuseStrangers(spec, cluster, last);
  const ollama = new OllamaPlatform("ollama", spec, {
    provider: clusterProvider(cluster, last),
    guardProbe: cluster.guardProbe,
  });
  return {
    /** Contract with other teams' programs: read it with `platformOutputs` of the component package. */
    platform: ollama.platform,
    /** Keys of the tenants' clients, by tenant and client: a secret, apart from everything that other teams read. */
    clientKeys: ollama.clientKeys,
    /** Identity of the cluster that the objects are in: the next run refuses another one. */
    clusterIdentity: cluster.identity,
  };
};
