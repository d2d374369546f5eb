/** What tenants claim of devices, and what limits it. */
import { type PackSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { find, financePod, hrPod, type Loose, settings } from "../fixture";

const CLASS = "gpu.nvidia.com";
/** The fixture's settings with a driver that gives out the GPUs of servers. */
const driven: PackSettings = {
  ...settings,
  configuration: {
    ...settings.configuration,
    pools: { ...settings.configuration.pools, deviceClasses: [CLASS] },
  },
};

const COUNTS = ["count/resourceclaims.resource.k8s.io", "count/resourceclaimtemplates.resource.k8s.io"];
const DEVICES = `${CLASS}.deviceclass.resource.k8s.io/devices`;
const QUOTA = "ResourceQuota tenant-hr/quota";
const quota = (objects: Loose[], tenant = "hr") =>
  find(objects, "ResourceQuota", "quota", `tenant-${tenant}`).spec.hard;

const exactly = { deviceClassName: CLASS, count: 1 };
const claim = (kind: string, spec: object, namespace = "tenant-hr"): Loose => ({
  apiVersion: "resource.k8s.io/v1",
  kind,
  metadata: { name: "gpus", namespace },
  spec,
});
const asking = (fields: object) => ({ devices: { requests: [{ name: "gpus", ...fields }] } });
const template = (fields: object = { exactly }, namespace?: string) =>
  claim("ResourceClaimTemplate", { spec: asking(fields) }, namespace);

/** Gives finance's server its GPU by a claim. */
function claiming(objects: Loose[], fields: object = { exactly }): void {
  objects.push(template(fields, "tenant-finance"));
  const pod = financePod(objects);
  pod.resourceClaims = [{ name: "gpus", resourceClaimTemplateName: "gpus" }];
  for (const one of [...pod.containers, ...(pod.initContainers ?? [])]) {
    const { limits, requests } = one.resources;
    if (limits?.["nvidia.com/gpu"] === undefined) continue;
    delete limits["nvidia.com/gpu"];
    delete requests["nvidia.com/gpu"];
    one.resources.claims = [{ name: "gpus" }];
    one.env = [...(one.env ?? []), { name: "NVIDIA_VISIBLE_DEVICES", value: "void" }];
  }
  const limits = quota(objects, "finance");
  Object.assign(limits, { [COUNTS[0] ?? ""]: "2", [COUNTS[1] ?? ""]: "2", [DEVICES]: "2" });
}

const foreign = { exactly: { deviceClassName: "other.example.com" } };

describeRule(
  "placement/device-claims",
  [
    ...["ResourceClaim", "ResourceClaimTemplate"].flatMap((kind): Break[] => {
      const of = (fields: object) => (kind === "ResourceClaim" ? claim(kind, asking(fields)) : template(fields));
      const object = `${kind} tenant-hr/gpus`;
      return [
        {
          title: `administrative access on a ${kind}`,
          apply: (o) => o.push(of({ exactly: { ...exactly, adminAccess: true } })),
          object,
          field: /adminAccess$/,
          settings: driven,
        },
        {
          title: `a class that nobody lists, on a ${kind}`,
          apply: (o) => o.push(of(foreign)),
          object,
          settings: driven,
        },
        { title: `any class on a ${kind} where a device plugin serves`, apply: (o) => o.push(of({ exactly })), object },
        {
          title: `a class that nobody lists, as the second choice of a ${kind}`,
          apply: (o) => o.push(of({ firstAvailable: [exactly, foreign.exactly] })),
          object,
          field: /firstAvailable\[1\]\.deviceClassName$/,
          settings: driven,
        },
        {
          title: `a class that nobody lists, on a ${kind} of an earlier version`,
          apply: (o) => o.push({ ...of(foreign.exactly), apiVersion: "resource.k8s.io/v1beta1" }),
          object,
          settings: driven,
        },
      ];
    }),
    ...[{ resourceClaimName: "gpus" }, { resourceClaimTemplateName: "gpus" }].map((source): Break => ({
      title: `a pod with a claim by ${Object.keys(source)[0]} that nothing declares`,
      apply: (o) => (hrPod(o).resourceClaims = [{ name: "gpus", ...source }]),
      object: "Deployment tenant-hr/ollama",
      field: "spec.template.spec.resourceClaims[0]",
      settings: driven,
    })),
  ],
  [
    { title: "a claim of a listed class", apply: (o) => claiming(o), settings: driven },
    {
      title: "claims outside of tenants' namespaces",
      apply: (o) => o.push(template(foreign, "kube-system")),
    },
  ],
);

describeRule(
  "capacity/quota",
  [
    ...[...COUNTS, DEVICES].flatMap((key): Break[] => [
      {
        title: `${key} above zero where a device plugin serves`,
        apply: (o) => (quota(o)[key] = "1"),
        object: QUOTA,
        field: `spec.hard["${key}"]`,
      },
      {
        title: `no limit of ${key} where a driver serves`,
        apply: (o) => delete quota(o)[key],
        object: QUOTA,
        field: `spec.hard["${key}"]`,
        settings: driven,
      },
    ]),
    {
      title: "devices of another class where a driver serves",
      apply: (o) => (quota(o)["mig.nvidia.com.deviceclass.resource.k8s.io/devices"] = "1"),
      object: QUOTA,
      settings: driven,
    },
  ],
  [{ title: "a share of the devices that a driver gives out", apply: (o) => claiming(o), settings: driven }],
);

describeRule(
  "capacity/fits-quota",
  [
    {
      title: "more devices of all replicas than the quota has",
      apply: (o) => claiming(o, { exactly: { deviceClassName: CLASS, count: 2 } }),
      object: /tenant-finance/,
      settings: driven,
    },
    {
      title: "a claim of all devices",
      apply: (o) => claiming(o, { exactly: { deviceClassName: CLASS, allocationMode: "All" } }),
      object: /tenant-finance/,
      settings: driven,
    },
  ],
  [
    { title: "as many devices as the quota has", apply: (o) => claiming(o), settings: driven },
    {
      title: "two choices, of which a pod gets one",
      apply: (o) => claiming(o, { firstAvailable: [exactly, exactly] }),
      settings: driven,
    },
  ],
);

describeRule(
  "placement/gpu-visibility",
  [
    {
      title: "a claim beside a variable that shows every GPU",
      apply: (o) => {
        claiming(o);
        const pod = financePod(o);
        for (const one of [...pod.containers, ...(pod.initContainers ?? [])])
          for (const variable of one.env ?? [])
            if (variable.name === "NVIDIA_VISIBLE_DEVICES" && one.resources.claims !== undefined)
              variable.value = "all";
      },
      object: "Deployment tenant-finance/ollama",
      settings: driven,
    },
  ],
  [{ title: "a claim beside a variable that hides the others", apply: (o) => claiming(o), settings: driven }],
);

/** A device class of the cluster. */
const deviceClass = { apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name: CLASS }, spec: {} };
describeRule(
  "capacity/gpu-resources-limited",
  [
    {
      title: "a class of devices that neither of its two keys limits",
      apply: (o) => {
        o.push(deviceClass);
        delete quota(o)[DEVICES];
      },
      object: QUOTA,
    },
  ],
  [{ title: "a class of devices that its own key limits", apply: (o) => o.push(deviceClass) }],
);
