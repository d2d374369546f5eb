/** Server-side dry runs: objects that must be refused in tenants' namespaces, each with a twin that must be accepted. */
import { isMissingRight, isSuccess, refusalOf, type ApiReply, type ClusterApi } from "../cluster-api";
import { inParallel } from "../live-objects";
import { messageOf, type Outcome, type Result } from "../result";
import { siteOf } from "../site";
import type { Check, Subject } from "./check";
import { FORBIDDEN_OBJECTS, type ForbiddenObject, type Site } from "./forbidden-objects";

const NAMESPACES_AT_ONCE = 4;
const OBJECTS_AT_ONCE = 4;

/** Tries every forbidden object in every tenant's namespace. Nothing is created: the API server only says what it would do. */
export const admissionCheck: Check = {
  name: "admission",
  async run(subject) {
    const namespaces = subject.model.tenantNamespaces().map(({ name }) => name);
    const perNamespace = await inParallel(namespaces, NAMESPACES_AT_ONCE, async (namespace) => {
      const site = siteOf(subject.model, namespace);
      if (site === undefined) return [nothingToImitate(subject, namespace)];
      const twins = new Map<string, Promise<ApiReply>>();
      return inParallel(FORBIDDEN_OBJECTS, OBJECTS_AT_ONCE, (forbidden) => attempt(subject, site, forbidden, twins));
    });
    return perNamespace.flat();
  },
};

function nothingToImitate({ model }: Subject, namespace: string): Result {
  return {
    id: `admission/${namespace}`,
    question: "namespaces",
    tenant: model.tenantOf(namespace),
    tried: `looks for a pod in ${namespace} after which a harmless one can be made`,
    outcome: "inconclusive",
    found: "nothing in the namespace makes pods",
    fix: "`npm run up` creates what is declared; then run the verifier again",
  };
}

/** @param twins Answers about twins, of which several objects have the same; they are asked for once. */
async function attempt(
  { api, model }: Subject,
  site: Site,
  forbidden: ForbiddenObject,
  twins: Map<string, Promise<ApiReply>>,
): Promise<Result> {
  const { namespace } = site;
  const { name, tried, resource } = forbidden;
  const base = {
    id: `admission/${namespace}/${name}`,
    question: resource === "services" ? ("network" as const) : ("namespaces" as const),
    tenant: model.tenantOf(namespace),
    tried: `${tried} in ${namespace} (dry run)`,
  };
  try {
    const refused = await dryRun(api, namespace, resource, forbidden.object(site));
    const twin = forbidden.twin(site);
    const key = JSON.stringify(twin);
    const asked = twins.get(key) ?? dryRun(api, namespace, resource, twin);
    twins.set(key, asked);
    const accepted = await asked;
    return { ...base, ...verdict(refused, accepted) };
  } catch (error) {
    return { ...base, outcome: "inconclusive", found: messageOf(error) };
  }
}

/** A refusal counts only where the twin is accepted: then it is the one difference that is refused. */
function verdict(refused: ApiReply, accepted: ApiReply): { outcome: Outcome; found: string; fix?: string } {
  if (isMissingRight(refused) || isMissingRight(accepted)) {
    const fix = "let the verifier create pods and services in tenants' namespaces; it does so in dry runs only";
    return { outcome: "inconclusive", found: refusalOf(isMissingRight(refused) ? refused : accepted), fix };
  }
  if (isSuccess(refused)) {
    const fix = "put the namespace's Pod Security labels and quotas back: `npm run up` does";
    return { outcome: "open", found: "the API server would accept it", fix };
  }
  // 403: admission and quotas. 422 and 400: the API's own validation, which refuses some of them everywhere.
  if (![400, 403, 422].includes(refused.status))
    return { outcome: "inconclusive", found: `answered ${refused.status}: ${refusalOf(refused)}` };
  if (!isSuccess(accepted))
    return {
      outcome: "inconclusive",
      found: `refused, but so is its harmless twin: ${refusalOf(accepted)}`,
      fix: "see what keeps the twin out, such as a quota that is used up, and run the verifier again",
    };
  return { outcome: "isolated", found: `refused: ${refusalOf(refused)}` };
}

function dryRun(api: ClusterApi, namespace: string, resource: string, body: object): Promise<ApiReply> {
  return api.request({ method: "POST", path: `/api/v1/namespaces/${namespace}/${resource}?dryRun=All`, body });
}
