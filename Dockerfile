# One image for the server, the migrations, the backups and the operator's commands.

FROM node:22.23.3-bookworm-slim AS build
WORKDIR /app
# SQLite's driver is compiled against the headers that the base image brings, so that no binary is downloaded.
ENV npm_config_build_from_source=better-sqlite3 npm_config_nodedir=/usr/local
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 postgresql-client-15 \
  && rm -rf /var/lib/apt/lists/*
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY migrations migrations
COPY src src
RUN npm run build && npm prune --omit=dev
# What only building, editing and debugging read: SQLite's source and objects, the TypeScript compiler, which stays as
# somebody's optional peer, declarations of types, source maps.
RUN cd node_modules \
  && mv better-sqlite3/build/Release/better_sqlite3.node /tmp/ \
  && rm -rf better-sqlite3/build better-sqlite3/deps better-sqlite3/src typescript .bin @types \
  && install -D /tmp/better_sqlite3.node better-sqlite3/build/Release/better_sqlite3.node \
  && find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:22.23.3-bookworm-slim
WORKDIR /app
# pg_dump, pg_restore and psql for backups, without the Perl wrappers of Debian's client; npm and its like have no work here.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libpq5 libreadline8 \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/include /opt/yarn-* \
  && find /usr/local/bin -type l -delete \
  && install -d -o node -g node /data /backups
COPY --from=build /usr/lib/postgresql/15/bin/pg_dump /usr/lib/postgresql/15/bin/pg_restore \
  /usr/lib/postgresql/15/bin/psql /usr/local/bin/
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY content content
# The root file system may be read-only: nothing but /data, /backups and /tmp is written to.
ENV NODE_ENV=production DATABASE_URL=sqlite:/data/course-companion.db BACKUP_DIR=/backups
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
