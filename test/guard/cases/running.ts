import { ADMIN, type Case, changed, controller, type Loose, update, type Who } from "../support/acts";
import { MAKERS, podWith, tenantPod } from "../support/pods";

/** What turns what already runs into what may not be made, by the pod template of its maker. */
const LATER: [title: string, edit: (template: Loose) => void][] = [
  ["an image from elsewhere", ({ spec }) => (spec.containers[0].image = "evil.example.com/a:1")],
  ["the host's network", ({ spec }) => (spec.hostNetwork = true)],
  ["a device by an annotation", ({ metadata }) => (metadata.annotations = { "cdi.k8s.io/gpu": "nvidia.com/gpu=all" })],
  ["another tenant's label", ({ metadata }) => (metadata.labels["ollama-platform.io/tenant"] = "finance")],
];
const noted = ({ metadata }: Loose): void => void (metadata.annotations = { "example.com/note": "seen" });

function templateOf({ kind, spec, template }: Loose): Loose {
  return kind === "PodTemplate" ? template : kind === "CronJob" ? spec.jobTemplate.spec.template : spec.template;
}

/** A maker of pods that is there already; without Jobs, whose templates Kubernetes itself lets nobody change. */
function running(kind: string, pod: Loose = tenantPod()): Loose {
  const named = (object: Loose): void => void (object.metadata.name = `running-${pod.metadata.name}`);
  return changed(MAKERS[kind]?.(pod), named);
}

// Nobody else changes a ReplicaSet.
const whoChanges = (kind: string): Who => (kind === "ReplicaSet" ? controller("deployment-controller") : ADMIN);

const byMakers = Object.keys(MAKERS)
  .filter((kind) => kind !== "Job")
  .flatMap((kind) =>
    LATER.map(([title, edit]): Case => ({
      title: `${title} in a ${kind} that is there already`,
      act: update(running(kind), (object) => edit(templateOf(object)), { who: whoChanges(kind) }),
      twin: update(running(kind), (object) => noted(templateOf(object)), { who: whoChanges(kind) }),
    })),
  );

/** A server of a former release: its image is no longer the platform's. */
const former = running(
  "Deployment",
  podWith((pod) => {
    pod.metadata.name = "former";
    pod.spec.containers[0].image = "registry.example.com/former:1";
  }),
);

/** Changes of what runs: nothing of it is judged again but what changes. */
export const RUNNING: Case[] = [
  ...byMakers,
  {
    title: "a device by an annotation on a running pod",
    act: update(tenantPod(), ({ metadata }) => (metadata.annotations = { "cdi.k8s.io/gpu": "nvidia.com/gpu=all" })),
    twin: update(tenantPod(), noted),
  },
  {
    title: "a change of pods whose image is no longer the platform's",
    act: update(former, (object) => (templateOf(object).spec.terminationGracePeriodSeconds = 7)),
    twin: update(former, noted),
  },
];
