/** Short forms of framework references. */
import { FRAMEWORKS } from "../settings/selection";
import type { FrameworkReference } from "./rule";

/** Chapter of the NSA/CISA Kubernetes Hardening Guide, version 1.2. */
export const nsa = (chapter: string): FrameworkReference => ({
  framework: FRAMEWORKS.nsa,
  reference: chapter,
});

/** Control of the CIS Kubernetes Benchmark, version 1.12, for example `5.2.2`. */
export const cis = (control: string): FrameworkReference => ({
  framework: FRAMEWORKS.cis,
  reference: control,
});

/** Control of the Pod Security Standards, for example `Restricted: Seccomp`. */
export const pss = (control: string): FrameworkReference => ({
  framework: FRAMEWORKS["pod-security"],
  reference: control,
});

/** Risk of the OWASP Kubernetes Top Ten, 2022. */
export const owasp = (risk: string): FrameworkReference => ({ framework: FRAMEWORKS.owasp, reference: risk });

/** Section of NIST SP 800-190, Application Container Security Guide. */
export const nist = (section: string): FrameworkReference => ({ framework: FRAMEWORKS.nist, reference: section });
