import type { PackageChapter } from '../src/content/course-package.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import type { User } from '../src/users/user.entity.js';
import { coursePackage } from './make.js';
import { found, search, searchPath } from './searches.js';
import { onEachDatabase, TestApp } from './test-app.js';

/** Chapters whose ids tell what they are about. */
const LIBRARY: Partial<PackageChapter>[] = [
  {
    id: 'ownership',
    title: 'What is ownership?',
    content: 'Each value is **owned** by one variable. Owning it means to free it.\n',
  },
  {
    id: 'borrowing',
    title: 'Borrowing',
    content: '## References\n\nA reference lets you use a value without owning it.\n',
  },
  {
    id: 'async',
    title: 'Asynchronous code',
    content: 'The `async`/`await` syntax suspends. An async function gives a future.\n',
  },
  {
    id: 'box',
    title: 'On the heap',
    content: 'Use `Box<T>` to point to the heap.\n\n```rust\nlet boxed = Box::new(5);\n```\n',
  },
  {
    id: 'python',
    title: 'Objects',
    content: 'A class has an `__init__` method; `init` alone is another word. Set `snake_case` names.\n',
  },
  { id: 'initial', title: 'Beginnings', content: 'We init the system, which makes a snake in a case.\n' },
  { id: 'cpp', title: 'Other languages', content: 'C++ has move semantics too; C has none.\n' },
  { id: 'letters', title: 'Letters', content: 'Plan B and plan C.\n' },
  { id: 'derive', title: 'Attributes', content: 'Put `#[derive(Debug)]` above a struct.\n' },
  { id: 'derived', title: 'Derivation', content: 'It is derived from the other one by derivation.\n' },
  { id: 'accents', title: 'Élan vital', content: 'Un café au naïve façade, señor. Ελληνικά, Привет, 日本語を学ぶ.\n' },
  { id: 'moves', title: 'Moving', content: 'Move semantics matter. The semantics of a move are simple.\n' },
  {
    id: 'markup',
    title: 'Markup',
    content:
      '<div class="zebra"><b>striped</b> horses</div>\n\n| a | b |\n|---|---|\n| quagga | [link](http://secret.example) |\n',
  },
  {
    id: 'members',
    title: 'Secret gardens',
    isPremium: true,
    content: '## Orchids\n\nOnly members read of the wisteria.\n',
  },
];

onEachDatabase((kind) => {
  let test: TestApp;
  let subscriber: User;
  beforeAll(async () => {
    test = await TestApp.start(kind);
    await test.make.course({ id: 'library', title: 'A library of chapters', chapters: LIBRARY });
    await test.make.course({
      id: 'hidden',
      title: 'Hidden wombats',
      published: false,
      chapters: [{ content: 'wombat' }],
    });
    subscriber = await test.make.subscriber();
  });
  afterAll(() => test.stop());
  const ids = (q: string) => found(test, q);
  it('answers in the shape of the contract', async () => {
    const answer = await test.get(searchPath('reference', '', 'search/chapters'));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      query: 'reference',
      total: 1,
      results: [
        {
          type: 'chapter',
          id: 'borrowing',
          title: 'Borrowing',
          excerpt: '**References**: A **reference** lets you use a value without owning it.',
          section_id: 'references',
          course_id: 'library',
          course_title: 'A library of chapters',
          relevance: 1,
          locked: false,
        },
      ],
    });
  });

  it('finds courses by themselves, chapters by themselves, and both together', async () => {
    const course = {
      type: 'course',
      id: 'library',
      description: 'A course made for a test.',
      excerpt: null,
      section_id: null,
      course_id: 'library',
    };
    expect((await search(test, 'library', '', 'search/courses')).results).toEqual([expect.objectContaining(course)]);
    expect((await search(test, 'library', '', 'search/chapters')).total).toBe(0);
    expect((await search(test, 'curiosity ownership', '', 'search')).results.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['course', 'chapter']),
    );
  });

  describe('finds the same on every database:', () => {
    it.each([
      // stemming, case and accents
      ['owning', ['ownership', 'borrowing']],
      ['OWNED', ['ownership', 'borrowing']],
      ['elan', ['accents']],
      ['CAFE naive', ['accents']],
      ['Привет', ['accents']],
      ['ελληνικα', ['accents']],
      ['日本語', ['accents']],
      // all words first, then any; the last one may be unfinished
      ['move semantics', ['moves', 'cpp']],
      ['value future', ['async', 'borrowing', 'ownership']],
      ['ownersh', ['ownership']],
      ['refer', ['borrowing']],
      // phrases and exclusions
      ['"move semantics"', ['moves', 'cpp']],
      ['"semantics move"', []],
      ['"nowhere at all"', []],
      ['"nowhere at all" move', []],
      ['"move semantics" nowhere', ['moves', 'cpp']],
      ['semantics -simple', ['cpp']],
      ['semantics -"has move"', ['moves']],
      ['-semantics', []],
      // code
      ['Box<T>', ['box']],
      ['Box::new', ['box']],
      ['c++', ['cpp']],
      ['C#', []],
      ['async/await', ['async']],
      ['__init__', ['python']],
      ['init', ['initial', 'python']],
      ['snake_case', ['python']],
      ['snake case', ['initial', 'python']],
      ['#[derive]', ['derive']],
      ['#[derive(Debug)]', ['derive', 'derived']],
      // slips of the pen
      ['ownreship', ['ownership']],
      ['asinc', ['async']],
      ['refrence', ['borrowing']],
      // what is only markup
      ['zebra', []],
      ['striped', ['markup']],
      ['quagga', ['markup']],
      ['secret.example', ['members']],
      ['rust', []],
      // nothing
      ['wombat', []],
      ['* : ( ) " \'', []],
      ['🦀', []],
    ])('%s', async (query, wanted) => {
      expect((await ids(query)).sort()).toEqual([...wanted].sort());
    });
  });

  it('ranks chapters with all words above those with some, and titles above text', async () => {
    expect((await ids('semantics matter'))[0]).toBe('moves');
    expect((await ids('value ownership'))[0]).toBe('ownership');
    const { results } = await search(test, 'value semantics owning', '&limit=50');
    const relevance = results.map((result) => result.relevance);
    expect(relevance[0]).toBe(1);
    expect(relevance).toEqual([...relevance].sort((one, other) => other - one));
    expect(relevance.every((share) => share > 0 && share <= 1)).toBe(true);
  });

  it('ranks what is spelt as it was typed above what may have been meant', async () => {
    const common = Array.from({ length: 30 }, (_chapter, index) => ({ content: `The borogove of number ${index}.\n` }));
    await test.make.course({
      id: 'slips',
      chapters: [...common, { id: 'slip', content: 'A borogvoe, as it is misspelt.\n' }],
    });
    const [first, ...others] = await ids('borogvoe');
    expect([first, others.length]).toEqual(['slip', 30]);
  });

  it('pages through everything that it found, each hit once', async () => {
    const chapters = Array.from({ length: 25 }, (_chapter, index) => ({
      content: index % 3 === 0 ? 'Gnus graze in herds.\n' : index % 3 === 1 ? 'Gnus sleep.\n' : 'A gnuish thing.\n',
    }));
    await test.make.course({ id: 'gnus', chapters });
    const pages = await Promise.all(
      [0, 7, 14, 21, 28].map((offset) => search(test, 'herds gnu', `&limit=7&offset=${offset}`, 'search/chapters')),
    );
    const found = pages.flatMap(({ results }) => results);
    expect(found).toHaveLength(25);
    expect(new Set(found.map(({ id }) => id)).size).toBe(25);
    expect(pages.map(({ total }) => total)).toEqual([25, 25, 25, 25, 25]);
    expect(found.slice(0, 9).every(({ excerpt }) => excerpt?.includes('**herds**'))).toBe(true);
  });

  it('counts anew what it found once the content has changed, and for each kind', async () => {
    const totals = async () => {
      const found = ['search', 'search/chapters', 'search/courses'].map((r) => search(test, 'okapi', '&limit=1', r));
      return (await Promise.all(found)).map(({ total }) => total);
    };
    const chapters = [{ content: 'The okapi hides.\n' }, { content: 'An okapi eats leaves.\n' }];
    await test.make.course({ title: 'Okapis', chapters });
    expect(await totals()).toEqual([3, 2, 1]);
    expect(await totals()).toEqual([3, 2, 1]);
    await test.make.course({ title: 'More okapis', chapters });
    expect(await totals()).toEqual([6, 4, 2]);
  });

  it('quotes the best passage without any markup, in at most 300 characters', async () => {
    const noise = 'Nothing of it stands in these words. '.repeat(40);
    const content = `# Lions\n\n${noise}\n\n- A [lion](x) **roars** at \`night\`, <i>loudly</i>.\n\n${noise}\n`;
    await test.make.course({ id: 'long', chapters: [{ content }] });
    const { results } = await search(test, 'lion roars night');
    expect(results[0].excerpt).toContain('A **lion** **roars** at **night**, loudly.');
    expect(results[0].excerpt?.replaceAll('**', '').length).toBeLessThanOrEqual(300);
  });

  it('finds a locked chapter by its title alone, and quotes nothing of it', async () => {
    for (const client of [test.anonymous, test.as(await test.make.learner())]) {
      const found = async (q: string) => (await client.get(searchPath(q))).json<SearchResponse>();
      expect((await found('secret gardens')).results).toEqual([
        expect.objectContaining({ id: 'members', locked: true, excerpt: null, section_id: null }),
      ]);
      for (const word of [
        'wisteria',
        'orchids',
        'gardens wisteria -nothing',
        '"the wisteria"',
        'wisteri',
        'wistreia',
      ]) {
        const answer = await client.get(searchPath(word));
        expect(answer.body).not.toMatch(/members read|wisteria\*\*/);
        expect(
          answer.json<SearchResponse>().results.every(({ id }) => id !== 'members' || word.startsWith('gardens')),
        ).toBe(true);
      }
      expect((await found('gardens -wisteria')).total).toBe(1);
    }
  });

  it('answers those without a plan the same, whatever a locked chapter says', async () => {
    const course = (content: string) =>
      coursePackage({ id: 'vault', title: 'Vault', chapters: [{ content: 'A door.' }, { isPremium: true, content }] });
    const queries = [
      'ownreship',
      'refrence',
      'value',
      'value reference',
      'move semantics',
      'own',
      'ownersh',
      'zebrafish',
    ];
    const answers = async () => Promise.all(queries.map(async (query) => (await test.get(searchPath(query))).body));
    await test.make.import(course('Nothing of it.'));
    const before = await answers();
    await test.make.import(course(`${'ownreship refrence value reference ownersh zebrafish move '.repeat(50)}\n`));
    expect(await answers()).toEqual(before);
    await test.make.import(coursePackage({ id: 'vault', published: false, chapters: [] }));
  });

  it('row 41: opens the text of a locked chapter to those whose plan opens it', async () => {
    const answer = await test.as(subscriber).get(searchPath('wisteria'));
    expect(answer.json<SearchResponse>().results).toEqual([
      expect.objectContaining({
        id: 'members',
        locked: false,
        excerpt: 'Orchids: Only members read of the **wisteria**.',
        section_id: 'orchids',
      }),
    ]);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    const both = (await test.as(subscriber).get(searchPath('secret gardens'))).json<SearchResponse>();
    expect(both.total).toBe(1);
  });

  it('row 41: lets shared caches keep what the anonymous find', async () => {
    const answer = await test.get(searchPath('ownership'));
    expect(answer.headers['cache-control']).toMatch(/^public/);
    const again = await test.get(`/api/v1/${searchPath('ownership')}`, {
      'if-none-match': String(answer.headers.etag),
    });
    expect(again.statusCode).toBe(304);
  });
});
