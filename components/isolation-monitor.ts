import * as pulumi from "@pulumi/pulumi";
import { guardsOf } from "./admission-guard";
import { readArguments } from "./arguments";
import { platformPlan } from "./plan/platform";
import { registerPlatformService } from "./platform-service";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";

/** A program in the cluster that tells when the running platform stops being what is declared. */
export class IsolationMonitor extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:IsolationMonitor";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `cluster.monitor` says where the API server is.
   * @param opts Options of the component.
   * @throws DeclarationError with every fault; nothing is registered then.
   * @throws Error when the environment has no monitor, or its program has not been made.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const written = readArguments("platformArguments", `${IsolationMonitor.token} ${name}`, args);
    const { environment, monitor } = platformPlan(resolveArguments(written));
    if (monitor === undefined) {
      throw new Error(
        `environment ${environment}: cluster.monitor is missing: declare it with the address ranges of the API server`,
      );
    }
    const given = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    super(IsolationMonitor.token, name, { environment }, opts);
    registerPlatformService(this, name, monitor, [...given, ...guardsOf(given)]);
    this.registerOutputs({});
  }
}
