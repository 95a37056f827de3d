# ci-steps as an image, for GitLab jobs and agents of Jenkins:
#
#   make dist && docker build --tag ci-steps .
#
# What it runs is what `make dist` built from wheels pinned by their hashes; the build downloads
# git, and the wheels of EXTRAS by their hashes. BASE is any image with python3 of 3.10 or newer.
ARG BASE=python:3.13-slim

FROM ${BASE} AS library
ARG EXTRAS=postgres
COPY dist/lib /opt/ci-steps/lib
COPY dist/extras /tmp/extras
# Compiled for the Python of this image, and for no other one.
RUN tag="$(python3 -c 'import sys; print(sys.implementation.cache_tag)')" \
 && find /opt/ci-steps/lib -name '*.pyc' ! -name "*.$tag.pyc" -exec rm {} + \
 && { [ -e "/opt/ci-steps/lib/ci_steps/__pycache__/__init__.$tag.pyc" ] \
      || python3 -m compileall -q --invalidation-mode unchecked-hash /opt/ci-steps/lib; }
RUN mkdir -p /opt/ci-steps/extras \
 && for extra in $EXTRAS; do \
      python3 -m pip install --quiet --no-cache-dir --no-deps --require-hashes \
        --only-binary=:all: --target /opt/ci-steps/extras --requirement "/tmp/extras/$extra.txt" \
      || exit 1; \
    done

FROM ${BASE}
ARG VERSION=0
ARG REVISION=
LABEL org.opencontainers.image.title="ci-steps" \
      org.opencontainers.image.description="Pipeline steps for microservices, with a dictionary of who depends on whom" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A job's folder belongs to whoever started the container, and nobody else is in here: git may
# read it. `command -v` is for a BASE that has git.
RUN { command -v git >/dev/null \
      || { apt-get update -qq \
           && apt-get install -y -qq --no-install-recommends git ca-certificates \
           && rm -rf /var/lib/apt/lists/*; }; } \
 && git config --system --add safe.directory '*' \
 && echo 'ci-steps:x:1000:1000::/home/ci-steps:/bin/sh' >> /etc/passwd \
 && mkdir -p /home/ci-steps /work \
 && chown 1000:1000 /home/ci-steps /work
COPY --from=library /opt/ci-steps /opt/ci-steps
COPY release/image/ci-steps /usr/local/bin/ci-steps
ENV HOME=/home/ci-steps
USER 1000:1000
WORKDIR /work
# No entrypoint: the hosts start a shell in it.
CMD ["ci-steps", "--help"]
