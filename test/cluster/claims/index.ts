/** Everything that the pack says of Kubernetes. */
import { admissionClaims } from "./admission";
import { bindingClaims } from "./bindings";
import { capacityClaims } from "./capacity";
import type { Claim } from "./claim";
import { namespaceClaims } from "./namespaces";
import { networkClaims } from "./network";
import { podClaims } from "./pods";
import { rightsClaims } from "./rights";
import { storageClaims } from "./storage";

export const claims: readonly Claim[] = [
  ...admissionClaims,
  ...bindingClaims,
  ...capacityClaims,
  ...namespaceClaims,
  ...networkClaims,
  ...podClaims,
  ...rightsClaims,
  ...storageClaims,
];
