import { PLAIN } from '../../src/cli/conformance/run.js'
import { findOut } from './find-out.js'
import { PLAIN_MUTATIONS } from './mutations.js'

findOut(PLAIN, PLAIN_MUTATIONS)
