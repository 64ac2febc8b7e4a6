// Generated from engine/schema/*.schema.yaml by `npm run generate`. Do not edit.
/**
 * A name in snake_case that starts with a letter.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Slug".
 */
export type Slug = string
/**
 * HTTP method (RFC 9110).
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "HttpVerb".
 */
export type HttpVerb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/**
 * Requests expected, in order, and the answers.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "CaseExchanges".
 *
 * Items: One exchange.
 */
export type CaseExchanges = {
  /**
   * The request, compared whole.
   */
  request: {
    verb: HttpVerb
    /**
     * Path with base path.
     */
    path: string
    /**
     * Decoded query parameters as they stand on the wire. All of them; default none.
     */
    query?: {
      /**
       * Value or values.
       */
      [k: string]: string | unknown[]
    }
    /**
     * Headers that must be there; others are not compared.
     */
    headers?: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * Body: a form as an object of decoded pairs, JSON as itself. Default none.
     */
    body?: {
      [k: string]: unknown
    }
  }
  /**
   * The answer.
   */
  response: {
    /**
     * HTTP status.
     */
    status: number
    /**
     * Headers.
     */
    headers?: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * Body; JSON unless it is text.
     */
    body?: {
      [k: string]: unknown
    }
  }
}[]
/**
 * An operation of this integration, written `resource.method`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "OperationRef".
 */
export type OperationRef = string
/**
 * Encoding of the request body.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "BodyType".
 */
export type BodyType = 'json' | 'form' | 'multipart' | 'raw' | 'none'
/**
 * How a list is written: a[]=1, a[0]=1, a=1&a=2, a=1,2, a=1|2, a=1 2 or a=[1,2].
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ArrayFormat".
 */
export type ArrayFormat = 'brackets' | 'indexed' | 'repeat' | 'comma' | 'pipe' | 'space' | 'json'
/**
 * What the operation does to the world. Tokens, approvals, retries and the audit use it; an operation without one counts as money.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Effect".
 */
export type Effect = 'read' | 'write' | 'money' | 'credential'
/**
 * How one unified field is made.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Field".
 */
export type Field =
  | string
  | Constant
  | {
      /**
       * The native value.
       */
      from: string
      /**
       * Native value to unified value; null where it means none.
       */
      map: {
        /**
         * Unified value.
         */
        [k: string]: string | null | boolean | number
      }
      /**
       * Unified value when the native one is missing or null. Default null.
       */
      absent?: string
      /**
       * Whether `raw_<field>` is filled with the native value, when the model has it.
       */
      raw?: boolean
    }
  | {
      /**
       * The rules in order.
       *
       * @minItems 1
       *
       * Items: One rule.
       */
      when: [
        {
          /**
           * Condition.
           */
          if: string
          /**
           * Unified value.
           */
          then: string | null | boolean | number
        },
        ...{
          /**
           * Condition.
           */
          if: string
          /**
           * Unified value.
           */
          then: string | null | boolean | number
        }[]
      ]
      /**
       * What holds when no rule does; a value, or a table. Default null.
       */
      else?:
        | (string | null | boolean | number)
        | {
            /**
             * The native value.
             */
            from: string
            /**
             * Native value to unified value.
             */
            map: {
              /**
               * Unified value.
               */
              [k: string]: string | null | boolean | number
            }
            /**
             * Unified value when the native one is missing or null.
             */
            absent?: string
          }
      /**
       * Native value for `raw_<field>`.
       */
      raw?: string
    }
  | {
      /**
       * The native elements.
       */
      each: string
      /**
       * A shape whose fields are taken; own fields win.
       */
      use?: string
      fields?: FieldMap
    }
  | {
      /**
       * The shape.
       */
      use: string
      /**
       * The native object that becomes the record of the shape. Default the record itself.
       */
      from?: string
      fields?: FieldMap
    }
  | {
      /**
       * The expression.
       */
      value: string
      /**
       * What a reader should know.
       */
      note?: string
      /**
       * Why the value can be missing; explain shows it.
       */
      null_reason?: string
    }
  | {
      /**
       * Takes the field away.
       */
      $remove: true
    }
/**
 * Where a list comes from and its order.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ListSpec".
 */
export type ListSpec = SourceKeys & {
  /**
   * Unified field that the source is ordered by; `-` is descending. A union merges by it.
   */
  order?: string
  /**
   * Unified field that tells duplicates of a union.
   */
  key?: string
}
/**
 * A value that is sent.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ValueSlot".
 */
export type ValueSlot = string | Constant
/**
 * One source of a list: an operation, or a merge of sources.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Source".
 */
export type Source = SourceKeys
/**
 * A type of events, exact or with a `*` at the end.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RuleEventType".
 */
export type RuleEventType = string
/**
 * A time of the day, by the clock on the wall.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RuleTimeOfDay".
 */
export type RuleTimeOfDay = string
/**
 * Text with `{{ expressions }}` over the event. `$run` has `id`, `rule`, `key` and `started_at`, `$step` has `number` and `of`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RuleText".
 */
export type RuleText = string
/**
 * Part of an answer: text is an expression, `{ const: ... }` a literal, anything else stands for itself. What has no value is left out.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxShape".
 */
export type SandboxShape =
  | string
  | (number | boolean | null)
  | SandboxShape[]
  | Constant
  | {
      [k: string]: SandboxShape
    }
/**
 * An expression over the record at hand, the call and the steps before.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxText".
 */
export type SandboxText = string
/**
 * A value: text is an expression, `{ const: ... }` a literal, anything else stands for itself with its parts. An expression without a value gives null, and nothing at all under a key that ends in `?`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxTree".
 */
export type SandboxTree =
  | string
  | (number | boolean | null)
  | SandboxTree[]
  | Constant
  | {
      [k: string]: SandboxTree
    }
/**
 * Steps in order. All of them happen or none, unless a failure says `keep`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxSteps".
 */
export type SandboxSteps = SandboxStep[]
/**
 * A value: text is an expression, `{ const: ... }` a literal, anything else stands for itself with its parts. An expression without a value gives null.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxOlderValue".
 */
export type SandboxOlderValue =
  | string
  | (number | boolean | null)
  | SandboxOlderValue[]
  | Constant
  | {
      [k: string]: SandboxOlderValue
    }

export interface Language {
  case?: CaseFile
  integration?: Integration
  mapping?: MappingFile
  resource?: Resource
  rule?: Rule
  sandbox?: SandboxFile
  'unified-common'?: UnifiedCommon
  'unified-model'?: UnifiedModel
  'unified-resource'?: UnifiedResource
  webhooks?: Webhooks
}
/**
 * Cases of one resource.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "CaseFile".
 */
export interface CaseFile {
  /**
   * The cases.
   *
   * @minItems 1
   */
  cases?: [Case, ...Case[]]
  /**
   * Cases of webhooks.
   *
   * @minItems 1
   */
  deliveries?: [DeliveryCase, ...DeliveryCase[]]
}
/**
 * A call, or a connect, the exchanges with the provider it makes, and what comes out. A request that no exchange expects, and an exchange that no request uses, fail.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Case".
 */
export interface Case {
  /**
   * What the case shows.
   */
  name: string
  /**
   * The instant at which it runs (RFC 3339). Default 2026-06-01T00:00:00Z.
   */
  now?: string
  account?: CaseAccount
  /**
   * The call of Onefold's own API; or `connect`.
   */
  call?: {
    /**
     * Unified model; without it the call is a proxy call.
     */
    model?: string
    resource: Slug
    /**
     * Operation.
     */
    method: string
    /**
     * Id of the record.
     */
    id?: string
    /**
     * Query of the call as the API takes it.
     */
    query?: {
      /**
       * Value.
       */
      [k: string]: string | number | boolean
    }
    /**
     * Body of the call.
     */
    body?: {
      [k: string]: unknown
    }
    /**
     * Key of a write. Default case-key.
     */
    idempotency_key?: string
  }
  /**
   * Instead of `call`: connects the account (verification, traits, post_install). The result is { identity, mode, livemode, traits, settings }, settings as the steps leave them.
   */
  connect?: true
  exchanges: CaseExchanges
  /**
   * What comes out. Exactly one of result and error.
   */
  expect: {
    /**
     * The record, or the list of records. Fields that are not named must be null or absent, except the conventional ones (object, provider, integrated_account_id, tenant_id, livemode, is_deleted, remote_url, _meta), which are compared when named.
     */
    result?: {
      [k: string]: unknown
    }
    /**
     * Lists: whether there is a next cursor. Default not compared.
     */
    more?: boolean
    /**
     * Lists: the value of is_partial_response.
     */
    partial?: boolean
    /**
     * Fields reported in _meta.field_errors. Default none may be.
     *
     * Items: Field.
     */
    field_errors?: string[]
    /**
     * The failure.
     */
    error?: {
      /**
       * Code of the error table.
       */
      code: string
      /**
       * The provider's code.
       */
      provider_code?: string
    }
  }
}
/**
 * The account it runs on.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "CaseAccount".
 */
export interface CaseAccount {
  /**
   * Auth method. Default the first.
   */
  method?: string
  /**
   * Mode.
   */
  mode?: string
  /**
   * Made-up credentials. Default the examples of the form.
   */
  credentials?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Settings of the account.
   */
  connection?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Traits of the account.
   */
  traits?: {
    /**
     * Value.
     */
    [k: string]: {
      [k: string]: unknown
    }
  }
  /**
   * API version of the account. Default the integration's.
   */
  api_version?: string
}
/**
 * A delivery of the provider and the events that come out of it.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "DeliveryCase".
 */
export interface DeliveryCase {
  /**
   * What the case shows.
   */
  name: string
  /**
   * The instant at which it runs (RFC 3339). Default 2026-06-01T00:00:00Z.
   */
  now?: string
  account?: CaseAccount
  /**
   * The delivery.
   */
  delivery: {
    /**
     * Its headers.
     */
    headers?: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * Its query.
     */
    query?: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * Its body: a text as it is, anything else as JSON without blanks.
     */
    body: {
      [k: string]: unknown
    }
    /**
     * Where it was sent. Default https://onefold.test/webhook-in/case.
     */
    url?: string
  }
  /**
   * Secrets of the address. Default `case-secret`.
   *
   * Items: Secret.
   */
  secrets?: string[]
  /**
   * What the provider calls the address. Default case-endpoint.
   */
  endpoint_id?: string
  /**
   * The certificate that the delivery names, as PEM.
   */
  certificate?: string
  exchanges?: CaseExchanges
  /**
   * What comes out.
   */
  expect: {
    /**
     * Text that the delivery is answered with.
     */
    challenge?: string
    /**
     * The events in order. Of each, what is named is compared; conventional fields of the record count only when they are named.
     *
     * Items: One event.
     */
    events?: {
      /**
       * The provider's id.
       */
      id?: string
      /**
       * The provider's type.
       */
      raw_type?: string
      /**
       * Identity of the account.
       */
      account?: string | null
      /**
       * Version that it is rendered in.
       */
      api_version?: string | null
      /**
       * Unified type; null where it has none.
       */
      type?: string | null
      /**
       * Unified resource with its model, `model/resource`.
       */
      resource?: string | null
      /**
       * Id of the record.
       */
      resource_id?: string | null
      /**
       * When it happened.
       */
      occurred_at?: string | null
      /**
       * The unified record; null where there is none.
       */
      record?: {
        [k: string]: unknown
      }
    }[]
    /**
     * The failure.
     */
    error?: {
      /**
       * Code of the error table.
       */
      code: string
    }
  }
}
/**
 * A provider, its hosts, auth and the defaults of its requests.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Integration".
 */
export interface Integration {
  /**
   * Version of the definition language.
   */
  onefold: 1
  /**
   * Name of the integration; the folder has the same.
   */
  name: string
  /**
   * The provider's name as people write it.
   */
  label: string
  /**
   * What the provider does, one or two sentences.
   */
  description: string
  /**
   * Home page.
   */
  website?: string
  /**
   * API documentation.
   */
  docs?: string
  /**
   * Shape that the provider's own clients expect a key to start with; our account tokens wear it.
   */
  account_token_prefix?: string
  /**
   * Fields that choose the site or region of an account, whatever the auth method; read as $connection.
   */
  settings?: {
    [k: string]: FormField
  }
  /**
   * Origins that requests may go to; `default` is used where an operation names none.
   */
  hosts: {
    /**
     * One origin.
     */
    [k: string]: {
      /**
       * Origin and optional base path; `{{ $connection.x }}` fills one host label.
       */
      url: string
      /**
       * What the built host must end in; wanted when the host has a variable.
       */
      suffix?: string
      /**
       * Another URL for a mode.
       */
      modes?: {
        /**
         * Origin in that mode.
         */
        [k: string]: string
      }
    }
  }
  /**
   * Live, test and the like, told apart by a credential or setting; the first that matches is taken.
   */
  modes?: {
    /**
     * One mode.
     */
    [k: string]: {
      /**
       * Whether money is real.
       */
      livemode: boolean
      /**
       * The field whose value tells, or several of which one has to; a mode without it always matches.
       */
      match?: ModeMatch | [ModeMatch, ...ModeMatch[]]
    }
  }
  /**
   * The provider's API version that the mappings are written for.
   */
  api_version?: {
    /**
     * Version that is sent and recorded on records.
     */
    value: string
    /**
     * Request header that carries it.
     */
    header?: string
    /**
     * Where an answer states its version.
     */
    read?: string
  }
  auth: Auth
  /**
   * What the caller may never set because it chooses the account or carries credentials. The auth header and parameter are always owned.
   */
  owned?: {
    /**
     * Header names.
     *
     * Items: Header name.
     */
    headers?: string[]
    /**
     * Query parameter names.
     *
     * Items: Parameter name.
     */
    query?: string[]
    /**
     * Path prefixes.
     *
     * Items: A prefix of whole segments.
     */
    paths?: string[]
  }
  request?: RequestDefaults
  response?: ResponseDefaults
  money?: MoneyForm
  time?: TimeForm
  idempotency?: Idempotency
  pagination?: Pagination
  rate_limits?: RateLimits
  retry?: Retry
  /**
   * Where a failed answer holds its details.
   */
  failure?: {
    /**
     * Text for people.
     */
    message?: string
    /**
     * The provider's own code.
     */
    code?: string
    /**
     * The provider's id of the request.
     */
    request_id?: string
  }
  /**
   * Ordered rules; those of an operation come first. Statuses without a rule: 400 and 422 provider_invalid_request, 401 needs_reauth, 403 provider_forbidden, 404 record_not_found, 409 conflict, 429 rate_limited, 501 unsupported_method, 503 provider_unavailable, other 5xx provider_error.
   */
  errors?: ErrorRule[]
  /**
   * Facts of an account that variants choose by; read at connect and kept.
   */
  traits?: {
    /**
     * One trait.
     */
    [k: string]: {
      from: OperationRef
      /**
       * The trait in the answer.
       */
      value: string
    }
  }
  sync?: SyncFacts
}
/**
 * One field that a person fills in when connecting an account.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "FormField".
 */
export interface FormField {
  /**
   * What the person reads above the field.
   */
  label: string
  /**
   * Where to find the value.
   */
  help?: string
  /**
   * Regular expression the whole value must match.
   */
  pattern?: string
  /**
   * A harmless example.
   */
  example?: string
  /**
   * True keeps the value in the vault ($credentials); false puts it in $connection.
   */
  secret?: boolean
  /**
   * Whether the person must fill it in.
   */
  required?: boolean
  /**
   * Value taken when none is given.
   */
  default?: string
  /**
   * The values to choose from.
   *
   * Items: One choice.
   */
  options?: string[]
  /**
   * Show the field only when another field has this value.
   */
  visible_when?: {
    /**
     * The other field.
     */
    field: string
    /**
     * Its value.
     */
    equals: string
  }
}
/**
 * A field whose value tells the mode.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ModeMatch".
 */
export interface ModeMatch {
  /**
   * Name of a credential or setting, also of one that `keep` names.
   */
  field: string
  /**
   * Regular expression it matches.
   */
  pattern: string
}
/**
 * The ways to connect an account.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Auth".
 */
export interface Auth {
  /**
   * Auth methods by name; the first is offered first.
   */
  methods: {
    [k: string]: AuthMethod
  }
  verify?: OperationRef
  /**
   * What names the provider account in the answer to verify; a reconnect must show the same. An account where it finds nothing says so.
   */
  identity?: string
  /**
   * What is set up at the provider once the credentials are proven, in this order; the account is active only after all of it. Each connect runs it again, so a step bears a repeat, or says `unless`.
   *
   * @minItems 1
   */
  post_install?: [PostInstallStep, ...PostInstallStep[]]
}
/**
 * One way to authenticate.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "AuthMethod".
 */
export interface AuthMethod {
  /**
   * bearer (RFC 6750), basic (RFC 7617), api_key in header, query or body, oauth2 (RFC 6749), or none.
   */
  type: 'bearer' | 'basic' | 'api_key' | 'oauth2' | 'none'
  /**
   * What the person chooses.
   */
  label: string
  /**
   * When to choose it, one sentence.
   */
  description?: string
  /**
   * What the person fills in.
   */
  fields?: {
    [k: string]: FormField
  }
  /**
   * What an environment brings once for all its accounts, such as its OAuth app or platform key; read as $app, kept in the vault whether secret or not.
   */
  app?: {
    [k: string]: FormField
  }
  oauth2?: OAuth2
  signing?: Signing
  /**
   * The operation that proves these credentials, where it is another one than `auth.verify`.
   */
  verify?: OperationRef
  /**
   * What names the provider account in the answer to it. Default `auth.identity`, but nothing beside a `verify` of the method.
   */
  identity?: string
  /**
   * bearer, oauth2: the token. oauth2: default $credentials.access_token, unless `name` says where it goes.
   */
  token?: string
  /**
   * basic: the user name.
   */
  username?: string
  /**
   * basic: the password. Default empty.
   */
  password?: string
  /**
   * api_key, oauth2: where the key goes.
   */
  in?: 'header' | 'query' | 'body'
  /**
   * api_key, oauth2: header, parameter or dotted body path.
   */
  name?: string
  /**
   * api_key, oauth2: the value.
   */
  value?: string
  /**
   * Further headers of every request; one whose value is missing is left out. They are owned.
   */
  headers?: {
    /**
     * Value of the header.
     */
    [k: string]: string
  }
}
/**
 * How an OAuth 2.0 grant is got, kept fresh and given back. What it yields are credentials: access_token, refresh_token and what `keep` names.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "OAuth2".
 */
export interface OAuth2 {
  /**
   * authorization_code (a person agrees, RFC 6749 4.1), client_credentials (4.4) or jwt_bearer (RFC 7523).
   */
  grant?: 'authorization_code' | 'client_credentials' | 'jwt_bearer'
  /**
   * What the provider calls itself in `iss` of the callback (RFC 9207); with it the callback must carry it.
   */
  issuer?: string
  /**
   * Scopes asked for when the caller names none.
   *
   * Items: One scope.
   */
  scopes?: string[]
  /**
   * Where the person is sent.
   */
  authorize?: {
    /**
     * Name of the host.
     */
    host?: string
    /**
     * Path of the page.
     */
    path: string
    /**
     * Further parameters; one whose value is missing is left out.
     */
    params?: {
      /**
       * Value of the parameter.
       */
      [k: string]: string
    }
    /**
     * Proof key for the code (RFC 7636). Switch it off only where the provider refuses it.
     */
    pkce?: 'S256' | 'none'
    /**
     * Parameter that carries the scopes.
     */
    scope_param?: string
    /**
     * What stands between scopes.
     */
    scope_separator?: string
  }
  /**
   * How the app proves itself at the token and revocation endpoints.
   */
  client?: {
    /**
     * Client id. Default $app.client_id where `app` declares it.
     */
    id?: string
    /**
     * Client secret. Default $app.client_secret where `app` declares it.
     */
    secret?: string
    /**
     * As RFC 7591 names them. none sends the client id, unless `token.headers` has an Authorization.
     */
    auth?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'
    key?: SigningKey
  }
  token: TokenEndpoint
  /**
   * jwt_bearer: the signed assertion.
   */
  assertion?: {
    key: SigningKey
    /**
     * Claim iss.
     */
    issuer: string
    /**
     * Claim sub. Default the issuer.
     */
    subject?: string
    /**
     * Claim aud. Default the URL of the token endpoint.
     */
    audience?: string
    /**
     * Seconds until the assertion expires.
     */
    lifetime_s?: number
    /**
     * Further claims.
     */
    claims?: {
      /**
       * Value of the claim.
       */
      [k: string]: string
    }
  }
  /**
   * Where the token answer holds what, if not where RFC 6749 5.1 says. JSON and form-encoded answers are read alike, and `error` makes a 200 a refusal.
   */
  answer?: {
    /**
     * Default $response.access_token.
     */
    access_token?: string
    /**
     * Default $response.refresh_token. An answer without one keeps the present one.
     */
    refresh_token?: string
    /**
     * Seconds until the access token expires. Default $response.expires_in.
     */
    expires_in?: string
    /**
     * When the access token expires (RFC 3339), where the answer tells no seconds. Default $response.expires_at.
     */
    expires_at?: string
    /**
     * Scopes granted, as text or list. Default $response.scope.
     */
    scope?: string
    /**
     * Code of a refusal as in RFC 6749 5.2; invalid_grant ends the grant. Default $response.error.
     */
    error?: string
  }
  /**
   * Further values of the token answer that are kept as credentials; read as $credentials.
   */
  keep?: {
    /**
     * Value to keep; $callback holds the parameters of the callback.
     */
    [k: string]: string
  }
  /**
   * Settings that the token answer tells when an account is connected; read as $connection.
   */
  settings?: {
    /**
     * The setting; $callback holds the parameters of the callback.
     */
    [k: string]: string
  }
  /**
   * What names the provider account in the token answer. Default none; then auth.identity tells.
   */
  identity?: string
  /**
   * How access tokens are renewed (RFC 6749 6).
   */
  refresh?: {
    /**
     * Seconds before expiry from which a call renews the token first; at most half the lifetime of the token.
     */
    ahead_s?: number
    /**
     * Lifetime in seconds where the answer tells none. Default the token is taken to last.
     */
    expires_in_s?: number
    /**
     * Whether each renewal may end the refresh token that was used.
     */
    rotates?: boolean
    /**
     * Further parameters of the request.
     */
    params?: {
      /**
       * Value of the parameter.
       */
      [k: string]: string
    }
  }
  /**
   * How the provider is told that a grant is over: as RFC 7009 says, or with `params` a call of its own that carries only these and `headers`.
   */
  revoke?: {
    /**
     * Name of the host.
     */
    host?: string
    /**
     * Path of the endpoint.
     */
    path: string
    /**
     * How the fields are written; RFC 7009 wants a form.
     */
    body?: 'form' | 'json'
    /**
     * Fields that are posted instead of what RFC 7009 says.
     */
    params?: {
      /**
       * Value of the field.
       */
      [k: string]: string
    }
    /**
     * Further headers.
     */
    headers?: {
      /**
       * Value of the header.
       */
      [k: string]: string
    }
  }
}
/**
 * A key that signs a JWT.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SigningKey".
 */
export interface SigningKey {
  /**
   * Algorithm (RFC 7518).
   */
  alg: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA' | 'HS256' | 'HS512'
  /**
   * The private key as PEM, or the secret of HS256 and HS512.
   */
  value: string
  /**
   * Header kid.
   */
  id?: string
}
/**
 * The token endpoint.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "TokenEndpoint".
 */
export interface TokenEndpoint {
  /**
   * Name of the host.
   */
  host?: string
  /**
   * Path of the endpoint.
   */
  path: string
  /**
   * How the fields are written; RFC 6749 wants a form.
   */
  body?: 'form' | 'json'
  /**
   * Longest wait for one answer in milliseconds.
   */
  timeout_ms?: number
  /**
   * Further parameters; one whose value is missing is left out.
   */
  params?: {
    /**
     * Value of the parameter.
     */
    [k: string]: string
  }
  /**
   * Further headers.
   */
  headers?: {
    /**
     * Value of the header.
     */
    [k: string]: string
  }
}
/**
 * A signature of every request: HMAC over named parts, in the order given.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Signing".
 */
export interface Signing {
  /**
   * Hash of the HMAC (RFC 2104).
   */
  hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /**
   * The key.
   */
  key: string
  /**
   * How the key is written.
   */
  key_encoding?: 'utf8' | 'base64' | 'hex'
  /**
   * How the signature is written.
   */
  encoding?: 'hex' | 'base64' | 'base64url'
  /**
   * What is signed. target is path and query as sent; body_hash the hash of the body, written as `encoding` says.
   *
   * @minItems 1
   *
   * Items: A part of the request.
   */
  parts: [
    'verb' | 'host' | 'path' | 'query' | 'target' | 'body' | 'body_hash' | 'timestamp' | 'nonce',
    ...('verb' | 'host' | 'path' | 'query' | 'target' | 'body' | 'body_hash' | 'timestamp' | 'nonce')[]
  ]
  /**
   * What stands between the parts.
   */
  separator?: string
  /**
   * Form of the time.
   */
  timestamp?: 's' | 'ms' | 'rfc3339'
  /**
   * Headers that carry it; one whose value is missing is left out. They are owned.
   */
  headers: {
    /**
     * Value of the header.
     */
    [k: string]: string
  }
}
/**
 * An operation that is run when an account is connected; none that moves money.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "PostInstallStep".
 */
export interface PostInstallStep {
  /**
   * Name of the step, told where it fails.
   */
  name: string
  to: OperationRef
  /**
   * Leaves the step out where it holds, such as when an earlier connect has done it.
   */
  unless?: string
  path?: StepValues
  query?: StepValues
  body?: StepValues
  /**
   * Traits that the answer tells; read as $account.traits, by later steps too.
   */
  traits?: {
    /**
     * The trait in the answer.
     */
    [k: string]: string
  }
  /**
   * Settings that the answer tells; read as $connection, by later steps too.
   */
  settings?: {
    /**
     * The setting in the answer.
     */
    [k: string]: string
  }
}
/**
 * Native name (dots nest) to value. A missing value is not sent.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "StepValues".
 */
export interface StepValues {
  /**
   * A value that is sent.
   */
  [k: string]: string | Constant
}
/**
 * A literal value where an expression could stand.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Constant".
 */
export interface Constant {
  /**
   * The value itself; any JSON value.
   */
  const: {
    [k: string]: unknown
  }
}
/**
 * How requests are written.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RequestDefaults".
 */
export interface RequestDefaults {
  /**
   * Encoding of the request body.
   */
  body?: BodyType & string
  /**
   * Form bodies: lists of scalars as a[]=, all lists as a[0]=, objects in lists by column as a[k][0]=, or nested values as JSON text.
   */
  form?: 'brackets' | 'indexed' | 'columnar' | 'json'
  /**
   * Fields of a form body that carry JSON text whatever the style.
   *
   * Items: Field name.
   */
  json_fields?: string[]
  /**
   * How a list is written in the query: a[]=1, a[0]=1, a=1&a=2, a=1,2, a=1|2, a=1 2 or a=[1,2].
   */
  arrays?: ArrayFormat & string
  /**
   * How null is written in bodies: empty text, JSON null, or left out.
   */
  nulls?: 'empty' | 'null' | 'omit'
  /**
   * Key that wraps the whole JSON body.
   */
  envelope?: string
  /**
   * Body fields that are always sent with this value; dots nest.
   */
  constants?: {
    /**
     * The value.
     */
    [k: string]: {
      [k: string]: unknown
    }
  }
  /**
   * Parameters by name: an operation that declares one of that name in its query or body is given this value where the call names none. A missing value is not sent.
   */
  defaults?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Headers sent with each request.
   */
  headers?: {
    /**
     * Value of the header.
     */
    [k: string]: string
  }
  /**
   * Longest wait for one attempt in milliseconds.
   */
  timeout_ms?: number
}
/**
 * How answers are read.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ResponseDefaults".
 */
export interface ResponseDefaults {
  /**
   * What the body is.
   */
  format?: 'json' | 'csv' | 'text' | 'bytes' | 'none'
  /**
   * Largest body accepted after decompression in bytes.
   */
  max_bytes?: number
  /**
   * How integers beyond 2^53 are read; string keeps every digit.
   */
  big_integers?: 'number' | 'string'
  /**
   * The list of records in a list answer.
   */
  records?: string
  /**
   * The record in the answer to one get or write. Default is the whole body.
   */
  record?: string
}
/**
 * How amounts are written by this provider or resource.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "MoneyForm".
 */
export interface MoneyForm {
  /**
   * Integers in the minor unit, decimal numbers or strings, or millionths.
   */
  form: 'minor' | 'decimal' | 'micros'
  /**
   * Currencies whose exponent here differs from ISO 4217.
   */
  exponents?: {
    /**
     * Digits after the decimal point.
     */
    [k: string]: number
  }
}
/**
 * How instants are written by this provider or resource.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "TimeForm".
 */
export interface TimeForm {
  /**
   * Unix seconds, Unix milliseconds, RFC 3339 text, or a civil date.
   */
  form: 's' | 'ms' | 'rfc3339' | 'date'
  /**
   * IANA zone of times that carry none. Default UTC.
   */
  zone?: string
}
/**
 * How a repeated write is recognised by the provider.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Idempotency".
 */
export interface Idempotency {
  /**
   * Where the key goes.
   */
  in: 'header' | 'body' | 'none'
  /**
   * Header name or dotted body path.
   */
  name?: string
  /**
   * Longest key; longer ones are hashed.
   */
  max_length?: number
  /**
   * How long the provider remembers a key.
   */
  lifetime_s?: number
  /**
   * HTTP methods that take the key. Default POST.
   */
  verbs?: HttpVerb[]
  /**
   * Whether an answer is a replay of an earlier one.
   */
  replayed?: string
  /**
   * The read that gives the first result when the provider refuses a repeated key.
   */
  on_conflict?: {
    /**
     * Condition over the answer.
     */
    when: string
    from: OperationRef
    /**
     * Path parameters by name.
     */
    path: {
      /**
       * Value.
       */
      [k: string]: string
    }
  }
  /**
   * Asked before a write is sent again where there is no key or the key has expired: the list that would hold the first result.
   */
  find_existing?: {
    from: OperationRef
    /**
     * Query parameters by name.
     */
    query?: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * Condition over one listed record.
     */
    match: string
  }
}
/**
 * How a list is paged. A stuck cursor, an empty page that says there is more and a missing path are errors, never the end.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Pagination".
 */
export interface Pagination {
  /**
   * cursor: key of the last record; token: a token in the answer; next_url: a URL in the body; link: Link header (RFC 8288); page and offset: by number; expression: computed; none: one page.
   */
  strategy: 'cursor' | 'token' | 'next_url' | 'link' | 'page' | 'offset' | 'expression' | 'none'
  /**
   * Where paging parameters go.
   */
  in?: 'query' | 'body' | 'header'
  /**
   * cursor: parameter for records after a key.
   */
  after?: string
  /**
   * cursor: parameter for records before a key; without it the list cannot go back.
   */
  before?: string
  /**
   * cursor: the key of a record. Default id.
   */
  key?: string
  /**
   * Whether more records follow.
   */
  has_more?: string
  /**
   * token, page, offset: the parameter.
   */
  param?: string
  /**
   * token: the next token; next_url: the next URL; expression: an object { query?, body?, headers? } or nothing at the end.
   */
  next?: string
  /**
   * page: number of the first page.
   */
  start?: number
  /**
   * page: number of pages; offset: number of records.
   */
  total?: string
  /**
   * The page size parameter.
   */
  limit?: {
    /**
     * Parameter name.
     */
    param: string
    /**
     * Largest size the provider takes.
     */
    max: number
    /**
     * Size the provider takes when none is given.
     */
    default?: number
    /**
     * True when the provider ignores the parameter and pages have this size.
     */
    fixed?: boolean
  }
  /**
   * Whether records can be lost or repeated while others are added. Default keyset for cursor, token, next_url and link; best_effort for page and offset.
   */
  stability?: 'keyset' | 'best_effort'
  /**
   * True when the provider leaves the list out of an empty answer; otherwise its absence is an error.
   */
  omits_path_when_empty?: boolean
}
/**
 * What the provider allows, so that Onefold waits instead of being refused.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RateLimits".
 */
export interface RateLimits {
  /**
   * Buckets by name; a request takes from each that applies to it.
   */
  buckets?: {
    /**
     * One bucket, kept per connected account.
     */
    [k: string]: {
      /**
       * Fixed window, sliding window, or requests under way at once.
       */
      kind: 'window' | 'sliding' | 'concurrency'
      /**
       * Requests per window
       */
      limit: number
      /**
       * Length of the window in milliseconds.
       */
      window_ms?: number
      /**
       * One bucket for all that it applies to, or one for each operation.
       */
      per?: 'account' | 'operation'
      /**
       * Modes it applies in. Default all.
       *
       * Items: Mode name.
       */
      modes?: string[]
      /**
       * Effects it applies to. Default all.
       */
      effects?: Effect[]
      /**
       * Operations it applies to; `resource.*` names a whole resource. Default all.
       *
       * Items: Operation or resource.
       */
      operations?: string[]
    }
  }
  /**
   * What answers say about the limit. The longest wait wins.
   */
  feedback?: {
    /**
     * Whether an answer means that the limit is reached. Default status 429.
     */
    limited?: string
    retry_after?: HeaderTime
    reset?: HeaderTime
    /**
     * Header with the requests left.
     */
    remaining?: string
    /**
     * Which limit it was.
     */
    reason?: string
  }
}
/**
 * A response header that holds a wait or an instant.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "HeaderTime".
 */
export interface HeaderTime {
  /**
   * Header name.
   */
  header: string
  /**
   * How the value is written; auto reads seconds or an HTTP date (RFC 9110 Retry-After).
   */
  form?: 'auto' | 'seconds' | 'ms' | 'date' | 'epoch_s' | 'epoch_ms'
}
/**
 * When an attempt is made again. Waits are full-jitter exponential; the longest of all waits asked for wins.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Retry".
 */
export interface Retry {
  /**
   * Attempts in all, the first one counted.
   */
  attempts?: number
  /**
   * Upper bound of the first wait.
   */
  base_ms?: number
  /**
   * Upper bound of any computed wait.
   */
  cap_ms?: number
  /**
   * Statuses tried again when no rule or hint says otherwise. Default 408, 429, 500, 502, 503 and 504.
   *
   * Items: HTTP status.
   */
  statuses?: number[]
  /**
   * What the provider itself says about trying again; the first that holds decides.
   *
   * Items: One hint.
   */
  hints?: {
    /**
     * Condition over the answer.
     */
    when: string
    /**
     * Whether to try again.
     */
    retry: boolean
  }[]
}
/**
 * One ordered rule that gives an answer its meaning; the first that holds decides.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ErrorRule".
 */
export interface ErrorRule {
  /**
   * Condition over the answer.
   */
  when: string
  /**
   * A code of Onefold's error table.
   */
  code?: string
  /**
   * What happens: report, try again, wait for the limit, refresh the credentials and try again, answer with another read, or go on.
   */
  action?: 'fail' | 'retry' | 'rate_limited' | 'refresh' | 'succeed_with' | 'ignore'
  /**
   * The read whose answer stands in.
   */
  succeed_with?: {
    from: OperationRef
    /**
     * Path parameters by name.
     */
    path?: {
      /**
       * Value.
       */
      [k: string]: string
    }
  }
  /**
   * Why an error may be ignored; wanted with ignore.
   */
  reason?: string
  /**
   * What the person can do, one sentence.
   */
  hint?: string
  /**
   * Names of fields the provider misses.
   */
  missing_fields?: string
  /**
   * Names of permissions the credentials lack.
   */
  missing_scopes?: string
}
/**
 * What a later full or incremental copy of the data can rely on.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SyncFacts".
 */
export interface SyncFacts {
  /**
   * The feed that tells what changed.
   */
  events?: {
    from: OperationRef
    /**
     * How long the feed reaches back in days.
     */
    retention_days: number
  }
}
/**
 * How one unified model is made from the provider's resources.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "MappingFile".
 */
export interface MappingFile {
  /**
   * Unified model.
   */
  model: string
  /**
   * Named groups of fields that mappings reuse; one level deep.
   */
  shapes?: {
    [k: string]: FieldMap
  }
  /**
   * Mappings by unified resource.
   */
  resources: {
    [k: string]: Mapping
  }
}
/**
 * Unified field (dots nest) to how it is made.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "FieldMap".
 */
export interface FieldMap {
  [k: string]: Field
}
/**
 * One unified resource.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Mapping".
 */
export interface Mapping {
  /**
   * Another mapping of this integration, `model/resource`, whose keys are taken where this one has none; fields, filters, lookups and methods merge by name.
   */
  use?: string
  /**
   * How the unified id is made when an object exists only below a parent: native expressions by part; the parts are `$id.<name>` in paths. Without it the id is the field `id` and `$id` is its text.
   */
  id?: {
    /**
     * Expression for each part, in order.
     */
    parts: {
      /**
       * The part in the native record.
       */
      [k: string]: string
    }
  }
  list?: ListSpec
  get?: GetSpec
  create?: Write
  update?: Write
  delete?: Write
  /**
   * Named methods of the unified resource.
   */
  methods?: {
    [k: string]: Write
  }
  /**
   * How each unified filter is answered. What is not named here is answered by `scan` when the list is asked to, else refused.
   */
  filters?: {
    [k: string]: Filter
  }
  /**
   * How each named expansion is filled.
   */
  expand?: {
    /**
     * How an expansion is filled: with records, or with figures.
     */
    [k: string]:
      | {
          resource: Slug
          filter: Slug
          query?: FixedFilters
        }
      | {
          /**
           * The lists by name; `left_out` speaks of them by it.
           */
          lists: {
            [k: string]: FigureList
          }
        }
  }
  /**
   * Records that a page lacks; read as `$lookup.<name>`.
   */
  lookups?: {
    [k: string]: Lookup
  }
  /**
   * Field maps laid over `fields` in order, each where its condition holds.
   *
   * Items: One variant.
   */
  variants?: {
    name: Slug
    /**
     * Condition over the native record, the API version, the account (traits, mode, livemode) and the name of the source.
     */
    when: string
    fields: FieldMap
  }[]
  fields?: FieldMap
  /**
   * Ways of the model that the provider has not, each with what to do instead: `unsupported_method` tells it.
   */
  cannot?: {
    /**
     * What to do instead, or why not.
     */
    [k: string]: string
  }
  /**
   * Unified fields, and values of enums (`status.paused`), that the provider does not have, with the reason that explain shows. A key may name several, divided by commas; `type.invoice.*` is all that begins so.
   */
  absent?: {
    /**
     * The reason.
     */
    [k: string]: string
  }
}
/**
 * Keys of a source. Exactly one of from, union, partition, window and route.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SourceKeys".
 */
export interface SourceKeys {
  /**
   * Name of the source; read as $source.
   */
  name?: Slug
  from?: OperationRef
  /**
   * Path parameters by name.
   */
  path?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Query parameters that are always sent.
   */
  query?: {
    [k: string]: ValueSlot
  }
  /**
   * Body fields that are always sent; dots nest.
   */
  body?: {
    [k: string]: ValueSlot
  }
  /**
   * What `$parent` is for records that stand below one which no parent list was read for, such as one that a filter names.
   */
  parent?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Condition over a native record; others are left out.
   */
  where?: string
  /**
   * Filters of this source, over those of the mapping.
   */
  filters?: {
    [k: string]: Filter
  }
  /**
   * The search parameter: clauses of `search` filters are joined into it. Values in clauses are quoted here.
   */
  search?: {
    /**
     * Parameter name.
     */
    param: string
    /**
     * Where it goes.
     */
    in?: 'query' | 'body'
    /**
     * Text between clauses.
     */
    join?: string
    /**
     * How values are quoted: quote character and how it is escaped.
     */
    quote?: 'backslash_double' | 'backslash_single' | 'double_double' | 'double_single' | 'none'
  }
  /**
   * Sources merged in order, duplicates by key left out.
   *
   * @minItems 2
   */
  union?: [Source, Source, ...Source[]]
  /**
   * The same source once for each record of a parent list; `$parent` is that record.
   */
  partition?: {
    /**
     * The parent list, read to its end.
     */
    over: {
      from: OperationRef
      /**
       * Query parameters.
       */
      query?: {
        [k: string]: ValueSlot
      }
      /**
       * Most parents taken; more is an error, never a short list.
       */
      max?: number
    }
    source: Source
  }
  /**
   * A list that must be bounded in time: read window by window, newest first (or oldest first when the order ascends).
   */
  window?: {
    /**
     * Longest window in seconds.
     */
    span_s: number
    /**
     * Parameter for the start, inclusive.
     */
    from: string
    /**
     * Parameter for the end, exclusive unless `to_inclusive`.
     */
    to: string
    /**
     * True when the provider counts the end in.
     */
    to_inclusive?: boolean
    /**
     * How far back the provider reaches in seconds.
     */
    earliest_s: number
    /**
     * How the bounds are written.
     */
    form?: 's' | 'ms' | 'rfc3339' | 'date'
    source: Source
  }
  /**
   * Another source when filters are present: the first of whose filters any is asked for is taken; one without `filters_present` always fits.
   *
   * @minItems 1
   *
   * Items: One way.
   */
  route?: [
    {
      /**
       * Unified filters, any of which leads here.
       *
       * @minItems 1
       */
      filters_present?: [Slug, ...Slug[]]
      source: Source
    },
    ...{
      /**
       * Unified filters, any of which leads here.
       *
       * @minItems 1
       */
      filters_present?: [Slug, ...Slug[]]
      source: Source
    }[]
  ]
}
/**
 * How one unified filter is answered. Exactly one of param, clause, lookup and scan.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Filter".
 */
export interface Filter {
  /**
   * Operators answered. Default eq.
   *
   * Items: Operator.
   */
  ops?: ('eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'exists')[]
  /**
   * native: the parameter; `{{ $op }}` is the operator, `{{ $key }}` the key of a keyed filter, `{{ $value }}` the value asked for.
   */
  param?: string
  /**
   * native: where the parameter goes.
   */
  in?: 'query' | 'body' | 'path'
  /**
   * The native value. Default the value as given.
   */
  value?: string
  /**
   * What the provider can tell: operators as they are; only inclusive bounds; only whole days. The engine cuts the rest itself.
   */
  bounds?: 'exact' | 'inclusive' | 'day'
  /**
   * Unified value to native value; where several share a native value, the engine cuts the rest. A value that is not listed is answered by scan. Default the inverse of the field's table.
   */
  values?: {
    /**
     * Native value.
     */
    [k: string]: string | number | boolean
  }
  /**
   * native, lookup: the records do not hold the field that the filter compares; those that an equal value lists get it.
   */
  fills?: true
  /**
   * search: one clause; `$value` and `$key` are quoted by the source.
   */
  clause?: string
  /**
   * lookup: ids are found first, then another filter is asked with them.
   */
  lookup?: {
    from: OperationRef
    /**
     * Query parameters of the lookup.
     */
    query: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * The id in a found record.
     */
    id?: string
    then: Slug
    /**
     * Most ids taken; more is refused, never cut.
     */
    max?: number
  }
  /**
   * The filter `id`: each id is read with get.
   */
  ids?: true
  /**
   * Bounded pages are read and filtered here.
   */
  scan?: true
}
/**
 * Where one record comes from.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "GetSpec".
 */
export interface GetSpec {
  from?: OperationRef
  /**
   * Path parameters by name. Default `{ id: $id }`.
   */
  path?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * What `$parent` is, where a record does not tell what it stands below and its id does.
   */
  parent?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Query parameters.
   */
  query?: {
    [k: string]: ValueSlot
  }
  /**
   * Condition over the native record; one that does not fit is not there, such as a refund among payments of one address.
   */
  where?: string
  /**
   * Operations by the shape of the id; the first whose pattern matches is taken.
   *
   * @minItems 1
   *
   * Items: One way.
   */
  route?: [
    {
      /**
       * Regular expression over the id.
       */
      id: string
      from: OperationRef
      /**
       * Path parameters by name. Default `{ id: $id }`.
       */
      path?: {
        /**
         * Value.
         */
        [k: string]: string
      }
      /**
       * What `$parent` is, where a record does not tell what it stands below and its id does.
       */
      parent?: {
        /**
         * Value.
         */
        [k: string]: string
      }
      /**
       * Query parameters.
       */
      query?: {
        [k: string]: ValueSlot
      }
      /**
       * Condition over the native record; one that does not fit is not there, such as a refund among payments of one address.
       */
      where?: string
    },
    ...{
      /**
       * Regular expression over the id.
       */
      id: string
      from: OperationRef
      /**
       * Path parameters by name. Default `{ id: $id }`.
       */
      path?: {
        /**
         * Value.
         */
        [k: string]: string
      }
      /**
       * What `$parent` is, where a record does not tell what it stands below and its id does.
       */
      parent?: {
        /**
         * Value.
         */
        [k: string]: string
      }
      /**
       * Query parameters.
       */
      query?: {
        [k: string]: ValueSlot
      }
      /**
       * Condition over the native record; one that does not fit is not there, such as a refund among payments of one address.
       */
      where?: string
    }[]
  ]
}
/**
 * One write. The record of its expressions is the unified body; `$id` is the id.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Write".
 */
export interface Write {
  to?: OperationRef
  /**
   * Operations by the shape of the id or a condition over the body; the first that fits is taken.
   *
   * @minItems 1
   *
   * Items: One way; without id and when it always fits.
   */
  route?: [
    {
      /**
       * Regular expression over the id.
       */
      id?: string
      /**
       * Condition over the unified body.
       */
      when?: string
      to: OperationRef
      path?: WriteValues
      query?: WriteValues
      body?: WriteValues
    },
    ...{
      /**
       * Regular expression over the id.
       */
      id?: string
      /**
       * Condition over the unified body.
       */
      when?: string
      to: OperationRef
      path?: WriteValues
      query?: WriteValues
      body?: WriteValues
    }[]
  ]
  path?: WriteValues
  query?: WriteValues
  body?: WriteValues
  /**
   * GETs that the write needs first; read as `$reads.<name>`, read again on a version conflict.
   */
  reads?: {
    /**
     * One read.
     */
    [k: string]: {
      from: OperationRef
      /**
       * Condition over the unified body and the reads that stand before it.
       */
      when?: string
      path?: WriteValues
      query?: WriteValues
    }
  }
  /**
   * Checks before anything is sent: the first that holds refuses with its code.
   *
   * Items: One check.
   */
  refuse?: {
    /**
     * Condition over the unified body.
     */
    when: string
    /**
     * A code of Onefold's error table.
     */
    code: string
    /**
     * What the caller can do.
     */
    hint?: string
  }[]
  /**
   * Operations made after the first one succeeded, in order, where the provider splits one write into several. `$answer` is the record that the operation before answered; the last answer is the answer of the write unless `returns.of` says otherwise. When one fails, the caller is told what was made already.
   *
   * @minItems 1
   * @maxItems 4
   *
   * Items: One operation. Its path is stated in full.
   */
  follow_ups?:
    | [
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        }
      ]
    | [
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        },
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        }
      ]
    | [
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        },
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        },
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        }
      ]
    | [
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        },
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        },
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        },
        {
          to: OperationRef
          /**
           * Condition over the unified body; left out when it does not hold.
           */
          when?: string
          path?: FollowUpValues
          query?: FollowUpValues
          body?: FollowUpValues
        }
      ]
  /**
   * Fields of the unified body (dots nest) that the provider has no place for in this write, with the reason that a caller who sends one is warned with. What the resource says to be absent need not be repeated. Keys are as there.
   */
  absent?: {
    /**
     * The reason.
     */
    [k: string]: string
  }
  /**
   * What the answer is. Default the written record, mapped as the resource that the model says this write answers with.
   */
  returns?: {
    /**
     * Unified resource of the answer.
     */
    resource?: Slug
    /**
     * With follow-ups: whose answer it is.
     */
    of?: 'first' | 'last'
    /**
     * True reads the record again by its id, because the answer to the write lacks fields.
     */
    reread?: boolean
    /**
     * Native fields (dots nest) that the answer does not repeat, put in from what was asked where it has none, before it is mapped.
     */
    fills?: WriteValues
    /**
     * Fields of an answer that is no unified resource.
     */
    fields?: FieldMap
  }
}
/**
 * Native name (dots nest) to value. A missing value is not sent; null is written as the request says.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "WriteValues".
 */
export interface WriteValues {
  /**
   * A value that is sent.
   */
  [k: string]:
    | string
    | Constant
    | {
        /**
         * The unified value.
         */
        from: string
        /**
         * Unified value to native value; null sends nothing.
         */
        map: {
          /**
           * Native value.
           */
          [k: string]: string | null | boolean | number
        }
      }
}
/**
 * As WriteValues, with `$answer`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "FollowUpValues".
 */
export interface FollowUpValues {
  /**
   * A value that is sent.
   */
  [k: string]:
    | string
    | Constant
    | {
        /**
         * The unified value.
         */
        from: string
        /**
         * Unified value to native value; null sends nothing.
         */
        map: {
          /**
           * Native value.
           */
          [k: string]: string | null | boolean | number
        }
      }
}
/**
 * Further unified filters with fixed values.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "FixedFilters".
 */
export interface FixedFilters {
  /**
   * Value of the filter.
   */
  [k: string]: string | number | boolean
}
/**
 * A unified list read for figures: to its end, or to its bound. What is not counted then is said in `left_out`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "FigureList".
 */
export interface FigureList {
  /**
   * Unified resource of this model, or `model/resource`.
   */
  resource: string
  /**
   * Filter that takes the id of this record; with `of` that of each record there.
   */
  filter: Slug
  query?: FixedFilters
  /**
   * Reads the list once for each record of another one, such as the disputes of each disputed payment.
   */
  of?: {
    /**
     * Another list here; it has no `of` itself.
     */
    list: Slug
    /**
     * Condition over a unified record of that list.
     */
    when?: string
  }
  /**
   * Most upstream requests for this list and one record, retries and lookups counted.
   */
  max_requests?: number
  /**
   * What is reckoned over the records of the list.
   *
   * @minItems 1
   */
  figures: [Figures, ...Figures[]]
}
/**
 * Figures over those unified records that a condition picks. Several lists may add to the same figure.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Figures".
 */
export interface Figures {
  /**
   * List below the expansion that holds one entry for each value of `by`. Without both the figures stand in the expansion itself.
   */
  into?: Slug
  /**
   * Field of the records, and of the entries, that tells them apart. Sums of money need their currency here.
   */
  by?: Slug
  /**
   * Condition over a unified record. Default all.
   */
  when?: string
  /**
   * Figure to what each record adds: an integer; `1` counts. 0 when there are no records.
   */
  sum?: {
    /**
     * Integer over a unified record.
     */
    [k: string]: string
  }
  /**
   * Figure to the least value: numbers, or instants. Records without one do not count; null when none has one.
   */
  min?: {
    /**
     * Value over a unified record.
     */
    [k: string]: string
  }
  /**
   * Figure to the greatest value: numbers, or instants.
   */
  max?: {
    /**
     * Value over a unified record.
     */
    [k: string]: string
  }
}
/**
 * Records joined to a page, batched and kept for the request; skipped when no field asked for needs them.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Lookup".
 */
export interface Lookup {
  from: OperationRef
  /**
   * get: one read for each id; list: ids in one list parameter; children: a list below each record, followed to its end.
   */
  by: 'get' | 'list' | 'children'
  /**
   * get, list: the id or ids in the native record, or in what a lookup that stands before this one found (`$lookup.<name>`). An object with an id counts as already there.
   */
  ids?: string
  /**
   * list: parameter that takes the ids.
   */
  param?: string
  /**
   * list: what matches the id in a found record.
   */
  key?: string
  /**
   * list: all records of an id as a list, else the first.
   */
  many?: boolean
  /**
   * list: ids in one request.
   */
  batch?: number
  /**
   * Condition over the native record.
   */
  when?: string
  /**
   * Path parameters by name, over the native record (children, with `$lookup` as in `ids`) or `$ids` (get).
   */
  path?: {
    /**
     * Value.
     */
    [k: string]: string
  }
  /**
   * Query parameters.
   */
  query?: {
    /**
     * Value.
     */
    [k: string]: string | Constant
  }
  /**
   * Most requests for a page of several records; 0 is for what only a single record or an expansion is worth. Past it the fields are null with reason not_resolved; an expansion lifts it.
   */
  max_requests?: number
  /**
   * What a record that is not found means.
   */
  on_missing?: 'null' | 'error'
}
/**
 * One native resource of a provider and its operations.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Resource".
 */
export interface Resource {
  name: Slug
  /**
   * Name for people. Default is the name with spaces.
   */
  label?: string
  /**
   * What a record is, one or two sentences in our own words. Without one it counts as undocumented; none is made from the name.
   */
  description?: string
  /**
   * The provider's page.
   */
  docs?: string
  /**
   * Words that tools and tokens are filtered by.
   *
   * Items: One word.
   */
  tags?: string[]
  /**
   * The id of a record.
   */
  id?: string
  money?: MoneyForm
  time?: TimeForm
  /**
   * Native fields worth knowing: enums, personal data, secrets. Dots nest; arrays are transparent.
   */
  fields?: {
    /**
     * One native field.
     */
    [k: string]: {
      /**
       * JSON type.
       */
      type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'any'
      /**
       * What it holds.
       */
      description?: string
      /**
       * Values the provider documents.
       *
       * Items: One value.
       */
      enum?: (string | number | boolean | null)[]
      /**
       * Kind of personal data.
       */
      'x-pii'?: 'name' | 'email' | 'phone' | 'address' | 'tax_id' | 'ip' | 'card' | 'bank' | 'dob' | 'other'
      /**
       * True when the value grants access; it never leaves Onefold, wherever a field of that name turns up. Objects that are called so, where the type is that of a text, are something else.
       */
      'x-secret'?: boolean
    }
  }
  /**
   * Operations by name. list, get, create, update and delete have their usual meaning; others are named after what they do.
   */
  methods: {
    [k: string]: Method
  }
}
/**
 * One operation.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Method".
 */
export interface Method {
  /**
   * What it does, in our own words. Without one the operation counts as undocumented.
   */
  description?: string
  effect?: Effect
  verb: HttpVerb
  /**
   * Path below the host; each `{{ $path.x }}` fills one segment.
   */
  path: string
  /**
   * A host of the integration. Default `default`.
   */
  host?: string
  /**
   * Whether the answer is a list of records. Default true for a method named list or search.
   */
  list?: boolean
  /**
   * Whether the method takes the id of a record. Default record when the path has $path.id.
   */
  on?: 'record' | 'collection'
  /**
   * True when the provider advises against it.
   */
  deprecated?: boolean
  /**
   * Words that tools and tokens are filtered by.
   *
   * Items: One word.
   */
  tags?: string[]
  /**
   * Parameters by name. Dots nest in bodies. Path parameters without an entry are required strings.
   */
  parameters?: {
    [k: string]: Parameter
  }
  request?: RequestDefaults
  response?: ResponseDefaults
  pagination?: Pagination
  /**
   * Whether a list answers everything: true, or what it leaves out by default and the parameter that brings it in. Wanted on every list.
   */
  complete?:
    | true
    | {
        /**
         * What is missing by default, in words.
         */
        omits: string
        /**
         * Query parameters that unified lists send to bring it in. Leave out when nothing does.
         */
        include?: {
          [k: string]: Constant
        }
      }
  /**
   * money: the native amount in the request; nothing means all that is left.
   */
  amount?: string
  /**
   * money: the currency in the request; nothing means the record has it.
   */
  currency?: string
  idempotency?: Idempotency
  retry?: Retry
  /**
   * Rules asked before those of the integration.
   */
  errors?: ErrorRule[]
}
/**
 * One parameter.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Parameter".
 */
export interface Parameter {
  /**
   * Where it goes.
   */
  in: 'path' | 'query' | 'header' | 'body'
  /**
   * JSON type; `file` for uploads.
   */
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'file' | 'any'
  /**
   * What it does, in our own words. Without one the parameter counts as undocumented.
   */
  description?: string
  /**
   * Whether the provider insists on it.
   */
  required?: boolean
  /**
   * Values allowed.
   *
   * Items: One value.
   */
  enum?: (string | number | boolean)[]
  /**
   * Type of the elements of an array.
   */
  items?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'any'
  /**
   * Smallest value.
   */
  minimum?: number
  /**
   * Largest value.
   */
  maximum?: number
  /**
   * Longest text.
   */
  max_length?: number
  /**
   * Kind of personal data.
   */
  'x-pii'?: 'name' | 'email' | 'phone' | 'address' | 'tax_id' | 'ip' | 'card' | 'bank' | 'dob' | 'other'
  /**
   * True when the value grants access.
   */
  'x-secret'?: boolean
}
/**
 * What is said to whom after an event, and when: an alert at once, or reminders over weeks that end when what they are about is paid.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Rule".
 */
export interface Rule {
  name: Slug
  /**
   * What it is for, for people.
   */
  description: string
  /**
   * False starts nothing; runs under way end at their next step.
   */
  enabled?: boolean
  /**
   * Environments that it is for.
   *
   * @minItems 1
   *
   * Items: Id of an environment.
   */
  environments?: [string, ...string[]]
  /**
   * Events that start a run.
   *
   * @minItems 1
   */
  on: [RuleEventType, ...RuleEventType[]]
  /**
   * Whether an event starts a run, over the event as `GET /event/{id}` shows it. `$customer` is the customer of `data.customer.id` with `summary`, read from the provider when it is used. Default always.
   */
  if?: string
  /**
   * A text for what the event is about: events with the same one belong together, and end each other's runs. Default the record, `resource/id`.
   */
  subject?: string
  /**
   * A text of which the rule has one run for each account, ever. Default the subject.
   */
  key?: string
  /**
   * Reads the record from the provider again before each step, so that conditions and texts see what it is then.
   */
  refresh?: boolean
  /**
   * IANA zone of days and quiet hours.
   */
  timezone?: string
  /**
   * When nothing is sent; what would be waits until then.
   */
  quiet?: {
    from?: RuleTimeOfDay
    to?: RuleTimeOfDay
    /**
     * Days that are quiet as a whole.
     *
     * @minItems 1
     *
     * Items: A day of the week.
     */
    days?: [
      'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday',
      ...('monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday')[]
    ]
  }
  /**
   * What ends a run; any of them does.
   *
   * @minItems 1
   */
  stop?: [RuleStop, ...RuleStop[]]
  /**
   * What is done, in this order.
   *
   * @minItems 1
   */
  steps: [RuleStep, ...RuleStep[]]
}
/**
 * Something that ends a run. With `on`, an event of these types about the same subject, where `if` holds. With `if` alone, the newest state: looked at with each event of the subject that the rule hears of, and before each step.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RuleStop".
 */
export interface RuleStop {
  /**
   * Types of events.
   *
   * @minItems 1
   */
  on?: [RuleEventType, ...RuleEventType[]]
  /**
   * Whether it ends, over the event, with `data` as it is now.
   */
  if?: string
}
/**
 * A point in time of a run and what is done then.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RuleStep".
 */
export interface RuleStep {
  /**
   * How long after the start of the run: minutes, hours, or days by the calendar of `timezone`.
   */
  after?: string
  /**
   * What is done, in this order.
   *
   * @minItems 1
   */
  do: [RuleAction, ...RuleAction[]]
}
/**
 * One thing that is done. Texts hold `{{ expressions }}` over the event; a missing value is left empty, amounts are written by `$moneyOut(data.amount, data.currency)`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "RuleAction".
 */
export interface RuleAction {
  /**
   * An event `rule.<name>`, delivered to every webhook of the environment that wants it, and kept as all events.
   */
  webhook?: {
    text?: RuleText
  }
  /**
   * A message to a channel.
   */
  slack?: {
    /**
     * Name of a webhook of the kind slack, in the environment of the run.
     */
    to: string
    text: RuleText
  }
  /**
   * A mail over the SMTP server of the settings.
   */
  email?: {
    to: RuleText
    subject: RuleText
    text: RuleText
  }
  /**
   * A note on the subject, for people and programs that read `GET /rule-note`.
   */
  note?: {
    text: RuleText
  }
}
/**
 * Rules and invented data of a provider's sandbox. Several files are laid together; each name stands in one of them.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxFile".
 */
export interface SandboxFile {
  /**
   * How the sandbox is reached; requests with other credentials are refused.
   */
  account?: {
    /**
     * Auth method. Default the first.
     */
    method?: string
    /**
     * Invented values of the form's secret fields.
     */
    credentials: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * Values of the form's other fields.
     */
    connection?: {
      /**
       * Value.
       */
      [k: string]: string
    }
    /**
     * What else a request may be refused for; the first that holds decides.
     *
     * Items: One refusal.
     */
    refuse?: {
      /**
       * Condition over the request.
       */
      when: string
      /**
       * Name under errors.
       */
      error: string
    }[]
  }
  /**
   * Addresses that the provider serves without declaring them as operations, such as those of its own pages. They read and answer like the get of the resource.
   *
   * Items: One address.
   */
  routes?: {
    /**
     * HTTP verb.
     */
    verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    /**
     * Path below the host; each `{{ $path.x }}` is one segment.
     */
    path: string
    /**
     * Written `resource.method`.
     */
    method: string
    /**
     * What it takes, by name, in the body, or in the query of GET and DELETE.
     */
    parameters?: {
      /**
       * Type.
       */
      [k: string]: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any'
    }
  }[]
  /**
   * Values for all expressions, as `$constants`.
   */
  constants?: {
    /**
     * Any JSON value.
     */
    [k: string]: {
      [k: string]: unknown
    }
  }
  /**
   * How answers are wrapped. In a list, `$list.records` are the records of the page, and `$list.at` is the path where the operation says that they stand.
   */
  answers?: {
    /**
     * Headers of every answer; one without a value is left out.
     */
    headers?: {
      [k: string]: SandboxShape
    }
    list?: SandboxShape
    search?: SandboxShape
    /**
     * What the token of a next page is: a text of its own, or the id of the first record there.
     */
    token?: 'opaque' | 'next_id'
    request_id?: SandboxId
  }
  /**
   * Answers to what goes wrong. The machine itself uses unauthenticated, unknown_route, record_not_found, record_exists, missing_parameter, unknown_parameter, invalid_parameter, invalid_body, invalid_expand, idempotency_conflict, rate_limited and not_simulated.
   */
  errors?: {
    /**
     * One error.
     */
    [k: string]: {
      /**
       * HTTP status.
       */
      status: number
      /**
       * Further headers.
       */
      headers?: {
        [k: string]: SandboxShape
      }
      body: SandboxShape
    }
  }
  /**
   * How a request asks for linked records in place of their ids.
   */
  expand?: {
    /**
     * Parameter with dotted paths.
     */
    param: string
    /**
     * Most steps of a path.
     */
    depth: number
    /**
     * What paths start with when a list is asked; empty where they are those of one record.
     */
    list_prefix?: string
  }
  /**
   * Where `emit` writes. The event's record is made with $body.type, $body.object, $body.previous, $body.request and $body.version.
   */
  events?: {
    in: Slug
  }
  /**
   * How events are delivered to addresses that were registered, signed and tried again. Each is an HTTP POST; an answer from 200 to 299 takes it.
   */
  webhooks?: {
    in: Slug
    /**
     * Address over the record of the endpoint.
     */
    url: string
    /**
     * Condition over the record of the endpoint; $event is the event as it is shown. Default always.
     */
    when?: string
    /**
     * Version over the record of the endpoint that the event is shown in. Default that of the account.
     */
    version?: string
    /**
     * What a delivery holds, over the record of the endpoint. Default the event. `$signature` is there where no header has it.
     */
    body?: string
    /**
     * A signature, in `header` as `value` says, or without these in the body: an HMAC with `secret`, or RSA (PKCS #1 1.5) where `certificate` says at which path the sandbox serves that of its key. Exactly one of them.
     */
    sign: {
      /**
       * Name of the header. Without it `body` puts the signature in.
       */
      header?: string
      /**
       * Further headers that the signature is over or verified with, over the record of the endpoint.
       */
      headers?: {
        /**
         * Value.
         */
        [k: string]: string
      }
      /**
       * Path of the certificate. Where the provider is reached at another address (`base_url`), receivers take it from there.
       */
      certificate?: string
      /**
       * Key over the record of the endpoint.
       */
      secret?: string
      /**
       * How the key is written.
       */
      secret_form?: 'text' | 'hex' | 'base64'
      /**
       * Hash.
       */
      algorithm?: 'sha1' | 'sha256' | 'sha512'
      /**
       * How the signature is written.
       */
      encoding?: 'hex' | 'base64'
      /**
       * What is signed, over the record of the endpoint; $timestamp is when it is sent, in seconds. $body is there where the signature is in a header.
       */
      over: string
      /**
       * What the header holds; `$secret` is for providers that send it along instead of a signature.
       */
      value?: string
    }
    /**
     * Waits before it is tried again, by the sandbox's clock. Default no further try.
     *
     * Items: Seconds.
     */
    retry_s?: number[]
  }
  /**
   * What time brings about. Each rule acts once on a record for each instant that `at` names, in the order of the instants, also those that a moved clock passes over.
   *
   * Items: One rule. An uncaught failure of its steps, but one that says `keep`, is a fault of the rules.
   */
  due?: {
    in: Slug
    /**
     * Instant over the record in seconds; none while it has no value.
     */
    at: string
    /**
     * Condition over the record. Default always.
     */
    when?: string
    do: SandboxSteps
  }[]
  versions?: SandboxVersions
  /**
   * Kinds of records by resource; those without operations are kept inside.
   */
  resources?: {
    [k: string]: SandboxResource
  }
  /**
   * Invented data, made in this order by the same rules that requests meet.
   *
   * Items: Steps that run a number of times, each at a time of its own; `$item` counts from 1, `$let.start` is when the sandbox starts.
   */
  seed?: {
    /**
     * How often.
     */
    count?: number
    /**
     * How long before the start of the sandbox the steps begin, spread evenly from the oldest to the newest. Default at the start.
     */
    age_s?: {
      /**
       * Seconds before the start of the first run.
       */
      from: number
      /**
       * Seconds before the start of the last run.
       */
      to: number
    }
    do: SandboxSteps
  }[]
}
/**
 * How ids are made.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxId".
 */
export interface SandboxId {
  /**
   * What every id starts with.
   */
  prefix?: string
  /**
   * Random characters behind the prefix.
   */
  length?: number
  /**
   * Characters to draw from. Default letters and digits.
   */
  alphabet?: string
  /**
   * Instead of random characters: whole numbers that count up from here. Without a prefix they are numbers in the record.
   */
  counter?: number
  value?: SandboxText
}
/**
 * One step.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxStep".
 */
export interface SandboxStep {
  when?: SandboxText
  /**
   * Name under `$let` for what the step gives.
   */
  as?: string
  let?: SandboxFields
  steps?: SandboxSteps
  /**
   * Ends the call with an error, which has the values as $error. `about` is the id of a record that it shows as $error.about.
   */
  fail?: {
    /**
     * Name under errors.
     */
    error: string
    with?: SandboxFields
    in?: Slug
    about?: SandboxText
    /**
     * True when what was done so far stays.
     */
    keep?: boolean
  }
  /**
   * A record by its id; record_not_found when there is none. No id gives null.
   */
  get?: {
    in: Slug
    id: SandboxText
    /**
     * Parameter that the error names. Default id.
     */
    param?: string
    /**
     * True to give null when there is no such record.
     */
    optional?: boolean
  }
  /**
   * The first record in list order whose fields have these values, or null; with all the list of them.
   */
  find?: {
    in: Slug
    /**
     * Values by dotted path.
     */
    where: {
      [k: string]: SandboxText
    }
    /**
     * True for all of them.
     */
    all?: boolean
  }
  /**
   * Makes a record of a resource; `with` is its $body.
   */
  create?: {
    in: Slug
    with?: SandboxFields
  }
  /**
   * Changes fields, by dotted path, of a record; of the one at hand by default. Gives the record.
   */
  set?: {
    in?: Slug
    id?: SandboxText
    fields: SandboxFields
  }
  /**
   * Takes a record away.
   */
  remove?: {
    in: Slug
    id: SandboxText
  }
  /**
   * Runs a method of a resource with $body as given. Gives its record or body.
   */
  call?: {
    /**
     * Written `resource.method`.
     */
    method: string
    id?: SandboxText
    with?: SandboxFields
    /**
     * Errors that do not end this call; the step then gives { failed: name, ... } with what the failure told.
     *
     * Items: Name under errors.
     */
    catch?: string[]
  }
  /**
   * Writes an event about a record; about the one at hand by default.
   */
  emit?: {
    type: SandboxText
    in?: Slug
    id?: SandboxText
  }
  /**
   * Runs steps for each element of a list, as `$item`.
   */
  each?: {
    of: SandboxText
    do: SandboxSteps
  }
  /**
   * An instant moved by calendar units in UTC; the 31st becomes the last day of a shorter month.
   */
  calendar?: {
    from: SandboxText
    unit: SandboxText
    count: SandboxText
  }
  /**
   * Values drawn at random, the same for the same seed, each under `$let` by its name.
   */
  draw?: {
    /**
     * One draw: from a list, from weighted texts, or a whole number between two bounds.
     */
    [k: string]: {
      /**
       * Values to choose from.
       *
       * Items: Any JSON value.
       */
      of?: {
        [k: string]: unknown
      }[]
      /**
       * Texts to choose from and how likely each is.
       */
      weights?: {
        /**
         * Weight.
         */
        [k: string]: number
      }
      /**
       * Smallest number.
       */
      from?: number
      /**
       * Largest number.
       */
      to?: number
      /**
       * Distance between numbers.
       */
      step?: number
    }
  }
  /**
   * A record chosen at random among those there are by now, or null.
   */
  pick?: {
    in: Slug
    /**
     * Values by dotted path.
     */
    where?: {
      [k: string]: SandboxText
    }
  }
  /**
   * Seconds by which the clock of the sandbox moves on once the call has succeeded. What comes to be due acts before the next request.
   */
  advance_s?: string
  /**
   * Seconds that the seed lets go by, at most up to the start of the sandbox.
   */
  wait_s?: string
}
/**
 * Values by name.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxFields".
 */
export interface SandboxFields {
  [k: string]: SandboxTree
}
/**
 * How answers look to requests of older versions. Records are kept as the newest version has them.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxVersions".
 */
export interface SandboxVersions {
  /**
   * Version that a request asks for; without a value the default.
   */
  from: string
  /**
   * Version of the account, which events have too.
   */
  default: string
  /**
   * Newest version that is known; requests after it are refused. By default they are answered as the newest.
   */
  newest?: string
  /**
   * Oldest version that the changes describe; requests before it are refused. Default any.
   */
  oldest?: string
  /**
   * Regular expression that the whole of a version fits. Default any text.
   */
  pattern?: string
  /**
   * Error that other versions are refused with; it has $error.version, $error.oldest and $error.newest where they are given. Default invalid_parameter.
   */
  error?: string
  /**
   * Changes between versions, the newest first. Versions are compared as text with whole numbers in it, so that 2025-03-01 comes after 2024-12-31 and v10 after v9.
   *
   * Items: What requests of versions before one see instead.
   */
  changes?: {
    /**
     * First version that shows it in the new way.
     */
    before: string
    /**
     * Changes of shown records by resource.
     */
    resources: {
      [k: string]: SandboxOlderView
    }
  }[]
}
/**
 * How a record looked before a change: records are read, then fields set from the record as the version after shows it, then moved, then dropped. Links and lists are shown afterwards.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxOlderView".
 */
export interface SandboxOlderView {
  /**
   * Other records that the expressions need, each under `$let` by its name.
   */
  reads?: {
    /**
     * The record with the id, or the first in list order whose fields have these values, or null; with all the list of them. Fields that are kept inside are there too.
     */
    [k: string]: {
      in: Slug
      /**
       * Id of the record.
       */
      id?: string
      /**
       * Values by dotted path.
       */
      where?: {
        /**
         * Value.
         */
        [k: string]: string
      }
      /**
       * True for all of them.
       */
      all?: boolean
    }
  }
  /**
   * Values by dotted path. A bare name is the shown record, $record the stored one with what is kept inside. A path that ends in `?` is left out when it has no value.
   */
  set?: {
    [k: string]: SandboxOlderValue
  }
  /**
   * Fields that had another name: path in the newer version, path in the older one.
   */
  move?: {
    /**
     * Dotted path in the older version.
     */
    [k: string]: string
  }
  /**
   * Paths that the older version does not have.
   *
   * Items: Dotted path.
   */
  drop?: string[]
  /**
   * Fields of the older version that hold the id of another record and can be expanded.
   */
  links?: {
    /**
     * One link.
     */
    [k: string]: {
      /**
       * Resources it may lead to.
       *
       * @minItems 1
       */
      to: [Slug, ...Slug[]]
      /**
       * True to show the record always; otherwise when expanded.
       */
      always?: boolean
    }
  }
}
/**
 * One kind of record.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxResource".
 */
export interface SandboxResource {
  /**
   * What errors call a record. Default the name of the resource.
   */
  object?: string
  id?: SandboxId
  /**
   * Field that holds the id.
   */
  id_field?: string
  /**
   * True when there is one record, made at the start, and no id in the path.
   */
  single?: boolean
  /**
   * Fields of a new record in order, made from $body. Names that start with _ are kept inside; a field whose name ends in `?` is left out when it has no value. Bare names are the fields before.
   */
  record: {
    [k: string]: SandboxTree
  }
  /**
   * What a field of a new record holds when its expression gives nothing.
   */
  defaults?: {
    /**
     * Any JSON value.
     */
    [k: string]: {
      [k: string]: unknown
    }
  }
  /**
   * Records that are there from the start, by id. They are tables for the rules, or data that the provider brings along.
   */
  rows?: {
    /**
     * Fields of the record.
     */
    [k: string]: {
      /**
       * Any JSON value.
       */
      [k: string]: {
        [k: string]: unknown
      }
    }
  }
  /**
   * Fields that are worked out anew each time a record is shown.
   */
  computed?: {
    [k: string]: SandboxText
  }
  /**
   * Fields that hold the id of another record, by dotted path; they must exist when written.
   */
  links?: {
    /**
     * One link.
     */
    [k: string]: {
      /**
       * Resources it may lead to.
       *
       * @minItems 1
       */
      to: [Slug, ...Slug[]]
      /**
       * True to show the record always; otherwise when expanded.
       */
      always?: boolean
    }
  }
  /**
   * Fields that show the first records of another resource that belong to this one.
   */
  lists?: {
    /**
     * One nested list.
     */
    [k: string]: {
      of: Slug
      /**
       * Field there that holds the id of this record.
       */
      by: string
      /**
       * Most records shown.
       */
      limit?: number
      /**
       * Address of the whole list.
       */
      url: string
      /**
       * False to show it only when expanded.
       */
      always?: boolean
    }
  }
  /**
   * Other paths that a request may expand, and the field whose value is shown there then: one that is kept inside, or one that never leads to a record here.
   */
  expandable?: {
    /**
     * Field.
     */
    [k: string]: string
  }
  /**
   * Path parameters that name a record of another resource, which must exist. The field of that name holds its id.
   */
  parents?: {
    [k: string]: Slug
  }
  /**
   * Order of lists.
   */
  order?: 'newest_first' | 'oldest_first'
  listed?: SandboxText
  /**
   * Seconds after which a record is gone from lists and no longer made by the seed. Default for ever.
   */
  keep_s?: number
  /**
   * What the parameters of its list mean; one without an entry compares the field of its name.
   */
  filters?: {
    /**
     * One filter.
     */
    [k: string]: {
      /**
       * Dotted path of the field. Default the name of the parameter.
       */
      field?: string
      /**
       * True when the value is an object of bounds gt, gte, lt and lte.
       */
      range?: boolean
      /**
       * True when the value is a list and any of it may fit.
       */
      any?: boolean
      /**
       * Condition over the record instead.
       */
      when?: string
      /**
       * Condition over the record while the parameter is not given.
       */
      default?: string
      /**
       * Order that the value asks for, oldest_first or newest_first; nothing keeps that of the resource. Alone it leaves no record out.
       */
      order?: string
    }
  }
  /**
   * Fields that the search language knows, with the dotted path of each. A field called metadata takes a key.
   */
  search?: {
    /**
     * Dotted path.
     */
    [k: string]: string
  }
  /**
   * Types of nested parameters by dotted path, lists transparent; without one they stay text where the body has only text.
   */
  types?: {
    /**
     * Type.
     */
    [k: string]: 'integer' | 'number' | 'boolean'
  }
  /**
   * What its operations do; names that are no operation can be called by steps only.
   */
  methods?: {
    [k: string]: SandboxMethod
  }
}
/**
 * One operation: steps before, what it does to the record (a new one is made from `with`, or else from the body), steps after, event, answer. Without anything list, search, get, create, update and delete do what they say.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "SandboxMethod".
 */
export interface SandboxMethod {
  before?: SandboxSteps
  with?: SandboxFields
  do?: SandboxSteps
  /**
   * Fields that are made anew as in a new record when the body names them.
   *
   * Items: Field.
   */
  changes?: string[]
  /**
   * Object fields whose named keys are set, and removed by an empty value.
   *
   * Items: Field.
   */
  merges?: string[]
  set?: SandboxFields
  /**
   * Parameters that are accepted and make no difference here. Any other that no rule reads is refused as not simulated.
   *
   * Items: Parameter.
   */
  takes?: string[]
  emit?: SandboxText
  leaves?: SandboxTree
  /**
   * True when it only shows what would be: all that it does is taken back.
   */
  forgets?: boolean
  /**
   * Makes a list of another resource's records out of an operation that answers with one; those that belong to the record of its path.
   */
  lists?: {
    of: Slug
    /**
     * Field there that holds the id of this record.
     */
    by: string
  }
  /**
   * False when the id in the path need not be that of a record.
   */
  checks_id?: boolean
  /**
   * create: false when its steps make the record themselves.
   */
  makes?: boolean
  /**
   * delete: true when what it leaves is still shown by get.
   */
  tombstone?: boolean
  /**
   * HTTP status of the answer.
   */
  status?: number
  answer?: SandboxText
  body?: SandboxTree
}
/**
 * A piece of schema that resources refer to as `#/common/<file>`.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "UnifiedCommon".
 */
export interface UnifiedCommon {
  /**
   * What it is.
   */
  description: string
  /**
   * Its schema.
   */
  schema: UnifiedSchema
}
/**
 * A JSON Schema (draft 2020-12) of a field, with marks of our own.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "UnifiedSchema".
 */
export interface UnifiedSchema {
  /**
   * A common piece, common/<name>.yaml; keys beside it win.
   */
  $ref?: string
  /**
   * JSON type or types.
   */
  type?:
    | ('string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null')
    | [
        'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null',
        ...('string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null')[]
      ]
  /**
   * What it holds and when it is null.
   */
  description?: string
  /**
   * Fields of an object.
   */
  properties?: {
    [k: string]: UnifiedSchema
  }
  /**
   * Fields that must be there.
   *
   * Items: Field name.
   */
  required?: string[]
  /**
   * Whether other fields may stand beside those named, or the schema of each.
   */
  additionalProperties?: boolean | UnifiedSchema
  /**
   * Schema of the elements of an array.
   */
  items?: UnifiedSchema
  /**
   * The values allowed; `unknown` for a native value not listed, null where the field can be empty.
   *
   * @minItems 1
   *
   * Items: One value.
   */
  enum?: [string | number | boolean | null, ...(string | number | boolean | null)[]]
  /**
   * The only value allowed.
   */
  const?: {
    [k: string]: unknown
  }
  /**
   * Form of a text.
   */
  format?: 'date-time' | 'date' | 'email' | 'uri'
  /**
   * Regular expression a text matches.
   */
  pattern?: string
  /**
   * Shortest text.
   */
  minLength?: number
  /**
   * Longest text.
   */
  maxLength?: number
  /**
   * Smallest number.
   */
  minimum?: number
  /**
   * Largest number.
   */
  maximum?: number
  /**
   * Fewest elements.
   */
  minItems?: number
  /**
   * Most elements.
   */
  maxItems?: number
  /**
   * What each value of the enum means.
   */
  'x-enum'?: {
    /**
     * Its meaning.
     */
    [k: string]: string
  }
  /**
   * The integer is an amount in minor units; the field that holds its currency, beside it or from the record (`record.currency`).
   */
  'x-money'?: string
  /**
   * Kind of personal data.
   */
  'x-pii'?: 'name' | 'email' | 'phone' | 'address' | 'tax_id' | 'ip' | 'card' | 'bank' | 'dob' | 'other'
  /**
   * True when the value grants access.
   */
  'x-secret'?: boolean
  /**
   * Writes whose body has the field, when no body is given for them.
   *
   * Items: A write.
   */
  'x-write'?: ('create' | 'update')[]
  /**
   * Writes that insist on the field.
   *
   * Items: A write.
   */
  'x-required-on'?: ('create' | 'update')[]
  /**
   * True when it is computed from other facts.
   */
  'x-derived'?: boolean
  /**
   * True when it is null unless `expand=` names it.
   */
  'x-expand-only'?: boolean
  /**
   * The unified resource whose records stand here, of this model or `model/resource`.
   */
  'x-resource'?: string
  /**
   * True when it is a civil date (YYYY-MM-DD), not an instant.
   */
  'x-civil-date'?: boolean
}
/**
 * A unified model; its resources stand in the folder of its name.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "UnifiedModel".
 */
export interface UnifiedModel {
  /**
   * Name in addresses; the file has the same.
   */
  name: string
  /**
   * Name for people.
   */
  title: string
  /**
   * What it covers, one or two sentences.
   */
  description: string
}
/**
 * One resource of a unified model. The fields every record has (common/record.yaml) are merged into it.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "UnifiedResource".
 */
export interface UnifiedResource {
  /**
   * Name in addresses, plural; the file has the same.
   */
  name: Slug
  /**
   * What a record calls itself, singular. Default that of the resource used.
   */
  object?: Slug
  /**
   * A resource of a model, `model/resource`, whose keys are taken where this one has none; properties, filters, methods and bodies merge by name unless given as an empty map.
   */
  use?: string
  /**
   * What a record is, one or two sentences.
   */
  description: string
  /**
   * Standard writes that the resource knows.
   *
   * Items: A write.
   */
  writes?: ('create' | 'update' | 'delete')[]
  /**
   * Named methods.
   */
  methods?: {
    [k: string]: UnifiedMethod
  }
  /**
   * Filters of the list by name.
   */
  filters?: {
    [k: string]: UnifiedFilter
  }
  /**
   * What `expand=` may name.
   */
  expand?: Slug[]
  /**
   * Resources whose records change with one of these, each with the field that has the id of the one. What is synced of them is read again when an event tells of one of these.
   */
  touches?: {
    /**
     * Dotted field.
     */
    [k: string]: string
  }
  /**
   * Bodies of the writes, where they are not just the fields marked `x-write`. In an update every field may be left out.
   */
  bodies?: {
    /**
     * Body of create.
     */
    create?: UnifiedSchema
    /**
     * Body of update.
     */
    update?: UnifiedSchema
  }
  /**
   * JSON Schema of the record. Every field but `id` is nullable.
   */
  schema: UnifiedSchema
}
/**
 * A method beyond the standard verbs.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "UnifiedMethod".
 */
export interface UnifiedMethod {
  /**
   * Whether it takes the id of a record.
   */
  on: 'record' | 'collection'
  effect: Effect
  /**
   * What it does and when it is refused.
   */
  description: string
  /**
   * Its body. Default none.
   */
  body?: UnifiedSchema
  /**
   * What it answers: a resource of the model, or the schema of an object of its own.
   */
  returns: string | UnifiedSchema
}
/**
 * A filter of a list.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "UnifiedFilter".
 */
export interface UnifiedFilter {
  /**
   * Operators it knows.
   *
   * @minItems 1
   *
   * Items: Operator.
   */
  ops: [
    'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'exists',
    ...('eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'exists')[]
  ]
  /**
   * What its values are.
   */
  type: 'string' | 'integer' | 'boolean' | 'instant' | 'date' | 'money'
  /**
   * What it selects.
   */
  description: string
  /**
   * Dotted field it looks at. Default the field of its own name.
   */
  field?: string
  /**
   * The fields it looks at, when there are several (`q`).
   *
   * Items: Dotted field.
   */
  fields?: string[]
  /**
   * Field whose enum lists the values allowed.
   */
  enum_of?: string
  /**
   * Whether letter case makes no difference.
   */
  fold_case?: boolean
  /**
   * Whether it is written with a key, `metadata[key]=value`.
   */
  keyed?: boolean
}
/**
 * What the provider sends by itself: how a delivery is verified, which events it holds, what they are about, and how deliveries are asked for.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Webhooks".
 */
export interface Webhooks {
  /**
   * How the body is written.
   */
  body?: 'json' | 'form'
  signature?: WebhookSignature
  /**
   * For providers that sign nothing: a delivery is believed nothing but the id in it, and the record is read from the provider.
   */
  verify?: 'by_fetch'
  /**
   * Deliveries of another kind that the same address gets and that nobody signs; believed as `verify: by_fetch` says. Only beside `signature`.
   */
  unsigned?: {
    /**
     * Whether a delivery is of this kind. One that carries a signature has to be of the other.
     */
    when: string
    /**
     * How the body is written.
     */
    body?: 'json' | 'form'
    /**
     * What is read of the event, over the body. It has no id: each is a new one.
     */
    event: {
      /**
       * A name for what happened.
       */
      type: string
      /**
       * Identity of the account that it happened in, where one address hears of several.
       */
      account?: string
    }
  }
  /**
   * Text that the provider wants to be answered when it tries the address; where it has a value, the delivery holds no events. Over the body.
   */
  challenge?: string
  /**
   * Text of the answer that says that a delivery was taken.
   */
  answer?: string
  /**
   * The events of a delivery, over its body. Default the body itself.
   */
  events?: string
  /**
   * What is read of each event, over the event.
   */
  event: {
    /**
     * The provider's id of the event: one that comes again is the same. Default the hash of the event where it is signed; events that are verified by fetching are each new.
     */
    id?: string
    /**
     * The provider's name of what happened.
     */
    type: string
    /**
     * Identity of the account that it happened in, where one address hears of several. Default every account that the address belongs to.
     */
    account?: string
    /**
     * Version of the API that it is rendered in.
     */
    api_version?: string
  }
  /**
   * The mapping of an event into the unified model, `model/resource`: its `type`, `resource`, `resource_id`, `occurred_at` and `changes` say what a native event means. In it `$parent.id` is what `event.id` gave.
   */
  as: string
  /**
   * Events that name what happened and do not tell it; they are read whole when they are dealt with.
   */
  thin?: {
    /**
     * Whether an event is such a one, over the event.
     */
    when: string
    from: OperationRef
    /**
     * Path parameters of the read. Default `{ id }`.
     */
    path?: {
      /**
       * Value, over the event.
       */
      [k: string]: string
    }
  }
  /**
   * The record that an event is about. Without it every record is read from the provider.
   */
  record?: {
    /**
     * The native record in the event.
     */
    value?: string
    /**
     * Unified resources whose records in events are as whole as those that `get` reads. Others are read from the provider.
     */
    trust?: Slug[]
    /**
     * Of those under `trust`: resources that events tell a part of. Fields without a value stay as they were known.
     */
    partial?: Slug[]
    /**
     * Whether the record in this event may be trusted, over the event; `$api_version` is the version that the mappings are written for. Default always.
     */
    when?: string
    /**
     * Unified models in which the resource of an event is looked for, in order. Default the model of `as`.
     *
     * @minItems 1
     *
     * Items: Unified model.
     */
    models?: [string, ...string[]]
  }
  /**
   * How deliveries are asked for when an account is connected; the first that fits its auth method.
   *
   * @minItems 1
   */
  provision: [WebhookProvision, ...WebhookProvision[]]
}
/**
 * How deliveries are signed.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "WebhookSignature".
 */
export interface WebhookSignature {
  /**
   * HMAC (RFC 2104), RSA (PKCS #1 1.5), Ed25519 (RFC 8032), or a secret that is sent along as it is.
   */
  algorithm?: 'hmac' | 'rsa' | 'ed25519' | 'token'
  /**
   * Hash of hmac and rsa.
   */
  hash?: 'sha1' | 'sha256' | 'sha512'
  /**
   * Whether the delivery is signed as a whole or each event in it.
   */
  per?: 'delivery' | 'event'
  /**
   * The signature, or a list of which one has to fit. Over the event where each is signed.
   */
  value: string
  /**
   * How it is written.
   */
  encoding?: 'hex' | 'base64'
  /**
   * The key: text for hmac and token, PEM for the others. Default `$secret`. `$endpoint.id` is what the provider calls the address.
   */
  key?: string
  /**
   * How the key of an hmac is written.
   */
  key_encoding?: 'utf8' | 'hex' | 'base64'
  /**
   * The certificate that holds the key of rsa, where the delivery names it.
   */
  certificate?: {
    /**
     * Where it is.
     */
    url: string
    /**
     * The only hosts that it is taken from.
     *
     * @minItems 1
     *
     * Items: Host name.
     */
    hosts: [string, ...string[]]
  }
  /**
   * What is signed, in order. Default the body.
   *
   * @minItems 1
   *
   * Items: One part.
   */
  parts?: [
    (
      | ('body' | 'body_crc32' | 'timestamp' | 'url')
      | {
          /**
           * The text; a missing one is empty. Over the event where each is signed.
           */
          value: string
        }
    ),
    ...(
      | ('body' | 'body_crc32' | 'timestamp' | 'url')
      | {
          /**
           * The text; a missing one is empty. Over the event where each is signed.
           */
          value: string
        }
    )[]
  ]
  /**
   * What stands between the parts.
   */
  separator?: string
  /**
   * When it was signed.
   */
  timestamp?: {
    /**
     * The time.
     */
    value: string
    /**
     * How it is written.
     */
    form?: 's' | 'ms' | 'rfc3339'
    /**
     * Greatest age in seconds. Default none.
     */
    tolerance_s?: number
  }
}
/**
 * How deliveries are asked for.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "WebhookProvision".
 */
export interface WebhookProvision {
  /**
   * Auth methods that it is for. Default all.
   *
   * @minItems 1
   *
   * Items: Auth method.
   */
  methods?: [string, ...string[]]
  /**
   * Whose the address is: one for each account, or one for all accounts of an auth method, told apart by the account that each event names.
   */
  per?: 'account' | 'app'
  /**
   * What a person does at the provider with the address, and which secret to bring back.
   */
  manual?: string
  /**
   * The operation that asks for deliveries.
   */
  create?: {
    to: OperationRef
    path?: ProvisionValues
    body?: ProvisionValues
    /**
     * What the provider calls the address, over the answer.
     */
    id: string
    /**
     * The secret, over the answer. Without it one is made here and told as `$secret`.
     */
    secret?: string
  }
  /**
   * The operation that tells of another address. Without it the old one is deleted and a new one made.
   */
  update?: {
    to: OperationRef
    path?: ProvisionValues
    body?: ProvisionValues
  }
  /**
   * The operation that ends deliveries.
   */
  delete?: {
    to: OperationRef
    path?: ProvisionValues
  }
}
/**
 * Native name (dots nest) to value. A missing value is not sent.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ProvisionValues".
 */
export interface ProvisionValues {
  /**
   * A value that is sent.
   */
  [k: string]: string | Constant
}
/**
 * What an environment or an account changes of the mappings, by unified model. It states only what differs.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "Overrides".
 */
export interface Overrides {
  /**
   * Changes of one model.
   */
  [k: string]: {
    /**
     * Changes by unified resource.
     */
    resources: {
      [k: string]: ResourceOverride
    }
  }
}
/**
 * Changes of one mapping. Auth, hosts, operations and effects are out of reach.
 *
 * This interface was referenced by `Language`'s JSON-Schema
 * via the `definition` "ResourceOverride".
 */
export interface ResourceOverride {
  fields?: FieldMap
  /**
   * How unified filters are answered.
   */
  filters?: {
    /**
     * The filter, or its removal.
     */
    [k: string]:
      | Filter
      | {
          /**
           * Takes the filter away.
           */
          $remove: true
        }
  }
  /**
   * Unified fields that the account does not have, each with the reason that explain shows.
   */
  absent?: {
    /**
     * The reason.
     */
    [k: string]: string
  }
}

/** Every definition of the language by name (JSON Schema draft 2020-12). */
export const LANGUAGE_SCHEMA: { readonly $schema: string; readonly $defs: Readonly<Record<string, Readonly<Record<string, unknown>>>> } = {"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{"Auth":{"type":"object","description":"The ways to connect an account.","examples":[{"methods":{"key":{"type":"bearer","label":"API key","fields":{"key":{"label":"API key","secret":true}},"token":"$credentials.key"}}}],"additionalProperties":false,"required":["methods"],"properties":{"methods":{"type":"object","description":"Auth methods by name; the first is offered first.","examples":[{"key":{"type":"bearer","label":"API key","token":"$credentials.key"}}],"additionalProperties":{"$ref":"#/$defs/AuthMethod"}},"verify":{"$ref":"#/$defs/OperationRef"},"identity":{"type":"string","x-expression":{"scope":["response","headers"]},"description":"What names the provider account in the answer to verify; a reconnect must show the same. An account where it finds nothing says so.","examples":["id"]},"post_install":{"type":"array","minItems":1,"description":"What is set up at the provider once the credentials are proven, in this order; the account is active only after all of it. Each connect runs it again, so a step bears a repeat, or says `unless`.","examples":[[{"name":"subscribe","to":"subscribers.create","body":{"tenant":"$account.tenant_id"}}]],"items":{"$ref":"#/$defs/PostInstallStep"}}}},"PostInstallStep":{"type":"object","description":"An operation that is run when an account is connected; none that moves money.","examples":[{"name":"subscribe","to":"subscribers.create","unless":"$account.traits.subscriber","traits":{"subscriber":"id"}}],"additionalProperties":false,"required":["name","to"],"properties":{"name":{"$ref":"#/$defs/Slug","description":"Name of the step, told where it fails.","examples":["subscribe"]},"to":{"$ref":"#/$defs/OperationRef"},"unless":{"type":"string","x-expression":{"scope":["account","connection"]},"description":"Leaves the step out where it holds, such as when an earlier connect has done it.","examples":["$account.traits.subscriber"]},"path":{"$ref":"#/$defs/StepValues"},"query":{"$ref":"#/$defs/StepValues"},"body":{"$ref":"#/$defs/StepValues"},"traits":{"type":"object","description":"Traits that the answer tells; read as $account.traits, by later steps too.","examples":[{"subscriber":"id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["response","headers"]},"description":"The trait in the answer.","examples":["id"]}},"settings":{"type":"object","description":"Settings that the answer tells; read as $connection, by later steps too.","examples":[{"site":"site"}],"additionalProperties":{"type":"string","x-expression":{"scope":["response","headers"]},"description":"The setting in the answer.","examples":["site"]}}}},"StepValues":{"type":"object","description":"Native name (dots nest) to value. A missing value is not sent.","examples":[{"tenant":"$account.tenant_id","events.kind":{"const":"all"}}],"additionalProperties":{"description":"A value that is sent.","examples":["$account.tenant_id"],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["account","connection"]},"description":"An expression.","examples":["$account.tenant_id"]},{"$ref":"#/$defs/Constant"}]}},"AuthMethod":{"type":"object","description":"One way to authenticate.","examples":[{"type":"basic","label":"Key and secret","username":"$credentials.key","password":"$credentials.secret"}],"additionalProperties":false,"required":["type","label"],"properties":{"type":{"type":"string","enum":["bearer","basic","api_key","oauth2","none"],"description":"bearer (RFC 6750), basic (RFC 7617), api_key in header, query or body, oauth2 (RFC 6749), or none.","examples":["bearer"]},"label":{"type":"string","description":"What the person chooses.","examples":["Secret key"]},"description":{"type":"string","description":"When to choose it, one sentence.","examples":["Best for a back end that owns the account."]},"fields":{"type":"object","description":"What the person fills in.","examples":[{"secret_key":{"label":"Secret key","secret":true}}],"additionalProperties":{"$ref":"#/$defs/FormField"}},"app":{"type":"object","description":"What an environment brings once for all its accounts, such as its OAuth app or platform key; read as $app, kept in the vault whether secret or not.","examples":[{"client_id":{"label":"Client ID"},"client_secret":{"label":"Client secret","secret":true}}],"additionalProperties":{"$ref":"#/$defs/FormField"}},"oauth2":{"$ref":"#/$defs/OAuth2"},"signing":{"$ref":"#/$defs/Signing"},"verify":{"allOf":[{"$ref":"#/$defs/OperationRef"}],"description":"The operation that proves these credentials, where it is another one than `auth.verify`.","examples":["keys.current"]},"identity":{"type":"string","x-expression":{"scope":["response","headers"]},"description":"What names the provider account in the answer to it. Default `auth.identity`, but nothing beside a `verify` of the method.","examples":["id"]},"token":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"bearer, oauth2: the token. oauth2: default $credentials.access_token, unless `name` says where it goes.","examples":["$credentials.secret_key"]},"username":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"basic: the user name.","examples":["$credentials.key"]},"password":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"basic: the password. Default empty.","examples":["$credentials.secret"]},"in":{"type":"string","enum":["header","query","body"],"description":"api_key, oauth2: where the key goes.","examples":["header"]},"name":{"type":"string","description":"api_key, oauth2: header, parameter or dotted body path.","examples":["X-Api-Key"]},"value":{"type":"string","x-template":{"scope":["credentials","connection","app"]},"description":"api_key, oauth2: the value.","examples":["{{ $credentials.api_key }}"]},"headers":{"type":"object","description":"Further headers of every request; one whose value is missing is left out. They are owned.","examples":[{"Acme-Account":"$connection.account"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the header.","examples":["$connection.account"]}}}},"OAuth2":{"type":"object","description":"How an OAuth 2.0 grant is got, kept fresh and given back. What it yields are credentials: access_token, refresh_token and what `keep` names.","examples":[{"authorize":{"path":"/oauth/authorize"},"token":{"path":"/oauth/token"},"scopes":["read"]}],"additionalProperties":false,"required":["token"],"properties":{"grant":{"type":"string","enum":["authorization_code","client_credentials","jwt_bearer"],"default":"authorization_code","description":"authorization_code (a person agrees, RFC 6749 4.1), client_credentials (4.4) or jwt_bearer (RFC 7523).","examples":["client_credentials"]},"issuer":{"type":"string","format":"uri","description":"What the provider calls itself in `iss` of the callback (RFC 9207); with it the callback must carry it.","examples":["https://acme.test"]},"scopes":{"type":"array","description":"Scopes asked for when the caller names none.","examples":[["read","write"]],"items":{"type":"string","pattern":"^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$","description":"One scope.","examples":["read"]}},"authorize":{"type":"object","description":"Where the person is sent.","examples":[{"host":"login","path":"/oauth/authorize"}],"additionalProperties":false,"required":["path"],"properties":{"host":{"type":"string","default":"default","description":"Name of the host.","examples":["login"]},"path":{"type":"string","pattern":"^/","x-template":{"scope":["connection"]},"description":"Path of the page.","examples":["/oauth/authorize"]},"params":{"type":"object","description":"Further parameters; one whose value is missing is left out.","examples":[{"prompt":"'consent'"}],"additionalProperties":{"type":"string","x-expression":{"scope":["connection","app"]},"description":"Value of the parameter.","examples":["'consent'"]}},"pkce":{"type":"string","enum":["S256","none"],"default":"S256","description":"Proof key for the code (RFC 7636). Switch it off only where the provider refuses it.","examples":["none"]},"scope_param":{"type":"string","default":"scope","description":"Parameter that carries the scopes.","examples":["user_scope"]},"scope_separator":{"type":"string","default":" ","description":"What stands between scopes.","examples":[","]}}},"client":{"type":"object","description":"How the app proves itself at the token and revocation endpoints.","examples":[{"auth":"client_secret_post"}],"additionalProperties":false,"properties":{"id":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Client id. Default $app.client_id where `app` declares it.","examples":["$credentials.client_id"]},"secret":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Client secret. Default $app.client_secret where `app` declares it.","examples":["$app.secret_key"]},"auth":{"type":"string","enum":["client_secret_basic","client_secret_post","private_key_jwt","none"],"default":"client_secret_basic","description":"As RFC 7591 names them. none sends the client id, unless `token.headers` has an Authorization.","examples":["client_secret_post"]},"key":{"$ref":"#/$defs/SigningKey"}}},"token":{"$ref":"#/$defs/TokenEndpoint"},"assertion":{"type":"object","description":"jwt_bearer: the signed assertion.","examples":[{"key":{"alg":"RS256","value":"$credentials.private_key"},"issuer":"$credentials.client_email"}],"additionalProperties":false,"required":["key","issuer"],"properties":{"key":{"$ref":"#/$defs/SigningKey"},"issuer":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Claim iss.","examples":["$credentials.client_email"]},"subject":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Claim sub. Default the issuer.","examples":["$connection.user"]},"audience":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Claim aud. Default the URL of the token endpoint.","examples":["'https://acme.test'"]},"lifetime_s":{"type":"integer","minimum":1,"maximum":3600,"default":300,"description":"Seconds until the assertion expires.","examples":[300]},"claims":{"type":"object","description":"Further claims.","examples":[{"scope":"'read write'"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the claim.","examples":["'read'"]}}}},"answer":{"type":"object","description":"Where the token answer holds what, if not where RFC 6749 5.1 says. JSON and form-encoded answers are read alike, and `error` makes a 200 a refusal.","examples":[{"access_token":"$response.authed_user.access_token"}],"additionalProperties":false,"properties":{"access_token":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Default $response.access_token.","examples":["$response.data.token"]},"refresh_token":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Default $response.refresh_token. An answer without one keeps the present one.","examples":["$response.data.refresh"]},"expires_in":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Seconds until the access token expires. Default $response.expires_in.","examples":["$response.data.ttl"]},"expires_at":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"When the access token expires (RFC 3339), where the answer tells no seconds. Default $response.expires_at.","examples":["$response.data.until"]},"scope":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Scopes granted, as text or list. Default $response.scope.","examples":["$response.scopes"]},"error":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Code of a refusal as in RFC 6749 5.2; invalid_grant ends the grant. Default $response.error.","examples":["$response.ok = false ? $response.error"]}}},"keep":{"type":"object","description":"Further values of the token answer that are kept as credentials; read as $credentials.","examples":[{"user_id":"$response.user_id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["callback","headers","response"]},"description":"Value to keep; $callback holds the parameters of the callback.","examples":["$response.user_id"]}},"settings":{"type":"object","description":"Settings that the token answer tells when an account is connected; read as $connection.","examples":[{"site":"$response.site"}],"additionalProperties":{"type":"string","x-expression":{"scope":["callback","headers","response"]},"description":"The setting; $callback holds the parameters of the callback.","examples":["$response.site"]}},"identity":{"type":"string","x-expression":{"scope":["callback","headers","response"]},"description":"What names the provider account in the token answer. Default none; then auth.identity tells.","examples":["$response.user_id"]},"refresh":{"type":"object","description":"How access tokens are renewed (RFC 6749 6).","examples":[{"ahead_s":300,"rotates":true}],"additionalProperties":false,"properties":{"ahead_s":{"type":"integer","minimum":0,"default":300,"description":"Seconds before expiry from which a call renews the token first; at most half the lifetime of the token.","examples":[300]},"expires_in_s":{"type":"integer","minimum":1,"description":"Lifetime in seconds where the answer tells none. Default the token is taken to last.","examples":[3600]},"rotates":{"type":"boolean","default":true,"description":"Whether each renewal may end the refresh token that was used.","examples":[false]},"params":{"type":"object","description":"Further parameters of the request.","examples":[{"audience":"'acme'"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the parameter.","examples":["'acme'"]}}}},"revoke":{"type":"object","description":"How the provider is told that a grant is over: as RFC 7009 says, or with `params` a call of its own that carries only these and `headers`.","examples":[{"path":"/oauth/revoke"}],"additionalProperties":false,"required":["path"],"properties":{"host":{"type":"string","default":"default","description":"Name of the host.","examples":["login"]},"path":{"type":"string","pattern":"^/","x-template":{"scope":["connection"]},"description":"Path of the endpoint.","examples":["/oauth/revoke"]},"body":{"type":"string","enum":["form","json"],"default":"form","description":"How the fields are written; RFC 7009 wants a form.","examples":["json"]},"params":{"type":"object","description":"Fields that are posted instead of what RFC 7009 says.","examples":[{"user_id":"$credentials.user_id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the field.","examples":["$credentials.user_id"]}},"headers":{"type":"object","description":"Further headers.","examples":[{"Acme-Version":"'2'"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the header.","examples":["'2'"]}}}}}},"TokenEndpoint":{"type":"object","description":"The token endpoint.","examples":[{"host":"login","path":"/oauth/token"}],"additionalProperties":false,"required":["path"],"properties":{"host":{"type":"string","default":"default","description":"Name of the host.","examples":["login"]},"path":{"type":"string","pattern":"^/","x-template":{"scope":["connection"]},"description":"Path of the endpoint.","examples":["/oauth/token"]},"body":{"type":"string","enum":["form","json"],"default":"form","description":"How the fields are written; RFC 6749 wants a form.","examples":["json"]},"timeout_ms":{"type":"integer","minimum":1,"maximum":60000,"default":20000,"description":"Longest wait for one answer in milliseconds.","examples":[20000]},"params":{"type":"object","description":"Further parameters; one whose value is missing is left out.","examples":[{"audience":"'acme'"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the parameter.","examples":["'acme'"]}},"headers":{"type":"object","description":"Further headers.","examples":[{"Acme-Version":"'2'"}],"additionalProperties":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Value of the header.","examples":["'2'"]}}}},"SigningKey":{"type":"object","description":"A key that signs a JWT.","examples":[{"alg":"RS256","value":"$credentials.private_key"}],"additionalProperties":false,"required":["alg","value"],"properties":{"alg":{"type":"string","enum":["RS256","RS384","RS512","PS256","ES256","ES384","EdDSA","HS256","HS512"],"description":"Algorithm (RFC 7518).","examples":["RS256"]},"value":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"The private key as PEM, or the secret of HS256 and HS512.","examples":["$credentials.private_key"]},"id":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"Header kid.","examples":["$credentials.key_id"]}}},"Signing":{"type":"object","description":"A signature of every request: HMAC over named parts, in the order given.","examples":[{"hash":"sha256","key":"$credentials.secret","parts":["timestamp","verb","path","body"],"headers":{"Acme-Time":"$timestamp","Acme-Signature":"$signature"}}],"additionalProperties":false,"required":["key","parts","headers"],"properties":{"hash":{"type":"string","enum":["sha1","sha256","sha384","sha512"],"default":"sha256","description":"Hash of the HMAC (RFC 2104).","examples":["sha256"]},"key":{"type":"string","x-expression":{"scope":["credentials","connection","app"]},"description":"The key.","examples":["$credentials.secret"]},"key_encoding":{"type":"string","enum":["utf8","base64","hex"],"default":"utf8","description":"How the key is written.","examples":["base64"]},"encoding":{"type":"string","enum":["hex","base64","base64url"],"default":"hex","description":"How the signature is written.","examples":["base64"]},"parts":{"type":"array","minItems":1,"description":"What is signed. target is path and query as sent; body_hash the hash of the body, written as `encoding` says.","examples":[["timestamp","verb","target","body"]],"items":{"type":"string","enum":["verb","host","path","query","target","body","body_hash","timestamp","nonce"],"description":"A part of the request.","examples":["body"]}},"separator":{"type":"string","default":"","description":"What stands between the parts.","examples":["\n"]},"timestamp":{"type":"string","enum":["s","ms","rfc3339"],"default":"s","description":"Form of the time.","examples":["ms"]},"headers":{"type":"object","description":"Headers that carry it; one whose value is missing is left out. They are owned.","examples":[{"Acme-Signature":"$signature"}],"additionalProperties":{"type":"string","x-expression":{"scope":["signature","timestamp","nonce","credentials","connection","app"]},"description":"Value of the header.","examples":["$signature"]}}}},"CaseFile":{"title":"CaseFile","type":"object","description":"Cases of one resource.","examples":[{"cases":[{"name":"A customer","call":{"model":"payment-gateway","resource":"customers","method":"get","id":"cus_1"},"exchanges":[],"expect":{"error":{"code":"record_not_found"}}}]}],"additionalProperties":false,"minProperties":1,"properties":{"cases":{"type":"array","minItems":1,"description":"The cases.","examples":[[{"name":"Nobody","call":{"resource":"customers","method":"get","id":"cus_1"},"exchanges":[],"expect":{"error":{"code":"record_not_found"}}}]],"items":{"$ref":"#/$defs/Case"}},"deliveries":{"type":"array","minItems":1,"description":"Cases of webhooks.","examples":[[{"name":"Altered on the way","delivery":{"body":{}},"expect":{"error":{"code":"signature_refused"}}}]],"items":{"$ref":"#/$defs/DeliveryCase"}}}},"DeliveryCase":{"type":"object","description":"A delivery of the provider and the events that come out of it.","examples":[{"name":"Altered on the way","delivery":{"body":{}},"expect":{"error":{"code":"signature_refused"}}}],"additionalProperties":false,"required":["name","delivery","expect"],"properties":{"name":{"type":"string","description":"What the case shows.","examples":["A customer was changed"]},"now":{"type":"string","description":"The instant at which it runs (RFC 3339). Default 2026-06-01T00:00:00Z.","examples":["2026-06-01T00:00:00Z"]},"account":{"$ref":"#/$defs/CaseAccount"},"delivery":{"type":"object","description":"The delivery.","examples":[{"headers":{"Acme-Signature":"0a1b"},"body":{"kind":"paid"}}],"additionalProperties":false,"required":["body"],"properties":{"headers":{"type":"object","description":"Its headers.","examples":[{"Acme-Signature":"0a1b"}],"additionalProperties":{"type":"string","description":"Value.","examples":["0a1b"]}},"query":{"type":"object","description":"Its query.","examples":[{"v":"2"}],"additionalProperties":{"type":"string","description":"Value.","examples":["2"]}},"body":{"description":"Its body: a text as it is, anything else as JSON without blanks.","examples":[{"kind":"paid"}]},"url":{"type":"string","description":"Where it was sent. Default https://onefold.test/webhook-in/case.","examples":["https://onefold.test/webhook-in/case"]}}},"secrets":{"type":"array","description":"Secrets of the address. Default `case-secret`.","examples":[["case-secret"]],"items":{"type":"string","description":"Secret.","examples":["case-secret"]}},"endpoint_id":{"type":"string","description":"What the provider calls the address. Default case-endpoint.","examples":["case-endpoint"]},"certificate":{"type":"string","description":"The certificate that the delivery names, as PEM.","examples":["-----BEGIN CERTIFICATE-----"]},"exchanges":{"$ref":"#/$defs/CaseExchanges"},"expect":{"type":"object","description":"What comes out.","examples":[{"error":{"code":"signature_refused"}}],"additionalProperties":false,"oneOf":[{"required":["events"]},{"required":["error"]},{"required":["challenge"]}],"properties":{"challenge":{"type":"string","description":"Text that the delivery is answered with.","examples":["abc"]},"events":{"type":"array","description":"The events in order. Of each, what is named is compared; conventional fields of the record count only when they are named.","examples":[[{"id":"evt_1","type":"payment.succeeded"}]],"items":{"type":"object","description":"One event.","examples":[{"id":"evt_1","type":"payment.succeeded"}],"additionalProperties":false,"properties":{"id":{"type":"string","description":"The provider's id.","examples":["evt_1"]},"raw_type":{"type":"string","description":"The provider's type.","examples":["paid"]},"account":{"type":["string","null"],"description":"Identity of the account.","examples":["acct_1"]},"api_version":{"type":["string","null"],"description":"Version that it is rendered in.","examples":["2026-01-01"]},"type":{"type":["string","null"],"description":"Unified type; null where it has none.","examples":["payment.succeeded"]},"resource":{"type":["string","null"],"description":"Unified resource with its model, `model/resource`.","examples":["payment-gateway/payments"]},"resource_id":{"type":["string","null"],"description":"Id of the record.","examples":["pi_1"]},"occurred_at":{"type":["string","null"],"description":"When it happened.","examples":["2026-06-01T00:00:00Z"]},"record":{"description":"The unified record; null where there is none.","examples":[{"id":"pi_1"}]}}}},"error":{"type":"object","description":"The failure.","examples":[{"code":"signature_refused"}],"additionalProperties":false,"required":["code"],"properties":{"code":{"type":"string","x-error-code":true,"description":"Code of the error table.","examples":["signature_refused"]}}}}}}},"Case":{"type":"object","description":"A call, or a connect, the exchanges with the provider it makes, and what comes out. A request that no exchange expects, and an exchange that no request uses, fail.","examples":[{"name":"A customer","call":{"model":"payment-gateway","resource":"customers","method":"get","id":"cus_1"},"exchanges":[],"expect":{"error":{"code":"record_not_found"}}}],"additionalProperties":false,"required":["name","exchanges","expect"],"properties":{"name":{"type":"string","description":"What the case shows.","examples":["A canceled subscription is listed too"]},"now":{"type":"string","description":"The instant at which it runs (RFC 3339). Default 2026-06-01T00:00:00Z.","examples":["2026-06-01T00:00:00Z"]},"account":{"$ref":"#/$defs/CaseAccount"},"call":{"type":"object","description":"The call of Onefold's own API; or `connect`.","examples":[{"model":"payment-gateway","resource":"customers","method":"list","query":{"limit":2}}],"additionalProperties":false,"required":["resource","method"],"properties":{"model":{"type":"string","description":"Unified model; without it the call is a proxy call.","examples":["payment-gateway"]},"resource":{"$ref":"#/$defs/Slug"},"method":{"type":"string","description":"Operation.","examples":["list"]},"id":{"type":"string","description":"Id of the record.","examples":["cus_1"]},"query":{"type":"object","description":"Query of the call as the API takes it.","examples":[{"created_at[gte]":"2026-01-01T00:00:00Z","limit":2}],"additionalProperties":{"type":["string","integer","boolean"],"description":"Value.","examples":[2]}},"body":{"description":"Body of the call.","examples":[{"name":"Ada"}]},"idempotency_key":{"type":"string","description":"Key of a write. Default case-key.","examples":["case-key"]}}},"connect":{"type":"boolean","const":true,"description":"Instead of `call`: connects the account (verification, traits, post_install). The result is { identity, mode, livemode, traits, settings }, settings as the steps leave them.","examples":[true]},"exchanges":{"$ref":"#/$defs/CaseExchanges"},"expect":{"type":"object","description":"What comes out. Exactly one of result and error.","examples":[{"result":{"id":"cus_1"}}],"additionalProperties":false,"properties":{"result":{"description":"The record, or the list of records. Fields that are not named must be null or absent, except the conventional ones (object, provider, integrated_account_id, tenant_id, livemode, is_deleted, remote_url, _meta), which are compared when named.","examples":[{"id":"cus_1"}]},"more":{"type":"boolean","description":"Lists: whether there is a next cursor. Default not compared.","examples":[true]},"partial":{"type":"boolean","description":"Lists: the value of is_partial_response.","examples":[false]},"field_errors":{"type":"array","description":"Fields reported in _meta.field_errors. Default none may be.","examples":[["amount"]],"items":{"type":"string","description":"Field.","examples":["amount"]}},"error":{"type":"object","description":"The failure.","examples":[{"code":"record_not_found"}],"additionalProperties":false,"required":["code"],"properties":{"code":{"type":"string","x-error-code":true,"description":"Code of the error table.","examples":["record_not_found"]},"provider_code":{"type":"string","description":"The provider's code.","examples":["resource_missing"]}}}}}}},"CaseAccount":{"type":"object","description":"The account it runs on.","examples":[{"mode":"test"}],"additionalProperties":false,"properties":{"method":{"type":"string","description":"Auth method. Default the first.","examples":["secret_key"]},"mode":{"type":"string","description":"Mode.","examples":["test"]},"credentials":{"type":"object","description":"Made-up credentials. Default the examples of the form.","examples":[{"secret_key":"sk_test_case"}],"additionalProperties":{"type":"string","description":"Value.","examples":["sk_test_case"]}},"connection":{"type":"object","description":"Settings of the account.","examples":[{"site":"acme"}],"additionalProperties":{"type":"string","description":"Value.","examples":["acme"]}},"traits":{"type":"object","description":"Traits of the account.","examples":[{"country":"US"}],"additionalProperties":{"description":"Value.","examples":["US"]}},"api_version":{"type":"string","description":"API version of the account. Default the integration's.","examples":["2023-08-16"]}}},"CaseExchanges":{"type":"array","description":"Requests expected, in order, and the answers.","examples":[[]],"items":{"type":"object","description":"One exchange.","examples":[{"request":{"verb":"GET","path":"/v1/customers/cus_1"},"response":{"status":200,"body":{"id":"cus_1"}}}],"additionalProperties":false,"required":["request","response"],"properties":{"request":{"type":"object","description":"The request, compared whole.","examples":[{"verb":"GET","path":"/v1/customers/cus_1"}],"additionalProperties":false,"required":["verb","path"],"properties":{"verb":{"$ref":"#/$defs/HttpVerb"},"path":{"type":"string","description":"Path with base path.","examples":["/v1/customers/cus_1"]},"query":{"type":"object","description":"Decoded query parameters as they stand on the wire. All of them; default none.","examples":[{"limit":"2"}],"additionalProperties":{"type":["string","array"],"description":"Value or values.","examples":["2"]}},"headers":{"type":"object","description":"Headers that must be there; others are not compared.","examples":[{"idempotency-key":"case-key"}],"additionalProperties":{"type":"string","description":"Value.","examples":["case-key"]}},"body":{"description":"Body: a form as an object of decoded pairs, JSON as itself. Default none.","examples":[{"name":"Ada"}]}}},"response":{"type":"object","description":"The answer.","examples":[{"status":200,"body":{"id":"cus_1"}}],"additionalProperties":false,"required":["status"],"properties":{"status":{"type":"integer","minimum":100,"maximum":599,"description":"HTTP status.","examples":[200]},"headers":{"type":"object","description":"Headers.","examples":[{"request-id":"req_1"}],"additionalProperties":{"type":"string","description":"Value.","examples":["req_1"]}},"body":{"description":"Body; JSON unless it is text.","examples":[{"id":"cus_1"}]}}}}}},"Slug":{"type":"string","pattern":"^[a-z][a-z0-9_]*$","description":"A name in snake_case that starts with a letter.","examples":["customers"]},"OperationRef":{"type":"string","pattern":"^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$","x-operation":true,"description":"An operation of this integration, written `resource.method`.","examples":["customers.list"]},"Constant":{"type":"object","description":"A literal value where an expression could stand.","examples":[{"const":"card"}],"required":["const"],"additionalProperties":false,"properties":{"const":{"description":"The value itself; any JSON value.","examples":[100]}}},"Effect":{"type":"string","enum":["read","write","money","credential"],"description":"What the operation does to the world. Tokens, approvals, retries and the audit use it; an operation without one counts as money.","examples":["read"]},"HttpVerb":{"type":"string","enum":["GET","POST","PUT","PATCH","DELETE"],"description":"HTTP method (RFC 9110).","examples":["GET"]},"MoneyForm":{"type":"object","description":"How amounts are written by this provider or resource.","examples":[{"form":"minor","exponents":{"ISK":2}}],"additionalProperties":false,"required":["form"],"properties":{"form":{"type":"string","enum":["minor","decimal","micros"],"description":"Integers in the minor unit, decimal numbers or strings, or millionths.","examples":["minor"]},"exponents":{"type":"object","description":"Currencies whose exponent here differs from ISO 4217.","examples":[{"ISK":2,"MGA":0}],"propertyNames":{"pattern":"^[A-Z]{3}$"},"additionalProperties":{"type":"integer","minimum":0,"maximum":6,"description":"Digits after the decimal point.","examples":[2]}}}},"TimeForm":{"type":"object","description":"How instants are written by this provider or resource.","examples":[{"form":"s"}],"additionalProperties":false,"required":["form"],"properties":{"form":{"type":"string","enum":["s","ms","rfc3339","date"],"description":"Unix seconds, Unix milliseconds, RFC 3339 text, or a civil date.","examples":["s"]},"zone":{"type":"string","description":"IANA zone of times that carry none. Default UTC.","examples":["Europe/Amsterdam"]}}},"HeaderTime":{"type":"object","description":"A response header that holds a wait or an instant.","examples":[{"header":"Retry-After","form":"auto"}],"additionalProperties":false,"required":["header"],"properties":{"header":{"type":"string","description":"Header name.","examples":["Retry-After"]},"form":{"type":"string","enum":["auto","seconds","ms","date","epoch_s","epoch_ms"],"default":"auto","description":"How the value is written; auto reads seconds or an HTTP date (RFC 9110 Retry-After).","examples":["seconds"]}}},"FormField":{"type":"object","description":"One field that a person fills in when connecting an account.","examples":[{"label":"Secret key","secret":true}],"additionalProperties":false,"required":["label"],"properties":{"label":{"type":"string","description":"What the person reads above the field.","examples":["Secret key"]},"help":{"type":"string","description":"Where to find the value.","examples":["In the dashboard under Developers > API keys."]},"pattern":{"type":"string","format":"regex","description":"Regular expression the whole value must match.","examples":["^sk_(test|live)_"]},"example":{"type":"string","description":"A harmless example.","examples":["sk_test_..."]},"secret":{"type":"boolean","default":false,"description":"True keeps the value in the vault ($credentials); false puts it in $connection.","examples":[true]},"required":{"type":"boolean","default":true,"description":"Whether the person must fill it in.","examples":[false]},"default":{"type":"string","description":"Value taken when none is given.","examples":["eu"]},"options":{"type":"array","description":"The values to choose from.","examples":[["eu","us"]],"items":{"type":"string","description":"One choice.","examples":["eu"]}},"visible_when":{"type":"object","description":"Show the field only when another field has this value.","examples":[{"field":"region","equals":"eu"}],"additionalProperties":false,"required":["field","equals"],"properties":{"field":{"type":"string","description":"The other field.","examples":["region"]},"equals":{"type":"string","description":"Its value.","examples":["eu"]}}}}},"BodyType":{"type":"string","enum":["json","form","multipart","raw","none"],"description":"Encoding of the request body.","examples":["form"]},"ArrayFormat":{"type":"string","enum":["brackets","indexed","repeat","comma","pipe","space","json"],"description":"How a list is written: a[]=1, a[0]=1, a=1&a=2, a=1,2, a=1|2, a=1 2 or a=[1,2].","examples":["brackets"]},"RequestDefaults":{"type":"object","description":"How requests are written.","examples":[{"body":"form","arrays":"indexed"}],"additionalProperties":false,"properties":{"body":{"allOf":[{"$ref":"#/$defs/BodyType"}],"default":"json","description":"Encoding of the request body.","examples":["form"]},"form":{"type":"string","enum":["brackets","indexed","columnar","json"],"default":"indexed","description":"Form bodies: lists of scalars as a[]=, all lists as a[0]=, objects in lists by column as a[k][0]=, or nested values as JSON text.","examples":["indexed"]},"json_fields":{"type":"array","description":"Fields of a form body that carry JSON text whatever the style.","examples":[["meta_data"]],"items":{"type":"string","description":"Field name.","examples":["meta_data"]}},"arrays":{"allOf":[{"$ref":"#/$defs/ArrayFormat"}],"default":"repeat","description":"How a list is written in the query: a[]=1, a[0]=1, a=1&a=2, a=1,2, a=1|2, a=1 2 or a=[1,2].","examples":["brackets"]},"nulls":{"type":"string","enum":["empty","null","omit"],"default":"null","description":"How null is written in bodies: empty text, JSON null, or left out.","examples":["empty"]},"envelope":{"type":"string","description":"Key that wraps the whole JSON body.","examples":["customer"]},"constants":{"type":"object","description":"Body fields that are always sent with this value; dots nest.","examples":[{"source":"api"}],"additionalProperties":{"description":"The value.","examples":["api"]}},"defaults":{"type":"object","description":"Parameters by name: an operation that declares one of that name in its query or body is given this value where the call names none. A missing value is not sent.","examples":[{"location_id":"$connection.location_id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["connection","account"]},"description":"Value.","examples":["$connection.location_id"]}},"headers":{"type":"object","description":"Headers sent with each request.","examples":[{"Accept":"application/json"}],"additionalProperties":{"type":"string","x-template":{"scope":["connection","account"]},"description":"Value of the header.","examples":["application/json"]}},"timeout_ms":{"type":"integer","minimum":100,"maximum":600000,"default":30000,"description":"Longest wait for one attempt in milliseconds.","examples":[30000]}}},"ResponseDefaults":{"type":"object","description":"How answers are read.","examples":[{"format":"json"}],"additionalProperties":false,"properties":{"format":{"type":"string","enum":["json","csv","text","bytes","none"],"default":"json","description":"What the body is.","examples":["json"]},"max_bytes":{"type":"integer","minimum":1024,"default":16777216,"description":"Largest body accepted after decompression in bytes.","examples":[16777216]},"big_integers":{"type":"string","enum":["number","string"],"default":"number","description":"How integers beyond 2^53 are read; string keeps every digit.","examples":["string"]},"records":{"type":"string","x-expression":{"scope":["response","headers","http_status"]},"description":"The list of records in a list answer.","examples":["data"]},"record":{"type":"string","x-expression":{"scope":["response","headers","http_status"]},"description":"The record in the answer to one get or write. Default is the whole body.","examples":["customer"]}}},"Pagination":{"description":"How a list is paged. A stuck cursor, an empty page that says there is more and a missing path are errors, never the end.","examples":[{"strategy":"none"}],"type":"object","additionalProperties":false,"required":["strategy"],"properties":{"strategy":{"type":"string","enum":["cursor","token","next_url","link","page","offset","expression","none"],"description":"cursor: key of the last record; token: a token in the answer; next_url: a URL in the body; link: Link header (RFC 8288); page and offset: by number; expression: computed; none: one page.","examples":["cursor"]},"in":{"type":"string","enum":["query","body","header"],"default":"query","description":"Where paging parameters go.","examples":["query"]},"after":{"type":"string","description":"cursor: parameter for records after a key.","examples":["starting_after"]},"before":{"type":"string","description":"cursor: parameter for records before a key; without it the list cannot go back.","examples":["ending_before"]},"key":{"type":"string","x-expression":{"scope":[]},"description":"cursor: the key of a record. Default id.","examples":["id"]},"has_more":{"type":"string","x-expression":{"scope":["response","headers","http_status"]},"description":"Whether more records follow.","examples":["has_more"]},"param":{"type":"string","description":"token, page, offset: the parameter.","examples":["page"]},"next":{"type":"string","x-expression":{"scope":["response","headers","http_status","query","body"]},"description":"token: the next token; next_url: the next URL; expression: an object { query?, body?, headers? } or nothing at the end.","examples":["next_page"]},"start":{"type":"integer","minimum":0,"default":1,"description":"page: number of the first page.","examples":[0]},"total":{"type":"string","x-expression":{"scope":["response","headers","http_status"]},"description":"page: number of pages; offset: number of records.","examples":["total_pages"]},"limit":{"type":"object","description":"The page size parameter.","examples":[{"param":"limit","max":100}],"additionalProperties":false,"required":["param","max"],"properties":{"param":{"type":"string","description":"Parameter name.","examples":["limit"]},"max":{"type":"integer","minimum":1,"description":"Largest size the provider takes.","examples":[100]},"default":{"type":"integer","minimum":1,"description":"Size the provider takes when none is given.","examples":[10]},"fixed":{"type":"boolean","default":false,"description":"True when the provider ignores the parameter and pages have this size.","examples":[false]}}},"stability":{"type":"string","enum":["keyset","best_effort"],"description":"Whether records can be lost or repeated while others are added. Default keyset for cursor, token, next_url and link; best_effort for page and offset.","examples":["best_effort"]},"omits_path_when_empty":{"type":"boolean","default":false,"description":"True when the provider leaves the list out of an empty answer; otherwise its absence is an error.","examples":[true]}}},"Retry":{"type":"object","description":"When an attempt is made again. Waits are full-jitter exponential; the longest of all waits asked for wins.","examples":[{"attempts":4}],"additionalProperties":false,"properties":{"attempts":{"type":"integer","minimum":1,"maximum":10,"default":4,"description":"Attempts in all, the first one counted.","examples":[4]},"base_ms":{"type":"integer","minimum":1,"default":250,"description":"Upper bound of the first wait.","examples":[250]},"cap_ms":{"type":"integer","minimum":1,"default":20000,"description":"Upper bound of any computed wait.","examples":[20000]},"statuses":{"type":"array","description":"Statuses tried again when no rule or hint says otherwise. Default 408, 429, 500, 502, 503 and 504.","examples":[[429,500,502,503,504]],"items":{"type":"integer","minimum":400,"maximum":599,"description":"HTTP status.","examples":[503]}},"hints":{"type":"array","description":"What the provider itself says about trying again; the first that holds decides.","examples":[[{"when":"$http_status = 409","retry":true}]],"items":{"type":"object","description":"One hint.","examples":[{"when":"$http_status = 409","retry":true}],"additionalProperties":false,"required":["when","retry"],"properties":{"when":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Condition over the answer.","examples":["$http_status = 409"]},"retry":{"type":"boolean","description":"Whether to try again.","examples":[true]}}}}}},"ErrorRule":{"type":"object","description":"One ordered rule that gives an answer its meaning; the first that holds decides.","examples":[{"when":"$http_status = 404","code":"record_not_found","action":"fail"}],"additionalProperties":false,"required":["when"],"properties":{"when":{"type":"string","x-expression":{"scope":["http_status","headers","response","operation","effect"]},"description":"Condition over the answer.","examples":["$http_status = 404"]},"code":{"type":"string","x-error-code":true,"description":"A code of Onefold's error table.","examples":["record_not_found"]},"action":{"type":"string","enum":["fail","retry","rate_limited","refresh","succeed_with","ignore"],"default":"fail","description":"What happens: report, try again, wait for the limit, refresh the credentials and try again, answer with another read, or go on.","examples":["retry"]},"succeed_with":{"type":"object","description":"The read whose answer stands in.","examples":[{"from":"customers.get"}],"additionalProperties":false,"required":["from"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"path":{"type":"object","description":"Path parameters by name.","examples":[{"id":"$response.error.id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["http_status","headers","response","path","query","body"]},"description":"Value.","examples":["$path.id"]}}}},"reason":{"type":"string","description":"Why an error may be ignored; wanted with ignore.","examples":["The customer was already deleted."]},"hint":{"type":"string","description":"What the person can do, one sentence.","examples":["Check that the key may read customers."]},"missing_fields":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Names of fields the provider misses.","examples":["$response.error.param"]},"missing_scopes":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Names of permissions the credentials lack.","examples":["$response.error.scopes"]}}},"Idempotency":{"type":"object","description":"How a repeated write is recognised by the provider.","examples":[{"in":"header","name":"Idempotency-Key","max_length":255,"lifetime_s":86400}],"additionalProperties":false,"required":["in"],"properties":{"in":{"type":"string","enum":["header","body","none"],"description":"Where the key goes.","examples":["header"]},"name":{"type":"string","description":"Header name or dotted body path.","examples":["Idempotency-Key"]},"max_length":{"type":"integer","minimum":8,"default":255,"description":"Longest key; longer ones are hashed.","examples":[255]},"lifetime_s":{"type":"integer","minimum":1,"description":"How long the provider remembers a key.","examples":[86400]},"verbs":{"type":"array","description":"HTTP methods that take the key. Default POST.","examples":[["POST"]],"items":{"$ref":"#/$defs/HttpVerb"}},"replayed":{"type":"string","x-expression":{"scope":["headers","http_status","response"]},"description":"Whether an answer is a replay of an earlier one.","examples":["$headers.`idempotent-replayed` = 'true'"]},"on_conflict":{"type":"object","description":"The read that gives the first result when the provider refuses a repeated key.","examples":[{"when":"$http_status = 409","from":"payments.get","path":{"id":"$response.error.links.id"}}],"additionalProperties":false,"required":["when","from","path"],"properties":{"when":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Condition over the answer.","examples":["$http_status = 409"]},"from":{"$ref":"#/$defs/OperationRef"},"path":{"type":"object","description":"Path parameters by name.","examples":[{"id":"$response.error.links.id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["response","headers"]},"description":"Value.","examples":["$response.error.id"]}}}},"find_existing":{"type":"object","description":"Asked before a write is sent again where there is no key or the key has expired: the list that would hold the first result.","examples":[{"from":"payments.list","query":{"reference":"$body.reference"},"match":"reference = $body.reference"}],"additionalProperties":false,"required":["from","match"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"query":{"type":"object","description":"Query parameters by name.","examples":[{"reference":"$body.reference"}],"additionalProperties":{"type":"string","x-expression":{"scope":["body","path","query"]},"description":"Value.","examples":["$body.reference"]}},"match":{"type":"string","x-expression":{"scope":["body","path","query"]},"description":"Condition over one listed record.","examples":["reference = $body.reference"]}}}}},"Integration":{"title":"Integration","type":"object","description":"A provider, its hosts, auth and the defaults of its requests.","examples":[{"onefold":1,"name":"acme","label":"Acme","description":"A made-up processor.","hosts":{"default":{"url":"https://api.acme.test"}},"auth":{"methods":{}}}],"additionalProperties":false,"required":["onefold","name","label","description","hosts","auth"],"properties":{"onefold":{"const":1,"description":"Version of the definition language.","examples":[1]},"name":{"type":"string","pattern":"^[a-z][a-z0-9_-]*$","description":"Name of the integration; the folder has the same.","examples":["acme"]},"label":{"type":"string","description":"The provider's name as people write it.","examples":["Acme Pay"]},"description":{"type":"string","description":"What the provider does, one or two sentences.","examples":["Takes card payments and bills subscriptions."]},"website":{"type":"string","format":"uri","description":"Home page.","examples":["https://acme.test"]},"docs":{"type":"string","format":"uri","description":"API documentation.","examples":["https://docs.acme.test"]},"account_token_prefix":{"type":"string","pattern":"^[A-Za-z0-9_-]+$","description":"Shape that the provider's own clients expect a key to start with; our account tokens wear it.","examples":["ak_"]},"settings":{"type":"object","description":"Fields that choose the site or region of an account, whatever the auth method; read as $connection.","examples":[{"site":{"label":"Site","pattern":"^[a-z0-9-]+$"}}],"additionalProperties":{"$ref":"#/$defs/FormField"}},"hosts":{"type":"object","description":"Origins that requests may go to; `default` is used where an operation names none.","examples":[{"default":{"url":"https://api.acme.test"}}],"required":["default"],"additionalProperties":{"type":"object","description":"One origin.","examples":[{"url":"https://api.acme.test"}],"additionalProperties":false,"required":["url"],"properties":{"url":{"type":"string","x-template":{"scope":["connection"]},"description":"Origin and optional base path; `{{ $connection.x }}` fills one host label.","examples":["https://{{ $connection.site }}.acme.test"]},"suffix":{"type":"string","description":"What the built host must end in; wanted when the host has a variable.","examples":[".acme.test"]},"modes":{"type":"object","description":"Another URL for a mode.","examples":[{"test":"https://sandbox.acme.test"}],"additionalProperties":{"type":"string","x-template":{"scope":["connection"]},"description":"Origin in that mode.","examples":["https://sandbox.acme.test"]}}}}},"modes":{"type":"object","description":"Live, test and the like, told apart by a credential or setting; the first that matches is taken.","examples":[{"test":{"livemode":false,"match":{"field":"api_key","pattern":"^test_"}}}],"additionalProperties":{"type":"object","description":"One mode.","examples":[{"livemode":true}],"additionalProperties":false,"required":["livemode"],"properties":{"livemode":{"type":"boolean","description":"Whether money is real.","examples":[true]},"match":{"description":"The field whose value tells, or several of which one has to; a mode without it always matches.","examples":[{"field":"api_key","pattern":"^test_"}],"oneOf":[{"$ref":"#/$defs/ModeMatch"},{"type":"array","minItems":1,"description":"Several; one that fits is enough.","examples":[[{"field":"api_key","pattern":"^test_"},{"field":"livemode","pattern":"^false$"}]],"items":{"$ref":"#/$defs/ModeMatch"}}]}}}},"api_version":{"type":"object","description":"The provider's API version that the mappings are written for.","examples":[{"value":"2026-01-01","header":"Acme-Version"}],"additionalProperties":false,"required":["value"],"properties":{"value":{"type":"string","description":"Version that is sent and recorded on records.","examples":["2026-01-01"]},"header":{"type":"string","description":"Request header that carries it.","examples":["Acme-Version"]},"read":{"type":"string","x-expression":{"scope":["headers","response"]},"description":"Where an answer states its version.","examples":["$headers.`acme-version`"]}}},"auth":{"$ref":"#/$defs/Auth"},"owned":{"type":"object","description":"What the caller may never set because it chooses the account or carries credentials. The auth header and parameter are always owned.","examples":[{"headers":["Acme-Account"]}],"additionalProperties":false,"properties":{"headers":{"type":"array","description":"Header names.","examples":[["Acme-Account"]],"items":{"type":"string","description":"Header name.","examples":["Acme-Account"]}},"query":{"type":"array","description":"Query parameter names.","examples":[["account"]],"items":{"type":"string","description":"Parameter name.","examples":["account"]}},"paths":{"type":"array","description":"Path prefixes.","examples":[["/oauth"]],"items":{"type":"string","description":"A prefix of whole segments.","examples":["/oauth"]}}}},"request":{"$ref":"#/$defs/RequestDefaults"},"response":{"$ref":"#/$defs/ResponseDefaults"},"money":{"$ref":"#/$defs/MoneyForm"},"time":{"$ref":"#/$defs/TimeForm"},"idempotency":{"$ref":"#/$defs/Idempotency"},"pagination":{"$ref":"#/$defs/Pagination"},"rate_limits":{"$ref":"#/$defs/RateLimits"},"retry":{"$ref":"#/$defs/Retry"},"failure":{"type":"object","description":"Where a failed answer holds its details.","examples":[{"message":"$response.error.message","code":"$response.error.code"}],"additionalProperties":false,"properties":{"message":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Text for people.","examples":["$response.error.message"]},"code":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"The provider's own code.","examples":["$response.error.code"]},"request_id":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"The provider's id of the request.","examples":["$headers.`request-id`"]}}},"errors":{"type":"array","description":"Ordered rules; those of an operation come first. Statuses without a rule: 400 and 422 provider_invalid_request, 401 needs_reauth, 403 provider_forbidden, 404 record_not_found, 409 conflict, 429 rate_limited, 501 unsupported_method, 503 provider_unavailable, other 5xx provider_error.","examples":[[{"when":"$http_status = 404","code":"record_not_found"}]],"items":{"$ref":"#/$defs/ErrorRule"}},"traits":{"type":"object","description":"Facts of an account that variants choose by; read at connect and kept.","examples":[{"country":{"from":"account.get","value":"country"}}],"additionalProperties":{"type":"object","description":"One trait.","examples":[{"from":"account.get","value":"country"}],"additionalProperties":false,"required":["from","value"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"value":{"type":"string","x-expression":{"scope":["response","headers"]},"description":"The trait in the answer.","examples":["country"]}}}},"sync":{"$ref":"#/$defs/SyncFacts"}}},"ModeMatch":{"type":"object","description":"A field whose value tells the mode.","examples":[{"field":"api_key","pattern":"^test_"}],"additionalProperties":false,"required":["field","pattern"],"properties":{"field":{"type":"string","description":"Name of a credential or setting, also of one that `keep` names.","examples":["api_key"]},"pattern":{"type":"string","format":"regex","description":"Regular expression it matches.","examples":["^test_"]}}},"SyncFacts":{"type":"object","description":"What a later full or incremental copy of the data can rely on.","examples":[{"events":{"from":"events.list","retention_days":30}}],"additionalProperties":false,"properties":{"events":{"type":"object","description":"The feed that tells what changed.","examples":[{"from":"events.list","retention_days":30}],"additionalProperties":false,"required":["from","retention_days"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"retention_days":{"type":"integer","minimum":1,"description":"How long the feed reaches back in days.","examples":[30]}}}}},"RateLimits":{"type":"object","description":"What the provider allows, so that Onefold waits instead of being refused.","examples":[{"buckets":{"all":{"kind":"window","limit":25,"window_ms":1000}}}],"additionalProperties":false,"properties":{"buckets":{"type":"object","description":"Buckets by name; a request takes from each that applies to it.","examples":[{"all":{"kind":"window","limit":25,"window_ms":1000}}],"additionalProperties":{"type":"object","description":"One bucket, kept per connected account.","examples":[{"kind":"sliding","limit":100,"window_ms":1000}],"additionalProperties":false,"required":["kind","limit"],"properties":{"kind":{"type":"string","enum":["window","sliding","concurrency"],"description":"Fixed window, sliding window, or requests under way at once.","examples":["sliding"]},"limit":{"type":"integer","minimum":1,"description":"Requests per window","or at once.":null,"examples":[25]},"window_ms":{"type":"integer","minimum":1,"description":"Length of the window in milliseconds.","examples":[1000]},"per":{"type":"string","enum":["account","operation"],"default":"account","description":"One bucket for all that it applies to, or one for each operation.","examples":["operation"]},"modes":{"type":"array","description":"Modes it applies in. Default all.","examples":[["test"]],"items":{"type":"string","description":"Mode name.","examples":["test"]}},"effects":{"type":"array","description":"Effects it applies to. Default all.","examples":[["read"]],"items":{"$ref":"#/$defs/Effect"}},"operations":{"type":"array","description":"Operations it applies to; `resource.*` names a whole resource. Default all.","examples":[["customers.search","files.*"]],"items":{"type":"string","pattern":"^[a-z0-9_]+\\.([a-z0-9_]+|\\*)$","description":"Operation or resource.","examples":["files.*"]}}}}},"feedback":{"type":"object","description":"What answers say about the limit. The longest wait wins.","examples":[{"retry_after":{"header":"Retry-After"}}],"additionalProperties":false,"properties":{"limited":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Whether an answer means that the limit is reached. Default status 429.","examples":["$http_status = 429"]},"retry_after":{"$ref":"#/$defs/HeaderTime"},"reset":{"$ref":"#/$defs/HeaderTime"},"remaining":{"type":"string","description":"Header with the requests left.","examples":["X-RateLimit-Remaining"]},"reason":{"type":"string","x-expression":{"scope":["http_status","headers","response"]},"description":"Which limit it was.","examples":["$headers.`acme-limited-reason`"]}}}}},"MappingFile":{"title":"MappingFile","type":"object","description":"How one unified model is made from the provider's resources.","examples":[{"model":"payment-gateway","resources":{"customers":{"get":{"from":"customers.get"},"fields":{"id":"id"}}}}],"additionalProperties":false,"required":["model","resources"],"properties":{"model":{"type":"string","description":"Unified model.","examples":["payment-gateway"]},"shapes":{"type":"object","description":"Named groups of fields that mappings reuse; one level deep.","examples":[{"address":{"line1":"line1","region":"state"}}],"additionalProperties":{"$ref":"#/$defs/FieldMap"}},"resources":{"type":"object","description":"Mappings by unified resource.","examples":[{"customers":{"get":{"from":"customers.get"},"fields":{"id":"id"}}}],"minProperties":1,"additionalProperties":{"$ref":"#/$defs/Mapping"}}}},"Mapping":{"type":"object","description":"One unified resource.","examples":[{"list":{"from":"customers.list"},"get":{"from":"customers.get"},"fields":{"id":"id","name":"name"}}],"additionalProperties":false,"properties":{"use":{"type":"string","pattern":"^[a-z-]+/[a-z_]+$","description":"Another mapping of this integration, `model/resource`, whose keys are taken where this one has none; fields, filters, lookups and methods merge by name.","examples":["payment-gateway/customers"]},"id":{"description":"How the unified id is made when an object exists only below a parent: native expressions by part; the parts are `$id.<name>` in paths. Without it the id is the field `id` and `$id` is its text.","examples":[{"parts":{"payment_id":"payment_id","id":"id"}}],"type":"object","additionalProperties":false,"required":["parts"],"properties":{"parts":{"type":"object","description":"Expression for each part, in order.","examples":[{"payment_id":"payment_id","id":"id"}],"minProperties":2,"additionalProperties":{"type":"string","x-expression":{"scope":["parent"]},"description":"The part in the native record.","examples":["payment_id"]}}}},"list":{"$ref":"#/$defs/ListSpec"},"get":{"$ref":"#/$defs/GetSpec"},"create":{"$ref":"#/$defs/Write"},"update":{"$ref":"#/$defs/Write"},"delete":{"$ref":"#/$defs/Write"},"methods":{"type":"object","description":"Named methods of the unified resource.","examples":[{"refund":{"to":"refunds.create","body":{"payment":"$id","amount":"amount"}}}],"additionalProperties":{"$ref":"#/$defs/Write"}},"filters":{"type":"object","description":"How each unified filter is answered. What is not named here is answered by `scan` when the list is asked to, else refused.","examples":[{"email":{"param":"email"}}],"additionalProperties":{"$ref":"#/$defs/Filter"}},"expand":{"type":"object","description":"How each named expansion is filled.","examples":[{"refunds":{"resource":"refunds","filter":"payment_id"}}],"additionalProperties":{"description":"How an expansion is filled: with records, or with figures.","examples":[{"resource":"refunds","filter":"payment_id"}],"oneOf":[{"type":"object","description":"A list of another unified resource, filtered by the id of this record.","examples":[{"resource":"refunds","filter":"payment_id"}],"additionalProperties":false,"required":["resource","filter"],"properties":{"resource":{"$ref":"#/$defs/Slug"},"filter":{"$ref":"#/$defs/Slug"},"query":{"$ref":"#/$defs/FixedFilters"}}},{"type":"object","description":"Figures reckoned over whole lists. The field is an object with `is_complete`; `left_out`, `source` and `observed_at` are filled where it has them.","examples":[{"lists":{"payments":{"resource":"payments","filter":"customer_id","figures":[{"into":"totals","by":"currency","sum":{"paid":"amount"}}]}}}],"additionalProperties":false,"required":["lists"],"properties":{"lists":{"type":"object","description":"The lists by name; `left_out` speaks of them by it.","examples":[{"payments":{"resource":"payments","filter":"customer_id","figures":[{"sum":{"payment_count":"1"}}]}}],"minProperties":1,"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"$ref":"#/$defs/FigureList"}}}}]}},"lookups":{"type":"object","description":"Records that a page lacks; read as `$lookup.<name>`.","examples":[{"charge":{"from":"charges.get","ids":"latest_charge","by":"get"}}],"additionalProperties":{"$ref":"#/$defs/Lookup"}},"variants":{"type":"array","description":"Field maps laid over `fields` in order, each where its condition holds.","examples":[[{"name":"charge","when":"object = 'charge'","fields":{"id":"id"}}]],"items":{"type":"object","description":"One variant.","examples":[{"name":"charge","when":"object = 'charge'","fields":{"id":"id"}}],"additionalProperties":false,"required":["name","when","fields"],"properties":{"name":{"$ref":"#/$defs/Slug"},"when":{"type":"string","x-expression":{"scope":["api_version","account","source"]},"description":"Condition over the native record, the API version, the account (traits, mode, livemode) and the name of the source.","examples":["object = 'charge'"]},"fields":{"$ref":"#/$defs/FieldMap"}}}},"fields":{"$ref":"#/$defs/FieldMap"},"cannot":{"type":"object","description":"Ways of the model that the provider has not, each with what to do instead: `unsupported_method` tells it.","examples":[{"list":"There is no list of payments; they are told by webhooks."}],"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"type":"string","minLength":1,"description":"What to do instead, or why not.","examples":["There is no list of payments; they are told by webhooks."]}},"absent":{"type":"object","description":"Unified fields, and values of enums (`status.paused`), that the provider does not have, with the reason that explain shows. A key may name several, divided by commas; `type.invoice.*` is all that begins so.","examples":[{"locale":"The provider keeps no language.","status.paused, status.unpaid":"It is never told."}],"additionalProperties":{"type":"string","description":"The reason.","examples":["The provider keeps no language."]}}}},"FixedFilters":{"type":"object","description":"Further unified filters with fixed values.","examples":[{"status":"open"}],"additionalProperties":{"type":["string","integer","boolean"],"description":"Value of the filter.","examples":["open"]}},"FigureList":{"type":"object","description":"A unified list read for figures: to its end, or to its bound. What is not counted then is said in `left_out`.","examples":[{"resource":"payments","filter":"customer_id","figures":[{"into":"totals","by":"currency","sum":{"paid":"amount"}}]}],"additionalProperties":false,"required":["resource","filter","figures"],"properties":{"resource":{"type":"string","pattern":"^([a-z][a-z-]*/)?[a-z][a-z0-9_]*$","description":"Unified resource of this model, or `model/resource`.","examples":["payments"]},"filter":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"Filter that takes the id of this record; with `of` that of each record there.","examples":["customer_id"]},"query":{"$ref":"#/$defs/FixedFilters"},"of":{"type":"object","description":"Reads the list once for each record of another one, such as the disputes of each disputed payment.","examples":[{"list":"payments","when":"dispute_status != 'none'"}],"additionalProperties":false,"required":["list"],"properties":{"list":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"Another list here; it has no `of` itself.","examples":["payments"]},"when":{"type":"string","x-expression":{"scope":[]},"description":"Condition over a unified record of that list.","examples":["dispute_status != 'none'"]}}},"max_requests":{"type":"integer","minimum":1,"maximum":100,"default":10,"description":"Most upstream requests for this list and one record, retries and lookups counted.","examples":[5]},"figures":{"type":"array","minItems":1,"description":"What is reckoned over the records of the list.","examples":[[{"into":"totals","by":"currency","sum":{"paid":"amount"}}]],"items":{"$ref":"#/$defs/Figures"}}}},"Figures":{"type":"object","description":"Figures over those unified records that a condition picks. Several lists may add to the same figure.","examples":[{"into":"totals","by":"currency","when":"status = 'succeeded'","sum":{"paid":"amount","count":"1"},"max":{"last_at":"paid_at"}}],"additionalProperties":false,"properties":{"into":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"List below the expansion that holds one entry for each value of `by`. Without both the figures stand in the expansion itself.","examples":["totals"]},"by":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"Field of the records, and of the entries, that tells them apart. Sums of money need their currency here.","examples":["currency"]},"when":{"type":"string","x-expression":{"scope":[]},"description":"Condition over a unified record. Default all.","examples":["status = 'succeeded'"]},"sum":{"type":"object","description":"Figure to what each record adds: an integer; `1` counts. 0 when there are no records.","examples":[{"paid":"amount","count":"1"}],"additionalProperties":{"type":"string","x-expression":{"scope":[]},"description":"Integer over a unified record.","examples":["amount"]}},"min":{"type":"object","description":"Figure to the least value: numbers, or instants. Records without one do not count; null when none has one.","examples":[{"first_at":"paid_at"}],"additionalProperties":{"type":"string","x-expression":{"scope":[]},"description":"Value over a unified record.","examples":["paid_at"]}},"max":{"type":"object","description":"Figure to the greatest value: numbers, or instants.","examples":[{"last_at":"paid_at"}],"additionalProperties":{"type":"string","x-expression":{"scope":[]},"description":"Value over a unified record.","examples":["paid_at"]}}}},"FieldMap":{"type":"object","description":"Unified field (dots nest) to how it is made.","examples":[{"id":"id","amount":"$money(amount, currency)"}],"propertyNames":{"pattern":"^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$"},"additionalProperties":{"$ref":"#/$defs/Field"}},"Field":{"description":"How one unified field is made.","examples":["name"],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["parent","lookup","account","api_version","source","response","item","index"]},"description":"A JSONata expression over the native record.","examples":["$fromUnix(created)"]},{"$ref":"#/$defs/Constant"},{"type":"object","description":"A table from native to unified values. A value that is not listed becomes `unknown` and is counted as drift.","examples":[{"from":"status","map":{"active":"active"}}],"additionalProperties":false,"required":["from","map"],"properties":{"from":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source","item"]},"description":"The native value.","examples":["status"]},"map":{"type":"object","description":"Native value to unified value; null where it means none.","examples":[{"active":"active","canceled":"canceled"}],"additionalProperties":{"type":["string","null","boolean","integer"],"description":"Unified value.","examples":["active"]}},"absent":{"type":"string","description":"Unified value when the native one is missing or null. Default null.","examples":["none"]},"raw":{"type":"boolean","default":true,"description":"Whether `raw_<field>` is filled with the native value, when the model has it.","examples":[true]}}},{"type":"object","description":"Ordered rules over several fields; the first that holds decides.","examples":[{"when":[{"if":"refunded","then":"full"}],"else":"none"}],"additionalProperties":false,"required":["when"],"properties":{"when":{"type":"array","minItems":1,"description":"The rules in order.","examples":[[{"if":"refunded","then":"full"}]],"items":{"type":"object","description":"One rule.","examples":[{"if":"refunded","then":"full"}],"additionalProperties":false,"required":["if","then"],"properties":{"if":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source","item"]},"description":"Condition.","examples":["refunded"]},"then":{"type":["string","null","boolean","integer"],"description":"Unified value.","examples":["full"]}}}},"else":{"description":"What holds when no rule does; a value, or a table. Default null.","examples":["none"],"oneOf":[{"type":["string","null","boolean","integer"],"description":"Unified value.","examples":["none"]},{"type":"object","description":"A table from native to unified values.","examples":[{"from":"status","map":{"active":"active"}}],"additionalProperties":false,"required":["from","map"],"properties":{"from":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source","item"]},"description":"The native value.","examples":["status"]},"map":{"type":"object","description":"Native value to unified value.","examples":[{"active":"active"}],"additionalProperties":{"type":["string","null","boolean","integer"],"description":"Unified value.","examples":["active"]}},"absent":{"type":"string","description":"Unified value when the native one is missing or null.","examples":["none"]}}}]},"raw":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source","item"]},"description":"Native value for `raw_<field>`.","examples":["status"]}}},{"type":"object","description":"A list of objects, one for each native element. Inside, a bare name is the element and `$parent` the record.","examples":[{"each":"refunds.data","fields":{"id":"id"}}],"additionalProperties":false,"required":["each"],"properties":{"each":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source"]},"description":"The native elements.","examples":["lines.data"]},"use":{"type":"string","pattern":"^shapes\\.[a-z][a-z0-9_]*$","description":"A shape whose fields are taken; own fields win.","examples":["shapes.line"]},"fields":{"$ref":"#/$defs/FieldMap"}}},{"type":"object","description":"A nested object made by a shape; the shape's fields land below this field.","examples":[{"use":"shapes.address","from":"address"}],"additionalProperties":false,"required":["use"],"properties":{"use":{"type":"string","pattern":"^shapes\\.[a-z][a-z0-9_]*$","description":"The shape.","examples":["shapes.address"]},"from":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source"]},"description":"The native object that becomes the record of the shape. Default the record itself.","examples":["address"]},"fields":{"$ref":"#/$defs/FieldMap"}}},{"type":"object","description":"The long form of an expression.","examples":[{"value":"name","note":"Legal name."}],"additionalProperties":false,"required":["value"],"properties":{"value":{"type":"string","x-expression":{"scope":["parent","lookup","account","api_version","source","response","item","index"]},"description":"The expression.","examples":["name"]},"note":{"type":"string","description":"What a reader should know.","examples":["Legal name."]},"null_reason":{"type":"string","description":"Why the value can be missing; explain shows it.","examples":["Not settled yet."]}}},{"type":"object","description":"Overrides only: takes the field away.","examples":[{"$remove":true}],"additionalProperties":false,"required":["$remove"],"properties":{"$remove":{"const":true,"description":"Takes the field away.","examples":[true]}}}]},"ListSpec":{"description":"Where a list comes from and its order.","examples":[{"from":"customers.list","order":"-created_at"}],"type":"object","unevaluatedProperties":false,"allOf":[{"$ref":"#/$defs/SourceKeys"}],"properties":{"order":{"type":"string","pattern":"^-?[a-z_]+$","default":"-created_at","description":"Unified field that the source is ordered by; `-` is descending. A union merges by it.","examples":["-created_at"]},"key":{"type":"string","default":"id","description":"Unified field that tells duplicates of a union.","examples":["id"]}}},"Source":{"description":"One source of a list: an operation, or a merge of sources.","examples":[{"from":"customers.list"}],"type":"object","unevaluatedProperties":false,"allOf":[{"$ref":"#/$defs/SourceKeys"}]},"SourceKeys":{"type":"object","description":"Keys of a source. Exactly one of from, union, partition, window and route.","examples":[{"from":"customers.list"}],"oneOf":[{"required":["from"]},{"required":["union"]},{"required":["partition"]},{"required":["window"]},{"required":["route"]}],"properties":{"name":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"Name of the source; read as $source.","examples":["charges"]},"from":{"$ref":"#/$defs/OperationRef"},"path":{"type":"object","description":"Path parameters by name.","examples":[{"customer":"$filters.customer_id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["filters","parent","account","connection"]},"description":"Value.","examples":["$filters.customer_id"]}},"query":{"type":"object","description":"Query parameters that are always sent.","examples":[{"expand":{"const":["data.customer"]}}],"additionalProperties":{"$ref":"#/$defs/ValueSlot"}},"body":{"type":"object","description":"Body fields that are always sent; dots nest.","examples":[{"sort":{"const":"desc"}}],"additionalProperties":{"$ref":"#/$defs/ValueSlot"}},"parent":{"type":"object","description":"What `$parent` is for records that stand below one which no parent list was read for, such as one that a filter names.","examples":[{"id":"$filters.customer_id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["filters","account","connection"]},"description":"Value.","examples":["$filters.customer_id"]}},"where":{"type":"string","x-expression":{"scope":["account","parent"]},"description":"Condition over a native record; others are left out.","examples":["payment_intent = null"]},"filters":{"type":"object","description":"Filters of this source, over those of the mapping.","examples":[{"customer_id":{"param":"customer"}}],"additionalProperties":{"$ref":"#/$defs/Filter"}},"search":{"type":"object","description":"The search parameter: clauses of `search` filters are joined into it. Values in clauses are quoted here.","examples":[{"param":"query","join":" AND ","quote":"backslash_double"}],"additionalProperties":false,"required":["param"],"properties":{"param":{"type":"string","description":"Parameter name.","examples":["query"]},"in":{"type":"string","enum":["query","body"],"default":"query","description":"Where it goes.","examples":["query"]},"join":{"type":"string","default":" AND ","description":"Text between clauses.","examples":[" AND "]},"quote":{"type":"string","enum":["backslash_double","backslash_single","double_double","double_single","none"],"default":"backslash_double","description":"How values are quoted: quote character and how it is escaped.","examples":["backslash_double"]}}},"union":{"type":"array","minItems":2,"description":"Sources merged in order, duplicates by key left out.","examples":[[{"from":"intents.list"},{"from":"charges.list","where":"intent = null"}]],"items":{"$ref":"#/$defs/Source"}},"partition":{"type":"object","description":"The same source once for each record of a parent list; `$parent` is that record.","examples":[{"over":{"from":"locations.list"},"source":{"from":"payments.list","query":{"location_id":"$parent.id"}}}],"additionalProperties":false,"required":["over","source"],"properties":{"over":{"type":"object","description":"The parent list, read to its end.","examples":[{"from":"locations.list"}],"additionalProperties":false,"required":["from"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"query":{"type":"object","description":"Query parameters.","examples":[{"status":{"const":"active"}}],"additionalProperties":{"$ref":"#/$defs/ValueSlot"}},"max":{"type":"integer","minimum":1,"default":100,"description":"Most parents taken; more is an error, never a short list.","examples":[100]}}},"source":{"$ref":"#/$defs/Source"}}},"window":{"type":"object","description":"A list that must be bounded in time: read window by window, newest first (or oldest first when the order ascends).","examples":[{"span_s":2678400,"from":"start_date","to":"end_date","earliest_s":94608000,"source":{"from":"transactions.list"}}],"additionalProperties":false,"required":["span_s","from","to","earliest_s","source"],"properties":{"span_s":{"type":"integer","minimum":1,"description":"Longest window in seconds.","examples":[2678400]},"from":{"type":"string","description":"Parameter for the start, inclusive.","examples":["start_date"]},"to":{"type":"string","description":"Parameter for the end, exclusive unless `to_inclusive`.","examples":["end_date"]},"to_inclusive":{"type":"boolean","default":false,"description":"True when the provider counts the end in.","examples":[true]},"earliest_s":{"type":"integer","minimum":1,"description":"How far back the provider reaches in seconds.","examples":[94608000]},"form":{"type":"string","enum":["s","ms","rfc3339","date"],"default":"rfc3339","description":"How the bounds are written.","examples":["rfc3339"]},"source":{"$ref":"#/$defs/Source"}}},"route":{"type":"array","minItems":1,"description":"Another source when filters are present: the first of whose filters any is asked for is taken; one without `filters_present` always fits.","examples":[[{"filters_present":["q"],"source":{"from":"customers.search"}},{"source":{"from":"customers.list"}}]],"items":{"type":"object","description":"One way.","examples":[{"filters_present":["q"],"source":{"from":"customers.search"}}],"additionalProperties":false,"required":["source"],"properties":{"filters_present":{"type":"array","minItems":1,"description":"Unified filters, any of which leads here.","examples":[["q","name"]],"items":{"$ref":"#/$defs/Slug"}},"source":{"$ref":"#/$defs/Source"}}}}}},"ValueSlot":{"description":"A value that is sent.","examples":[{"const":"all"}],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["filters","parent","account","connection","id","body","reads","idempotency_key"]},"description":"An expression.","examples":["$filters.customer_id"]},{"$ref":"#/$defs/Constant"}]},"GetSpec":{"description":"Where one record comes from.","examples":[{"from":"customers.get"}],"type":"object","additionalProperties":false,"oneOf":[{"required":["from"]},{"required":["route"]}],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"path":{"type":"object","description":"Path parameters by name. Default `{ id: $id }`.","examples":[{"payment":"$id.payment_id","id":"$id.id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["id","account","connection"]},"description":"Value.","examples":["$id"]}},"parent":{"type":"object","description":"What `$parent` is, where a record does not tell what it stands below and its id does.","examples":[{"id":"$id.customer"}],"additionalProperties":{"type":"string","x-expression":{"scope":["id","account","connection"]},"description":"Value.","examples":["$id.customer"]}},"query":{"type":"object","description":"Query parameters.","examples":[{"expand":{"const":["customer"]}}],"additionalProperties":{"$ref":"#/$defs/ValueSlot"}},"where":{"type":"string","x-expression":{"scope":["account","parent"]},"description":"Condition over the native record; one that does not fit is not there, such as a refund among payments of one address.","examples":["type = 'payment'"]},"route":{"type":"array","minItems":1,"description":"Operations by the shape of the id; the first whose pattern matches is taken.","examples":[[{"id":"^pi_","from":"intents.get"},{"id":"^ch_","from":"charges.get"}]],"items":{"type":"object","description":"One way.","examples":[{"id":"^pi_","from":"intents.get"}],"additionalProperties":false,"required":["id","from"],"properties":{"id":{"type":"string","format":"regex","description":"Regular expression over the id.","examples":["^pi_"]},"from":{"$ref":"#/$defs/OperationRef"},"path":{"type":"object","description":"Path parameters by name. Default `{ id: $id }`.","examples":[{"id":"$id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["id","account","connection"]},"description":"Value.","examples":["$id"]}},"parent":{"type":"object","description":"What `$parent` is, where a record does not tell what it stands below and its id does.","examples":[{"id":"$id.customer"}],"additionalProperties":{"type":"string","x-expression":{"scope":["id","account","connection"]},"description":"Value.","examples":["$id.customer"]}},"query":{"type":"object","description":"Query parameters.","examples":[{"expand":{"const":["customer"]}}],"additionalProperties":{"$ref":"#/$defs/ValueSlot"}},"where":{"type":"string","x-expression":{"scope":["account","parent"]},"description":"Condition over the native record; one that does not fit is not there, such as a refund among payments of one address.","examples":["type = 'payment'"]}}}}}},"Filter":{"type":"object","description":"How one unified filter is answered. Exactly one of param, clause, lookup and scan.","examples":[{"param":"email"}],"additionalProperties":false,"oneOf":[{"required":["param"]},{"required":["clause"]},{"required":["lookup"]},{"required":["scan"]},{"required":["ids"]}],"properties":{"ops":{"type":"array","description":"Operators answered. Default eq.","examples":[["gt","gte","lt","lte"]],"items":{"type":"string","enum":["eq","ne","gt","gte","lt","lte","in","exists"],"description":"Operator.","examples":["gte"]}},"param":{"type":"string","x-template":{"scope":["op","key","value"]},"description":"native: the parameter; `{{ $op }}` is the operator, `{{ $key }}` the key of a keyed filter, `{{ $value }}` the value asked for.","examples":["created[{{ $op }}]"]},"in":{"type":"string","enum":["query","body","path"],"default":"query","description":"native: where the parameter goes.","examples":["query"]},"value":{"type":"string","x-expression":{"scope":["value","op","key","account"]},"description":"The native value. Default the value as given.","examples":["$toUnix($value)"]},"bounds":{"type":"string","enum":["exact","inclusive","day"],"default":"exact","description":"What the provider can tell: operators as they are; only inclusive bounds; only whole days. The engine cuts the rest itself.","examples":["inclusive"]},"values":{"type":"object","description":"Unified value to native value; where several share a native value, the engine cuts the rest. A value that is not listed is answered by scan. Default the inverse of the field's table.","examples":[{"active":"active","canceled":"ended"}],"additionalProperties":{"type":["string","integer","boolean"],"description":"Native value.","examples":["ended"]}},"fills":{"const":true,"description":"native, lookup: the records do not hold the field that the filter compares; those that an equal value lists get it.","examples":[true]},"clause":{"type":"string","x-template":{"scope":["value","op","key"]},"description":"search: one clause; `$value` and `$key` are quoted by the source.","examples":["email:{{ $value }}"]},"lookup":{"type":"object","description":"lookup: ids are found first, then another filter is asked with them.","examples":[{"from":"customers.list","query":{"email":"$value"},"id":"id","then":"customer_id"}],"additionalProperties":false,"required":["from","query","then"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"query":{"type":"object","description":"Query parameters of the lookup.","examples":[{"email":"$value"}],"additionalProperties":{"type":"string","x-expression":{"scope":["value","op"]},"description":"Value.","examples":["$value"]}},"id":{"type":"string","x-expression":{"scope":[]},"default":"id","description":"The id in a found record.","examples":["id"]},"then":{"$ref":"#/$defs/Slug"},"max":{"type":"integer","minimum":1,"default":25,"description":"Most ids taken; more is refused, never cut.","examples":[25]}}},"ids":{"const":true,"description":"The filter `id`: each id is read with get.","examples":[true]},"scan":{"const":true,"description":"Bounded pages are read and filtered here.","examples":[true]}}},"Lookup":{"type":"object","description":"Records joined to a page, batched and kept for the request; skipped when no field asked for needs them.","examples":[{"from":"charges.get","by":"get","ids":"latest_charge"}],"additionalProperties":false,"required":["from","by"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"by":{"type":"string","enum":["get","list","children"],"description":"get: one read for each id; list: ids in one list parameter; children: a list below each record, followed to its end.","examples":["get"]},"ids":{"type":"string","x-expression":{"scope":["account","api_version","source","parent","lookup"]},"description":"get, list: the id or ids in the native record, or in what a lookup that stands before this one found (`$lookup.<name>`). An object with an id counts as already there.","examples":["latest_charge"]},"param":{"type":"string","description":"list: parameter that takes the ids.","examples":["ids"]},"key":{"type":"string","x-expression":{"scope":[]},"default":"id","description":"list: what matches the id in a found record.","examples":["payment_intent"]},"many":{"type":"boolean","default":false,"description":"list: all records of an id as a list, else the first.","examples":[true]},"batch":{"type":"integer","minimum":1,"default":50,"description":"list: ids in one request.","examples":[100]},"when":{"type":"string","x-expression":{"scope":["account","api_version","source","parent","lookup"]},"description":"Condition over the native record.","examples":["lines.has_more"]},"path":{"type":"object","description":"Path parameters by name, over the native record (children, with `$lookup` as in `ids`) or `$ids` (get).","examples":[{"invoice":"id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["ids","account","parent","lookup"]},"description":"Value.","examples":["id"]}},"query":{"type":"object","description":"Query parameters.","examples":[{"limit":{"const":100}}],"additionalProperties":{"description":"Value.","examples":[{"const":100}],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["ids","account","parent","lookup"]},"description":"An expression.","examples":["id"]},{"$ref":"#/$defs/Constant"}]}},"max_requests":{"type":"integer","minimum":0,"default":100,"description":"Most requests for a page of several records; 0 is for what only a single record or an expansion is worth. Past it the fields are null with reason not_resolved; an expansion lifts it.","examples":[2]},"on_missing":{"type":"string","enum":["null","error"],"default":"null","description":"What a record that is not found means.","examples":["null"]}}},"Write":{"type":"object","description":"One write. The record of its expressions is the unified body; `$id` is the id.","examples":[{"to":"customers.create","body":{"name":"name"}}],"additionalProperties":false,"oneOf":[{"required":["to"]},{"required":["route"]}],"properties":{"to":{"$ref":"#/$defs/OperationRef"},"route":{"type":"array","minItems":1,"description":"Operations by the shape of the id or a condition over the body; the first that fits is taken.","examples":[[{"id":"^pi_","to":"intents.cancel"}]],"items":{"type":"object","description":"One way; without id and when it always fits.","examples":[{"id":"^pi_","to":"intents.cancel"}],"additionalProperties":false,"required":["to"],"properties":{"id":{"type":"string","format":"regex","description":"Regular expression over the id.","examples":["^pi_"]},"when":{"type":"string","x-expression":{"scope":["id","reads","account"]},"description":"Condition over the unified body.","examples":["at_period_end"]},"to":{"$ref":"#/$defs/OperationRef"},"path":{"$ref":"#/$defs/WriteValues"},"query":{"$ref":"#/$defs/WriteValues"},"body":{"$ref":"#/$defs/WriteValues"}}}},"path":{"$ref":"#/$defs/WriteValues"},"query":{"$ref":"#/$defs/WriteValues"},"body":{"$ref":"#/$defs/WriteValues"},"reads":{"type":"object","maxProperties":4,"description":"GETs that the write needs first; read as `$reads.<name>`, read again on a version conflict.","examples":[{"current":{"from":"customers.get","path":{"id":"$id"}}}],"additionalProperties":{"type":"object","description":"One read.","examples":[{"from":"customers.get","path":{"id":"$id"}}],"additionalProperties":false,"required":["from"],"properties":{"from":{"$ref":"#/$defs/OperationRef"},"when":{"type":"string","x-expression":{"scope":["id","reads","account"]},"description":"Condition over the unified body and the reads that stand before it.","examples":["amount = null"]},"path":{"$ref":"#/$defs/WriteValues"},"query":{"$ref":"#/$defs/WriteValues"}}}},"refuse":{"type":"array","description":"Checks before anything is sent: the first that holds refuses with its code.","examples":[[{"when":"$reads.payment.refunded","code":"already_refunded"}]],"items":{"type":"object","description":"One check.","examples":[{"when":"$reads.payment.refunded","code":"already_refunded"}],"additionalProperties":false,"required":["when","code"],"properties":{"when":{"type":"string","x-expression":{"scope":["id","reads","account"]},"description":"Condition over the unified body.","examples":["$reads.payment.refunded"]},"code":{"type":"string","x-error-code":true,"description":"A code of Onefold's error table.","examples":["already_refunded"]},"hint":{"type":"string","description":"What the caller can do.","examples":["Nothing is left to refund."]}}}},"follow_ups":{"type":"array","minItems":1,"maxItems":4,"description":"Operations made after the first one succeeded, in order, where the provider splits one write into several. `$answer` is the record that the operation before answered; the last answer is the answer of the write unless `returns.of` says otherwise. When one fails, the caller is told what was made already.","examples":[[{"to":"invoices.add_lines","when":"lines","path":{"id":"$answer.id"},"body":{"lines":"lines"}}]],"items":{"type":"object","description":"One operation. Its path is stated in full.","examples":[{"to":"invoices.add_lines","when":"lines","path":{"id":"$answer.id"},"body":{"lines":"lines"}}],"additionalProperties":false,"required":["to"],"properties":{"to":{"$ref":"#/$defs/OperationRef"},"when":{"type":"string","x-expression":{"scope":["id","reads","account","answer"]},"description":"Condition over the unified body; left out when it does not hold.","examples":["lines"]},"path":{"$ref":"#/$defs/FollowUpValues"},"query":{"$ref":"#/$defs/FollowUpValues"},"body":{"$ref":"#/$defs/FollowUpValues"}}}},"absent":{"type":"object","description":"Fields of the unified body (dots nest) that the provider has no place for in this write, with the reason that a caller who sends one is warned with. What the resource says to be absent need not be repeated. Keys are as there.","examples":[{"description":"Acme keeps no notes."}],"minProperties":1,"additionalProperties":{"type":"string","minLength":1,"description":"The reason.","examples":["Acme keeps no notes."]}},"returns":{"type":"object","description":"What the answer is. Default the written record, mapped as the resource that the model says this write answers with.","examples":[{"resource":"refunds"}],"additionalProperties":false,"properties":{"resource":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"Unified resource of the answer.","examples":["refunds"]},"of":{"type":"string","enum":["first","last"],"default":"last","description":"With follow-ups: whose answer it is.","examples":["first"]},"reread":{"type":"boolean","default":false,"description":"True reads the record again by its id, because the answer to the write lacks fields.","examples":[true]},"fills":{"allOf":[{"$ref":"#/$defs/WriteValues"}],"description":"Native fields (dots nest) that the answer does not repeat, put in from what was asked where it has none, before it is mapped.","examples":[{"currency":"currency"}]},"fields":{"allOf":[{"$ref":"#/$defs/FieldMap"}],"description":"Fields of an answer that is no unified resource.","examples":[{"url":"url"}]}}}}},"WriteValues":{"type":"object","description":"Native name (dots nest) to value. A missing value is not sent; null is written as the request says.","examples":[{"name":"name","address.line1":"address.line1"}],"additionalProperties":{"description":"A value that is sent.","examples":["name"],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["id","reads","account","connection","idempotency_key"]},"description":"An expression over the unified body.","examples":["name"]},{"$ref":"#/$defs/Constant"},{"type":"object","description":"A table from unified to native values. A value that is not listed is refused.","examples":[{"from":"reason","map":{"duplicate":"duplicate"}}],"additionalProperties":false,"required":["from","map"],"properties":{"from":{"type":"string","x-expression":{"scope":["id","reads","account"]},"description":"The unified value.","examples":["reason"]},"map":{"type":"object","description":"Unified value to native value; null sends nothing.","examples":[{"duplicate":"duplicate","other":null}],"additionalProperties":{"type":["string","null","boolean","integer"],"description":"Native value.","examples":["duplicate"]}}}}]}},"FollowUpValues":{"type":"object","description":"As WriteValues, with `$answer`.","examples":[{"id":"$answer.id"}],"additionalProperties":{"description":"A value that is sent.","examples":["$answer.id"],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["id","reads","account","connection","idempotency_key","answer"]},"description":"An expression over the unified body.","examples":["$answer.id"]},{"$ref":"#/$defs/Constant"},{"type":"object","description":"A table from unified to native values. A value that is not listed is refused.","examples":[{"from":"reason","map":{"duplicate":"duplicate"}}],"additionalProperties":false,"required":["from","map"],"properties":{"from":{"type":"string","x-expression":{"scope":["id","reads","account","answer"]},"description":"The unified value.","examples":["reason"]},"map":{"type":"object","description":"Unified value to native value; null sends nothing.","examples":[{"duplicate":"duplicate","other":null}],"additionalProperties":{"type":["string","null","boolean","integer"],"description":"Native value.","examples":["duplicate"]}}}}]}},"Overrides":{"type":"object","description":"What an environment or an account changes of the mappings, by unified model. It states only what differs.","examples":[{"payment-gateway":{"resources":{"payments":{"fields":{"order_id":"metadata.order"}}}}}],"additionalProperties":{"type":"object","description":"Changes of one model.","examples":[{"resources":{"payments":{"fields":{"order_id":"metadata.order"}}}}],"additionalProperties":false,"required":["resources"],"properties":{"resources":{"type":"object","minProperties":1,"description":"Changes by unified resource.","examples":[{"payments":{"fields":{"order_id":"metadata.order"}}}],"additionalProperties":{"$ref":"#/$defs/ResourceOverride"}}}}},"ResourceOverride":{"type":"object","description":"Changes of one mapping. Auth, hosts, operations and effects are out of reach.","examples":[{"fields":{"order_id":"metadata.order","description":{"$remove":true}}}],"additionalProperties":false,"minProperties":1,"properties":{"fields":{"$ref":"#/$defs/FieldMap"},"filters":{"type":"object","description":"How unified filters are answered.","examples":[{"name":{"$remove":true}}],"additionalProperties":{"description":"The filter, or its removal.","examples":[{"$remove":true}],"oneOf":[{"$ref":"#/$defs/Filter"},{"type":"object","description":"Takes the filter away.","examples":[{"$remove":true}],"additionalProperties":false,"required":["$remove"],"properties":{"$remove":{"const":true,"description":"Takes the filter away.","examples":[true]}}}]}},"absent":{"type":"object","description":"Unified fields that the account does not have, each with the reason that explain shows.","examples":[{"locale":"We keep no language."}],"additionalProperties":{"type":"string","minLength":1,"description":"The reason.","examples":["We keep no language."]}}}},"Resource":{"title":"Resource","type":"object","description":"One native resource of a provider and its operations.","examples":[{"name":"customers","description":"People who pay.","methods":{"get":{"effect":"read","verb":"GET","path":"/customers/{{ $path.id }}","description":"Reads one customer."}}}],"additionalProperties":false,"required":["name","methods"],"properties":{"name":{"$ref":"#/$defs/Slug"},"label":{"type":"string","description":"Name for people. Default is the name with spaces.","examples":["Payment intents"]},"description":{"type":"string","description":"What a record is, one or two sentences in our own words. Without one it counts as undocumented; none is made from the name.","examples":["People and companies who pay."]},"docs":{"type":"string","format":"uri","description":"The provider's page.","examples":["https://docs.acme.test/customers"]},"tags":{"type":"array","description":"Words that tools and tokens are filtered by.","examples":[["billing"]],"items":{"type":"string","description":"One word.","examples":["billing"]}},"id":{"type":"string","x-expression":{"scope":[]},"default":"id","description":"The id of a record.","examples":["id"]},"money":{"$ref":"#/$defs/MoneyForm"},"time":{"$ref":"#/$defs/TimeForm"},"fields":{"type":"object","description":"Native fields worth knowing: enums, personal data, secrets. Dots nest; arrays are transparent.","examples":[{"email":{"type":"string","x-pii":"email","description":"E-mail address."}}],"additionalProperties":{"type":"object","description":"One native field.","examples":[{"type":"string","x-secret":true}],"additionalProperties":false,"properties":{"type":{"type":"string","enum":["string","integer","number","boolean","object","array","any"],"description":"JSON type.","examples":["string"]},"description":{"type":"string","description":"What it holds.","examples":["E-mail address."]},"enum":{"type":"array","description":"Values the provider documents.","examples":[["active","canceled"]],"items":{"type":["string","integer","boolean","null"],"description":"One value.","examples":["active"]}},"x-pii":{"type":"string","enum":["name","email","phone","address","tax_id","ip","card","bank","dob","other"],"description":"Kind of personal data.","examples":["email"]},"x-secret":{"type":"boolean","description":"True when the value grants access; it never leaves Onefold, wherever a field of that name turns up. Objects that are called so, where the type is that of a text, are something else.","examples":[true]}}}},"methods":{"type":"object","description":"Operations by name. list, get, create, update and delete have their usual meaning; others are named after what they do.","examples":[{"get":{"effect":"read","verb":"GET","path":"/customers/{{ $path.id }}","description":"Reads one customer."}}],"minProperties":1,"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"$ref":"#/$defs/Method"}}}},"Method":{"type":"object","description":"One operation.","examples":[{"effect":"read","verb":"GET","path":"/customers","description":"Lists customers."}],"additionalProperties":false,"required":["verb","path"],"properties":{"description":{"type":"string","description":"What it does, in our own words. Without one the operation counts as undocumented.","examples":["Lists customers newest first."]},"effect":{"$ref":"#/$defs/Effect"},"verb":{"$ref":"#/$defs/HttpVerb"},"path":{"type":"string","pattern":"^/","x-template":{"scope":["path","connection"]},"description":"Path below the host; each `{{ $path.x }}` fills one segment.","examples":["/v1/customers/{{ $path.id }}"]},"host":{"type":"string","description":"A host of the integration. Default `default`.","examples":["files"]},"list":{"type":"boolean","description":"Whether the answer is a list of records. Default true for a method named list or search.","examples":[true]},"on":{"type":"string","enum":["record","collection"],"description":"Whether the method takes the id of a record. Default record when the path has $path.id.","examples":["record"]},"deprecated":{"type":"boolean","description":"True when the provider advises against it.","examples":[false]},"tags":{"type":"array","description":"Words that tools and tokens are filtered by.","examples":[["billing"]],"items":{"type":"string","description":"One word.","examples":["billing"]}},"parameters":{"type":"object","description":"Parameters by name. Dots nest in bodies. Path parameters without an entry are required strings.","examples":[{"email":{"in":"query","type":"string","description":"Exact e-mail address."}}],"additionalProperties":{"$ref":"#/$defs/Parameter"}},"request":{"$ref":"#/$defs/RequestDefaults"},"response":{"$ref":"#/$defs/ResponseDefaults"},"pagination":{"$ref":"#/$defs/Pagination"},"complete":{"description":"Whether a list answers everything: true, or what it leaves out by default and the parameter that brings it in. Wanted on every list.","examples":[true,{"omits":"Canceled subscriptions.","include":{"status":{"const":"all"}}}],"oneOf":[{"const":true,"description":"The list leaves nothing out.","examples":[true]},{"type":"object","description":"What is left out.","examples":[{"omits":"Canceled subscriptions.","include":{"status":{"const":"all"}}}],"additionalProperties":false,"required":["omits"],"properties":{"omits":{"type":"string","description":"What is missing by default, in words.","examples":["Canceled subscriptions."]},"include":{"type":"object","description":"Query parameters that unified lists send to bring it in. Leave out when nothing does.","examples":[{"status":{"const":"all"}}],"additionalProperties":{"$ref":"#/$defs/Constant"}}}}]},"amount":{"type":"string","x-expression":{"scope":["body","path","query"]},"description":"money: the native amount in the request; nothing means all that is left.","examples":["$body.amount"]},"currency":{"type":"string","x-expression":{"scope":["body","path","query"]},"description":"money: the currency in the request; nothing means the record has it.","examples":["$body.currency"]},"idempotency":{"$ref":"#/$defs/Idempotency"},"retry":{"$ref":"#/$defs/Retry"},"errors":{"type":"array","description":"Rules asked before those of the integration.","examples":[[{"when":"$http_status = 404","code":"record_not_found"}]],"items":{"$ref":"#/$defs/ErrorRule"}}}},"Parameter":{"type":"object","description":"One parameter.","examples":[{"in":"query","type":"string","description":"Exact e-mail address."}],"additionalProperties":false,"required":["in"],"properties":{"in":{"type":"string","enum":["path","query","header","body"],"description":"Where it goes.","examples":["query"]},"type":{"type":"string","enum":["string","integer","number","boolean","object","array","file","any"],"default":"string","description":"JSON type; `file` for uploads.","examples":["string"]},"description":{"type":"string","description":"What it does, in our own words. Without one the parameter counts as undocumented.","examples":["Exact e-mail address."]},"required":{"type":"boolean","default":false,"description":"Whether the provider insists on it.","examples":[true]},"enum":{"type":"array","description":"Values allowed.","examples":[["active","all"]],"items":{"type":["string","integer","boolean"],"description":"One value.","examples":["all"]}},"items":{"type":"string","enum":["string","integer","number","boolean","object","any"],"description":"Type of the elements of an array.","examples":["string"]},"minimum":{"type":"number","description":"Smallest value.","examples":[1]},"maximum":{"type":"number","description":"Largest value.","examples":[100]},"max_length":{"type":"integer","description":"Longest text.","examples":[5000]},"x-pii":{"type":"string","enum":["name","email","phone","address","tax_id","ip","card","bank","dob","other"],"description":"Kind of personal data.","examples":["email"]},"x-secret":{"type":"boolean","description":"True when the value grants access.","examples":[true]}}},"Rule":{"title":"Rule","type":"object","description":"What is said to whom after an event, and when: an alert at once, or reminders over weeks that end when what they are about is paid.","examples":[{"name":"failed_payment","description":"Tells the desk of failed payments.","on":["payment.failed"],"steps":[{"do":[{"slack":{"to":"desk","text":"Payment {{ data.id }} failed"}}]}]}],"additionalProperties":false,"required":["name","description","on","steps"],"properties":{"name":{"$ref":"#/$defs/Slug"},"description":{"type":"string","minLength":1,"description":"What it is for, for people.","examples":["Tells the desk of failed payments."]},"enabled":{"type":"boolean","default":true,"description":"False starts nothing; runs under way end at their next step.","examples":[false]},"environments":{"type":"array","minItems":1,"default":["default"],"description":"Environments that it is for.","examples":[["production"]],"items":{"type":"string","minLength":1,"description":"Id of an environment.","examples":["production"]}},"on":{"type":"array","minItems":1,"description":"Events that start a run.","examples":[["payment.failed"]],"items":{"$ref":"#/$defs/RuleEventType"}},"if":{"type":"string","x-expression":{"scope":["customer"]},"description":"Whether an event starts a run, over the event as `GET /event/{id}` shows it. `$customer` is the customer of `data.customer.id` with `summary`, read from the provider when it is used. Default always.","examples":["data.amount >= 10000 and data.currency = \"EUR\""]},"subject":{"type":"string","x-expression":{"scope":[]},"description":"A text for what the event is about: events with the same one belong together, and end each other's runs. Default the record, `resource/id`.","examples":["data.subscription.id"]},"key":{"type":"string","x-expression":{"scope":[]},"description":"A text of which the rule has one run for each account, ever. Default the subject.","examples":["data.id & \"/\" & data.attempt_count"]},"refresh":{"type":"boolean","default":false,"description":"Reads the record from the provider again before each step, so that conditions and texts see what it is then.","examples":[true]},"timezone":{"type":"string","default":"UTC","description":"IANA zone of days and quiet hours.","examples":["Europe/Amsterdam"]},"quiet":{"type":"object","description":"When nothing is sent; what would be waits until then.","examples":[{"from":"20:00","to":"08:00","days":["saturday","sunday"]}],"additionalProperties":false,"properties":{"from":{"$ref":"#/$defs/RuleTimeOfDay"},"to":{"$ref":"#/$defs/RuleTimeOfDay"},"days":{"type":"array","minItems":1,"description":"Days that are quiet as a whole.","examples":[["saturday","sunday"]],"items":{"type":"string","enum":["monday","tuesday","wednesday","thursday","friday","saturday","sunday"],"description":"A day of the week.","examples":["sunday"]}}}},"stop":{"type":"array","minItems":1,"description":"What ends a run; any of them does.","examples":[[{"on":["invoice.paid","invoice.voided"]},{"if":"data.status = \"paid\""}]],"items":{"$ref":"#/$defs/RuleStop"}},"steps":{"type":"array","minItems":1,"description":"What is done, in this order.","examples":[[{"do":[{"note":{"text":"Failed."}}]},{"after":"3d","do":[{"note":{"text":"Still failed."}}]}]],"items":{"$ref":"#/$defs/RuleStep"}}}},"RuleEventType":{"type":"string","pattern":"^([a-z0-9_]+[.:])*([a-z0-9_]+|[a-z0-9_]*\\*)$","description":"A type of events, exact or with a `*` at the end.","examples":["payment.failed"]},"RuleTimeOfDay":{"type":"string","pattern":"^([01][0-9]|2[0-3]):[0-5][0-9]$","description":"A time of the day, by the clock on the wall.","examples":["20:00"]},"RuleStop":{"type":"object","description":"Something that ends a run. With `on`, an event of these types about the same subject, where `if` holds. With `if` alone, the newest state: looked at with each event of the subject that the rule hears of, and before each step.","examples":[{"on":["invoice.paid"]}],"additionalProperties":false,"properties":{"on":{"type":"array","minItems":1,"description":"Types of events.","examples":[["invoice.paid","invoice.voided"]],"items":{"$ref":"#/$defs/RuleEventType"}},"if":{"type":"string","x-expression":{"scope":[]},"description":"Whether it ends, over the event, with `data` as it is now.","examples":["data.status in [\"paid\", \"void\"]"]}}},"RuleStep":{"type":"object","description":"A point in time of a run and what is done then.","examples":[{"after":"3d","do":[{"note":{"text":"Still failed."}}]}],"additionalProperties":false,"required":["do"],"properties":{"after":{"type":"string","pattern":"^(0|[1-9][0-9]{0,3}[mhd])$","default":"0","description":"How long after the start of the run: minutes, hours, or days by the calendar of `timezone`.","examples":["3d"]},"do":{"type":"array","minItems":1,"description":"What is done, in this order.","examples":[[{"note":{"text":"Still failed."}}]],"items":{"$ref":"#/$defs/RuleAction"}}}},"RuleAction":{"type":"object","description":"One thing that is done. Texts hold `{{ expressions }}` over the event; a missing value is left empty, amounts are written by `$moneyOut(data.amount, data.currency)`.","examples":[{"slack":{"to":"desk","text":"Payment {{ data.id }} failed"}}],"additionalProperties":false,"oneOf":[{"required":["webhook"]},{"required":["slack"]},{"required":["email"]},{"required":["note"]}],"properties":{"webhook":{"type":"object","description":"An event `rule.<name>`, delivered to every webhook of the environment that wants it, and kept as all events.","examples":[{"text":"Payment {{ data.id }} failed"}],"additionalProperties":false,"properties":{"text":{"$ref":"#/$defs/RuleText"}}},"slack":{"type":"object","description":"A message to a channel.","examples":[{"to":"desk","text":"Payment {{ data.id }} failed"}],"additionalProperties":false,"required":["to","text"],"properties":{"to":{"type":"string","pattern":"^[a-z][a-z0-9_]*$","description":"Name of a webhook of the kind slack, in the environment of the run.","examples":["desk"]},"text":{"$ref":"#/$defs/RuleText"}}},"email":{"type":"object","description":"A mail over the SMTP server of the settings.","examples":[{"to":"{{ data.customer.email }}","subject":"Invoice {{ data.number }}","text":"Please pay."}],"additionalProperties":false,"required":["to","subject","text"],"properties":{"to":{"$ref":"#/$defs/RuleText"},"subject":{"$ref":"#/$defs/RuleText"},"text":{"$ref":"#/$defs/RuleText"}}},"note":{"type":"object","description":"A note on the subject, for people and programs that read `GET /rule-note`.","examples":[{"text":"Reminded on day 3"}],"additionalProperties":false,"required":["text"],"properties":{"text":{"$ref":"#/$defs/RuleText"}}}}},"RuleText":{"type":"string","minLength":1,"x-template":{"scope":["customer","run","step"]},"description":"Text with `{{ expressions }}` over the event. `$run` has `id`, `rule`, `key` and `started_at`, `$step` has `number` and `of`.","examples":["Reminder {{ $step.number }} of {{ $step.of }}"]},"SandboxFile":{"title":"SandboxFile","type":"object","description":"Rules and invented data of a provider's sandbox. Several files are laid together; each name stands in one of them.","examples":[{"resources":{"customers":{"record":{"email":"$body.email"},"methods":{"create":{},"get":{},"list":{}}}}}],"additionalProperties":false,"properties":{"account":{"type":"object","description":"How the sandbox is reached; requests with other credentials are refused.","examples":[{"credentials":{"key":"sandbox_key"}}],"additionalProperties":false,"required":["credentials"],"properties":{"method":{"type":"string","description":"Auth method. Default the first.","examples":["key"]},"credentials":{"type":"object","description":"Invented values of the form's secret fields.","examples":[{"key":"sandbox_key"}],"additionalProperties":{"type":"string","description":"Value.","examples":["sandbox_key"]}},"connection":{"type":"object","description":"Values of the form's other fields.","examples":[{"site":"acme"}],"additionalProperties":{"type":"string","description":"Value.","examples":["acme"]}},"refuse":{"type":"array","description":"What else a request may be refused for; the first that holds decides.","examples":[[{"when":"$request.headers.`x-site` != 'acme'","error":"unauthenticated"}]],"items":{"type":"object","description":"One refusal.","examples":[{"when":"$request.headers.`x-site` != 'acme'","error":"unauthenticated"}],"additionalProperties":false,"required":["when","error"],"properties":{"when":{"type":"string","x-expression":{"scope":["request","constants","now"]},"description":"Condition over the request.","examples":["$request.headers.`x-site` != 'acme'"]},"error":{"type":"string","description":"Name under errors.","examples":["unauthenticated"]}}}}}},"routes":{"type":"array","description":"Addresses that the provider serves without declaring them as operations, such as those of its own pages. They read and answer like the get of the resource.","examples":[[{"verb":"POST","path":"/pay/{{ $path.id }}","method":"orders.pay","parameters":{"card":"string"}}]],"items":{"type":"object","description":"One address.","examples":[{"verb":"POST","path":"/pay/{{ $path.id }}","method":"orders.pay","parameters":{"card":"string"}}],"additionalProperties":false,"required":["verb","path","method"],"properties":{"verb":{"type":"string","enum":["GET","POST","PUT","PATCH","DELETE"],"description":"HTTP verb.","examples":["POST"]},"path":{"type":"string","pattern":"^/","x-template":{"scope":["path"]},"description":"Path below the host; each `{{ $path.x }}` is one segment.","examples":["/pay/{{ $path.id }}"]},"method":{"type":"string","pattern":"^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$","description":"Written `resource.method`.","examples":["orders.pay"]},"parameters":{"type":"object","description":"What it takes, by name, in the body, or in the query of GET and DELETE.","examples":[{"card":"string"}],"additionalProperties":{"type":"string","enum":["string","integer","number","boolean","array","object","any"],"description":"Type.","examples":["string"]}}}}},"constants":{"type":"object","description":"Values for all expressions, as `$constants`.","examples":[{"fee":30}],"additionalProperties":{"description":"Any JSON value.","examples":[30]}},"answers":{"type":"object","description":"How answers are wrapped. In a list, `$list.records` are the records of the page, and `$list.at` is the path where the operation says that they stand.","examples":[{"list":{"items":"$list.records","more":"$list.has_more"}}],"additionalProperties":false,"properties":{"headers":{"type":"object","description":"Headers of every answer; one without a value is left out.","examples":[{"X-Request-Id":"$request.id"}],"additionalProperties":{"$ref":"#/$defs/SandboxShape"}},"list":{"$ref":"#/$defs/SandboxShape"},"search":{"$ref":"#/$defs/SandboxShape"},"token":{"type":"string","enum":["opaque","next_id"],"default":"opaque","description":"What the token of a next page is: a text of its own, or the id of the first record there.","examples":["next_id"]},"request_id":{"$ref":"#/$defs/SandboxId"}}},"errors":{"type":"object","description":"Answers to what goes wrong. The machine itself uses unauthenticated, unknown_route, record_not_found, record_exists, missing_parameter, unknown_parameter, invalid_parameter, invalid_body, invalid_expand, idempotency_conflict, rate_limited and not_simulated.","examples":[{"record_not_found":{"status":404,"body":{"message":"\"No such record: \" & $error.id"}}}],"additionalProperties":{"type":"object","description":"One error.","examples":[{"status":404,"body":{"message":"\"No such record: \" & $error.id"}}],"additionalProperties":false,"required":["status","body"],"properties":{"status":{"type":"integer","minimum":400,"maximum":599,"description":"HTTP status.","examples":[404]},"headers":{"type":"object","description":"Further headers.","examples":[{"Retry-After":"'1'"}],"additionalProperties":{"$ref":"#/$defs/SandboxShape"}},"body":{"$ref":"#/$defs/SandboxShape"}}}},"expand":{"type":"object","description":"How a request asks for linked records in place of their ids.","examples":[{"param":"expand","depth":4}],"additionalProperties":false,"required":["param","depth"],"properties":{"param":{"type":"string","description":"Parameter with dotted paths.","examples":["expand"]},"depth":{"type":"integer","minimum":1,"maximum":10,"description":"Most steps of a path.","examples":[4]},"list_prefix":{"type":"string","default":"data.","description":"What paths start with when a list is asked; empty where they are those of one record.","examples":[""]}}},"events":{"type":"object","description":"Where `emit` writes. The event's record is made with $body.type, $body.object, $body.previous, $body.request and $body.version.","examples":[{"in":"events"}],"additionalProperties":false,"required":["in"],"properties":{"in":{"$ref":"#/$defs/Slug"}}},"webhooks":{"type":"object","description":"How events are delivered to addresses that were registered, signed and tried again. Each is an HTTP POST; an answer from 200 to 299 takes it.","examples":[{"in":"webhook_endpoints","url":"url","when":"$event.type in event_types","sign":{"header":"X-Signature","secret":"_secret","over":"$body","value":"$signature"}}],"additionalProperties":false,"required":["in","url","sign"],"properties":{"in":{"$ref":"#/$defs/Slug"},"url":{"type":"string","x-expression":{"scope":["event","constants"]},"description":"Address over the record of the endpoint.","examples":["url"]},"when":{"type":"string","x-expression":{"scope":["event","constants"]},"description":"Condition over the record of the endpoint; $event is the event as it is shown. Default always.","examples":["$event.type in event_types"]},"version":{"type":"string","x-expression":{"scope":["event","constants"]},"description":"Version over the record of the endpoint that the event is shown in. Default that of the account.","examples":["api_version"]},"body":{"type":"string","x-expression":{"scope":["event","constants","signature"]},"description":"What a delivery holds, over the record of the endpoint. Default the event. `$signature` is there where no header has it.","examples":["{ 'events': [$event] }"]},"sign":{"type":"object","description":"A signature, in `header` as `value` says, or without these in the body: an HMAC with `secret`, or RSA (PKCS #1 1.5) where `certificate` says at which path the sandbox serves that of its key. Exactly one of them.","examples":[{"header":"X-Signature","secret":"_secret","over":"$body","value":"$signature"}],"additionalProperties":false,"required":["over"],"properties":{"header":{"type":"string","description":"Name of the header. Without it `body` puts the signature in.","examples":["X-Signature"]},"headers":{"type":"object","description":"Further headers that the signature is over or verified with, over the record of the endpoint.","examples":[{"X-Time":"$string($timestamp)"}],"additionalProperties":{"type":"string","x-expression":{"scope":["timestamp","body","event","url"]},"description":"Value.","examples":["$string($timestamp)"]}},"certificate":{"type":"string","pattern":"^/","description":"Path of the certificate. Where the provider is reached at another address (`base_url`), receivers take it from there.","examples":["/certificates/1"]},"secret":{"type":"string","x-expression":{"scope":["event","constants"]},"description":"Key over the record of the endpoint.","examples":["_secret"]},"secret_form":{"type":"string","enum":["text","hex","base64"],"default":"text","description":"How the key is written.","examples":["base64"]},"algorithm":{"type":"string","enum":["sha1","sha256","sha512"],"default":"sha256","description":"Hash.","examples":["sha512"]},"encoding":{"type":"string","enum":["hex","base64"],"default":"hex","description":"How the signature is written.","examples":["base64"]},"over":{"type":"string","x-expression":{"scope":["timestamp","body","event","url"]},"description":"What is signed, over the record of the endpoint; $timestamp is when it is sent, in seconds. $body is there where the signature is in a header.","examples":["$string($timestamp) & '.' & $body"]},"value":{"type":"string","x-expression":{"scope":["timestamp","signature","event","secret"]},"description":"What the header holds; `$secret` is for providers that send it along instead of a signature.","examples":["'t=' & $timestamp & ',v1=' & $signature"]}}},"retry_s":{"type":"array","description":"Waits before it is tried again, by the sandbox's clock. Default no further try.","examples":[[60,3600]],"items":{"type":"integer","minimum":1,"description":"Seconds.","examples":[60]}}}},"due":{"type":"array","description":"What time brings about. Each rule acts once on a record for each instant that `at` names, in the order of the instants, also those that a moved clock passes over.","examples":[[{"in":"subscriptions","at":"period_end","when":"status = 'active'","do":[{"call":{"method":"subscriptions.renew","id":"id"}}]}]],"items":{"type":"object","description":"One rule. An uncaught failure of its steps, but one that says `keep`, is a fault of the rules.","examples":[{"in":"invoices","at":"due_date","when":"status = 'open'","do":[{"set":{"fields":{"overdue":true}}}]}],"additionalProperties":false,"required":["in","at","do"],"properties":{"in":{"$ref":"#/$defs/Slug"},"at":{"type":"string","x-expression":{"scope":["constants"]},"description":"Instant over the record in seconds; none while it has no value.","examples":["period_end"]},"when":{"type":"string","x-expression":{"scope":["constants"]},"description":"Condition over the record. Default always.","examples":["status = 'active'"]},"do":{"$ref":"#/$defs/SandboxSteps"}}}},"versions":{"$ref":"#/$defs/SandboxVersions"},"resources":{"type":"object","description":"Kinds of records by resource; those without operations are kept inside.","examples":[{"customers":{"record":{"email":"$body.email"},"methods":{"create":{},"get":{},"list":{}}}}],"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"$ref":"#/$defs/SandboxResource"}},"seed":{"type":"array","description":"Invented data, made in this order by the same rules that requests meet.","examples":[[{"count":3,"do":[{"call":{"method":"customers.create","with":{"email":"'a' & $item & '@example.com'"}}}]}]],"items":{"type":"object","description":"Steps that run a number of times, each at a time of its own; `$item` counts from 1, `$let.start` is when the sandbox starts.","examples":[{"count":3,"age_s":{"from":86400,"to":864000},"do":[{"create":{"in":"customers"}}]}],"additionalProperties":false,"required":["do"],"properties":{"count":{"type":"integer","minimum":1,"maximum":10000,"default":1,"description":"How often.","examples":[60]},"age_s":{"type":"object","description":"How long before the start of the sandbox the steps begin, spread evenly from the oldest to the newest. Default at the start.","examples":[{"from":36000000,"to":3600}],"additionalProperties":false,"required":["from","to"],"properties":{"from":{"type":"integer","minimum":0,"description":"Seconds before the start of the first run.","examples":[36000000]},"to":{"type":"integer","minimum":0,"description":"Seconds before the start of the last run.","examples":[3600]}}},"do":{"$ref":"#/$defs/SandboxSteps"}}}}}},"SandboxVersions":{"type":"object","description":"How answers look to requests of older versions. Records are kept as the newest version has them.","examples":[{"from":"$request.headers.`x-version`","default":"2026-01-01","changes":[{"before":"2025-03-01","resources":{"invoices":{"set":{"paid":"status = 'paid'"}}}}]}],"additionalProperties":false,"required":["from","default"],"properties":{"from":{"type":"string","x-expression":{"scope":["request","constants"]},"description":"Version that a request asks for; without a value the default.","examples":["$request.headers.`x-version`"]},"default":{"type":"string","description":"Version of the account, which events have too.","examples":["2026-01-01"]},"newest":{"type":"string","description":"Newest version that is known; requests after it are refused. By default they are answered as the newest.","examples":["2026-01-01"]},"oldest":{"type":"string","description":"Oldest version that the changes describe; requests before it are refused. Default any.","examples":["2023-08-16"]},"pattern":{"type":"string","description":"Regular expression that the whole of a version fits. Default any text.","examples":["\\d{4}-\\d{2}-\\d{2}"]},"error":{"type":"string","description":"Error that other versions are refused with; it has $error.version, $error.oldest and $error.newest where they are given. Default invalid_parameter.","examples":["invalid_version"]},"changes":{"type":"array","description":"Changes between versions, the newest first. Versions are compared as text with whole numbers in it, so that 2025-03-01 comes after 2024-12-31 and v10 after v9.","examples":[[{"before":"2025-03-01","resources":{"invoices":{"drop":["parent"]}}}]],"items":{"type":"object","description":"What requests of versions before one see instead.","examples":[{"before":"2025-03-01","resources":{"invoices":{"drop":["parent"]}}}],"additionalProperties":false,"required":["before","resources"],"properties":{"before":{"type":"string","description":"First version that shows it in the new way.","examples":["2025-03-01"]},"resources":{"type":"object","description":"Changes of shown records by resource.","examples":[{"invoices":{"drop":["parent"]}}],"additionalProperties":{"$ref":"#/$defs/SandboxOlderView"}}}}}}},"SandboxOlderView":{"type":"object","description":"How a record looked before a change: records are read, then fields set from the record as the version after shows it, then moved, then dropped. Links and lists are shown afterwards.","examples":[{"set":{"paid":"status = 'paid'"},"move":{"taxes":"tax_amounts"},"drop":["parent"]}],"additionalProperties":false,"properties":{"reads":{"type":"object","description":"Other records that the expressions need, each under `$let` by its name.","examples":[{"entry":{"in":"invoice_payments","where":{"invoice":"id"}}}],"additionalProperties":{"type":"object","description":"The record with the id, or the first in list order whose fields have these values, or null; with all the list of them. Fields that are kept inside are there too.","examples":[{"in":"invoice_payments","where":{"invoice":"id"}}],"additionalProperties":false,"required":["in"],"properties":{"in":{"$ref":"#/$defs/Slug"},"id":{"type":"string","x-expression":{"scope":["record","let","constants"]},"description":"Id of the record.","examples":["$record._invoice"]},"where":{"type":"object","description":"Values by dotted path.","examples":[{"invoice":"id"}],"additionalProperties":{"type":"string","x-expression":{"scope":["record","let","constants"]},"description":"Value.","examples":["id"]}},"all":{"type":"boolean","default":false,"description":"True for all of them.","examples":[true]}}}},"set":{"type":"object","description":"Values by dotted path. A bare name is the shown record, $record the stored one with what is kept inside. A path that ends in `?` is left out when it has no value.","examples":[{"paid":"status = 'paid'","current_period_end":"$record._period_end"}],"additionalProperties":{"$ref":"#/$defs/SandboxOlderValue"}},"move":{"type":"object","description":"Fields that had another name: path in the newer version, path in the older one.","examples":[{"taxes":"tax_amounts"}],"additionalProperties":{"type":"string","description":"Dotted path in the older version.","examples":["tax_amounts"]}},"drop":{"type":"array","description":"Paths that the older version does not have.","examples":[["parent"]],"items":{"type":"string","description":"Dotted path.","examples":["parent"]}},"links":{"type":"object","description":"Fields of the older version that hold the id of another record and can be expanded.","examples":[{"payment_intent":{"to":["payment_intents"]}}],"additionalProperties":{"type":"object","description":"One link.","examples":[{"to":["payment_intents"]}],"additionalProperties":false,"required":["to"],"properties":{"to":{"type":"array","description":"Resources it may lead to.","examples":[["payment_intents"]],"minItems":1,"items":{"$ref":"#/$defs/Slug"}},"always":{"type":"boolean","default":false,"description":"True to show the record always; otherwise when expanded.","examples":[true]}}}}}},"SandboxOlderValue":{"description":"A value: text is an expression, `{ const: ... }` a literal, anything else stands for itself with its parts. An expression without a value gives null.","examples":["status = 'paid'"],"oneOf":[{"type":"string","x-expression":{"scope":["record","let","constants"]},"description":"An expression.","examples":["status = 'paid'"]},{"type":["number","boolean","null"],"description":"The value itself.","examples":[0]},{"type":"array","description":"A list of values.","examples":[[]],"items":{"$ref":"#/$defs/SandboxOlderValue"}},{"$ref":"#/$defs/Constant"},{"type":"object","description":"An object of values.","examples":[{"line1":null}],"propertyNames":{"pattern":"^(?!const$)"},"additionalProperties":{"$ref":"#/$defs/SandboxOlderValue"}}]},"SandboxTree":{"description":"A value: text is an expression, `{ const: ... }` a literal, anything else stands for itself with its parts. An expression without a value gives null, and nothing at all under a key that ends in `?`.","examples":["$body.email",{"const":"card"},{"type":{"const":"card"},"checks":null}],"oneOf":[{"type":"string","x-expression":{"scope":["body","query","path","let","item","now","token","constants","request"]},"description":"An expression.","examples":["$body.email"]},{"type":["number","boolean","null"],"description":"The value itself.","examples":[0]},{"type":"array","description":"A list of values.","examples":[[]],"items":{"$ref":"#/$defs/SandboxTree"}},{"$ref":"#/$defs/Constant"},{"type":"object","description":"An object of values.","examples":[{"line1":null}],"propertyNames":{"pattern":"^(?!const$)"},"additionalProperties":{"$ref":"#/$defs/SandboxTree"}}]},"SandboxShape":{"description":"Part of an answer: text is an expression, `{ const: ... }` a literal, anything else stands for itself. What has no value is left out.","examples":[{"items":"$list.records"}],"oneOf":[{"type":"string","x-expression":{"scope":["list","error","record","request","constants","now","http_status"]},"description":"An expression.","examples":["$list.records"]},{"type":["number","boolean","null"],"description":"The value itself.","examples":[0]},{"type":"array","description":"A list of values.","examples":[[]],"items":{"$ref":"#/$defs/SandboxShape"}},{"$ref":"#/$defs/Constant"},{"type":"object","description":"An object of values.","examples":[{"object":{"const":"list"}}],"propertyNames":{"pattern":"^(?!const$)"},"additionalProperties":{"$ref":"#/$defs/SandboxShape"}}]},"SandboxText":{"type":"string","x-expression":{"scope":["body","query","path","let","item","now","token","constants","request"]},"description":"An expression over the record at hand, the call and the steps before.","examples":["$body.amount"]},"SandboxFields":{"type":"object","description":"Values by name.","examples":[{"status":{"const":"paid"}}],"additionalProperties":{"$ref":"#/$defs/SandboxTree"}},"SandboxId":{"type":"object","description":"How ids are made.","examples":[{"prefix":"cus_","length":14}],"additionalProperties":false,"properties":{"prefix":{"type":"string","default":"","description":"What every id starts with.","examples":["cus_"]},"length":{"type":"integer","minimum":1,"maximum":64,"default":14,"description":"Random characters behind the prefix.","examples":[24]},"alphabet":{"type":"string","description":"Characters to draw from. Default letters and digits.","examples":["0123456789"]},"counter":{"type":"integer","minimum":0,"description":"Instead of random characters: whole numbers that count up from here. Without a prefix they are numbers in the record.","examples":[1000]},"value":{"$ref":"#/$defs/SandboxText"}}},"SandboxResource":{"type":"object","description":"One kind of record.","examples":[{"id":{"prefix":"cus_"},"record":{"email":"$body.email"},"methods":{"create":{},"get":{},"list":{}}}],"additionalProperties":false,"required":["record"],"properties":{"object":{"type":"string","description":"What errors call a record. Default the name of the resource.","examples":["customer"]},"id":{"$ref":"#/$defs/SandboxId"},"id_field":{"type":"string","default":"id","description":"Field that holds the id.","examples":["id"]},"single":{"type":"boolean","default":false,"description":"True when there is one record, made at the start, and no id in the path.","examples":[true]},"record":{"type":"object","description":"Fields of a new record in order, made from $body. Names that start with _ are kept inside; a field whose name ends in `?` is left out when it has no value. Bare names are the fields before.","examples":[{"email":"$body.email","created":"$now"}],"additionalProperties":{"$ref":"#/$defs/SandboxTree"}},"defaults":{"type":"object","description":"What a field of a new record holds when its expression gives nothing.","examples":[{"metadata":{},"active":true}],"additionalProperties":{"description":"Any JSON value.","examples":[true]}},"rows":{"type":"object","description":"Records that are there from the start, by id. They are tables for the rules, or data that the provider brings along.","examples":[{"eur":{"rate":1.08}}],"additionalProperties":{"type":"object","description":"Fields of the record.","examples":[{"rate":1.08}],"additionalProperties":{"description":"Any JSON value.","examples":[1.08]}}},"computed":{"type":"object","description":"Fields that are worked out anew each time a record is shown.","examples":[{"status":"available_on <= $now ? 'available' : 'pending'"}],"additionalProperties":{"$ref":"#/$defs/SandboxText"}},"links":{"type":"object","description":"Fields that hold the id of another record, by dotted path; they must exist when written.","examples":[{"customer":{"to":["customers"]}}],"additionalProperties":{"type":"object","description":"One link.","examples":[{"to":["customers"]}],"additionalProperties":false,"required":["to"],"properties":{"to":{"type":"array","description":"Resources it may lead to.","examples":[["customers"]],"minItems":1,"items":{"$ref":"#/$defs/Slug"}},"always":{"type":"boolean","default":false,"description":"True to show the record always; otherwise when expanded.","examples":[true]}}}},"lists":{"type":"object","description":"Fields that show the first records of another resource that belong to this one.","examples":[{"lines":{"of":"invoice_lines","by":"invoice","limit":10,"url":"/invoices/{{ id }}/lines"}}],"additionalProperties":{"type":"object","description":"One nested list.","examples":[{"of":"invoice_lines","by":"invoice","limit":10,"url":"/invoices/{{ id }}/lines"}],"additionalProperties":false,"required":["of","by","url"],"properties":{"of":{"$ref":"#/$defs/Slug"},"by":{"type":"string","description":"Field there that holds the id of this record.","examples":["invoice"]},"limit":{"type":"integer","minimum":1,"default":10,"description":"Most records shown.","examples":[10]},"url":{"type":"string","x-template":{"scope":[]},"description":"Address of the whole list.","examples":["/invoices/{{ id }}/lines"]},"always":{"type":"boolean","default":true,"description":"False to show it only when expanded.","examples":[false]}}}},"expandable":{"type":"object","description":"Other paths that a request may expand, and the field whose value is shown there then: one that is kept inside, or one that never leads to a record here.","examples":[{"tiers":"_tiers","discounts":"discounts"}],"additionalProperties":{"type":"string","description":"Field.","examples":["_tiers"]}},"parents":{"type":"object","description":"Path parameters that name a record of another resource, which must exist. The field of that name holds its id.","examples":[{"invoice":"invoices"}],"additionalProperties":{"$ref":"#/$defs/Slug"}},"order":{"type":"string","enum":["newest_first","oldest_first"],"default":"newest_first","description":"Order of lists.","examples":["oldest_first"]},"listed":{"$ref":"#/$defs/SandboxText"},"keep_s":{"type":"integer","minimum":1,"description":"Seconds after which a record is gone from lists and no longer made by the seed. Default for ever.","examples":[2592000]},"filters":{"type":"object","description":"What the parameters of its list mean; one without an entry compares the field of its name.","examples":[{"created":{"field":"created","range":true}}],"additionalProperties":{"type":"object","description":"One filter.","examples":[{"field":"created","range":true}],"additionalProperties":false,"properties":{"field":{"type":"string","description":"Dotted path of the field. Default the name of the parameter.","examples":["created"]},"range":{"type":"boolean","default":false,"description":"True when the value is an object of bounds gt, gte, lt and lte.","examples":[true]},"any":{"type":"boolean","default":false,"description":"True when the value is a list and any of it may fit.","examples":[true]},"when":{"type":"string","x-expression":{"scope":["value","query","now","constants"]},"description":"Condition over the record instead.","examples":["$value = 'all' or status = $value"]},"default":{"type":"string","x-expression":{"scope":["query","now","constants"]},"description":"Condition over the record while the parameter is not given.","examples":["status != 'canceled'"]},"order":{"type":"string","x-expression":{"scope":["value","query","now","constants"]},"description":"Order that the value asks for, oldest_first or newest_first; nothing keeps that of the resource. Alone it leaves no record out.","examples":["$value = 'asc' ? 'oldest_first' : 'newest_first'"]}}}},"search":{"type":"object","description":"Fields that the search language knows, with the dotted path of each. A field called metadata takes a key.","examples":[{"email":"email","metadata":"metadata"}],"additionalProperties":{"type":"string","description":"Dotted path.","examples":["email"]}},"types":{"type":"object","description":"Types of nested parameters by dotted path, lists transparent; without one they stay text where the body has only text.","examples":[{"items.quantity":"integer"}],"additionalProperties":{"type":"string","enum":["integer","number","boolean"],"description":"Type.","examples":["integer"]}},"methods":{"type":"object","description":"What its operations do; names that are no operation can be called by steps only.","examples":[{"create":{"emit":"customer.created"},"get":{},"list":{}}],"additionalProperties":{"$ref":"#/$defs/SandboxMethod"}}}},"SandboxMethod":{"type":"object","description":"One operation: steps before, what it does to the record (a new one is made from `with`, or else from the body), steps after, event, answer. Without anything list, search, get, create, update and delete do what they say.","examples":[{"before":[{"when":"status != 'draft'","fail":{"error":"not_a_draft"}}],"set":{"status":{"const":"open"}},"emit":"'invoice.finalized'"}],"additionalProperties":false,"properties":{"before":{"$ref":"#/$defs/SandboxSteps"},"with":{"$ref":"#/$defs/SandboxFields"},"do":{"$ref":"#/$defs/SandboxSteps"},"changes":{"type":"array","description":"Fields that are made anew as in a new record when the body names them.","examples":[["email","name"]],"items":{"type":"string","description":"Field.","examples":["email"]}},"merges":{"type":"array","description":"Object fields whose named keys are set, and removed by an empty value.","examples":[["metadata"]],"items":{"type":"string","description":"Field.","examples":["metadata"]}},"set":{"$ref":"#/$defs/SandboxFields"},"takes":{"type":"array","description":"Parameters that are accepted and make no difference here. Any other that no rule reads is refused as not simulated.","examples":[["off_session"]],"items":{"type":"string","description":"Parameter.","examples":["off_session"]}},"emit":{"$ref":"#/$defs/SandboxText"},"leaves":{"$ref":"#/$defs/SandboxTree"},"forgets":{"type":"boolean","default":false,"description":"True when it only shows what would be: all that it does is taken back.","examples":[true]},"lists":{"type":"object","description":"Makes a list of another resource's records out of an operation that answers with one; those that belong to the record of its path.","examples":[{"of":"entries","by":"ledger"}],"additionalProperties":false,"required":["of","by"],"properties":{"of":{"$ref":"#/$defs/Slug"},"by":{"type":"string","description":"Field there that holds the id of this record.","examples":["ledger"]}}},"checks_id":{"type":"boolean","default":true,"description":"False when the id in the path need not be that of a record.","examples":[false]},"makes":{"type":"boolean","default":true,"description":"create: false when its steps make the record themselves.","examples":[false]},"tombstone":{"type":"boolean","default":false,"description":"delete: true when what it leaves is still shown by get.","examples":[true]},"status":{"type":"integer","minimum":200,"maximum":299,"default":200,"description":"HTTP status of the answer.","examples":[201]},"answer":{"$ref":"#/$defs/SandboxText"},"body":{"$ref":"#/$defs/SandboxTree"}}},"SandboxSteps":{"type":"array","description":"Steps in order. All of them happen or none, unless a failure says `keep`.","examples":[[{"get":{"in":"customers","id":"$body.customer"},"as":"customer"}]],"items":{"$ref":"#/$defs/SandboxStep"}},"SandboxStep":{"type":"object","description":"One step.","examples":[{"get":{"in":"customers","id":"$body.customer"},"as":"customer"}],"additionalProperties":false,"oneOf":[{"required":["let"]},{"required":["fail"]},{"required":["get"]},{"required":["find"]},{"required":["create"]},{"required":["set"]},{"required":["remove"]},{"required":["call"]},{"required":["emit"]},{"required":["each"]},{"required":["calendar"]},{"required":["draw"]},{"required":["pick"]},{"required":["wait_s"]},{"required":["advance_s"]},{"required":["steps"]}],"properties":{"when":{"$ref":"#/$defs/SandboxText"},"as":{"type":"string","pattern":"^[a-z][a-z0-9_]*$","description":"Name under `$let` for what the step gives.","examples":["customer"]},"let":{"$ref":"#/$defs/SandboxFields"},"steps":{"$ref":"#/$defs/SandboxSteps"},"fail":{"type":"object","description":"Ends the call with an error, which has the values as $error. `about` is the id of a record that it shows as $error.about.","examples":[{"error":"already_paid","with":{"id":"id"}}],"additionalProperties":false,"required":["error"],"properties":{"error":{"type":"string","description":"Name under errors.","examples":["already_paid"]},"with":{"$ref":"#/$defs/SandboxFields"},"in":{"$ref":"#/$defs/Slug"},"about":{"$ref":"#/$defs/SandboxText"},"keep":{"type":"boolean","default":false,"description":"True when what was done so far stays.","examples":[true]}}},"get":{"type":"object","description":"A record by its id; record_not_found when there is none. No id gives null.","examples":[{"in":"customers","id":"$body.customer","param":"customer"}],"additionalProperties":false,"required":["in","id"],"properties":{"in":{"$ref":"#/$defs/Slug"},"id":{"$ref":"#/$defs/SandboxText"},"param":{"type":"string","description":"Parameter that the error names. Default id.","examples":["customer"]},"optional":{"type":"boolean","default":false,"description":"True to give null when there is no such record.","examples":[true]}}},"find":{"type":"object","description":"The first record in list order whose fields have these values, or null; with all the list of them.","examples":[{"in":"charges","where":{"payment_intent":"id"}}],"additionalProperties":false,"required":["in","where"],"properties":{"in":{"$ref":"#/$defs/Slug"},"where":{"type":"object","description":"Values by dotted path.","examples":[{"payment_intent":"id"}],"additionalProperties":{"$ref":"#/$defs/SandboxText"}},"all":{"type":"boolean","default":false,"description":"True for all of them.","examples":[true]}}},"create":{"type":"object","description":"Makes a record of a resource; `with` is its $body.","examples":[{"in":"refunds","with":{"amount":"$let.amount"}}],"additionalProperties":false,"required":["in"],"properties":{"in":{"$ref":"#/$defs/Slug"},"with":{"$ref":"#/$defs/SandboxFields"}}},"set":{"type":"object","description":"Changes fields, by dotted path, of a record; of the one at hand by default. Gives the record.","examples":[{"fields":{"status":{"const":"paid"}}}],"additionalProperties":false,"required":["fields"],"properties":{"in":{"$ref":"#/$defs/Slug"},"id":{"$ref":"#/$defs/SandboxText"},"fields":{"$ref":"#/$defs/SandboxFields"}}},"remove":{"type":"object","description":"Takes a record away.","examples":[{"in":"items","id":"$item.id"}],"additionalProperties":false,"required":["in","id"],"properties":{"in":{"$ref":"#/$defs/Slug"},"id":{"$ref":"#/$defs/SandboxText"}}},"call":{"type":"object","description":"Runs a method of a resource with $body as given. Gives its record or body.","examples":[{"method":"invoices.finalize","id":"$let.invoice.id"}],"additionalProperties":false,"required":["method"],"properties":{"method":{"type":"string","pattern":"^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$","description":"Written `resource.method`.","examples":["invoices.finalize"]},"id":{"$ref":"#/$defs/SandboxText"},"with":{"$ref":"#/$defs/SandboxFields"},"catch":{"type":"array","description":"Errors that do not end this call; the step then gives { failed: name, ... } with what the failure told.","examples":[["card_declined"]],"items":{"type":"string","description":"Name under errors.","examples":["card_declined"]}}}},"emit":{"type":"object","description":"Writes an event about a record; about the one at hand by default.","examples":[{"type":"'charge.failed'","in":"charges","id":"$let.charge.id"}],"additionalProperties":false,"required":["type"],"properties":{"type":{"$ref":"#/$defs/SandboxText"},"in":{"$ref":"#/$defs/Slug"},"id":{"$ref":"#/$defs/SandboxText"}}},"each":{"type":"object","description":"Runs steps for each element of a list, as `$item`.","examples":[{"of":"$body.items","do":[{"create":{"in":"items","with":{"price":"$item.price"}}}]}],"additionalProperties":false,"required":["of","do"],"properties":{"of":{"$ref":"#/$defs/SandboxText"},"do":{"$ref":"#/$defs/SandboxSteps"}}},"calendar":{"type":"object","description":"An instant moved by calendar units in UTC; the 31st becomes the last day of a shorter month.","examples":[{"from":"$now","unit":"'month'","count":"1"}],"additionalProperties":false,"required":["from","unit","count"],"properties":{"from":{"$ref":"#/$defs/SandboxText"},"unit":{"$ref":"#/$defs/SandboxText"},"count":{"$ref":"#/$defs/SandboxText"}}},"draw":{"type":"object","description":"Values drawn at random, the same for the same seed, each under `$let` by its name.","examples":[{"currency":{"weights":{"usd":3,"eur":1}},"amount":{"from":100,"to":9900,"step":100}}],"additionalProperties":{"type":"object","description":"One draw: from a list, from weighted texts, or a whole number between two bounds.","examples":[{"of":["red","green"]}],"additionalProperties":false,"properties":{"of":{"type":"array","description":"Values to choose from.","examples":[["red","green"]],"items":{"description":"Any JSON value.","examples":["red"]}},"weights":{"type":"object","description":"Texts to choose from and how likely each is.","examples":[{"usd":3,"eur":1}],"additionalProperties":{"type":"number","minimum":0,"description":"Weight.","examples":[3]}},"from":{"type":"integer","description":"Smallest number.","examples":[100]},"to":{"type":"integer","description":"Largest number.","examples":[9900]},"step":{"type":"integer","minimum":1,"default":1,"description":"Distance between numbers.","examples":[100]}}}},"pick":{"type":"object","description":"A record chosen at random among those there are by now, or null.","examples":[{"in":"customers"}],"additionalProperties":false,"required":["in"],"properties":{"in":{"$ref":"#/$defs/Slug"},"where":{"type":"object","description":"Values by dotted path.","examples":[{"active":"true"}],"additionalProperties":{"$ref":"#/$defs/SandboxText"}}}},"advance_s":{"type":"string","x-expression":{"scope":["body","query","path","let","item","now","token","constants","request"]},"description":"Seconds by which the clock of the sandbox moves on once the call has succeeded. What comes to be due acts before the next request.","examples":["3600"]},"wait_s":{"type":"string","x-expression":{"scope":["body","query","path","let","item","now","token","constants","request"]},"description":"Seconds that the seed lets go by, at most up to the start of the sandbox.","examples":["3600"]}}},"UnifiedCommon":{"title":"UnifiedCommon","type":"object","description":"A piece of schema that resources refer to as `#/common/<file>`.","examples":[{"description":"A postal address.","schema":{"type":["object","null"],"properties":{}}}],"additionalProperties":false,"required":["description","schema"],"properties":{"description":{"type":"string","description":"What it is.","examples":["A postal address."]},"schema":{"allOf":[{"$ref":"#/$defs/UnifiedSchema"}],"description":"Its schema.","examples":[{"type":["object","null"],"properties":{}}]}}},"UnifiedModel":{"title":"UnifiedModel","type":"object","description":"A unified model; its resources stand in the folder of its name.","examples":[{"name":"note-taking","title":"Notes","description":"Short texts."}],"additionalProperties":false,"required":["name","title","description"],"properties":{"name":{"type":"string","pattern":"^[a-z][a-z0-9-]*$","description":"Name in addresses; the file has the same.","examples":["payment-gateway"]},"title":{"type":"string","description":"Name for people.","examples":["Payments"]},"description":{"type":"string","description":"What it covers, one or two sentences.","examples":["Money in and out through a payment provider."]}}},"UnifiedResource":{"title":"UnifiedResource","type":"object","description":"One resource of a unified model. The fields every record has (common/record.yaml) are merged into it.","examples":[{"name":"notes","object":"note","description":"A short text.","schema":{"properties":{"text":{"type":["string","null"],"description":"The text."}}}}],"additionalProperties":false,"required":["name","description","schema"],"properties":{"name":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"Name in addresses, plural; the file has the same.","examples":["payments"]},"object":{"allOf":[{"$ref":"#/$defs/Slug"}],"description":"What a record calls itself, singular. Default that of the resource used.","examples":["payment"]},"use":{"type":"string","pattern":"^[a-z-]+/[a-z_]+$","description":"A resource of a model, `model/resource`, whose keys are taken where this one has none; properties, filters, methods and bodies merge by name unless given as an empty map.","examples":["payment-gateway/customers"]},"description":{"type":"string","description":"What a record is, one or two sentences.","examples":["Money collected from a customer."]},"writes":{"type":"array","description":"Standard writes that the resource knows.","examples":[["create","update"]],"items":{"type":"string","enum":["create","update","delete"],"description":"A write.","examples":["create"]}},"methods":{"type":"object","description":"Named methods.","examples":[{"archive":{"on":"record","effect":"write","description":"Puts it away.","returns":"notes"}}],"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"$ref":"#/$defs/UnifiedMethod"}},"filters":{"type":"object","description":"Filters of the list by name.","examples":[{"created_at":{"ops":["gt","gte","lt","lte"],"type":"instant","description":"When it was created."}}],"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"$ref":"#/$defs/UnifiedFilter"}},"expand":{"type":"array","description":"What `expand=` may name.","examples":[["customer","refunds"]],"items":{"$ref":"#/$defs/Slug"}},"touches":{"type":"object","description":"Resources whose records change with one of these, each with the field that has the id of the one. What is synced of them is read again when an event tells of one of these.","examples":[{"payments":"payment.id"}],"propertyNames":{"pattern":"^[a-z][a-z0-9_]*$"},"additionalProperties":{"type":"string","description":"Dotted field.","examples":["payment.id"]}},"bodies":{"type":"object","description":"Bodies of the writes, where they are not just the fields marked `x-write`. In an update every field may be left out.","examples":[{"create":{"type":"object","required":["text"],"properties":{"text":{"type":"string","description":"The text."}}}}],"additionalProperties":false,"properties":{"create":{"allOf":[{"$ref":"#/$defs/UnifiedSchema"}],"description":"Body of create.","examples":[{"type":"object","properties":{}}]},"update":{"allOf":[{"$ref":"#/$defs/UnifiedSchema"}],"description":"Body of update.","examples":[{"type":"object","properties":{}}]}}},"schema":{"allOf":[{"$ref":"#/$defs/UnifiedSchema"}],"description":"JSON Schema of the record. Every field but `id` is nullable.","examples":[{"properties":{"text":{"type":["string","null"],"description":"The text."}}}]}}},"UnifiedMethod":{"type":"object","description":"A method beyond the standard verbs.","examples":[{"on":"record","effect":"write","description":"Puts it away.","returns":"notes"}],"additionalProperties":false,"required":["on","effect","description","returns"],"properties":{"on":{"type":"string","enum":["record","collection"],"description":"Whether it takes the id of a record.","examples":["record"]},"effect":{"$ref":"#/$defs/Effect"},"description":{"type":"string","description":"What it does and when it is refused.","examples":["Puts the note away."]},"body":{"allOf":[{"$ref":"#/$defs/UnifiedSchema"}],"description":"Its body. Default none.","examples":[{"type":"object","properties":{}}]},"returns":{"description":"What it answers: a resource of the model, or the schema of an object of its own.","examples":["payments"],"oneOf":[{"type":"string","pattern":"^[a-z][a-z0-9_]*$","description":"A resource of the model.","examples":["payments"]},{"$ref":"#/$defs/UnifiedSchema"}]}}},"UnifiedFilter":{"type":"object","description":"A filter of a list.","examples":[{"ops":["eq","in"],"type":"string","description":"One or several ids."}],"additionalProperties":false,"required":["ops","type","description"],"properties":{"ops":{"type":"array","minItems":1,"description":"Operators it knows.","examples":[["eq","in"]],"items":{"type":"string","enum":["eq","ne","gt","gte","lt","lte","in","exists"],"description":"Operator.","examples":["eq"]}},"type":{"type":"string","enum":["string","integer","boolean","instant","date","money"],"description":"What its values are.","examples":["instant"]},"description":{"type":"string","description":"What it selects.","examples":["When it was created."]},"field":{"type":"string","description":"Dotted field it looks at. Default the field of its own name.","examples":["customer.id"]},"fields":{"type":"array","description":"The fields it looks at, when there are several (`q`).","examples":[["id","name"]],"items":{"type":"string","description":"Dotted field.","examples":["name"]}},"enum_of":{"type":"string","description":"Field whose enum lists the values allowed.","examples":["status"]},"fold_case":{"type":"boolean","default":false,"description":"Whether letter case makes no difference.","examples":[true]},"keyed":{"type":"boolean","default":false,"description":"Whether it is written with a key, `metadata[key]=value`.","examples":[true]}}},"UnifiedSchema":{"type":"object","description":"A JSON Schema (draft 2020-12) of a field, with marks of our own.","examples":[{"type":["string","null"],"description":"The text."}],"additionalProperties":false,"properties":{"$ref":{"type":"string","pattern":"^#/common/[a-z][a-z0-9_]*$","description":"A common piece, common/<name>.yaml; keys beside it win.","examples":["#/common/address"]},"type":{"description":"JSON type or types.","examples":[["string","null"]],"oneOf":[{"type":"string","enum":["string","integer","number","boolean","object","array","null"],"description":"One type.","examples":["string"]},{"type":"array","minItems":1,"description":"Several types.","examples":[["string","null"]],"items":{"type":"string","enum":["string","integer","number","boolean","object","array","null"],"description":"One of them.","examples":["string"]}}]},"description":{"type":"string","description":"What it holds and when it is null.","examples":["When it was paid; null until then."]},"properties":{"type":"object","description":"Fields of an object.","examples":[{"id":{"type":"string","description":"Its id."}}],"propertyNames":{"pattern":"^_?[a-z][a-z0-9_]*$"},"additionalProperties":{"$ref":"#/$defs/UnifiedSchema"}},"required":{"type":"array","description":"Fields that must be there.","examples":[["id"]],"items":{"type":"string","description":"Field name.","examples":["id"]}},"additionalProperties":{"description":"Whether other fields may stand beside those named, or the schema of each.","examples":[false],"oneOf":[{"type":"boolean","description":"Whether others may stand there.","examples":[false]},{"$ref":"#/$defs/UnifiedSchema"}]},"items":{"allOf":[{"$ref":"#/$defs/UnifiedSchema"}],"description":"Schema of the elements of an array.","examples":[{"type":"string"}]},"enum":{"type":"array","minItems":1,"description":"The values allowed; `unknown` for a native value not listed, null where the field can be empty.","examples":[["active","canceled","unknown",null]],"items":{"type":["string","integer","boolean","null"],"description":"One value.","examples":["active"]}},"const":{"description":"The only value allowed.","examples":["payment"]},"format":{"type":"string","enum":["date-time","date","email","uri"],"description":"Form of a text.","examples":["date-time"]},"pattern":{"type":"string","format":"regex","description":"Regular expression a text matches.","examples":["^[A-Z]{3}$"]},"minLength":{"type":"integer","minimum":0,"description":"Shortest text.","examples":[1]},"maxLength":{"type":"integer","minimum":0,"description":"Longest text.","examples":[500]},"minimum":{"type":"number","description":"Smallest number.","examples":[0]},"maximum":{"type":"number","description":"Largest number.","examples":[12]},"minItems":{"type":"integer","minimum":0,"description":"Fewest elements.","examples":[1]},"maxItems":{"type":"integer","minimum":0,"description":"Most elements.","examples":[20]},"x-enum":{"type":"object","description":"What each value of the enum means.","examples":[{"active":"It is billed."}],"additionalProperties":{"type":"string","description":"Its meaning.","examples":["It is billed."]}},"x-money":{"type":"string","description":"The integer is an amount in minor units; the field that holds its currency, beside it or from the record (`record.currency`).","examples":["currency"]},"x-pii":{"type":"string","enum":["name","email","phone","address","tax_id","ip","card","bank","dob","other"],"description":"Kind of personal data.","examples":["email"]},"x-secret":{"type":"boolean","description":"True when the value grants access.","examples":[true]},"x-write":{"type":"array","description":"Writes whose body has the field, when no body is given for them.","examples":[["create","update"]],"items":{"type":"string","enum":["create","update"],"description":"A write.","examples":["create"]}},"x-required-on":{"type":"array","description":"Writes that insist on the field.","examples":[["create"]],"items":{"type":"string","enum":["create","update"],"description":"A write.","examples":["create"]}},"x-derived":{"type":"boolean","description":"True when it is computed from other facts.","examples":[true]},"x-expand-only":{"type":"boolean","description":"True when it is null unless `expand=` names it.","examples":[true]},"x-resource":{"type":"string","description":"The unified resource whose records stand here, of this model or `model/resource`.","examples":["payments"]},"x-civil-date":{"type":"boolean","description":"True when it is a civil date (YYYY-MM-DD), not an instant.","examples":[true]}}},"Webhooks":{"title":"Webhooks","type":"object","description":"What the provider sends by itself: how a delivery is verified, which events it holds, what they are about, and how deliveries are asked for.","examples":[{"signature":{"value":"$headers.`acme-signature`"},"event":{"id":"id","type":"kind"},"as":"payment-gateway/events","provision":[{"manual":"In the console, under Webhooks, add the address and keep its secret."}]}],"additionalProperties":false,"required":["as","event","provision"],"oneOf":[{"required":["signature"]},{"required":["verify"]}],"properties":{"body":{"type":"string","enum":["json","form"],"default":"json","description":"How the body is written.","examples":["form"]},"signature":{"$ref":"#/$defs/WebhookSignature"},"verify":{"type":"string","enum":["by_fetch"],"description":"For providers that sign nothing: a delivery is believed nothing but the id in it, and the record is read from the provider.","examples":["by_fetch"]},"unsigned":{"type":"object","description":"Deliveries of another kind that the same address gets and that nobody signs; believed as `verify: by_fetch` says. Only beside `signature`.","examples":[{"when":"$contains($headers.`content-type`, \"form\")","body":"form","event":{"type":"'changed'"}}],"additionalProperties":false,"required":["when","event"],"properties":{"when":{"type":"string","x-expression":{"scope":["headers","query"]},"description":"Whether a delivery is of this kind. One that carries a signature has to be of the other.","examples":["$contains($headers.`content-type`, \"form\")"]},"body":{"type":"string","enum":["json","form"],"default":"json","description":"How the body is written.","examples":["form"]},"event":{"type":"object","description":"What is read of the event, over the body. It has no id: each is a new one.","examples":[{"type":"'changed'"}],"additionalProperties":false,"required":["type"],"properties":{"type":{"type":"string","x-expression":{"scope":["headers","query","body"]},"description":"A name for what happened.","examples":["'changed'"]},"account":{"type":"string","x-expression":{"scope":["headers","query","body"]},"description":"Identity of the account that it happened in, where one address hears of several.","examples":["account"]}}}}},"challenge":{"type":"string","x-expression":{"scope":["headers","query"]},"description":"Text that the provider wants to be answered when it tries the address; where it has a value, the delivery holds no events. Over the body.","examples":["challenge"]},"answer":{"type":"string","default":"","description":"Text of the answer that says that a delivery was taken.","examples":["[accepted]"]},"events":{"type":"string","x-expression":{"scope":["headers","query"]},"description":"The events of a delivery, over its body. Default the body itself.","examples":["events"]},"event":{"type":"object","description":"What is read of each event, over the event.","examples":[{"id":"id","type":"kind"}],"additionalProperties":false,"required":["type"],"properties":{"id":{"type":"string","x-expression":{"scope":["headers","query","body"]},"description":"The provider's id of the event: one that comes again is the same. Default the hash of the event where it is signed; events that are verified by fetching are each new.","examples":["id"]},"type":{"type":"string","x-expression":{"scope":["headers","query","body"]},"description":"The provider's name of what happened.","examples":["kind"]},"account":{"type":"string","x-expression":{"scope":["headers","query","body"]},"description":"Identity of the account that it happened in, where one address hears of several. Default every account that the address belongs to.","examples":["account"]},"api_version":{"type":"string","x-expression":{"scope":["headers","query","body"]},"description":"Version of the API that it is rendered in.","examples":["api_version"]}}},"as":{"type":"string","pattern":"^[a-z][a-z0-9-]*/[a-z][a-z0-9_]*$","description":"The mapping of an event into the unified model, `model/resource`: its `type`, `resource`, `resource_id`, `occurred_at` and `changes` say what a native event means. In it `$parent.id` is what `event.id` gave.","examples":["payment-gateway/events"]},"thin":{"type":"object","description":"Events that name what happened and do not tell it; they are read whole when they are dealt with.","examples":[{"when":"$not($exists(data))","from":"events.get","path":{"id":"id"}}],"additionalProperties":false,"required":["when","from"],"properties":{"when":{"type":"string","x-expression":{"scope":[]},"description":"Whether an event is such a one, over the event.","examples":["$not($exists(data))"]},"from":{"$ref":"#/$defs/OperationRef"},"path":{"type":"object","description":"Path parameters of the read. Default `{ id }`.","examples":[{"id":"id"}],"additionalProperties":{"type":"string","x-expression":{"scope":[]},"description":"Value, over the event.","examples":["id"]}}}},"record":{"type":"object","description":"The record that an event is about. Without it every record is read from the provider.","examples":[{"value":"data","trust":["customers"]}],"additionalProperties":false,"properties":{"value":{"type":"string","x-expression":{"scope":[]},"description":"The native record in the event.","examples":["data"]},"trust":{"type":"array","description":"Unified resources whose records in events are as whole as those that `get` reads. Others are read from the provider.","examples":[["customers","refunds"]],"items":{"$ref":"#/$defs/Slug"}},"partial":{"type":"array","description":"Of those under `trust`: resources that events tell a part of. Fields without a value stay as they were known.","examples":[["payments"]],"items":{"$ref":"#/$defs/Slug"}},"when":{"type":"string","x-expression":{"scope":["api_version"]},"description":"Whether the record in this event may be trusted, over the event; `$api_version` is the version that the mappings are written for. Default always.","examples":["api_version = $api_version"]},"models":{"type":"array","minItems":1,"description":"Unified models in which the resource of an event is looked for, in order. Default the model of `as`.","examples":[["payment-gateway","subscription-management"]],"items":{"type":"string","description":"Unified model.","examples":["payment-gateway"]}}}},"provision":{"type":"array","minItems":1,"description":"How deliveries are asked for when an account is connected; the first that fits its auth method.","examples":[[{"manual":"In the console, under Webhooks, add the address and keep its secret."}]],"items":{"$ref":"#/$defs/WebhookProvision"}}}},"WebhookSignature":{"type":"object","description":"How deliveries are signed.","examples":[{"value":"$headers.`acme-signature`","parts":["timestamp","body"],"separator":".","timestamp":{"value":"$headers.`acme-time`","tolerance_s":300}}],"additionalProperties":false,"required":["value"],"properties":{"algorithm":{"type":"string","enum":["hmac","rsa","ed25519","token"],"default":"hmac","description":"HMAC (RFC 2104), RSA (PKCS #1 1.5), Ed25519 (RFC 8032), or a secret that is sent along as it is.","examples":["rsa"]},"hash":{"type":"string","enum":["sha1","sha256","sha512"],"default":"sha256","description":"Hash of hmac and rsa.","examples":["sha256"]},"per":{"type":"string","enum":["delivery","event"],"default":"delivery","description":"Whether the delivery is signed as a whole or each event in it.","examples":["event"]},"value":{"type":"string","x-expression":{"scope":["headers","query","event"]},"description":"The signature, or a list of which one has to fit. Over the event where each is signed.","examples":["$headers.`acme-signature`"]},"encoding":{"type":"string","enum":["hex","base64"],"default":"hex","description":"How it is written.","examples":["base64"]},"key":{"type":"string","x-expression":{"scope":["secret","endpoint"]},"description":"The key: text for hmac and token, PEM for the others. Default `$secret`. `$endpoint.id` is what the provider calls the address.","examples":["$secret"]},"key_encoding":{"type":"string","enum":["utf8","hex","base64"],"default":"utf8","description":"How the key of an hmac is written.","examples":["hex"]},"certificate":{"type":"object","description":"The certificate that holds the key of rsa, where the delivery names it.","examples":[{"url":"$headers.`acme-cert-url`","hosts":["api.acme.test"]}],"additionalProperties":false,"required":["url","hosts"],"properties":{"url":{"type":"string","x-expression":{"scope":["headers"]},"description":"Where it is.","examples":["$headers.`acme-cert-url`"]},"hosts":{"type":"array","minItems":1,"description":"The only hosts that it is taken from.","examples":[["api.acme.test"]],"items":{"type":"string","pattern":"^[a-z0-9.-]+$","description":"Host name.","examples":["api.acme.test"]}}}},"parts":{"type":"array","minItems":1,"description":"What is signed, in order. Default the body.","examples":[["timestamp","body"]],"items":{"description":"One part.","examples":["body"],"oneOf":[{"type":"string","enum":["body","body_crc32","timestamp","url"],"description":"The bytes of the body, their CRC-32 as a decimal number, the time as it was sent, or the address of the delivery.","examples":["body"]},{"type":"object","description":"A text of its own.","examples":[{"value":"$headers.`acme-id`"}],"additionalProperties":false,"required":["value"],"properties":{"value":{"type":"string","x-expression":{"scope":["headers","query","event","endpoint"]},"description":"The text; a missing one is empty. Over the event where each is signed.","examples":["$headers.`acme-id`"]}}}]}},"separator":{"type":"string","default":"","description":"What stands between the parts.","examples":["."]},"timestamp":{"type":"object","description":"When it was signed.","examples":[{"value":"$headers.`acme-time`","tolerance_s":300}],"additionalProperties":false,"required":["value"],"properties":{"value":{"type":"string","x-expression":{"scope":["headers","query","event"]},"description":"The time.","examples":["$headers.`acme-time`"]},"form":{"type":"string","enum":["s","ms","rfc3339"],"default":"s","description":"How it is written.","examples":["ms"]},"tolerance_s":{"type":"integer","minimum":1,"description":"Greatest age in seconds. Default none.","examples":[300]}}}}},"WebhookProvision":{"type":"object","description":"How deliveries are asked for.","examples":[{"create":{"to":"hooks.create","body":{"url":"$url"},"id":"id","secret":"secret"},"delete":{"to":"hooks.delete","path":{"id":"$endpoint.id"}}}],"additionalProperties":false,"oneOf":[{"required":["create"]},{"required":["manual"]}],"properties":{"methods":{"type":"array","minItems":1,"description":"Auth methods that it is for. Default all.","examples":[["api_key"]],"items":{"type":"string","description":"Auth method.","examples":["api_key"]}},"per":{"type":"string","enum":["account","app"],"default":"account","description":"Whose the address is: one for each account, or one for all accounts of an auth method, told apart by the account that each event names.","examples":["app"]},"manual":{"type":"string","description":"What a person does at the provider with the address, and which secret to bring back.","examples":["In the console, under Webhooks, add the address and keep its secret."]},"create":{"type":"object","description":"The operation that asks for deliveries.","examples":[{"to":"hooks.create","body":{"url":"$url"},"id":"id","secret":"secret"}],"additionalProperties":false,"required":["to","id"],"properties":{"to":{"$ref":"#/$defs/OperationRef"},"path":{"$ref":"#/$defs/ProvisionValues"},"body":{"$ref":"#/$defs/ProvisionValues"},"id":{"type":"string","x-expression":{"scope":[]},"description":"What the provider calls the address, over the answer.","examples":["id"]},"secret":{"type":"string","x-expression":{"scope":[]},"description":"The secret, over the answer. Without it one is made here and told as `$secret`.","examples":["secret"]}}},"update":{"type":"object","description":"The operation that tells of another address. Without it the old one is deleted and a new one made.","examples":[{"to":"hooks.update","path":{"id":"$endpoint.id"},"body":{"url":"$url"}}],"additionalProperties":false,"required":["to"],"properties":{"to":{"$ref":"#/$defs/OperationRef"},"path":{"$ref":"#/$defs/ProvisionValues"},"body":{"$ref":"#/$defs/ProvisionValues"}}},"delete":{"type":"object","description":"The operation that ends deliveries.","examples":[{"to":"hooks.delete","path":{"id":"$endpoint.id"}}],"additionalProperties":false,"required":["to"],"properties":{"to":{"$ref":"#/$defs/OperationRef"},"path":{"$ref":"#/$defs/ProvisionValues"}}}}},"ProvisionValues":{"type":"object","description":"Native name (dots nest) to value. A missing value is not sent.","examples":[{"url":"$url"}],"additionalProperties":{"description":"A value that is sent.","examples":["$url"],"oneOf":[{"type":"string","minLength":1,"x-expression":{"scope":["url","secret","endpoint","account","connection","api_version"]},"description":"An expression.","examples":["$url"]},{"$ref":"#/$defs/Constant"}]}}}}

/** The document kinds and the name of each one's schema in LANGUAGE_SCHEMA. */
export const DOCUMENTS = {"case":"CaseFile","integration":"Integration","mapping":"MappingFile","resource":"Resource","rule":"Rule","sandbox":"SandboxFile","unified-common":"UnifiedCommon","unified-model":"UnifiedModel","unified-resource":"UnifiedResource","webhooks":"Webhooks"} as const
