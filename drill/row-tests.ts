import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { rowsIn, testsByRow } from './faults.js';

/** What came of the tests of one row in one file. */
export interface TestOutcome {
  row: string;
  file: string;
  passed: number;
  seconds: number;
  /** The names of those that failed or were skipped. */
  notHeld: string[];
}

interface Report {
  testResults: { name: string; message: string; assertionResults: Assertion[] }[];
}

interface Assertion {
  fullName: string;
  status: string;
  duration?: number | null;
}

/** Runs the tests that are named by rows, and no others. PostgreSQL and Redis must be there, as they must in CI. */
export async function runRowTests(): Promise<TestOutcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'course-companion-rows-'));
  const report = join(folder, 'report.json');
  const files = [...testsByRow().keys()];
  const options = ['--json', '--outputFile', report, '--testNamePattern', '\\brow \\d+: ', '--runTestsByPath'];
  try {
    const jest = spawn(process.execPath, [join('node_modules', 'jest', 'bin', 'jest.js'), ...options, ...files], {
      env: { ...process.env, CI: 'true' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    jest.stderr.on('data', (data) => (said += String(data)));
    const [code] = (await once(jest, 'close')) as [number | null];
    const outcomes = readReport(report);
    if (outcomes.length === 0) throw new Error(`The tests did not run:\n${said}`);
    if (code !== 0) console.error(said);
    return outcomes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string): TestOutcome[] {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const outcomes = new Map<string, TestOutcome>();
  for (const { name, assertionResults } of testResults) {
    for (const { fullName, status, duration } of assertionResults) {
      for (const row of rowsIn(fullName)) {
        const key = `${row} ${name}`;
        const found = outcomes.get(key) ?? { row, file: relative('.', name), passed: 0, seconds: 0, notHeld: [] };
        found.seconds += (duration ?? 0) / 1000;
        if (status === 'passed') found.passed++;
        else found.notHeld.push(`${fullName} (${status})`);
        outcomes.set(key, found);
      }
    }
  }
  return [...outcomes.values()];
}
