import type { ModelResource } from '../../../engine/index.ts'

/** How requests of a new provider authenticate. */
export const AUTH_KINDS = ['bearer', 'basic', 'api_key', 'oauth2'] as const

/** All that a new provider is made of. */
export interface Answers {
  readonly name: string
  readonly label: string
  /** Address of the API, without a slash at the end. */
  readonly baseUrl: string
  readonly auth: (typeof AUTH_KINDS)[number]
  /** Name of the first native resource. */
  readonly resource: string
  /** What it is mapped into. */
  readonly target: ModelResource
}
