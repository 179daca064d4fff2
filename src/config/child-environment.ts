/** What another program needs to run, and libpq's own settings, which `pg` reads too. */
const INHERITED = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|PG\w+)$/;

/** The environment for a program that this one starts: the application's own settings and secrets stay here. */
export function childEnvironment(settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => INHERITED.test(name));
  return { ...Object.fromEntries(inherited), ...settings };
}
