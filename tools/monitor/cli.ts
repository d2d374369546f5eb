/** `npm run bundle`: makes the program of the monitor that `cluster.monitor` declares. */
import * as path from "node:path";
import { MONITOR_PROGRAM } from "../../components/monitor/program";
import { runCommand } from "../commands/context";
import { repositoryRoot } from "../local/paths";
import { bundleMonitor } from "./bundle";

runCommand(() => {
  const bytes = bundleMonitor();
  console.log(`${path.relative(repositoryRoot, MONITOR_PROGRAM)}: ${(bytes / 1024).toFixed(0)} KiB`);
  return Promise.resolve();
});
