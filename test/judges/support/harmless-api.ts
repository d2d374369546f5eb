/** What the API of Kubernetes has and no rule of the pack reads, each with the reason why none has to. */

/** Rights by `verb resource.group`, several verbs parted by commas; the core group is empty. */
export const harmlessRights: Readonly<Record<string, readonly string[]>> = {
  "A message about an object; controllers read none.": [
    "create,update,patch,delete,deletecollection events.",
    "create,update,patch,delete,deletecollection events.events.k8s.io",
  ],
  "It restarts one pod, which its controller recreates within the same quota.": [
    "delete pods.",
    "create pods/eviction.",
    "create,update,patch,delete,deletecollection evictionrequests.lifecycle.k8s.io",
    "update,patch evictionrequests/status.lifecycle.k8s.io",
    "create,update,patch,delete,deletecollection evictions.lifecycle.k8s.io",
    "update,patch evictions/status.lifecycle.k8s.io",
  ],
  "The number of pods is bounded by the quota.": [
    "update,patch replicationcontrollers/scale.",
    "update,patch deployments/scale.apps",
    "update,patch replicasets/scale.apps",
    "update,patch statefulsets/scale.apps",
  ],
  "How far a controller is, which it rewrites; its pods come from its template alone.": [
    "update,patch replicationcontrollers/status.",
    "update,patch daemonsets/status.apps",
    "update,patch deployments/status.apps",
    "update,patch replicasets/status.apps",
    "update,patch statefulsets/status.apps",
    "update,patch horizontalpodautoscalers/status.autoscaling",
    "update,patch cronjobs/status.batch",
    "update,patch jobs/status.batch",
  ],
  "Programs of the namespace agree by it who leads them; those of the platform have theirs in its namespaces.": [
    "create,update,patch,delete,deletecollection leases.coordination.k8s.io",
    "create,update,patch,delete,deletecollection leasecandidates.coordination.k8s.io",
  ],
  "How much room a driver has, which the scheduler takes as a hint.": [
    "create,update,patch,delete,deletecollection csistoragecapacities.storage.k8s.io",
  ],
};

/** Kinds as `Kind.group` that make pods, carry a selector or give rights. */
export const harmlessKinds: Readonly<Record<string, readonly string[]>> = {
  "A question about rights: nothing is stored.": [
    "LocalSubjectAccessReview.authorization.k8s.io",
    "SelfSubjectAccessReview.authorization.k8s.io",
    "SubjectAccessReview.authorization.k8s.io",
  ],
  "An answer of the API server: nobody declares one.": ["Scale.autoscaling", "Status."],
  "Its selector picks quotas' scopes, not pods; the rules on scopes read it with the namespace's other quotas.": [
    "ResourceQuota.",
  ],
  "Its selector picks nodes that a driver has room or devices on.": [
    "CSIStorageCapacity.storage.k8s.io",
    "ResourceSlice.resource.k8s.io",
  ],
  "It only takes devices away from pods.": ["DeviceTaintRule.resource.k8s.io"],
};

/** Fields of pods by the last part of their definition's name; `*` is every field of it. */
export const harmlessFields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "It changes when the pod runs and how long, within its quota.": {
    PodSpec: "activeDeadlineSeconds restartPolicy readinessGates schedulingGates topologySpreadConstraints",
    Container: "resizePolicy restartPolicyRules",
    EphemeralContainer: "resizePolicy restartPolicy restartPolicyRules",
    ContainerResizePolicy: "*",
    ContainerRestartRule: "*",
    ContainerRestartRuleOnExitCodes: "*",
    PodReadinessGate: "*",
    PodSchedulingGate: "*",
    TopologySpreadConstraint: "*",
    Lifecycle: "stopSignal",
    LifecycleHandler: "sleep",
    SleepAction: "*",
    Probe:
      "failureThreshold initialDelaySeconds periodSeconds successThreshold terminationGracePeriodSeconds timeoutSeconds",
    PreferredSchedulingTerm: "weight",
    WeightedPodAffinityTerm: "weight",
    Toleration: "tolerationSeconds",
  },
  "It delays a request for eviction; who drains a node deletes the pod.": {
    PodSpec: "evictionResponders",
    EvictionResponder: "*",
  },
  "Rules read it where there is a node pool with a grace of its own, and where no other name of the account is set.": {
    PodSpec: "terminationGracePeriodSeconds serviceAccount",
  },
  "The API server refuses a value that is not its priority class's, which is judged.": {
    PodSpec: "preemptionPolicy priority",
  },
  "Groups of pods are of a kind that is refused in tenants' namespaces.": {
    PodSpec: "schedulingGroup",
    PodSchedulingGroup: "*",
  },
  "Claims are judged as objects and counted by the quota of their device class; a pod takes those of its namespace only.":
    {
      PodResourceClaim: "*",
      ResourceClaim: "request",
    },
  "It changes what the pod itself calls itself or asks; where it may connect is the network policies' to say.": {
    PodSpec: "dnsConfig dnsPolicy enableServiceLinks hostAliases hostname hostnameOverride setHostnameAsFQDN subdomain",
    PodDNSConfig: "*",
    PodDNSConfigOption: "*",
    HostAlias: "*",
  },
  "A Secret of the namespace, which only the kubelet uses, against registries.": { PodSpec: "imagePullSecrets" },
  "The rules hold for pods of Windows as for those of Linux.": {
    PodSpec: "os",
    PodOS: "*",
    WindowsSecurityContextOptions: "gmsaCredentialSpec gmsaCredentialSpecName runAsUserName",
  },
  "The standards let a pod choose it: it has an effect within the pod's own volumes and processes only.": {
    PodSecurityContext:
      "fsGroup fsGroupChangePolicy runAsGroup seLinuxChangePolicy supplementalGroups supplementalGroupsPolicy",
    SecurityContext: "runAsGroup",
    SELinuxOptions: "level",
    Sysctl: "value",
  },
  "A profile that the node's operator put on the node; the standards allow it.": {
    AppArmorProfile: "localhostProfile",
    SeccompProfile: "localhostProfile",
  },
  "How the program is run within its container.": {
    Container: "stdin stdinOnce terminationMessagePath terminationMessagePolicy tty workingDir",
    EphemeralContainer:
      "stdin stdinOnce targetContainerName terminationMessagePath terminationMessagePolicy tty workingDir",
  },
  "Its volume is judged; how it is seen within the pod is the pod's own affair.": {
    Container: "volumeDevices",
    EphemeralContainer: "volumeDevices",
    VolumeDevice: "*",
    VolumeMount: "bindMountOptions recursiveReadOnly subPath subPathExpr",
    KeyToPath: "*",
    DownwardAPIVolumeFile: "*",
  },
  "Mounts go back to the node from privileged containers only: the API server refuses others.": {
    VolumeMount: "mountPropagation",
  },
  "The port of the node that goes with it is refused.": { ContainerPort: "hostIP" },
  "A pod's required neighbours are of its own namespace, where nothing else says so.": {
    PodAffinityTerm: "labelSelector matchLabelKeys mismatchLabelKeys topologyKey",
  },
  "The kubelet asks the pod's own address: another host is refused.": {
    Probe: "grpc",
    GRPCAction: "*",
    HTTPGetAction: "path port protocol scheme",
    TCPSocketAction: "port",
  },
  "An object of the namespace, judged itself; a variable whose value is taken from it counts as unknown.": {
    EnvVarSource: "configMapKeyRef fieldRef fileKeyRef resourceFieldRef",
    ConfigMapKeySelector: "*",
    FileKeySelector: "*",
    ObjectFieldSelector: "*",
    ResourceFieldSelector: "*",
    SecretKeySelector: "optional",
    VolumeProjection: "configMap downwardAPI secret",
    ConfigMapProjection: "*",
    DownwardAPIProjection: "*",
    SecretProjection: "*",
  },
  "Certificates of authorities, which are public.": {
    VolumeProjection: "clusterTrustBundle",
    ClusterTrustBundleProjection: "*",
  },
  "The whole source is refused, but for tokens whose audience is judged.": {
    PodCertificateProjection: "*",
    ServiceAccountTokenProjection: "audience expirationSeconds path user",
  },
};
