import { at, setAt, type Loose, type Widening } from "./widening";

const label = (key: string, value: string) => (old: Loose) => ({ ...old, [key]: value });
const podSecurity = ["enforce", "audit", "warn"].flatMap((mode) => [
  ...["privileged", "baseline"].map((level) => [`pod-security.kubernetes.io/${mode}`, level] as const),
  [`pod-security.kubernetes.io/${mode}-version`, "latest"] as const,
]);

/** Ways to take a namespace, its models or its configuration out of control. */
export const namespaceWidenings: Widening[] = [
  ...[
    ...podSecurity,
    ["ollama-platform.io/tenant", "intruder"] as const,
    ["ollama-platform.io/isolation-level", "shared"] as const,
    ["ollama-platform.io/isolation-level", "none"] as const,
    ["admission.gatekeeper.sh/ignore", "true"] as const,
    ["resource.kubernetes.io/admin-access", "true"] as const,
    ["control-plane", "true"] as const,
  ].map(([key, value]): Widening => ({
    kind: /^Namespace$/,
    path: /^metadata\.labels$/,
    what: `${key} set to ${value}`,
    to: label(key, value),
  })),
  ...setAt(/^Namespace$/, /^metadata$/, [
    ["annotations", { "scheduler.alpha.kubernetes.io/defaultTolerations": '[{"operator":"Exists"}]' }],
    ["annotations", { "scheduler.alpha.kubernetes.io/node-selector": "" }],
  ]),
  ...setAt(/^ServiceAccount$/, /^$/, [["automountServiceAccountToken", true]]),
  ...at(/^ConfigMap$/, /^data\["model-access\.json"\]$/, {
    "open by default": (old: string) => edit(old, (list) => ({ ...list, default: "allow" })),
    "of another tenant": (old: string) => edit(old, (list) => ({ ...list, tenant: "intruder" })),
    "without an owner": (old: string) => edit(old, ({ tenant: _, ...list }) => list),
    "without its default": (old: string) => edit(old, ({ default: _, ...list }) => list),
    "without its lists": (old: string) => edit(old, ({ allow: _, deny: __, ...list }) => list),
    "with a short name": (old: string) => edit(old, (list) => ({ ...list, allow: [...list.allow, "llama3"] })),
    "with a pattern": (old: string) => edit(old, (list) => ({ ...list, allow: [...list.allow, "*"] })),
    "allowing what it denies": (old: string) => edit(old, (list) => ({ ...list, deny: [...list.deny, ...list.allow] })),
    "no list": () => "any",
  }),
  ...at(/^ConfigMap$/, /^binaryData\["[^"]+\.tar\.gz"\]$/, { emptied: () => "" }),
  ...setAt(/^ConfigMap$/, /^data$/, [
    ["token", "plain text"],
    ["key.pem", "-----BEGIN PRIVATE KEY-----"],
  ]),
];

function edit(text: string, change: (list: Loose) => Loose): string {
  return JSON.stringify(change(JSON.parse(text)));
}
