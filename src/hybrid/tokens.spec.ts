import { cutToFit, estimateTokens, fitPieces } from './tokens.js';

describe('tokens', () => {
  it('are never fewer than tokenizers find, whatever the script', () => {
    // Counted with the tokenizer of GPT-4o and, for English, rounded up to Claude's.
    expect(estimateTokens('The quick brown fox jumps over the lazy dog.')).toBeGreaterThanOrEqual(10);
    expect(estimateTokens('每个值都有一个所有者。')).toBeGreaterThanOrEqual(9);
    expect(estimateTokens('Каждое значение имеет владельца')).toBeGreaterThanOrEqual(8);
    expect(estimateTokens('🦀🦀🦀')).toBeGreaterThanOrEqual(6);
    expect(estimateTokens('')).toBe(0);
  });

  it('fit what has most to say, in the order of the text', () => {
    const pieces = [
      { text: 'Nothing of importance stands in this long sentence here.', relevance: 0 },
      { text: 'The owner drops it.', relevance: 2 },
      { text: 'The scope ends.', relevance: 3 },
    ];
    expect(fitPieces(pieces, 16)).toEqual(['The owner drops it.', 'The scope ends.']);
  });

  it.each([['a sentence. '.repeat(500)], ['无标点的中文文本'.repeat(500)], ['x'.repeat(9000)], ['🦀'.repeat(3000)]])(
    'never let more through than there is room for',
    (text) => {
      const cut = cutToFit(text, 100);
      expect(estimateTokens(cut)).toBeLessThanOrEqual(100);
      expect(cut.length).toBeGreaterThan(20);
      expect(cut.isWellFormed()).toBe(true);
    },
  );
});
