import { OllamaPlatform } from "./components/index";
import { clusterProvider, refuseRenames, stackSpec } from "./program";

/** The stack's outputs. */
export = async () => {
  const spec = stackSpec();
  await refuseRenames(spec);
  const ollama = new OllamaPlatform("ollama", spec, { provider: clusterProvider() });
  return {
    /** Contract with other teams' programs: read it with `platformOutputs` of the component package. */
    platform: ollama.platform,
    /** Keys of the tenants' clients, by tenant and client: a secret, apart from everything that other teams read. */
    clientKeys: ollama.clientKeys,
  };
};
