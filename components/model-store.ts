import * as pulumi from "@pulumi/pulumi";
import { guardsOf } from "./admission-guard";
import { readArguments } from "./arguments";
import { planModelStore, type ModelStorePlan } from "./plan/store/store";
import { latest, registerInOrder, registerObject, registerObjects } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { PlatformSpec } from "./spec/index";

/** The store that all tenants share: a volume, and a loader that has filled it when the component is there. */
export class ModelStore extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:ModelStore";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `modelStore` has mode `shared`.
   * @param opts Options of the component. What depends on it waits until every model is there and verified.
   * @throws DeclarationError with every fault; nothing is registered then.
   * @throws Error when the environment has no shared store.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const written = readArguments("platformArguments", `${ModelStore.token} ${name}`, args);
    const { environment, tenants } = resolveArguments(written);
    const plan = planModelStore(tenants, environment);
    if (plan === undefined) {
      throw new Error(
        `environment ${environment.name}: modelStore is missing or not shared: declare it with mode shared`,
      );
    }
    const given = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    super(ModelStore.token, name, { environment: environment.name }, opts);
    registerModelStore(this, name, plan, [...given, ...guardsOf(given)]);
    this.registerOutputs({});
  }
}

/**
 * Registers a planned store below its component.
 *
 * @param given What the component depends on.
 * @returns What to wait for: when it is there, every model is there and verified.
 */
export function registerModelStore(
  parent: pulumi.ComponentResource,
  name: string,
  plan: ModelStorePlan,
  given: pulumi.ComponentResourceOptions["dependsOn"] = [],
): pulumi.Resource[] {
  const priorityClass = registerObject(plan.priorityClass, name, { parent, dependsOn: given });
  const namespace = registerObject(plan.namespace, name, { parent, dependsOn: given });
  const fences = registerObjects(plan.fences, name, { parent, dependsOn: namespace, deletedWith: namespace });
  const volume = registerObject(plan.volume, name, { parent, dependsOn: given, protect: plan.protect });
  // A claim stays for as long as a pod that has ended names it: it goes with the namespace, as that pod does. The quota counts it.
  const claim = registerObject(plan.claim, name, {
    parent,
    dependsOn: [...latest([namespace], fences), volume],
    deletedWith: namespace,
    protect: plan.protect,
  });
  // A Job's pod needs what comes before it, and every fence has to stand.
  const first = [priorityClass, claim];
  const loader = registerInOrder(plan.loader, name, { parent, dependsOn: first, deletedWith: namespace });
  return latest(first, loader.slice(-1));
}
