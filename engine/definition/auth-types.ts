import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type {
  AuthMethod,
  FormField,
  OAuth2 as OAuth2File,
  Signing as SigningFile,
  SigningKey as SigningKeyFile,
} from '../schema/generated.ts'
import type { Slot } from './mapping-types.ts'

/** Compiled auth. */
export interface Auth {
  readonly methods: ReadonlyMap<string, CompiledAuthMethod>
  /** Operation that proves the credentials, `resource.method`. */
  readonly verify: string | undefined
  readonly identity: Compiled | undefined
  /** What is set up at the provider once the credentials are proven, in order. */
  readonly postInstall: readonly PostInstallStep[]
}

/** An operation that is run when an account is connected. */
export interface PostInstallStep {
  readonly name: string
  /** Operation, `resource.method`. */
  readonly operation: string
  /** Leaves the step out where it holds. */
  readonly unless: Compiled | undefined
  readonly path: ReadonlyMap<string, Slot>
  readonly query: ReadonlyMap<string, Slot>
  readonly body: ReadonlyMap<string, Slot>
  /** Over the answer. */
  readonly traits: ReadonlyMap<string, Compiled>
  readonly settings: ReadonlyMap<string, Compiled>
}

/** One compiled auth method. Only these expressions see $credentials and $app. */
export interface CompiledAuthMethod {
  readonly name: string
  readonly type: AuthMethod['type']
  readonly label: string
  readonly description: string | undefined
  readonly fields: Readonly<Record<string, FormField>>
  /** What an environment brings for all accounts; empty when nothing. */
  readonly app: Readonly<Record<string, FormField>>
  readonly token: Compiled | undefined
  readonly username: Compiled | undefined
  readonly password: Compiled | undefined
  readonly in: 'header' | 'query' | 'body' | undefined
  readonly keyName: string | undefined
  readonly value: CompiledTemplate | undefined
  readonly headers: ReadonlyMap<string, Compiled>
  /** In place of those of all methods. */
  readonly verify: string | undefined
  readonly identity: Compiled | undefined
  readonly oauth2: OAuth2 | undefined
  readonly signing: Signing | undefined
}

/** How an OAuth 2.0 grant is got, kept fresh and given back. */
export interface OAuth2 {
  readonly grant: NonNullable<OAuth2File['grant']>
  readonly issuer: string | undefined
  readonly scopes: readonly string[]
  readonly authorize: AuthorizePage | undefined
  readonly client: {
    readonly id: Compiled | undefined
    readonly secret: Compiled | undefined
    readonly auth: NonNullable<NonNullable<OAuth2File['client']>['auth']>
    readonly key: SigningKey | undefined
  }
  readonly token: OAuthEndpoint & { readonly timeoutMs: number }
  readonly assertion: Assertion | undefined
  readonly answer: {
    readonly accessToken: Compiled
    readonly refreshToken: Compiled
    readonly expiresIn: Compiled
    readonly expiresAt: Compiled
    readonly scope: Compiled
    readonly error: Compiled
  }
  /** Over the token answer and the callback. */
  readonly keep: ReadonlyMap<string, Compiled>
  readonly settings: ReadonlyMap<string, Compiled>
  readonly identity: Compiled | undefined
  readonly refresh: {
    readonly aheadMs: number
    /** Where the answer tells no lifetime; undefined takes the token to last. */
    readonly lifetimeMs: number | undefined
    readonly rotates: boolean
    readonly params: ReadonlyMap<string, Compiled>
  }
  /** `isOwn`: a form of its parameters alone; otherwise RFC 7009. */
  readonly revoke: (OAuthEndpoint & { readonly isOwn: boolean }) | undefined
}

/** An endpoint that the app talks to. */
export interface OAuthEndpoint {
  readonly host: string
  readonly path: CompiledTemplate
  readonly params: ReadonlyMap<string, Compiled>
  readonly headers: ReadonlyMap<string, Compiled>
  readonly body: 'form' | 'json'
}

interface AuthorizePage extends Omit<OAuthEndpoint, 'headers' | 'body'> {
  readonly pkce: 'S256' | 'none'
  readonly scopeParam: string
  readonly scopeSeparator: string
}

interface Assertion {
  readonly key: SigningKey
  readonly issuer: Compiled
  readonly subject: Compiled | undefined
  readonly audience: Compiled | undefined
  readonly lifetimeMs: number
  readonly claims: ReadonlyMap<string, Compiled>
}

/** A key that signs a JWT. */
export interface SigningKey {
  readonly alg: SigningKeyFile['alg']
  readonly value: Compiled
  readonly id: Compiled | undefined
}

/** A signature of every request. */
export interface Signing {
  readonly hash: NonNullable<SigningFile['hash']>
  readonly key: Compiled
  readonly keyEncoding: NonNullable<SigningFile['key_encoding']>
  readonly encoding: NonNullable<SigningFile['encoding']>
  readonly parts: SigningFile['parts']
  readonly separator: string
  readonly timestamp: NonNullable<SigningFile['timestamp']>
  readonly headers: ReadonlyMap<string, Compiled>
}
