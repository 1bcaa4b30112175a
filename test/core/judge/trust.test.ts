import { expect, test } from 'vitest'
import { ownersOf, type RunOrigin, trustOf } from '../../../src/core/judge/trust.ts'

const sha = 'a'.repeat(40)
const origin: RunOrigin = {
  event: 'pull_request',
  sameRepository: true,
  elsewhere: null,
  builtHere: false,
  changed: ['data/site/labels/1.txt'],
  reviews: [],
  author: 'alice',
  headSha: sha,
  codeOwners: '/gates/ @carol\n/.github/ @carol @dora\n',
}
const approval = { user: 'carol', state: 'APPROVED', commit: sha }
const policy = ['gates/model.yaml']

test.each<[string, Partial<RunOrigin>, boolean]>([
  ['data of the repository’s own branch', {}, true],
  ['a fork', { sameRepository: false }, false],
  ['a fork whose workflow a code owner approved', { sameRepository: false, reviews: [approval] }, false],
  ['the merge queue', { event: 'merge_group', sameRepository: true, changed: policy }, true],
  ['a run by hand', { event: 'workflow_dispatch', changed: policy }, true],
  [
    'a commit that is proposed for another branch too',
    { elsewhere: 'this branch is proposed for another branch too' },
    false,
  ],
  ['the actions’ own source, where it is data like any other', { changed: ['src/a.ts', 'package.json'] }, true],
  ['the actions’ own source, where runs build it', { changed: ['src/a.ts'], builtHere: true }, false],
  ['what installs the build’s tools', { changed: ['.npmrc'], builtHere: true }, false],
  ['data, where runs build the actions', { builtHere: true }, true],
  ['a schedule', { event: 'schedule' }, false],
  ['a changed policy', { changed: policy }, false],
  ['a changed workflow', { changed: ['.github/workflows/dataset-pr.yml'] }, false],
  ['a changed action', { changed: ['tools/action.yml'] }, false],
  ['built actions', { changed: ['dist/report/main.mjs'] }, false],
  ['a changed DVC configuration', { changed: ['.dvc/config'] }, false],
  ['changed owners', { changed: ['CODEOWNERS'] }, false],
  ['a changed policy that its owner approved', { changed: policy, reviews: [approval] }, true],
  ['an approval of an earlier commit', { changed: policy, reviews: [{ ...approval, commit: 'b'.repeat(40) }] }, false],
  ['an approval by somebody else', { changed: policy, reviews: [{ ...approval, user: 'erin' }] }, false],
  ['the author’s own approval', { changed: policy, author: 'carol', reviews: [approval] }, false],
  [
    'an approval that was taken back',
    { changed: policy, reviews: [approval, { ...approval, state: 'DISMISSED' }] },
    false,
  ],
  [
    'an approval with a comment after it',
    { changed: policy, reviews: [approval, { ...approval, state: 'COMMENTED' }] },
    true,
  ],
  [
    'a request for changes after it',
    { changed: policy, reviews: [approval, { ...approval, state: 'CHANGES_REQUESTED' }] },
    false,
  ],
  ['one of two files that nobody owns', { changed: [...policy, 'actions/x/main.ts'], reviews: [approval] }, false],
  ['no code owners', { changed: policy, reviews: [approval], codeOwners: null }, false],
])('%s: trusted %s', (_, change, trusted) => {
  expect(trustOf({ ...origin, ...change }).trusted).toBe(trusted)
})

test.each([
  ['*', 'a/b.txt', true],
  ['*.yaml', 'gates/model.yaml', true],
  ['/gates/', 'gates/deep/model.yaml', true],
  ['/gates/', 'data/gates/model.yaml', false],
  ['gates/', 'data/gates/model.yaml', true],
  ['/gates/*', 'gates/model.yaml', true],
  ['/gates/*', 'gates/deep/model.yaml', false],
  ['/gates/**', 'gates/deep/model.yaml', true],
  ['**/model.yaml', 'gates/deep/model.yaml', true],
  ['/gates', 'gates/model.yaml', true],
  ['/gates', 'gates2/model.yaml', false],
  ['/a.b/', 'aXb/c', false],
])('the pattern %s owns %s: %s', (pattern, path, owned) => {
  expect(ownersOf(`${pattern} @carol`, path)).toEqual(owned ? ['@carol'] : [])
})

test('the last line that matches counts, also one that names nobody', () => {
  const text = '* @all\n/gates/ @carol # policies\n/gates/free.yaml\n'
  expect(ownersOf(text, 'gates/model.yaml')).toEqual(['@carol'])
  expect(ownersOf(text, 'gates/free.yaml')).toEqual([])
  expect(ownersOf(text, 'x')).toEqual(['@all'])
})
