import { fold } from '../common/text.js';
import { findWords, readWords } from './words.js';

const forms = (text: string) => readWords(text).words.map(({ form }) => form);
const stems = (text: string) => readWords(text).words.map(({ stem }) => stem);
const parts = (text: string) => readWords(text).parts.map((some) => some.map(({ form }) => form).join(' '));

describe('reading words', () => {
  it('folds case, accents and compatibility forms', () => {
    expect(forms('Élan ÜBER straße ﬁt ＡＢＣ')).toEqual(['elan', 'uber', 'strasse', 'fit', 'abc']);
    expect(fold('İstanbul')).toBe('istanbul');
  });

  it('gives the forms of a word one stem, and leaves different words apart', () => {
    expect(new Set(stems('own owns owned owning'))).toEqual(new Set(['own']));
    expect(new Set(stems('generic general generates')).size).toBe(3);
    expect(stems('Größe 日本 42')).toEqual(['gross', '日', '本', '42']);
  });

  it.each([
    ['Box<T>', ['box', 't'], []],
    ['c++', ['c'], ['c++']],
    ['C#', ['c'], ['c#']],
    ['async/await', ['async', 'await'], []],
    ['__init__', ['init'], ['__init__']],
    ['snake_case', ['snake', 'case'], ['snake_case']],
    ['#[derive(Debug)]', ['derive', 'debug'], ['#[derive']],
    ['@property', ['property'], ['@property']],
    ['vec![1]', ['vec', '1'], ['vec!']],
    ['a != b', ['a', 'b'], []],
    ['String::from', ['string', 'from'], []],
    ['_', [], []],
    ["it's don't 'static", ['it', 'dont', 'static'], []],
    ['🦀 -> => ::', [], []],
  ])('takes %s apart on purpose', (text, words, symbols) => {
    expect(forms(text)).toEqual(words);
    expect(readWords(text).symbols).toEqual(symbols);
  });

  it('knows the parts of a name in camel case, and the name itself', () => {
    expect(forms('HashMap iPhone')).toEqual(['hashmap', 'iphone']);
    expect(parts('HashMap toString plain UPPER LLMs')).toEqual(['hash map', 'to string']);
  });

  it('cuts what is longer than any word', () => {
    expect(forms('x'.repeat(5000))).toEqual(['x'.repeat(64)]);
  });

  it('tells where a word stands', () => {
    const text = 'The  Borrow-Checker';
    expect(readWords(text).words.map(({ start, end }) => text.slice(start, end))).toEqual(['The', 'Borrow', 'Checker']);
  });
});

describe('finding words', () => {
  it.each(['He owns what owning means; owner. HashMap snake_owned unknown', 'Élan owns what ÖWNING means'])(
    'finds what reading all of %s finds',
    (text) => {
      const wanted = new Set(['own', 'map', 'elan', 'mean']);
      const { words, parts: names } = readWords(text);
      const all = [...words, ...names.flat()].filter(({ stem }) => wanted.has(stem));
      const byPlace = (one: { start: number }, other: { start: number }) => one.start - other.start;
      expect(findWords(text, wanted).sort(byPlace)).toEqual(all.sort(byPlace));
    },
  );

  it('finds nothing of nothing', () => {
    expect(findWords('some text', new Set())).toEqual([]);
  });
});
