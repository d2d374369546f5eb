/** A server that gives every request the same answer and takes little of the processors: an Envoy that has nothing behind it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ensureEnvoy } from "../../tools/gateway/envoy";
import { freePorts } from "../../tools/local/free-ports";
import { eventually } from "../../test/gateway/support/gateway";
import { killed } from "../../test/support/processes";
import { extension, message, socketAddress } from "../../components/gateway/envoy";

/** Such a server while it runs. */
export interface FixedServer {
  port: number;
  stop(): Promise<void>;
}

/** Starts it on a free port of the loopback address. */
export async function startFixedServer(body: string): Promise<FixedServer> {
  const [port = 0] = await freePorts(1);
  const directory = mkdtempSync(path.join(tmpdir(), "fixed-server-"));
  const file = path.join(directory, "bootstrap.json");
  writeFileSync(file, JSON.stringify(bootstrap(port, body)));
  const options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"];
  const server = spawn(ensureEnvoy(), ["-c", file, ...options], { stdio: "ignore" });
  const isThere = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually("the start of the server", isThere);
  return {
    port,
    stop: async () => {
      await killed(server);
      rmSync(directory, { recursive: true });
    },
  };
}

function bootstrap(port: number, body: string): object {
  const route = {
    match: { prefix: "/" },
    direct_response: { status: 200, body: { inline_string: body } },
    response_headers_to_add: [{ header: { key: "content-type", value: "application/json" } }],
  };
  const manager = {
    stat_prefix: "fixed",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
    http_filters: [extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router")],
  };
  const type = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  const filters = [{ name: "manager", typed_config: message(type, manager) }];
  return {
    static_resources: {
      listeners: [{ name: "fixed", address: socketAddress("127.0.0.1", port), filter_chains: [{ filters }] }],
    },
  };
}
