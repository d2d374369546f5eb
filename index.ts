import { OllamaPlatform } from "./components/index";
import { leaveOutPlaces } from "./components/places";
import {
  askTarget,
  clusterProvider,
  lastOutputs,
  noteApplied,
  partOutputs,
  refuseLosses,
  refuseStrangers,
  stackDeclaration,
  targetCluster,
} from "./program";

/** The stack's outputs. */
export = async () => {
  leaveOutPlaces();
  const declaration = stackDeclaration();
  const { spec, part } = declaration;
  // The cluster and the engine are asked at the same time.
  const asked = askTarget();
  const last = await lastOutputs();
  await refuseLosses(declaration, last);
  const cluster = await targetCluster(await asked, last);
  await refuseStrangers(spec, cluster, last);
  const ollama = new OllamaPlatform(
    "ollama",
    spec,
    { provider: clusterProvider(cluster, last), guardProbe: cluster.guardProbe },
    part,
  );
  if (part !== undefined) noteApplied(part, ollama);
  return {
    /** Contract with other teams' programs: read it with `platformOutputs` of the component package. */
    ...(part?.hasPlatform === false ? {} : { platform: ollama.platform }),
    /** Keys of the tenants' clients, by tenant and client: a secret, apart from everything that other teams read. */
    clientKeys: ollama.clientKeys,
    /** Identity of the cluster that the objects are in: the next run refuses another one. */
    clusterIdentity: cluster.identity,
    ...partOutputs(declaration),
  };
};
