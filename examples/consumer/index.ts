import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
// In a program of your own: from "ollama-platform".
import { platformOutputs } from "../../components/index";

const config = new pulumi.Config();
const platform = platformOutputs(new pulumi.StackReference(config.require("platform")));
const tenant = platform.tenant(config.require("tenant"));

/** What the application's pods need to call the tenant's models: mount it, or take both variables from it. */
const connection = new kubernetes.core.v1.Secret("ollama", {
  metadata: { namespace: config.require("namespace") },
  stringData: {
    OLLAMA_HOST: tenant.url,
    OLLAMA_API_KEY: platform.clientKey(config.require("tenant"), config.require("client")),
  },
});

/** Name of the Secret. */
export const secret = connection.metadata.name;
/** URL of the tenant's models. */
export const url = tenant.url;
/** Models that the application may ask for. */
export const models = tenant.models;
