/**
 * The checks of the public multi-tenancy benchmark (Kubernetes' working group on multi-tenancy, `kubectl-mtb`), those that it
 * planned and never wrote included, by the results that answer them here. Its own probes break several rules of Pod Security at
 * once, so that any refusal passes; these have a twin that differs in one thing.
 */
import { answerOf } from "./formats/answer";
import type { Outcome, Result } from "./result";

/** A check of the benchmark. */
export interface BenchmarkCheck {
  /** Its ID there; of those never written, the number of its issue. */
  id: string;
  title: string;
  /** IDs of the results that answer it. */
  answeredBy: RegExp;
  /** Why the platform gives tenants nothing of the kind, where that is meant: then the results show that it is withheld. */
  withheld?: string;
}

/** How a check stands. */
export interface BenchmarkAnswer extends BenchmarkCheck {
  /** Inconclusive where nothing was tried. */
  outcome: Outcome;
  /** Number of results that it rests on. */
  results: number;
}

const RIGHTS = /^rights\//;
const admission = (...names: string[]): RegExp => new RegExp(`^admission/[^/]+/(${names.join("|")})$`);
const rule = (...ids: string[]): RegExp => new RegExp(`^rules/(${ids.join("|")})( |$)`);

const NO_ROLES =
  "whoever may bind roles can let others into the namespace: roles and bindings come from the declaration";

/** All 25, in the order of the benchmark. */
export const BENCHMARK: readonly BenchmarkCheck[] = [
  { id: "PL1-CC-CPI-1", title: "Block access to cluster resources", answeredBy: RIGHTS },
  { id: "PL1-BC-CPI-2", title: "Block multitenant resources", answeredBy: RIGHTS },
  { id: "PL1-BC-CPI-3", title: "Block add capabilities", answeredBy: admission("capability") },
  { id: "PL1-BC-CPI-4", title: "Require run as non-root", answeredBy: admission("root") },
  { id: "PL1-BC-CPI-5", title: "Block privileged containers", answeredBy: admission("privileged") },
  { id: "PL1-BC-CPI-6", title: "Block privilege escalation", answeredBy: admission("privilege-escalation") },
  { id: "PL1-BC-HI-1", title: "Block use of host path volumes", answeredBy: admission("host-path") },
  { id: "PL1-BC-HI-1", title: "Block use of NodePort services", answeredBy: admission("service-nodeport") },
  { id: "PL1-BC-HI-3", title: "Block host networking and ports", answeredBy: admission("host-network", "host-port") },
  { id: "PL1-BC-HI-4", title: "Block use of host PID", answeredBy: admission("host-pid") },
  { id: "PL1-BC-HI-5", title: "Block use of host IPC", answeredBy: admission("host-ipc") },
  { id: "PL1-CC-TI-1", title: "Block modification of resource quotas", answeredBy: RIGHTS },
  { id: "PL1-CC-TI-2", title: "Block access to other tenant resources", answeredBy: RIGHTS },
  {
    id: "PL1-CC-FNS-1",
    title: "Configure namespace resource quotas",
    answeredBy: rule("capacity/quota", "capacity/quota-ceiling"),
  },
  {
    id: "PL1-CC-FNS-2",
    title: "Configure namespace object limits",
    answeredBy: rule("capacity/quota", "capacity/gpu-resources-limited"),
  },
  {
    id: "PL1-CC-DI-1",
    title: "Require always imagePullPolicy",
    answeredBy: rule("images/pull-policy", "images/pinned", "images/registries"),
  },
  { id: "PL2-CC-TI-1", title: "Block role privilege escalation", answeredBy: RIGHTS },
  { id: "PL2-BC-OPS-3", title: "Create role bindings", answeredBy: RIGHTS, withheld: NO_ROLES },
  {
    id: "PL2-BC-OPS-4",
    title: "Create network policies",
    answeredBy: RIGHTS,
    withheld: "network policies only ever add openings: they come from the declaration",
  },
  {
    id: "1198",
    title: "Require PVC for storage",
    answeredBy: rule("pods/volume-types", "storage/no-host-path", "storage/inline-drivers"),
  },
  {
    id: "1199",
    title: "Require PV reclaim policy delete",
    answeredBy: rule("storage/one-tenant-per-volume", "storage/volume-reserved"),
    withheld:
      "volumes of models outlive their claims, so that nobody deletes models by mistake; each is reserved for one tenant",
  },
  {
    id: "1200",
    title: "Block use of existing PVs",
    answeredBy: rule("storage/claims-own-volume", "storage/volume-reserved"),
  },
  { id: "1201", title: "Block network access across tenant namespaces", answeredBy: /^traffic\// },
  { id: "1202", title: "Self-service roles", answeredBy: RIGHTS, withheld: NO_ROLES },
  { id: "1203", title: "Self-service role bindings", answeredBy: RIGHTS, withheld: NO_ROLES },
];

/** How each check stands by the results. */
export function benchmarkAnswers(results: readonly Result[]): BenchmarkAnswer[] {
  return BENCHMARK.map((check) => {
    const own = results.filter(({ id }) => check.answeredBy.test(id));
    return { ...check, outcome: answerOf(own), results: own.length };
  });
}
