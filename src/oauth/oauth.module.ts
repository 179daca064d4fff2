import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AuthorizationServer } from './authorization-server.js';
import { OAuthClients } from './oauth-clients.service.js';
import { SignIn } from './sign-in.service.js';
import { Storage } from './storage.js';

@Module({
  imports: [AuthModule],
  providers: [AuthorizationServer, OAuthClients, SignIn, Storage],
})
export class OAuthModule {}
