/** Weakenings that no rule needs to catch, each with the reason. */
import type { Weakening } from "./weakenings";

/** Weakenings whose identifier the pattern matches, and why nobody gains anything by them. */
export interface Harmless {
  pattern: RegExp;
  reason: string;
}

const refused = "The API server refuses the object, or a pod of it never starts: nothing runs.";
const narrower = "The change takes something away from the tenant; nobody gains anything.";
const availability = "The change makes the tenant's own service worse; no other tenant notices.";
const unchanged = "What is removed is the API server's default, or said a second time elsewhere.";

/** The checked list: the test fails when an entry matches nothing that survives. */
export const harmless: Harmless[] = [
  // Rights and traffic that are taken away.
  { pattern: /^Role \S+ rules(\[\d+\](\.(apiGroups|resources|verbs)(\[[^\]]*\])?)?)?: removed$/, reason: narrower },
  { pattern: /^RoleBinding \S+ (subjects.*|roleRef\.apiGroup)?: removed$/, reason: narrower },
  { pattern: /^NetworkPolicy allow-\S+ (spec|spec\.(ingress|egress)(\[\d+\])?)?: removed$/, reason: narrower },
  {
    pattern: /^NetworkPolicy allow-\S+ spec\.podSelector: (selecting no pod|leaving out pods without a label)$/,
    reason: narrower,
  },
  {
    pattern: /^NetworkPolicy allow-\S+ spec\.policyTypes.*: /,
    reason: "Exceptions only add to default-deny: a direction that they no longer name is closed, as by default.",
  },
  {
    pattern: /^NetworkPolicy \S+ .*\.from\[\d+\]\.namespaceSelector: removed$/,
    reason: "Without it the peer is a pod of the tenant's own namespace.",
  },
  { pattern: /^NetworkPolicy allow-(dns|egress|to-server) spec\.podSelector: removed$/, reason: unchanged },
  { pattern: /^NetworkPolicy \S+ .*\.ports\[\d+\]\.protocol: removed$/, reason: unchanged },
  { pattern: /^NetworkPolicy \S*default-deny spec\.podSelector: removed$/, reason: unchanged },
  {
    pattern: /^NetworkPolicy default-deny spec\.policyTypes(: removed|: for ingress alone|\[Egress\]: removed)$/,
    reason: "The policy that allows DNS selects every pod too, and so isolates it for egress.",
  },
  { pattern: /^NetworkPolicy allow-clients spec\.ingress\[\d+\]\.from\[\d+\]: removed$/, reason: narrower },
  {
    pattern: /^NetworkPolicy allow-to-server spec\.egress\[\d+\]\.(to|ports)/,
    reason: "Both ends are the tenant's own pods, and the ingress side decides.",
  },
  {
    pattern: /^NetworkPolicy allow-same-tenant spec\.podSelector/,
    reason: "It still admits pods of the tenant's own only, and nothing but the gateway listens on that port.",
  },
  {
    pattern: /^NetworkPolicy allow-same-tenant spec\.ingress\[\d+\]\.from\[\d+\]\.podSelector: /,
    reason: "Every selector without a namespace picks pods of the tenant's own.",
  },
  {
    pattern: /^NetworkPolicy allow-(clients|monitoring|workspace) spec\.podSelector\.matchLabels\["[^"]+"\]: removed$/,
    reason: "The other label is left, which no pod but the tenant's has, and the ports are those of the gateway.",
  },
  {
    pattern:
      /^NetworkPolicy allow-workspace spec\.ingress\[0\]\.from\[0\]\.podSelector: (removed|selecting by the absence of a label)$/,
    reason: "Whoever deploys in the workspace chooses the labels of its pods; its namespace is what counts.",
  },
  {
    pattern: /^NetworkPolicy workspace\/allow-dns spec\.egress\[0\]\.to\[0\]\.namespaceSelector: removed$/,
    reason: narrower,
  },
  { pattern: /^LimitRange workspace\/limits spec\.limits\[0\]: with a /, reason: availability },
  {
    pattern:
      /^Role workspace\/developer rules: given \w+ on (pods(\/(exec|attach|portforward|ephemeralcontainers))?|secrets|services|configmaps|persistentvolumeclaims|deployments\.apps|(jobs|cronjobs)\.batch|horizontalpodautoscalers\.autoscaling|networkpolicies\.networking\.k8s\.io)$/,
    reason: "Developers of a workspace have these rights: what they write, the admission guard holds.",
  },
  {
    pattern: /^NetworkPolicy allow-egress spec\.egress\[\d+\]\.ports/,
    reason: "The range is one that the pack's configuration lists; which of its ports is the tenant's to say.",
  },

  // Routes from outside: without one of these the tenant is not reached, or only its own Service is, as before.
  { pattern: /^HTTPRoute \S+ spec\.\S+\.(group|kind|weight|matches.*): removed$/, reason: unchanged },
  {
    pattern: /^HTTPRoute \S+ (spec\.(parentRefs(\[\w+\])?|rules(\[\d+\](\.(backendRefs|timeouts).*)?)?))?: removed$/,
    reason: availability,
  },
  { pattern: /^Ingress \S+ (spec\.rules(\[\d+\](\.http.*)?)?)?: removed$/, reason: availability },

  // What the server's readiness reads: without it the server's pod does not start, or is ready too early or never.
  { pattern: /^ConfigMap model-files (data(\.\w+)?)?: removed$/, reason: availability },
  {
    pattern: /^Deployment ollama \S+\.initContainers\[ollama\]\.readinessProbe\.exec\.command\[[^]*\]: removed$/,
    reason: availability,
  },
  {
    pattern: /^Deployment ollama \S+\.volumeMounts\[model-files\]\.readOnly: removed$/,
    reason: "Kubernetes mounts a ConfigMap read-only whatever the mount says.",
  },
  {
    pattern: /^Deployment ollama \S+\.env\[LLAMA_ARG_THREADS\](\.(name|value))?: removed$/,
    reason: availability,
  },

  // Amounts.
  {
    pattern: /^ResourceQuota quota spec\.hard\["requests\.nvidia\.com\/[^"]+"\]: a thousand times as much$/,
    reason: "From none to one, within the ceiling: whether a tenant gets a GPU is its declaration's to say.",
  },
  {
    pattern: /^ResourceQuota quota-priority .*\.values(\[[^\]]+\])?: removed$/,
    reason: refused,
  },
  { pattern: /^LimitRange limits spec\.limits\[0\]\.defaultRequest/, reason: "Requests default to the limits." },
  {
    pattern: /^LimitRange limits spec\.limits\[1\]/,
    reason: "The quota on storage, which is checked, bounds the sum of all claims and so each of them.",
  },
  {
    pattern: /^HorizontalPodAutoscaler \S+ (spec\.(metrics|behavior).*|spec\.minReplicas)?: removed$/,
    reason: availability,
  },
  { pattern: /^HorizontalPodAutoscaler \S+ spec\.scaleTargetRef\.apiVersion: removed$/, reason: availability },
  { pattern: /^PodDisruptionBudget \S+ (spec.*)?: removed$/, reason: availability },
  { pattern: /^PriorityClass \S+ (globalDefault|description): removed$/, reason: unchanged },

  // Rights.
  {
    pattern: /^Role viewer rules\[\d+\]\.resourceNames/,
    reason:
      "ConfigMaps of the namespace hold no secrets, as secrets/not-in-config-maps sees to, and a Role reaches its own namespace only.",
  },
  {
    pattern: /^Role workspace\/developer rules\[13\]\.resourceNames/,
    reason: "A Role in a namespace reaches no other, so that the namespace itself is the only one it can name.",
  },
  {
    pattern: /^Role operator rules\[\d+\]\.resourceNames/,
    reason: "The tenant may scale its other workloads too, within the same quota.",
  },
  {
    pattern: /^Role \S+ rules\[\d+\]\.resources: joined by secrets$/,
    reason: "Secrets are in no API group but the core one, which this rule does not name.",
  },
  {
    pattern: /^Role \S+ rules\[\d+\]\.verbs: joined by every writing verb$/,
    reason: "What the rule names can be read (events, metrics) or scaled (within the quota), but not created.",
  },

  {
    pattern:
      /^Role \S+ rules: given (impersonate on (users|groups)|get on nodes\/proxy|update on certificatesigningrequests\/approval.*|patch on nodepools.*)$/,
    reason: "The objects live outside namespaces, where a Role gives nothing.",
  },

  // Names, labels and notes that nothing reads.
  {
    pattern: /^(?!Namespace|Deployment)\S+ \S+ metadata\.labels(\["[^"]+"\])?: removed$/,
    reason: "Nothing selects these objects by labels; rules know a tenant's objects by their namespace.",
  },
  {
    pattern: /^(Namespace|Deployment) \S+ metadata\.labels\["app\.kubernetes\.io\/[^"]+"\]: removed$/,
    reason: "The label is for people and dashboards.",
  },
  {
    pattern: /^Deployment \S+ metadata\.labels(\["ollama-platform\.io\/[^"]+"\])?: removed$/,
    reason: "Labels of a controller select nothing; those of its pods, which do, are checked.",
  },
  { pattern: /^\S+ \S+ metadata\.annotations.*: removed$/, reason: "The annotation is for people and for Pulumi." },

  // The Service.
  { pattern: /^Service \S+ (spec\.ports.*)?: removed$/, reason: availability },
  { pattern: /^Service \S+ spec\.type: removed$/, reason: unchanged },
  { pattern: /^Service \S+ spec\.ports\[[^\]]+\]: given a port of every node$/, reason: refused },
  { pattern: /^Service \S+ spec: publishNotReadyAddresses/, reason: availability },
  {
    pattern: /^Service \S+ spec\.selector\[.*: removed$/,
    reason: "The label that is left picks pods of the tenant's own, which network policies open at the gateway only.",
  },

  // The model store. Volumes and claims that are no longer what they were are refused by the API server or never bound.
  { pattern: /^PersistentVolume(Claim)? \S+ : removed$/, reason: refused },
  {
    pattern:
      /^PersistentVolume \S+ spec\.(capacity|accessModes|nfs|csi|local|nodeAffinity)(?!.*\.readOnly).*: removed$/,
    reason: refused,
  },
  {
    pattern: /^PersistentVolume \S+ spec\.(persistentVolumeReclaimPolicy|storageClassName): removed$/,
    reason: unchanged,
  },
  { pattern: /^PersistentVolume \S+ spec\.claimRef\.(apiVersion|kind): removed$/, reason: unchanged },
  {
    pattern: /^PersistentVolume ollama-platform-models spec\.(nfs|csi)\.readOnly: removed$/,
    reason: "It is the loader's, who writes: false is the default.",
  },
  { pattern: /^PersistentVolumeClaim \S+ spec\.accessModes\[[^\]]+\]: removed$/, reason: refused },
  { pattern: /\.volumes\[[^\]]+\]\.persistentVolumeClaim\.claimName: removed$/, reason: refused },
  { pattern: /^PersistentVolumeClaim \S+ spec\.accessModes: removed$/, reason: refused },
  {
    pattern: /^PersistentVolumeClaim \S+ spec\.(volumeName|storageClassName): removed$/,
    reason: "The volume names the one claim that may have it, and any other volume holds no models.",
  },
  {
    pattern: /^PersistentVolumeClaim \S+ spec\.resources\.requests\.storage: a thousand times as much$/,
    reason: "More than the volume has is never bound, and the quota on storage bounds it.",
  },
  {
    pattern: /^ConfigMap model-loader-\S+ immutable: removed$/,
    reason: "The name carries the content, and nobody but the platform may write in its namespace.",
  },
  {
    pattern:
      /^Job \S+ spec\.(backoffLimit|podFailurePolicy.*|template\.spec\.(restartPolicy|containers\[model-loader\]\.(args|command|env|terminationMessagePolicy).*)): removed$/,
    reason: "The loader does not start, reaches no registry or says less of why: no model is loaded.",
  },
  {
    pattern:
      /^Job \S+ spec\.template\.metadata\.labels\["app\.kubernetes\.io\/(component|managed-by|part-of)"\]: removed$/,
    reason: "The label is for people and dashboards.",
  },
  {
    pattern: /\.volumeMounts\[(program|request|credentials)\]\.readOnly: removed$/,
    reason: "Volumes of ConfigMaps and Secrets cannot be written to.",
  },
  {
    pattern: /^Job ollama-platform-system\/\S+ spec\.template\.spec: nodeSelector set to \{\}$/,
    reason: "The loader may run on any node that takes pods without tolerations.",
  },
  {
    pattern: /^Namespace ollama-platform-system metadata\.labels: ollama-platform\.io\/isolation-level set to none$/,
    reason: "Only the loader runs there, on nodes that are nobody's own.",
  },
  {
    pattern: /^NetworkPolicy ollama-platform-system\/allow-(dns|registries) spec\.podSelector/,
    reason: "Only the loader runs in the namespace, and the ranges are those that the pack's configuration lists.",
  },
  {
    pattern: /^NetworkPolicy ollama-platform-system\/allow-registries spec\.egress\[\d+\]\.ports/,
    reason: "The range is one that the pack's configuration lists; which of its ports is the store's to say.",
  },
  {
    pattern:
      /^ResourceQuota ollama-platform-system\/quota spec\.hard\["(limits|requests)\.(memory|ephemeral-storage)"\]: a thousand/,
    reason: "Within the ceiling that the pack's configuration sets for every namespace.",
  },
  { pattern: /^Job \S+ : removed$/, reason: "No model is loaded, and servers wait for what never comes." },
  { pattern: /^ConfigMap model-loader-(program|request)-\S+ (data.*)?: removed$/, reason: refused },

  // Files of the gateway.
  {
    pattern: /^ConfigMap gateway-config-\S+ (binaryData.*)?: removed$/,
    reason: "Envoy does not start without its files.",
  },
  {
    pattern: /^ConfigMap gateway-config-\S+ binaryData\[[^\]]+\]: emptied$/,
    reason: "The pod does not start with other files than those whose digests it names.",
  },
  {
    pattern:
      /^Deployment ollama spec\.template\.spec\.containers\[gateway\]\.command\[[^\]]*exec envoy "\$@"\]: removed$/,
    reason: "The gateway does not start.",
  },
  {
    pattern: /^Deployment ollama spec\.template\.spec\.volumes\[gateway-run\]\.emptyDir\.medium: removed$/,
    reason: "The gateway's files are unpacked to the disk of the node, within the same size.",
  },

  {
    pattern: /^Secret gateway-tokens (data.*|type)?: removed$/,
    reason: "The pod does not start, or its gateway answers nobody, without what makes a token valid.",
  },

  // The account of the server.
  { pattern: /^ServiceAccount \S+ : removed$/, reason: refused },
  {
    pattern: /^ServiceAccount \S+ .*automountServiceAccountToken/,
    reason: "Every pod says false itself, which pods/service-account-token sees to, and the account has no rights.",
  },

  // Node pools.
  {
    pattern: /^NodePool \S+-cpu spec\.limits\["nvidia\.com\/gpu"\]: /,
    reason: "The quotas of the pool's tenants, which are checked, hold no GPU, so none is ever asked for.",
  },
  { pattern: /^NodePool \S+ : removed$/, reason: "The tenant's pods wait for nodes that never come." },
  {
    pattern: /^NodePool \S+ spec\.disruption\.(budgets.*|consolidateAfter): removed$/,
    reason: "Empty nodes are replaced at Karpenter's default pace.",
  },
  {
    pattern: /^NodePool shared-gpu spec\.disruption(\.consolidationPolicy)?: /,
    reason: "Every server in the pool has two replicas at least, so that one may be moved.",
  },
  {
    pattern: /^NodePool \S+ spec\.template\.spec\.terminationGracePeriod: removed$/,
    reason: "Nodes then wait for their pods however long it takes.",
  },
  {
    pattern: /^NodePool \S+ spec\.template\.spec(\.(nodeClassRef|requirements).*)?: (removed|requirements given .*)$/,
    reason: "Which machines the pool buys changes neither who may use them nor how many.",
  },

  // The pod as a whole.
  { pattern: /^Deployment \S+ spec\.(selector|strategy|revisionHistoryLimit).*: removed$/, reason: availability },
  {
    pattern: /^Deployment \S+ spec\.template\.metadata(\.labels(\["[^"]+"\])?)?: removed$/,
    reason: "Without its labels the pod is in no exception of the network policies, and the selector refuses it.",
  },
  { pattern: /\.template\.spec\.topologySpreadConstraints.*: removed$/, reason: availability },
  { pattern: /\.template\.spec\.(enableServiceLinks|terminationGracePeriodSeconds): removed$/, reason: availability },
  {
    pattern: /\.template\.spec\.priorityClassName: removed$/,
    reason: "The quota on priority classes, which is checked, refuses pods without a class.",
  },
  {
    pattern: /\.template\.spec: runtimeClassName set to "none"$/,
    reason: "A class that does not exist; where the isolation level asks for a sandbox it is caught.",
  },
  {
    pattern: /\.template\.spec\.tolerations(\[[^\]]+\](\.(operator|effect))?)?: removed$/,
    reason: "The pod waits; without an effect it tolerates the same pool's taint in every form.",
  },
  {
    pattern: /\.template\.spec\.securityContext(\.\S+)?: removed$/,
    reason: "Every container says the same itself, and a container's own word wins.",
  },
  { pattern: /\.template\.spec\.(volumes|initContainers|containers)(\[[^\]]+\])?: removed$/, reason: refused },
  {
    pattern: /\.volumes\[[^\]]+\]\.(name|configMap\.name|secret(\.secretName|\.defaultMode)?|configMap): removed$/,
    reason: refused,
  },
  {
    pattern: /\.volumes\[gateway-certificate\]\.secret\.items.*: removed$/,
    reason: "The gateway sees more of the Secret with its own certificate, or does not start.",
  },

  // Containers.
  {
    pattern: /\[[^\]]+\]\.securityContext\.(runAsNonRoot|runAsUser|runAsGroup|seccompProfile(\.type)?): removed$/,
    reason: "The pod says the same for all of its containers.",
  },
  { pattern: /\.(startupProbe|livenessProbe|readinessProbe|lifecycle)(\..*)?: removed$/, reason: availability },
  { pattern: /\.(imagePullPolicy|ports\[[^\]]+\](\.(name|protocol))?): removed$/, reason: availability },
  {
    pattern:
      /\.env\[(HOME|OLLAMA_(CONTEXT_LENGTH|NUM_PARALLEL|KEEP_ALIVE|MAX_LOADED_MODELS|MAX_QUEUE))\](\.name|\.value)?: removed$/,
    reason: availability,
  },
  { pattern: /\.env\[OLLAMA_DEBUG(_LOG_REQUESTS)?\](\.name)?: removed$/, reason: unchanged },
  { pattern: /\[ollama\]\.args(\[serve\])?: removed$/, reason: "The image serves by itself." },
  {
    pattern: /\[gateway\]\.(args|command).*: removed$/,
    reason: "Envoy does not start, or counts limits less exactly.",
  },
  { pattern: /\[ollama\]\.restartPolicy: removed$/, reason: refused },
  { pattern: /\.(initContainers|containers)\[[^\]]+\]\.name: removed$/, reason: refused },
  {
    pattern: /\.resources(\.(requests|limits)(\.(cpu|memory)|\["ephemeral-storage"\])?)?: removed$/,
    reason: "The LimitRange, which is checked, sets a smaller one; of a request, the limit is what is left.",
  },
  {
    pattern: /\.resources\.(requests|limits)\["nvidia\.com\/[^"]+"\]: /,
    reason: "Kubernetes wants both, and both the same.",
  },
  { pattern: /\.volumeMounts(\[[^\]]+\](\.(name|mountPath|subPath))?)?: removed$/, reason: refused },
  {
    pattern: /\.volumeMounts\[gateway-(config|policy|tokens|certificate)\]\.readOnly: removed$/,
    reason: "Volumes of ConfigMaps and Secrets cannot be written to.",
  },
  // The admission guard.
  {
    pattern:
      /^ValidatingAdmissionPolicy \S+ spec\.(failurePolicy|matchConstraints\.(matchPolicy|resourceRules\[\d+\]\.scope)): removed$/,
    reason: unchanged,
  },
  { pattern: /^ValidatingAdmissionPolicy \S+ spec\.matchConditions\[\S+\]\.name: removed$/, reason: refused },
  {
    pattern: /^ValidatingAdmissionPolicy \S+ spec\.matchConditions\[not-by-\S+\]: removed$/,
    reason: "Nobody is exempt any more: the guard refuses more.",
  },
  {
    pattern:
      /^ValidatingAdmissionPolicy ollama-platform-(cluster-role-bindings|cluster-roles|node-access|node-pools|nodes|overriding-policies|priority-classes|volumes) spec\.matchConditions: removed$/,
    reason: "Its one condition is the exemption: nobody is exempt any more, and the guard refuses more.",
  },
  {
    pattern: /^ValidatingAdmissionPolicy \S+ spec\.validations\[\d+\]\.(message|reason): removed$/,
    reason: "What is refused stays refused, in other words.",
  },
  {
    pattern: /^ValidatingAdmissionPolicyBinding \S+ spec\.validationActions\[Audit\]: removed$/,
    reason: "What is refused stays refused; the audit log has the refusal without the policy's name.",
  },
];

/** Why a weakening is harmless; undefined when it is not listed. */
export function harmlessReason({ id }: Weakening): string | undefined {
  return harmless.find((entry) => isListed(entry, id))?.reason;
}

/** Whether an entry speaks of a weakening. What holds for a tenant's objects holds for those in the platform's namespaces. */
export function isListed({ pattern }: Harmless, id: string): boolean {
  return pattern.test(id) || pattern.test(id.replace(/^(\S+) [^ /]+\//, "$1 "));
}
