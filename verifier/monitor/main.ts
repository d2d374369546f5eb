/** The monitor's program, as it runs in the cluster: `node monitor.cjs --declaration <file>`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { clusterApi } from "../cluster-api";
import { messageOf } from "../result";
import { readDeclaration } from "./declaration";
import { startMonitor } from "./monitor";
import { monitorServer } from "./server";
import { serviceAccountCredentials } from "./service-account";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const SECOND = 1000;

/** Address of the API server as every pod is told it. */
function serverOfPod(): string {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
  return host === "" ? "" : `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      declaration: { type: "string" },
      server: { type: "string", default: serverOfPod() },
      token: { type: "string", default: `${ACCOUNT}/token` },
      authority: { type: "string", default: `${ACCOUNT}/ca.crt` },
      port: { type: "string", default: "9090" },
      // Default: every address of the pod, of whichever family.
      host: { type: "string" },
      interval: { type: "string", default: "60" },
      debounce: { type: "string", default: "0.5" },
    },
  });
  if (values.declaration === undefined) throw new Error("--declaration is missing: name the file with the declaration");
  if (values.server === "") throw new Error("--server is missing, and no pod's environment names an API server");
  const credentials = serviceAccountCredentials({
    server: values.server,
    tokenFile: values.token,
    authorityFile: values.authority,
  });
  const api = clusterApi(credentials);
  const end = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => end.abort());
  const log = (line: string) => console.log(JSON.stringify({ time: new Date().toISOString(), message: line }));
  const monitor = startMonitor(
    {
      api,
      credentials,
      declaration: readDeclaration(readFileSync(values.declaration)),
      interval: Number(values.interval) * SECOND,
      debounce: Number(values.debounce) * SECOND,
      log,
    },
    end.signal,
  );
  const server = monitorServer(monitor);
  server.listen({ port: Number(values.port), host: values.host }, () => log(`listening on port ${values.port}`));
  await monitor.done;
  server.close();
  server.closeAllConnections();
  api.close();
}

main().catch((error: unknown) => {
  console.error(`error: ${messageOf(error)}`);
  process.exitCode = 1;
  // Watches hold the process; without its loop it would be there and do nothing.
  process.exit();
});
