import { memoryStore } from '../../src/store/memory.ts'
import { describeStore } from '../contract/stores.ts'

describeStore('memoryStore', () => {
  const store = memoryStore()
  return Promise.resolve({ open: () => Promise.resolve(store), remove: () => Promise.resolve() })
})
