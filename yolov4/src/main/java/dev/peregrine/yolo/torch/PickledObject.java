package dev.peregrine.yolo.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * An object of a class that the reader does not know: its name and what the file says of it, inert.
 *
 * <p>Two of them are equal only if they are the same.
 */
public final class PickledObject {
  private final PickledName type;
  private final List<?> arguments;
  private final List<Object> elements = new ArrayList<>();
  private Object state = PickledName.NONE;

  PickledObject(PickledName type, List<?> arguments) {
    this.type = type;
    this.arguments = Collections.unmodifiableList(arguments);
  }

  /**
   * Returns the class or function that Python would call.
   *
   * @return its name
   */
  public PickledName type() {
    return type;
  }

  /**
   * Returns what Python would call it with.
   *
   * @return values as in {@link TorchFile#content}
   */
  public List<Object> arguments() {
    return Collections.unmodifiableList(arguments);
  }

  /**
   * Returns what Python would set afterwards, most often the attributes by name.
   *
   * @return a value as in {@link TorchFile#content}; {@link PickledName#NONE} where there is none
   */
  public Object state() {
    return state;
  }

  /**
   * Returns what was appended to it, for classes that are lists, sets or dicts.
   *
   * @return the elements; of a dict, keys and values in turn
   */
  public List<Object> elements() {
    return Collections.unmodifiableList(elements);
  }

  /**
   * Returns one attribute.
   *
   * @param name of the attribute
   * @return its value; {@link PickledName#NONE} where there is none
   */
  public Object attribute(String name) {
    Object value = state instanceof Map<?, ?> map ? map.get(name) : null;
    return value == null ? PickledName.NONE : value;
  }

  void state(Object value) {
    state = value;
  }

  void add(List<?> values) {
    elements.addAll(values);
  }

  @Override
  public String toString() {
    return type + "(...)";
  }
}
