import { describeRule, type Break } from "../breaks";
import { financePod, find, hrPod, type Loose } from "../fixture";

const volume = (o: Loose[]) => find(o, "PersistentVolume", "models-hr").spec;
const claim = (o: Loose[]) => find(o, "PersistentVolumeClaim", "models", "tenant-hr").spec;
const PV = "PersistentVolume models-hr";

describeRule("storage/no-host-path", [
  {
    title: "a path of the node",
    apply: (o) => (volume(o).hostPath = { path: "/" }),
    object: PV,
    field: "spec.hostPath",
  },
]);

describeRule("storage/volume-reserved", [
  { title: "no claim", apply: (o) => delete volume(o).claimRef, object: PV },
  { title: "a claim without namespace", apply: (o) => delete volume(o).claimRef.namespace, object: PV },
  { title: "a claim without name", apply: (o) => delete volume(o).claimRef.name, object: PV },
]);

describeRule("storage/one-tenant-per-volume", [
  {
    title: "a second tenant's claim",
    apply: (o) => (find(o, "PersistentVolumeClaim", "models", "tenant-finance").spec.volumeName = "models-hr"),
    object: PV,
  },
  {
    title: "a volume that is reserved for another",
    apply: (o) => (volume(o).claimRef.namespace = "tenant-finance"),
    object: PV,
  },
  {
    title: "a claim of a second tenant's pods",
    apply: (o) => {
      const spec = { volumeName: "models-hr", accessModes: ["ReadOnlyMany"] };
      financePod(o).volumes.push({ name: "other", ephemeral: { volumeClaimTemplate: { spec } } });
    },
    object: PV,
  },
  {
    title: "a claim of a second tenant's StatefulSet",
    apply: (o) => {
      const { template, selector } = find(o, "Deployment", "ollama", "tenant-finance").spec;
      const volumeClaimTemplates = [{ metadata: { name: "other" }, spec: { volumeName: "models-hr" } }];
      const metadata = { name: "set", namespace: "tenant-finance" };
      o.push({
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata,
        spec: { selector, template, volumeClaimTemplates },
      });
    },
    object: PV,
  },
]);

describeRule(
  "storage/backing-not-shared",
  [
    { title: "one tenant that may write", apply: (o) => (volume(o).accessModes = ["ReadWriteMany"]), object: PV },
    {
      title: "one that may do both",
      apply: (o) => (volume(o).accessModes = ["ReadOnlyMany", "ReadWriteOnce"]),
      object: PV,
    },
    {
      title: "another spelling of the same path",
      apply: (o) => {
        volume(o).accessModes = ["ReadWriteMany"];
        volume(o).nfs.path = "//models/";
      },
      object: PV,
    },
  ],
  [
    {
      title: "writing to a store of one's own",
      apply: (o) => {
        volume(o).accessModes = ["ReadWriteMany"];
        volume(o).nfs.path = "/models-hr";
      },
    },
  ],
);

/** A store of the platform with a folder for hr inside. */
const withStore = (o: Loose[]) => {
  volume(o).nfs.path = "/store/views/hr";
  o.push({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "store" },
    spec: {
      ...volume(o),
      accessModes: ["ReadWriteMany"],
      nfs: { server: volume(o).nfs.server, path: "/store" },
      claimRef: { namespace: "ollama-platform-system", name: "models" },
    },
  });
};
describeRule(
  "storage/view-read-only",
  [
    {
      title: "a folder of the store that may be written to",
      apply: (o) => {
        withStore(o);
        volume(o).accessModes = ["ReadWriteMany"];
      },
      object: PV,
      field: "spec.accessModes",
    },
    {
      title: "a source that may be written to",
      apply: (o) => {
        withStore(o);
        delete volume(o).nfs.readOnly;
      },
      object: PV,
      field: "spec.nfs.readOnly",
    },
    {
      title: "a tenant that has the store around another's folder",
      apply: (o) => {
        withStore(o);
        volume(o).nfs.readOnly = true;
        find(o, "PersistentVolume", "store").spec.claimRef.namespace = "tenant-finance";
      },
      object: "PersistentVolume store",
      field: "spec.claimRef",
    },
  ],
  [
    {
      title: "a read-only folder of the platform's store",
      apply: (o) => {
        withStore(o);
        volume(o).nfs.readOnly = true;
      },
    },
    {
      title: "a folder beside the store whose name begins alike",
      apply: (o) => {
        withStore(o);
        volume(o).nfs.path = "/store-hr";
        volume(o).accessModes = ["ReadWriteMany"];
      },
    },
  ],
);

const foreign = { kind: "PersistentVolumeClaim", name: "models", namespace: "tenant-finance" };
const secretOf = (namespace: string) => ({ name: "s", namespace });
describeRule(
  "storage/no-foreign-source",
  [
    {
      title: "a claim",
      apply: (o) => (claim(o).dataSourceRef = foreign),
      object: "PersistentVolumeClaim tenant-hr/models",
    },
    {
      title: "a volume of a pod",
      apply: (o) =>
        hrPod(o).volumes.push({ name: "x", ephemeral: { volumeClaimTemplate: { spec: { dataSourceRef: foreign } } } }),
      object: "Deployment tenant-hr/ollama",
    },
    ...(
      [
        [
          "spec.csi.nodePublishSecretRef.namespace",
          { csi: { driver: "d", nodePublishSecretRef: secretOf("tenant-finance") } },
        ],
        ["spec.cephfs.secretRef.namespace", { cephfs: { monitors: [], secretRef: secretOf("tenant-finance") } }],
        ["spec.azureFile.secretNamespace", { azureFile: { secretName: "s", secretNamespace: "tenant-finance" } }],
      ] as const
    ).map(([field, source]): Break => ({
      title: `another tenant's Secret in ${field}`,
      apply: (o) => Object.assign(find(o, "PersistentVolume", "models-hr").spec, source),
      object: "PersistentVolume models-hr",
      field,
    })),
  ],
  ["tenant-hr", "kube-system"].map((namespace) => ({
    title: `a Secret of ${namespace}`,
    apply: (o: Loose[]) =>
      (find(o, "PersistentVolume", "models-hr").spec.csi = { driver: "d", nodeStageSecretRef: secretOf(namespace) }),
  })),
);
