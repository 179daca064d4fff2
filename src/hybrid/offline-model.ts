import type { Model, ModelAnswer, ModelRequest } from './model.js';

/** Answers by rule, without a model and without the network. */
export class OfflineModel implements Model {
  readonly provider = 'offline';
  readonly name = 'rules';

  async generate({ offline }: ModelRequest<unknown>): Promise<ModelAnswer> {
    const usage = { inputTokens: 0, outputTokens: 0 };
    return { text: JSON.stringify(await offline()), isRefusal: false, usage };
  }
}
