# One image: it starts everything but Redis, or with the command node apps/<app>/src/main.ts one service.

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY . .
# So that a change of a source does not install everything again.
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
# packages/testing and packages/fake-databricks are left out by .dockerignore, and so is what they depend on. With a registry of your own:
# docker build --secret id=npmrc,src=$HOME/.npmrc -t taskwire .
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev
# TypeScript itself comes in as an optional peer of another package. Node runs no TypeScript below node_modules, and
# nobody reads source maps there. The kernel is another way to Databricks, which we do not go.
RUN (cd node_modules && rm -rf typescript @typescript .bin @databricks/databricks-sql-kernel-*) && find . -type f -regex '.*\.\([cm]?ts\|map\)' -delete

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
# An app may have a version of a dependency of its own.
COPY --from=dependencies /app/packages packages
COPY --from=dependencies /app/apps apps
COPY LICENSE config.json package.json ./
COPY packages packages
COPY apps apps
RUN ln -s /app/apps/cli/bin/taskwire.cjs /usr/local/bin/taskwire && install --directory --owner=node .compile-cache .data .data/results .data/history .data/inbox
# A password is made as long as there are neither users nor tokens; the log shows it.
ENV NODE_ENV=production \
    TASKWIRE_SERVICES_HEALTH_HOST=0.0.0.0 \
    TASKWIRE_WEB_HOST=0.0.0.0 \
    TASKWIRE_WEB_GENERATE_PASSWORD=true \
    HEALTH_URL=http://127.0.0.1:7878/readyz
USER node
# Node keeps here what it has compiled, so that a service starts in two thirds of the time. Each service is started with
# a wrong setting: it ends with exit code 2 as soon as all its modules are loaded, and with another when one is missing.
ENV NODE_COMPILE_CACHE=/app/.compile-cache
RUN for app in processor worker sql-worker web; do \
      TASKWIRE_LOG_LEVEL=none node apps/$app/src/main.ts || [ $? = 2 ] || exit 1; \
    done
# Ready means that consuming was proved within the last seconds. What is wrong is in the answer; docker inspect shows it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "--input-type=module", "--eval", "const answer = await fetch(process.env.HEALTH_URL); console.log(await answer.text()); process.exitCode = answer.ok ? 0 : 1;"]
CMD ["taskwire", "start"]
