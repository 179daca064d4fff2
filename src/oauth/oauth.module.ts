import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AuthorizationServer } from './authorization-server.js';
import { OAuthClients } from './oauth-clients.js';
import { SignIn } from './sign-in.js';
import { Storage } from './storage.js';

@Module({
  imports: [AuthModule],
  providers: [AuthorizationServer, OAuthClients, SignIn, Storage],
})
export class OAuthModule {}
