import { all, any, celList } from "./cel";
import type { Concern, Validation } from "./concern";
import { byNamespace, byWorkspace, type GuardFacts } from "./facts";
import { after, changed, made, POD_RULES, POD_VARIABLES } from "./pods";
import { IN_GUARDED_NAMESPACE } from "./scope";

const VOLUMES = ["emptyDir", "configMap", "secret", "downwardAPI", "projected", "persistentVolumeClaim"];
const PROJECTED = ["secret", "configMap", "downwardAPI"];
/** Folder by whose mounts NVIDIA's runtime can be told which GPUs a container sees. */
const DEVICE_MOUNTS = "/var/run/nvidia-container-devices";

/** Annotations by which a runtime is told of devices. */
const CHOOSES_DEVICES = 'k.contains("cdi.k8s.io")';
/** Annotations of older Kubernetes that choose what fields choose today. */
const CHOOSES_PROFILE = any(
  'k.startsWith("container.apparmor.security.beta.kubernetes.io/")',
  'k.startsWith("seccomp.security.alpha.kubernetes.io/")',
  'k == "scheduler.alpha.kubernetes.io/tolerations"',
);

/** Holds for each container of every kind. */
const each = (condition: string): string => `variables.containers.all(c, ${condition})`;

const VALIDATIONS: Validation[] = [
  {
    expression: all(
      ...["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"].map(
        (field) => `!variables.pod.?${field}.orValue(false)`,
      ),
    ),
    message: "hostNetwork, hostPID, hostIPC and shareProcessNamespace are not for tenants' pods: remove them.",
  },
  {
    expression: each("c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)"),
    message: "hostPort opens a port of the node: name a containerPort only.",
  },
  {
    expression: each(
      all(
        "!c.?securityContext.?privileged.orValue(false)",
        "!c.?securityContext.?allowPrivilegeEscalation.orValue(true)",
        "c.?securityContext.?capabilities.?add.orValue([]).size() == 0",
        'c.?securityContext.?procMount.orValue("Default") == "Default"',
      ),
    ),
    message:
      "securityContext of a container: it may not be privileged, add capabilities or unmask /proc, and has to set allowPrivilegeEscalation: false.",
  },
  {
    expression: all(
      "variables.pod.?securityContext.?runAsUser.orValue(1) != 0",
      each("c.?securityContext.?runAsUser.orValue(1) != 0"),
      each("c.?securityContext.?runAsNonRoot.orValue(variables.pod.?securityContext.?runAsNonRoot.orValue(false))"),
    ),
    message: "runAsNonRoot has to be true for every container, and runAsUser may not be 0.",
  },
  {
    expression: all(
      'variables.pod.?securityContext.?seccompProfile.?type.orValue("") != "Unconfined"',
      each('c.?securityContext.?seccompProfile.?type.orValue("") != "Unconfined"'),
      'variables.pod.?securityContext.?appArmorProfile.?type.orValue("") != "Unconfined"',
      each('c.?securityContext.?appArmorProfile.?type.orValue("") != "Unconfined"'),
      "variables.pod.?securityContext.?sysctls.orValue([]).size() == 0",
      "!has(variables.pod.securityContext) || !has(variables.pod.securityContext.seLinuxOptions)",
      each("!has(c.securityContext) || !has(c.securityContext.seLinuxOptions)"),
      "!variables.pod.?securityContext.?windowsOptions.?hostProcess.orValue(false)",
      each("!c.?securityContext.?windowsOptions.?hostProcess.orValue(false)"),
    ),
    message:
      "securityContext may not take off seccomp or AppArmor, set sysctls or SELinux options, or ask for host processes.",
  },
  {
    expression: `variables.pod.?volumes.orValue([]).all(v, v.all(k, k in ${celList(["name", ...VOLUMES])}))`,
    message: `volumes may be of the types ${VOLUMES.join(", ")} only.`,
  },
  {
    expression: all(
      `variables.pod.?volumes.orValue([]).all(v, v.?projected.?sources.orValue([]).all(s, s.all(k, k in ${celList(PROJECTED)} || (k == "serviceAccountToken" && s.serviceAccountToken.?audience.orValue("") in variables.audiences))))`,
      any(
        'request.resource.resource == "pods"',
        "!variables.pod.?automountServiceAccountToken.orValue(true)",
        // These accounts mount no token by themselves.
        "!has(variables.pod.automountServiceAccountToken) && has(variables.pod.serviceAccountName) && variables.pod.serviceAccountName in variables.accounts",
      ),
    ),
    message:
      "a ServiceAccount token for the API server is not for tenants' pods: set automountServiceAccountToken: false and remove projected tokens, but those of a workspace's pods for their tenant's gateway.",
  },
  {
    expression: all(
      each(
        'c.?env.orValue([]).all(e, e.name != "NVIDIA_VISIBLE_DEVICES" || (e.?value.orValue("") in ["void", "none"] && !has(e.valueFrom)))',
      ),
      each('c.?env.orValue([]).all(e, !e.name.startsWith("LD_") && !e.name.startsWith("CUDA_MPS_"))'),
      each("c.?envFrom.orValue([]).size() == 0"),
      each(`c.?volumeMounts.orValue([]).all(m, !m.mountPath.startsWith("${DEVICE_MOUNTS}"))`),
      `variables.template.?metadata.?annotations.orValue({}).all(k, !(${CHOOSES_DEVICES}))`,
    ),
    message:
      "NVIDIA_VISIBLE_DEVICES may be void only, and neither envFrom, LD_ or CUDA_MPS_ variables, mounts below /var/run/nvidia-container-devices nor cdi.k8s.io annotations may choose devices: GPUs come by a request.",
  },
  {
    expression: all(
      'variables.pod.?resourceClaims.orValue([]).all(r, !has(r.resourceClaimName) && r.?resourceClaimTemplateName.orValue("") in variables.claimTemplates)',
      each("c.?resources.?claims.orValue([]).size() == 0 || variables.claimTemplates.size() > 0"),
    ),
    message:
      "resourceClaims: only a pod's own claim, made from the platform's template of its tenant, gives devices; elsewhere request the GPU resource of the tenant's pool.",
  },
  {
    expression: `variables.template.?metadata.?annotations.orValue({}).all(k, !(${CHOOSES_PROFILE}))`,
    message: "annotations may not choose AppArmor or seccomp profiles: use securityContext.",
  },
];

/** What no pod of the platform needs, whoever makes it. Nobody is exempt: the deployers' own pods have none of it. */
export function podContent(facts: GuardFacts): Concern {
  return {
    name: "pods",
    title: "Pods of tenants have no access to their node, no token, and no device that they did not request.",
    rules: [
      "pods/host-namespaces",
      "pods/host-ports",
      "pods/privileged",
      "pods/privilege-escalation",
      "pods/capabilities",
      "pods/proc-mount",
      "pods/run-as-non-root",
      "pods/seccomp",
      "pods/apparmor",
      "pods/selinux",
      "pods/sysctls",
      "pods/host-process",
      "pods/volume-types",
      "pods/service-account-token",
      "placement/gpu-visibility",
      "placement/device-claims",
    ],
    resources: POD_RULES,
    conditions: [
      IN_GUARDED_NAMESPACE,
      made(
        "changes-what-pods-are",
        changed(".spec"),
        all(
          changed(".?metadata.?annotations"),
          `${after(".?metadata.?annotations.orValue({})")}.exists(k, ${CHOOSES_DEVICES} || ${CHOOSES_PROFILE})`,
        ),
      ),
    ],
    variables: [
      ...POD_VARIABLES,
      { name: "audiences", expression: byWorkspace(facts, (one) => one.audiences) },
      { name: "accounts", expression: byWorkspace(facts, (one) => one.accounts) },
      { name: "claimTemplates", expression: byNamespace(facts, (one) => one.claimTemplates) },
    ],
    validations: VALIDATIONS,
  };
}
