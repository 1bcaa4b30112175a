import { sha256 } from '../core/documents/define.ts'
import type { Storage } from '../ports.ts'

/**
 * Digest and size of an artefact: of its bytes where it is one file, and for an OpenVINO graph of the graph and the weights
 * beside it, since neither is the model alone.
 */
export function identifyArtifact(
  storage: Pick<Storage, 'read' | 'exists'> & Partial<Pick<Storage, 'list'>>,
  artifact: string,
): { sha256: string; bytes: number } {
  const graph = /_openvino_model[/\\]?$/.test(artifact) ? graphIn(storage, artifact.replace(/[/\\]$/, '')) : artifact
  const weights = graph.replace(/\.xml$/, '.bin')
  const bytes = storage.read(graph)
  if (weights === graph || !storage.exists(weights)) return { sha256: sha256(bytes), bytes: bytes.length }
  const more = storage.read(weights)
  return { sha256: sha256(`${sha256(bytes)}\n${sha256(more)}\n`), bytes: bytes.length + more.length }
}

function graphIn({ list }: Partial<Pick<Storage, 'list'>>, folder: string): string {
  const graph = list?.(folder).find((name) => name.endsWith('.xml'))
  return graph === undefined ? folder : `${folder}/${graph}`
}
