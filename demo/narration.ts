const MAX_SHOWN = 300;

export function say(text: string): void {
  console.log(`\n# ${text}`);
}

/** `fetch` that prints every request and its answer in a form that can be read. */
export const printedFetch: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const body = await request.clone().text();
  const answer = await fetch(request);
  const text = await answer.clone().text();
  const { pathname, search } = new URL(request.url);
  console.log(
    `\n${request.method} ${pathname.replace('/api/v1', '')}${search}${body && `\n  ${withoutSecrets(body)}`}`,
  );
  console.log(`→ ${answer.status}  ${shorten(withoutSecrets(text))}`);
  return answer;
};

function withoutSecrets(text: string): string {
  return text.replace(/"(password|access_token|refresh_token)":"[^"]*"/g, '"$1":"…"');
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}… (${text.length} characters)` : line;
}
