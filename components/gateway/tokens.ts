/** Kubernetes ServiceAccount tokens as proof of who calls: Envoy verifies them, the guard looks the account up. */
import type { Extension, Message } from "./envoy";
import { extension, message } from "./envoy";
import type { GatewayTokens } from "./input";
import type { Placement } from "./placement";
import { TOKENS_FILE } from "./placement";

/**
 * A token is valid without the API server being asked, so it holds until its end even if its pod or its account is gone:
 * one that ends later than this is refused. The kubelet's own tokens live for an hour.
 */
const LONGEST_LIFETIME = "86400s";
/** How far the clocks of API server and node may differ. */
const CLOCK_SKEW_SECONDS = 10;
/** Name of the filter and its configuration; the guard's Lua finds the claims under it. */
const TOKEN_FILTER = "envoy.filters.http.jwt_authn";
const FILTER_TYPE = "extensions.filters.http.jwt_authn.v3.JwtAuthentication";
const PROVIDER = "serviceaccounts";
/** Key of a token's claims in the filter's dynamic metadata; the guard's Lua uses the same one. */
const CLAIMS = "claims";

/** Subject of a ServiceAccount's tokens. */
export function serviceAccountSubject(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/**
 * Refuses a verified token that does not name the tenant's audience, whatever the file with the tokens' configuration
 * says: this filter is in the start-up configuration, which never changes and which reviewers see.
 */
export function audienceFilter({ audience }: GatewayTokens): Extension {
  const claims = (path: string[], value: Message): Message => ({
    sourced_metadata: {
      metadata_source: "DYNAMIC",
      metadata_matcher: { filter: TOKEN_FILTER, path: [CLAIMS, ...path].map((key) => ({ key })), value },
    },
  });
  const named = claims(["aud"], { list_match: { one_of: { string_match: { exact: audience } } } });
  return extension("gateway.audience", "extensions.filters.http.rbac.v3.RBAC", {
    rules: {
      action: "ALLOW",
      policies: {
        "no-token-or-the-tenants": {
          permissions: [{ any: true }],
          principals: [{ not_id: claims([], { present_match: true }) }, named],
        },
      },
    },
  });
}

/** The filter, which takes its configuration from a file. Until there is one, the gateway answers every request with an error. */
export function tokenFilter(place: Placement): Extension {
  return {
    name: TOKEN_FILTER,
    config_discovery: {
      config_source: {
        resource_api_version: "V3",
        path_config_source: {
          path: `${place.tokensDirectory}/${TOKENS_FILE}`,
          watched_directory: { path: place.tokensDirectory },
        },
      },
      type_urls: [message(FILTER_TYPE)["@type"]],
    },
  };
}

/**
 * Which tokens are accepted, in the form of a discovery response. The filter verifies a token and leaves its claims, or
 * why they do not hold, in its dynamic metadata. It refuses nothing itself: a request with a key has no token, and the
 * guard behind it decides about both.
 */
export function tokensDocument({ issuer, audience, keys }: GatewayTokens): Message {
  const provider: Message = {
    issuer,
    audiences: [audience],
    max_lifetime: LONGEST_LIFETIME,
    clock_skew_seconds: CLOCK_SKEW_SECONDS,
    local_jwks: { inline_string: JSON.stringify({ keys }) },
    // Nothing but the header: a token in a query would end up in other programs' logs.
    from_headers: [{ name: "authorization", value_prefix: "Bearer " }],
    // The guard wants to see that there is one token and no key beside it; it lets neither through.
    forward: true,
    payload_in_metadata: CLAIMS,
    failed_status_in_metadata: "failure",
  };
  return {
    resources: [
      message("config.core.v3.TypedExtensionConfig", {
        name: TOKEN_FILTER,
        typed_config: message(FILTER_TYPE, {
          providers: { [PROVIDER]: provider },
          rules: [{ match: { prefix: "/" }, requires: { allow_missing_or_failed: {} } }],
        }),
      }),
    ],
  };
}
