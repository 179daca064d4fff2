import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** What the server speaks: with the first, a client has to say hello; with the second it does not. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;

export type Revision = (typeof REVISIONS)[number];

/** What no tool may answer: whose row it is, when it was written and what it costs. */
export const INTERNAL =
  /"(user_id|attempt_id|request_id|created_at|updated_at|completed_at|last_accessed|date)"|\d{4}-\d\d-\d\dT|\$/;

/** A tool's answer as a model gets it. */
export interface ToolAnswer<T> {
  isError: boolean;
  text: string;
  /** What the tool found; of the form that its output schema tells, which the client has checked. */
  found: T;
  /** How the client is told to sign the learner in. */
  challenge?: string;
}

/** A learner's app: the official client of the protocol, over HTTP. */
export class McpClient {
  private constructor(readonly client: Client) {}

  /** @param authorization of the learner; nobody signs in without it */
  static async connect(url: string, revision: Revision, authorization?: string): Promise<McpClient> {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: revision === '2025-11-25' ? 'legacy' : { pin: revision } } },
    );
    const headers = authorization === undefined ? undefined : { authorization };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
    // The client checks what tools answer by the schemas that it has been told of.
    await client.listTools();
    return new McpClient(client);
  }

  async call<T = unknown>(name: string, args: Record<string, unknown> = {}): Promise<ToolAnswer<T>> {
    const {
      content,
      structuredContent,
      isError = false,
      _meta,
    } = await this.client.callTool({ name, arguments: args });
    const [challenge] = (_meta?.['mcp/www_authenticate'] ?? []) as string[];
    return { isError, text: textOf(content), found: structuredContent as T, challenge };
  }
}

function textOf(content: CallToolResult['content']): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
