/** What the report's terms mean, for a reader who knows neither Kubernetes nor Pulumi. */
import { type Html, html } from "./html";

const MEANINGS: readonly (readonly [term: string, meaning: string])[] = [
  ["tenant", "A department with its own model server, its own keys and its own limits."],
  ["namespace", "A closed-off part of the cluster, with a name. Every tenant has one of its own."],
  ["pod", "A running copy of a program. Connections are opened by pods and to pods."],
  ["network policy", "A rule of the cluster's network that says which connections a pod may open or accept."],
  ["quota", "The most that all pods of a namespace together may ask for. The cluster refuses what is above it."],
  ["cpu, memory", "Processor cores, and main memory in units of 1,024³ bytes (Gi)."],
  ["storage, ephemeral-storage", "Disk space that outlives a pod, and disk space that goes with it."],
  ["nvidia.com/…", "Graphics processors, or slices of them (mig), on which models compute."],
  ["node, node pool", "A machine of the cluster, and a group of machines of one kind with a limit on its size."],
  ["isolation: shared", "The tenant's pods may run on a machine beside pods of other tenants."],
  ["isolation: dedicated-nodes", "The tenant's model servers run on machines that no other tenant may use."],
  [
    "isolation: sandboxed",
    "As dedicated-nodes, and every pod runs in a sandbox that keeps it from the machine's own kernel.",
  ],
  [
    "viewer, operator",
    "Roles of groups of people in a tenant's namespace: viewers may look, operators may also restart and scale its servers. Neither can change a limit or a network policy.",
  ],
  [
    "internet, private networks",
    "Addresses outside the cluster: public ones, and those of the organisation's own networks.",
  ],
  ["node addresses", "Addresses of the cluster's machines themselves."],
];

/** The list of terms, closed until a reader opens it. */
export function words(): Html {
  return html`<details>
    <summary>What the words on this page mean</summary>
    <dl class="words">
      ${MEANINGS.map(
        ([term, meaning]) =>
          html`<dt>${term}</dt>
            <dd>${meaning}</dd>`,
      )}
    </dl>
  </details>`;
}
