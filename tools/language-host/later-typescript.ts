import { createRequire } from "node:module";

/** From the SDK's own start script, which is the program of this process. */
const load = createRequire(process.argv[1] ?? __filename);

/** The SDK's compiler, loaded when the first thing of it is used. */
export = new Proxy({}, { get: (_, name) => (load("../../typescript-shim") as Record<string | symbol, unknown>)[name] });
