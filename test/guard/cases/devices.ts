/** Devices of dynamic resource allocation: what claims them, and who says whose they are. */
import { type Act, type Case, controller, create, DEPLOYER, type Loose, remove, update } from "../support/acts";
import { container, MAKERS, podWith } from "../support/pods";
import { planned } from "../support/platform";

const NAMESPACE = "tenant-labs";
const CLASS = "gpu.nvidia.com";
const template = planned("ResourceClaimTemplate", "gpus-1-gpu.nvidia.com", NAMESPACE);
const devices = { requests: [{ name: "gpus", exactly: { deviceClassName: CLASS, count: 1 } }] };

const claim = (name: string, namespace = NAMESPACE): Loose => ({
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceClaim",
  metadata: { name, namespace },
  spec: { devices },
});
const note = (object: Loose): void =>
  void (object.metadata.annotations = { ...object.metadata.annotations, note: "seen" });

/** A pod of a tenant that claims devices. */
const claiming = (source: object, tenant = "labs"): Loose =>
  podWith((pod) => {
    pod.spec.resourceClaims = [{ name: "gpus", ...source }];
    const first = container("main");
    pod.spec.containers = [{ ...first, resources: { ...first.resources, claims: [{ name: "gpus" }] } }];
  }, tenant);
const own = { resourceClaimTemplateName: template.metadata.name };

/** In each kind that makes pods. */
const byMakers: Case[] = Object.entries(MAKERS).map(([kind, of]) => ({
  title: `a ${kind} whose pods share one claim`,
  act: create(of(claiming({ resourceClaimName: "shared" }))),
  twin: create(of(claiming(own))),
}));

const scheduler = { username: "system:kube-scheduler", groups: ["system:authenticated"] };
const status = (edit: (object: Loose) => void, over: Partial<Act> = {}): Act =>
  update(claim("given"), edit, { subresource: "status", ...over });
const allocated = (object: Loose): void => {
  const result = { request: "gpus", driver: CLASS, pool: "node-1", device: "gpu-0" };
  object.status = { ...object.status, allocation: { devices: { results: [result] } } };
};

/** Claims, templates, and what is written on them. */
export const DEVICES: Case[] = [
  {
    title: "a pod with a claim that is not its own",
    act: create(claiming({ resourceClaimName: "gpu" })),
    twin: create(claiming(own)),
  },
  {
    title: "a pod with a claim from another template",
    act: create(claiming({ resourceClaimTemplateName: "gpus-8-gpu.nvidia.com" })),
    twin: create(claiming(own)),
  },
  {
    title: "a pod of HR with a claim from the template of another tenant",
    act: create(claiming(own, "hr")),
    twin: create(claiming(own)),
  },
  ...byMakers,
  {
    title: "a claim of someone's own",
    act: create(claim("mine")),
    twin: create(claim("made"), { who: controller("resource-claim-controller") }),
  },
  {
    title: "a claim in a namespace without devices",
    act: create(claim("mine", "tenant-hr")),
    twin: create(claim("mine", "other")),
  },
  {
    title: "a template of someone's own",
    act: create({ ...template, metadata: { name: "mine", namespace: NAMESPACE } }),
    twin: create({ ...template, metadata: { name: "mine", namespace: NAMESPACE } }, { who: DEPLOYER }),
  },
  {
    title: "the removal of the template",
    act: remove(template),
    twin: update(template, note),
  },
  {
    title: "a claim without what keeps its device until the pod has ended",
    act: update(
      {
        ...claim("held"),
        metadata: { ...claim("held").metadata, finalizers: ["example.com/in-use"] },
      },
      (object) => delete object.metadata.finalizers,
    ),
    twin: update(claim("held"), note),
  },
  {
    title: "a device that is given to a claim by hand",
    act: status(allocated),
    twin: status(allocated, { who: scheduler }),
  },
];
