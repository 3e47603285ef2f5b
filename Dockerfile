# The operator's image: the native binary alone, without shell or package manager, run by a numeric user.
#
#   make image        builds it with docker, podman or buildah
#   make image-check  builds it, and runs what is in it
#
# Native compilation is for the machine's own architecture: build each architecture where it runs.
# The bases go by tag until renovate, which can ask the registry, pins their digests (docker:pinDigests).
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
WORKDIR /source
COPY . .
ARG VERSION=0.1.0
# true: nothing but the packages of the lock files, and only with the SDK that these are of.
ARG LOCKED=false
RUN eng/prerequisites.sh \
    && dotnet publish src/Operator --configuration Release --use-current-runtime --nologo -p:Version=${VERSION} \
       -p:RestoreLockedMode=${LOCKED} -p:RunAnalyzers=false --output /publish

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="bitbucket-operator" \
      org.opencontainers.image.description="Keeps the webhooks of Bitbucket repositories as BitbucketConnection resources declare them" \
      org.opencontainers.image.source="https://github.com/bitbucket-operator/bitbucket-operator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /publish/bitbucket-operator /bitbucket-operator
COPY LICENSE /licenses/LICENSE
# The kubelet asks /livez and /readyz.
HEALTHCHECK NONE
USER 65532:65532
ENTRYPOINT ["/bitbucket-operator"]
