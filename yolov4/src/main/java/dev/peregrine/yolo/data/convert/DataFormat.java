package dev.peregrine.yolo.data.convert;

/** The forms in which data sets are written. */
public enum DataFormat {
  /** {@code images}, {@code labels} with a text file a picture, and {@code data.yaml}. */
  YOLO,
  /** {@code images} and {@code annotations/instances_SPLIT.json}. */
  COCO,
  /** {@code JPEGImages}, {@code Annotations} with an xml a picture, and {@code ImageSets/Main}. */
  VOC
}
