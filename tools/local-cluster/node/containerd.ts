import { chmodSync } from "node:fs";
import * as path from "node:path";
import { findProgram } from "../../build/debian";
import type { Component, StartContext } from "../component";
import { writePrivateFile } from "../files";
import { processMarks } from "../processes";
import { hasCapability } from "./availability";
import { command } from "./command";
import { networkPlugins } from "./packages";
import { nodeFolders, nodePodCidr, podNetworkName, runtimePlaces } from "./places";
import { pauseImage } from "../../images/names";

/** Namespace of containerd in which the kubelet's images and containers are. */
export const containerdNamespace = "k8s.io";

/** Runs `ctr`, containerd's own client, on the node's containerd. */
export const ctr = (...args: string[]): Promise<string> =>
  command("ctr", ["--address", runtimePlaces.containerdSocket, "--namespace", containerdNamespace, ...args]);

/** Strings of TOML's basic form are those of JSON. */
const toml = JSON.stringify;

function configuration(context: StartContext): string {
  const folders = nodeFolders(context.layout);
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    "version = 2",
    `root = ${toml(folders.containerd)}`,
    `state = ${toml(runtimePlaces.containerdState)}`,
    // They would make folders or need kernel modules, and nothing here uses them.
    'disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs"]',
    "[grpc]",
    `  address = ${toml(runtimePlaces.containerdSocket)}`,
    `[${cri}]`,
    `  sandbox_image = ${toml(pauseImage)}`,
    "  disable_apparmor = true",
    // Without this capability nobody may lower a process's score, and every sandbox would fail over it.
    `  restrict_oom_score_adj = ${!hasCapability("SYS_RESOURCE")}`,
    "  netns_mounts_under_state_dir = true",
    `  [${cri}.cni]`,
    `    bin_dir = ${toml(networkPlugins)}`,
    `    conf_dir = ${toml(folders.cniConfiguration)}`,
    `  [${cri}.containerd.runtimes.runc]`,
    '    runtime_type = "io.containerd.runc.v2"',
    `    [${cri}.containerd.runtimes.runc.options]`,
    "      SystemdCgroup = false",
    "",
  ].join("\n");
}

/** Each pod gets a pair of interfaces and a route; what leaves for other machines is not translated, so pods reach only this one. */
function podNetwork(): string {
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: nodePodCidr }]],
    routes: [{ dst: "0.0.0.0/0" }],
    dataDir: runtimePlaces.podAddresses,
  };
  return JSON.stringify({ cniVersion: "0.4.0", name: podNetworkName, plugins: [{ type: "ptp", ipMasq: false, ipam }] });
}

/**
 * A shim holds a container and outlives containerd. It must not carry the marks of the component, or it would be taken for containerd
 * itself after a crash, and ended with all containers when containerd is restarted.
 */
function shimWithoutMarks(): string {
  const unset = Object.values(processMarks).map((name) => `-u ${name}`);
  return `#!/bin/sh\nexec env ${unset.join(" ")} ${findProgram("containerd-shim-runc-v2")} "$@"\n`;
}

/** The container runtime. */
export const containerd: Component = {
  name: "containerd",
  startsAfter: [],
  ports: [],
  executable: () => findProgram("containerd"),
  args: ({ layout }) => ["--config", layout.config("containerd.toml"), "--log-level", "warn"],
  environment: ({ layout }) => ({
    // The shim is found by name; the one without marks comes first.
    PATH: `${nodeFolders(layout).programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  }),
  prepare: (context) => {
    const folders = nodeFolders(context.layout);
    const config = context.layout.config("containerd.toml");
    const network = path.join(folders.cniConfiguration, "10-pods.conflist");
    const shim = path.join(folders.programs, "containerd-shim-runc-v2");
    writePrivateFile(config, configuration(context));
    writePrivateFile(network, podNetwork());
    writePrivateFile(shim, shimWithoutMarks());
    chmodSync(shim, 0o700);
    return [config, network, shim];
  },
  ready: async () => void (await ctr("version")),
};
