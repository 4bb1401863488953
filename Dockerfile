# motion-in-ocean in a container.
#
#   docker build --build-arg CAMERA=none -t motion-in-ocean:mock .
#
# CAMERA=raspberrypi   the camera software of Raspberry Pi OS; arm64 only
# CAMERA=debian        that of Debian; with DEBIAN_SUITE=trixie, on any machine (258 MB)
# CAMERA=none          no camera software: the test card (MOCK_CAMERA=true), or management mode (195 MB)
#
# libcamera's Python bindings only exist as Debian packages, for Debian's own Python. So all stages
# use that, and the daemon lives in a virtual environment that sees the system's packages.
#
# Versions of Debian's packages are those of the suite: pinned ones would soon be gone from its
# mirrors, and with them the security updates.
# hadolint global ignore=DL3008

ARG DEBIAN_SUITE=bookworm
ARG CAMERA=raspberrypi

FROM debian:${DEBIAN_SUITE}-slim AS python
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*


FROM python AS camera-none

FROM python AS camera-raspberrypi-arm64
ARG DEBIAN_SUITE
# Only a Raspberry Pi can show that this works: build there, and see `rpicam-hello --list-cameras`
# if no camera is found.
ADD --chmod=644 https://archive.raspberrypi.com/debian/raspberrypi.gpg.key /etc/apt/keyrings/raspberrypi.asc
RUN echo "deb [signed-by=/etc/apt/keyrings/raspberrypi.asc] http://archive.raspberrypi.com/debian ${DEBIAN_SUITE} main" \
        > /etc/apt/sources.list.d/raspberrypi.list \
    && apt-get update \
    && apt-get install --yes --no-install-recommends libcamera-ipa python3-picamera2 \
    && rm -rf /var/lib/apt/lists/*

FROM python AS camera-raspberrypi-amd64
RUN echo "CAMERA=raspberrypi is for 64-bit Raspberry Pis; build with CAMERA=none here" >&2; exit 1

FROM camera-raspberrypi-amd64 AS camera-raspberrypi-arm

# hadolint ignore=DL3006
FROM camera-raspberrypi-${TARGETARCH} AS camera-raspberrypi

FROM python AS camera-debian
ARG DEBIAN_SUITE
# Bookworm's libcamera is too old for Picamera2, and trixie's own loses frames.
#
# libcamera can also process pictures on a graphics card, with Mesa's drivers: 250 MB, for cameras
# that a Raspberry Pi does not have. An empty package of that name stands in for them.
WORKDIR /build/libegl-mesa0/DEBIAN
RUN if [ "${DEBIAN_SUITE}" != trixie ]; then \
        echo "CAMERA=debian needs DEBIAN_SUITE=trixie, not ${DEBIAN_SUITE}" >&2; exit 1; \
    fi \
    && printf '%s\n' 'Package: libegl-mesa0' 'Version: 1000' 'Architecture: all' 'Multi-Arch: foreign' \
        'Maintainer: nobody <nobody@localhost>' 'Description: no drivers for graphics cards' > control \
    && dpkg-deb --build /build/libegl-mesa0 /build \
    && sed 's/^Suites:.*/Suites: trixie-backports/; /^$/q' /etc/apt/sources.list.d/debian.sources \
        > /etc/apt/sources.list.d/backports.sources \
    && apt-get update \
    && apt-get install --yes --no-install-recommends /build/*.deb python3-prctl \
    && apt-get install --yes --no-install-recommends --target-release trixie-backports \
        libcamera-ipa python3-libcamera \
    && rm -rf /build /var/lib/apt/lists/*


FROM python AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv --system-site-packages /opt/motion-in-ocean
ENV VIRTUAL_ENV=/opt/motion-in-ocean \
    PATH=/opt/motion-in-ocean/bin:$PATH \
    PIP_CONSTRAINT=/build/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ONLY_BINARY=:all:
WORKDIR /build
# What the daemon needs comes first: it changes less often than the daemon.
COPY constraints.txt requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
ARG CAMERA
# Picamera2 imports two modules that neither Debian nor pip's index has ready-made, for previews on a
# monitor and for raw files: empty ones take their place. Of its other dependencies, those that it
# imports where nothing but JPEGs are wanted are named here.
# hadolint ignore=DL3013
RUN if [ "${CAMERA}" = debian ]; then \
        pip install numpy piexif simplejpeg videodev2 \
        && pip install --no-deps picamera2==0.3.38 \
        && site=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
        && echo 'PixelFormat = type("Names", (type,), {"__getattr__": lambda cls, name: name})("PixelFormat", (), {})' \
            > "$site/pykms.py" \
        && mkdir "$site/pidng" \
        && echo 'Picamera2Camera = None' > "$site/pidng/camdefs.py" \
        && echo 'PICAM2DNG = None' > "$site/pidng/core.py"; \
    fi
COPY pyproject.toml setup.cfg README.rst LICENSE ./
COPY twisted twisted
COPY motion_in_ocean motion_in_ocean
# The tests of what it needs are a tenth of the image. twistd lists its plugins in a cache, which it
# could not write on a read-only file system.
RUN pip install --no-build-isolation --no-deps . \
    && find "$VIRTUAL_ENV" -depth -type d \( -name test -o -name tests \) -exec rm -r {} + \
    && python -c 'from twisted.plugin import IPlugin, getPlugins; list(getPlugins(IPlugin))' \
    && pip uninstall --yes setuptools pip


# hadolint ignore=DL3006
FROM camera-${CAMERA}
RUN groupadd --gid 10001 motion-in-ocean \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin motion-in-ocean \
    # A volume that is mounted here for the first time gets this owner.
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/motion-in-ocean /opt/motion-in-ocean
# libcamera writes to the log past LOG_FORMAT, so only what matters.
ENV PATH=/opt/motion-in-ocean/bin:$PATH \
    LIBCAMERA_LOG_LEVELS=*:ERROR \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# By number, so that an orchestrator sees that it is not root. Access to the camera is given with
# the group "video" (docker run --group-add video).
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --start-interval=2s --retries=3 \
    CMD ["python", "-m", "motion_in_ocean.healthcheck"]
CMD ["twistd", "-n", "motion-in-ocean"]

ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="motion-in-ocean" \
      org.opencontainers.image.description="Stream a Raspberry Pi camera as MJPEG, and say truthfully how it is." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
