import fc from 'fast-check'

/** One change of bytes; positions are shares of the length, so that they fit every seed. */
type Change =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'byte'; at: number; value: number }
  | { kind: 'cut'; at: number; length: number }
  | { kind: 'end'; at: number }
  | { kind: 'repeat'; at: number; length: number; times: number }
  | { kind: 'insert'; at: number; token: string }
  | { kind: 'splice'; at: number; seed: number; from: number }

/** What parsers stumble over: prototypes, huge and odd numbers, comments, marks, controls, deep nesting. */
const tokens = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'true', '~', 'NaN', '-Infinity', '1e999', '-0'],
  ...[
    '9007199254740993',
    '1e-400',
    '0x1f',
    '0o17',
    '.5',
    '5.',
    '--',
    '\0',
    '\ufeff',
    '\u2028',
    '\ud800',
    'é',
    '語',
    '\x1b[31m',
  ],
  ...[
    '\n::error::x\n',
    '<<<<<<< HEAD\n',
    '=======\n',
    '../',
    '/etc/passwd',
    'http://x',
    '\\',
    '"',
    "'",
    '&a',
    '*a',
    '!!js/f',
    '<<: ',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '- ',
    '? ',
    '| \n',
    '%YAML 9\n',
    '---\n',
    '\t',
    '\r\n',
    '<![CDATA[',
    '<!--',
    '&#x110000;',
    '&lt;',
  ],
  ...[
    '['.repeat(3000),
    '{"a":'.repeat(3000),
    'a: {'.repeat(500),
    '<a>'.repeat(2000),
    '9'.repeat(400),
    ' '.repeat(5000),
  ],
]

const share = fc.double({ min: 0, max: 1, noNaN: true })
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: share, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('byte' as const), at: share, value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: share, length: fc.nat(60) }),
  fc.record({ kind: fc.constant('end' as const), at: share }),
  fc.record({ kind: fc.constant('repeat' as const), at: share, length: fc.nat(40), times: fc.nat(5) }),
  fc.record({ kind: fc.constant('insert' as const), at: share, token: fc.constantFrom(...tokens) }),
  fc.record({ kind: fc.constant('splice' as const), at: share, seed: fc.nat(20), from: share }),
)

/** Bytes of a seed, changed a few times; or nothing of a seed at all. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const fromSeed = fc
    .tuple(fc.nat(seeds.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([seed, changes]) => changes.reduce((bytes, one) => applied(bytes, one, seeds), seeds[seed] as Uint8Array))
  const words = fc.array(fc.oneof(fc.constantFrom(...tokens), fc.string()), { maxLength: 12 })
  const made = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    words.map((list) => Buffer.from(list.join(' '))),
    fc.json().map((text) => Buffer.from(text)),
  )
  return fc.oneof({ weight: 5, arbitrary: fromSeed }, { weight: 1, arbitrary: made })
}

function applied(bytes: Uint8Array, one: Change, seeds: readonly Uint8Array[]): Uint8Array {
  const at = Math.floor(one.at * bytes.length)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts)).subarray(0, 1 << 20)
  if (one.kind === 'cut') return join(before, after.subarray(one.length))
  if (one.kind === 'end') return before
  if (one.kind === 'repeat') {
    const part = after.subarray(0, one.length)
    return join(before, ...Array.from({ length: one.times }, () => part), after)
  }
  if (one.kind === 'insert') return join(before, Buffer.from(one.token), after)
  if (one.kind === 'splice') {
    const other = seeds[one.seed % seeds.length] as Uint8Array
    return join(before, other.subarray(Math.floor(one.from * other.length)))
  }
  const copy = bytes.slice()
  if (at < copy.length) copy[at] = one.kind === 'byte' ? one.value : (copy[at] as number) ^ (1 << one.bit)
  return copy
}
