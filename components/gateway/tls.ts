/** The gateway's TLS: the certificate comes from files that Envoy watches, so that a renewed one needs no restart. */
import type { Extension, Message } from "./envoy";
import { extension, message } from "./envoy";
import type { Placement } from "./placement";
import { CERTIFICATE_FILE, CERTIFICATE_KEY_FILE, CERTIFICATE_SOURCE_FILE } from "./placement";

const CERTIFICATE = "gateway";

/** The TLS side of the gateway's connections. */
export function gatewayTls(place: Placement): Extension {
  return extension("envoy.transport_sockets.tls", "extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
    common_tls_context: {
      tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
      alpn_protocols: ["http/1.1"],
      tls_certificate_sds_secret_configs: [
        {
          name: CERTIFICATE,
          sds_config: {
            resource_api_version: "V3",
            path_config_source: { path: `${place.configDirectory}/${CERTIFICATE_SOURCE_FILE}` },
          },
        },
      ],
    },
  });
}

/** Where the certificate is, in the form of a discovery response. */
export function certificateDocument(place: Placement): Message {
  const file = (name: string): Message => ({ filename: `${place.certificateDirectory}/${name}` });
  return {
    resources: [
      message("extensions.transport_sockets.tls.v3.Secret", {
        name: CERTIFICATE,
        tls_certificate: {
          certificate_chain: file(CERTIFICATE_FILE),
          private_key: file(CERTIFICATE_KEY_FILE),
          // The kubelet swaps a Secret's files by renaming a link in their folder; chain and key change together.
          watched_directory: { path: place.certificateDirectory },
        },
      }),
    ],
  };
}
