import * as path from "node:path";

/** Where a local cluster keeps its files. Everything lies below one directory, so that removing it removes the cluster. */
export interface ClusterLayout {
  /** Absolute path of the cluster's directory (mode 0700). */
  directory: string;
  /** What has to survive between commands: identity, ports, components. */
  stateFile: string;
  /** kubeconfig of the cluster administrator. */
  adminKubeconfig: string;
  /** kubeconfig of the user who deploys the platform. */
  deployerKubeconfig: string;
  /** Data directory of etcd. */
  etcdData: string;
  /** Certificate `name` in PEM. */
  certificate(name: string): string;
  /** Private key `name` in PEM (mode 0600). */
  key(name: string): string;
  /** Configuration file `name` of a component. */
  config(name: string): string;
  /** kubeconfig of a component. */
  kubeconfig(name: string): string;
  /** kubeconfig of a user whose certificate was minted on demand. */
  userKubeconfig(name: string): string;
  /** What was last applied of an object of the cluster, by the digest of its name. */
  applied(name: string): string;
  /** Output of a component since its last start. */
  log(component: string): string;
  /** Audit log of the API server, one JSON event a line. */
  auditLog: string;
}

/** Layout of the cluster in `directory`. Creates nothing. */
export function clusterLayout(directory: string): ClusterLayout {
  const root = path.resolve(directory);
  const inRoot = (...parts: string[]) => path.join(root, ...parts);
  return {
    directory: root,
    stateFile: inRoot("state.json"),
    adminKubeconfig: inRoot("admin.kubeconfig"),
    deployerKubeconfig: inRoot("deployer.kubeconfig"),
    etcdData: inRoot("data", "etcd"),
    certificate: (name) => inRoot("pki", `${name}.crt`),
    key: (name) => inRoot("pki", `${name}.key`),
    config: (name) => inRoot("config", name),
    kubeconfig: (name) => inRoot("config", `${name}.kubeconfig`),
    userKubeconfig: (name) => inRoot("users", `${name}.kubeconfig`),
    applied: (name) => inRoot("data", "applied", name),
    log: (component) => inRoot("logs", `${component}.log`),
    auditLog: inRoot("logs", "audit.log"),
  };
}
