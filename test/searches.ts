import type { SearchResponse } from '../src/search/search.dto.js';
import type { TestApp } from './test-app.js';

/** The path of a search, below the API's. */
export function searchPath(q: string, more = '', route = 'search'): string {
  return `${route}?q=${encodeURIComponent(q)}${more}`;
}

/** What nobody in particular finds. */
export async function search(test: TestApp, q: string, more = '', route?: string): Promise<SearchResponse> {
  return (await test.get(searchPath(q, more, route))).json<SearchResponse>();
}

/** The ids of all that is found, best first. */
export async function found(test: TestApp, q: string): Promise<string[]> {
  return (await search(test, q, '&limit=50')).results.map(({ id }) => id);
}
