import { Body, Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Errors } from '../common/api-errors.js';
import { Address } from '../limits/client-address.js';
import { Limit } from '../limits/limit.js';
import { UserDto } from '../users/users.dto.js';
import { Open } from './access.js';
import {
  AccountExportDto,
  LoginDto,
  PasswordChangeDto,
  PasswordDto,
  PasswordResetDto,
  RefreshTokenDto,
  RegisteredDto,
  RegistrationDto,
  TokenPairDto,
  UserPatchDto,
} from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { CallerId } from './caller.js';

@ApiTags('Accounts')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /**
   * Open an account for a learner and sign them in.
   * @remarks Emails are unique without regard to case and look-alike letters, usernames without regard to case.
   */
  @Post('register')
  @Open()
  @Limit('AUTH_REGISTER')
  @ApiOperation({ operationId: 'register' })
  @Errors('EMAIL_TAKEN', 'USERNAME_TAKEN')
  register(@Body() registration: RegistrationDto, @Address() address: string): Promise<RegisteredDto> {
    return this.auth.register(registration, address);
  }

  /**
   * Sign in with an email or username and a password.
   * @remarks An unknown account and a wrong password are answered alike. Failures are counted per account too.
   */
  @Post('login')
  @HttpCode(200)
  @Open()
  @Limit('AUTH_LOGIN')
  @ApiOperation({ operationId: 'login' })
  @Errors('INVALID_CREDENTIALS', 'ACCOUNT_DISABLED', 'CONFLICT')
  login(@Body() login: LoginDto, @Address() address: string): Promise<TokenPairDto> {
    return this.auth.login(login, address);
  }

  /**
   * Exchange a refresh token for the next pair of tokens.
   * @remarks A refresh token is good once. Using one again ends the session, but for the last one within ten seconds.
   */
  @Post('refresh')
  @HttpCode(200)
  @Open()
  @Limit('AUTH_REFRESH')
  @ApiOperation({ operationId: 'refreshTokens' })
  @Errors('INVALID_TOKEN', 'ACCOUNT_DISABLED', 'CONFLICT')
  refresh(@Body() token: RefreshTokenDto): Promise<TokenPairDto> {
    return this.auth.refresh(token);
  }

  /**
   * End the session that a refresh token belongs to.
   * @remarks The answer is the same for a token that nobody knows.
   */
  @Post('logout')
  @HttpCode(204)
  @Open()
  @Limit('AUTH_LOGOUT')
  @ApiOperation({ operationId: 'logout' })
  @Errors()
  logout(@Body() token: RefreshTokenDto): Promise<void> {
    return this.auth.logout(token);
  }

  /**
   * Read the caller's own account.
   * @remarks What it may read and do is told by its subscription.
   */
  @Get('me')
  @Limit('AUTH_ME')
  @ApiOperation({ operationId: 'getMe' })
  @Errors()
  me(@CallerId() userId: string): Promise<UserDto> {
    return this.auth.me(userId);
  }

  /**
   * Change the caller's username or time zone.
   * @remarks A field that is left out stays as it is.
   */
  @Patch('me')
  @Limit('AUTH_ME')
  @ApiOperation({ operationId: 'updateMe' })
  @Errors('USERNAME_TAKEN')
  updateMe(@CallerId() userId: string, @Body() patch: UserPatchDto): Promise<UserDto> {
    return this.auth.updateMe(userId, patch);
  }

  /**
   * Change the caller's password and end all of their sessions.
   * @remarks Every refresh token dies, and every access token that was issued before, the one of this request too.
   */
  @Post('password')
  @HttpCode(204)
  @Limit('AUTH_PASSWORD')
  @ApiOperation({ operationId: 'changePassword' })
  @Errors('WRONG_PASSWORD', 'CONFLICT')
  changePassword(@CallerId() userId: string, @Body() change: PasswordChangeDto): Promise<void> {
    return this.auth.changePassword(userId, change);
  }

  /**
   * Set a new password with the one-time token that an operator has made.
   * @remarks The token is good for an hour and once. All sessions of the account end.
   */
  @Post('password/reset')
  @HttpCode(204)
  @Open()
  @Limit('AUTH_PASSWORD')
  @ApiOperation({ operationId: 'resetPassword' })
  @Errors('INVALID_TOKEN')
  resetPassword(@Body() reset: PasswordResetDto): Promise<void> {
    return this.auth.resetPassword(reset);
  }

  /**
   * Hand out all that is stored of the caller.
   * @remarks The account and the rows of every table that name it; no password and no token.
   */
  @Get('me/export')
  @Limit('AUTH_EXPORT')
  @ApiOperation({ operationId: 'exportMe' })
  @Errors()
  exportMe(@CallerId() userId: string): Promise<AccountExportDto> {
    return this.auth.exportMe(userId);
  }

  /**
   * Delete the caller's account and all that is stored of them.
   * @remarks It takes the password, and cannot be undone.
   */
  @Delete('me')
  @HttpCode(204)
  @Limit('AUTH_DELETE')
  @ApiOperation({ operationId: 'deleteMe' })
  @Errors('WRONG_PASSWORD')
  deleteMe(@CallerId() userId: string, @Body() password: PasswordDto): Promise<void> {
    return this.auth.deleteMe(userId, password);
  }
}
