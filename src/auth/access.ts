import { SetMetadata } from '@nestjs/common';

export const ACCESS = 'access';

/**
 * Who may use a route. Without a mark: who is signed in, and where the path names a user, that user; an admin may read
 * any user.
 * - `public`: everyone, but a token that is sent must be good
 * - `open`: everyone; no token is looked at
 * - `admin`: an admin
 * - `self or admin`: the user whom the path names, and an admin
 */
export type Access = 'public' | 'open' | 'private' | 'admin' | 'self or admin';

/** Opens a route to the anonymous; a bad token is still a 401. */
export const Public = () => SetMetadata<string, Access>(ACCESS, 'public');

/** Opens a route to everyone, whatever `Authorization` says. */
export const Open = () => SetMetadata<string, Access>(ACCESS, 'open');

/** Keeps a route for admins. */
export const Admin = () => SetMetadata<string, Access>(ACCESS, 'admin');

/** Lets admins do to any user what others may do to themselves alone. */
export const SelfOrAdmin = () => SetMetadata<string, Access>(ACCESS, 'self or admin');
