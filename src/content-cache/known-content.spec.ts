import type { ContentRevision } from './content-revision.js';
import { KnownContent } from './known-content.js';

/** Content in a state that the test sets. */
function content() {
  const state = { name: 'first', isKnown: true };
  const revision = {
    get known() {
      return state.isKnown ? state.name : null;
    },
    current: () => Promise.resolve(state.name),
  };
  const read = jest.fn((id: string) => Promise.resolve(id === 'none' ? null : { id, of: state.name }));
  const known = new KnownContent(revision as ContentRevision, read);
  return { state, read, known };
}

it('reads once for each state of the content', async () => {
  const { state, read, known } = content();
  for (let time = 0; time < 3; time++) expect(await known.get('a')).toEqual({ id: 'a', of: 'first' });
  expect(read).toHaveBeenCalledTimes(1);
  state.name = 'second';
  for (let time = 0; time < 3; time++) expect(await known.get('a')).toEqual({ id: 'a', of: 'second' });
  expect(read).toHaveBeenCalledTimes(2);
});

it('asks for the state where it is not known', async () => {
  const { state, known } = content();
  await known.get('a');
  Object.assign(state, { name: 'second', isKnown: false });
  expect(await known.get('a')).toEqual({ id: 'a', of: 'second' });
});

it('keeps nothing that was read while the content changed', async () => {
  const { state, read, known } = content();
  read.mockImplementationOnce((id) => {
    state.name = 'second';
    return Promise.resolve({ id, of: 'first' });
  });
  await known.get('a');
  expect(await known.get('a')).toEqual({ id: 'a', of: 'second' });
});

it('looks again for what does not exist', async () => {
  const { read, known } = content();
  for (let time = 0; time < 2; time++) expect(await known.get('none')).toBeNull();
  expect(read).toHaveBeenCalledTimes(2);
});

it('reads once for all who ask at once, and again after a failure, which is all of theirs', async () => {
  const { read, known } = content();
  read.mockRejectedValueOnce(new Error('away'));
  const failed = await Promise.allSettled([known.get('a'), known.get('a')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const found = await Promise.all([known.get('a'), known.get('a'), known.get('a')]);
  expect(found).toEqual([found[0], found[0], found[0]]);
  expect(read).toHaveBeenCalledTimes(2);
});

it('has nobody join who asks after the content has changed', async () => {
  const { state, known } = content();
  const early = known.get('a');
  state.name = 'second';
  expect(await known.get('a')).toEqual({ id: 'a', of: 'second' });
  await early;
  expect(await known.get('a')).toEqual({ id: 'a', of: 'second' });
});

it('makes room for what is asked for', async () => {
  const { read, known } = content();
  for (let index = 0; index <= 1000; index++) await known.get(`${index}`);
  await known.get('0');
  expect(read).toHaveBeenCalledTimes(1002);
});
