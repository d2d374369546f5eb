import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterLayout } from "../../tools/local-cluster/layout";
import { LiveApi, refusedByGuard } from "../guard/support/live";
import { ADMIN, create, type Loose } from "../guard/support/acts";
import { container } from "../guard/support/pods";
import { eventually } from "./wait";

/** What someone tries in a namespace, each of another concern of the guard. */
function weakenings(namespace: string): Loose[] {
  const of = (apiVersion: string, kind: string, rest: object): Loose => ({
    apiVersion,
    kind,
    metadata: { name: "attack", namespace },
    ...rest,
  });
  const rbac = "rbac.authorization.k8s.io";
  return [
    of("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, ingress: [{}], egress: [{}] } }),
    of(`${rbac}/v1`, "RoleBinding", {
      subjects: [{ apiGroup: rbac, kind: "Group", name: "strangers" }],
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "view" },
    }),
    of("v1", "Service", { spec: { type: "ExternalName", externalName: "ollama.tenant-finance.svc.cluster.local" } }),
    of("v1", "Pod", {
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
        containers: [container("main", { image: "evil.example.com/a:1" })],
      },
    }),
  ];
}

/** How far apart one's tries are: a gap that is shorter is not seen each time. */
const PAUSE_MS = 5;

/**
 * Tries to weaken namespaces without a pause, as someone who may do everything and is no deployer: as dry runs, which the API
 * server decides on like any other request and which change nothing.
 */
export class Attack {
  /** What was let through, and where; empty if all is well. */
  readonly passed: string[] = [];
  private readonly api: LiveApi;
  private readonly refusals = new Map<string, number>();
  private readonly rounds = new Map<string, number>();
  private running: Promise<void>[] = [];
  private stopped = false;

  constructor(
    layout: ClusterLayout,
    server: string,
    private readonly namespaces: string[],
  ) {
    this.api = new LiveApi(layout, server);
  }

  /** Begins, and waits until each namespace has been tried while it does not exist. */
  async start(): Promise<void> {
    this.running = this.namespaces.map((namespace) => this.attack(namespace));
    for (const namespace of this.namespaces)
      await eventually(`a round in ${namespace}`, 180, async () => this.rounds.get(namespace));
  }

  /** Waits until everything has been refused in a namespace, by the guard. */
  async tried(namespace: string): Promise<void> {
    const before = this.rounds.get(namespace) ?? 0;
    await eventually(`two more rounds in ${namespace}`, 180, async () =>
      (this.rounds.get(namespace) ?? 0) > before + 1 ? true : undefined,
    );
    if ((this.refusals.get(namespace) ?? 0) === 0) throw new Error(`the guard was not asked about ${namespace}`);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async attack(namespace: string): Promise<void> {
    while (!this.stopped) {
      for (const object of weakenings(namespace)) {
        // The API server may be restarted under it, and answers nothing then.
        const reply = await this.api.try(create(object)).catch(() => undefined);
        if (reply !== undefined && reply.status < 300)
          this.passed.push(`${object.kind} in ${namespace} at ${new Date().toISOString()}`);
        if (reply !== undefined && refusedByGuard(reply)) this.count(this.refusals, namespace);
        await sleep(PAUSE_MS);
      }
      await this.relabel(namespace);
      this.count(this.rounds, namespace);
    }
  }

  /** Tries to take the namespace's Pod Security level down. */
  private async relabel(namespace: string): Promise<void> {
    const patch = { metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } };
    const path = `/api/v1/namespaces/${namespace}?dryRun=All`;
    const reply = await this.api
      .send("PATCH", path, ADMIN, patch, "application/merge-patch+json")
      .catch(() => undefined);
    if (reply !== undefined && reply.status < 300)
      this.passed.push(`another level of ${namespace} at ${new Date().toISOString()}`);
  }

  private count(counts: Map<string, number>, namespace: string): void {
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
}
