import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "./arguments";
import { makeClientSecrets } from "./client-keys";
import { serviceUrl } from "./plan/server/service";
import type { KubernetesObject } from "./plan/kubernetes";
import { onlyTenantPlan, type TenantPlan } from "./plan/tenant/tenant";
import { registerObject, registerObjects } from "./register";
import { resolveArguments } from "./spec/arguments";
import type { TenantArgs } from "./spec/index";

/**
 * The Ollama server of one tenant, in the tenant's namespace. It is part of a Tenant; by itself it needs the namespace
 * with its policies and quotas to exist.
 */
export class OllamaServer extends pulumi.ComponentResource {
  static readonly token = "ollama-platform:index:OllamaServer";

  /** URL of the server inside the cluster, for OLLAMA_HOST. */
  readonly url: pulumi.Output<string>;

  /** Keys of the clients by name, as a secret. */
  readonly clientKeys: pulumi.Output<Record<string, string>>;

  /**
   * @param name Logical name of the component.
   * @param args The tenant with what it refers to.
   * @param opts Options of the component; its `dependsOn` holds for every object of the server, its `deletedWith` for all but the
   * Deployment, whose pods have to end first.
   * @throws DeclarationError with every fault; nothing is registered then.
   */
  constructor(name: string, args: TenantArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const plan = onlyTenantPlan(
      resolveArguments(readArguments("tenantArguments", `${OllamaServer.token} ${name}`, args)),
    );
    // What the component is deleted with, every child of it would be deleted with, too.
    const { deletedWith, ...own } = opts;
    super(OllamaServer.token, name, { tenant: plan.tenant.name }, own);
    const { url, clientKeys } = registerOllamaServer(this, name, plan, { ...own, deletedWith }, []);
    this.url = url;
    this.clientKeys = clientKeys;
    this.registerOutputs({ url, clientKeys });
  }
}

/**
 * Registers a planned server below its component.
 *
 * @param opts Options for each of its objects.
 * @param fences What has to stand before any pod does, and itself comes after what the options wait for. Default: that.
 */
export function registerOllamaServer(
  parent: pulumi.ComponentResource,
  name: string,
  { tenant, prerequisites, server }: TenantPlan,
  { dependsOn, deletedWith }: pulumi.ComponentResourceOptions,
  fences: pulumi.Resource[],
): Pick<OllamaServer, "url" | "clientKeys"> {
  const secrets = makeClientSecrets(tenant, name, parent);
  const options = { parent, deletedWith, dependsOn };
  const afterFences = { ...options, dependsOn: fences.length > 0 ? fences : dependsOn };
  // Kubernetes admits no pod without its account, so the account alone waits for the fences, and for it whatever is about pods.
  const isAccount = ({ kind }: KubernetesObject) => kind === "ServiceAccount";
  const isFile = (object: KubernetesObject) => !isAccount(object);
  const account = registerObjects(prerequisites.filter(isAccount), name, afterFences);
  const files = registerObjects([...prerequisites, ...secrets.objects].filter(isFile), name, options);
  for (const object of server) {
    const dependsOn = object.kind === "Deployment" ? [...account, ...files] : account;
    registerObject(object, name, { ...options, dependsOn });
  }
  return { url: pulumi.output(serviceUrl(tenant)), clientKeys: secrets.keys };
}
