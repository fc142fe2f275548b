package dev.peregrine.yolo.torch;

/**
 * The name of a Python class or function in a pickle: a text, behind which nothing is looked up.
 *
 * @param module for instance {@code torch.nn.modules.conv}
 * @param name for instance {@code Conv2d}
 */
public record PickledName(String module, String name) {
  /** What stands for Python's None. */
  public static final PickledName NONE = new PickledName("builtins", "None");

  @Override
  public String toString() {
    return this.equals(NONE) ? name : module + "." + name;
  }
}
