/** What happens in a cluster all the time, and weakens nothing: pods come and go, servers scale and restart, controllers report. */
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { isSuccess, refusalOf, type ApiRequest, type ClusterApi } from "../../verifier/cluster-api";
import { itemsOf } from "../../verifier/live-objects";
import { podOfHr } from "./acts";

/** Namespace of another team, which has nothing to do with the platform. */
const ELSEWHERE = "another-team";
const MERGE = "application/merge-patch+json";
const SERVERS = ["tenant-finance", "tenant-hr"];
/** Rounds between two restarts, which take their time. */
const RESTART_EVERY = 10;

const SLICES = "/apis/discovery.k8s.io/v1/namespaces/tenant-hr/endpointslices";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

type Named = { metadata: { name: string } };

/**
 * Runs rounds of churn, one after the other.
 *
 * @param pause Seconds between two rounds. Default: none, as fast as the API server answers.
 */
export async function churn(api: ClusterApi, rounds: number, pause = 0): Promise<void> {
  const send = async (request: ApiRequest): Promise<unknown> => {
    let reply = await api.request(request);
    // The quota is counted and changed at the same moments: whoever creates something then is asked to try again.
    while (reply.status === 409 && refusalOf(reply).includes("object has been modified"))
      reply = await api.request(request);
    assert.ok(isSuccess(reply), `${request.method ?? "GET"} ${request.path}: ${refusalOf(reply)}`);
    return reply.body;
  };
  const patch = (path: string, body: object) => send({ method: "PATCH", path, contentType: MERGE, body });
  const create = (path: string, body: object) => send({ method: "POST", path, body });
  const remove = (path: string) => send({ method: "DELETE", path: `${path}?gracePeriodSeconds=0` });
  const named = async (path: string): Promise<string[]> => {
    const reply = await api.request({ path });
    return itemsOf(reply).map((item) => (item as unknown as Named).metadata.name);
  };

  await create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: ELSEWHERE } });
  await create(`/apis/apps/v1/namespaces/${ELSEWHERE}/deployments`, deploymentElsewhere());
  await create(LEASES, lease("churn"));
  for (let round = 1; round <= rounds; round++) {
    const name = `churn-${round}`;
    const seen = { metadata: { annotations: { round: `${round}` } } };
    // Pods of a tenant and of someone else.
    await create("/api/v1/namespaces/tenant-hr/pods", podOfHr(name));
    // The autoscaler's hand on the server, within its bounds.
    await patch("/apis/apps/v1/namespaces/tenant-hr/deployments/ollama/scale", { spec: { replicas: 1 + (round % 2) } });
    await patch(`/apis/apps/v1/namespaces/${ELSEWHERE}/deployments/web/scale`, { spec: { replicas: round % 3 } });
    // What controllers and nodes report.
    for (const namespace of SERVERS)
      await patch(`/apis/apps/v1/namespaces/${namespace}/deployments/ollama/status`, seen);
    for (const node of await named("/api/v1/nodes")) await patch(`/api/v1/nodes/${node}/status`, heartbeat());
    for (const slice of await named(SLICES)) await patch(`${SLICES}/${slice}`, seen);
    await patch(`${LEASES}/churn`, { spec: lease("churn").spec });
    // Notes that someone makes on objects of the platform.
    await patch("/apis/networking.k8s.io/v1/namespaces/tenant-hr/networkpolicies/default-deny", seen);
    await patch("/api/v1/namespaces/tenant-hr/resourcequotas/quota", seen);
    await create(`/api/v1/namespaces/${ELSEWHERE}/configmaps`, configMap(name));
    if (round % RESTART_EVERY === 0)
      await patch("/apis/apps/v1/namespaces/tenant-hr/deployments/ollama", restart(round));
    await remove(`/api/v1/namespaces/${ELSEWHERE}/configmaps/${name}`);
    await remove(`/api/v1/namespaces/tenant-hr/pods/${name}`);
    await sleep(pause * 1000);
  }
  await patch("/apis/apps/v1/namespaces/tenant-hr/deployments/ollama/scale", { spec: { replicas: 1 } });
  await remove(`/api/v1/namespaces/${ELSEWHERE}`);
  await remove(`${LEASES}/churn`);
}

/** As `kubectl rollout restart` does it. */
const restart = (round: number) => ({
  spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": `round ${round}` } } } },
});

const heartbeat = () => ({ metadata: { annotations: { heartbeat: new Date().toISOString() } } });

const lease = (name: string) => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name },
  spec: { holderIdentity: name, renewTime: new Date().toISOString().replace("Z", "000Z") },
});

const configMap = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { name } });

const deploymentElsewhere = () => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "registry.example.com/web:1" }] },
    },
  },
});
