import { addAt, at, setAt, type Widening } from "./widening";

const ROUTE = /^HTTPRoute$/;
const INGRESS = /^Ingress$/;
const foreign = { name: "ollama", namespace: "tenant-other", port: 11434 };

/** Ways in which routes from outside lead to, or speak for, others. */
export const ingressWidenings: Widening[] = [
  ...at(ROUTE, /^spec\.hostnames\[\d+\]$/, {
    "every name": () => "*",
    "every name of the domain": (host: string) => host.replace(/^[^.]+/, "*"),
    "a name of another domain": () => "login.example.org",
  }),
  ...addAt(ROUTE, /^spec\.rules\[\d+\]$/, [
    ["backendRefs", foreign],
    ["filters", { type: "RequestMirror", requestMirror: { backendRef: foreign } }],
  ]),
  ...setAt(ROUTE, /^spec\.parentRefs\[\d+\]$/, [
    ["sectionName", "http"],
    ["name", "another"],
    ["namespace", "tenant-other"],
    ["kind", "Service"],
  ]),
  ...at(INGRESS, /^spec\.rules\[\d+\]\.host$/, {
    "every name of the domain": (host: string) => host.replace(/^[^.]+/, "*"),
    "a name of another domain": () => "login.example.org",
  }),
  ...at(INGRESS, /^spec\.rules\[\d+\]\.http\.paths\[\d+\]\.path$/, {
    "ending a block of a proxy's configuration": () => "/ { return 200; }",
    "with a line break": () => "/\nreturn 200",
    "with a variable": () => "/$host",
    "with an expression": () => "/(.*)",
  }),
  ...addAt(ROUTE, /^spec\.rules\[\d+\]$/, [["matches", { path: { type: "RegularExpression", value: "/x;y" } }]]),
  ...setAt(INGRESS, /^spec$/, [
    ["ingressClassName", "another"],
    ["defaultBackend", { service: { name: "ollama", port: { number: 11434 } } }],
  ]),
  ...setAt(INGRESS, /^metadata\.annotations$/, [
    ["nginx.ingress.kubernetes.io/server-alias", "login.example.org"],
    ["nginx.ingress.kubernetes.io/mirror-target", "https://login.example.org"],
    ["nginx.ingress.kubernetes.io/configuration-snippet", "return 200;"],
    ["nginx.ingress.kubernetes.io/proxy-body-size", "1m; } location / { return 200"],
  ]),
];
