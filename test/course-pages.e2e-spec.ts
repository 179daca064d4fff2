import { randomUUID } from 'node:crypto';
import { Course } from '../src/courses/course.entity.js';
import { Changes } from '../src/database/changes.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { onEachDatabase, TestApp } from './test-app.js';

const COUNT = 1203;

onEachDatabase((kind) => {
  let test: TestApp;
  let courses: Course[];
  beforeAll(async () => {
    test = await TestApp.start(kind);
    // Many of the same title and of the same moment, so that the id decides.
    courses = Array.from({ length: COUNT }, (_, index) => ({
      id: randomUUID(),
      title: `Course ${index % 7}`,
      sortTitle: `course ${index % 7}`,
      description: '',
      prerequisites: [],
      language: null,
      license: null,
      source: null,
      estimatedHours: null,
      published: true,
      retiredAt: null,
      createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, 0, index % 5)),
      updatedAt: new Date(),
    }));
    await write(async (manager) => {
      for (let at = 0; at < COUNT; at += 100) await manager.insert(Course, courses.slice(at, at + 100));
    });
  });
  afterAll(() => test.stop());

  async function write(work: Parameters<UnitOfWork['run']>[0]): Promise<void> {
    await test.app.get(UnitOfWork).run(work);
    test.app.get(Changes).announceContent();
  }

  const idsOf = async (query: string) =>
    (await test.get(`courses?${query}`)).json<{ id: string }[]>().map(({ id }) => id);

  const walk = async (sort: string, order: string) => {
    const ids: string[] = [];
    for (let offset = 0; offset < COUNT; offset += 97) {
      ids.push(...(await idsOf(`sort=${sort}&order=${order}&limit=97&offset=${offset}`)));
    }
    return ids;
  };

  const inOrder = (of: Course[], sort: string, order: string) => {
    const by = ({ id, sortTitle, createdAt }: Course) =>
      `${sort === 'title' ? sortTitle : createdAt.toISOString()} ${id}`;
    const sorted = of.toSorted((one, other) => (by(one) < by(other) ? -1 : 1)).map(({ id }) => id);
    return order === 'asc' ? sorted : sorted.reverse();
  };

  it.each([
    ['title', 'asc'],
    ['title', 'desc'],
    ['created_at', 'asc'],
    ['created_at', 'desc'],
  ])('gives every course once, by %s %s', async (sort, order) => {
    expect(await walk(sort, order)).toEqual(inOrder(courses, sort, order));
  });

  it('gives the same course at the same place, whatever page it is on', async () => {
    const all = inOrder(courses, 'title', 'asc');
    for (const offset of [
      0,
      1,
      99,
      100,
      101,
      199,
      200,
      499,
      500,
      501,
      1000,
      1199,
      1200,
      1201,
      COUNT - 1,
      COUNT,
      COUNT + 500,
    ]) {
      for (const limit of [1, 3]) {
        expect(await idsOf(`limit=${limit}&offset=${offset}`)).toEqual(all.slice(offset, offset + limit));
      }
    }
  });

  it('knows what was taken away', async () => {
    const [gone] = inOrder(courses, 'title', 'asc');
    await write((manager) => manager.delete(Course, gone));
    const left = courses.filter(({ id }) => id !== gone);
    expect(await walk('title', 'asc')).toEqual(inOrder(left, 'title', 'asc'));
  });
});
