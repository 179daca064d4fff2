import { readQuery } from './search-query.js';

const clauses = (text: string) =>
  readQuery(text).clauses.map(({ words, symbol, isQuoted }) => {
    const phrase = symbol ?? words.map(({ form }) => form).join(' ');
    return isQuoted ? `"${phrase}"` : phrase;
  });
const excluded = (text: string) => readQuery(text).excluded.map(({ words }) => words.map(({ form }) => form).join(' '));

describe('reading a query', () => {
  it.each([
    ['Move Semantics', ['move', 'semantics']],
    ['"move semantics" rust', ['"move semantics"', 'rust']],
    ['“move semantics”', ['"move semantics"']],
    ['Box<T> async/await', ['box t', 'async await']],
    ['c++ __init__ #[derive]', ['c++', '__init__', '#[derive']],
    ['std::vec!', ['std vec']],
    ['own owns', ['owns']],
    ['own trait own', ['trait', 'own']],
    ['"own" trait own', ['trait', '"own"']],
    ['own "own"', ['"own"']],
    ['an unclosed "quote mark', ['unclosed', 'quote', 'mark']],
    ['cargo build --release', ['cargo', 'build', 'release']],
    ['* ( : ) " AND', ['and']],
    ['', []],
  ])('takes %s apart', (text, wanted) => expect(clauses(text)).toEqual(wanted));

  it('leaves out what a question is made of, as long as something else is asked for', () => {
    expect(clauses('what is the difference between a struct and an enum?')).toEqual([
      'difference',
      'between',
      'struct',
      'enum',
    ]);
    expect(clauses('what is it')).toEqual(['what', 'is', 'it']);
    expect(clauses('"to be" or not')).toEqual(['"to be"']);
  });

  it('excludes what has a minus before it', () => {
    expect(excluded('trait -object -"dyn trait" - x a-b --flag')).toEqual(['object', 'dyn trait']);
    expect(clauses('-trait')).toEqual([]);
  });

  it.each([
    ['own', true],
    ['own*', true],
    ['trait obj', true],
    ['obj trait obj', true],
    ['"own"', false],
    ['own -x', false],
    ['Box<T>', false],
    ['the trait of it', false],
  ])('knows whether the last word of %s may be a beginning', (text, isPrefix) => {
    expect(readQuery(text).endsInPrefix).toBe(isPrefix);
  });

  it('asks for no more than so many words', () => {
    const many = Array.from({ length: 66 }, (_word, index) => `w${index}`).join(' ');
    expect(readQuery(many).clauses.length).toBeLessThanOrEqual(16);
    expect(readQuery(`${many} "the last"`).clauses.at(-1)?.isQuoted).toBe(true);
  });
});
