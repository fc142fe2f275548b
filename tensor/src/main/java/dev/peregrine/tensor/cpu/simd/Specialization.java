package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Copies of one class, each compiled for a constant of its own.
 *
 * <p>A loop that chooses a function inside runs ten times slower once it has seen several functions
 * (measured: 0.4 instead of 5 Gelem/s), because the vectors that meet behind the choice are put
 * into objects. A loop for each function by hand would be the same text thirty times. So the loop
 * is written once, in a <em>template</em> class whose constant comes from {@link #constant}, and
 * each constant gets a hidden copy of that class: the compiler sees a constant and its own profile.
 */
final class Specialization {
  private Specialization() {}

  /**
   * Reads the constant of the copy that is being initialised; for the templates' static
   * initialisers.
   *
   * @param lookup the template's own {@link MethodHandles#lookup}
   * @param type the type of the constant
   * @param <T> the same
   * @return the constant
   */
  static <T> T constant(MethodHandles.Lookup lookup, Class<T> type) {
    try {
      return MethodHandles.classData(lookup, "_", type);
    } catch (IllegalAccessException e) {
      throw new DeviceException("cpu: " + lookup.lookupClass() + " cannot read its constant", e);
    }
  }

  /**
   * Makes a copy of a template.
   *
   * @param template a class of this package with a constructor without arguments
   * @param constant its constant
   * @param type what the template implements
   * @param <T> the same
   * @return an instance of the copy
   */
  static <T> T of(Class<? extends T> template, Object constant, Class<T> type) {
    String file = template.getName().substring(template.getPackageName().length() + 1) + ".class";
    try (InputStream in = template.getResourceAsStream(file)) {
      if (in == null) {
        throw new DeviceException("cpu: the class file of " + template + " is not on the path");
      }
      MethodHandles.Lookup copy =
          MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), constant, true);
      Object instance =
          copy.findConstructor(copy.lookupClass(), MethodType.methodType(void.class)).invoke();
      return type.cast(instance);
    } catch (IOException | ReflectiveOperationException e) {
      throw new DeviceException("cpu: " + template + " cannot be copied for " + constant, e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new DeviceException("cpu: the constructor of " + template + " failed", e);
    }
  }
}
