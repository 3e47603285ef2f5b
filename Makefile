# Everything that people and CI run. Each target does all the set-up that it needs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
RUNTIME ?= linux-x64
PUBLISHED := artifacts/publish/Operator/release_$(RUNTIME)
IMAGE ?= bitbucket-operator:dev
# The binary out of the image, of image-check.
IMAGED := artifacts/image/bitbucket-operator
# test, chaos, soak, bench, demo and e2e take the binary that BINARY names instead of publishing one.
OPERATOR := $(abspath $(or $(BINARY),$(PUBLISHED)/bitbucket-operator))
TESTS := $(sort $(patsubst tests/%.Tests/,%,$(dir $(wildcard tests/*.Tests/*.csproj))))
N := 5
PUBLISH = $(if $(BINARY),,$(MAKE) --no-print-directory publish)
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
	@ls -l $(PUBLISHED)/bitbucket-operator | awk '{ printf "%s: %.1f MB\n", $$NF, $$5 / 1e6 }'

.PHONY: binary
ifeq ($(BINARY),)
binary: publish
else
binary: $(if $(filter $(abspath $(IMAGED)),$(OPERATOR)),image-build)
	@[ -f "$(OPERATOR)" ] && [ -x "$(OPERATOR)" ] || { echo "make: BINARY=$(BINARY) is not there, or not an executable file" >&2; exit 1; }
	@"$(OPERATOR)" --help >/dev/null || { echo "make: BINARY=$(BINARY) does not run on this machine" >&2; exit 1; }
endif

# The programs of tests/ that scripts run: part of a build where one is asked for anyhow.
.PHONY: tools
ifneq ($(filter build verify test test-under-load,$(MAKECMDGOALS)),)
tools: build
else
tools:
	dotnet build tests/ControlPlane $(DOTNET_FLAGS)
	dotnet build tests/BitbucketSimulator $(DOTNET_FLAGS)
endif

.PHONY: generate
generate: ## Write config, the chart's generated parts and tables in docs from the code
	dotnet run --project eng/Generator --configuration $(CONFIGURATION) -- write

.PHONY: verify
verify: build ## Fail when what is generated or its formatting differs from what is committed
	dotnet run --project eng/Generator --configuration $(CONFIGURATION) --no-build -- verify
	eng/verify.sh

.PHONY: test
test: prerequisites build $(if $(BINARY),binary) ## All tests (TESTS='Core Runtime': some), with a native binary that is published meanwhile, or BINARY
	@PUBLISH='$(PUBLISH)' eng/test.sh $(CONFIGURATION) $(OPERATOR) $(TESTS)

.PHONY: test-under-load
test-under-load: build binary ## All tests, or those of TESTS, N times (5) while other processes keep the processors busy (LOAD: how many)
	@eng/stress.sh $(N) $(CONFIGURATION) $(OPERATOR) $(TESTS)

CHAOS = BITBUCKET_OPERATOR_BINARY=$(OPERATOR) dotnet artifacts/bin/Chaos/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/BitbucketOperator.Chaos.dll

.PHONY: chaos
chaos: binary ## N random schedules of trouble for two replicas (20) from SEED on (1), WORLDS at once (6); KEEP=0,3: some steps; OUTAGES=1: kill the API server and etcd too
	dotnet build tests/Chaos $(DOTNET_FLAGS)
	@$(CHAOS) --schedules $(if $(filter file,$(origin N)),20,$(N)) --seed $(or $(SEED),1) --worlds $(or $(WORLDS),6) \
		$(if $(KEEP),--keep $(KEEP)) $(if $(OUTAGES),--outages)

.PHONY: soak
soak: binary ## Random load on two replicas for MINUTES (10); memory, handles, threads and watches must not grow
	dotnet build tests/Chaos $(DOTNET_FLAGS)
	@$(CHAOS) soak --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1)

.PHONY: bench
bench: binary ## The binary at work, compared with its targets (ROWS='limits restart': some; FULL=1: large sizes; STRICT=1: fail below target)
	dotnet build tests/Benchmarks $(DOTNET_FLAGS)
	@dotnet artifacts/bin/Benchmarks/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/BitbucketOperator.Benchmarks.dll \
		$(ROWS) --binary $(OPERATOR) $(if $(FULL),--full) $(if $(STRICT),--strict)

.PHONY: bench-micro
bench-micro: ## What single methods cost, by size (FILTER='*Glob*': some)
	dotnet run --project tests/Benchmarks.Micro --configuration $(CONFIGURATION) -- --filter '$(or $(FILTER),*)'

.PHONY: cluster-up
cluster-up: ## Start a development API server; its kubeconfig is .cluster/kubeconfig
	dotnet run --project tests/ControlPlane --configuration $(CONFIGURATION) -- up --dir .cluster

.PHONY: cluster-down
cluster-down: ## Stop it
	dotnet run --project tests/ControlPlane --configuration $(CONFIGURATION) -- down --dir .cluster

.PHONY: demo
demo: binary tools ## See the operator work: cluster, Bitbucket simulator, operator, sample resources
	@eng/demo.sh up $(OPERATOR)

.PHONY: demo-down
demo-down: ## Stop what demo left running
	@eng/demo.sh down

.PHONY: image
image: ## Build the container image with docker, podman or buildah (IMAGE=name:tag)
	@eng/image.sh $(IMAGE)

.PHONY: image-check
image-check: image-build tools ## Build the image, on bases of this machine's own where no registry answers, and run what is in it
	@eng/image-check.sh run

# The first half of image-check.
.PHONY: image-build
image-build:
	@eng/image-check.sh build $(IMAGED)

.PHONY: sbom
sbom: ## List what the binary is made of (CycloneDX): artifacts/sbom/bitbucket-operator.cdx.json
	@eng/sbom.sh artifacts/sbom/bitbucket-operator.cdx.json

.PHONY: e2e
e2e: binary tools ## helm install, kubectl and a simulated Bitbucket, end to end (CLUSTER, E2E_IMAGE, E2E_HOST: see tests/e2e/run.sh)
	@tests/e2e/run.sh $(OPERATOR)

.PHONY: clean
clean: ## Remove all build output
	rm -rf artifacts
