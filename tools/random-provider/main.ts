import * as provider from "@pulumi/pulumi/provider";
import { endWithEngine } from "../language-host/lifetime";
import { randomProvider } from "./provider";

/** Executable `pulumi-resource-random`: see `provider.ts` for what it stands in for. */
endWithEngine();
provider.main(randomProvider, process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
