import type { PackageChapter } from '../src/content/course-package.js';
import { DatabaseConnection } from '../src/database/database-connection.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { SearchIndex } from '../src/search/search-index.js';
import type { SearchResponse } from '../src/search/search.dto.js';
import type { User } from '../src/users/user.entity.js';
import { coursePackage } from './make.js';
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

  const path = (q: string, more = '', route = 'search') => `${route}?q=${encodeURIComponent(q)}${more}`;
  const search = async (q: string, more = '', route?: string) =>
    (await test.get(path(q, more, route))).json<SearchResponse>();
  const ids = async (q: string) => (await search(q, '&limit=50')).results.map(({ id }) => id);

  it('answers in the shape of the contract', async () => {
    const answer = await test.get(path('reference', '', 'search/chapters'));
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
    expect((await search('library', '', 'search/courses')).results).toEqual([expect.objectContaining(course)]);
    expect((await search('library', '', 'search/chapters')).total).toBe(0);
    expect((await search('curiosity ownership', '', 'search')).results.map(({ type }) => type)).toEqual(
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
    const { results } = await search('value semantics owning', '&limit=50');
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
    const found = await ids('borogvoe');
    expect(found[0]).toBe('slip');
    expect(found).toHaveLength(31);
  });

  it('pages through everything that it found, each hit once', async () => {
    const chapters = Array.from({ length: 25 }, (_chapter, index) => ({
      content: index % 3 === 0 ? 'Gnus graze in herds.\n' : index % 3 === 1 ? 'Gnus sleep.\n' : 'A gnuish thing.\n',
    }));
    await test.make.course({ id: 'gnus', chapters });
    const pages = await Promise.all(
      [0, 7, 14, 21, 28].map((offset) => search('herds gnu', `&limit=7&offset=${offset}`, 'search/chapters')),
    );
    const found = pages.flatMap(({ results }) => results);
    expect(found).toHaveLength(25);
    expect(new Set(found.map(({ id }) => id)).size).toBe(25);
    expect(pages.map(({ total }) => total)).toEqual([25, 25, 25, 25, 25]);
    expect(found.slice(0, 9).every(({ excerpt }) => excerpt?.includes('**herds**'))).toBe(true);
  });

  it('quotes the best passage without any markup, in at most 300 characters', async () => {
    const noise = 'Nothing of it stands in these words. '.repeat(40);
    const content = `# Lions\n\n${noise}\n\n- A [lion](x) **roars** at \`night\`, <i>loudly</i>.\n\n${noise}\n`;
    await test.make.course({ id: 'long', chapters: [{ content }] });
    const { results } = await search('lion roars night');
    expect(results[0].excerpt).toContain('A **lion** **roars** at **night**, loudly.');
    expect(results[0].excerpt?.replaceAll('**', '').length).toBeLessThanOrEqual(300);
  });

  it('finds a locked chapter by its title alone, and quotes nothing of it', async () => {
    for (const client of [test.anonymous, test.as(await test.make.learner())]) {
      const found = async (q: string) => (await client.get(path(q))).json<SearchResponse>();
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
        const answer = await client.get(path(word));
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
    const answers = async () => Promise.all(queries.map(async (query) => (await test.get(path(query))).body));
    await test.make.import(course('Nothing of it.'));
    const before = await answers();
    await test.make.import(course(`${'ownreship refrence value reference ownersh zebrafish move '.repeat(50)}\n`));
    expect(await answers()).toEqual(before);
    await test.make.import(coursePackage({ id: 'vault', published: false, chapters: [] }));
  });

  it('opens the text of a locked chapter to those whose plan opens it', async () => {
    const answer = await test.as(subscriber).get(path('wisteria'));
    expect(answer.json<SearchResponse>().results).toEqual([
      expect.objectContaining({
        id: 'members',
        locked: false,
        excerpt: 'Orchids: Only members read of the **wisteria**.',
        section_id: 'orchids',
      }),
    ]);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    const both = (await test.as(subscriber).get(path('secret gardens'))).json<SearchResponse>();
    expect(both.total).toBe(1);
  });

  it('lets shared caches keep what the anonymous find', async () => {
    const answer = await test.get(path('ownership'));
    expect(answer.headers['cache-control']).toMatch(/^public/);
    const again = await test.get(`/api/v1/${path('ownership')}`, { 'if-none-match': String(answer.headers.etag) });
    expect(again.statusCode).toBe(304);
  });

  it.each([
    ['', 'q'],
    ['?q=', 'q'],
    [`?q=${'x'.repeat(201)}`, 'q'],
    ['?q=a&limit=0', 'limit'],
    ['?q=a&limit=51', 'limit'],
    ['?q=a&offset=1001', 'offset'],
    ['?q=a&sort=title', 'sort'],
    ['?q=a%00b', 'q'],
    ['?q=a&q=b', 'q'],
  ])('refuses search%s', async (query, field) => {
    const answer = await test.get(`search${query}`);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ errors: { field: string }[] }>().errors[0].field).toBe(field);
  });

  it.each([
    '"',
    '*',
    'a*',
    'AND',
    'OR NOT',
    'NEAR(a b)',
    'a-b',
    'a AND (b',
    ':',
    '(',
    '{title}: x',
    '^a',
    'a + b',
    '%',
    '_',
    "' OR 1=1 --",
    '"; DROP TABLE courses',
    '\\',
    "'",
    '&|!()<->',
    ' ',
    '-',
    '--',
    '-"',
    '""',
    '"" -""',
    'é'.repeat(200),
    '🦀'.repeat(100),
    'a '.repeat(100),
    '(((((((((',
    '"a b c d e f g h i j k l m n o p"',
    '\u202e\u200b',
    'ﷺ',
    '⑴ ½ ㎏',
    '\t\n',
    'title:x',
    'İ ı ß',
    `${'"a" '.repeat(50)}`,
    `-${'a -'.repeat(60)}`,
    "'static 'a",
    '$1 ?1 :a @b',
    'NULL',
    '__proto__',
    '\u0301\u0301',
  ])('row 35: answers %j without harm', async (query) => {
    const answer = await test.get(path(query.slice(0, 200)));
    expect(answer.statusCode).toBe(200);
    expect(answer.json<SearchResponse>().query).toBe(query.slice(0, 200));
  });

  describe('keeps in step with the courses:', () => {
    it('an import adds, changes and takes away what is found', async () => {
      const wish = { id: 'steps', title: 'Steps', chapters: [{ content: 'aardvark' }, { content: 'bumblebee' }] };
      await test.make.course(wish);
      expect(await ids('aardvark')).toEqual(['steps-1']);
      await test.make.import(
        coursePackage({
          ...wish,
          chapters: [{ content: 'capybara' }, { content: 'bumblebee' }, { content: 'dugong' }],
        }),
      );
      expect(await ids('aardvark')).toEqual([]);
      expect([await ids('capybara'), await ids('bumblebee'), await ids('dugong')].flat()).toEqual([
        'steps-1',
        'steps-2',
        'steps-3',
      ]);
      await test.make.import(coursePackage({ ...wish, chapters: [{ content: 'capybara' }] }));
      expect([await ids('bumblebee'), await ids('dugong')].flat()).toEqual([]);
      await test.make.import(coursePackage({ ...wish, published: false, chapters: [{ content: 'capybara' }] }));
      expect(await ids('capybara')).toEqual([]);
      await test.make.import(coursePackage({ ...wish, chapters: [{ content: 'capybara', isPremium: true }] }));
      expect(await ids('capybara')).toEqual([]);
    });

    it('what is retired is not found', async () => {
      const wish = { id: 'retiring', chapters: [{ content: 'emu' }, { content: 'fossa' }] };
      await test.make.course(wish);
      await test.make.begun(await test.make.learner(), 'retiring', 'retiring-2');
      await test.make.import(coursePackage({ ...wish, chapters: [{ content: 'emu' }] }));
      expect(await ids('fossa')).toEqual([]);
    });

    it('an import that fails leaves what was found before', async () => {
      const wish = { id: 'failing', chapters: [{ content: 'gerbil' }] };
      const wanted = await test.make.course(wish);
      const quizzes = [{ chapterId: 'nowhere' }];
      const broken = coursePackage({ ...wish, chapters: [{ content: 'hoopoe' }], quizzes });
      await expect(test.make.import(broken)).rejects.toThrow();
      expect([await ids('gerbil'), await ids('hoopoe')]).toEqual([[wanted.chapters[0].id], []]);
    });

    it('the words of what has gone are forgotten', async () => {
      await test.make.course({ id: 'going', chapters: [{ content: 'ichneumon jackal' }] });
      const { manager } = test.app.get(DatabaseConnection).reader;
      const words = () =>
        manager.query<object[]>("SELECT word FROM search_words WHERE word IN ('ichneumon', 'jackal')");
      expect(await words()).toHaveLength(2);
      await test.make.import(coursePackage({ id: 'going', chapters: [{ id: 'other', content: 'jackal' }] }));
      expect(await words()).toEqual([{ word: 'jackal' }]);
    });

    it('what was indexed in another way is indexed anew', async () => {
      await test.make.course({ id: 'older', chapters: [{ content: 'kinkajou' }] });
      const { reader } = test.app.get(DatabaseConnection);
      const unitOfWork = test.app.get(UnitOfWork);
      await unitOfWork.run((manager) =>
        manager.query("UPDATE search_entries SET digest = '0:x', body = '' WHERE course_id = 'older'"),
      );
      expect(await test.app.get(SearchIndex).refreshOutdated(reader.manager, unitOfWork)).toEqual(['older']);
      expect((await search('kinkajou')).results[0].excerpt).toBe('**kinkajou**');
      expect(await test.app.get(SearchIndex).refreshOutdated(reader.manager, unitOfWork)).toEqual([]);
    });
  });

  it('indexes the largest chapter that a package may hold', async () => {
    const content = Array.from({ length: 200_000 }, (_word, index) => `w${index}x`).join(' ');
    await test.make.course({
      id: 'large',
      chapters: [{ content: `${content} pangolin` }, { content: `${'narwhal '.repeat(250_000)}` }],
    });
    expect(await ids('w1234x')).toEqual(['large-1']);
    expect(await ids('narwhal')).toEqual(['large-2']);
  });
});
