import { describe } from 'vitest'
import { openStore } from '../../../src/store/sqlite.ts'
import { storeContract } from '../../contract/store.ts'
import { OPTIONS, openScratchStore } from './scratch.ts'

describe('SQLite in a file', () => storeContract(openScratchStore))
describe('SQLite in memory', () => storeContract(() => openStore(':memory:', OPTIONS)))
