import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2';
import type { ConfigMap, Container, Secret, Service } from 'kubernetes-types/core/v1';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROJECT_ROOT } from '../src/common/project.js';
import { Config } from '../src/config/config.js';
import { SETTINGS } from '../src/config/environment.js';
import { imageEnvironment, instruction } from './dockerfile.js';
import {
  composeMistakes,
  KUBERNETES,
  type Manifest,
  manifestFiles,
  manifestMistakes,
  podsOf,
  readCompose,
  readManifests,
  readText,
} from './manifests.js';

const EXAMPLE = 'secret.example.yaml';
/** The server listens, drains and cuts what is left: `src/health/shutdown.ts`. */
const LAST_REQUESTS_SECONDS = 7.35;
/** What Debian's PostgreSQL lets in, without those kept for its superuser. */
const POSTGRES_CONNECTIONS = 97;

const manifests = readManifests();
const pods = podsOf(manifests);
const compose = readCompose();
const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('course-companion:'));
const deployment = one<Deployment>('Deployment');
const [server] = containersOf('course-companion');
const configMap = one<ConfigMap>('ConfigMap').data ?? {};
const secret = one<Secret>('Secret').stringData ?? {};

function one<T>(kind: string, name?: string): T {
  const found = manifests.filter((each) => each.kind === kind && (!name || each.metadata.name === name));
  expect(found).toHaveLength(1);
  return found[0] as T;
}

function containersOf(workload: string): Container[] {
  return pods.filter((pod) => pod.workload === workload).flatMap(({ spec }) => spec.containers);
}
describe('the manifests', () => {
  it("hold what Kubernetes' types allow, and nothing else", () => {
    expect(manifestMistakes(manifests)).toEqual([]);
  });

  it('would be refused for a misspelt field, a wrong type, a field that lacks and a kind that does not exist', () => {
    const broken = (kind: string, change: [string, string]): Manifest =>
      JSON.parse(JSON.stringify(one(kind)).replace(...change)) as Manifest;
    const mistakes = [
      broken('Deployment', ['"readinessProbe"', '"readynessProbe"']),
      broken('PodDisruptionBudget', ['"maxUnavailable":1', '"maxUnavailable":true']),
      broken('HorizontalPodAutoscaler', ['"maxReplicas":10,', '']),
      broken('Service', ['"Service"', '"Servise"']),
    ].map((manifest) => manifestMistakes([manifest]).join('\n'));
    expect(mistakes).toEqual([
      expect.stringMatching(/readynessProbe.* does not exist in type 'Container'/),
      expect.stringContaining("Type 'true' is not assignable to type 'string | number | undefined'"),
      expect.stringContaining("Property 'maxReplicas' is missing"),
      expect.stringContaining("has no exported member 'Servise'"),
    ]);
  });

  it('are all applied, but for the example of a secret', () => {
    const kustomization = z.strictObject({
      apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
      kind: z.literal('Kustomization'),
      namespace: z.string(),
      resources: z.array(z.string()),
      images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })),
    });
    const { namespace, resources, images } = kustomization.parse(
      parse(readText(join(KUBERNETES, 'kustomization.yaml'))),
    );
    expect([...resources, EXAMPLE].sort()).toEqual(manifestFiles().sort());
    expect(one<Manifest>('Namespace').metadata.name).toBe(namespace);
    expect(one<Secret>('Secret').metadata?.namespace).toBe(namespace);
    const used = pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image));
    expect(new Set(used)).toEqual(new Set(images.map(({ name }) => name)));
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    expect(images[0].newTag).toBe(version);
  });

  it('make pods that run as nobody in particular, on a file system that cannot be written to', () => {
    expect(pods.map(({ workload }) => workload).sort()).toEqual([
      'course-companion',
      'course-companion-backup',
      'course-companion-migrate',
    ]);
    for (const { spec } of pods) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
        expect(Object.keys({ ...resources?.requests, ...resources?.limits })).toEqual(['cpu', 'memory']);
      }
    }
  });

  it('ask the server whether it lives and whether it is ready, and leave it the time that it takes to end', () => {
    expect(server.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
    expect(server.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
    expect(deployment.spec?.strategy?.rollingUpdate?.maxUnavailable).toBe(0);
    const [command, seconds] = server.lifecycle?.preStop?.exec?.command ?? [];
    expect(command).toBe('sleep');
    const drainSeconds = Number(configMap.SHUTDOWN_DRAIN_MS ?? SETTINGS.SHUTDOWN_DRAIN_MS.unset) / 1000;
    const longest = drainSeconds + LAST_REQUESTS_SECONDS;
    expect(deployment.spec?.template.spec?.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + longest);
    expect(parseInt(compose.services.server.stop_grace_period ?? '')).toBeGreaterThan(longest);
  });

  it('lead to the server: the selectors, the ports and the names', () => {
    const { labels } = pods.find(({ workload }) => workload === 'course-companion') ?? {};
    const service = one<Service>('Service');
    const selectors = [
      deployment.spec?.selector.matchLabels,
      service.spec?.selector,
      one<PodDisruptionBudget>('PodDisruptionBudget').spec?.selector?.matchLabels,
      one<NetworkPolicy>('NetworkPolicy', 'course-companion-server').spec?.podSelector.matchLabels,
    ];
    for (const selector of selectors) expect(selector).toEqual(labels);
    const everyPod = one<NetworkPolicy>('NetworkPolicy', 'course-companion').spec?.podSelector.matchLabels;
    for (const pod of pods) expect(pod.labels).toMatchObject(everyPod ?? {});
    expect(one<HorizontalPodAutoscaler>('HorizontalPodAutoscaler').spec?.scaleTargetRef).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: deployment.metadata?.name,
    });

    expect(server.ports).toEqual([{ name: 'http', containerPort: Number(instruction('EXPOSE')) }]);
    expect(service.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http']);
    expect(one<Ingress>('Ingress').spec?.rules?.[0].http?.paths[0].backend.service).toEqual({
      name: service.metadata?.name,
      port: { name: service.spec?.ports?.[0].name },
    });
    const annotations = deployment.spec?.template.metadata?.annotations;
    expect(annotations?.['prometheus.io/port']).toBe(instruction('EXPOSE'));
  });

  it('name only what is there', () => {
    const names = (kind: string) => manifests.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
    for (const { spec } of pods) {
      for (const { envFrom = [], volumeMounts = [] } of spec.containers) {
        for (const { configMapRef, secretRef } of envFrom) {
          if (configMapRef) expect(names('ConfigMap')).toContain(configMapRef.name);
          if (secretRef) expect(names('Secret')).toContain(secretRef.name);
        }
        const volumes = spec.volumes?.map(({ name }) => name) ?? [];
        expect(volumeMounts.map(({ name }) => name)).toEqual(volumes);
      }
      for (const { persistentVolumeClaim } of spec.volumes ?? []) {
        if (persistentVolumeClaim) expect(names('PersistentVolumeClaim')).toContain(persistentVolumeClaim.claimName);
      }
    }
  });

  it('let the autoscaler make no more connections than PostgreSQL takes', () => {
    const { maxReplicas = 0, minReplicas } = one<HorizontalPodAutoscaler>('HorizontalPodAutoscaler').spec ?? {};
    expect(minReplicas).toBeGreaterThanOrEqual(2);
    const forRollOut = Number(deployment.spec?.strategy?.rollingUpdate?.maxSurge);
    const perPod = Number(configMap.DATABASE_POOL_MAX) + 1;
    expect((maxReplicas + forRollOut) * perPod).toBeLessThan(POSTGRES_CONNECTIONS);
  });
});

describe('the compose file', () => {
  it('holds what the specification of Compose allows, and nothing else', () => {
    expect(composeMistakes(compose)).toEqual([]);
    const { server: right } = compose.services;
    expect(composeMistakes({ ...compose, services: { server: { ...right, read_olny: true } } })).toEqual([
      '/services/server must NOT have additional properties read_olny',
    ]);
  });

  it('gives the program no rights, and nothing to write to but a temporary folder and volumes', () => {
    expect(ours.map(([name]) => name)).toEqual(['server', 'migrate', 'backup']);
    for (const [, service] of ours) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        tmpfs: ['/tmp'],
      });
    }
  });

  it('serves when the database is migrated, and names only what is there', () => {
    expect(compose.services.server.depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
    });
    for (const { depends_on = {}, volumes = [], networks } of Object.values(compose.services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(compose.services).toHaveProperty(name);
        if (condition === 'service_healthy') expect(compose.services[name].healthcheck).toHaveProperty('test');
      }
      for (const volume of volumes) expect(compose.volumes).toHaveProperty(volume.split(':')[0]);
      for (const network of networks) expect(['default', ...Object.keys(compose.networks)]).toContain(network);
    }
  });

  it("runs a PostgreSQL that the image's pg_dump can read", () => {
    const [, client] = /postgresql-client-(\d+)/.exec(readText('Dockerfile')) ?? [];
    const [, database] = /^postgres:(\d+)/.exec(compose.services.postgres.image) ?? [];
    expect(Number(client)).toBeGreaterThanOrEqual(Number(database));
    expect(readText('Dockerfile')).toContain(`/usr/lib/postgresql/${client}/bin/pg_dump`);
  });
});

describe('the settings', () => {
  it('are variables that the program reads', () => {
    const inContainers = pods.flatMap(({ spec }) => spec.containers.flatMap(({ env = [] }) => env));
    const names = [
      ...Object.keys({ ...imageEnvironment, ...configMap, ...secret }),
      ...inContainers.map(({ name }) => name),
      ...ours.flatMap(([, { environment = {} }]) => Object.keys(environment)),
    ];
    const known = Object.keys(SETTINGS);
    expect([...new Set(names)].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('are refused with the example of a secret, and taken once it is filled in', () => {
    const settings = { ...imageEnvironment, ...configMap, ...secret };
    expect(() => Config.from(settings)).toThrow('SECRET_KEY must be set in production');
    const filled = { SECRET_KEY: randomBytes(48).toString('base64'), DATABASE_URL: 'postgres://a:b@c:5432/d' };
    expect(Config.from({ ...settings, ...filled }).databasePoolMax).toBe(7);
  });

  it('hold no secret', () => {
    const files = readdirSync(join(PROJECT_ROOT, 'deploy'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    expect(files).toContain(join(PROJECT_ROOT, 'deploy/compose.yaml'));
    const longMixedWord = /(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[\w+/]{24,}/;
    for (const file of files) {
      const text = readText(file.slice(PROJECT_ROOT.length + 1));
      expect(text).not.toMatch(/-----BEGIN|\bsk-|\bAKIA|\bghp_/);
      expect(text).not.toMatch(longMixedWord);
    }
    expect(new Set(Object.values(secret))).toEqual(new Set(['']));
    for (const name of ['SECRET_KEY', 'POSTGRES_PASSWORD'])
      expect(readText('deploy/compose.yaml')).toMatch(new RegExp(`\\\${${name}:\\?`));
  });
});
