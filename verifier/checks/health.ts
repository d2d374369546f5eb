/** Whether tenants' servers are there and ready. */
import type { ModelObject } from "../../policy-pack/model/cluster-model";
import { record } from "../../policy-pack/model/json";
import { whyUnseen } from "../live-objects";
import type { Result } from "../result";
import type { Check, Subject } from "./check";

/** One result for each Deployment of a tenant, and one for each tenant that has none. */
export const healthCheck: Check = {
  name: "health",
  run(subject) {
    const { model } = subject;
    return model.tenantNamespaces().flatMap(({ name, tenant, workspace }) => {
      // What runs in a workspace is its developers' own to keep well.
      if (workspace) return [];
      const deployments = model.ofIn(name, "Deployment", "apps");
      if (deployments.length > 0) return deployments.map((deployment) => judgeDeployment(subject, deployment));
      const unseen = whyUnseen(subject.live, ["deployments.apps"]);
      // A namespace that is fenced as a tenant is, without being one, needs no server.
      if (subject.settings.configuration.fencedNamespaces.includes(name)) return [];
      const base = {
        id: `health/${name}`,
        question: "health" as const,
        tenant,
        tried: `looks for a server in ${name}`,
      };
      if (unseen !== undefined)
        return [{ ...base, outcome: "inconclusive" as const, found: `not everything could be read: ${unseen}` }];
      const fix = "`npm run up` creates what is declared";
      return [{ ...base, outcome: "open" as const, found: "there is no Deployment", fix }];
    });
  },
};

function judgeDeployment({ model }: Subject, { object, namespace }: ModelObject): Result {
  const { replicas = 1 } = record(object.spec) as { replicas?: number };
  const status = record(object.status) as {
    readyReplicas?: number;
    observedGeneration?: number;
    conditions?: { type?: string; status?: string; message?: string }[];
  };
  const generation = (object.metadata as { generation?: number }).generation;
  const base = {
    id: `health/${namespace}/${object.metadata.name}`,
    question: "health" as const,
    tenant: model.tenantOf(namespace),
    tried: `reads the state of Deployment ${namespace}/${object.metadata.name}`,
  };
  if (status.observedGeneration === undefined || status.observedGeneration !== generation)
    return {
      ...base,
      outcome: "inconclusive",
      found: "the cluster has not looked at its newest version yet",
      fix: "see whether kube-controller-manager runs, and run the verifier again",
    };
  const ready = status.readyReplicas ?? 0;
  if (ready >= replicas) return { ...base, outcome: "isolated", found: `${ready} of ${replicas} pods are ready` };
  const why = (status.conditions ?? []).filter((one) => one.status === "False").flatMap(({ message }) => message ?? []);
  return {
    ...base,
    outcome: "open",
    found: `${ready} of ${replicas} pods are ready${why.length === 0 ? "" : `: ${why.join("; ")}`}`,
    fix: `\`kubectl describe pods --namespace ${namespace}\` tells why pods wait`,
  };
}
