// Entry of the pack. It compiles the TypeScript sources while they load and leaves checking their types to the project's
// own check: the default start-up of a pack checks them anew at every preview, which takes longer than the policies.
require("ts-node").register({ transpileOnly: true, project: require("node:path").join(__dirname, "tsconfig.json") });
require("./index.ts");
