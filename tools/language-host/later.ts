/**
 * Loaded before the SDK where a bundle stands for a program's sources: what the SDK loads at its start, a quarter of a second in each program, and
 * uses only to write functions down or to compile TypeScript, is loaded when it is used.
 */
import { registerHooks } from "node:module";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

/** Files of this folder that stand for what the SDK asks for. */
const standIns: Record<string, string> = {
  "../../typescript-shim": "later-typescript.js",
  "@npmcli/arborist": "later-arborist.js",
};

/** Files of the SDK that write functions down, and those that read types. */
const askers = /\/@pulumi\/pulumi\/(runtime\/closure|provider\/experimental)\/[^/]+\.js$/;

// Older versions of Node.js have no such hooks; there everything is loaded at once.
(registerHooks as typeof registerHooks | undefined)?.({
  resolve: (specifier, context, next) => {
    const standIn = askers.test(context.parentURL ?? "") ? standIns[specifier] : undefined;
    if (standIn === undefined) return next(specifier, context);
    const url = pathToFileURL(path.join(__dirname, standIn)).href;
    return { url, format: "commonjs", shortCircuit: true };
  },
});
