/** Arguments that Ultralytics 8.4 takes for training, validation or export (its own default list). */
export const knownArguments: ReadonlySet<string> = new Set(
  `task mode model data epochs time patience batch imgsz save save_period cache device workers project name exist_ok
  save_dir pretrained cls_remap optimizer verbose seed deterministic single_cls rect cos_lr close_mosaic resume amp
  fraction profile freeze multi_scale compile channels_last overlap_mask mask_ratio dropout val split save_json conf iou
  max_det quantize dnn plots nms source vid_stride stream_buffer visualize augment agnostic_nms classes retina_masks
  embed show save_frames save_txt save_conf save_crop show_labels show_conf show_boxes line_width format optimize
  dynamic simplify opset workspace lr0 lrf momentum weight_decay warmup_epochs warmup_momentum warmup_bias_lr
  distill_model dis box cls cls_pw dfl pose kobj rle angle dlog dgrad dlam nbs hsv_h hsv_s hsv_v degrees translate scale
  shear perspective flipud fliplr bgr mosaic mixup cutmix copy_paste copy_paste_mode auto_augment augmentations erasing
  cfg tracker`
    .split(/\s+/)
    .filter(Boolean),
)

/** Names that earlier releases took, with what replaced them; null: gone, and ignored with a warning. */
export const deprecatedArguments: ReadonlyMap<string, string | null> = new Map([
  ['half', 'quantize=16'],
  ['int8', 'quantize=8'],
  ['boxes', 'show_boxes'],
  ['hide_labels', 'show_labels (the other way round)'],
  ['hide_conf', 'show_conf (the other way round)'],
  ['line_thickness', 'line_width'],
  ['label_smoothing', null],
  ['save_hybrid', null],
  ['crop_fraction', null],
])

/** Names of the trainer’s YOLOv5 days that still stand in advice; v8 and newer have nothing they could mean. */
export const objectnessArguments: ReadonlySet<string> = new Set(['obj', 'obj_pw', 'objectness', 'obj_loss'])
export const anchorArguments: ReadonlySet<string> = new Set(['anchors', 'anchor_t', 'anchor', 'noautoanchor', 'iou_t'])
export const weightArguments: ReadonlySet<string> = new Set([
  'weights_per_image',
  'image_weights',
  'sample_weight',
  'sample_weights',
  'box_weights',
  'label_weights',
  'loss_weights',
  'class_weights',
  'weight',
])
