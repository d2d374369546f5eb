import { ModelStoreMode } from "../../spec/index";
import type { KubernetesObject, Namespace, PriorityClass } from "../kubernetes";
import { platformLabels } from "../labels";
import { imagePullSecrets } from "../tenant/pull-secret";
import { PLATFORM_NAMESPACE } from "../../spec/names";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";
import { planStoreFences, planStoreNamespace, planStorePriorityClass } from "./fences";
import { planLoader } from "./loader";
import { sharedRequest } from "./request";
import { STORE_OBJECT } from "./names";
import { planWriterVolume } from "./volumes";

/** The store that all tenants share, in the order in which its parts have to exist. */
export interface ModelStorePlan {
  /** Whether an up may not delete the volume and its claim. */
  protect: boolean;
  namespace: Namespace;
  priorityClass: PriorityClass;
  fences: KubernetesObject[];
  /** The volume with the models; the cluster's own, so it does not go with the namespace. */
  volume: KubernetesObject;
  /** The loader's claim on it. */
  claim: KubernetesObject;
  /** The loader; its Job comes last. */
  loader: KubernetesObject[];
}

/** Plans the shared store of an environment; undefined when it has none. */
export function planModelStore(tenants: Tenant[], environment: Environment): ModelStorePlan | undefined {
  const { modelStore: store, images } = environment;
  if (store?.mode !== ModelStoreMode.shared) return undefined;
  const [volume, claim] = planWriterVolume(store);
  return {
    protect: store.protect,
    namespace: planStoreNamespace(environment),
    priorityClass: planStorePriorityClass(),
    fences: planStoreFences(store, environment),
    volume,
    claim,
    loader: planLoader({
      namespace: PLATFORM_NAMESPACE,
      labels: platformLabels("models"),
      image: images.modelLoader,
      request: sharedRequest(tenants, store),
      store,
      pod: { priorityClassName: STORE_OBJECT.priorityClass, ...imagePullSecrets(environment) },
    }),
  };
}

/** All objects of a shared store in that order. */
export function modelStoreObjects({
  priorityClass,
  namespace,
  fences,
  volume,
  claim,
  loader,
}: ModelStorePlan): KubernetesObject[] {
  return [priorityClass, namespace, ...fences, volume, claim, ...loader];
}
