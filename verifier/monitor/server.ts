/** The monitor's own server: metrics, page and probes. */
import { createServer, type Server } from "node:http";
import { METRICS_TYPE, renderMetrics } from "./metrics";
import type { MonitorState } from "./monitor";
import { renderPage } from "./page";

/** Answers GET on `/metrics`, `/`, `/healthz` (the process runs) and `/readyz` (it has evaluated once). */
export function monitorServer(state: MonitorState): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, {
        "content-type": type,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "only GET\n");
    const path = (request.url ?? "").split("?")[0];
    if (path === "/metrics") return send(200, METRICS_TYPE, renderMetrics(state));
    if (path === "/") return send(200, "text/html; charset=utf-8", renderPage(state));
    if (path === "/healthz") return send(200, "text/plain", "ok\n");
    if (path === "/readyz")
      return state.evaluation() === undefined ? send(503, "text/plain", "not yet\n") : send(200, "text/plain", "ok\n");
    return send(404, "text/plain", "there is /, /metrics, /healthz and /readyz\n");
  });
}
