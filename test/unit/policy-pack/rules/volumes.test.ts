/** Which places volumes lead to, and which volumes claims get. */
import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { financePod, find, hrPod, type Loose, ruleIds, settings } from "../fixture";
import { inEveryKind } from "../shapes";

const HR = "Deployment tenant-hr/ollama";
const PV = "PersistentVolume models-hr";
const CLAIM = "PersistentVolumeClaim tenant-hr/models";
const volume = (objects: Loose[], tenant = "hr") => find(objects, "PersistentVolume", `models-${tenant}`).spec;
const claim = (objects: Loose[]) => find(objects, "PersistentVolumeClaim", "models", "tenant-hr").spec;
const listed = {
  ...settings,
  configuration: loadSettings({ storage: { inlineDrivers: ["cert.csi.example.com"] } }, ruleIds).configuration,
};

/** A volume that hr's pod mounts by its own word. */
const inline = (csi: Loose): Pick<Break, "apply"> => ({
  apply: (objects) => hrPod(objects).volumes.push({ name: "x", csi }),
});
const nfsOfFinance = { driver: "nfs.csi.k8s.io", volumeAttributes: { server: "s", share: "/finance" } };

describeRule(
  "storage/inline-drivers",
  [
    {
      title: "a server and a share",
      ...inline(nfsOfFinance),
      object: HR,
      field: "spec.template.spec.volumes[2].csi.driver",
    },
    {
      title: "a share with the Secret of another namespace",
      ...inline({ driver: "file.csi.azure.com", volumeAttributes: { secretNamespace: "tenant-finance" } }),
      object: HR,
    },
    { title: "no driver", ...inline({}), object: HR },
    { title: "another driver than the listed one", ...inline(nfsOfFinance), object: HR, settings: listed },
    ...inEveryKind((pod) => pod.volumes.push({ name: "x", csi: nfsOfFinance })),
  ],
  [
    {
      title: "a driver that the configuration lists",
      ...inline({ driver: "cert.csi.example.com", volumeAttributes: { issuer: "hr" } }),
      settings: listed,
    },
  ],
);

describeRule(
  "storage/no-foreign-source",
  [
    {
      title: "the Secret of another namespace in a volume of a listed driver",
      ...inline({ driver: "cert.csi.example.com", volumeAttributes: { secretNamespace: "tenant-finance" } }),
      object: HR,
      field: "spec.template.spec.volumes[2].csi.volumeAttributes.secretNamespace",
      settings: listed,
    },
    {
      title: "the same in another spelling",
      ...inline({ driver: "cert.csi.example.com", volumeAttributes: { secretnamespace: "kube-system" } }),
      object: HR,
      settings: listed,
    },
  ],
  [
    {
      title: "the Secret of the pod's own namespace",
      ...inline({ driver: "cert.csi.example.com", volumeAttributes: { secretNamespace: "tenant-hr" } }),
      settings: listed,
    },
  ],
);

/** Two tenants' volumes, hr's writable; `shared` is what both have, the others what each has alone. */
function both(driver: string, shared: Loose, hr: Loose = {}, finance: Loose = {}): Pick<Break, "apply"> {
  return {
    apply: (objects) => {
      for (const [tenant, own] of [
        ["hr", hr],
        ["finance", finance],
      ] as const) {
        const spec = volume(objects, tenant);
        delete spec.nfs;
        const { mountOptions, ...attributes } = { ...shared, ...own };
        spec.csi = { driver, volumeHandle: `handle-of-${tenant}`, volumeAttributes: attributes };
        if (mountOptions !== undefined) spec.mountOptions = mountOptions;
      }
      volume(objects).accessModes = ["ReadWriteMany"];
    },
  };
}

/** Two tenants' volumes by their handles alone, hr's writable. */
function handles(driver: string, hr: string, finance: string): Pick<Break, "apply"> {
  return {
    apply: (objects) => {
      both(driver, {}).apply(objects);
      volume(objects).csi.volumeHandle = hr;
      volume(objects, "finance").csi.volumeHandle = finance;
    },
  };
}

/** Two tenants' volumes of a server, hr's writable. */
function servers(hr: Loose, finance: Loose): Pick<Break, "apply"> {
  return {
    apply: (objects) => {
      Object.assign(volume(objects), { accessModes: ["ReadWriteMany"], nfs: hr });
      volume(objects, "finance").nfs = finance;
    },
  };
}

/** Two tenants' folders of nodes, hr's writable. */
function nodes(hr: string[] | undefined, finance: string[] | undefined): Pick<Break, "apply"> {
  const on = (values: string[] | undefined) => {
    const key = values === undefined ? "kubernetes.io/os" : "kubernetes.io/hostname";
    const expression = { key, operator: "In", values: values ?? ["linux"] };
    return { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
  };
  return {
    apply: (objects) => {
      for (const [tenant, values] of [
        ["hr", hr],
        ["finance", finance],
      ] as const) {
        const spec = volume(objects, tenant);
        delete spec.nfs;
        Object.assign(spec, { local: { path: "/data" }, nodeAffinity: on(values) });
      }
      volume(objects).accessModes = ["ReadWriteOnce"];
    },
  };
}

/** Two tenants' volumes of any kinds, hr's writable. */
function sources(hr: Loose, finance: Loose): Pick<Break, "apply"> {
  return {
    apply: (objects) => {
      for (const tenant of ["hr", "finance"]) delete volume(objects, tenant).nfs;
      Object.assign(volume(objects), { accessModes: ["ReadWriteMany"], ...hr });
      Object.assign(volume(objects, "finance"), finance);
    },
  };
}
const byDriver = (driver: string, volumeHandle: string, volumeAttributes: Loose = {}) => ({
  csi: { driver, volumeHandle, volumeAttributes },
});

const nfs = "nfs.csi.k8s.io";
const shared = (title: string, change: Pick<Break, "apply">): Break => ({
  title,
  ...change,
  object: PV,
  field: "spec.accessModes",
});
describeRule(
  "storage/backing-not-shared",
  [
    shared("one share under two handles", both(nfs, { server: "s", share: "/models" })),
    shared("one bucket under two handles", both("s3.csi.aws.com", { bucketName: "models" })),
    shared(
      "one container of an account under two handles",
      both("blob.csi.azure.com", { storageAccount: "a", containerName: "c" }),
    ),
    shared("one Samba share under two handles", both("smb.csi.k8s.io", { source: "//s/models" })),
    shared("one share of a driver that nobody knows", both("csi.example.com", { endpoint: "s", export: "/models" })),
    shared(
      "one share in two spellings",
      both(nfs, {}, { server: "S.", share: "/a//b/" }, { server: "s", share: "/a/b" }),
    ),
    shared("one share by way of a folder above", both(nfs, { server: "s" }, { share: "/a/../b" }, { share: "/b" })),
    shared("a folder within the share", both(nfs, { server: "s" }, { share: "/a", subDir: "b" }, { share: "/a/b" })),
    shared(
      "attribute names in another case",
      both(nfs, {}, { Server: "s", Share: "/a" }, { server: "s", share: "/a" }),
    ),
    shared(
      "a name and an address, which may be one server",
      servers({ server: "s", path: "/m" }, { server: "192.0.2.1", path: "/m" }),
    ),
    shared(
      "a short and a long name of a server",
      servers({ server: "store", path: "/m" }, { server: "store.example.com", path: "/m" }),
    ),
    shared("one share by the driver and in the tree", {
      apply: (objects) => {
        both(nfs, { server: "s", share: "/m" }).apply(objects);
        const spec = volume(objects, "finance");
        delete spec.csi;
        spec.nfs = { server: "s", path: "/m" };
      },
    }),
    shared("one handle of a driver that goes by handles", handles("efs.csi.aws.com", "fs-1:/m", "fs-1:/m")),
    shared("one handle of a driver that nobody knows", handles("csi.example.com", "v", "v")),
    ...[
      ["ebs.csi.aws.com", "vol-1", { awsElasticBlockStore: { volumeID: "aws://zone-a/vol-1" } }],
      ["pd.csi.storage.gke.io", "projects/p/zones/z/disks/d", { gcePersistentDisk: { pdName: "d" } }],
      ["disk.csi.azure.com", "/subscriptions/s/disks/d", { azureDisk: { diskURI: "/subscriptions/s/disks/d" } }],
      ["cinder.csi.openstack.org", "v", { cinder: { volumeID: "v" } }],
      ["pxd.portworx.com", "v", { portworxVolume: { volumeID: "v" } }],
    ].map(([driver, handle, inTree]) =>
      shared(
        `one disk by ${String(driver)} and in the tree`,
        sources(byDriver(String(driver), String(handle)), inTree),
      ),
    ),
    shared(
      "one share of a cloud by its driver and in the tree, whose account stands in a Secret",
      sources(byDriver("file.csi.azure.com", "1", { storageAccount: "a", shareName: "m" }), {
        azureFile: { secretName: "account", shareName: "m" },
      }),
    ),
    ...[
      { iscsi: { targetPortal: "192.0.2.1:3260", iqn: "q", lun: 0 } },
      { fc: { targetWWNs: ["a"], lun: 0 } },
      { rbd: { monitors: ["m"], pool: "p", image: "i" } },
      { cephfs: { monitors: ["m"], path: "/a" } },
      { glusterfs: { endpoints: "e", path: "m" } },
      { vsphereVolume: { volumePath: "[store] m" } },
    ].map((source) => shared(`one place of ${Object.keys(source).join()}`, sources(source, structuredClone(source)))),
    shared("one folder of one node", nodes(["a"], ["b", "a"])),
    shared("one folder of a node and of every node", nodes(["a"], undefined)),
  ],
  [
    { title: "two shares", ...both(nfs, { server: "s" }, { share: "/hr" }, { share: "/finance" }) },
    { title: "two servers", ...both(nfs, { share: "/m" }, { server: "s" }, { server: "t" }) },
    { title: "two addresses", ...servers({ server: "192.0.2.1", path: "/m" }, { server: "192.0.2.2", path: "/m" }) },
    { title: "two buckets", ...both("s3.csi.aws.com", {}, { bucketName: "hr" }, { bucketName: "finance" }) },
    {
      title: "two prefixes of a bucket",
      ...both(
        "s3.csi.aws.com",
        { bucketName: "m" },
        { mountOptions: ["prefix hr/"] },
        { mountOptions: ["prefix finance/"] },
      ),
    },
    { title: "two disks", ...both("ebs.csi.aws.com", { partition: "1" }) },
    { title: "two images of one pool", ...both("rbd.csi.ceph.com", { pool: "kube", clusterID: "c" }) },
    {
      title: "disks of one name in two zones",
      ...handles("pd.csi.storage.gke.io", "projects/p/zones/a/disks/d", "projects/p/zones/b/disks/d"),
    },
    {
      title: "shares of one name in two accounts",
      ...sources(
        byDriver("file.csi.azure.com", "1", { storageAccount: "a", shareName: "m" }),
        byDriver("file.csi.azure.com", "2", { storageAccount: "b", shareName: "m" }),
      ),
    },
    { title: "two targets", ...sources({ iscsi: { iqn: "q", lun: 0 } }, { iscsi: { iqn: "q", lun: 1 } }) },
    { title: "two access points", ...handles("efs.csi.aws.com", "fs-1::fsap-a", "fs-1::fsap-b") },
    { title: "two handles of a driver that nobody knows", ...handles("csi.example.com", "v", "w") },
    {
      title: "volumes that a driver has made, with settings that name no place",
      ...both("csi.example.com", { numberOfReplicas: "3", fsType: "ext4" }),
    },
    { title: "one folder of different nodes", ...nodes(["a"], ["b"]) },
    {
      title: "one share that nobody writes to",
      apply: (objects) => {
        both(nfs, { server: "s", share: "/m" }).apply(objects);
        volume(objects).accessModes = ["ReadOnlyMany"];
      },
    },
  ],
);

const set = (title: string, change: (spec: Loose, objects: Loose[]) => void, field: string): Break => ({
  title,
  apply: (objects) => change(claim(objects), objects),
  object: CLAIM,
  field: `spec.${field}`,
});
const statefulSet = (spec: Loose): Break["apply"] =>
  function (objects) {
    const { template } = structuredClone(find(objects, "Deployment", "ollama", "tenant-hr").spec);
    const metadata = { name: "db", namespace: "tenant-hr" };
    const volumeClaimTemplates = [{ metadata: { name: "data" }, spec }];
    objects.push({ apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: { template, volumeClaimTemplates } });
  };
const reserve = (objects: Loose[], name: string) => (volume(objects).claimRef.name = name);
describeRule(
  "storage/claims-own-volume",
  [
    set("a volume that nobody declares", (spec) => (spec.volumeName = "pv-of-finance"), "volumeName"),
    set(
      "a selector without class",
      (spec, objects) => {
        delete spec.volumeName;
        reserve(objects, "other");
        Object.assign(spec, { storageClassName: "", selector: { matchLabels: { of: "finance" } } });
      },
      "selector",
    ),
    set(
      "a selector with a class",
      (spec, objects) => {
        delete spec.volumeName;
        reserve(objects, "other");
        Object.assign(spec, { storageClassName: "fast", selector: {} });
      },
      "selector",
    ),
    set(
      "neither volume nor class",
      (spec, objects) => {
        delete spec.volumeName;
        reserve(objects, "other");
        spec.storageClassName = "";
      },
      "storageClassName",
    ),
    {
      title: "no class by the annotation of old, whatever the field says",
      apply: (objects) => {
        delete claim(objects).volumeName;
        reserve(objects, "other");
        claim(objects).storageClassName = "fast";
        const { metadata } = find(objects, "PersistentVolumeClaim", "models", "tenant-hr");
        metadata.annotations = { "volume.beta.kubernetes.io/storage-class": "" };
      },
      object: CLAIM,
      field: 'metadata.annotations["volume.beta.kubernetes.io/storage-class"]',
    },
    {
      title: "them in the template of a StatefulSet",
      apply: statefulSet({ volumeName: "pv-of-finance" }),
      object: "StatefulSet tenant-hr/db",
      field: "spec.volumeClaimTemplates[0].spec.volumeName",
    },
    {
      title: "them in an ephemeral volume",
      apply: (objects) =>
        hrPod(objects).volumes.push({
          name: "x",
          ephemeral: { volumeClaimTemplate: { spec: { storageClassName: "", selector: {} } } },
        }),
      object: HR,
      field: "spec.template.spec.volumes[2].ephemeral.volumeClaimTemplate.spec.selector",
    },
    ...inEveryKind((pod) =>
      pod.volumes.push({ name: "x", ephemeral: { volumeClaimTemplate: { spec: { storageClassName: "" } } } }),
    ),
  ],
  [
    {
      title: "a class that makes volumes",
      apply: (o) => Object.assign(claim(o), { volumeName: "", storageClassName: "fast" }),
    },
    {
      title: "no class, which is the cluster's default",
      apply: (o) => {
        delete claim(o).volumeName;
        reserve(o, "other");
      },
    },
    {
      title: "a selector where a volume is reserved for the claim",
      apply: (o) => {
        delete claim(o).volumeName;
        Object.assign(claim(o), { storageClassName: "", selector: { matchLabels: { of: "hr" } } });
      },
    },
    {
      title: "a StatefulSet whose first claim has a volume reserved",
      apply: (o) => {
        statefulSet({ storageClassName: "" })(o);
        reserve(o, "data-db-0");
      },
    },
    {
      title: "a selector of a platform's claim",
      apply: (o) =>
        o.push({
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "x", namespace: "kube-system" },
          spec: { storageClassName: "", selector: {} },
        }),
    },
    { title: "the fixture's pods", apply: (o) => void financePod(o) },
  ],
);
