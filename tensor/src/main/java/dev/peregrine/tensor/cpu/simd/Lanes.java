package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.DeviceException;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The one vector width of this process.
 *
 * <p>The species is a constant of the class and nothing else, because a species that the compiler
 * cannot see as a constant makes kernels a hundred times slower. Hence one process computes with
 * one width: the machine's own, or the one that the system property {@value #PROPERTY} names.
 */
final class Lanes {
  /** Names the width in bits: 512, 256 or 128. */
  static final String PROPERTY = "dev.peregrine.simd.bits";

  /** The species of all kernels. */
  static final VectorSpecies<Float> SPECIES = species(System.getProperty(PROPERTY));

  /** Floats in one vector. */
  static final int LENGTH = SPECIES.length();

  private Lanes() {}

  /**
   * Chooses the species.
   *
   * @param bits the value of the property, or null when it is not set
   * @return the species of that width, or the machine's own
   */
  static VectorSpecies<Float> species(@Nullable String bits) {
    if (bits == null || bits.isBlank()) {
      return FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
    }
    return switch (bits.strip()) {
      case "512" -> FloatVector.SPECIES_512;
      case "256" -> FloatVector.SPECIES_256;
      case "128" -> FloatVector.SPECIES_128;
      default ->
          throw new DeviceException(
              "cpu: the system property "
                  + PROPERTY
                  + " is '"
                  + bits
                  + "' but must be 512, 256 or 128; leave it unset for the machine's own width");
    };
  }
}
