import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { fences } from "./fences";
import { website } from "./website";

/** Names of the teams. Each gets a namespace of its own with a web server in it. */
const teams = new pulumi.Config().requireObject<string[]>("teams");

/** A provider of its own with client settings: a preview then needs no cluster, as in a pull request. */
const provider = new kubernetes.Provider("cluster", { kubeClientSettings: { qps: 50, burst: 100 } });

for (const team of teams) {
  const fenced = fences(team, provider);
  website(team, fenced, provider);
}
