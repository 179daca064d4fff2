import { EventEmitter } from 'node:events';
import { type Output, StandardOutput } from './standard-output.js';

/** Is written to, and done with it when the test says so. */
class Disk extends EventEmitter {
  readonly texts: string[] = [];
  isFlushed = false;

  write(text: string): boolean {
    this.texts.push(text);
    return true;
  }

  flush(): void {
    this.isFlushed = true;
  }

  flushSync(): void {
    this.emit('drain');
  }
}

const LONG = `${'x'.repeat(63_999)}\n`;

let disk: Disk;
let output: StandardOutput;
beforeEach(() => {
  jest.useFakeTimers();
  disk = new Disk();
  output = new StandardOutput(disk as unknown as Output);
});
afterEach(() => jest.useRealTimers());

it('writes a few lines together after a moment', () => {
  output.write('one\n');
  output.write('two\n');
  expect(disk.texts).toEqual([]);
  jest.advanceTimersByTime(100);
  expect([disk.texts, disk.isFlushed]).toEqual([['one\ntwo\n'], true]);
});

it('writes one text at a time, and then all that has come meanwhile', () => {
  output.write(LONG);
  for (let line = 0; line < 100; line++) output.write(LONG);
  expect(disk.texts).toEqual([LONG]);
  disk.emit('drain');
  expect(disk.texts).toEqual([LONG, LONG.repeat(100)]);
  disk.emit('drain');
  output.write('last\n');
  jest.advanceTimersByTime(100);
  expect(disk.texts.at(-1)).toBe('last\n');
});

it('goes on after an error', () => {
  output.write(LONG);
  output.write('next\n');
  disk.emit('error', new Error('No space left on the device'));
  jest.advanceTimersByTime(100);
  expect(disk.texts).toEqual([LONG, 'next\n']);
});

it('holds only so much while nobody takes it, and tells how many lines it has lost', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
  output.write(LONG);
  for (let line = 0; line < 2000; line++) output.write(LONG);
  disk.emit('drain');
  const taken = disk.texts[1].length / LONG.length;
  expect(taken).toBe(251);
  expect(warn.mock.calls).toEqual([[`${2000 - taken} lines of the log are lost, as nobody took them in time`]]);
  warn.mockRestore();
});

it('writes what it holds when it is told to, whatever is under way', () => {
  output.write(LONG);
  output.write('last\n');
  output.flushSync();
  expect(disk.texts).toEqual([LONG, 'last\n']);
});
