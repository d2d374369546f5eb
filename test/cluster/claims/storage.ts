/** Volumes, claims, Secrets and ConfigMaps. */
import assert from "node:assert/strict";
import { type Claim, ELSEWHERE, IN_THE_NETWORK, ON_THE_NODE } from "./claim";
import { binding, enforcing, type Loose, object, pod } from "./objects";

const accessModes = ["ReadWriteOnce"];
const volume = (name: string, spec: Loose = {}, labels: Loose = {}): Loose => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name, labels },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes,
    storageClassName: "",
    nfs: { server: "store.example.com", path: `/${name}` },
    ...spec,
  },
});
const claim = (namespace: string, spec: Loose, name = "claim"): Loose =>
  object("v1", "PersistentVolumeClaim", namespace, name, {
    spec: { accessModes, storageClassName: "", resources: { requests: { storage: "1Gi" } }, ...spec },
  });
const bound = ({ status }: Loose): boolean => status.phase === "Bound";

export const storageClaims: Claim[] = [
  {
    of: "storage/claims-own-volume",
    says: "no volume is made for the claim, and it takes whatever free volume has such labels, contents included",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(volume("labelled", {}, { trial: "labels" }));
      const made = await server.make(claim(namespace, { selector: { matchLabels: { trial: "labels" } } }));
      assert.equal((await server.becomes(made, "to be bound", bound)).spec.volumeName, "labelled");
    },
  },
  {
    of: "storage/claims-own-volume",
    says: "no volume is made for the claim, and it takes whatever free volume fits, contents included",
    tried: async (server) => {
      const namespace = await server.namespace();
      // An odd size, so that no other trial's volume fits.
      const storage = "77Gi";
      await server.make(volume("fitting", { capacity: { storage } }));
      const made = await server.make(claim(namespace, { resources: { requests: { storage } } }));
      assert.equal((await server.becomes(made, "to be bound", bound)).spec.volumeName, "fitting");
    },
  },
  {
    of: "storage/claims-own-volume",
    says: "a volume that nothing here declares: it may be another tenant's",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(volume("named", { capacity: { storage: "3Gi" }, storageClassName: "trial-named" }));
      const made = await server.make(claim(namespace, { volumeName: "named", storageClassName: "trial-named" }));
      await server.becomes(made, "to be bound", bound);
    },
  },
  {
    of: "storage/volume-reserved",
    says: "so the first tenant that asks for a volume of this class and size gets it, contents included",
    tried: async (server) => {
      const [first, owner] = [await server.namespace(), await server.namespace()];
      const storageClassName = "trial-reserved";
      await server.make(volume("open", { storageClassName }));
      await server.becomes(await server.make(claim(first, { storageClassName })), "to be bound", bound);
      const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: owner, name: "claim" };
      await server.make(volume("reserved", { storageClassName, claimRef }));
      const late = await server.make(claim(first, { storageClassName }, "late"));
      await server.becomes(await server.make(claim(owner, { storageClassName })), "to be bound", bound);
      assert.equal((await server.read(late)).status.phase, "Pending");
    },
  },
  {
    of: "storage/one-tenant-per-volume",
    says: "who comes last gets nothing",
    tried: async (server) => {
      const [first, last] = [await server.namespace(), await server.namespace()];
      const spec = { volumeName: "wanted", storageClassName: "trial-wanted" };
      await server.make(volume("wanted", { storageClassName: "trial-wanted" }));
      await server.becomes(await server.make(claim(first, spec)), "to be bound", bound);
      const late = await server.make(claim(last, spec));
      const refusal = async () => {
        const { body } = await server.send("GET", `/api/v1/namespaces/${last}/events`);
        return JSON.stringify(body).includes("already bound to a different claim");
      };
      await server.until("the volume to be found taken", refusal);
      assert.equal((await server.read(late)).status.phase, "Pending");
    },
  },
  {
    of: "storage/no-foreign-source",
    says: "elsewhere the API server drops the source, and the claim starts empty",
    tried: async (server) => {
      const namespace = await server.namespace();
      const source = { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "backup" };
      const own = await server.admits(claim(namespace, { storageClassName: "none", dataSourceRef: source }));
      assert.equal(own.spec.dataSourceRef.name, "backup");
      const foreign = claim(namespace, {
        storageClassName: "none",
        dataSourceRef: { ...source, namespace: "default" },
      });
      assert.equal((await server.admits(foreign)).spec.dataSourceRef, undefined);
    },
  },
  {
    of: "storage/no-foreign-source",
    says: "where the cluster's feature CrossNamespaceVolumeDataSource is on, the claim would start as a copy",
    untried: "needs a feature that is off by default, and a driver that fills volumes",
  },
  { of: "storage/no-foreign-source", says: "the volume would be mounted with a Secret of", untried: ON_THE_NODE },
  {
    of: "storage/inline-drivers",
    says: "the pod itself tells the driver which server, share and Secret to mount, past claims and volumes",
    tried: async (server) => {
      const namespace = await server.namespace(enforcing("restricted"));
      const volumeAttributes = { server: "store.example.com", share: "/finance", secretNamespace: "tenant-finance" };
      const csi = { driver: "nfs.csi.k8s.io", volumeAttributes };
      const { spec } = await server.admits(pod(namespace, { volumes: [{ name: "v", csi }] }));
      assert.deepEqual(spec.volumes.find(({ name }: Loose) => name === "v").csi.volumeAttributes, volumeAttributes);
    },
  },
  {
    of: "storage/no-host-path",
    says: "whoever claims the volume reads and writes there on any node",
    untried: ON_THE_NODE,
  },
  { of: "storage/backing-not-shared", says: "one could change or delete the other's data", untried: ELSEWHERE },
  {
    of: "storage/view-read-only",
    says: "so the mount into the store of ${store} could be written to",
    untried: ON_THE_NODE,
  },
  {
    of: "secrets/no-token-secrets",
    says: "Kubernetes fills it with a token that is valid until it is deleted",
    tried: async (server) => {
      const namespace = await server.namespace();
      const annotations = { "kubernetes.io/service-account.name": "app" };
      await server.make(object("v1", "ServiceAccount", namespace, "app"));
      const type = "kubernetes.io/service-account-token";
      const made = await server.make(object("v1", "Secret", namespace, "token", { metadata: { annotations }, type }));
      const { data } = await server.becomes(made, "to be filled", (stored) => stored.data?.token !== undefined);
      const token = Buffer.from(data.token, "base64").toString();
      const claims: Loose = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
      assert.equal(claims.exp, undefined);
      const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", metadata: {}, spec: { token } };
      const isValid = async () => (await server.create(review)).body.status.authenticated === true;
      await server.until("the token to be valid", isValid);
      await server.send("DELETE", `/api/v1/namespaces/${namespace}/secrets/token`);
      await server.until("the token to be refused", async () => !(await isValid()));
    },
  },
  {
    of: "secrets/no-token-secrets",
    says: "whoever has its token may ask for a node's certificate, and reads what is mounted into every pod placed there",
    untried:
      "needs an API server with bootstrap tokens, which the local cluster has not; the approval unseen is tried as a right",
  },
  {
    of: "secrets/not-in-config-maps",
    says: "but ConfigMaps are neither encrypted nor kept from viewers",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(binding(namespace, "ClusterRole", "view"));
      await server.granted({ user: "joe" }, { verb: "get", resource: "configmaps", namespace });
      assert.ok(!(await server.may({ user: "joe" }, { verb: "get", resource: "secrets", namespace })));
    },
  },
  { of: "secrets/not-in-environment", says: "for everybody who lists the node's processes", untried: ON_THE_NODE },
  {
    of: "secrets/files-not-variables",
    says: "files can be rotated in place and do not leak into logs and child processes",
    untried: ON_THE_NODE,
  },
  {
    of: "models/gateway-files",
    says: "whoever may edit the ConfigMap changes what the gateway checks, under pods that run",
    tried: async (server) => {
      const namespace = await server.namespace();
      for (const immutable of [true, false]) {
        const name = immutable ? "fixed" : "open";
        const made = await server.make(object("v1", "ConfigMap", namespace, name, { immutable, data: { key: "a" } }));
        const { status } = await server.patch(made, { data: { key: "b" } });
        assert.equal(status, immutable ? 422 : 200);
      }
    },
  },
  { of: "models/gateway-present", says: "callers would go round the gateway", untried: IN_THE_NETWORK },
  {
    of: "models/loopback-only",
    says: "whoever reaches the pod may run, pull and delete every model",
    untried: "what Ollama does, which its tests try",
  },
];
