import * as pulumi from "@pulumi/pulumi";
import { guardsOf } from "./admission-guard";
import { readArguments } from "./arguments";
import type { MonitorPlan } from "./plan/monitor/monitor";
import { platformPlan } from "./plan/platform";
import { registerInOrder, registerObject, registerObjects } from "./register";
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
    registerMonitor(this, name, monitor, [...given, ...guardsOf(given)]);
    this.registerOutputs({});
  }
}

/**
 * Registers a planned monitor below its component.
 *
 * @param given What the component depends on.
 */
export function registerMonitor(
  parent: pulumi.ComponentResource,
  name: string,
  plan: MonitorPlan,
  given: pulumi.ComponentResourceOptions["dependsOn"] = [],
): void {
  const priorityClass = registerObject(plan.priorityClass, name, { parent, dependsOn: given });
  const namespace = registerObject(plan.namespace, name, { parent, dependsOn: given });
  const isClusters = ({ metadata }: { metadata: { namespace?: string } }) => metadata.namespace === undefined;
  const fences = [
    ...registerObjects(plan.fences.filter(isClusters), name, { parent, dependsOn: given }),
    ...registerObjects(
      plan.fences.filter((object) => !isClusters(object)),
      name,
      { parent, dependsOn: namespace, deletedWith: namespace },
    ),
  ];
  const files = registerObjects(plan.files, name, { parent, dependsOn: fences, deletedWith: namespace });
  registerInOrder(plan.workload, name, {
    parent,
    dependsOn: [priorityClass, ...fences, ...files] as pulumi.Resource[],
    deletedWith: namespace,
  });
}
