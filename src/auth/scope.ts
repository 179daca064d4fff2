import { SetMetadata } from '@nestjs/common';

export const SCOPE = 'scope';

/** What a learner may let an app do for them: read what the tutor needs, and act. */
export const SCOPES = ['learn:read', 'learn:write'] as const;

export type Scope = (typeof SCOPES)[number];

/** Which scope opens a route to an app that a learner has connected. A route without one is closed to apps. */
export const Scope = (scope: Scope) => SetMetadata<string, Scope>(SCOPE, scope);

/** Opens a route to every app: what it does for one, it asks of routes that have a scope. */
export const AnyScope = () => SetMetadata<string, 'any'>(SCOPE, 'any');
