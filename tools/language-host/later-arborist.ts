import { createRequire } from "node:module";

/** From the SDK's own start script, which is the program of this process. */
const load = createRequire(process.argv[1] ?? __filename);

/** Reads trees of installed packages; loaded when the SDK reads one. */
export = {
  __esModule: true,
  get Arborist(): unknown {
    return (load("@npmcli/arborist") as { Arborist: unknown }).Arborist;
  },
};
