export type Split = 'train' | 'val' | 'test' | 'none'

/** What is known of where an image and its labels come from: one line of provenance.ndjson. */
export type Provenance = {
  image: string
  source?: string
  time?: string
  camera?: string
  scene?: string
  video?: string
  frame?: number
  uploader?: string
  licence?: string
  /** Further texts, e.g. weather: images are grouped by them as by cameras. */
  own?: { [field: string]: string }
  width?: number
  height?: number
  boxes?: BoxProvenance[]
}

/** Keyed by class and coordinates rounded to 1e-6, never by line number. */
export type BoxProvenance = {
  classId: number
  box: [cx: number, cy: number, w: number, h: number]
  annotator?: string
  reviewPass?: number
  confidence?: number
  source?: 'human' | 'simulated-human' | 'pseudo' | 'prelabel' | 'synthetic'
  teacher?: string
  /** Hidden share of the object, 0 to 1. */
  occlusion?: number
  /** The picture's edge cuts the object off. */
  truncated?: boolean
  /** Neither a plain label nor background: limits of the spec do not hold for it. */
  ignore?: boolean
  /** One box over several objects. */
  group?: boolean
}

/** What an image's pixels tell at a small size; taken only where images are decoded. */
export type Look = {
  /** 64-bit perceptual hashes, as 16 hex digits: of the DCT (phash) and of gradients (dhash). */
  phash: string
  dhash: string
  /** Means over the pixels, 0 to 255: luminance, its standard deviation, saturation. */
  brightness: number
  contrast: number
  saturation: number
  /** Variance of the Laplacian of the luminance at the small size. */
  sharpness: number
}

/** Two images that show the same picture, encoded or sized anew: their pixels were compared, not their hashes alone. */
export type PictureCopy = {
  image: number
  /** Index into the same data set, or into the base where `inBase`. */
  other: number
  inBase: boolean
  correlation: number
}

export type DatasetImage = {
  /** Identity within the data set: path below the images folder, forward slashes, NFC, without extension. */
  name: string
  /** Path of the image file relative to the data set's root, forward slashes. */
  file: string
  /** Path of the label file relative to the root; null when there is none (background). */
  labelFile: string | null
  split: Split
  /** Pixels, upright; 0 when unknown because the file is missing or unreadable. */
  width: number
  height: number
  /** MD5 of the image file's bytes, as DVC writes it; null when images were not hashed. */
  md5: string | null
  provenance: Provenance | null
  look?: Look
}

/** All boxes of a data set, one row a label row, in image order and then file order. */
export type BoxColumns = {
  count: number
  /** Index into Dataset.images. */
  image: Uint32Array
  classId: Int32Array
  /** Normalised centre and size, as YOLO writes them. */
  cx: Float64Array
  cy: Float64Array
  w: Float64Array
  h: Float64Array
  /** 1-based line in the label file (or, for JSON and XML, the line where the object starts). */
  line: Uint32Array
}

/** Something in a file that cannot be taken as it stands; rules turn it into findings. */
export type Defect = {
  code: string
  file: string
  line: number
  column: number
  message: string
  image: string | null
  /** What the defect is about without its place (a row's text, say): a finding's fingerprint is made of it. */
  key?: string
}

export type Dataset = {
  /** Folder it was read from, as given; only for messages. */
  root: string
  format: 'yolo' | 'coco' | 'voc'
  /** Class names by id. */
  classes: string[]
  images: DatasetImage[]
  boxes: BoxColumns
  /** Everything that the readers refused or repaired, in file order. */
  defects: Defect[]
  /** What a reader could not know, one sentence each; never a defect of the data. */
  notes?: string[]
  /** What the format said and this model cannot hold (polygons, crowds, difficult marks), one sentence each. */
  lost?: string[]
  /** Pairs of images of one picture, found where images were looked at; absent means nobody looked. */
  copies?: PictureCopy[]
  /** Whether image files are there at all (labels can be fetched without them); absent means they are. */
  imagesPresent?: boolean
}

/** Rows of each image: boxes of image i are rows start[i] up to, not including, start[i + 1]. */
export function rowStarts(dataset: Pick<Dataset, 'images' | 'boxes'>): Uint32Array {
  const start = new Uint32Array(dataset.images.length + 1)
  for (let row = 0; row < dataset.boxes.count; row++) start[(dataset.boxes.image[row] as number) + 1]!++
  for (let i = 1; i < start.length; i++) start[i]! += start[i - 1] as number
  return start
}
