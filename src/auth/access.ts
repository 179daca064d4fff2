import { SetMetadata } from '@nestjs/common';

export const ACCESS = 'access';

/** `public`: open to everyone, but a token that is sent must be good. `open`: looks at no token at all. */
export type Access = 'public' | 'open';

/** Opens a route to the anonymous; a bad token is still a 401. */
export const Public = () => SetMetadata<string, Access>(ACCESS, 'public');

/** Opens a route to everyone, whatever `Authorization` says. */
export const Open = () => SetMetadata<string, Access>(ACCESS, 'open');
