/** `npm run bundle`: makes the program of the monitor that `cluster.monitor` declares, and the verifier of the component package. */
import * as path from "node:path";
import { MONITOR_PROGRAM } from "../../components/monitor/program";
import { runCommand } from "../commands/context";
import { repositoryRoot } from "../local/paths";
import { bundleVerifier, VERIFIER_PROGRAM } from "../verifier/bundle";
import { bundleMonitor } from "./bundle";

const say = (file: string, bytes: number): void =>
  console.log(`${path.relative(repositoryRoot, file)}: ${(bytes / 1024).toFixed(0)} KiB`);

runCommand(() => {
  const bytes = bundleMonitor();
  say(MONITOR_PROGRAM, bytes);
  say(VERIFIER_PROGRAM, bundleVerifier());
  return Promise.resolve();
});
