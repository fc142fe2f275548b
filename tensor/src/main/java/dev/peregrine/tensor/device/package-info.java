/**
 * How operations are computed: memory, prepared kernels and the devices that own them.
 *
 * <p>Here lives what every device has in common. Tensors and graphs must not come here, nor the
 * kernels themselves. Start reading at {@link dev.peregrine.tensor.device.Device}.
 */
@NullMarked
package dev.peregrine.tensor.device;

import org.jspecify.annotations.NullMarked;
