import type { Secret } from '../secret.ts'

/** Credentials that are to be proven before they are stored. */
export type CandidateCredentials = Secret<Readonly<Record<string, string>>>

/** What connecting an account found out. */
export interface VerifyAnswer {
  readonly identity: string | null
  /** What finds no identity where the definition says that there is one, as a sentence. */
  readonly unnamed: string | null
  readonly mode: string | null
  readonly livemode: boolean | null
  readonly apiVersion: string | null
  readonly traits: Readonly<Record<string, unknown>>
}

/** What a step of post_install leaves on the account. */
export interface InstallAnswer {
  readonly traits: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, string>>
}

/** What an environment brings for all its accounts of a method: client_id, client_secret and the like. */
export type OAuthApp = Secret<Readonly<Record<string, string>>>

/** Who is about to be connected over OAuth: no account yet, or one that is connected again. */
export interface Authorizing {
  readonly integration: string
  /** Name of the auth method. */
  readonly method: string
  readonly app: OAuthApp
  /** Settings of the form, as far as hosts, paths and parameters read them. */
  readonly connection: Readonly<Record<string, string>>
  /** Default what the settings tell, or else null: hosts without a mode. */
  readonly mode?: string | null | undefined
  /** Origin granted by an admin. Default null. */
  readonly baseUrl?: string | null | undefined
  readonly redirectUri: string
  readonly state: string
}

/** The callback of the provider, for the state that it was begun with. */
export interface AuthorizationCallback extends Authorizing {
  readonly codeVerifier: string | null
  /** Query parameters of the callback. */
  readonly parameters: Readonly<Record<string, string>>
}
