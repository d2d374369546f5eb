import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import type { PlatformSpec } from "./config/spec";
import { planPlatform } from "./plan/platform";
import { registerInOrder, registerObject, registerObjects } from "./register";

/** The store that all tenants share: a volume, and a loader that has filled it when the component is there. */
export class ModelStore extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:ModelStore";

  /**
   * @param name Logical name of the component.
   * @param args The environment; its `modelStore` has mode `shared`.
   * @param opts Options of the component. What depends on it waits until every model is there and verified.
   * @throws RunError with every argument of a wrong shape; nothing is registered then.
   * @throws PlanError with every fault; nothing is registered then.
   * @throws Error when the environment has no shared store.
   */
  constructor(name: string, args: PlatformSpec, opts?: pulumi.ComponentResourceOptions) {
    const declared = readArguments("platformArguments", `${ModelStore.token} ${name}`, args);
    const { environment, modelStore: plan } = planPlatform(declared);
    if (plan === undefined) {
      throw new Error(`environment ${environment}: modelStore is missing or not shared: declare it with mode shared`);
    }
    super(ModelStore.token, name, { environment }, opts);
    const given = opts?.dependsOn;
    const priorityClass = registerObject(plan.priorityClass, name, { parent: this, dependsOn: given });
    const namespace = registerObject(plan.namespace, name, { parent: this, dependsOn: given });
    const fences = registerObjects(plan.fences, name, { parent: this, dependsOn: namespace, deletedWith: namespace });
    const volume = registerObject(plan.volume, name, { parent: this, dependsOn: given, protect: plan.protect });
    // A claim stays for as long as a pod that has ended names it: it goes with the namespace, as that pod does.
    const claim = registerObject(plan.claim, name, {
      parent: this,
      dependsOn: [namespace, volume],
      deletedWith: namespace,
      protect: plan.protect,
    });
    // A Job's pod needs what comes before it, and every fence has to stand.
    registerInOrder(plan.loader, name, {
      parent: this,
      dependsOn: [priorityClass, ...fences, claim],
      deletedWith: namespace,
    });
    this.registerOutputs({});
  }
}
