import { found, search } from './searches.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
  });
  afterAll(() => test.stop());

  it('ranks by their titles alone what more than 2,000 chapters hold', async () => {
    const content = 'Nasturtiums and marigolds.\n';
    const titles = ['Marigolds', 'Nasturtiums are no marigolds', 'Marigolds, nasturtiums', 'Nasturtiums, marigolds'];
    const some = Array.from({ length: 2010 }, () => ({ content }));
    const last = titles.map((title, index) => ({ id: `bed-${index}`, title, content }));
    const closed = { id: 'bed-closed', title: 'Nasturtiums, marigolds', content: 'Snails.\n', isPremium: true };
    await test.make.course({ id: 'beds', chapters: [...some, ...last, closed] });
    const first = (await found(test, 'nasturtiums marigolds')).slice(0, 6);
    expect(first.slice(0, 2).sort()).toEqual(['bed-3', 'bed-closed']);
    expect(first.slice(2, 5)).toEqual(['bed-1', 'bed-2', 'bed-0']);
    const without = (await found(test, 'nasturtiums marigolds -no')).slice(0, 5);
    expect([without.slice(0, 3).sort(), ...without.slice(3)]).toEqual([
      ['bed-2', 'bed-3', 'bed-closed'],
      'bed-0',
      'beds-1',
    ]);
    const pages = await Promise.all(
      [0, 40, 80].map((offset) => search(test, 'nasturtiums marigolds', `&limit=40&offset=${offset}`)),
    );
    const paged = pages.flatMap(({ results }) => results.map(({ id }) => id));
    expect([paged.length, new Set(paged).size, pages[0].total]).toEqual([120, 120, 2015]);
  });
});
