import { changed, FINANCE, gone, HR, made, PLATFORM, put, type Weakening } from "./weakening";

const anybody = { namespaceSelector: {} };

/** Network policies, and ways around them. */
export const fences: Weakening[] = [
  ...["allow-dns", "allow-to-server"].map((name) => gone("NetworkPolicy", "networkpolicy", FINANCE, name)),
  gone("NetworkPolicy", "networkpolicy", PLATFORM, "default-deny"),
  gone("NetworkPolicy", "networkpolicy", PLATFORM, "allow-dns"),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    HR,
    "default-deny",
    "spec.policyTypes",
    put("/spec/policyTypes", ["Ingress"]),
  ),
  changed("NetworkPolicy", "networkpolicy", HR, "allow-dns", "spec.egress", put("/spec/egress/0/to", [anybody])),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    HR,
    "allow-same-tenant",
    "spec.ingress",
    put("/spec/ingress/0/from", [anybody]),
  ),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    HR,
    "allow-to-server",
    "spec.egress",
    put("/spec/egress/0/ports", [{ port: 22 }]),
  ),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    FINANCE,
    "allow-clients",
    "spec.ingress",
    put("/spec/ingress/0/from/-", anybody),
  ),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    FINANCE,
    "allow-egress",
    "spec.egress",
    put("/spec/egress/0/to", [{ ipBlock: { cidr: "0.0.0.0/0" } }]),
  ),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    FINANCE,
    "allow-same-tenant",
    "spec.podSelector",
    put("/spec/podSelector", {}),
  ),
  changed(
    "NetworkPolicy",
    "networkpolicy",
    PLATFORM,
    "allow-registries",
    "spec.egress",
    put("/spec/egress/0/to", [{ ipBlock: { cidr: "0.0.0.0/0" } }]),
  ),
  ...[
    ["everybody-in", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] }],
    ["all-the-way-out", { podSelector: {}, policyTypes: ["Egress"], egress: [{}] }],
    [
      "metadata",
      { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }] }] },
    ],
    [
      "finance-in",
      {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": FINANCE } } }] }],
      },
    ],
  ].map(([name, spec]) =>
    made("NetworkPolicy", { apiVersion: "networking.k8s.io/v1", metadata: { name, namespace: HR }, spec }),
  ),
];

/** Services, routes, classes and Secrets that someone makes. */
export const others: Weakening[] = [
  made("Service", {
    apiVersion: "v1",
    metadata: { name: "short-way", namespace: HR },
    spec: { type: "ExternalName", externalName: `ollama.${FINANCE}.svc.cluster.local` },
  }),
  made("Ingress", {
    apiVersion: "networking.k8s.io/v1",
    metadata: { name: "elsewhere", namespace: HR },
    spec: {
      rules: [
        {
          host: "hr.example.com",
          http: {
            paths: [
              { path: "/", pathType: "Prefix", backend: { service: { name: "ollama", port: { number: 11434 } } } },
            ],
          },
        },
      ],
    },
  }),
  made("PriorityClass", {
    apiVersion: "scheduling.k8s.io/v1",
    metadata: { name: "above-all" },
    value: 900000000,
    globalDefault: true,
  }),
  made("Secret", {
    apiVersion: "v1",
    metadata: {
      name: "lasting-token",
      namespace: HR,
      annotations: { "kubernetes.io/service-account.name": "ollama" },
    },
    type: "kubernetes.io/service-account-token",
  }),
];
