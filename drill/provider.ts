import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { endWithRow } from './scope.js';

/** What the provider does with a call that it has read. */
export type Behaviour = (answer: ServerResponse, prompt: string) => void;

/** Takes the call and never answers. */
export const silent: Behaviour = () => undefined;

/** A model's provider on loopback, as far as a drill needs one. */
export class Provider {
  /** How many calls it has been sent. */
  calls = 0;
  readonly isAsked: Promise<void>;
  private readonly server = createServer();
  private told: () => void;

  private constructor(public behave: Behaviour) {
    this.isAsked = new Promise((resolve) => (this.told = resolve));
    this.server.on('request', (request, answer) => {
      void text(request).then((prompt) => {
        this.calls++;
        this.told();
        this.behave(answer, prompt);
      });
    });
  }

  static async start(behave: Behaviour): Promise<Provider> {
    const provider = new Provider(behave);
    const { server } = provider;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endWithRow(() => {
      server.closeAllConnections();
      server.close();
    });
    return provider;
  }

  /** With these a server asks it. */
  get settings(): NodeJS.ProcessEnv {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The provider does not listen');
    return {
      LLM_PROVIDER: 'openai',
      LLM_BASE_URL: `http://127.0.0.1:${address.port}/v1`,
      LLM_MODEL: 'double',
      LLM_API_KEY: 'drill',
      LLM_DAILY_BUDGET_USD: '1000',
    };
  }
}
