import { ApiProperty } from '@nestjs/swagger';
import type { Connection } from './connection.entity.js';

/** An app that may act for a learner. */
export class ConnectionDto {
  /** What the app calls itself by here: an id, or the URL of the document that describes it. @example "chatgpt-tutor" */
  client_id: string;

  /** The app's name, as the learner was shown it. @example "ChatGPT" */
  name: string;

  /** What it may do. */
  @ApiProperty({ type: [String], example: ['learn:read', 'learn:write', 'offline_access'] })
  scopes: string[];

  /** When the learner connected it first. */
  created_at: Date;

  /** When tokens were issued to it last; it asks for new ones when its access token expires, by default after half an hour. */
  last_used_at: Date;
}

/** One for each app, however often the learner has connected it. @param connections the latest first */
export function toConnectionDtos(connections: Connection[]): ConnectionDto[] {
  const apps = new Map<string, ConnectionDto>();
  for (const { clientId, clientName, scopes, createdAt, lastUsedAt } of connections) {
    const app = apps.get(clientId);
    apps.set(clientId, {
      client_id: clientId,
      name: app?.name ?? clientName ?? clientId,
      scopes: [...new Set([...(app?.scopes ?? []), ...scopes.split(' ')])],
      created_at: createdAt,
      last_used_at: app && app.last_used_at > lastUsedAt ? app.last_used_at : lastUsedAt,
    });
  }
  return [...apps.values()];
}
