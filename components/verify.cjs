#!/usr/bin/env node
// The verifier is made of sources that are in the repository and not in the package; `npm run bundle` makes it.
const { existsSync } = require("node:fs");
const path = require("node:path");

const program = path.join(__dirname, "verifier", "bin", "verify.cjs");
if (existsSync(program)) require(program);
else {
  console.error("error: the verifier has not been made: run `npm run bundle` in the repository of the platform");
  process.exitCode = 2;
}
