import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { checkReferences } from './references.ts'

/** Looks at one thing in an integration and reports what contradicts itself. */
type Check = (subject: Subject) => readonly Issue[]

const CHECKS: readonly Check[] = [checkReferences]

/** Everything that holds its schema and yet makes no sense. */
export const checkIntegration = (subject: Subject): Issue[] => CHECKS.flatMap((check) => check(subject))
