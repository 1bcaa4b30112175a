/** What runs an artefact. */
export type ArtifactRuntime = 'onnx' | 'openvino' | 'tflite' | 'tensorrt' | 'pytorch'

const endings: [RegExp, ArtifactRuntime][] = [
  [/\.onnx$/, 'onnx'],
  [/(_openvino_model|\.xml)$/, 'openvino'],
  [/\.tflite$/, 'tflite'],
  [/\.(engine|plan)$/, 'tensorrt'],
  [/\.pt$/, 'pytorch'],
]

/** What runs an artefact, by its file's or folder's name; null for one that nothing here runs. */
export function runtimeOf(artifact: string): ArtifactRuntime | null {
  const path = artifact.replace(/[/\\]+$/, '')
  return endings.find(([ending]) => ending.test(path))?.[1] ?? null
}

/** What sluice export calls an artefact, by its name; gates name formats so. */
export function formatOf(artifact: string): string {
  const runtime = runtimeOf(artifact) ?? 'onnx'
  const format = runtime === 'tensorrt' ? 'engine' : runtime
  const name = artifact.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '')
  const precision = /[._](fp16|float16|half|int8-all|int8)[._]/.exec(name)?.[1]?.replace(/^(float16|half)$/, 'fp16')
  return precision ? `${format}-${precision}` : format
}
