import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { list, tenantContainers } from "../select";

/** Names that programs use for secrets, and that end with the word. */
const secretName = /(^|_)(TOKENS?|PASSWORDS?|PASSWD|SECRETS?|API_?KEYS?|ACCESS_?KEYS?|PRIVATE_?KEYS?|CREDENTIALS?)$/i;
/** Beginnings that only private keys and tokens of well-known issuers have. */
export const secretValue =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(ghp_|github_pat_|glpat-|sk-[A-Za-z0-9]{20}|xox[bp]-|AKIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{20})/;

export const rule: Rule = {
  id: "secrets/not-in-environment",
  title: "No secret stands in a pod template as plain text.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.4.1"), nsa("Secrets"), owasp("K08")],
  remediation: "Put the value into a Secret and mount it as a file.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }): Finding[] => {
      const literals = list(source.container.env).flatMap((variable, index): Finding[] => {
        const { name = "", value = "" } = variable ?? {};
        if (value === "" || !(secretName.test(name) || secretValue.test(value))) return [];
        return [
          {
            object: pod.source,
            field: `${source.path}.env[${index}].value`,
            message: `holds the value of ${name}, for everybody who may read the ${pod.source.object.kind} and in its history.`,
          },
        ];
      });
      const words = (["command", "args"] as const).flatMap((field) =>
        list(source.container[field]).flatMap((word, index): Finding[] =>
          secretValue.test(String(word)) || /--?(api-?key|token|password|secret)=\S/i.test(String(word))
            ? [
                {
                  object: pod.source,
                  field: `${source.path}.${field}[${index}]`,
                  message: "holds a secret on the command line, for everybody who lists the node's processes.",
                },
              ]
            : [],
        ),
      );
      return [...literals, ...words];
    }),
};
