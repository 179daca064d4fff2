import type { Scope } from '../auth/scope.js';
import type { Operation } from './operations.js';
import { type JsonSchema, objectOf } from './schemas.js';
import type { Tool } from './tool.js';

type SecurityScheme = { type: 'noauth' } | { type: 'oauth2'; scopes: Scope[] };

/** A tool as clients are told of it. */
export interface ListedTool {
  name: string;
  title: string;
  description: string;
  inputSchema: JsonSchema & { type: 'object' };
  outputSchema: JsonSchema & { type: 'object' };
  annotations: {
    title: string;
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
  /** Where OpenAI's clients look for it first; other clients and libraries know no more than `_meta`. */
  securitySchemes: SecurityScheme[];
  _meta: { securitySchemes: SecurityScheme[] };
}

/** Describes a tool by its operations: what they take and answer, who may ask them, and what they change. */
export function describeTool(tool: Tool, operations: Map<string, Operation>): ListedTool {
  const operationOf = (id: string) => {
    const operation = operations.get(id);
    if (!operation) throw new Error(`The tool ${tool.name} asks for ${id}, which is no operation`);
    return operation;
  };
  const used = tool.operations.map(operationOf);
  const isReadOnly = used.every(({ method }) => method === 'GET');
  const securitySchemes = securitySchemesOf(tool, used);
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: { ...inputOf(tool, used), type: 'object', additionalProperties: false },
    outputSchema: { ...tool.output((id) => operationOf(id).output), type: 'object' },
    annotations: {
      title: tool.title,
      readOnlyHint: isReadOnly,
      destructiveHint: used.some(({ method }) => method === 'DELETE'),
      idempotentHint: isReadOnly || tool.isIdempotent === true,
      // A learner's data are all here, and nothing is published.
      openWorldHint: false,
    },
    securitySchemes,
    _meta: { securitySchemes },
  };
}

/** The arguments as the operations have them; the first operation tells which are required. */
function inputOf(tool: Tool, used: Operation[]): JsonSchema {
  const known = Object.fromEntries(used.flatMap(({ input }) => Object.entries(input.properties ?? {})).reverse());
  const properties = Object.entries(tool.arguments).map(([name, description]) => [
    name,
    { ...known[name], description },
  ]);
  return objectOf(Object.fromEntries(properties) as Record<string, JsonSchema>, used[0].input.required);
}

function securitySchemesOf(tool: Tool, used: Operation[]): SecurityScheme[] {
  const scopes = new Set(used.map(({ route }) => route.scope));
  if (scopes.has(undefined)) throw new Error(`The tool ${tool.name} asks what is not open to apps`);
  const isPublic = used.every(({ route }) => route.access === 'public' || route.access === 'open');
  return [...(isPublic ? [{ type: 'noauth' as const }] : []), { type: 'oauth2', scopes: [...scopes] as Scope[] }];
}
