import { allowedEdits, editDistance, isSpelt, spellingVariants } from './spelling.js';

const shareVariant = (one: string, other: string) =>
  spellingVariants(one).some((variant) => spellingVariants(other).includes(variant));

describe('spelling', () => {
  it.each([
    ['ownership', 'ownreship', 1],
    ['async', 'asinc', 1],
    ['closure', 'closure', 0],
    ['trait', 'trai', 1],
    ['recieve', 'receive', 1],
    ['polymorfism', 'polymorphism', 2],
    ['ab', 'ba', 1],
  ])('counts the edits from %s to %s', (one, other, edits) => {
    expect(editDistance(one, other)).toBe(edits);
    expect(editDistance(other, one)).toBe(edits);
  });

  it.each([
    ['ownership', 'ownreship'],
    ['async', 'asinc'],
    ['python', 'pyhton'],
    ['lifetime', 'liftime'],
    ['iterator', 'itterator'],
    ['enviroment', 'environment'],
    ['dereferencing', 'derefrencing'],
  ])('finds %s by %s', (word, typed) => {
    expect(shareVariant(word, typed)).toBe(true);
  });

  it('takes short words, numbers and code as they are', () => {
    expect(['rc', 'box', 'utf8', 'or_insert'].map(isSpelt)).toEqual([false, false, false, false]);
    expect(spellingVariants('box')).toEqual([]);
    expect(allowedEdits('trait')).toBe(1);
    expect(allowedEdits('iterator')).toBe(2);
  });
});
