module ollama-platform.io/tools/node-pool-crds

go 1.26.0

require (
	github.com/Azure/karpenter-provider-azure v1.14.2
	github.com/aws/karpenter-provider-aws v1.14.0
	sigs.k8s.io/cluster-api v1.14.0
)
