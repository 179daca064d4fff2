import { DatabaseConnection } from '../src/database/database-connection.js';
import { UnitOfWork } from '../src/database/unit-of-work.js';
import { SearchIndex } from '../src/search/search-index.js';
import { coursePackage } from './make.js';
import { found, search } from './searches.js';
import { onEachDatabase, TestApp } from './test-app.js';

onEachDatabase((kind) => {
  let test: TestApp;
  beforeAll(async () => {
    test = await TestApp.start(kind);
  });
  afterAll(() => test.stop());

  const ids = (q: string) => found(test, q);

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
      expect((await search(test, 'kinkajou')).results[0].excerpt).toBe('**kinkajou**');
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
