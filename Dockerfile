# syntax=docker/dockerfile:1
# One image for all processes: fetch worker, digest worker, beat and API differ only in their command.

FROM python:3.12-slim AS wheel
WORKDIR /source
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --disable-pip-version-check "hatchling>=1.27"
COPY pyproject.toml README.md LICENSE ./
COPY worker worker
COPY tasks tasks
COPY api api
COPY sample sample
RUN /opt/build/bin/pip wheel --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.12-slim AS environment
RUN python -m venv /opt/copydesk
COPY requirements.lock .
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/copydesk/bin/pip install --disable-pip-version-check --require-hashes -r requirements.lock
# Packages that an installation may add, such as s3fs for archives on S3: --build-arg EXTRA_PACKAGES=s3fs
ARG EXTRA_PACKAGES=""
RUN if [ -n "$EXTRA_PACKAGES" ]; then /opt/copydesk/bin/pip install --disable-pip-version-check $EXTRA_PACKAGES; fi
COPY --from=wheel /wheels /wheels
# The files must be readable for every user, whatever the umask of the checkout was.
RUN /opt/copydesk/bin/pip install --disable-pip-version-check --no-deps /wheels/*.whl \
 && /opt/copydesk/bin/python -m compileall -q /opt/copydesk/lib \
 && /opt/copydesk/bin/pip uninstall --quiet --yes pip \
 && chmod -R a+rX /opt/copydesk

FROM python:3.12-slim
LABEL org.opencontainers.image.title="Copydesk" \
      org.opencontainers.image.description="A news ingestion worker: URLs in, clean searchable articles out." \
      org.opencontainers.image.licenses="Apache-2.0"
# Group 0 owns /data, so that an arbitrary user id with group 0 (OpenShift) can write there.
RUN groupadd --system --gid 10001 copydesk \
 && useradd --system --uid 10001 --gid 10001 --home-dir /tmp --no-create-home copydesk \
 && install -d -m 770 -o 10001 -g 0 /data
COPY --from=environment /opt/copydesk /opt/copydesk
# PYTHONSAFEPATH keeps modules of the working folder from shadowing ours.
ENV PATH=/opt/copydesk/bin:$PATH \
    COPYDESK_DATA_DIR=/data \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
WORKDIR /data
# Kubernetes' runAsNonRoot needs a numeric user.
USER 10001:10001
EXPOSE 8484
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8484/readyz', timeout=8)"]
CMD ["copydesk", "run"]
