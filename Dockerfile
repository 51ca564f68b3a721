# One image for every process: workers, beat and API differ by their command alone.
FROM python:3.12-slim

RUN useradd --system --uid 10001 --create-home copydesk && install -d -m 700 -o copydesk /data
WORKDIR /app

COPY requirements.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY worker worker
COPY tasks tasks
COPY api api
COPY sample sample
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable .

USER copydesk
VOLUME /data
ENV COPYDESK_DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
CMD ["copydesk", "run"]
