package dev.peregrine.opencl.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.jocl.CLException;
import org.junit.jupiter.api.Test;

/** The list of OpenCL devices, on machines with and without them. */
final class OpenClDevicesTest {
  private static final DeviceDescription CARD =
      new DeviceDescription(
          "Acme", "A100", DeviceDescription.Type.GPU, 3L << 29, 108, "OpenCL 3.0");

  /** Where OpenCL is demanded (the continuous integration), its absence is a failure. */
  @Test
  void namesTheDevicesOfThisMachine() {
    OpenClListing listing = OpenClDevices.list();
    if (listing instanceof OpenClListing.None(String reason)) {
      assertThat(System.getenv("PEREGRINE_REQUIRE_OPENCL")).as(reason).isNotEqualTo("1");
      assumeTrue(false, reason);
    }
    assertThat(listing.devices())
        .isNotEmpty()
        .allSatisfy(device -> {
          assertThat(device.platform()).isNotBlank();
          assertThat(device.name()).isNotBlank();
          assertThat(device.version()).startsWith("OpenCL ");
          assertThat(device.globalMemory()).isGreaterThan(1L << 20);
          assertThat(device.computeUnits()).isPositive();
          assertThat(device.toString()).doesNotContain("\0", "\n");
        });
  }

  @Test
  void passesOnWhatTheDriverFinds() {
    assertThat(OpenClDevices.list(() -> List.of(CARD)))
        .isEqualTo(new OpenClListing.Found(List.of(CARD)));
    assertThat(CARD).hasToString("A100 (GPU, Acme, 1.5 GiB, 108 compute units, OpenCL 3.0)");
  }

  @Test
  void saysThatTheLibraryIsMissing() {
    assertThat(
            reason(() -> {
              throw new UnsatisfiedLinkError("no OpenCL");
            }))
        .contains("libOpenCL")
        .contains("apt-get install");
  }

  @Test
  void saysThatNoDriverIsInstalled() {
    assertThat(
            reason(() -> {
              throw new CLException("CL_PLATFORM_NOT_FOUND_KHR", -1001);
            }))
        .contains("no driver (platform)");
  }

  @Test
  void saysThatNoDeviceIsThere() {
    assertThat(reason(List::of)).contains("no device");
  }

  @Test
  void passesOnAnyOtherFailure() {
    assertThat(
            reason(() -> {
              throw new CLException("CL_OUT_OF_HOST_MEMORY", -6);
            }))
        .contains("CL_OUT_OF_HOST_MEMORY");
  }

  private static String reason(OpenClDevices.Driver driver) {
    OpenClListing listing = OpenClDevices.list(driver);
    assertThat(listing.devices()).isEmpty();
    String reason = ((OpenClListing.None) listing).reason();
    assertThat(reason.lines()).hasSize(1);
    return reason;
  }
}
