import * as path from "node:path";
import { parseArgs } from "node:util";
import { ensureTools } from "../install";
import { localDirectory } from "../local/paths";
import {
  clusterStatus,
  type ClusterStatus,
  localClusterTools,
  resetCluster,
  startCluster,
  stopCluster,
} from "./cluster";
import { realNodeEntries, realNodeIfAvailable, realNodeTools } from "./node/node";

const usage = `usage: cli.ts start|stop|status|reset [--directory <folder>] [--simulated]

  start    start the local cluster, or repair it; with a real node where the machine can have one and unless --simulated is given
  stop     end its processes; the data stays
  status   say what runs; exit code 1 unless everything is ready
  reset    end its processes and remove its data`;

interface Settings {
  directory: string;
  simulated: boolean;
}

const commands: Record<string, (settings: Settings) => Promise<void>> = {
  start: async ({ directory, simulated }) => {
    const begin = Date.now();
    const report = (line: string) => console.log(line);
    const node = simulated ? {} : await realNodeIfAvailable(directory, report);
    const tools = await ensureTools([...localClusterTools, ...("realNode" in node ? realNodeTools : [])]);
    const cluster = await startCluster({ directory, tools, report, ...node });
    console.log(`ready after ${((Date.now() - begin) / 1000).toFixed(1)} s: ${cluster.server}`);
    console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
  },
  stop: async ({ directory }) => {
    await stopCluster({ directory });
    console.log("stopped");
  },
  status: async ({ directory }) => {
    const status = await clusterStatus({ directory, additional: realNodeEntries });
    console.log(formatStatus(status));
    if (status.state !== "ready") process.exitCode = 1;
  },
  reset: async ({ directory }) => {
    await resetCluster({ directory });
    console.log("stopped, data removed");
  },
};

/** The status as text, one component a line. */
function formatStatus(status: ClusterStatus): string {
  const width = Math.max(0, ...status.components.map(({ name }) => name.length));
  const lines = status.components.map(({ name, state, pid, ports, reason, log }) => {
    const place = [
      ...(pid === undefined ? [] : [`process ${pid}`]),
      ...Object.values(ports).map((port) => `port ${port}`),
    ];
    const why = reason === undefined ? "" : ` (${reason}; log: ${log})`;
    return `  ${name.padEnd(width)}  ${state.padEnd(9)}  ${place.join(", ")}${why}`;
  });
  return [`${status.state}: ${status.server ?? status.directory}`, ...lines].join("\n");
}

async function main(): Promise<void> {
  const options = { directory: { type: "string" }, simulated: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const command = commands[positionals[0] ?? ""];
  if (command === undefined || positionals.length !== 1) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const directory = path.resolve(values.directory ?? path.join(localDirectory(), "cluster"));
  await command({ directory, simulated: values.simulated === true });
}

main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
