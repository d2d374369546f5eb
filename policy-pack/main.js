// Entry of the pack; package.json names it, because the engine starts the folder. It compiles the TypeScript sources while
// they load and leaves checking their types to the project's own check. The engine's start-up of a pack has set up a compiler
// that checks them at every preview, which takes longer than the policies do. A further compiler runs before that one,
// not in its place: so it is switched off.
const { register, REGISTER_INSTANCE } = require("ts-node");

process[REGISTER_INSTANCE]?.enabled(false);
register({ ...quickest(), project: require("node:path").join(__dirname, "tsconfig.json") });
require("./index.ts");

/** The quickest compiler that is installed: SWC takes a fifth of the time of TypeScript's own. */
function quickest() {
  try {
    require.resolve("@swc/core");
    return { swc: true };
  } catch {
    return { transpileOnly: true };
  }
}
