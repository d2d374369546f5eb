#!/bin/bash
# Runs before the gateway's container is stopped: closes the gateway to new connections and waits for the requests in
# flight. Envoy ends at once, and cuts streams, when it is told to stop. Needs nothing but bash.
#   drain.sh ADMIN_PORT SECONDS_AT_LEAST SECONDS_AT_MOST
set -u
port=$1 least=$2 most=$3

ask() { # METHOD PATH: prints the reply
  exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf '%s %s HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n' "$1" "$2" >&3
  local line
  while IFS= read -r line <&3; do printf '%s\n' "${line%$'\r'}"; done
  exec 3<&-
}

in_flight() {
  ask GET '/stats/prometheus?filter=^http.gateway.downstream_rq_active' |
    sed -n 's/^envoy_http_downstream_rq_active[^ ]* \([0-9]*\)$/\1/p'
}

# `graceful` first tells clients, by `connection: close`, to go elsewhere.
ask POST '/drain_listeners?graceful' >/dev/null || exit 0
# Endpoints take a moment to disappear from every node, and new requests come in until then.
sleep "$least"
while [ "$SECONDS" -lt "$most" ]; do
  [ "$(in_flight)" = 0 ] && exit 0
  sleep 0.5
done
echo "drain: requests are still in flight after $most seconds" >&2
