/** Rules on pods' own privileges. */
import type { Rule } from "../rule";
import { rule as apparmor } from "./apparmor";
import { rule as capabilities } from "./capabilities";
import { rule as containersKnown } from "./containers-known";
import { rule as hostNamespaces } from "./host-namespaces";
import { rule as hostPorts } from "./host-ports";
import { rule as hostProcess } from "./host-process";
import { rule as marks } from "./marks";
import { rule as ownServiceAccount } from "./own-service-account";
import { rule as privilegeEscalation } from "./privilege-escalation";
import { rule as privileged } from "./privileged";
import { rule as probeHosts } from "./probe-hosts";
import { rule as procMount } from "./proc-mount";
import { rule as processNamespace } from "./process-namespace";
import { rule as readOnlyRoot } from "./read-only-root";
import { rule as runAsNonRoot } from "./run-as-non-root";
import { rule as seccomp } from "./seccomp";
import { rule as selinux } from "./selinux";
import { rule as serviceAccountToken } from "./service-account-token";
import { rule as sysctls } from "./sysctls";
import { rule as volumeTypes } from "./volume-types";

export const podsRules: readonly Rule[] = [
  apparmor,
  capabilities,
  containersKnown,
  hostNamespaces,
  hostPorts,
  hostProcess,
  marks,
  ownServiceAccount,
  privilegeEscalation,
  privileged,
  probeHosts,
  procMount,
  processNamespace,
  readOnlyRoot,
  runAsNonRoot,
  seccomp,
  selinux,
  serviceAccountToken,
  sysctls,
  volumeTypes,
];
