import { readText } from './manifests.js';

/** The instructions of each stage, each as its name and the rest of it. */
export function stages(): [string, string][][] {
  const lines = readText('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean);
  const all: [string, string][][] = [];
  for (const line of lines) {
    const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === 'FROM') all.push([]);
    all.at(-1)?.push([name, rest]);
  }
  return all;
}

export const buildStage = stages()[0];
export const lastStage = stages()[1];

/** The last of its name in the stage that is shipped. */
export function instruction(name: string): string {
  return lastStage.findLast((each) => each[0] === name)?.[1] ?? '';
}

export const imageEnvironment = Object.fromEntries(
  instruction('ENV')
    .split(' ')
    .map((pair) => pair.split(/=(.*)/)),
) as Record<string, string>;
