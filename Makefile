# Everything that people and CI run. Each target does all the set-up that it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
RUNTIME ?= linux-x64
PUBLISHED := artifacts/publish/Operator/release_$(RUNTIME)
IMAGE ?= bitbucket-operator:dev
BINARY := $(PUBLISHED)/bitbucket-operator
TESTS := $(sort $(patsubst tests/%.Tests/,%,$(dir $(wildcard tests/*.Tests/*.csproj))))
DOTNET_FLAGS := --configuration $(CONFIGURATION) --nologo -v quiet

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.PHONY: prerequisites
prerequisites: ## Install what building natively needs and Debian may lack
	@eng/prerequisites.sh

.PHONY: build
build: ## Build everything, with all analyzers
	dotnet build Operator.sln $(DOTNET_FLAGS)

.PHONY: publish
publish: prerequisites ## Build the native binary
	dotnet publish src/Operator $(DOTNET_FLAGS) --runtime $(RUNTIME)
	@ls -l $(BINARY) | awk '{ printf "%s: %.1f MB\n", $$NF, $$5 / 1e6 }'

.PHONY: generate
generate: ## Write config, the chart's generated parts and tables in docs anew from the code
	dotnet run --project eng/Generator --configuration $(CONFIGURATION) -- write

.PHONY: verify
verify: build ## Fail when what is generated or its formatting differs from what is committed
	dotnet run --project eng/Generator --configuration $(CONFIGURATION) --no-build -- verify
	eng/verify.sh

.PHONY: test
test: publish build ## All tests: units, and the native binary against a real API server and the Bitbucket simulator
	@eng/test.sh $(CONFIGURATION) $(abspath $(BINARY)) $(TESTS)

.PHONY: cluster-up
cluster-up: ## Start a development API server; its kubeconfig is .cluster/kubeconfig
	dotnet run --project tests/ControlPlane --configuration $(CONFIGURATION) -- up --dir .cluster

.PHONY: cluster-down
cluster-down: ## Stop it
	dotnet run --project tests/ControlPlane --configuration $(CONFIGURATION) -- down --dir .cluster

.PHONY: demo
demo: publish ## See the operator work: cluster, Bitbucket simulator, operator, sample resources
	@eng/demo.sh up $(abspath $(BINARY))

.PHONY: demo-down
demo-down: ## Stop what demo left running
	@eng/demo.sh down

.PHONY: image
image: ## Build the container image with docker, podman or buildah (IMAGE=name:tag)
	@eng/image.sh $(IMAGE)

.PHONY: image-check
image-check: ## Build the image, on bases of this machine's own where no registry answers, and run what is in it
	@eng/image-check.sh

.PHONY: sbom
sbom: ## List what the binary is made of (CycloneDX): artifacts/sbom/bitbucket-operator.cdx.json
	@eng/sbom.sh artifacts/sbom/bitbucket-operator.cdx.json

.PHONY: e2e
e2e: publish ## helm install, kubectl and a played Bitbucket, end to end (CLUSTER, E2E_IMAGE, E2E_HOST: see tests/e2e/run.sh)
	dotnet build tests/ControlPlane $(DOTNET_FLAGS)
	dotnet build tests/BitbucketSimulator $(DOTNET_FLAGS)
	@tests/e2e/run.sh $(abspath $(BINARY))

.PHONY: clean
clean: ## Remove all build output
	rm -rf artifacts
