import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../src/common/project.js';
import { ERROR_STATUS } from '../src/common/errors.js';
import { Metrics } from '../src/metrics/metrics.js';
import { codeOf } from './answers.js';
import { onEachDatabase, TestApp } from './test-app.js';

/** The value of a metric in Prometheus's text form, or nothing where it is not there. */
async function valueOf(test: TestApp, series: string): Promise<number | undefined> {
  const { body } = await test.get('/metrics');
  const line = body.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind, { settings: { RATE_LIMIT_QUIZZES_READ: '1/minute' } });
  });
  afterAll(() => test.stop());

  it('counts and times requests by route pattern, whatever a client makes up', async () => {
    for (let i = 0; i < 20; i++) await test.get(`chapters/made-up-${i}`);
    for (let i = 0; i < 20; i++) await test.get(`/made-up-${i}`);
    const count = 'http_request_duration_seconds_count{method="GET"';
    expect(await valueOf(test, `${count},route="/api/v1/chapters/:chapter_id",status="404"}`)).toBe(20);
    expect(await valueOf(test, `${count},route="unknown",status="404"}`)).toBe(20);
    const errors = 'http_errors_total{error_code="CHAPTER_NOT_FOUND",route="/api/v1/chapters/:chapter_id"}';
    expect(await valueOf(test, errors)).toBe(20);
    expect((await test.get('/metrics')).body).not.toContain('made-up');
  });

  it('counts requests that the HTTP server itself refuses', async () => {
    await test.get(`/${'x'.repeat(9000)}`);
    expect(await valueOf(test, 'http_errors_total{error_code="URI_TOO_LONG",route="unknown"}')).toBe(1);
    expect(await valueOf(test, 'http_requests_in_flight')).toBe(1);
  });

  it('counts what learners do', async () => {
    const { chapters, quizzes } = await test.make.course({ chapters: 2, quizzes: [{}] });
    const [course] = [chapters[0].id.replace(/-1$/, '')];
    const learner = test.as(await test.make.subscriber('premium'));
    for (let time = 0; time < 2; time++) {
      for (const { id } of chapters) await learner.post(`progress/me/courses/${course}/chapters/${id}`);
    }
    for (const q1 of [true, false]) {
      const submission = { quiz_id: quizzes[0].id, answers: { q1 } };
      expect((await learner.post('quizzes/submit', submission)).statusCode).toBe(200);
    }
    const credentials = { email: 'new@example.com', username: 'new', password: 'a password of tests' };
    expect((await test.anonymous.post('auth/register', credentials)).statusCode).toBe(201);
    for (let time = 0; time < 3; time++) await learner.get(`quizzes/${quizzes[0].id}`);
    const expected = {
      courses_begun_total: 1,
      courses_finished_total: 1,
      chapters_completed_total: 2,
      'quiz_submissions_total{outcome="passed"}': 1,
      'quiz_submissions_total{outcome="failed"}': 1,
      registrations_total: 1,
      'auth_events_total{event="registered"}': 1,
      'rate_limit_refusals_total{limit="QUIZZES_READ"}': 2,
    };
    for (const [series, value] of Object.entries(expected)) {
      expect([series, await valueOf(test, series)]).toEqual([series, value]);
    }
  });

  it('counts active learners and plans in the database', async () => {
    const fresh = await TestApp.on(test.database);
    expect(await valueOf(fresh, 'active_learners{days="1"}')).toBe(1);
    expect(await valueOf(fresh, 'active_learners{days="30"}')).toBe(1);
    expect(await valueOf(fresh, 'subscribers{plan="premium"}')).toBe(1);
    expect(await valueOf(fresh, 'subscribers{plan="team"}')).toBe(0);
    await fresh.app.close();
  });

  it('counts calls of the model and uses by feature', async () => {
    const { course } = await test.make.course({ chapters: 2 });
    const learner = test.as(await test.make.subscriber('premium'));
    expect((await learner.post('hybrid/adaptive-learning', { course_id: course.id })).statusCode).toBe(200);
    expect(await valueOf(test, 'llm_calls_total{feature="adaptive_learning",outcome="answered"}')).toBe(1);
    expect(await valueOf(test, 'premium_uses_total{feature="adaptive_learning"}')).toBe(1);
    expect(await valueOf(test, 'llm_breaker_open')).toBe(0);
  });

  it('tells the others where one cannot be read', async () => {
    const settings = { BACKUP_SCHEDULE: '0 3 * * *', BACKUP_DIR: join(PROJECT_ROOT, 'package.json') };
    const fresh = await TestApp.on(test.database, { settings });
    expect(await valueOf(fresh, 'backup_last_success_timestamp_seconds')).toBe(0);
    expect(await valueOf(fresh, 'redis_usable')).toBe(1);
    await fresh.app.close();
  });

  it('times statements and tells what the process does', async () => {
    const selects = 'db_query_duration_seconds_count{operation="select",outcome="done"}';
    expect(await valueOf(test, selects)).toBeGreaterThan(5);
    expect(await valueOf(test, 'nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
    expect(await valueOf(test, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    if (kind !== 'postgres') return;
    const states = ['in_use', 'idle', 'waiting'].map((state) => `db_pool_connections{state="${state}"}`);
    const values = await Promise.all(states.map((series) => valueOf(test, series)));
    expect(values).toEqual([expect.any(Number), expect.any(Number), 0]);
    expect(values[1]).toBeGreaterThan(0);
  });
});

describe('who may read the metrics', () => {
  const PRODUCTION = { NODE_ENV: 'production', LLM_PROVIDER: 'offline' };
  const TOKEN = 'metrics-token-of-tests';

  it('is nobody in production, unless there is a token', async () => {
    const test = await TestApp.start('sqlite', { settings: PRODUCTION });
    for (const url of ['/metrics', '/metrics?x=1', '/metrics/']) {
      for (const method of ['GET', 'POST'] as const) {
        const answer = await test.send({ method, url });
        expect([url, ...codeOf(answer)]).toEqual([url, 404, 'NOT_FOUND']);
      }
    }
    await test.stop();
  });

  it('is who sends the token, where there is one', async () => {
    const test = await TestApp.start('sqlite', { settings: { ...PRODUCTION, METRICS_TOKEN: TOKEN } });
    const ask = (authorization?: string) => test.get('/metrics', authorization === undefined ? {} : { authorization });
    expect(codeOf(await ask())).toEqual([401, 'USER_NOT_AUTHENTICATED']);
    expect((await test.get('/metrics?x=1')).statusCode).toBe(401);
    expect(codeOf(await ask('Bearer another-token'))).toEqual([401, 'INVALID_TOKEN']);
    expect(codeOf(await ask(test.tokenOf(await test.make.learner())))).toEqual([401, 'INVALID_TOKEN']);
    expect((await ask(`Bearer ${TOKEN}`)).statusCode).toBe(200);
    await test.stop();
  });
});

describe('alerts and dashboard', () => {
  const alerts = parse(readFileSync(join(PROJECT_ROOT, 'deploy/prometheus/alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string; annotations: { runbook: string } }[] }[];
  };
  const rules = alerts.groups.flatMap((group) => group.rules);
  const dashboard = JSON.parse(readFileSync(join(PROJECT_ROOT, 'deploy/grafana/dashboard.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const expressions = [
    ...rules.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];

  /** Every metric's labels, by the names that it has in Prometheus. */
  async function known(): Promise<Map<string, string[]>> {
    const metrics = new Metrics();
    metrics.watchProcess();
    const found = new Map<string, string[]>();
    for (const metric of metrics.registry.getMetricsAsArray()) {
      const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: string[] };
      const { type } = await metrics.registry.getSingleMetric(name)!.get();
      const isHistogram = String(type) === 'histogram';
      for (const suffix of isHistogram ? ['_bucket', '_count', '_sum'] : [''])
        found.set(name + suffix, [...labelNames, 'instance', ...(suffix === '_bucket' ? ['le'] : [])]);
    }
    return found;
  }

  it('use only metrics and labels that there are', async () => {
    const metrics = await known();
    expect(expressions.length).toBeGreaterThan(40);
    for (const expression of expressions) {
      const names = expression.match(
        /\b[a-z]\w*_(?:total|seconds|bytes|bucket|count|sum|open|usable|flight|connections|learners)\b|\bsubscribers\b/g,
      );
      expect([expression, names?.length]).toEqual([expression, expect.any(Number)]);
      const labels = (names ?? []).flatMap((name) => {
        expect([expression, metrics.has(name) ? name : `${name} is no metric`]).toEqual([expression, name]);
        return metrics.get(name) ?? [];
      });
      const asked = [
        ...[...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) =>
          list.split(',').map((item) => item.trim()),
        ),
        ...[...expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=(?!=))\s*"/g)].map(([, label]) => label),
      ];
      for (const label of asked) expect([expression, labels]).toEqual([expression, expect.arrayContaining([label])]);
    }
  });

  it('show every metric of ours somewhere', () => {
    const ours = new Metrics().registry.getMetricsAsArray().map(({ name }) => name);
    for (const name of ours) expect([name, expressions.some((one) => one.includes(name))]).toEqual([name, true]);
  });

  it('tell of each kind of 5xx', () => {
    const codes = Object.entries(ERROR_STATUS).flatMap(([code, status]) => (status >= 500 ? code : []));
    for (const code of codes) {
      expect([code, rules.some(({ expr }) => expr.includes(`error_code="${code}"`))]).toEqual([code, true]);
    }
  });

  it('name a part of the runbook that there is', () => {
    const headings = readFileSync(join(PROJECT_ROOT, 'docs/operations.md'), 'utf8').match(/^#+ .*$/gm) ?? [];
    const anchors = headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const { annotations } of rules) {
      const [file, anchor] = annotations.runbook.split('#');
      expect(file).toBe('docs/operations.md');
      expect(anchors).toContain(anchor);
    }
  });
});
