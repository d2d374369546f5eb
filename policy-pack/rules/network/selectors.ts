import { NAMESPACE_NAME_LABEL } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import { namedNamespaces, placedPeers } from "../../readers/network";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "network/selectors",
  title: `Policies name other namespaces only by the label ${NAMESPACE_NAME_LABEL}, which nobody can set.`,
  severity: "critical",
  scope: "object",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: `Select the namespace with matchLabels: {"${NAMESPACE_NAME_LABEL}": "<name>"} and nothing else.`,
  check: (model) =>
    placedPeers(model).flatMap(({ policy, peer, peerPath }) => {
      const selector = peer.namespaceSelector;
      if (selector === undefined) return [];
      const field = `${peerPath}.namespaceSelector`;
      if (namedNamespaces(selector) === undefined)
        return [
          {
            object: policy,
            field,
            message: `is ${show(selector)}, which does not name namespaces: an empty selector means all of them, and other labels can be put on a namespace by whoever may edit it.`,
          },
        ];
      const keys = [
        ...Object.keys(selector.matchLabels ?? {}),
        ...list(selector.matchExpressions).map((expression) => expression.key ?? ""),
      ].filter((key) => key !== NAMESPACE_NAME_LABEL);
      return keys.map((key) => ({
        object: policy,
        field,
        message: `also selects by the label ${show(key)}, which is not set by the API server.`,
        fix: `Remove ${key} from the selector; the namespace's name is enough.`,
      }));
    }),
};
