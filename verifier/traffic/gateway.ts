/** What tenants' gateways answer to whoever has no key, a wrong one, another tenant's, or wants more than is served. */
import { randomBytes } from "node:crypto";
import { ADMIN_PORT, GATEWAY_PORT, OLLAMA_PORT } from "../../components/gateway/placement";
import type { Result } from "../result";
import type { Attempt, Outcome } from "./probe";
import { keyFile, type Errand, type ErrandPlanner } from "./run";
import type { Server } from "./targets";

/** What is known of a tenant's gateway. */
export interface GatewayFacts {
  namespace: string;
  tenant: string;
  /** Model that the client of the key may use. */
  allowedModel?: string;
  /** Model that the tenant may not use. */
  deniedModel: string;
  /** Key of a client of the tenant. Default: none was given, and what needs one is not decided. */
  key?: string;
  /** Key of another tenant's client. Default: none was given. */
  foreignKey?: string;
}

/** One request, and what it would show. */
interface Question {
  name: string;
  /** As a sentence without a subject. */
  tried: string;
  attempt: Attempt;
  /** Whether the answer is the one that has to come. */
  isRight(outcome: Outcome): boolean;
  /** Whether it only bears out the others. */
  isControl?: boolean;
  /** Name of the question that has to be right for this one to show anything: it differs in one thing. */
  twin?: string;
}

/** Routes by which Ollama's models are managed; their bodies are empty, so that nothing happens where one is open. */
const ADMIN_ROUTES = [
  { method: "POST", path: "/api/pull" },
  { method: "POST", path: "/api/push" },
  { method: "POST", path: "/api/create" },
  { method: "POST", path: "/api/copy" },
  { method: "DELETE", path: "/api/delete" },
  { method: "POST", path: `/api/blobs/sha256:${"0".repeat(64)}` },
];

const OWN = "own";
const FOREIGN = "foreign";

/** Errands to the gateways of the tenants whose servers run. */
export function gatewayErrands(gateways: readonly GatewayFacts[]): ErrandPlanner {
  return (servers) =>
    gateways.flatMap((facts) => {
      const server = servers.find(({ namespace }) => namespace === facts.namespace);
      return server === undefined ? [] : [errandTo(server, facts)];
    });
}

function errandTo(server: Server, facts: GatewayFacts): Errand {
  const { namespace, key, foreignKey } = facts;
  const questions = questionsFor(server, facts);
  const keys = {
    ...(key !== undefined && { [OWN]: key }),
    ...(foreignKey !== undefined && { [FOREIGN]: foreignKey }),
  };
  return {
    namespace,
    attempts: questions.map(({ attempt }) => attempt),
    ...(Object.keys(keys).length > 0 && { keys }),
    judge: (outcomes, why) => [
      ...judgeQuestions(facts, questions, outcomes, why),
      ...(key === undefined ? [withoutKey(facts, "denied-model", "asks for a model that the tenant may not use")] : []),
      ...(foreignKey === undefined ? [withoutKey(facts, "foreign-key", "asks with another tenant's key")] : []),
    ],
  };
}

function questionsFor(server: Server, { key, foreignKey, allowedModel, deniedModel }: GatewayFacts): Question[] {
  const [, , byName] = server.routes;
  const { host = "", port = 0 } = byName ?? {};
  const gateway: Attempt = { kind: "http", host, port, tls: server.tls, open: true };
  const list = { ...gateway, path: "/api/tags" };
  const wrongKey = randomBytes(33).toString("base64url");
  const own = key === undefined ? undefined : keyFile(OWN);
  const show = (model: string): Attempt => ({
    ...gateway,
    method: "POST",
    path: "/api/show",
    key: own,
    body: { model },
  });
  return [
    ...(own === undefined
      ? []
      : [question("own-key", "asks with the key of a client", { ...list, key: own }, [200], { isControl: true })]),
    question("no-key", "asks without a key", list, [401]),
    question("wrong-key", "asks with a key that nobody has", { ...list, key: wrongKey }, [401]),
    ...(foreignKey === undefined
      ? []
      : [question("foreign-key", "asks with another tenant's key", { ...list, key: keyFile(FOREIGN) }, [401])]),
    ...(own === undefined || allowedModel === undefined
      ? []
      : [
          question("allowed-model", "asks for a model that the client may use", show(allowedModel), [200], {
            isControl: true,
          }),
        ]),
    ...(own === undefined
      ? []
      : [
          question("denied-model", "asks for a model that the tenant may not use", show(deniedModel), [403, 404], {
            twin: "allowed-model",
          }),
        ]),
    ...ADMIN_ROUTES.map(({ method, path }) =>
      question(
        `route-${path.split("/")[2]}`,
        `asks for ${method} ${path.split(":")[0]} with ${own === undefined ? "a key that nobody has" : "the key of a client"}`,
        { ...gateway, method, path, key: own ?? wrongKey, body: {} },
        own === undefined ? [401, 403, 404, 405] : [403, 404, 405],
        own === undefined ? {} : { twin: "own-key" },
      ),
    ),
    ...directQuestions(server),
  ];
}

function question(
  name: string,
  tried: string,
  attempt: Attempt,
  statuses: readonly number[],
  more: Pick<Question, "isControl" | "twin"> = {},
): Question {
  return { name, tried, attempt, isRight: ({ status }) => status !== undefined && statuses.includes(status), ...more };
}

/** Ports behind the gateway; the twin is the gateway's own, at the same pod. */
function directQuestions({ address }: Server): Question[] {
  const at = (port: number, open: boolean): Attempt => ({ kind: "tcp", host: address, port, open });
  const isClosed = ({ met }: Outcome): boolean => ["refused", "dropped", "unreachable"].includes(met);
  const isOpen = ({ met }: Outcome): boolean => met === "answered";
  return [
    {
      name: "gateway-port",
      tried: "opens the gateway's port of the server's pod",
      attempt: at(GATEWAY_PORT, true),
      isRight: isOpen,
      isControl: true,
    },
    ...[
      { name: "direct-port", port: OLLAMA_PORT, of: "Ollama's own port" },
      { name: "admin-port", port: ADMIN_PORT, of: "the port of the gateway's administration" },
    ].map(({ name, port, of }) => ({
      name,
      tried: `opens ${of} at the server's pod`,
      attempt: at(port, false),
      isRight: isClosed,
      twin: "gateway-port",
    })),
  ];
}

const FIX = "see that the server's pod runs the gateway's own files: `npm run drift`, then restart the Deployment";

function judgeQuestions(
  { namespace, tenant }: GatewayFacts,
  questions: readonly Question[],
  outcomes: readonly Outcome[] | undefined,
  why: string,
): Result[] {
  const rightOnes = new Set(
    questions
      .filter(({ isRight }, index) => outcomes?.[index] !== undefined && isRight(outcomes[index]))
      .map(({ name }) => name),
  );
  return questions.map(({ name, tried, isControl, isRight, twin }, index): Result => {
    const outcome = outcomes?.[index];
    const base = {
      id: `gateway/${namespace}/${name}`,
      question: "models" as const,
      tenant,
      tried: `${tried} in ${namespace}`,
    };
    if (outcome === undefined) return { ...base, outcome: "inconclusive", found: why };
    const found = answerOf(outcome);
    if (isRight(outcome)) {
      if (twin !== undefined && !rightOnes.has(twin))
        return {
          ...base,
          outcome: "inconclusive",
          found: `${found}, but so is its twin ${twin}, which differs in one thing`,
          fix: FIX,
        };
      return { ...base, outcome: "isolated", found };
    }
    // Too many requests, an error behind the gateway, or no answer: nothing was decided.
    const isUndecided = isControl === true || outcome.status === 429 || (outcome.status ?? 500) >= 500;
    const isOpenPort = outcome.status === undefined && outcome.met === "answered";
    return {
      ...base,
      outcome: isUndecided && !(isOpenPort && isControl !== true) ? "inconclusive" : "open",
      found,
      fix: FIX,
    };
  });
}

function answerOf({ met, status, detail }: Outcome): string {
  if (status === undefined) return met === "answered" ? "it takes the connection" : `no connection: ${met}`;
  return `answered ${status}${detail === undefined || detail === "" ? "" : `: ${detail}`}`;
}

function withoutKey({ namespace, tenant }: GatewayFacts, name: string, tried: string): Result {
  return {
    id: `gateway/${namespace}/${name}`,
    question: "models",
    tenant,
    tried: `${tried} in ${namespace}`,
    outcome: "inconclusive",
    found: "no keys were given",
    fix: "give the file that `pulumi stack output clientKeys --show-secrets --json` writes with --client-keys",
  };
}
