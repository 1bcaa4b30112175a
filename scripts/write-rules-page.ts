import { fileURLToPath } from 'node:url'
import { writeWhole } from '../src/adapters/files.ts'
import { rules } from '../src/core/check/rules.ts'
import { rulesPage } from '../src/core/render/rules-page.ts'

writeWhole(fileURLToPath(new URL('../docs/rules.md', import.meta.url)), rulesPage(rules))
