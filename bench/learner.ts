/** Registers a learner; gives the email, and what to send as `Authorization`. */
export async function register(url: string): Promise<{ email: string; authorization: string }> {
  const username = `bench-${process.pid}-${Math.round(performance.now())}`;
  const email = `${username}@example.com`;
  const answer = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, username, password: 'a password of benches' }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return { email, authorization: `Bearer ${access_token}` };
}
