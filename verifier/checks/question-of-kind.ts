import type { Question } from "../result";

const QUESTIONS: Record<string, Question> = {
  NetworkPolicy: "network",
  Service: "network",
  Ingress: "network",
  Gateway: "network",
  HTTPRoute: "network",
  Role: "rights",
  RoleBinding: "rights",
  ClusterRole: "rights",
  ClusterRoleBinding: "rights",
  ServiceAccount: "rights",
  ResourceQuota: "quotas",
  LimitRange: "quotas",
  PriorityClass: "quotas",
  HorizontalPodAutoscaler: "quotas",
  Secret: "secrets",
  ConfigMap: "models",
  Deployment: "models",
  Job: "models",
  PersistentVolume: "models",
  PersistentVolumeClaim: "models",
};

/** The question that an object of a kind answers, when it is not as declared. */
export function questionOfKind(kind: string): Question {
  return QUESTIONS[kind] ?? "namespaces";
}
