import type { ClusterContext, Component, StartContext } from "./component";
import { writeKubeconfig } from "./kubeconfig";
import { readCredential } from "./certificates";
import { isLoopback, loopbackAddress, podCidr, serviceCidr } from "./network";
import { authorities, frontProxyClient, tokenKeys } from "./pki";
import { probe } from "./probe";
import { ensureEncryptionConfiguration, writeAuditPolicy } from "./security";

const etcdUrl = (context: ClusterContext, port: string) => `https://${loopbackAddress}:${context.port(port)}`;

// Every endpoint of etcd requires a certificate: who can write to it is administrator of the cluster, and other users of the machine are not.
const etcd: Component = {
  name: "etcd",
  startsAfter: [],
  ports: ["etcd", "etcd-peer"],
  executable: ({ tools }) => tools.path("etcd"),
  args: (context) => {
    const { layout } = context;
    const [client, peer] = [etcdUrl(context, "etcd"), etcdUrl(context, "etcd-peer")];
    const tls = (prefix: string) => [
      `--${prefix}cert-file=${layout.certificate("etcd")}`,
      `--${prefix}key-file=${layout.key("etcd")}`,
      `--${prefix}trusted-ca-file=${layout.certificate(authorities.etcd)}`,
      `--${prefix}client-cert-auth=true`,
    ];
    return [
      "--name=local",
      `--data-dir=${layout.etcdData}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=local=${peer}`,
      ...tls(""),
      ...tls("peer-"),
      // A local cluster may lose its last second in a power cut, and is several times faster for it.
      "--unsafe-no-fsync=true",
      "--log-level=warn",
    ];
  },
  prepare: ({ layout }) => {
    // Before the first byte of data: data without key is how a lost key shows later.
    ensureEncryptionConfiguration(layout);
    return [layout.certificate("etcd"), layout.certificate(authorities.etcd)];
  },
  ready: (context) =>
    probe(context.layout, `${etcdUrl(context, "etcd")}/health`, { authority: authorities.etcd, client: "etcd-client" }),
};

const kubeApiserver: Component = {
  name: "kube-apiserver",
  startsAfter: ["etcd"],
  ports: ["kube-apiserver"],
  executable: ({ tools }) => tools.path("kube-apiserver"),
  args: apiServerArguments,
  prepare: (context) => {
    const { layout } = context;
    return [
      writeAuditPolicy(layout, context.auditPolicy),
      ensureEncryptionConfiguration(layout),
      ...["kube-apiserver", "etcd-client", "kubelet-client", "front-proxy-client", tokenKeys].map(layout.certificate),
      ...Object.values(authorities).map(layout.certificate),
    ];
  },
  ready: (context) =>
    probe(context.layout, `${context.server()}/readyz`, { authority: authorities.cluster, client: "admin" }),
};

function apiServerArguments(context: StartContext): string[] {
  const { layout, listenAddress, advertiseAddress } = context;
  return [
    `--etcd-servers=${etcdUrl(context, "etcd")}`,
    `--etcd-cafile=${layout.certificate(authorities.etcd)}`,
    `--etcd-certfile=${layout.certificate("etcd-client")}`,
    `--etcd-keyfile=${layout.key("etcd-client")}`,
    `--bind-address=${listenAddress}`,
    `--advertise-address=${advertiseAddress}`,
    `--secure-port=${context.port("kube-apiserver")}`,
    // An Endpoints object may not hold a loopback address, so nothing is published for one.
    ...(isLoopback(advertiseAddress) ? ["--endpoint-reconciler-type=none"] : []),
    `--tls-cert-file=${layout.certificate("kube-apiserver")}`,
    `--tls-private-key-file=${layout.key("kube-apiserver")}`,
    `--client-ca-file=${layout.certificate(authorities.cluster)}`,
    "--anonymous-auth=false",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--profiling=false",
    "--allow-privileged=true",
    `--service-cluster-ip-range=${serviceCidr}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${layout.certificate(tokenKeys)}`,
    `--service-account-signing-key-file=${layout.key(tokenKeys)}`,
    `--kubelet-client-certificate=${layout.certificate("kubelet-client")}`,
    `--kubelet-client-key=${layout.key("kubelet-client")}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--requestheader-client-ca-file=${layout.certificate(authorities.frontProxy)}`,
    `--requestheader-allowed-names=${frontProxyClient}`,
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
    `--proxy-client-cert-file=${layout.certificate("front-proxy-client")}`,
    `--proxy-client-key-file=${layout.key("front-proxy-client")}`,
    `--encryption-provider-config=${layout.config("encryption.yaml")}`,
    `--audit-policy-file=${layout.config("audit-policy.yaml")}`,
    `--audit-log-path=${layout.auditLog}`,
    "--audit-log-maxsize=50",
    "--audit-log-maxbackup=2",
  ];
}

/** Writes the kubeconfig of a component that is a client of the API server and returns its path. */
export function componentKubeconfig(context: StartContext, name: string): string {
  const { layout } = context;
  return writeKubeconfig(layout.kubeconfig(name), layout, context.server(), readCredential(layout, name));
}

/** What controller manager and scheduler have in common: a kubeconfig, a TLS port on loopback with /healthz, no leader election. */
function controller(name: string, args: (context: StartContext) => string[]): Component {
  return {
    name,
    startsAfter: ["kube-apiserver"],
    ports: [name],
    executable: ({ tools }) => tools.path(name),
    args: (context) => [
      `--kubeconfig=${context.layout.kubeconfig(name)}`,
      `--bind-address=${loopbackAddress}`,
      `--secure-port=${context.port(name)}`,
      `--tls-cert-file=${context.layout.certificate(`${name}-server`)}`,
      `--tls-private-key-file=${context.layout.key(`${name}-server`)}`,
      "--leader-elect=false",
      "--profiling=false",
      ...args(context),
    ],
    prepare: (context) => [componentKubeconfig(context, name), context.layout.certificate(`${name}-server`)],
    ready: (context) =>
      probe(context.layout, `https://${loopbackAddress}:${context.port(name)}/healthz`, {
        authority: authorities.cluster,
      }),
  };
}

const kubeControllerManager = controller("kube-controller-manager", ({ layout }) => [
  `--root-ca-file=${layout.certificate(authorities.cluster)}`,
  `--service-account-private-key-file=${layout.key(tokenKeys)}`,
  `--cluster-signing-cert-file=${layout.certificate(authorities.cluster)}`,
  `--cluster-signing-key-file=${layout.key(authorities.cluster)}`,
  "--use-service-account-credentials=true",
  "--allocate-node-cidrs=true",
  `--cluster-cidr=${podCidr}`,
]);

const kubeScheduler = controller("kube-scheduler", () => []);

/** The control plane proper, in an order in which each entry's prerequisites come before it. */
export const controlPlane: readonly Component[] = [etcd, kubeApiserver, kubeControllerManager, kubeScheduler];
