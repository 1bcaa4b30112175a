import type { Rule } from './rule.ts'
import { annotationReference } from './rules/annotation-reference.ts'
import { annotationShape } from './rules/annotation-shape.ts'
import { boxAspectExtreme } from './rules/box-aspect-extreme.ts'
import { boxClassConflict } from './rules/box-class-conflict.ts'
import { boxDuplicate } from './rules/box-duplicate.ts'
import { boxFullImage } from './rules/box-full-image.ts'
import { boxMostlyOutside } from './rules/box-mostly-outside.ts'
import { boxNearDuplicate } from './rules/box-near-duplicate.ts'
import { boxNegativeSize } from './rules/box-negative-size.ts'
import { boxNested } from './rules/box-nested.ts'
import { boxOutsideImage } from './rules/box-outside-image.ts'
import { boxShapeOutlier } from './rules/box-shape-outlier.ts'
import { boxTiny } from './rules/box-tiny.ts'
import { boxTinyInTraining } from './rules/box-tiny-in-training.ts'
import { boxZeroArea } from './rules/box-zero-area.ts'
import { classBalance } from './rules/class-balance.ts'
import { classDrift } from './rules/class-drift.ts'
import { classMissingInTrain } from './rules/class-missing-in-train.ts'
import { classMissingInVal } from './rules/class-missing-in-val.ts'
import { classNames } from './rules/class-names.ts'
import { classOrder } from './rules/class-order.ts'
import { classThinInVal } from './rules/class-thin-in-val.ts'
import { classUnused } from './rules/class-unused.ts'
import { imageBlank } from './rules/image-blank.ts'
import { imageDuplicate } from './rules/image-duplicate.ts'
import { imageDuplicateLabels } from './rules/image-duplicate-labels.ts'
import { imageListedTwice } from './rules/image-listed-twice.ts'
import { imageLoaderTrap } from './rules/image-loader-trap.ts'
import { imageLocation } from './rules/image-location.ts'
import { imageMissing } from './rules/image-missing.ts'
import { imageMode } from './rules/image-mode.ts'
import { imageName } from './rules/image-name.ts'
import { imageNearDuplicate } from './rules/image-near-duplicate.ts'
import { imageSize } from './rules/image-size.ts'
import { imageUnreadable } from './rules/image-unreadable.ts'
import { labelClass } from './rules/label-class.ts'
import { labelClassFormat } from './rules/label-class-format.ts'
import { labelColumns } from './rules/label-columns.ts'
import { labelCorners } from './rules/label-corners.ts'
import { labelEncoding } from './rules/label-encoding.ts'
import { labelKind } from './rules/label-kind.ts'
import { labelMissing } from './rules/label-missing.ts'
import { labelNumber } from './rules/label-number.ts'
import { labelOrphan } from './rules/label-orphan.ts'
import { labelRange } from './rules/label-range.ts'
import { labelRangeTolerated } from './rules/label-range-tolerated.ts'
import { labelSource } from './rules/label-source.ts'
import { labelStale } from './rules/label-stale.ts'
import { labelUnreviewed } from './rules/label-unreviewed.ts'
import { nameCollision } from './rules/name-collision.ts'
import { pathOutside } from './rules/path-outside.ts'
import { provenanceMissing } from './rules/provenance-missing.ts'
import { provenanceSyntax } from './rules/provenance-syntax.ts'
import { provenanceUnmatched } from './rules/provenance-unmatched.ts'
import { specAttribute } from './rules/spec-attribute.ts'
import { specCrowded } from './rules/spec-crowded.ts'
import { specExemplar } from './rules/spec-exemplar.ts'
import { specGroup } from './rules/spec-group.ts'
import { specMismatch } from './rules/spec-mismatch.ts'
import { specOcclusion } from './rules/spec-occlusion.ts'
import { specSignature } from './rules/spec-signature.ts'
import { specSmallObject } from './rules/spec-small-object.ts'
import { specTarget } from './rules/spec-target.ts'
import { specTruncation } from './rules/spec-truncation.ts'
import { specUnsigned } from './rules/spec-unsigned.ts'
import { specVisible } from './rules/spec-visible.ts'
import { splitDivergence } from './rules/split-divergence.ts'
import { splitLeak } from './rules/split-leak.ts'
import { splitTimeNeighbour } from './rules/split-time-neighbour.ts'
import { splitUnlisted } from './rules/split-unlisted.ts'
import { validationGroup } from './rules/validation-group.ts'
import { validationUnproven } from './rules/validation-unproven.ts'

/** Every rule, in the order in which findings of equal severity are told. */
export const rules: readonly Rule[] = [
  labelEncoding,
  labelColumns,
  labelNumber,
  labelClass,
  labelClassFormat,
  labelRange,
  labelRangeTolerated,
  labelCorners,
  labelKind,
  boxNegativeSize,
  boxZeroArea,
  boxMostlyOutside,
  boxOutsideImage,
  boxTiny,
  boxTinyInTraining,
  boxFullImage,
  boxDuplicate,
  boxNearDuplicate,
  boxNested,
  boxClassConflict,
  boxAspectExtreme,
  boxShapeOutlier,
  labelMissing,
  labelOrphan,
  labelSource,
  labelUnreviewed,
  validationUnproven,
  validationGroup,
  labelStale,
  imageMissing,
  imageUnreadable,
  imageLoaderTrap,
  imageSize,
  imageDuplicate,
  imageDuplicateLabels,
  imageNearDuplicate,
  imageBlank,
  imageMode,
  imageLocation,
  imageName,
  imageListedTwice,
  nameCollision,
  pathOutside,
  annotationReference,
  annotationShape,
  splitLeak,
  splitTimeNeighbour,
  splitUnlisted,
  splitDivergence,
  classNames,
  classUnused,
  classMissingInTrain,
  classMissingInVal,
  classThinInVal,
  classOrder,
  classBalance,
  classDrift,
  specMismatch,
  specSignature,
  specUnsigned,
  specExemplar,
  specSmallObject,
  specOcclusion,
  specVisible,
  specTruncation,
  specGroup,
  specCrowded,
  specAttribute,
  specTarget,
  provenanceSyntax,
  provenanceMissing,
  provenanceUnmatched,
]
