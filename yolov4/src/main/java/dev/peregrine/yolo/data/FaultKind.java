package dev.peregrine.yolo.data;

/** What can be wrong with a data set, how bad that is, and what is done about it. */
public enum FaultKind {
  /** The file that describes the data set contradicts itself or names what is not there. */
  DESCRIPTION(Severity.ERROR, "wrong description", "nothing is trained"),
  /** The stated number of classes is not the number of their names. */
  CLASS_COUNT(Severity.ERROR, "wrong class count", "nothing is trained"),
  /** A picture is named that is not there. */
  PICTURE_MISSING(Severity.ERROR, "picture missing", "training refuses"),
  /** A picture cannot be decoded. */
  PICTURE_DAMAGED(Severity.ERROR, "picture damaged", "training refuses"),
  /** A file of labels cannot be read or is not of its format. */
  LABELS_UNREADABLE(Severity.ERROR, "label file unreadable", "training refuses"),
  /** A file of labels whose name is nearly that of a picture without labels. */
  LABELS_MISNAMED(Severity.ERROR, "label file of another name", "training refuses"),
  /** No picture of a split has labels. */
  NO_LABELS(Severity.ERROR, "no labels at all", "training refuses"),
  /** A label has too few or too many parts. */
  WRONG_FIELDS(Severity.ERROR, "wrong number of fields", "training refuses"),
  /** Something is not a number, or not a finite one. */
  NOT_A_NUMBER(Severity.ERROR, "not a number", "training refuses"),
  /** A class that the data set does not have. */
  CLASS_UNKNOWN(Severity.ERROR, "class out of range", "training refuses"),
  /** Coordinates that seem to be pixels where fractions are asked for. */
  NOT_NORMALISED(Severity.ERROR, "not normalised", "training refuses"),
  /** A box that leaves its picture. */
  OUTSIDE(Severity.ERROR, "box outside the picture", "training refuses"),
  /** A box without area. */
  EMPTY_BOX(Severity.ERROR, "box without area", "training refuses"),
  /** A label of a picture that is not listed. */
  LABEL_WITHOUT_PICTURE(Severity.ERROR, "label of an unknown picture", "training refuses"),
  /** The size that the labels state is not that of the picture. */
  SIZE_DIFFERS(Severity.ERROR, "stated size differs", "training refuses"),
  /** One picture both in what is learned from and in what is measured on. */
  LEAKED(Severity.ERROR, "picture leaked between splits", "training refuses"),

  /** A picture without a label file. */
  LABELS_MISSING(Severity.WARNING, "picture without labels", "taken as background"),
  /** A label file without a picture. */
  LABELS_WITHOUT_PICTURE(Severity.WARNING, "labels without picture", "not read"),
  /** More than one label file for a picture. */
  TWO_LABEL_FILES(Severity.WARNING, "two label files", "the first is read"),
  /** One label file for several pictures. */
  SHARED_LABELS(Severity.WARNING, "shared label file", "read for each picture"),
  /** One label twice. */
  REPEATED_LABEL(Severity.WARNING, "repeated label", "counted once"),
  /** One box with two classes. */
  TWO_CLASSES(Severity.WARNING, "one box, two classes", "both are learned"),
  /** A picture named twice in a split. */
  LISTED_TWICE(Severity.WARNING, "picture listed twice", "learned twice an epoch"),
  /** The same pixels in two files of a split. */
  SAME_PICTURE(Severity.WARNING, "duplicate picture", "learned twice an epoch"),
  /** Nearly the same pixels in two splits, such as one picture in two encodings. */
  ALIKE(Severity.WARNING, "pictures of two splits alike", "kept; scores may flatter"),
  /** Two splits that are one and the same by the description. */
  SAME_SPLITS(Severity.WARNING, "splits are the same", "scores measure memory"),
  /** The camera's note turns the picture. */
  TURNED(Severity.WARNING, "picture turned by EXIF", "turned before anything else"),
  /** A picture too small to show anything. */
  TINY_PICTURE(Severity.WARNING, "tiny picture", "kept"),
  /** A file of a picture format that is not read. */
  FORMAT_UNREAD(Severity.WARNING, "picture format not read", "left out"),
  /** A box that no anchor serves at the size of the network. */
  UNSERVED_BOX(Severity.WARNING, "box that no anchor serves", "may never be learned"),
  /** Another program's cache that is older than the labels. */
  STALE_CACHE(Severity.WARNING, "stale cache", "not read; other programs do"),
  /** A class that has no object. */
  UNUSED_CLASS(Severity.WARNING, "class without objects", "cannot be learned"),
  /** Classes that seem to be counted from 1. */
  COUNTED_FROM_ONE(Severity.WARNING, "classes counted from 1", "see the classes out of range"),
  /** Two classes of one name. */
  SAME_NAME(Severity.WARNING, "class name twice", "two classes"),

  /** A label file without a label. */
  LABELS_EMPTY(Severity.NOTE, "empty label file", "background"),
  /** A crowd or an object marked as difficult. */
  IGNORED(Severity.NOTE, "crowd or difficult object", "not learned, not judged");

  /** How bad a fault is. */
  public enum Severity {
    /** Training refuses. */
    ERROR,
    /** Training goes on; somebody should look. */
    WARNING,
    /** As it may be, told so that nobody wonders. */
    NOTE
  }

  private final Severity severity;
  private final String title;
  private final String outcome;

  FaultKind(Severity severity, String title, String outcome) {
    this.severity = severity;
    this.title = title;
    this.outcome = outcome;
  }

  /**
   * How bad it is.
   *
   * @return the severity
   */
  public Severity severity() {
    return severity;
  }

  /**
   * A few words for tables.
   *
   * @return the words, without a full stop
   */
  public String title() {
    return title;
  }

  /**
   * What the programs of this project do about it.
   *
   * @return a few words, without a full stop
   */
  public String outcome() {
    return outcome;
  }
}
