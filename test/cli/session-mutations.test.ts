import { SESSION } from '../../src/cli/conformance/run.js'
import { findOut } from './find-out.js'
import { SESSION_MUTATIONS } from './mutations.js'

findOut(SESSION, SESSION_MUTATIONS)
