# One image, three services: its first argument says which one starts. Made around dist/, which
# `./ringledger dist` makes; nothing is built in here. docs/operating/image.md says how to run it.

# Pinned to a release of the JDK. The tag is built anew when its Ubuntu is patched, so it is no digest:
# pin yours with @sha256:… where the same bytes must come again, and let the bot move it.
FROM eclipse-temurin:25.0.3_9-jre-noble

# By number, so that "not root" can be checked without looking into the image. No shell, no home.
RUN groupadd --system --gid 10001 ringledger \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin ringledger

# Owned by root: the service cannot change what it runs.
COPY dist/ /opt/ringledger/

# Who vouches for a Postgres of AWS: what infra/terraform points RINGLEDGER_POSTGRES_CA to. AWS adds to
# this file, so it has no checksum here; leave it out where no service connects to RDS or Aurora.
ADD --chmod=644 https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem \
  /opt/ringledger/rds-ca.pem

# In a container the way in is the network. Every service listens here, and none starts so without
# RINGLEDGER_AUTH=jwt, or RINGLEDGER_ALLOW_NO_TOKENS=true (docs/operating/tokens.md).
ENV RINGLEDGER_HTTP_HOST=0.0.0.0
# Nobody reads a terminal there: lines that can be searched, see docs/operating/logs.md.
ENV RINGLEDGER_LOG_FORMAT=json
EXPOSE 8080

USER 10001:10001

# The only place that is written: native libraries are unpacked and loaded from it, so it must execute.
# Declared, so that a volume which is put there begins with this folder's mode (1777).
VOLUME /tmp

# Whether it answers at all. Whether it is ready is a question for a load balancer, not for a restart.
# ECS does not look at this line, nor does Kubernetes: they have checks of their own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["/opt/ringledger/bin/ringledger", "health", "live"]

# The script becomes the JVM, so SIGTERM reaches it.
ENTRYPOINT ["/opt/ringledger/bin/ringledger"]
