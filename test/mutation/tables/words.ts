/** What the tables of secrets' words, Pod Security, kinds and marks have to know, restated from their sources. */
import type * as domains from "../../../policy-pack/model/annotation-domains";
import type * as kinds from "../../../policy-pack/model/known-kinds";
import type * as marks from "../../../policy-pack/model/pod-marks";
import type * as standard from "../../../policy-pack/model/pod-security";
import type * as scope from "../../../policy-pack/model/scope";
import type * as secrets from "../../../policy-pack/model/secret-words";
import { wrong } from "./devices";

const secretNames = `pass DB_PASS passwd password DB_PASSWORD passwords passphrase pwd DB_PWD token API_TOKEN tokens secret
  clientSecret secrets credential credentials apikey apikeys privatekey SENTRY_DSN PGPASSWORD pgpassword mysqlpwd api_key
  API_KEYS accessKey secret_key private-key signingKey encryption_key master_key ACCOUNT_KEY storage_key CONNECTION_STRING
  connectionString password.txt key/token.pem password.key token.json credentials.yaml credentials.yml secret.env`;
const plainNames = `PATH HOME KEY public_key keyboard tokenizer MAX_TOKENS_PER_MINUTE passenger compass secretary string
  connection_timeout key_name accesslog password_file_mode`;

// Parts are joined here, so that no scanner takes this file for one with secrets.
const word = (length: number) => "a1b2c3d4e5f6g7h8".repeat(3).slice(0, length);
const upper = (length: number) => word(length).toUpperCase();
const secretTexts = [
  `-----BEGIN ${""}PRIVATE KEY-----`,
  `-----BEGIN RSA ${""}PRIVATE KEY-----`,
  ...["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxp-"].map((mark) => mark + word(8)),
  ...["AKIA", "ASIA"].map((mark) => mark + upper(16)),
  ...(
    [
      ["hf_", 20],
      ["sk-", 20],
      ["AIza", 35],
      ["npm_", 36],
    ] as const
  ).map(([mark, length]) => mark + word(length)),
  ["eyJ" + word(8), "eyJ" + word(8), word(8)].join("."),
  ...["Bearer ", "Basic "].map((scheme) => scheme + word(12)),
  ["postgres://models", "x7blue@db.example.com/x"].join(":"),
  ...["_auth", "_authToken"].map((name) => `//npm.example.com/:${name}=${word(8)}`),
  `machine example.com login ada ${""}password ${word(3)}`,
];
const plainTexts = [
  "-----BEGIN CERTIFICATE-----",
  ...["AKIA", "ASIA"].map((mark) => mark + upper(15)),
  ...["hf_", "sk-"].map((mark) => mark + word(19)),
  `AIza${word(34)}`,
  `npm_${word(35)}`,
  `//npm.example.com/:_auth=${word(7)}`,
  "//npm.example.com/:_authToken=${NPM_TOKEN}",
  "machine example.com login ada password $PASSWORD",
  ["eyJ" + word(7), "eyJ" + word(8), word(8)].join("."),
  ["eyJ" + word(8), "eyJ" + word(7), word(8)].join("."),
  ["eyJ" + word(8), "eyJ" + word(8), word(7)].join("."),
  ...["Bearer ", "Basic "].map((scheme) => scheme + word(11)),
  "postgres://db.example.com:5432/x",
];
const programs = "lua js mjs ts mts py sh rb go rs md html htm css sql tmpl tpl proto crd".split(" ");
const secret = ["x7", "blue", "horse"].join("-");

/** What the tables of secrets say otherwise. */
export function faultsOfSecrets({ isSecretName, isSecretValue, isSecret, holdsSecret }: typeof secrets): string[] {
  const line = (text: string) => holdsSecret("app.conf", text);
  const lines = [
    "password: ",
    "  password = ",
    "- password=",
    "{ password: ",
    "export PASSWORD=",
    "'password': ",
    '"password"= ',
  ];
  return [
    ...wrong(secretNames, true, isSecretName),
    ...wrong(plainNames, false, isSecretName),
    ...secretTexts.filter((text) => !isSecretValue(text)),
    ...plainTexts.filter((text) => isSecretValue(text)),
    ...lines.filter((before) => !line(`user: models\n${before}${secret}\n`)),
    ...programs.filter((ending) => holdsSecret(`app.${ending}`, `password = ${secret}`)),
    ...["conf", "ini", "properties"].filter((ending) => !holdsSecret(`app.${ending}`, `password = ${secret}`)),
    ...(isSecret("password", secret) && !isSecret("password", "/run/secrets/password") ? [] : ["a path"]),
  ];
}

/** Safe kernel settings and SELinux types, each with the minor version that brought it. */
const since: Record<string, number> = {
  "kernel.shm_rmid_forced": 0,
  "net.ipv4.ip_local_port_range": 0,
  "net.ipv4.tcp_syncookies": 0,
  "net.ipv4.ping_group_range": 0,
  "net.ipv4.ip_unprivileged_port_start": 0,
  "net.ipv4.ip_local_reserved_ports": 27,
  "net.ipv4.tcp_keepalive_time": 29,
  "net.ipv4.tcp_fin_timeout": 29,
  "net.ipv4.tcp_keepalive_intvl": 29,
  "net.ipv4.tcp_keepalive_probes": 29,
  "net.ipv4.tcp_rmem": 32,
  "net.ipv4.tcp_wmem": 32,
  "net.ipv4.tcp_slow_start_after_idle": 37,
  "net.ipv4.tcp_notsent_lowat": 37,
};
const typesSince: Record<string, number> = {
  container_t: 0,
  container_init_t: 0,
  container_kvm_t: 0,
  container_engine_t: 31,
};

/** What the facts of Pod Security by version say otherwise. */
export function faultsOfPodSecurity(table: typeof standard): string[] {
  const { isSafeSysctl, sysctlSafeSince, isContainerType, refusesRoot, enforcedMinor } = table;
  const late = (facts: Record<string, number>, holds: (name: string, minor: number) => boolean) =>
    Object.keys(facts).filter((name) => {
      const from = facts[name] ?? 0;
      return !holds(name, from) || !holds(name, 99) || (from > 0 && holds(name, from - 1));
    });
  return [
    ...late(since, isSafeSysctl),
    ...Object.keys(since).filter((name) => sysctlSafeSince(name) !== since[name]),
    ...wrong("kernel.msgmax net.core.somaxconn", false, (name) => isSafeSysctl(name, undefined)),
    ...late(typesSince, isContainerType),
    ...wrong("spc_t unconfined_t", false, (type) => isContainerType(type, undefined)),
    ...(refusesRoot(false, 34) && !refusesRoot(false, 35) && refusesRoot(true, 35) ? [] : ["root in user namespaces"]),
    ...(enforcedMinor({ "pod-security.kubernetes.io/enforce-version": "v1.34" }) === 34
      ? []
      : ["the enforced version"]),
  ];
}

const namespaced = `ConfigMap.v1 Endpoints.v1 Event.v1 LimitRange.v1 PersistentVolumeClaim.v1 Pod.v1 PodTemplate.v1
  ReplicationController.v1 ResourceQuota.v1 Secret.v1 Service.v1 ServiceAccount.v1 DaemonSet.apps/v1 Deployment.apps/v1
  ReplicaSet.apps/v1 StatefulSet.apps/v1 HorizontalPodAutoscaler.autoscaling/v2 CronJob.batch/v1 Job.batch/v1
  Lease.coordination.k8s.io/v1 LeaseCandidate.coordination.k8s.io/v1 EndpointSlice.discovery.k8s.io/v1 Event.events.k8s.io/v1
  DaemonSet.extensions/v1beta1 Deployment.extensions/v1beta1 Ingress.extensions/v1beta1 ReplicaSet.extensions/v1beta1
  GRPCRoute.gateway.networking.k8s.io/v1 Gateway.gateway.networking.k8s.io/v1 HTTPRoute.gateway.networking.k8s.io/v1
  ListenerSet.gateway.networking.k8s.io/v1 ReferenceGrant.gateway.networking.k8s.io/v1 TCPRoute.gateway.networking.k8s.io/v1
  TLSRoute.gateway.networking.k8s.io/v1 UDPRoute.gateway.networking.k8s.io/v1 Ingress.networking.k8s.io/v1
  NetworkPolicy.networking.k8s.io/v1 PodDisruptionBudget.policy/v1 Role.rbac.authorization.k8s.io/v1
  RoleBinding.rbac.authorization.k8s.io/v1 ResourceClaim.resource.k8s.io/v1 ResourceClaimTemplate.resource.k8s.io/v1
  CSIStorageCapacity.storage.k8s.io/v1`;
const clusterScoped = `Namespace.v1 Node.v1 PersistentVolume.v1 ComponentStatus.v1 ClusterRole.rbac.authorization.k8s.io/v1
  ClusterRoleBinding.rbac.authorization.k8s.io/v1 StorageClass.storage.k8s.io/v1 VolumeAttachment.storage.k8s.io/v1
  VolumeAttributesClass.storage.k8s.io/v1 CSIDriver.storage.k8s.io/v1 CSINode.storage.k8s.io/v1
  PriorityClass.scheduling.k8s.io/v1 RuntimeClass.node.k8s.io/v1 IngressClass.networking.k8s.io/v1
  ServiceCIDR.networking.k8s.io/v1 IPAddress.networking.k8s.io/v1 GatewayClass.gateway.networking.k8s.io/v1
  AdminNetworkPolicy.policy.networking.k8s.io/v1 BaselineAdminNetworkPolicy.policy.networking.k8s.io/v1
  ClusterNetworkPolicy.policy.networking.k8s.io/v1 CustomResourceDefinition.apiextensions.k8s.io/v1
  APIService.apiregistration.k8s.io/v1 ValidatingAdmissionPolicy.admissionregistration.k8s.io/v1
  ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io/v1 MutatingAdmissionPolicy.admissionregistration.k8s.io/v1
  MutatingAdmissionPolicyBinding.admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration.admissionregistration.k8s.io/v1
  MutatingWebhookConfiguration.admissionregistration.k8s.io/v1 CertificateSigningRequest.certificates.k8s.io/v1
  ClusterTrustBundle.certificates.k8s.io/v1 FlowSchema.flowcontrol.apiserver.k8s.io/v1
  PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io/v1 DeviceClass.resource.k8s.io/v1 ResourceSlice.resource.k8s.io/v1
  DeviceTaintRule.resource.k8s.io/v1 ResourcePoolStatusRequest.resource.k8s.io/v1 StorageVersion.internal.apiserver.k8s.io/v1
  StorageVersionMigration.storagemigration.k8s.io/v1 NodePool.karpenter.sh/v1 NodeClaim.karpenter.sh/v1 NodeOverlay.karpenter.sh/v1
  KWOKNodeClass.karpenter.kwok.sh/v1 EC2NodeClass.karpenter.k8s.aws/v1 AKSNodeClass.karpenter.azure.com/v1
  ComputeClass.cloud.google.com/v1`;
const own = `apps batch policy autoscaling admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io
  authentication.k8s.io authorization.k8s.io certificates.k8s.io coordination.k8s.io discovery.k8s.io events.k8s.io
  flowcontrol.apiserver.k8s.io gateway.networking.k8s.io internal.apiserver.k8s.io lifecycle.k8s.io networking.k8s.io node.k8s.io
  rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io storagemigration.k8s.io`;

/** Asks about a kind that is written `Kind.apiVersion`. */
const asked = (ask: (kind: string, apiVersion: string) => boolean) => (full: string) => {
  const dot = full.indexOf(".");
  return ask(full.slice(0, dot), full.slice(dot + 1));
};

/** What the list of known kinds says otherwise. */
export function faultsOfKinds({ isKnownKind }: typeof kinds): string[] {
  return [
    ...wrong(namespaced, true, asked(isKnownKind)),
    ...wrong("Binding.v1 PodGroup.scheduling.k8s.io/v1beta1 ControllerRevision.apps/v1", false, asked(isKnownKind)),
  ];
}

/** What the lists of scopes and groups say otherwise. */
export function faultsOfScopes({ isClusterScoped, isKubernetesGroup }: typeof scope): string[] {
  return [
    ...wrong(clusterScoped, true, asked(isClusterScoped)),
    ...wrong(namespaced, false, asked(isClusterScoped)),
    ...wrong(own, true, isKubernetesGroup),
    ...wrong("snapshot.storage.k8s.io autoscaling.k8s.io example.com", false, isKubernetesGroup),
  ];
}

const markKeys: Record<string, string> = {
  "attaches the pod to another network": `k8s.v1.cni.cncf.io/networks v1.multus-cni.io/default-network
    cni.projectcalico.org/ipAddrs ipam.cilium.io/ip-pool ovn.kubernetes.io/logical_switch k8s.ovn.org/network-attach
    networking.gke.io/interfaces networkservicemesh.io/x kubevirt.io/x`,
  "tells the container runtime": `io.kubernetes.cri-o.userns-mode io.kubernetes.cri.x io.containerd.x io.katacontainers.x run.oci.x
    org.systemd.property.x dev.gvisor.x cpu-load-balancing.crio.io cpu-quota.crio.io irq-load-balancing.crio.io
    seccomp-profile.kubernetes.cri-o.io/x`,
  "gives the pod an identity": `iam.amazonaws.com/role iam.cloud.google.com/service-account aadpodidbinding azure.workload.identity/use`,
  "has a webhook add": `sidecar.istio.io/inject inject.istio.io/templates proxy.istio.io/config
    traffic.sidecar.istio.io/excludeOutboundPorts linkerd.io/inject config.linkerd.io/x vault.hashicorp.com/agent-inject
    consul.hashicorp.com/connect-inject kuma.io/x openservicemesh.io/x dapr.io/enabled instrumentation.opentelemetry.io/x
    sidecar.opentelemetry.io/inject admission.datadoghq.com/enabled sidecar.jaegertracing.io/inject`,
};
const written = `k8s.v1.cni.cncf.io/network-status k8s.v1.cni.cncf.io/networks-status cni.projectcalico.org/podIP
  cni.projectcalico.org/podIPs cni.projectcalico.org/containerID k8s.ovn.org/pod-networks`;

/** What the table of pods' marks says otherwise. */
export function faultsOfMarks({ harmOfMark }: typeof marks): string[] {
  return [
    ...Object.entries(markKeys).flatMap(([harm, keys]) =>
      wrong(keys, true, (key) => harmOfMark(key, "true")?.includes(harm) === true),
    ),
    ...wrong(written, true, (key) => harmOfMark(key, "x") === undefined),
    ...wrong("false disabled no off FALSE", true, (value) => harmOfMark("dapr.io/enabled", value) === undefined),
    ...wrong("prometheus.io/scrape example.com/x", true, (key) => harmOfMark(key, "true") === undefined),
  ];
}

const owners = `kubernetes.io k8s.io x-k8s.io metallb.universe.tf metallb.io kube-vip.io cloud.google.com gke.io amazonaws.com
  azure.com oraclecloud.com hetzner.cloud openstack.org digitalocean.com linode.com scaleway.com cilium.io io.cilium
  projectcalico.org istio.io linkerd.io consul.hashicorp.com kuma.io skupper.io konghq.com nginx.org nginx.com traefik.io
  haproxy.org haproxy.com projectcontour.io getambassador.io solo.io ngrok.com cloudflare.com inlets.dev netbird.io purelb.io
  loxilb.io submariner.io sidero.dev kubesphere.io`;
const routingWords = `dns hostname hostnames exposed expose exposer exposure publish ingress gateway proxy tunnel mesh mirror
  multicluster multi-cluster loadbalancer load-balancer load-balancers lb global export exported exportto route router routing
  funnel snippet snippets`;

/** What the tables of annotations' domains say otherwise. */
export function faultsOfDomains({ isNeutral, publishes, routes }: typeof domains): string[] {
  const publishing =
    "external-dns.alpha.kubernetes.io/x external-dns.kubernetes.io/x dns.alpha.kubernetes.io/x tailscale.com/x";
  const neutral = "pulumi.com/x kubectl.kubernetes.io/x meta.helm.sh/x argocd.argoproj.io/x prometheus.io/x";
  return [
    ...wrong(neutral, true, (key) => isNeutral(key) && !routes(key)),
    ...wrong("example.com/x tailscale.com/x", false, isNeutral),
    ...wrong(publishing, true, publishes),
    ...wrong("example.com/x kubernetes.io/x", false, publishes),
    ...wrong(owners, true, (owner) => routes(`${owner}/x`) && routes(`a.${owner}/x`)),
    ...wrong(routingWords, true, (word) => routes(`example.com/${word}`)),
    ...wrong("gateway.example.com/note example.com/dns-name example.com/exportTo", true, routes),
    ...wrong("service.kubernetes.io/topology-mode service.kubernetes.io/topology-aware-hints", false, routes),
    ...wrong("example.com/note example.com/dnsx example.com/myproxyish", false, routes),
  ];
}
