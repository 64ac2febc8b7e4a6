import 'node:http'
import '@hono/node-server'
import 'ajv/dist/2020.js'
import 'ajv-formats'
import 'better-sqlite3'
import 'commander'
import 'hono'
import 'ipaddr.js'
import 'jsonata'
import 'kysely'
import 'pg'
import 'pino'
import 'prom-client'
import 'undici'
import 'yaml'
import { answerParent } from '../harness/answer.ts'

// The floor of the start: the libraries that the server loads, and nothing done with them.
answerParent({ ready: () => true })
