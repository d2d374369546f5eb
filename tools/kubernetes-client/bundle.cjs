// Where Kubernetes' client is as one file. Plain JavaScript without dependencies: it is loaded before anything else.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const path = require("node:path");

/**
 * Path of the one file, which need not be there. Its name changes with the installed packages.
 *
 * @param {string} root Folder of the checkout.
 * @returns {string}
 */
module.exports.clientBundle = (root) => {
  const lock = readFileSync(path.join(root, "package-lock.json"));
  const key = createHash("sha256").update(lock).digest("hex").slice(0, 16);
  return path.join(root, "node_modules", ".cache", "ollama-platform", `kubernetes-client-${key}.cjs`);
};
