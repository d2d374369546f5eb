import * as pulumi from "@pulumi/pulumi";
import { guardsOf } from "./admission-guard";
import { readArguments } from "./arguments";
import { platformPlan } from "./plan/platform";
import { registerPlatformService } from "./platform-service";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";

/** The service that counts clients' requests and tokens over all replicas of a tenant's server. */
export class SharedLimits extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:SharedLimits";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `cluster.sharedLimits` says what happens while the counts are away.
   * @param opts Options of the component.
   * @throws DeclarationError with every fault; nothing is registered then.
   * @throws Error when the environment declares no shared limits.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const written = readArguments("platformArguments", `${SharedLimits.token} ${name}`, args);
    const { environment, sharedLimits } = platformPlan(resolveArguments(written));
    if (sharedLimits === undefined) {
      throw new Error(
        `environment ${environment}: cluster.sharedLimits is missing: declare it, \`{}\` for its defaults`,
      );
    }
    const given = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    super(SharedLimits.token, name, { environment }, opts);
    registerPlatformService(this, name, sharedLimits, [...given, ...guardsOf(given)]);
    this.registerOutputs({});
  }
}
